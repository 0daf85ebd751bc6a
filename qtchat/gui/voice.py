"""What is done to us: a notice that says what, by whom, why and until when; and in place of the composer why we cannot
write."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from qtchat.client.state import Change, RoomChanged, SanctionTold, ServerChanged
from qtchat.gui.chat import Chat
from qtchat.gui.models.words import one_line
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import sanction_sentence, silence_sentence
from qtchat.protocol.messages import Sanction

LONGEST_WAIT_MS = 3_600_000
"""A timer asks again after this at the latest: it must not trust the clock for days, nor overflow."""


class Voice(QObject):
    """Remembers the mutes it was told of, so that the composer can say by whom and why."""

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat = window, sessions, chat
        self._mutes: dict[tuple[Session, int], Sanction] = {}
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self._show)
        sessions.told.connect(self._told)
        sessions.closed.connect(self._forget)
        chat.room_opened.connect(self._show)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, SanctionTold):
                self._take(session, change.sanction)
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        sanctioned = any(isinstance(change, SanctionTold) for change in changes)
        if sanctioned or RoomChanged(room.number) in changes or ServerChanged() in changes:
            self._show()

    def _take(self, session: Session, told: Sanction) -> None:
        key = (session, told.room)
        if told.act == "mute":
            self._mutes[key] = told
        elif told.act == "unmute":
            self._mutes.pop(key, None)
        room = session.state.rooms.get(told.room)
        name = f"# {one_line(room.name)}" if room is not None else self.tr("a room") if told.room else ""
        says = sanction_sentence(told, name)
        shown = session is self._sessions.current
        self._window.notice.say(says if shown else f"{one_line(session.name)}: {says}")

    def _show(self) -> None:
        """Why nothing can be written in the open room, if so; asked again when a mute is over."""
        session, room = self._chat.session, self._chat.room
        self._over.stop()
        if session is None or room is None:
            self._window.composer.set_disabled_reason("")
            return
        now = int(time.time() * 1000)
        silence = session.state.silence(room.number, now)
        until = room.muted_until or 0
        told = self._mutes.get((session, room.number)) or self._mutes.get((session, 0))
        if told is not None and told.until != until:
            told = None  # an earlier one, or one that holds elsewhere
        self._window.composer.set_disabled_reason(silence_sentence(silence, until, told) if silence else "")
        if until > now:
            self._over.start(min(until - now + 1, LONGEST_WAIT_MS))

    def _forget(self, session: Session) -> None:
        self._mutes = {key: told for key, told in self._mutes.items() if key[0] is not session}
