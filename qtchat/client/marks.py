"""How far we have read each room: kept here at once, told the server now and then, heard from our other devices."""

import time
from typing import Final

from msgspec import Struct

from qtchat.client.line import Line, request_id, retry_after
from qtchat.protocol.messages import READS, Error, MarkRead, Room

INTERVAL: Final = 1.0
"""Seconds between two marks for one room; only the last one counts."""


class _Mark(Struct):
    """`read`: as we know it. `told`: as the server knows it. `due`: not before, monotonic seconds."""

    read: int = 0
    told: int = 0
    due: float = 0.0
    under_way: bool = False


class ReadMarks:
    """The marks of one account. They never go back."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._marks: dict[int, _Mark] = {}
        self._alarm = False

    def restore(self, room: int, read: int) -> None:
        """As the disk knows it."""
        self._marks[room] = _Mark(read, read)

    def read(self, room: int) -> int:
        """The newest seq that was read, 0 where none was or nobody knows."""
        mark = self._marks.get(room)
        return mark.read if mark is not None else 0

    def room_told(self, room: Room) -> int:
        """The server described a room; returns how far it is read, also as the disk must know it."""
        first_time = room.room not in self._marks
        mark = self._marks.setdefault(room.room, _Mark())
        if self._line.server_knows(READS):
            mark.told = room.read
            mark.read = max(mark.read, room.read)
        elif first_time:  # what was said before we were here is not unread
            mark.read = mark.told = room.head
        return mark.read

    def forget(self, room: int) -> None:
        """We are not in it any more."""
        self._marks.pop(room, None)

    def reset(self) -> None:
        """The server's history is another one now."""
        self._marks.clear()

    def lost(self) -> None:
        """The connection is gone; the next one tells what the server knows."""
        for mark in self._marks.values():
            mark.under_way = False

    def mark(self, room: int, seq: int) -> None:
        """Everything up to `seq` was on the screen."""
        mark = self._marks.get(room)
        if mark is not None and seq > mark.read:
            mark.read = seq
            self._line.write(lambda disk: disk.cache.set_read(room, seq))
            self._line.pump()

    def heard(self, room: int, seq: int) -> None:
        """We have read up to `seq`, the server says."""
        mark = self._marks.get(room)
        if mark is None:
            return
        mark.told = max(mark.told, seq)
        if seq > mark.read:
            mark.read = seq
            self._line.write(lambda disk: disk.cache.set_read(room, seq))

    def answered(self, request: MarkRead) -> None:
        mark = self._marks.get(request.room)
        if mark is not None:
            mark.under_way = False
            mark.told = max(mark.told, request.seq)

    def refused(self, request: MarkRead, error: Error) -> None:
        """Without a time to come back, it is told with the next one."""
        mark = self._marks.get(request.room)
        if mark is not None:
            mark.under_way = False
            if error.retry_after_ms is None:
                mark.told = max(mark.told, request.seq)
            else:
                mark.due = time.monotonic() + retry_after(error)

    def pump(self) -> None:
        """Tell the server what it does not know, as far as it is time."""
        if not self._line.online or not self._line.server_knows(READS):
            return
        now = time.monotonic()
        behind = [(room, mark) for room, mark in self._marks.items() if mark.read > mark.told and not mark.under_way]
        for room, mark in behind:
            if mark.due <= now and self._line.free:
                mark.under_way, mark.due = True, now + INTERVAL
                self._line.send(MarkRead(request_id(), room, mark.read))
        # What is due already waits for room in the window: whoever makes some calls this again.
        later = [mark.due for _, mark in behind if not mark.under_way and mark.due > now]
        if later and not self._alarm:
            self._alarm = True
            self._line.call_later(min(later) - now, self._ring)

    def _ring(self) -> None:
        self._alarm = False
        self._line.pump()
