"""Roles on the server and in rooms: who gives them, and who may give them up."""

import pytest

from qtchat.protocol.messages import (
    ADMIN,
    FIRST_PLAIN_USER,
    GUEST,
    KIND_CHANGED,
    MEMBER,
    MODERATOR,
    OWNER,
    Ack,
    Claim,
    Done,
    Sanction,
    SetRole,
)
from qtchat.server import effects
from qtchat.server.effects import (
    Append,
    LogAct,
    Refuse,
    Reply,
    ShowRoom,
)
from qtchat.server.handlers.roles import claim_hash
from qtchat.server.records import EVERYWHERE, REVOKED, WAITING, UserRecord
from qtchat.server.state import Rules
from tests.helpers.acts import ADA, BOB, CY, ID, LAB, NOW, ask, refusal, unheard, world


def test_a_role_on_the_server() -> None:
    assert ask(world(), SetRole(ID, 0, BOB, MODERATOR)) == [
        effects.SetRole(EVERYWHERE, BOB, MODERATOR),
        LogAct("set_role", 0, BOB, MODERATOR),
        *unheard(Sanction("set_role", 0, "Ada", "", 0, MODERATOR)),
        Reply(Done(ID)),
    ]
    assert ask(world(), SetRole(ID, 0, BOB, MEMBER)) == [Reply(Done(ID))]


def test_a_role_in_a_room_is_seen_by_all() -> None:
    state = world(MEMBER, OWNER)
    assert ask(state, SetRole(ID, LAB, BOB, OWNER))[-1] == Append(LAB, KIND_CHANGED, ID, "role owner Bob", BOB)
    assert ask(state, SetRole(ID, LAB, BOB, MODERATOR)) == [
        effects.SetRole(LAB, BOB, MODERATOR),
        LogAct("set_role", LAB, BOB, MODERATOR),
        *unheard(Sanction("set_role", LAB, "Ada", "", 0, MODERATOR)),
        ShowRoom(LAB, BOB),
        Append(LAB, KIND_CHANGED, ID, "role moderator Bob", BOB),
    ]
    (same,) = ask(state, SetRole(ID, LAB, BOB, MEMBER))
    assert same == Reply(Ack(ID, LAB, 0, NOW, duplicate=True))


@pytest.mark.parametrize(
    ("role", "given", "allowed"),
    [
        (ADMIN, MODERATOR, True),
        (ADMIN, ADMIN, False),
        (ADMIN, OWNER, False),
        (OWNER, ADMIN, True),
        (OWNER, OWNER, True),
        (OWNER, WAITING, False),
        (OWNER, REVOKED, False),
        (OWNER, "king", False),
    ],
)
def test_only_roles_below_ones_own_are_given_but_by_owners(role: str, given: str, allowed: bool) -> None:
    outcome = ask(world(role), SetRole(ID, 0, BOB, given))
    assert isinstance(outcome[0], Refuse) is not allowed


def test_the_last_owner_stays_one_and_others_may_step_down() -> None:
    step_down = SetRole(ID, 0, ADA, ADMIN)
    assert "the only owner" in refusal(world(OWNER), step_down).text
    assert ask(world(OWNER, roles={CY: OWNER}), step_down)[0] == effects.SetRole(0, ADA, ADMIN)
    in_room = SetRole(ID, LAB, ADA, MEMBER)
    assert "the only owner" in refusal(world(MEMBER, OWNER), in_room).text
    two = world(MEMBER, OWNER, room_roles={(LAB, CY): OWNER})
    assert ask(two, in_room)[0] == effects.SetRole(LAB, ADA, MEMBER)
    assert "below your own" in refusal(world(ADMIN), SetRole(ID, 0, ADA, OWNER)).text


def test_nobody_takes_it_from_the_last_owner_of_a_room() -> None:
    take = SetRole(ID, LAB, BOB, MEMBER)
    assert "Bob is the only owner" in refusal(world(ADMIN, room_roles={(LAB, BOB): OWNER}), take).text
    two = world(ADMIN, room_roles={(LAB, BOB): OWNER, (LAB, CY): OWNER})
    assert ask(two, take)[0] == effects.SetRole(LAB, BOB, MEMBER)


@pytest.mark.parametrize("role", [ADMIN, MODERATOR])
def test_everybody_may_give_up_a_role(role: str) -> None:
    assert ask(world(role), SetRole(ID, 0, ADA, MEMBER))[0] == effects.SetRole(0, ADA, MEMBER)
    assert ask(world(MEMBER, MODERATOR), SetRole(ID, LAB, ADA, MEMBER))[0] == effects.SetRole(LAB, ADA, MEMBER)
    assert "below your own" in refusal(world(MEMBER, MODERATOR), SetRole(ID, LAB, ADA, OWNER)).text
    assert "below your own" in refusal(world(GUEST), SetRole(ID, 0, ADA, MEMBER)).text


def test_people_without_a_key_and_those_who_are_not_there_get_no_role() -> None:
    state = world()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Eve", None, 0))
    assert "has no key" in refusal(state, SetRole(ID, 0, FIRST_PLAIN_USER, GUEST)).text
    state.remove_member(LAB, BOB)
    assert refusal(state, SetRole(ID, LAB, BOB, MODERATOR)).text == "Bob is not in Lab."


def test_the_token_makes_an_owner_once() -> None:
    rules = Rules(claim=claim_hash("AAAAA-BBBBB"))
    state = world(MEMBER, rules=rules)
    assert ask(state, Claim(ID, " aaaaa bbbbb")) == [
        effects.SetRole(0, ADA, OWNER),
        LogAct("claim", 0, ADA, OWNER),
        Reply(Done(ID)),
    ]
    assert "not the token" in refusal(state, Claim(ID, "AAAAA-BBBBC")).text
    assert "not the token" in refusal(world(MEMBER), Claim(ID, "x")).text
    state.users[BOB].role = OWNER
    assert "has an owner already" in refusal(state, Claim(ID, "AAAAA-BBBBB")).text
    assert ask(state, Claim(ID, "AAAAA-BBBBB"), BOB) == [Reply(Done(ID))]
