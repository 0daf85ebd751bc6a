"""Stand-ins for what surrounds the hub: state without a database, and peers and loops without sockets."""

import threading
from collections.abc import Callable
from typing import Any, cast

from qtchat.net.loop import IoLoop
from qtchat.protocol.framing import FrameReader
from qtchat.protocol.messages import MAX_FRAME, PRESENCE, Event, Message
from qtchat.protocol.names import fold
from qtchat.protocol.session import Role, decode
from qtchat.server.doors.native import NativeCodec
from qtchat.server.records import Contents, MemberRecord, NickRecord, RoomRecord, UserRecord
from qtchat.server.state import Codec, State


def make_state(
    people: tuple[str, ...] = ("Ada", "Bob"),
    rooms: dict[str, tuple[int, ...]] | None = None,
    heads: dict[int, int] | None = None,
) -> State:
    """People numbered from 1, whose keys are `key_of(number)`; rooms numbered from 1 with their members.

    Everybody is in the first room, the lobby, unless `rooms` says otherwise.
    """
    everybody = tuple(range(1, len(people) + 1))
    rooms = {"lobby": everybody} if rooms is None else rooms
    heads = heads or {}
    return State(
        Contents(
            server_id=bytes(16),
            epoch=1,
            last_ts=0,
            users=[UserRecord(number, nick, key_of(number), 0) for number, nick in enumerate(people, 1)],
            nicks=[NickRecord(fold(nick), number) for number, nick in enumerate(people, 1)],
            rooms=[
                RoomRecord(number, name, fold(name), "", 0, heads.get(number, 0))
                for number, name in enumerate(rooms, 1)
            ],
            members=[
                MemberRecord(number, user) for number, members in enumerate(rooms.values(), 1) for user in members
            ],
        )
    )


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


class FakeLoop:
    """Keeps the calls instead of running them; `run` does, in the thread of the test."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], None]] = []
        self.tick: list[Callable[[], None]] = []
        self.called = threading.Event()

    def after_tick(self, callback: Callable[[], None]) -> None:
        self.tick.append(callback)

    def call_soon(self, callback: Callable[..., None], *args: Any) -> None:
        self.calls.append(lambda: callback(*args))
        self.called.set()

    def run(self) -> int:
        """Run everything that was called for; how many calls it was."""
        calls, self.calls = self.calls, []
        for call in calls:
            call()
        callbacks, self.tick = self.tick, []
        for callback in callbacks:
            callback()
        return len(calls)


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
        self.refused: tuple[str, str, str] | None = None
        self.answered = 0
        self.replies: list[bytes] = []
        self.heard: list[bytes] = []

    def admit(self, user: int, nick: str) -> None:
        self.admitted = (user, nick)

    def reply(self, data: bytes, answered: int) -> None:
        self.replies.append(data)
        self.answered += answered

    def news(self, data: bytes) -> None:
        self.heard.append(data)

    def refuse(self, code: str, text: str, suggestion: str) -> None:
        self.refused = (code, text, suggestion)

    def told(self) -> list[Message]:
        """The replies since the last call, decoded."""
        data, self.replies = b"".join(self.replies), []
        return decode_all(data)

    def news_told(self) -> list[Message]:
        """The news since the last call, decoded."""
        data, self.heard = b"".join(self.heard), []
        return decode_all(data)
