"""Going from one place to another: the rail of servers with its menu, and the quick switcher."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged, RoomChanged, RoomRemoved, ServerChanged
from qtchat.client.updates import Phase
from qtchat.gui.chat import Chat
from qtchat.gui.models.targets import Target, TargetKind, targets_of
from qtchat.gui.people import People
from qtchat.gui.servers import Servers
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.unread import unread_of
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.quick_switcher import QuickSwitcher
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.gui.views.server_rail import ServerItem


class Switching(QObject):
    """Keeps the rail as things stand. Asks: save_wanted."""

    save_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        servers: Servers,
        chat: Chat,
        people: People,
        settings: Settings,
        theme: Theme,
        icons: Icons,
    ) -> None:
        super().__init__(window)
        self._window, self._rail = window, window.rail
        self._sessions, self._servers, self._chat, self._people = sessions, servers, chat, people
        self._settings, self._theme, self._icons = settings, theme, icons
        self.switcher: QuickSwitcher | None = None
        self.question: ConfirmDialog | None = None
        for signal in (sessions.opened, sessions.closed, sessions.switched):
            signal.connect(self.refresh)
        sessions.told.connect(self._told)
        self._rail.server_chosen.connect(self.show)
        self._rail.invite_wanted.connect(self._invite)
        self._rail.connect_wanted.connect(self._connect)
        self._rail.disconnect_wanted.connect(self._disconnect)
        self._rail.forget_wanted.connect(self._ask_to_forget)

    def show(self, key: str) -> bool:
        """Show the server of this key. False if it is not open."""
        session = self._sessions.by_key(key)
        if session is not None:
            self._sessions.show(session)
        return session is not None

    def refresh(self) -> None:
        """Show the servers as they are now."""
        self._rail.show_servers([self._item(session) for session in self._sessions.all])
        current = self._sessions.current
        self._rail.set_current(current.key if current is not None else "")

    def _told(self, _session: Session, changes: Sequence[Change]) -> None:
        kinds = (ConnectionChanged, ServerChanged, RoomChanged, RoomRemoved)
        if len(self._sessions.all) > 1 and any(isinstance(change, kinds) for change in changes):
            self.refresh()

    def _item(self, session: Session) -> ServerItem:
        unread = unread_of(session, self._settings)
        return ServerItem(
            session.key,
            session.name,
            unread=unread.all,
            mentions=unread.personal,
            online=session.state.phase is Phase.ONLINE,
            hosted=session is self._servers.hosted,
        )

    # -- the quick switcher ---------------------------------------------------------------------------

    def open_switcher(self) -> None:
        """Offer every room, person and server by name."""
        if self.switcher is None:
            self.switcher = QuickSwitcher(self._theme, self._icons, self._window)
            self.switcher.chosen.connect(self._go)
        self.switcher.open_with(self._targets())

    def _targets(self) -> list[Target]:
        several = len(self._sessions.all) > 1
        targets: list[Target] = []
        for session in self._sessions.all:
            name = session.name if several else ""
            open_ = self._chat.room if session is self._chat.session else None
            without = (open_.number,) if open_ is not None else ()
            prefs = self._settings.rooms.get(session.server_key, {})
            targets += targets_of(session.state, session.key, name, prefs, without=without)
            if several:
                targets.append(Target(TargetKind.SERVER, session.key, 0, session.name))
        return targets

    def _go(self, target: Target) -> None:
        if not self.show(target.server):
            return
        if target.kind is TargetKind.ROOM:
            self._chat.open_when_there(target.number)
        elif target.kind is TargetKind.PERSON:
            self._people.write_to(target.number)

    # -- the menu of a server -------------------------------------------------------------------------

    def _invite(self, key: str) -> None:
        if self.show(key):
            self._servers.invite()

    def _connect(self, key: str) -> None:
        session = self._sessions.by_key(key)
        if session is not None:
            session.account.connect_now()

    def _disconnect(self, key: str) -> None:
        session = self._sessions.by_key(key)
        if session is not None:
            self._sessions.close(session)
            self._servers.keep()
            self.save_wanted.emit()

    def _ask_to_forget(self, key: str) -> None:
        session = self._sessions.by_key(key)
        if session is None or self.question is not None:
            return
        self.question = dialog = ConfirmDialog(
            self._theme,
            self.tr("Forget {server}?").replace("{server}", session.name),
            self.tr(
                "It leaves your list, with drafts and settings. What was said stays on the server and on this "
                "computer, and what waits to be sent goes out when you join it again."
            ),
            self.tr("Forget"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._answered)
        dialog.accepted.connect(partial(self._forget, key))
        dialog.open()

    def _answered(self) -> None:
        self.question = None

    def _forget(self, key: str) -> None:
        session = self._sessions.by_key(key)
        if session is not None:
            self._settings.forget_server(session.server_key)
            self._disconnect(key)
