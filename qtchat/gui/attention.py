"""What reaches somebody who does not look at the window: notifications, the tray, the count in the title."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from qtchat.client.state import Change, RoomChanged, RoomRemoved, ServerChanged
from qtchat.gui.chat import Chat
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.unread import unread_of
from qtchat.gui.views.controls import plain_title
from qtchat.gui.views.main_window import MainWindow

BADGE_MS = 100
"""Badges are drawn anew at most once in this time: a tray wants them in many sizes."""


class Attention(QObject):
    """Follows all servers, shown or not."""

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        chat: Chat,
        integration: Integration,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat = window, sessions, chat
        self._integration, self._settings = integration, settings
        self._unread = self._personal = 0
        self._badges = QTimer(self, singleShot=True, interval=BADGE_MS)
        self._badges.timeout.connect(self._show_badges)
        sessions.told.connect(self._told)
        sessions.closed.connect(self._closed)
        chat.room_opened.connect(self.refresh)
        window.timeline.reached_end.connect(self._looked)
        window.installEventFilter(self)
        integration.activated.connect(self._go_to)
        integration.tray.open_wanted.connect(self.show_window)
        self.refresh()

    def show_window(self) -> None:
        """Bring the window before somebody's eyes."""
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def refresh(self) -> None:
        """Count again, over all servers."""
        counts = [unread_of(session, self._settings, self._seen(session)) for session in self._sessions.all]
        unread, personal = sum(count.all for count in counts), sum(count.personal for count in counts)
        if (unread, personal) != (self._unread, self._personal) and not self._badges.isActive():
            self._badges.start()
        self._unread, self._personal = unread, personal
        name = self._chat.name
        told = f"({unread}) " if unread else ""
        self._window.setWindowTitle(plain_title(f"{told}{name} – qtchat" if name else f"{told}qtchat"))

    def _seen(self, session: Session) -> int:
        """The room of `session` that somebody looks at now, 0 if there is none."""
        room = self._chat.room
        if room is None or session is not self._chat.session:
            return 0
        return room.number if self._chat.looking_at(session.server_key, room.number) else 0

    def _show_badges(self) -> None:
        self._integration.set_unread(self._unread, self._personal)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Somebody comes back to the window: what stands before them needs no notification any more."""
        if watched is self._window and event.type() == QEvent.Type.WindowActivate:
            self._looked()
        return super().eventFilter(watched, event)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session.server_key:
            self._integration.alerts.follow(session.server_key, session.state, changes)
        counted = (RoomChanged, RoomRemoved, ServerChanged)
        if any(isinstance(change, counted) for change in changes):
            self.refresh()

    def _closed(self, session: Session) -> None:
        if session.server_key:
            self._integration.alerts.drop(session.server_key)
        self.refresh()

    def _looked(self) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None and self._chat.looking_at(session.server_key, room.number):
            self._integration.alerts.looked_at(session.server_key, room.number)

    def _go_to(self, server: str, room: int, seq: int) -> None:
        self.show_window()
        session = self._sessions.by_key(server)
        if session is not None:
            self._sessions.show(session)
            self._chat.open_message(room, seq)
