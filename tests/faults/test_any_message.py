"""The strategies that make messages for the fault matrix: they reach every kind, and make nothing that is invalid."""

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import MAX_FRAME, MAX_TIME, ClientMessage, Message, Mute, ServerMessage
from qtchat.protocol.session import Role, decode
from tests.faults.any_message import TAGS, any_of
from tests.faults.fuzz_atheris import CORPUS

SIDES = [(kind, Role.SERVER) for kind in get_args(ClientMessage)] + [
    (kind, Role.CLIENT) for kind in get_args(ServerMessage)
]
"""Each message and who receives it."""


@pytest.mark.parametrize(("kind", "receiver"), SIDES)
def test_what_is_made_is_understood(kind: type[Message], receiver: Role) -> None:
    @settings(max_examples=20, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(any_of(kind))
    def understood(message: Message) -> None:
        frame = encode_frame(message)
        assert len(frame) <= MAX_FRAME
        assert decode(receiver, frame[4:]) == message

    understood()


def test_times_are_of_the_whole_range() -> None:
    found: set[int] = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(st.data())
    def look(data: st.DataObject) -> None:
        found.add(data.draw(any_of(Mute)).until)

    look()
    assert {0, MAX_TIME} <= found
    assert any(1 < until < MAX_TIME for until in found)


def test_the_corpus_has_every_message() -> None:
    assert set(TAGS) <= {seed.name for seed in CORPUS.iterdir()}
