"""Slow mode in the open room: how long until we may write again, counted down where we write."""

import time
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QObject, QTimer

from qtchat.client.state import Change, ConnectionChanged, Power, RoomChanged, RoomState, ServerChanged
from qtchat.gui.chat import Chat
from qtchat.gui.commands import Command, SetTopic
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import slow_sentence
from qtchat.protocol.messages import KIND_POST


class Pace(QObject):
    """Tells the composer. What comes too early all the same is kept by the account until the server takes it."""

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat) -> None:
        super().__init__(window)
        self._window, self._chat = window, chat
        self._said: dict[tuple[Session, int], float] = {}
        """When we said something in a room with slow mode last, as time.monotonic() tells it."""
        self._tick = QTimer(self, singleShot=True)
        self._tick.timeout.connect(self._show)
        sessions.told.connect(self._told)
        sessions.closed.connect(self._forget)
        chat.room_opened.connect(self._show)
        window.composer.submitted.connect(self._said_now)
        window.composer.edit_submitted.connect(self._said_now)
        window.composer.command_wanted.connect(self._commanded)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        if any(change in changes for change in (RoomChanged(room.number), ServerChanged(), ConnectionChanged())):
            self._show()

    def _commanded(self, command: Command) -> None:
        if isinstance(command, SetTopic):
            self._said_now()

    def _said_now(self) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None and room.slow_ms:
            self._said[session, room.number] = time.monotonic()
            self._show()

    def _show(self) -> None:
        """How long to wait in the open room; asked again each second while there is something to wait for."""
        session, room = self._chat.session, self._chat.room
        self._tick.stop()
        if session is None or room is None or not room.slow_ms or session.state.power(room.number) > Power.MEMBER:
            self._window.composer.set_pace("", waiting=False)
            return
        left = self._left(session, room)
        self._window.composer.set_pace(slow_sentence(room.slow_ms // 1000, ceil(left)), waiting=left > 0)
        if left > 0:
            self._tick.start(ceil((left - (ceil(left) - 1)) * 1000))

    def _left(self, session: Session, room: RoomState) -> float:
        """Seconds until we may write again; 0 for now."""
        pause, key = room.slow_ms / 1000, (session, room.number)
        if key not in self._said:  # since the start of the program
            self._said[key] = time.monotonic() - _age(room, pause, session.server_time)
        return max(0.0, self._said[key] + pause - time.monotonic())

    def _forget(self, session: Session) -> None:
        self._said = {key: said for key, said in self._said.items() if key[0] is not session}


def _age(room: RoomState, pause: float, now: int) -> float:
    """How many seconds ago we wrote last; `pause` if it was earlier, or if the clocks do not agree. `now`: by the
    server's clock, ms since 1970, UTC."""
    mine = (entry.ts for entry in reversed(room.entries) if entry.own and entry.kind == KIND_POST and entry.seq)
    age = (now - next(mine, 0)) / 1000
    return age if 0 <= age < pause else pause
