"""Stand-ins for what surrounds the hub: state without a database, and peers and loops without sockets."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from typing import Any, cast

from qtchat.net.loop import IoLoop
from qtchat.protocol.framing import FrameReader
from qtchat.protocol.messages import DIRECT, MAX_FRAME, MEMBER, PRESENCE, PUBLIC, Event, Message
from qtchat.protocol.names import fold
from qtchat.protocol.session import Role, decode
from qtchat.server.doors.native import NativeCodec
from qtchat.server.handlers.login import Login
from qtchat.server.hub import Hub
from qtchat.server.letters import Call, Heard, Letter
from qtchat.server.records import Contents, EventRecord, MemberRecord, NickRecord, RoomRecord, UserRecord, direct_key
from qtchat.server.state import Codec, Rules, State
from qtchat.server.store import RoomLog, Writes
from qtchat.server.targets import Place, Target
from tests.helpers.wire import PATIENCE, AnyMessage, new_id


def make_state(
    people: tuple[str, ...] = ("Ada", "Bob"),
    rooms: dict[str, tuple[int, ...]] | None = None,
    heads: dict[int, int] | None = None,
    kinds: dict[int, str] | None = None,
    roles: dict[int, str] | None = None,
    room_roles: dict[tuple[int, int], str] | None = None,
    rules: Rules | None = None,
) -> State:
    """People numbered from 1, whose keys are `key_of(number)`; rooms numbered from 1 with their members.

    Everybody is in the first room, the lobby, unless `rooms` says otherwise. `kinds`: of the rooms that are not public.
    `roles`: of users on the server; `room_roles`: by room and user.
    """
    everybody = tuple(range(1, len(people) + 1))
    rooms = {"lobby": everybody} if rooms is None else rooms
    heads, kinds, roles, room_roles = heads or {}, kinds or {}, roles or {}, room_roles or {}
    return State(
        Contents(
            server_id=bytes(16),
            epoch=1,
            last_ts=0,
            users=[
                UserRecord(number, nick, key_of(number), 0, role=roles.get(number, MEMBER))
                for number, nick in enumerate(people, 1)
            ],
            nicks=[NickRecord(fold(nick), number, nick) for number, nick in enumerate(people, 1)],
            rooms=[
                _room(number, name, heads.get(number, 0), kinds.get(number, PUBLIC), members)
                for number, (name, members) in enumerate(rooms.items(), 1)
            ],
            members=[
                MemberRecord(number, user, role=room_roles.get((number, user), MEMBER))
                for number, members in enumerate(rooms.values(), 1)
                for user in members
            ],
        ),
        rules,
    )


def _room(number: int, name: str, head: int, kind: str, members: tuple[int, ...]) -> RoomRecord:
    name_key = fold(name) if kind == PUBLIC else None
    direct = direct_key(members[0], members[-1]) if kind == DIRECT else None
    return RoomRecord(number, "" if direct else name, name_key, "", 0, head, kind, direct)


def key_of(number: int) -> bytes:
    """What stands for a public key."""
    return number.to_bytes(32, "big")


def decode_all(data: bytes) -> list[Message]:
    """The messages a server sent in these bytes."""
    frames = FrameReader(MAX_FRAME)
    messages = [decode(Role.CLIENT, frame) for frame in frames.feed(data)]
    assert frames.error is None
    assert not frames.buffered
    return [message for message in messages if message is not None]


def only(messages: list[Message], kind: type[AnyMessage]) -> list[AnyMessage]:
    """Those of one type."""
    return [message for message in messages if isinstance(message, kind)]


class FakeLoop:
    """Keeps the calls instead of running them; `run` does, in the thread of the test."""

    def __init__(self) -> None:
        self.calls: deque[Callable[[], None]] = deque()
        self.tick: list[Callable[[], None]] = []
        self.called = threading.Event()

    def after_tick(self, callback: Callable[[], None]) -> None:
        self.tick.append(callback)

    def call_soon(self, callback: Callable[..., None], *args: Any) -> None:
        self.calls.append(lambda: callback(*args))
        self.called.set()

    def run(self) -> int:
        """Run everything that was called for; how many calls it was."""
        done = 0
        while self.calls:  # the hub may be at work meanwhile
            self.calls.popleft()()
            done += 1
        callbacks, self.tick = self.tick, []
        for callback in callbacks:
            callback()
        return done


class CountingCodec(NativeCodec):
    """Remembers which batches of events it was asked to encode."""

    def __init__(self) -> None:
        self.batches: list[list[Event]] = []

    def encode_events(self, events: list[Event]) -> bytes:
        self.batches.append(list(events))
        return super().encode_events(events)


class FakePeer:
    """A device that only writes down what it is given."""

    def __init__(self, loop: FakeLoop, codec: Codec, *capabilities: str) -> None:
        self.loop = cast(IoLoop, loop)
        self.codec: Codec = codec
        self.capabilities = frozenset(capabilities or (PRESENCE,))
        self.address = "192.0.2.7"
        self.user: int | None = None
        self.admitted: tuple[int, str] | None = None
        self.role = ""
        self.refused: tuple[str, str, str] | None = None
        self.retry_after_ms: int | None = None
        self.ended: tuple[str, str] | None = None
        self.answered = 0
        self.replies: list[bytes] = []
        self.heard: list[bytes] = []
        self.receipts: list[int] = []
        """Acts up to which it is to say that it has read what it was told."""

    def admit(self, user: int, nick: str, role: str) -> None:
        self.admitted = (user, nick)
        self.role = role

    def reply(self, data: bytes, answered: int) -> None:
        self.replies.append(data)
        self.answered += answered

    def ping(self, data: bytes, count: int) -> None:
        self.replies.append(data)

    def ask_receipt(self, act: int) -> None:
        self.receipts.append(act)

    def news(self, data: bytes) -> None:
        self.heard.append(data)

    def refuse(self, code: str, text: str, suggestion: str, retry_after_ms: int | None) -> None:
        self.refused = (code, text, suggestion)
        self.retry_after_ms = retry_after_ms

    def end(self, code: str, text: str) -> None:
        self.ended = (code, text)

    def told(self) -> list[Message]:
        """The replies since the last call, decoded."""
        data, self.replies = b"".join(self.replies), []
        return decode_all(data)

    def news_told(self) -> list[Message]:
        """The news since the last call, decoded."""
        data, self.heard = b"".join(self.heard), []
        return decode_all(data)


def seqs(peer: FakePeer) -> list[int]:
    """Of the events among the news since the last call."""
    return [event.seq for event in only(peer.news_told(), Event)]


class WatchedLog:
    """A RoomLog that calls `before` when a commit begins, and raises what a test put into `failures`."""

    def __init__(self, log: RoomLog) -> None:
        self._log = log
        self.before: Callable[[Writes], None] = lambda _writes: None
        self.failures: list[Exception] = []
        self.load_failures: list[Exception] = []
        self.commits: list[Writes] = []
        self.loads = 0
        self.half = False
        """A failing commit takes place all the same, as one may that ends in an I/O error."""

    def load(self) -> Contents:
        self.loads += 1
        if self.load_failures:
            raise self.load_failures.pop(0)
        return self._log.load()

    def find(self, requests: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], EventRecord]:
        return self._log.find(requests)

    def acted(self, requests: Sequence[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        return self._log.acted(requests)

    def targets(self, places: Collection[Place]) -> dict[Place, Target]:
        return self._log.targets(places)

    def commit(self, writes: Writes) -> None:
        self.before(writes)
        if self.failures:
            if self.half:
                self._log.commit(writes)
            raise self.failures.pop(0)
        self._log.commit(writes)
        self.commits.append(writes)

    def close(self) -> None:
        self._log.close()


class Clock:
    """Stands for the module `time` in the hub: it moves only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Bench:
    """A running hub, and what a test does with it."""

    def __init__(self, hub: Hub, log: WatchedLog, loop: FakeLoop) -> None:
        self.hub = hub
        self.log = log
        self.loop = loop
        self.codec = CountingCodec()

    def peer(self, *capabilities: str) -> FakePeer:
        return FakePeer(self.loop, self.codec, *capabilities)

    def settle(self) -> int:
        """Wait until the hub has done everything that was posted, the end of its round included; how often the loop was
        called for it. The loop runs meanwhile, since the hub's next round waits until it has."""
        calls = 0
        for _ in range(2):
            done = threading.Event()
            self.hub.post([Call(lambda _state, done=done: done.set())])  # type: ignore[misc]
            assert done.wait(PATIENCE), "the hub does not answer"
            calls += self.loop.run()
        return calls

    def post(self, *letters: Letter) -> int:
        """One batch; how often the loop was called for it. Afterwards the peers have what they were given."""
        self.hub.post(list(letters))
        return self.settle()

    def post_and_wait_for_a_call(self, *letters: Letter) -> None:
        """One batch, waiting only until the loop is called: for answers that do not come from the hub's thread."""
        self.loop.called.clear()
        self.hub.post(list(letters))
        assert self.loop.called.wait(PATIENCE), "the loop was not called"
        self.loop.run()

    def look(self, function: Callable[[State], object]) -> object:
        """What `function` makes of the state, in the hub's thread."""
        found: list[object] = []
        self.post(Call(lambda state: found.append(function(state))))
        return found[0]

    def login(self, nick: str, number: int = 0, *capabilities: str) -> FakePeer:
        """A device of the user whose key is `key_of(number)`; without a number, of a new user of that name."""
        peer = self.peer(*capabilities)
        self.post((peer, Login(nick, key_of(number or int.from_bytes(nick.encode())), new_id())))
        assert peer.admitted is not None, peer.refused
        peer.told()
        return peer

    def read(self, peer: FakePeer) -> None:
        """It shows that it has read all that it was to show that of."""
        receipts, peer.receipts = peer.receipts, []
        self.post(*(Heard(peer, act) for act in receipts))

    def quiet(self, *peers: FakePeer) -> None:
        """Forget what these have heard so far."""
        for peer in peers:
            peer.told()
            peer.news_told()
            peer.answered = 0
        self.codec.batches.clear()
