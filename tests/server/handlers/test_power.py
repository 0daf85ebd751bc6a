"""Who may do what: every act of moderation, for every role."""

from collections.abc import Callable

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    MEMBER,
    MODERATOR,
    OWNER,
    Approve,
    Ban,
    GetAudit,
    Kick,
    ListBans,
    ListWaiting,
    Mute,
    ReleaseNick,
    Request,
    RevokeKey,
    SetRole,
    SetRoom,
    Unban,
    Unmute,
)
from qtchat.server.effects import (
    Refuse,
)
from qtchat.server.handlers import COMMANDS
from qtchat.server.power import Power
from tests.helpers.acts import ADA, BOB, DAN, ID, LAB, ask, refusal, world

ACTS: dict[str, tuple[Request, Power]] = {
    "freeze": (SetRoom(ID, LAB, "frozen", "1"), Power.ROOM_MODERATOR),
    "kick from a room": (Kick(ID, LAB, BOB), Power.ROOM_MODERATOR),
    "mute in a room": (Mute(ID, LAB, BOB), Power.ROOM_MODERATOR),
    "unmute in a room": (Unmute(ID, LAB, BOB), Power.ROOM_MODERATOR),
    "role in a room": (SetRole(ID, LAB, BOB, MODERATOR), Power.ROOM_OWNER),
    "kick": (Kick(ID, 0, BOB), Power.MODERATOR),
    "mute": (Mute(ID, 0, BOB), Power.MODERATOR),
    "unmute": (Unmute(ID, 0, BOB), Power.MODERATOR),
    "ban": (Ban(ID, BOB), Power.MODERATOR),
    "unban": (Unban(ID, BOB), Power.MODERATOR),
    "list bans": (ListBans(ID), Power.MODERATOR),
    "role": (SetRole(ID, 0, BOB, GUEST), Power.ADMIN),
    "approve": (Approve(ID, DAN), Power.ADMIN),
    "list waiting": (ListWaiting(ID), Power.ADMIN),
    "release": (ReleaseNick(ID, "Bob"), Power.ADMIN),
    "revoke": (RevokeKey(ID, BOB), Power.ADMIN),
    "audit": (GetAudit(ID), Power.ADMIN),
}

ROLES: dict[str, tuple[str, str, Power]] = {
    "guest": (GUEST, MEMBER, Power.GUEST),
    "guest who made the room": (GUEST, OWNER, Power.GUEST),
    "member": (MEMBER, MEMBER, Power.MEMBER),
    "room moderator": (MEMBER, MODERATOR, Power.ROOM_MODERATOR),
    "room owner": (MEMBER, OWNER, Power.ROOM_OWNER),
    "moderator": (MODERATOR, MEMBER, Power.MODERATOR),
    "admin": (ADMIN, MEMBER, Power.ADMIN),
    "owner": (OWNER, MEMBER, Power.OWNER),
}


def test_every_request_that_needs_power_is_in_the_list() -> None:
    needs = {kind for kind, command in COMMANDS.items() if command.power > Power.GUEST}
    assert needs == {type(request) for request, _ in ACTS.values()}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ROLES)
def test_an_act_is_refused_below_its_role_and_done_from_it_on(act: str, role: str) -> None:
    request, needed = ACTS[act]
    on_server, in_room, power = ROLES[role]
    if not getattr(request, "room", 0) and power in (Power.ROOM_MODERATOR, Power.ROOM_OWNER):
        power = Power.MEMBER  # what they are in a room is nothing elsewhere
    outcome = ask(world(on_server, in_room), request)
    if power >= needed:
        assert not any(isinstance(effect, Refuse) for effect in outcome)
    else:
        (effect,) = outcome
        assert isinstance(effect, Refuse)
        assert effect.code is ErrorCode.FORBIDDEN
        assert effect.text.startswith("Only ")
        assert effect.text.endswith(".")


@pytest.mark.parametrize("act", [act for act in ACTS if "unmute" not in act and act != "unban"])
@pytest.mark.parametrize("role", [MODERATOR, ADMIN, OWNER])
def test_nobody_acts_on_somebody_of_the_same_role(act: str, role: str) -> None:
    request, needed = ACTS[act]
    power = {MODERATOR: Power.MODERATOR, ADMIN: Power.ADMIN, OWNER: Power.OWNER}[role]
    if getattr(request, "user", 0) != BOB or power < needed:
        return
    assert refusal(world(role, roles={BOB: role}), request).text.startswith("Bob has the same role as you")


@pytest.mark.parametrize("act", ["kick from a room", "mute in a room", "role in a room"])
def test_a_room_owner_has_no_power_over_those_who_look_after_the_server(act: str) -> None:
    for role in (MODERATOR, ADMIN, OWNER):
        state = world(MEMBER, OWNER, roles={BOB: role})
        assert "nobody acts on those" in refusal(state, ACTS[act][0]).text


@pytest.mark.parametrize("user", [99, DAN])
@pytest.mark.parametrize("make", [lambda n: Kick(ID, 0, n), lambda n: Ban(ID, n), lambda n: RevokeKey(ID, n)])
def test_nobody_acts_on_nobody(make: Callable[[int], Request], user: int) -> None:
    assert refusal(world(), make(user)).text == "There is nobody with this number."
    assert refusal(world(), make(ADA)).text == "Nobody can do that to themselves."
