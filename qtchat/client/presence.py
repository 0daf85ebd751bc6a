"""What we let the others know of ourselves: that we are typing, that we are away, what we say we do."""

import time
from typing import Final

from qtchat.client.line import Line, request_id, retry_after
from qtchat.protocol.messages import READS, TYPING, TYPING_INTERVAL_MS, Error, SetPresence, Typing
from qtchat.protocol.names import clean_status

TYPING_INTERVAL: Final = TYPING_INTERVAL_MS / 1000
"""Seconds between two hints that we are typing in the same room."""
TYPING_LASTS: Final = 2 * TYPING_INTERVAL
"""Seconds after which somebody who gave no further hint is not typing any more."""


class OwnPresence:
    """One account's own presence."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._typing: dict[int, float] = {}
        self._away = False
        self._status: str | None = None  # None: the server has it, from this device or another
        self._color: int | None = None  # likewise
        self._said = b""

    def typing(self, room: int) -> None:
        """To be called as often as a key is pressed."""
        now = time.monotonic()
        if self._line.online and self._line.server_knows(TYPING) and now >= self._typing.get(room, 0.0):
            self._typing[room] = now + TYPING_INTERVAL
            self._line.say(Typing(room))

    def said(self, room: int) -> None:
        """What was typed was sent: the next hint is news again."""
        self._typing.pop(room, None)

    def set(self, away: bool, status: str | None = None, color: int | None = None) -> None:
        """Being away is said again after each reconnect; status and colour only until the server has them, for after
        that another device may change them."""
        self._away = away
        if status is not None:
            self._status = clean_status(status)
        if color is not None:
            self._color = color
        self._say()

    def ready(self) -> None:
        """All rooms were told: say how we are, where that is not what the server thinks."""
        if self._away or self._status is not None or self._color is not None:
            self._say()

    def answered(self, request: SetPresence) -> None:
        """The server has it."""
        if request.id == self._said:
            self._status = self._color = None

    def refused(self, request: SetPresence, error: Error) -> None:
        """Without a time to come back, nobody will ever take this."""
        if error.retry_after_ms is not None:
            self._line.call_later(retry_after(error), self._say)
        elif request.id == self._said:
            self._status = self._color = None

    def _say(self) -> None:
        if self._line.online and self._line.server_knows(READS):
            self._said = request_id()
            self._line.submit(SetPresence(self._said, self._away, self._status, self._color))
