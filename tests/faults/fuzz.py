"""Row 17 of the fault matrix: bytes and messages that nobody should send, at a live server."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtchat.net.signature import SigningKey
from qtchat.protocol.errors import RemoteProtocolError
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    ADMIN,
    MAX_FRAME,
    MODERATION,
    Claim,
    Done,
    Error,
    GetHistory,
    History,
    ListRooms,
    Message,
    Post,
    Rooms,
    SetRole,
)
from qtchat.protocol.session import Role, decode
from tests.faults.any_message import CLIENT, SERVER, TAGS
from tests.faults.outcome import Outcome
from tests.faults.people import LOBBY
from tests.faults.processes import PATIENCE, ServerProcess
from tests.helpers.wire import ClosedByServerError, WireClient, new_id

MEMORY_LIMIT: Final = 32 * 1024 * 1024
"""Bytes by which the server may have grown after all of it."""

VICTIMS: Final = ("victim", "ben", "cleo")
"""Whom an admin can do something to."""

_TAGS = st.sampled_from(TAGS) | st.text(max_size=20)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=80)
    | st.binary(max_size=80)
    | st.binary(min_size=16, max_size=16),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8) | st.integers(0, 9), inner, max_size=4)
    ),
    max_leaves=12,
)
_VALID = CLIENT | SERVER  # the server must skip what only servers say
"""All that is well formed, whether anybody may say it or not."""


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


def _as_array(tag: str, fields: list[Any]) -> bytes:
    return _framed(msgspec.msgpack.encode([tag, *fields]))


def _changed(message: Message, at: int, value: int, cut: int) -> bytes:
    """A valid message with one byte changed, and its end cut off."""
    body = bytearray(encode_frame(message)[4:])
    body[at % len(body)] = value
    return _framed(bytes(body[: max(1, len(body) - cut)]))


def _nested(depth: int) -> bytes:
    return _framed(b"\x91" * depth + b"\xc0")


WHOLE_FRAMES = st.one_of(
    _VALID.map(encode_frame),
    st.builds(_as_array, _TAGS, st.lists(_VALUES, max_size=6)),
    st.builds(_changed, _VALID, st.integers(0, 200), st.integers(0, 255), st.integers(0, 3)),
    st.binary(min_size=1, max_size=200).map(_framed),
    st.integers(1, 4000).map(_nested),
)
"""Frames whose length is right, whatever is in them."""
BROKEN = st.one_of(
    st.binary(max_size=300),
    st.integers(MAX_FRAME + 1, 2**32 - 1).map(lambda size: size.to_bytes(4, "big") + b"x" * 100),
    st.builds(lambda frame, cut: frame[:cut], WHOLE_FRAMES, st.integers(0, 60)),
)
"""Bytes that need not be frames at all."""


def fuzz(folder: Path, *, examples: int = 40) -> Outcome:
    """Bytes before the login and after it, and whole frames with any content. Each gets an answer or an error and a
    close; nobody else notices; nothing grows."""
    outcome = Outcome()
    rules = settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    with ServerProcess(folder, readers=1) as server:
        server.start()
        key = SigningKey.generate()
        with WireClient(server.port) as canary:
            canary.login("canary")
            canary.ask(Claim(new_id(), server.claim_token), Done)  # nobody has power over the owner
            for victim in VICTIMS:
                with WireClient(server.port) as client:
                    client.login(victim)
            with WireClient(server.port, key) as client:
                user = client.login("fuzz", capabilities=()).user
            canary.ask(GetHistory(new_id(), LOBBY), History)  # from here on the reader has its files open
            descriptors, memory = server.descriptors(), server.memory()

            def sings() -> None:
                outcome.count("examples")
                canary.ask(ListRooms(new_id()), Rooms)

            @rules
            @given(BROKEN)
            def before_login(data: bytes) -> None:
                with WireClient(server.port) as client:
                    client.send_raw(data)
                sings()

            @rules
            @given(st.lists(BROKEN, max_size=3))
            def after_login(pieces: list[bytes]) -> None:
                with WireClient(server.port, key) as client:
                    client.login("fuzz", capabilities=())
                    with contextlib.suppress(OSError):
                        for piece in pieces:
                            client.send_raw(piece)
                sings()

            @rules
            @given(st.lists(WHOLE_FRAMES, max_size=20))
            def whole_frames(frames: list[bytes]) -> None:
                canary.ask(SetRole(new_id(), 0, user, ADMIN), Done)  # so that what moderates is carried out
                with WireClient(server.port, key) as client:
                    client.login("fuzz", capabilities=(MODERATION,))
                    client.send_raw(b"".join(frames) + encode_frame(ListRooms(b"the last request")))
                    end = _end_of(client)
                    outcome.expect(end is not None, f"neither an answer nor an error after {frames}")
                sings()

            @rules
            @given(WHOLE_FRAMES)
            def either_side(frame: bytes) -> None:
                """It is a message, as for whoever sent it, or a violation; nothing else is raised."""
                for role in (Role.CLIENT, Role.SERVER):
                    with contextlib.suppress(RemoteProtocolError):
                        message = decode(role, frame[4:])
                        again = decode(role, encode_frame(message)[4:]) if message is not None else None
                        assert again == message, f"{message} is {again} on the other side"

            for attack in (before_login, after_login, whole_frames, either_side):
                _run(outcome, attack)
            canary.ask(Post(new_id(), LOBBY, "still singing"), Message)
            outcome.expect(
                _falls_to(server.descriptors, descriptors), f"{server.descriptors()} descriptors, {descriptors} before"
            )
            grown = server.memory() - memory
            outcome.expect(grown < MEMORY_LIMIT, f"the server has grown by {grown / 2**20:.1f} MiB")
            outcome.note(f"memory {grown / 2**20:+.1f} MiB")
        for word in ("internal error", "Traceback"):
            outcome.expect(word not in server.said, f"the server's log tells of an {word}")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


def _run(outcome: Outcome, attack: Callable[[], None]) -> None:
    try:
        attack()
    except (AssertionError, OSError, ClosedByServerError) as error:
        notes = " ".join(getattr(error, "__notes__", ()))
        outcome.faults.append(f"{attack.__name__}: {error!r} {notes}")


def _end_of(client: WireClient) -> Message | None:
    """What the server says at last: the answer to the last request, or the error that ends the connection."""
    try:
        while True:
            message = client.next()
            if getattr(message, "re", None) == b"the last request" or (isinstance(message, Error) and not message.re):
                return message
    except (ClosedByServerError, OSError):
        return None


def _falls_to(value: Callable[[], int], goal: int) -> bool:
    """Whether it comes down to the goal; connections that were closed take a moment to end."""
    for _ in range(int(PATIENCE * 10)):
        if value() <= goal:
            return True
        threading.Event().wait(0.1)
    return False
