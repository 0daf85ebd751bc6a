"""Accounts for tests, whose updates become a ServerState on which a test can wait."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

from qtchat.client.classic import open_account
from qtchat.client.state import Change, Entry, RoomState, RowsInserted, RowsRemoved, RowsReplaced, ServerState
from qtchat.client.updates import Phase, Update
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings

PATIENCE: Final = 30.0
"""Seconds a wait may take: reached only where a test is about to fail."""
LOBBY: Final = 1


def start_server(folder: Path, port: int = 0, messages_per_second: int = 0, message_burst: int = 200) -> Server:
    """A started server on 127.0.0.1, to be stopped by the test."""
    server = Server(
        ServerSettings(
            data=str(folder),
            host="127.0.0.1",
            port=port,
            messages_per_second=messages_per_second,
            message_burst=message_burst,
        )
    )
    server.start()
    return server


AnyUpdate = TypeVar("AnyUpdate", bound=Update)


class User:
    """An account, what it has told, and the state that comes of it. Used as a context manager it starts and stops."""

    def __init__(self, profile: Path, link: str, nick: str) -> None:
        self.state = ServerState()
        self.updates: list[Update] = []
        self._changed = threading.Condition()
        self._trouble: list[BaseException] = []
        self._mirror: dict[int, list[Entry]] = {}
        self.account = open_account(profile, link, nick, self._take)

    def __enter__(self) -> Self:
        self.account.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Also checks that nothing went wrong while updates were applied."""
        assert self.account.stop(PATIENCE), "the account did not stop in time"
        if self._trouble:
            raise self._trouble[0]

    # -- waiting --------------------------------------------------------------------------------------

    def wait(self, condition: Callable[[], bool]) -> None:
        """Until `condition` holds; it is looked at after each update."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._trouble) or condition(), PATIENCE):
                raise AssertionError(f"{PATIENCE:.0f} s were not enough; {self.state.phase}, {self.updates[-5:]}")
        if self._trouble:
            raise self._trouble[0]

    def wait_for(self, kind: type[AnyUpdate], fits: Callable[[AnyUpdate], bool] = lambda _: True) -> AnyUpdate:
        """The first update of this type, old or new, that fits."""
        found: list[AnyUpdate] = []

        def look() -> bool:
            found[:] = [update for update in self.updates if isinstance(update, kind) and fits(update)][:1]
            return bool(found)

        self.wait(look)
        return found[0]

    def wait_phase(self, phase: Phase) -> None:
        self.wait(lambda: self.state.phase is phase)

    def online(self) -> Self:
        self.wait_phase(Phase.ONLINE)
        return self

    def wait_room(self, name: str) -> RoomState:
        self.wait(lambda: any(room.name == name for room in self.state.rooms.values()))
        return next(room for room in self.state.rooms.values() if room.name == name)

    def wait_texts(self, expected: list[str], room: int = LOBBY) -> None:
        """Until exactly these posts are numbered, in this order; never more than these."""
        self.wait(lambda: len(self.texts(room)) >= len(expected))
        told = self.texts(room)
        wrong = next(
            (n for n, pair in enumerate(zip(told, expected, strict=False)) if pair[0] != pair[1]), len(expected)
        )
        assert told == expected, f"from {wrong} on: {told[wrong:][:5]}"

    # -- looking --------------------------------------------------------------------------------------

    @property
    def lobby(self) -> RoomState:
        """As it is known; without anything while it is not."""
        return self.state.rooms.get(LOBBY, RoomState(LOBBY, ""))

    def texts(self, room: int = LOBBY) -> list[str]:
        """The numbered posts of a room."""
        state = self.state.rooms.get(room)
        entries = state.entries[: state.numbered] if state else []
        return [entry.text for entry in entries if entry.kind == "post"]

    def waiting(self, room: int = LOBBY) -> list[str]:
        """Our own that are not numbered yet."""
        state = self.state.rooms[room]
        return [entry.text for entry in state.entries[state.numbered :]]

    def counted(self, kind: type[Update]) -> int:
        return sum(isinstance(update, kind) for update in self.updates)

    # -- from the account's thread ----------------------------------------------------------------------

    def _take(self, update: Update) -> None:
        with self._changed:
            self.updates.append(update)
            try:
                for change in self.state.apply(update):
                    self._follow(change)
                self._check()
            except BaseException as error:  # handed to the test's thread
                self._trouble.append(error)
            self._changed.notify_all()

    def _follow(self, change: Change) -> None:
        if isinstance(change, RowsInserted | RowsRemoved | RowsReplaced):
            follow(self._mirror.setdefault(change.room, []), change)

    def _check(self) -> None:
        """What must hold at every moment: rising seqs without gaps, nothing twice, a view that can follow."""
        for number in self._mirror.keys() - self.state.rooms.keys():
            del self._mirror[number]
        for number, room in self.state.rooms.items():
            seqs = [entry.seq or 0 for entry in room.entries[: room.numbered]]
            assert seqs == sorted(set(seqs))
            assert not seqs or room.oldest <= seqs[0] <= seqs[-1] <= room.newest
            assert all(entry.seq is None for entry in room.entries[room.numbered :])
            ids = [entry.id for entry in room.entries]
            assert len(set(ids)) == len(ids), "a message is shown twice"
            assert self._mirror.get(number, []) == room.entries


def follow(rows: list[Entry], change: RowsInserted | RowsRemoved | RowsReplaced) -> None:
    """What a view does with a change."""
    if isinstance(change, RowsInserted):
        assert 0 <= change.first <= len(rows)
        rows[change.first : change.first] = change.entries
    elif isinstance(change, RowsRemoved):
        assert 0 <= change.first <= change.first + change.count <= len(rows)
        del rows[change.first : change.first + change.count]
    else:
        assert change.first + len(change.entries) <= len(rows)
        rows[change.first : change.first + len(change.entries)] = change.entries
