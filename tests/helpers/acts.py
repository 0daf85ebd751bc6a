"""A state with people and rooms, in which tests ask for acts of moderation and look at the effects."""

from typing import Any

from qtchat.protocol.messages import (
    ADMIN,
    MEMBER,
    Request,
    Sanction,
)
from qtchat.server.effects import (
    Effect,
    Refuse,
    TellSurely,
)
from qtchat.server.handlers import handle
from qtchat.server.records import WAITING
from qtchat.server.state import State
from qtchat.server.targets import Target
from tests.helpers.hubs import make_state

ADA, BOB, CY, DAN = 1, 2, 3, 4
"""Ada acts, on Bob; the others are there."""
LAB = 2
PEOPLE = ("Ada", "Bob", "Cy", "Dan")
ID = bytes(range(16))
NOW = 1_000_000


def world(role: str = ADMIN, in_room: str = MEMBER, **more: Any) -> State:
    """All but Dan, who waits, are in the lobby and in Lab; Ada has these roles."""
    return make_state(
        PEOPLE,
        rooms={"lobby": (1, 2, 3), "Lab": (1, 2, 3)},
        roles={ADA: role, DAN: WAITING} | more.pop("roles", {}),
        room_roles={(LAB, ADA): in_room} | more.pop("room_roles", {}),
        **more,
    )


def ask(state: State, request: Request, sender: int = ADA, target: Target | None = None) -> list[Effect]:
    return list(handle(state, state.users[sender], request, NOW, target))


def unheard(told: Sanction) -> tuple[Effect, ...]:
    """To Bob, who is not here."""
    return (TellSurely(BOB, told),)


def refusal(state: State, request: Request, sender: int = ADA, target: Target | None = None) -> Refuse:
    (effect,) = ask(state, request, sender, target)
    assert isinstance(effect, Refuse), effect
    assert effect.text.endswith((".", ": spam"))
    return effect
