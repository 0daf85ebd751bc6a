"""People: real clients that talk, and write down for the judge what they were told."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from qtchat.client.account import Account
from qtchat.client.updates import (
    AckedUpdate,
    ConnectionUpdate,
    EventsUpdate,
    FailedUpdate,
    PendingUpdate,
    Phase,
    Problem,
    ResetUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    Update,
)
from tests.faults.judge import Verdict, judge, text_hash
from tests.faults.processes import PATIENCE

LOBBY: Final = 1
"""The number of the room that everybody is in."""


class NotReachedError(Exception):
    """What was waited for did not come."""


class Board:
    """Where everybody's progress is seen, and waited for."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())

    def wait(self, what: str, reached: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until `reached()`. NotReachedError, with the words of `what`, if that takes too long."""
        with self.changed:
            if not self.changed.wait_for(reached, patience):
                raise NotReachedError(f"not within {patience:.0f} s: {what}")

    def watch(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until `reached()`, but not for longer than that; whether it was."""
        with self.changed:
            return self.changed.wait_for(reached, seconds)


class Talker:
    """One person with a profile of their own. Everything that they are told goes into two logs.

    `talk`: from then on a fixed number of messages is always under way; `hush` ends that.
    """

    def __init__(self, folder: Path, nick: str, link: str, board: Board | None = None) -> None:
        self.nick = nick
        self.board = board or Board()
        self.profile = folder / nick
        self.sent_log = folder / f"{nick}.sent"
        life = len(list(folder.glob(f"{nick}.*.read")))  # a restart is told the newest page again: another log
        self.read_log = folder / f"{nick}.{life}.read"
        self.phase = Phase.OFFLINE
        self.problem: Problem | None = None
        self.phases: list[tuple[float, Phase]] = []
        self.rooms: set[int] = set()
        self.heads: dict[int, int] = {}
        """The newest seq that was read, by room."""
        self.waiting: dict[bytes, str] = {}
        """Texts that are in the outbox, as the screen shows them."""
        self.unanswered: set[bytes] = set()
        """All that was said or waits in the outbox, and is not known to be stored."""
        self.failed: dict[bytes, Problem] = {}
        self.acked = 0
        self._texts: dict[int, list[str]] = {}
        self._window = 0
        self._rooms_to_talk: tuple[int, ...] = (LOBBY,)
        self._count = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._sent: TextIO = self.sent_log.open("a", encoding="utf-8")
        self._read: TextIO = self.read_log.open("a", encoding="utf-8")
        self.account = Account(self.profile, link, nick, self._updated)

    def start(self) -> None:
        self.account.start()

    def stop(self) -> None:
        assert self.account.stop(PATIENCE), f"{self.nick} did not stop"
        self._sent.close()
        self._read.close()

    def say(self, text: str, room: int = LOBBY) -> bytes:
        with self.board.changed:
            message_id = self.account.post(room, text)
            self.unanswered.add(message_id)
        return message_id

    def talk(self, window: int, rooms: tuple[int, ...] = (LOBBY,)) -> None:
        """Keep `window` messages under way."""
        with self.board.changed:
            self._window, self._rooms_to_talk = window, rooms
            for _ in range(window - len(self.unanswered)):
                self._say_next()

    def hush(self) -> None:
        with self.board.changed:
            self._window = 0

    @property
    def texts(self) -> list[str]:
        """The texts that were read and still stand, room by room, in order."""
        return [text for texts in self._texts.values() for text in texts]

    @property
    def online(self) -> bool:
        return self.phase is Phase.ONLINE

    # -- in the account's thread ------------------------------------------------------------------------

    def _say_next(self) -> None:
        self._count += 1
        room = self._rooms_to_talk[self._count % len(self._rooms_to_talk)]
        self.say(f"{self.nick} says {self._count}", room)

    def _updated(self, update: Update) -> None:
        with self.board.changed:
            self._note(update)
            self.board.changed.notify_all()

    def _note(self, update: Update) -> None:
        match update:
            case ConnectionUpdate():
                self.phase, self.problem = update.phase, update.problem
                self.phases.append((time.monotonic(), update.phase))
            case RoomUpdate():
                self.rooms.add(update.room.room)
            case RoomGoneUpdate():
                self.rooms.discard(update.room)
                self._texts.pop(update.room, None)
                _write(self._read, event="reset", room=update.room)
            case ResetUpdate():
                self.rooms.clear()
                self._texts.clear()
                _write(self._read, event="reset")
            case PendingUpdate():  # it is safe on the disk, and nothing of it was sent yet
                self.waiting[update.id] = update.text
                self.unanswered.add(update.id)
                _write(self._sent, event="composed", room=update.room, id=update.id.hex(), hash=text_hash(update.text))
            case FailedUpdate():
                self.failed[update.id] = update.problem
            case AckedUpdate():
                self._acked(update.room, update.id, update.seq)
            case EventsUpdate():
                for event in update.events:
                    self.heads[update.room] = event.seq
                    if event.kind == "post":
                        self._texts.setdefault(update.room, []).append(event.text)
                    hash_ = text_hash(event.text)
                    _write(self._read, event="read", room=event.room, seq=event.seq, id=event.id.hex(), hash=hash_)
                    if event.id in self.waiting:
                        self._acked(event.room, event.id, event.seq)

    def _acked(self, room: int, id: bytes, seq: int) -> None:  # noqa: A002
        _write(self._sent, event="acked", room=room, id=id.hex(), seq=seq)
        if self.waiting.pop(id, None) is not None:
            self.unanswered.discard(id)
            self.acked += 1
            if len(self.unanswered) < self._window:
                self._say_next()


class Crowd:
    """Several talkers who are watched together, and judged together."""

    def __init__(self, folder: Path, link: str, count: int, prefix: str = "p") -> None:
        self.folder = folder
        self.board = Board()
        self.talkers = [Talker(folder, f"{prefix}{number}", link, self.board) for number in range(count)]

    def __enter__(self) -> Self:
        for talker in self.talkers:
            talker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hush()
        for talker in self.talkers:
            talker.stop()

    @property
    def acked(self) -> int:
        return sum(talker.acked for talker in self.talkers)

    @property
    def unanswered(self) -> int:
        return sum(len(talker.unanswered) for talker in self.talkers)

    def wait_online(self) -> None:
        self.board.wait("everybody is online", lambda: all(talker.online for talker in self.talkers))

    def share_room(self, name: str) -> int:
        """A second room with everybody in it; its number."""
        first, *others = self.talkers
        known = set(first.rooms)
        first.account.create_room(name)
        self.board.wait("the room is there", lambda: bool(first.rooms - known))
        (room,) = first.rooms - known
        for talker in others:
            talker.account.join_room(room)
        self.board.wait("everybody is in the room", lambda: all(room in talker.rooms for talker in self.talkers))
        return room

    def talk(self, window: int, rooms: tuple[int, ...] = (LOBBY,)) -> None:
        for talker in self.talkers:
            talker.talk(window, rooms)

    def hush(self) -> None:
        for talker in self.talkers:
            talker.hush()

    def settle(self, database: Path, patience: float = PATIENCE) -> None:
        """Say nothing more; wait until every outbox is empty and everybody has read everything."""
        self.hush()
        self.board.wait("every outbox is empty", lambda: not self.unanswered, patience)
        heads = stored_heads(database)

        def read_all() -> bool:
            return all(
                talker.heads.get(room, 0) >= heads[room]
                for talker in self.talkers
                for room in talker.rooms & heads.keys()
            )

        self.board.wait(f"everybody has read up to {heads}", read_all, patience)

    def judge(self, database: Path) -> Verdict:
        """After `settle`, or after the crowd has gone: all logs in the folder against the database."""
        return judge(database, sorted(self.folder.glob("*.sent")), sorted(self.folder.glob("*.read")), all_sent=True)


def stored_heads(database: Path) -> dict[int, int]:
    """The newest stored seq of each room that has one."""
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return dict(connection.execute("SELECT room, max(seq) FROM events GROUP BY room").fetchall())
    finally:
        connection.close()


def _write(log: TextIO, **line: object) -> None:
    log.write(json.dumps(line) + "\n")
    log.flush()
