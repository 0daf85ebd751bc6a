"""What of the news is told to somebody who does not look, and in which words."""

import math
import time
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from qtchat.client.mentions import mentions
from qtchat.client.state import (
    Change,
    ConnectionChanged,
    Entry,
    ReadsChanged,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    RoomState,
    RowsInserted,
    RowsReplaced,
    ServerState,
)
from qtchat.client.updates import Phase
from qtchat.gui.desktop.notifier import Key, Notice, Notifier, Place
from qtchat.gui.models.words import fill, one_line, room_title
from qtchat.gui.settings import FOREVER, Level, Quiet, RoomPrefs, Settings
from qtchat.protocol.messages import DIRECT, KIND_ADDED, KIND_POST

GATHER_MS: Final = 1_000
"""Milliseconds in which what else comes is told together, after something was told at once."""
MAX_KEPT: Final = 1_000
"""Messages of a room that are counted, at most."""
LOOK_AGAIN: Final = 60
"""Seconds after which it is looked at in any case whether do-not-disturb is over: the computer may have slept, or its
clock been set."""

Looking = Callable[[str, int], bool]
"""(server, room): is the window active, and the newest of this room on the screen?"""


class Alerts(QObject):
    """Follows the news of all servers and tells the notifier. quiet_changed(): do-not-disturb began or ended."""

    quiet_changed = Signal()

    def __init__(
        self,
        settings: Settings,
        notifier: Notifier,
        looking: Looking,
        parent: QObject | None = None,
        *,
        now: Callable[[], float] = time.time,
        beep: Callable[[], object] = QApplication.beep,
    ) -> None:
        super().__init__(parent)
        self._settings, self._notifier, self._looking = settings, notifier, looking
        self._now, self._beep = now, beep
        self._servers: dict[str, ServerState] = {}
        self._untold: dict[Key, list[Entry]] = {}
        self._fresh: set[Key] = set()
        self._born: set[Key] = set()
        self._gathering = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gathering.timeout.connect(self._tell)
        self._quiet = QTimer(self, singleShot=True)
        self._quiet.timeout.connect(self._look_whether_over)
        self._wait_for_end()

    def follow(self, server: str, state: ServerState, changes: Sequence[Change]) -> None:
        """News of this server (its id in hex), after it was applied to `state`."""
        self._servers[server] = state
        touched: set[int] = set()
        settled = state.phase is Phase.ONLINE and ConnectionChanged() not in changes
        for change in changes:
            match change:
                case RoomAdded() if settled:
                    self._born.add((server, change.room))
                case RowsInserted():
                    self._take(server, state, change)
                case RowsReplaced():
                    self._forget_deleted((server, change.room), change.entries)
                case RoomChanged() | ReadsChanged() | RoomRemoved():
                    touched.add(change.room)
        for room in touched:
            self._forget_read(server, state, room)
        if self._fresh and not self._gathering.isActive():
            self._tell()

    def looked_at(self, server: str, room: int) -> None:
        """The end of this room has come before somebody's eyes."""
        if self._untold.pop((server, room), None) is not None:
            self._fresh.discard((server, room))
            self._notifier.withdraw(server, room)

    def drop(self, server: str) -> None:
        """This server is no longer open."""
        for _server, room in [key for key in self._untold if key[0] == server]:
            self.looked_at(server, room)
        self._servers.pop(server, None)

    def be_quiet(self, choice: Quiet) -> None:
        """Do not disturb for so long, or do again."""
        self._settings.dnd_until = choice.until(self._now())
        self._wait_for_end()
        self.quiet_changed.emit()

    def stop(self) -> None:
        """Wait for nothing more; for the end of the program."""
        self._gathering.stop()
        self._quiet.stop()

    # -- when nobody wants to be disturbed ------------------------------------------------------------

    def _wait_for_end(self) -> None:
        """Of do-not-disturb, if it has one."""
        until, now = self._settings.dnd_until, self._now()
        if now < until < FOREVER:
            self._quiet.start(math.ceil(min(LOOK_AGAIN, until - now) * 1000))
        else:
            self._quiet.stop()

    def _look_whether_over(self) -> None:
        over = not self._settings.quiet(self._now())
        if over:
            self._settings.dnd_until = 0  # for good, whatever becomes of the clock
        self._wait_for_end()
        if over:
            self.quiet_changed.emit()

    # -- what is worth it -----------------------------------------------------------------------------

    def _take(self, server: str, state: ServerState, change: RowsInserted) -> None:
        key, room = (server, change.room), state.rooms.get(change.room)
        # The first page of a room is old news, unless somebody has just begun to write to us, or taken us into it.
        begun, live = key in self._born, change.live
        self._born.discard(key)
        if room is None or not self._settings.notify or self._settings.quiet(self._now()):
            return
        own = (state.own, state.server.nick if state.server else "")
        prefs = self._settings.room_prefs(server, room.number)
        worth = [
            entry
            for entry in change.entries
            if (live or (begun and (room.kind == DIRECT or entry.kind == KIND_ADDED)))
            and _is_news(entry, room)
            and _wanted(entry, room, prefs, own)
        ]
        if worth and not self._looking(server, room.number):
            self._untold[key] = [*self._untold.get(key, ()), *worth][-MAX_KEPT:]
            self._fresh.add(key)

    def _forget_read(self, server: str, state: ServerState, number: int) -> None:
        """What was read, here or on another device, needs nobody's attention any more."""
        room = state.rooms.get(number)
        entries = self._untold.get((server, number), [])
        left = [entry for entry in entries if room is not None and (entry.seq or 0) > room.read]
        if entries and not left:
            self.looked_at(server, number)
        elif left:
            self._untold[server, number] = left

    def _forget_deleted(self, key: Key, entries: Sequence[Entry]) -> None:
        gone = {entry.seq for entry in entries if entry.deleted}
        before = self._untold.get(key, [])
        left = [entry for entry in before if entry.seq not in gone]
        if before and not left:
            self.looked_at(*key)
        elif len(left) < len(before):
            self._untold[key] = left
            self._fresh.add(key)

    # -- in which words -------------------------------------------------------------------------------

    def _tell(self) -> None:
        fresh, self._fresh = self._fresh, set()
        told = False
        for key in sorted(fresh):
            server, number = key
            state, entries = self._servers.get(server), self._untold.get(key)
            room = state.rooms.get(number) if state else None
            if state is not None and room is not None and entries:
                self._notifier.show(self._notice(server, state, room, entries))
                told = True
        if told:
            self._gathering.start()
            if self._settings.notify_sound:
                self._beep()

    def _notice(self, server: str, state: ServerState, room: RoomState, entries: Sequence[Entry]) -> Notice:
        place = Place(server, room.number, entries[0].seq or 0)
        nick = state.server.nick if state.server else ""
        words = self._title(room, entries, nick)
        title = fill(words, room=room_title(room.name, room.kind), nick=one_line(entries[-1].nick))
        if len(self._servers) > 1 and state.server is not None:
            title += f" · {one_line(state.server.name)}"
        return Notice(place, title, self._text(room, entries))

    def _title(self, room: RoomState, entries: Sequence[Entry], nick: str) -> str:
        direct, last = room.kind == DIRECT, entries[-1]
        if len(entries) > 1:
            count = len(entries)
            if direct:
                return self.tr("%n new messages from {nick}", "", count)
            return self.tr("%n new messages in {room}", "", count)
        if last.kind == KIND_ADDED:
            return self.tr("{nick} added you to {room}")
        if direct:
            return "{nick}"
        return self.tr("{nick} mentioned you in {room}") if mentions(last.text, nick) else self.tr("{nick} in {room}")

    def _text(self, room: RoomState, entries: Sequence[Entry]) -> str:
        last = entries[-1]
        if last.kind == KIND_ADDED:
            return ""
        if self._settings.notify_hide_text:
            return self.tr("New message") if len(entries) == 1 else ""
        said = one_line(last.text)
        return said if len(entries) == 1 or room.kind == DIRECT else f"{one_line(last.nick)}: {said}"


def _is_news(entry: Entry, room: RoomState) -> bool:
    """Is it said by somebody else, and not read yet, here or on another device?"""
    said = entry.kind in (KIND_POST, KIND_ADDED)
    return said and not entry.own and not entry.deleted and (entry.seq or 0) > room.read


def _wanted(entry: Entry, room: RoomState, prefs: RoomPrefs, own: tuple[int, str]) -> bool:
    """Does whoever set these preferences want to be told of it? `own`: our number and nick."""
    user, nick = own
    if prefs.level is Level.NOTHING:
        return False
    if entry.kind == KIND_ADDED:
        return entry.about == user
    answered = entry.quote is not None and entry.quote.nick == nick
    if answered or mentions(entry.text, nick):
        return True
    return not prefs.muted and (room.kind == DIRECT or prefs.level is Level.ALL)
