"""Where the model's clients meet a server: a process over TLS that can be killed, or a hub in this very process, whose
clock the model sets and whose state it can look into."""

import contextlib
import logging
import queue
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from unittest.mock import patch

from msgspec.structs import replace

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import (
    MEMBER,
    MODERATION,
    Authenticated,
    Error,
    ListRooms,
    Message,
    Ping,
    Request,
    Rooms,
    Sanction,
)
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.roles import claim_hash
from qtchat.server.hub import Hub
from qtchat.server.letters import Call, Gone, Heard
from qtchat.server.locks import AddressBans, Locks
from qtchat.server.readers import Readers
from qtchat.server.state import Rules, State
from qtchat.server.store import Store, open_store
from tests.faults.logged import Logged
from tests.faults.model_world import LOOKS, MAX_NICKS, PEOPLE, Facts
from tests.faults.processes import ServerProcess
from tests.helpers.hubs import Clock, CountingCodec, FakeLoop, FakePeer, decode_all, key_of
from tests.helpers.wire import PATIENCE, ClosedByServerError, WireClient, new_id

TOKEN: Final = "AAAAA-BBBBB-CCCCC-DDDDD"
START: Final = 1_800_000_000_000
"""The time at which a hub's first clock begins, in ms since 1970, UTC."""


Found = TypeVar("Found")


class Stage(Protocol):
    """People are known by their names here, whatever nick they use; each has one key and one device."""

    @property
    def timed(self) -> bool:
        """Whether `wait` moves the clock."""

    @property
    def token(self) -> str:
        """Makes an owner while there is none."""

    @property
    def now(self) -> int:
        """Ms since 1970, UTC."""

    def start(self, *, approve: bool) -> None: ...

    def stop(self) -> None:
        """The server and all connections end at once; the data stays."""

    def close(self) -> None:
        """The end: AssertionError if the server told of an internal error."""

    def wait(self, ms: int) -> None: ...

    def come(self, name: str, nick: str) -> tuple[Authenticated | Error, list[Message]]:
        """The answer to the login, and what was told besides."""

    def go(self, name: str) -> None: ...

    def ask(self, name: str, request: Request) -> Message:
        """The reply to this request."""

    def heard(self, name: str) -> list[Message]:
        """What came besides replies, since the last call; an Error at the end where the server ended it."""

    def check(self, facts: Facts) -> None:
        """AssertionError if what is in memory is not what is on the disk, and these facts."""


class News:
    """Passes over what somebody was told before, as a client does: a server repeats what it cannot know to be read."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}

    def of(self, name: str, told: list[Message]) -> list[Message]:
        """What is new to this person, without the numbers by which that is known."""
        new: list[Message] = []
        for message in told:
            if isinstance(message, Sanction):
                if 0 < message.number <= self._newest.get(name, 0):
                    continue
                self._newest[name] = max(self._newest.get(name, 0), message.number)
                message = replace(message, number=0)
            new.append(message)
        return new


class ProcessStage:
    """A server of its own, killed by kill -9."""

    timed = False

    def __init__(self, folder: Path) -> None:
        self._server = ServerProcess(folder)
        self._keys = {name: SigningKey.generate() for name in PEOPLE}
        self._clients: dict[str, WireClient] = {}
        self._news = News()

    @property
    def token(self) -> str:
        return self._server.claim_token

    @property
    def now(self) -> int:
        return int(time.time() * 1000)

    def start(self, *, approve: bool) -> None:
        self._server.options["approve_newcomers"] = approve
        self._server.start()

    def stop(self) -> None:
        self._server.kill()
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def close(self) -> None:
        self.stop()
        assert "internal error" not in self._server.said, self._server.said

    def wait(self, ms: int) -> None:
        raise NotImplementedError

    def come(self, name: str, nick: str) -> tuple[Authenticated | Error, list[Message]]:
        client = WireClient(self._server.port, self._keys[name])
        client.introduce(nick, (MODERATION,))
        answer = client.next()
        if isinstance(answer, Error):
            client.close()
            return answer, []
        assert isinstance(answer, Authenticated), answer
        self._clients[name] = client
        return answer, self.heard(name)

    def go(self, name: str) -> None:
        self._clients.pop(name).close()

    def ask(self, name: str, request: Request) -> Message:
        return self._clients[name].ask(request, Message)

    def heard(self, name: str) -> list[Message]:
        client = self._clients[name]
        with contextlib.suppress(ClosedByServerError, ConnectionError):
            client.ask(ListRooms(new_id()), Rooms)  # what was said before comes before
        told = [message for message in client.passed_over if not isinstance(message, Ping)]
        client.passed_over.clear()
        return self._news.of(name, told)

    def check(self, facts: Facts) -> None:
        """What is in the memory of another process is seen by those whom it serves."""


class PromptLoop(FakeLoop):
    """Runs at once what it is called for, in the thread that calls."""

    def after_tick(self, callback: Callable[[], None]) -> None:
        callback()

    def call_soon(self, callback: Callable[..., None], *args: Any) -> None:
        callback(*args)


class Device(FakePeer):
    """Keeps what comes, and answers at once that it has read it."""

    def __init__(self, loop: FakeLoop, codec: CountingCodec, address: str, answer: Callable[[Heard], None]) -> None:
        super().__init__(loop, codec, MODERATION)
        self.address = address
        self.answer = answer
        self.came: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.unread: list[Message] = []

    def reply(self, data: bytes, answered: int) -> None:
        self.came.put(data)

    def news(self, data: bytes) -> None:
        self.came.put(data)

    def ask_receipt(self, act: int) -> None:
        self.answer(Heard(self, act))

    def take(self, *, block: bool) -> None:
        """Everything that has come; with `block`, wait for something."""
        while block or not self.came.empty():
            self.unread += decode_all(self.came.get(timeout=PATIENCE if block else None))
            block = False


class HubStage:
    """A hub with its real store, and devices without sockets; everything happens at the time that the model says."""

    timed = True
    token = TOKEN

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._now = START
        self._uptime = Clock()
        self._parts = ExitStack()
        self._store: Store
        self._hub: Hub
        self._approve = False
        self._all = ExitStack()
        self._logged = self._all.enter_context(Logged(logging.WARNING))
        self._devices: dict[str, Device] = {}
        self._news = News()

    @property
    def now(self) -> int:
        return self._now

    def start(self, *, approve: bool) -> None:
        self._approve = approve
        self._parts.enter_context(patch("qtchat.server.hub.time", self._uptime))
        self._store = self._parts.enter_context(open_store(self._folder))
        readers = Readers(self._store.reader, 1)
        locks = Locks()
        locks.addresses = AddressBans(self._wall_clock)
        self._hub = Hub(self._store.log, readers, "lobby", 60.0, clock=self._wall_clock, rules=self._rules, locks=locks)
        self._hub.open()
        readers.start()
        self._parts.callback(lambda: _assert(readers.stop(PATIENCE)))
        self._parts.callback(lambda: _assert(self._hub.stop(PATIENCE)))

    def stop(self) -> None:
        self._devices.clear()
        self._parts.close()

    def close(self) -> None:
        self.stop()
        self._all.close()
        assert not self._logged.found, self._logged.found

    def wait(self, ms: int) -> None:
        self._now += ms
        self._uptime.now += ms / 1000

    def come(self, name: str, nick: str) -> tuple[Authenticated | Error, list[Message]]:
        number = PEOPLE.index(name) + 1
        device = Device(PromptLoop(), CountingCodec(), f"192.0.2.{number}", lambda heard: self._hub.post([heard]))
        self._hub.post([(device, Login(nick, key_of(number), new_id()))])
        self._settle()
        if device.refused is not None:
            code, text, suggestion = device.refused
            self._hub.post([Gone(device)])
            return Error(b"", code, text, device.retry_after_ms, suggestion), []
        assert device.admitted is not None
        self._devices[name] = device
        return Authenticated(*device.admitted, device.role), self.heard(name)

    def go(self, name: str) -> None:
        self._hub.post([Gone(self._devices.pop(name))])
        self._settle()

    def ask(self, name: str, request: Request) -> Message:
        device = self._devices[name]
        self._hub.post([(device, request)])
        while True:
            device.take(block=True)
            for at, message in enumerate(device.unread):
                if getattr(message, "re", None) == request.id:
                    del device.unread[at]
                    return message

    def heard(self, name: str) -> list[Message]:
        self._settle()
        device = self._devices[name]
        device.take(block=False)
        told, device.unread = device.unread, []
        if device.ended is not None:
            told.append(Error(b"", *device.ended))
        return self._news.of(name, told)

    def check(self, facts: Facts) -> None:
        live, known, contents = self._look(
            lambda state: (_picture(state, self._now), _facts(state), self._store.log.load())
        )
        stored = _picture(State(contents, self._rules), self._now)
        for name, value in live.items():
            assert value == stored[name], f"{name} in memory: {value}, on the disk: {stored[name]}"
        for name, fact in facts.items():
            assert known[name] == fact, f"{name} in memory: {known[name]}, but must be: {fact}"

    def _wall_clock(self) -> float:
        return self._now / 1000

    @property
    def _rules(self) -> Rules:
        return Rules(approve=self._approve, claim=claim_hash(TOKEN), max_nicks=MAX_NICKS)

    def _look(self, function: Callable[[State], Found]) -> Found:
        """What `function` makes of the state, in the hub's thread, to which the log belongs as well."""
        found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self._hub.post([Call(lambda state: found.put(function(state)))])
        return found.get(timeout=PATIENCE)

    def _settle(self) -> None:
        """Until the hub has done everything that was posted."""
        self._look(lambda _: None)


def _assert(fine: bool) -> None:
    assert fine, "it did not stop in time"


def _picture(state: State, now: int) -> dict[str, object]:
    """All that must survive a restart. What has ended by itself may be forgotten, or not."""
    state.clock = max(state.clock, now)
    return {
        "users": {
            user.id: (user.nick, user.key, user.status, user.role, user.color, sorted(user.rooms))
            for user in state.users.values()
        },
        "nicks": dict(state.nicks),
        "looks": {
            (nick, user): state.looks_taken(nick, user) for nick in LOOKS for user in (None, *sorted(state.users))
        },
        "rooms": {
            room.id: (
                *(room.name, room.topic, room.created, room.head, room.kind),
                *(room.announcement, room.frozen, room.slow_ms),
                *(dict(room.members), list(room.order), dict(room.roles)),
            )
            for room in state.rooms.values()
        },
        "room names": (dict(state.room_names), dict(state.room_looks), dict(state.direct_rooms)),
        "bans": {user: ban for user, ban in state.bans.items() if state.ban_of(user) is not None},
        "mutes": {
            (room, user): mute for (room, user), mute in state.mutes.items() if state.mute_of(user, room) is not None
        },
        "lost nicks": dict(state.lost_nicks),
        "notices": {user: list(notices) for user, notices in state.notices.items() if notices},
        "next": (state.next_user, state.next_room, state.last_act),
    }


def _facts(state: State) -> Facts:
    """The same as World.facts, as the server sees it."""
    rooms = state.rooms.values()
    return {
        "people": {user.id: (user.nick, user.role) for user in state.users.values()},
        "names": dict(state.nicks),
        "rooms": {
            room.id: (room.kind, room.topic, room.announcement, room.frozen, room.slow_ms, room.head) for room in rooms
        },
        "read": {(room.id, user): read for room in rooms for user, read in room.members.items()},
        "roles": {(room.id, user): role for room in rooms for user, role in room.roles.items() if role != MEMBER},
        "bans": {user: ban.until for user, ban in state.bans.items() if state.ban_of(user) is not None},
        "mutes": {
            (room, user): mute.until
            for (room, user), mute in state.mutes.items()
            if state.mute_of(user, room) is not None
        },
    }
