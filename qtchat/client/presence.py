"""What we let the others know of ourselves: that we are typing, that we are away, what we say we do."""

import time
from typing import Final

from qtchat.client.line import Line, request_id, retry_after
from qtchat.protocol.messages import MAX_STATUS, READS, TYPING, TYPING_INTERVAL_MS, Error, Person, SetPresence, Typing

TYPING_INTERVAL: Final = TYPING_INTERVAL_MS / 1000
"""Seconds between two hints that we are typing in the same room."""
TYPING_LASTS: Final = 2 * TYPING_INTERVAL
"""Seconds after which somebody who gave no further hint is not typing any more."""


class OwnPresence:
    """One account's own presence."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._typing: dict[int, float] = {}
        self._wanted: tuple[bool, str] | None = None

    def typing(self, room: int) -> None:
        """To be called as often as a key is pressed."""
        now = time.monotonic()
        if self._line.online and self._line.server_knows(TYPING) and now >= self._typing.get(room, 0.0):
            self._typing[room] = now + TYPING_INTERVAL
            self._line.say(Typing(room))

    def said(self, room: int) -> None:
        """What was typed was sent: the next hint is news again."""
        self._typing.pop(room, None)

    def set(self, away: bool, status: str) -> None:
        """Kept, and said again after each reconnect."""
        self._wanted = (away, status[:MAX_STATUS])
        self.ready()

    def ready(self) -> None:
        """All rooms were told: say how we are, if anybody said so."""
        if self._wanted is not None and self._line.online and self._line.server_knows(READS):
            away, status = self._wanted
            self._line.submit(SetPresence(request_id(), away, status))

    def heard(self, person: Person) -> None:
        """The server tells of ourselves: the status may have been changed on another device."""
        if self._wanted is not None:
            self._wanted = (self._wanted[0], person.status)

    def refused(self, error: Error) -> None:
        if error.retry_after_ms is not None:
            self._line.call_later(retry_after(error), self.ready)
