"""Who may do what: every act of moderation, for every role; and what it does."""

from collections.abc import Callable
from typing import Any

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    FIRST_PLAIN_USER,
    GUEST,
    KIND_CHANGED,
    KIND_DELETED,
    KIND_JOINED,
    KIND_KICKED,
    LOBBY,
    MEMBER,
    MODERATOR,
    OWNER,
    PRIVATE,
    PUBLIC,
    Ack,
    Approve,
    Ban,
    Bans,
    Claim,
    Delete,
    Done,
    Edit,
    GetAudit,
    Kick,
    ListBans,
    ListWaiting,
    Mute,
    People,
    Post,
    ReleaseNick,
    Request,
    RevokeKey,
    Sanction,
    SetRole,
    SetRoom,
    SetTopic,
    Unban,
    Unmute,
)
from qtchat.server import effects
from qtchat.server.doors.native import NativeCodec
from qtchat.server.effects import (
    AddMember,
    Append,
    ChangeRoom,
    ClaimNick,
    Effect,
    End,
    Erase,
    LiftBan,
    LiftMute,
    LogAct,
    ReadPage,
    Refuse,
    RemoveMember,
    Reply,
    SetBan,
    SetMute,
    ShowRoom,
    Tell,
    TellLater,
    TellWaiting,
)
from qtchat.server.handlers import COMMANDS, handle
from qtchat.server.handlers.roles import claim_hash
from qtchat.server.handlers.voice import slow_wait
from qtchat.server.power import Power
from qtchat.server.records import EVERYWHERE, REVOKED, WAITING, BanRecord, MuteRecord, UserRecord
from qtchat.server.state import Rules, State
from qtchat.server.targets import Target
from tests.helpers.hubs import FakeLoop, FakePeer, make_state
from tests.helpers.wire import new_id

ADA, BOB, CY, DAN = 1, 2, 3, 4
"""Ada acts, on Bob; the others are there."""
LAB = 2
PEOPLE = ("Ada", "Bob", "Cy", "Dan")
ID = bytes(range(16))
NOW = 1_000_000

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
    return (Tell(BOB, told), TellLater(BOB, told))


def refusal(state: State, request: Request, sender: int = ADA, target: Target | None = None) -> Refuse:
    (effect,) = ask(state, request, sender, target)
    assert isinstance(effect, Refuse), effect
    assert effect.text.endswith((".", ": spam"))
    return effect


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


# -- roles --------------------------------------------------------------------------------------------


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


# -- putting out --------------------------------------------------------------------------------------


def test_putting_somebody_out_of_a_room() -> None:
    assert ask(world(MEMBER, MODERATOR), Kick(ID, LAB, BOB, "so\nloud")) == [
        Append(LAB, KIND_KICKED, ID, "Bob", BOB),
        RemoveMember(LAB, BOB),
        ShowRoom(LAB, BOB),
        LogAct("kick", LAB, BOB, "so loud"),
        *unheard(Sanction("kick", LAB, "Ada", "so loud", detail="Lab")),
    ]


def test_nobody_is_put_out_of_the_lobby_or_where_they_are_not() -> None:
    state = world()
    assert "Everybody stays" in refusal(state, Kick(ID, LOBBY, BOB)).text
    state.remove_member(LAB, BOB)
    assert refusal(state, Kick(ID, LAB, BOB)).text == "Bob is not in Lab."


def test_somebody_without_a_key_is_put_out_for_good() -> None:
    state = world()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Eve", None, 0))
    state.add_member(LOBBY, FIRST_PLAIN_USER)
    assert End(FIRST_PLAIN_USER, ErrorCode.KICKED, "You were put out by Ada.") in ask(
        state, Kick(ID, LOBBY, FIRST_PLAIN_USER)
    )


def test_putting_somebody_off_the_server() -> None:
    assert ask(world(MODERATOR), Kick(ID, 0, BOB, "enough")) == [
        LogAct("kick", 0, BOB, "enough"),
        Tell(BOB, Sanction("kick", 0, "Ada", "enough")),
        End(BOB, ErrorCode.KICKED, "You were put out by Ada: enough"),
        Reply(Done(ID)),
    ]


def test_a_ban_with_a_time() -> None:
    until = 1_767_225_600_000
    assert ask(world(MODERATOR), Ban(ID, BOB, until, "spam")) == [
        SetBan(BanRecord(BOB, ADA, "spam", NOW, until)),
        LogAct("ban", 0, BOB, "spam", until),
        *unheard(Sanction("ban", 0, "Ada", "spam", until)),
        End(BOB, ErrorCode.BANNED, "You were banned by Ada until 2026-01-01 00:00 UTC: spam"),
        Reply(Done(ID)),
    ]
    state = world()
    state.clock = NOW
    for request in (Ban(ID, BOB, NOW), Mute(ID, 0, BOB, NOW)):
        assert "is over" in refusal(state, request).text


def connected(state: State, user: int, address: str) -> None:
    peer = FakePeer(FakeLoop(), NativeCodec())
    peer.address = address
    state.attach(user, peer)


def test_the_addresses_of_a_ban() -> None:
    state = world(MODERATOR)
    connected(state, BOB, "192.0.2.7")
    connected(state, BOB, "2001:db8::7")
    connected(state, CY, "192.0.2.7")  # bad luck
    (ban, *_) = ask(state, Ban(ID, BOB, address=True))
    assert ban == SetBan(BanRecord(BOB, ADA, "", NOW, 0, "192.0.2.7 2001:db8::7"))
    connected(state, ADA, "2001:db8::7")
    assert refusal(state, Ban(ID, BOB, address=True)).text == "Ada comes from the same address as Bob."
    assert not isinstance(ask(state, Ban(ID, BOB))[0], Refuse)


def test_the_servers_own_computer_is_never_kept_away() -> None:
    state = world()
    connected(state, BOB, "127.0.0.1")
    assert "own computer" in refusal(state, Ban(ID, BOB, address=True)).text


def test_people_without_a_key_are_banned_by_address() -> None:
    state = world()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Eve", None, 0))
    assert "is not connected" in refusal(state, Ban(ID, FIRST_PLAIN_USER)).text
    connected(state, FIRST_PLAIN_USER, "192.0.2.9")
    (ban, *_) = ask(state, Ban(ID, FIRST_PLAIN_USER))
    assert ban == SetBan(BanRecord(FIRST_PLAIN_USER, ADA, "", NOW, 0, "192.0.2.9"))


def test_bans_are_listed_while_they_hold_and_lifted() -> None:
    state = world()
    state.bans = {BOB: BanRecord(BOB, ADA, "spam", 5, 0, "192.0.2.7"), CY: BanRecord(CY, ADA, "", 5, NOW)}
    (reply,) = ask(state, ListBans(ID))
    assert isinstance(reply, Reply)
    assert isinstance(reply.message, Bans)
    assert [(ban.nick, ban.by, ban.until, ban.address) for ban in reply.message.bans] == [
        ("Bob", "Ada", 0, True),
        ("Cy", "Ada", NOW, False),
    ]
    state.clock = NOW
    (reply,) = ask(state, ListBans(ID))
    assert isinstance(reply, Reply)
    assert len(reply.message.bans) == 1  # type: ignore[attr-defined]
    assert ask(state, Unban(ID, BOB))[0] == LiftBan(BOB)
    assert ask(state, Unban(ID, ADA)) == [Reply(Done(ID))]


# -- who may speak ------------------------------------------------------------------------------------


def test_a_mute_in_a_room_and_its_end() -> None:
    state = world(MEMBER, MODERATOR)
    mute = MuteRecord(LAB, BOB, ADA, "spam", NOW, NOW + 5)
    assert ask(state, Mute(ID, LAB, BOB, NOW + 5, "spam")) == [
        SetMute(mute),
        LogAct("mute", LAB, BOB, "spam", NOW + 5),
        *unheard(Sanction("mute", LAB, "Ada", "spam", NOW + 5)),
        ShowRoom(LAB, BOB),
        Reply(Done(ID)),
    ]
    state.mutes[LAB, BOB], state.clock = mute, NOW
    said = refusal(state, Post(ID, LAB, "hello"), BOB)
    assert said == Refuse(ErrorCode.MUTED, "You were muted in Lab by Ada until 1970-01-01 00:16 UTC: spam")
    assert state.describe(state.rooms[LAB], BOB).muted_until == NOW + 5
    assert isinstance(ask(state, Post(ID, LOBBY, "hello"), BOB)[0], Append)
    state.clock = NOW + 5
    assert isinstance(ask(state, Post(ID, LAB, "hello"), BOB)[0], Append)
    assert state.describe(state.rooms[LAB], BOB).muted_until is None
    assert ask(state, Unmute(ID, LAB, BOB))[0] == LiftMute(LAB, BOB)


VOICED = [kind for kind, command in COMMANDS.items() if command.voice]


def test_what_a_mute_everywhere_holds_for() -> None:
    assert {kind.__name__ for kind in VOICED} == {
        *("Post", "Edit", "React", "SetTopic", "AddMember", "CreateRoom", "OpenDirect")
    }
    state = world()
    state.mutes[EVERYWHERE, BOB] = MuteRecord(EVERYWHERE, BOB, ADA, "", NOW, 0)
    assert refusal(state, Post(ID, LAB, "hello"), BOB).text == "You were muted by Ada."
    assert state.describe(state.rooms[LOBBY], BOB).muted_until == 0


def test_a_guest_reads() -> None:
    state = world(GUEST)
    assert refusal(state, Post(ID, LAB, "hello")).code is ErrorCode.MUTED


def test_in_a_frozen_room_nobody_speaks_and_in_an_announcement_room_moderators_do() -> None:
    state = world(MEMBER, MODERATOR)
    state.rooms[LAB].announcement = True
    assert "for announcements" in refusal(state, Post(ID, LAB, "hello"), BOB).text
    assert isinstance(ask(state, Post(ID, LAB, "hello"))[0], Append)
    state.rooms[LAB].frozen = True
    for user in (ADA, BOB):
        assert "is frozen" in refusal(state, Post(ID, LAB, "hello"), user).text


def test_slow_mode_is_for_members() -> None:
    state = world(MEMBER, MODERATOR)
    room = state.rooms[LAB]
    room.slow_ms, room.posted, state.uptime = 5000, {ADA: 7, BOB: 7}, 1007
    said = Post(ID, LAB, "hello")
    assert (slow_wait(state, state.users[ADA], said), slow_wait(state, state.users[BOB], said)) == (0, 4000)
    for otherwise in (Edit(ID, LAB, 7, "more"), SetTopic(ID, LAB, "more")):
        assert slow_wait(state, state.users[BOB], otherwise) == 4000
    assert slow_wait(state, state.users[BOB], Delete(ID, LAB, 7)) == 0, "it says nothing"
    assert slow_wait(state, state.users[CY], said) == slow_wait(state, state.users[BOB], Post(ID, 99, "")) == 0
    state.uptime += 4000
    assert slow_wait(state, state.users[BOB], said) == 0


def test_a_moderator_deletes_what_others_said() -> None:
    state = world(MEMBER, MODERATOR)
    assert ask(state, Delete(ID, LAB, 7), target=Target(BOB)) == [
        Erase(LAB, 7),
        Append(LAB, KIND_DELETED, ID, about=7),
        LogAct("delete", LAB, BOB, "7"),
        *unheard(Sanction("delete", LAB, "Ada", "", 0, "7")),
    ]
    assert "somebody else's" in refusal(state, Delete(ID, LAB, 7), BOB, Target(CY)).text
    assert "somebody else's" in refusal(world(MODERATOR, roles={BOB: ADMIN}), Delete(ID, LAB, 7), ADA, Target(BOB)).text


def test_nobody_is_more_than_the_other_in_a_room_of_two() -> None:
    state = make_state(rooms={"lobby": (1, 2), "": (1, 2)}, kinds={2: DIRECT}, roles={1: OWNER})
    assert "somebody else's" in refusal(state, Delete(ID, 2, 1), ADA, Target(BOB)).text


# -- settings of a room -------------------------------------------------------------------------------


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


# -- newcomers and keys -------------------------------------------------------------------------------


def test_letting_in_and_turning_away() -> None:
    state = world()
    assert ask(state, Approve(ID, DAN)) == [
        LogAct("approve", 0, DAN, "let in"),
        effects.SetRole(0, DAN, MEMBER),
        AddMember(LOBBY, DAN),
        Append(LOBBY, KIND_JOINED, ID, acknowledge=False, author=DAN),
        TellWaiting(),
        Reply(Done(ID)),
    ]
    assert ask(state, Approve(ID, DAN, accept=False)) == [
        LogAct("approve", 0, DAN, "turned away"),
        SetBan(BanRecord(DAN, ADA, "You were not let in.", NOW, 0)),
        effects.ReleaseNick("dan"),
        TellWaiting(),
        Reply(Done(ID)),
    ]
    assert "Nobody with this number waits" in refusal(state, Approve(ID, BOB)).text
    (reply,) = ask(state, ListWaiting(ID))
    assert isinstance(reply, Reply)
    assert isinstance(reply.message, People)
    assert [person.nick for person in reply.message.people] == ["Dan"]


def test_who_is_called_by_a_released_nick_is_called_otherwise() -> None:
    state = world()
    assert ask(state, ReleaseNick(ID, "BOB")) == [
        ClaimNick(BOB, "Bob 2"),
        effects.ReleaseNick("bob", lost=True),
        LogAct("release_nick", 0, BOB, "Bob 2"),
        *unheard(Sanction("release_nick", 0, "Ada", "", 0, "Bob 2")),
        Reply(Done(ID)),
    ]
    state.claim_nick(BOB, "Robert")
    assert ask(state, ReleaseNick(ID, "bob"))[0] == effects.ReleaseNick("bob", lost=True)
    state.claim_nick(ADA, "Countess")
    assert ask(state, ReleaseNick(ID, "ada"))[0] == effects.ReleaseNick("ada"), "what is one's own is not lost"
    assert "Nobody owns" in refusal(state, ReleaseNick(ID, "Zoe")).text


def test_a_revoked_key_leaves_everything() -> None:
    outcome = ask(world(), RevokeKey(ID, BOB, "stolen"))
    kicked = [effect for effect in outcome if isinstance(effect, Append)]
    assert [(effect.room, effect.kind, effect.about) for effect in kicked] == [
        (LOBBY, KIND_KICKED, BOB),
        (LAB, KIND_KICKED, BOB),
    ]
    assert len({effect.id for effect in kicked}) == 2
    assert outcome[4:] == [
        ClaimNick(BOB, "Bob 2"),
        effects.ReleaseNick("bob"),
        effects.SetRole(0, BOB, REVOKED),
        LogAct("revoke_key", 0, BOB, "stolen"),
        *unheard(Sanction("revoke_key", 0, "Ada", "stolen")),
        End(BOB, ErrorCode.REVOKED, "This key was revoked by Ada: stolen"),
        Reply(Done(ID)),
    ]


def test_the_audit_log_is_read_by_a_reader() -> None:
    request = GetAudit(new_id())
    state = world()
    state.last_act = 9
    assert ask(state, request) == [ReadPage(request, 9)]
