"""A room whose only owner goes gets another one."""

import pytest

from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    KIND_CHANGED,
    KIND_LEFT,
    MODERATOR,
    OWNER,
    PRIVATE,
    Kick,
    LeaveRoom,
    Request,
    RevokeKey,
)
from qtchat.server.effects import Append, Effect, RemoveMember, SetRole, ShowRoom
from qtchat.server.handlers import handle
from qtchat.server.state import State
from tests.helpers.hubs import make_state

LAB = 2
ID = bytes(range(16))


def world(room_roles: dict[tuple[int, int], str], roles: dict[int, str] | None = None) -> State:
    """Ada is not in Lab, Bob, Cy and Dan are."""
    return make_state(
        ("Ada", "Bob", "Cy", "Dan"),
        rooms={"lobby": (1, 2, 3, 4), "Lab": (2, 3, 4)},
        kinds={LAB: PRIVATE},
        roles=roles,
        room_roles=room_roles,
    )


def ask(state: State, user: int, request: Request) -> list[Effect]:
    return list(handle(state, state.users[user], request, 5))


def heirs(effects: list[Effect]) -> list[int]:
    return [effect.user for effect in effects if isinstance(effect, SetRole) and effect.role == OWNER]


def test_before_the_only_owner_leaves_somebody_else_is_made_one() -> None:
    effects = ask(world({(LAB, 2): OWNER}), 2, LeaveRoom(ID, LAB))
    made = effects[2]
    assert isinstance(made, Append)
    assert (made.kind, made.text, made.about, made.acknowledge) == (KIND_CHANGED, "role owner Cy", 3, False)
    assert made.id != ID
    assert effects == [
        SetRole(LAB, 3, OWNER),
        ShowRoom(LAB, 3),
        made,
        Append(LAB, KIND_LEFT, ID),
        RemoveMember(LAB, 2),
        ShowRoom(LAB, 2),
    ]


@pytest.mark.parametrize(
    ("room_roles", "roles", "found"),
    [
        ({(LAB, 2): OWNER, (LAB, 4): MODERATOR}, None, [4]),
        ({(LAB, 2): OWNER}, {3: GUEST}, [4]),
        ({(LAB, 2): OWNER}, {3: GUEST, 4: GUEST}, []),
        ({(LAB, 2): OWNER, (LAB, 4): OWNER}, None, []),
        ({(LAB, 3): OWNER}, None, []),
    ],
)
def test_who_it_is(room_roles: dict[tuple[int, int], str], roles: dict[int, str] | None, found: list[int]) -> None:
    assert heirs(ask(world(room_roles, roles), 2, LeaveRoom(ID, LAB))) == found


def test_who_is_alone_leaves_an_empty_room() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (2,)}, room_roles={(LAB, 2): OWNER})
    assert ask(state, 2, LeaveRoom(ID, LAB))[0] == Append(LAB, KIND_LEFT, ID)


def test_it_is_so_when_the_owner_is_put_out_too() -> None:
    state = make_state(
        ("Ada", "Bob", "Cy"),
        rooms={"lobby": (1, 2, 3), "Lab": (2, 3)},
        roles={1: ADMIN},
        room_roles={(LAB, 2): OWNER},
    )
    assert heirs(ask(state, 1, Kick(ID, LAB, 2))) == [3]
    assert heirs(ask(state, 1, RevokeKey(ID, 2))) == [3]
