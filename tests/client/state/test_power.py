"""Who may do what, who may write, and what a room's people are there."""

from unittest.mock import Mock

import pytest
from msgspec.structs import replace

from qtchat.client.state import (
    AuditTold,
    BansTold,
    PeopleChanged,
    Power,
    RoomChanged,
    SanctionTold,
    ServerChanged,
    Silence,
    UnsentTold,
    WaitingChanged,
    WaitingTold,
    changed_setting,
)
from qtchat.client.state import people as people_module
from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    ConnectionUpdate,
    EventsUpdate,
    MembersUpdate,
    NewcomersUpdate,
    Phase,
    RoomUpdate,
    SanctionUpdate,
    UnsentUpdate,
    WaitingUpdate,
)
from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    GUEST,
    KIND_CHANGED,
    KIND_JOINED,
    KIND_KICKED,
    MAX_READERS,
    MEMBER,
    MODERATOR,
    OWNER,
    Event,
    Person,
    Room,
    Sanction,
)
from tests.helpers.states import BOB, EVE, ME, NAMES, SERVER, Watched, event

NOW = 1_000_000


def in_room(watched: Watched, **facts: object) -> None:
    watched.state.apply(RoomUpdate(Room(1, "lobby", "", 0, 3, **facts)))  # type: ignore[arg-type]


def on_server(watched: Watched, role: str) -> None:
    assert watched.state.apply(replace(SERVER, role=role)) == (ServerChanged(),)


@pytest.fixture
def watched() -> Watched:
    watched = Watched()
    people = (Person(ME, "Ada", True), Person(BOB, "Bob", True), Person(EVE, "Eve", True, role=ADMIN))
    watched.state.apply(MembersUpdate(1, people, (), (MEMBER, MODERATOR, MEMBER)))
    return watched


# -- who may write ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "facts", "silence"),
    [
        (MEMBER, {}, None),
        (MEMBER, {"muted_until": 0}, Silence.MUTED),
        (MEMBER, {"muted_until": NOW + 1}, Silence.MUTED),
        (MEMBER, {"muted_until": NOW}, None),
        (MEMBER, {"frozen": True}, Silence.FROZEN),
        (OWNER, {"frozen": True, "role": OWNER}, Silence.FROZEN),
        (MEMBER, {"announcement": True}, Silence.ANNOUNCEMENT),
        (MEMBER, {"announcement": True, "role": MODERATOR}, None),
        (MODERATOR, {"announcement": True}, None),
        (GUEST, {"announcement": True, "role": OWNER}, Silence.GUEST),
        (OWNER, {"muted_until": 0, "frozen": True}, Silence.MUTED),
        ("wizard", {"announcement": True}, Silence.ANNOUNCEMENT),
    ],
)
def test_who_may_not_write_and_why(
    watched: Watched, role: str, facts: dict[str, object], silence: Silence | None
) -> None:
    on_server(watched, role)
    in_room(watched, **facts)
    assert watched.state.silence(1, NOW) is silence
    assert watched.state.silence(99, NOW) is None


# -- who may do what --------------------------------------------------------------------------------------


def test_the_greater_role_counts_and_a_guest_stays_one(watched: Watched) -> None:
    assert (watched.state.power(), watched.state.power(1)) == (Power.MEMBER, Power.MEMBER)
    in_room(watched, role=OWNER)
    assert (watched.state.power(), watched.state.power(1)) == (Power.MEMBER, Power.ROOM_OWNER)
    on_server(watched, MODERATOR)
    assert (watched.state.power(), watched.state.power(1)) == (Power.MODERATOR, Power.MODERATOR)
    on_server(watched, GUEST)
    assert watched.state.power(1) is Power.GUEST
    on_server(watched, OWNER)
    in_room(watched, kind=DIRECT, other=BOB)
    assert (watched.state.power(), watched.state.power(1)) == (Power.OWNER, Power.MEMBER)


def test_one_acts_only_on_those_below(watched: Watched) -> None:
    state = watched.state
    in_room(watched, role=MODERATOR)
    assert [state.may_act_on(user, 1) for user in (ME, BOB, EVE)] == [False, False, False]
    in_room(watched, role=OWNER)
    assert [state.may_act_on(user, 1) for user in (ME, BOB, EVE)] == [False, True, False]
    assert [state.may_act_on(user) for user in (BOB, EVE)] == [False, False]
    on_server(watched, OWNER)
    assert [state.may_act_on(user) for user in (ME, BOB, EVE, 99)] == [False, True, True, True]


def test_roles_below_the_own_can_be_given_and_owners_make_owners(watched: Watched) -> None:
    state = watched.state
    assert (state.assignable_roles(), state.assignable_roles(1)) == ((GUEST,), ())
    in_room(watched, role=OWNER)
    assert state.assignable_roles(1) == (OWNER, MODERATOR, MEMBER)
    on_server(watched, ADMIN)
    assert state.assignable_roles() == (MODERATOR, MEMBER, GUEST)
    on_server(watched, OWNER)
    assert state.assignable_roles() == (OWNER, ADMIN, MODERATOR, MEMBER, GUEST)
    assert state.assignable_roles(1) == (OWNER, MODERATOR, MEMBER)


# -- what happens in a room -------------------------------------------------------------------------------


def test_what_a_room_is_for_us_comes_with_it(watched: Watched) -> None:
    room = watched.room
    in_room(watched, role=OWNER, announcement=True, frozen=True, slow_ms=5, muted_until=0)
    assert (room.role, room.announcement, room.frozen, room.slow_ms, room.muted_until) == (OWNER, True, True, 5, 0)


def test_the_roles_of_the_others_follow_the_log(watched: Watched) -> None:
    room = watched.room
    assert room.roles == {BOB: MODERATOR}
    changes = watched.told(event(1, BOB, f"role {OWNER} Eve", KIND_CHANGED, about=EVE))
    assert PeopleChanged(1) in changes
    assert (room.role_of(EVE), room.role_of(BOB), room.role_of(99)) == (OWNER, MODERATOR, MEMBER)
    changes = watched.told(event(2, BOB, "frozen 1", KIND_CHANGED))
    assert PeopleChanged(1) not in changes
    assert [changed_setting(entry.text) for entry in room.entries] == [("role", "owner Eve"), ("frozen", "1")]


def test_who_was_put_out_is_no_member_any_more(watched: Watched) -> None:
    changes = watched.told(event(1, EVE, "Bob", KIND_KICKED, about=BOB))
    assert PeopleChanged(1) in changes
    assert list(watched.room.members) == [ME, EVE]
    assert (watched.room.member_count, watched.room.roles) == (2, {})
    assert PeopleChanged(1) not in watched.told(event(2, EVE, "Bob", KIND_KICKED, about=BOB))
    (row, _) = watched.room.entries
    assert (row.kind, row.nick, row.text, row.about) == (KIND_KICKED, NAMES[EVE], "Bob", BOB)


def test_a_burst_of_people_is_settled_once_and_a_large_room_never(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle, is_plain = Mock(wraps=people_module._settle), Mock(wraps=people_module.is_plain)
    monkeypatch.setattr(people_module, "_settle", settle)
    monkeypatch.setattr(people_module, "is_plain", is_plain)
    crowd = tuple(
        Event(1, seq, seq.to_bytes(16, "big"), seq, 100 + seq, f"n{seq}", KIND_JOINED) for seq in range(1, 501)
    )
    changes = watched.see(watched.state.apply(EventsUpdate(1, crowd)))
    assert len(watched.room.members) == 503 > MAX_READERS
    assert changes.count(PeopleChanged(1)) == 1
    assert (settle.call_count, is_plain.call_count) == (1, 0)


# -- what is told -----------------------------------------------------------------------------------------


def test_what_moderators_are_told_is_passed_on(watched: Watched) -> None:
    state, number = watched.state, bytes(16)
    sanction = Sanction("mute", 1, "Eve", "Enough.", 5)
    assert state.apply(SanctionUpdate(sanction)) == (SanctionTold(sanction),)
    assert state.apply(WaitingUpdate(number, ())) == (WaitingTold(number, ()),)
    assert state.apply(BansUpdate(number, ())) == (BansTold(number, ()),)
    assert state.apply(AuditUpdate(number, (), True)) == (AuditTold(number, (), True),)


def test_what_was_not_sent_to_a_room_that_is_gone_is_passed_on(watched: Watched) -> None:
    assert watched.state.apply(UnsentUpdate("tea", ("hello",))) == (UnsentTold("tea", ("hello",)),)


def test_the_newcomers_who_wait_are_counted_while_there_is_a_connection(watched: Watched) -> None:
    state = watched.state
    assert state.apply(NewcomersUpdate(3)) == (WaitingChanged(),)
    state.apply(ConnectionUpdate(Phase.ONLINE))
    assert state.waiting == 3
    assert WaitingChanged() in state.apply(ConnectionUpdate(Phase.OFFLINE))
    assert state.waiting == 0
    assert RoomChanged(1) not in state.apply(ConnectionUpdate(Phase.CONNECTING))
