"""What is remembered of the servers we are on, and how others are invited to them."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.updates import Phase
from qtchat.gui.hosting import Hosting
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import OpenServer, RecentServer, Settings
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.invitation_dialog import InvitationDialog
from qtchat.gui.views.main_window import MainWindow


class Servers(QObject):
    """Asks: save_wanted, the settings have changed and are worth a write."""

    save_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        hosting: Hosting,
        settings: Settings,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._hosting = window, sessions, hosting
        self._settings, self._theme = settings, theme
        self._hosted_link = ""
        self._to_invite: Session | None = None
        self.invitation: InvitationDialog | None = None
        sessions.closed.connect(self._closed)
        sessions.switched.connect(self._switched)
        sessions.told.connect(self._follow)
        hosting.stopped.connect(self._hosted_no_more)

    @property
    def hosted(self) -> Session | None:
        """The session on the chat that is hosted here, if there is one; known by its code, for sessions come and go."""
        return self._sessions.find(self._hosted_link) if self._hosted_link else None

    def invite(self) -> None:
        """Show how to invite others to the server shown."""
        session = self._sessions.current
        server = session.state.server if session is not None else None
        if session is None or server is None or self.invitation is not None:
            return
        own = self._hosting.server
        hosted = own is not None and own.code == server.code
        link, addresses = (own.link, own.addresses) if own is not None and hosted else (session.way_back, ())
        self.invitation = InvitationDialog(self._theme, link, server.code, self._window, addresses)
        self.invitation.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.invitation.finished.connect(self._invitation_closed)
        self.invitation.open()
        if hosted:
            self._hosting.ask_firewall(self._firewall_known)

    def _firewall_known(self, result: object, failure: BaseException | None) -> None:
        if failure is not None:
            raise failure
        if self.invitation is not None:
            self.invitation.show_firewall(str(result))

    def hosted_here(self, session: Session) -> None:
        """This one leads to the chat that was started here; its host wants to invite when it is new."""
        assert self._hosting.server is not None
        self._hosted_link = self._hosting.server.link
        self._to_invite = None if self._settings.hosting else session
        self._settings.hosting = True

    def keep(self) -> None:
        """Put into the settings which servers to open at the next start. A chat hosted here is opened by hosting it."""
        hosted = self.hosted
        others = [session for session in self._sessions.all if session is not hosted]
        kept = [session for session in others if session.restored or session.state.server is not None]
        self._settings.open_servers = [OpenServer(session.way_back, session.own_nick) for session in kept]
        self._settings.shown_server = self._sessions.current.way_back if self._sessions.current else ""

    # -- news -----------------------------------------------------------------------------------------

    def _follow(self, session: Session, changes: Sequence[Change]) -> None:
        if ConnectionChanged() not in changes or session.state.phase is not Phase.ONLINE:
            return
        key, link = session.server_key, session.way_back
        moved = any(known.server_id == key and known.link != link for known in self._settings.recent)
        if moved or not session.was_online:
            self._remember(session)

    def _remember(self, session: Session) -> None:
        session.was_online = True
        server = session.state.server
        if server is not None:
            self._settings.nick = server.nick
            self._settings.remember(
                RecentServer(session.server_key, server.name, session.way_back, server.code, server.nick)
            )
            self._settings.purge_drafts(session.server_key, session.state.rooms)
            self.keep()
            self.save_wanted.emit()
        if session is self._to_invite:
            self._to_invite = None
            self._sessions.show(session)
            self.invite()

    def _switched(self, _session: Session | None) -> None:
        if self.invitation is not None:
            self.invitation.close()

    def _closed(self, session: Session) -> None:
        if session is self._to_invite:
            self._to_invite = None

    def _hosted_no_more(self) -> None:
        self._hosted_link = ""

    def _invitation_closed(self) -> None:
        self.invitation = None
