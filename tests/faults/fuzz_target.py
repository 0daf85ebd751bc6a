"""The program that atheris runs: `python -m tests.faults.fuzz_target CORPUS [libFuzzer's options]`.

The first byte of an input says who receives it, when, and in what pieces; the rest are the bytes.
"""

import contextlib
import importlib
import sys
from typing import Any, Final

atheris: Any = importlib.import_module("atheris")  # there are no wheels for every Python

with atheris.instrument_imports(include=["qtchat"]):
    from qtchat.protocol.errors import RemoteProtocolError
    from qtchat.protocol.framing import FrameReader
    from qtchat.protocol.messages import CAPABILITIES, MAX_FRAME, Authenticate, Authenticated, Hello, Message, Welcome
    from qtchat.protocol.plaintext import Lines, WholeReads
    from qtchat.protocol.session import Role, Session, decode, encode_all

PIECES: Final = (1, 3, 7, 64, 4096)
"""Bytes in one read."""
_WORDS: Final = tuple(sorted(CAPABILITIES))
OPENING: Final[tuple[tuple[Role, Message], ...]] = (
    (Role.CLIENT, Hello(1, 1, _WORDS, "fuzz", bytes(32))),
    (Role.SERVER, Welcome(1, _WORDS, bytes(16), 1, "fuzz", bytes(32))),
    (Role.CLIENT, Authenticate("a", bytes(32), bytes(64))),
    (Role.SERVER, Authenticated(1, "a")),
)
"""What is said until a session is open."""


def receive(data: bytes) -> None:
    """What one input does. Anything raised but RemoteProtocolError by `decode` is a fault."""
    if not data:
        return
    how, rest = data[0], data[1:]
    role, size = Role.SERVER if how & 1 else Role.CLIENT, PIECES[how % len(PIECES)]
    session = _session(role, opened=bool(how & 2))
    frames, lines, reads = FrameReader(MAX_FRAME), Lines(), WholeReads()
    for start in range(0, len(rest), size):
        piece = rest[start : start + size]
        session.receive_data(piece, 0.0)
        session.data_to_send()
        for frame in frames.feed(piece):
            with contextlib.suppress(RemoteProtocolError):
                decode(role, frame)
        list(lines.feed(piece))
        list(reads.feed(piece))


def _session(role: Role, *, opened: bool) -> Session:
    session = Session(role, 0.0)
    for sender, message in OPENING if opened else ():
        if sender is role:
            session.send(message)
        else:
            session.receive_data(encode_all([message]), 0.0)
    session.data_to_send()
    return session


if __name__ == "__main__":
    atheris.Setup(sys.argv, receive)
    atheris.Fuzz()
