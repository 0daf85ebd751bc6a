"""The settings of a room."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    KIND_CHANGED,
    LOBBY,
    PRIVATE,
    PUBLIC,
    Ack,
    SetRoom,
)
from qtchat.server.effects import (
    Append,
    ChangeRoom,
    LogAct,
    Reply,
)
from qtchat.server.state import State
from tests.helpers.acts import ID, LAB, NOW, ask, refusal, world
from tests.helpers.hubs import make_state


def change(state: State, setting: str, value: str) -> ChangeRoom:
    changed, *_, said, logged = ask(state, SetRoom(ID, LAB, setting, value))
    assert isinstance(changed, ChangeRoom)
    assert isinstance(said, Append)
    assert (said.kind, said.text) == (KIND_CHANGED, f"{setting} {value}")
    assert logged == LogAct("set_room", LAB, 0, f"{setting} {value}")
    return changed


def test_settings() -> None:
    state = world()
    assert change(state, "name", "Office").record.name_key == "office"
    assert change(state, "frozen", "1").record.frozen == 1
    assert change(state, "announcement", "1").record.announcement == 1
    assert change(state, "slow_ms", "5000").record.slow_ms == 5000
    hidden = change(state, "private", "1").record
    assert (hidden.kind, hidden.name_key) == (PRIVATE, None)
    (same,) = ask(state, SetRoom(ID, LAB, "frozen", "0"))
    assert same == Reply(Ack(ID, LAB, 0, NOW, duplicate=True))


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("name", "lobby", ErrorCode.ROOM_TAKEN),
        ("name", "L\u043ebby", ErrorCode.ROOM_TAKEN),
        ("name", "\u202e", ErrorCode.ROOM_INVALID),
        ("frozen", "yes", ErrorCode.FORBIDDEN),
        ("slow_ms", "-1", ErrorCode.FORBIDDEN),
        ("slow_ms", "9999999", ErrorCode.FORBIDDEN),
        ("slow_ms", "\u0661", ErrorCode.FORBIDDEN),
        ("colour", "red", ErrorCode.FORBIDDEN),
    ],
)
def test_settings_that_are_not_possible(setting: str, value: str, code: ErrorCode) -> None:
    assert refusal(world(), SetRoom(ID, LAB, setting, value)).code is code


def test_a_private_room_can_be_opened_if_its_name_is_free() -> None:
    state = world(kinds={LAB: PRIVATE})
    assert change(state, "private", "0").record.kind == PUBLIC
    taken = make_state(rooms={"lobby": (1,), "LOBBY": (1,)}, kinds={2: PRIVATE}, roles={1: ADMIN})
    assert refusal(taken, SetRoom(ID, 2, "private", "0")).code is ErrorCode.ROOM_TAKEN


def test_the_lobby_stays_what_it_is() -> None:
    for setting, value in (("name", "hall"), ("private", "1")):
        assert "Everybody is in lobby" in refusal(world(), SetRoom(ID, LOBBY, setting, value)).text
