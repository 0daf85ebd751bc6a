"""Members, presence, typing, and who has read how far."""

import pytest

from qtchat.client.state import (
    Delivery,
    PeopleChanged,
    ReadsChanged,
    RoomChanged,
    RowsReplaced,
    TypingChanged,
    is_plain,
    people,
)
from qtchat.client.updates import (
    ConnectionUpdate,
    MembersUpdate,
    Phase,
    PresenceUpdate,
    ReadsUpdate,
    RoomUpdate,
    TypingUpdate,
)
from qtchat.protocol.messages import (
    DIRECT,
    FIRST_PLAIN_USER,
    KIND_ADDED,
    KIND_JOINED,
    KIND_LEFT,
    KIND_TOPIC,
    MAX_READERS,
    Person,
    Room,
)
from tests.helpers.states import BOB, EVE, ME, NAMES, Watched, event, pending

ADA, BOB_HERE, EVE_HERE = (Person(user, NAMES[user], online=True) for user in (ME, BOB, EVE))


@pytest.fixture
def watched() -> Watched:
    """Three own posts and one of Bob's in between; the members are not known."""
    watched = Watched()
    watched.told(event(1, ME), event(2), event(3, ME), event(4, ME))
    return watched


def members(watched: Watched, **reads: int) -> MembersUpdate:
    return MembersUpdate(1, (ADA, BOB_HERE, EVE_HERE), (4, reads["bob"], reads["eve"]) if reads else ())


def read(watched: Watched) -> list[int | None]:
    """The rows with a mark that all have read them."""
    return [entry.seq for entry in watched.room.entries if entry.delivery is Delivery.READ]


# -- reads ------------------------------------------------------------------------------------------------


def test_a_message_of_ours_is_read_when_all_others_have_read_it(watched: Watched) -> None:
    changes = watched.see(watched.state.apply(members(watched, bob=4, eve=1)))
    assert read(watched) == [1]
    assert changes[0] == RowsReplaced(1, 0, tuple(watched.room.entries[:1]))
    assert ReadsChanged(1) in changes
    assert watched.room.reads == {BOB: 4, EVE: 1}
    watched.see(watched.state.apply(ReadsUpdate(1, ((EVE, 3),))))
    assert read(watched) == [1, 3]
    watched.told(event(5, ME))
    assert read(watched) == [1, 3]
    watched.see(watched.state.apply(ReadsUpdate(1, ((EVE, 5), (BOB, 5)))))
    assert read(watched) == [1, 3, 4, 5]


def test_only_rows_between_the_old_and_the_new_mark_are_touched_and_told_at_once(watched: Watched) -> None:
    watched.told(*(event(seq, (ME, BOB)[seq % 2]) for seq in range(5, 1001)))
    watched.see(watched.state.apply(members(watched, bob=900, eve=900)))
    changes = watched.see(watched.state.apply(ReadsUpdate(1, ((BOB, 910), (EVE, 950)))))
    (replaced,) = (change for change in changes if isinstance(change, RowsReplaced))
    assert [entry.seq for entry in replaced.entries] == list(range(902, 911))
    changes = watched.state.apply(ReadsUpdate(1, ((EVE, 960),)))
    assert changes == (ReadsChanged(1),)
    assert watched.state.apply(ReadsUpdate(1, ((EVE, 930),))) == ()


def test_older_rows_of_ours_come_read(watched: Watched) -> None:
    watched = Watched()
    watched.told(event(10, ME), live=False)
    watched.see(watched.state.apply(members(watched, bob=9, eve=12)))
    watched.told(event(11, ME))
    assert read(watched) == []
    watched.see(watched.state.apply(ReadsUpdate(1, ((BOB, 20),))))  # told before its event is
    watched.told(event(12, ME))
    assert read(watched) == [10, 11, 12]


def test_what_was_said_before_somebody_came_is_not_waited_for(watched: Watched) -> None:
    watched.see(watched.state.apply(MembersUpdate(1, (ADA, BOB_HERE), (4, 4))))
    assert read(watched) == [1, 3, 4]
    watched.told(event(5, EVE, kind=KIND_JOINED), event(6, ME))
    assert read(watched) == [1, 3, 4]
    watched.see(watched.state.apply(ReadsUpdate(1, ((BOB, 6),))))
    assert read(watched) == [1, 3, 4]
    watched.told(event(7, EVE, kind=KIND_LEFT))
    assert read(watched) == [1, 3, 4, 6]


def test_alone_or_with_plain_text_programs_nothing_is_read_by_all(watched: Watched) -> None:
    watched.see(watched.state.apply(MembersUpdate(1, (ADA,), (4,))))
    assert read(watched) == []
    plain = Person(FIRST_PLAIN_USER + 1, "Old", online=True)
    watched.see(watched.state.apply(MembersUpdate(1, (ADA, plain), (4, 0))))
    assert read(watched) == []
    watched.see(watched.state.apply(MembersUpdate(1, (ADA, plain, BOB_HERE), (4, 0, 3))))
    assert read(watched) == [1, 3]
    assert is_plain(plain.user)
    assert not is_plain(BOB)


def test_in_a_large_room_nobody_is_told(watched: Watched) -> None:
    crowd = tuple(Person(user, f"n{user}", online=True) for user in range(10, 10 + MAX_READERS - 3))
    everybody = (ADA, BOB_HERE, *crowd)
    watched.see(watched.state.apply(MembersUpdate(1, everybody, (4,) * len(everybody))))
    assert read(watched) == [1, 3, 4]
    watched.told(event(5, EVE, kind=KIND_JOINED))
    assert watched.room.reads
    watched.told(event(6, BOB, "one more", KIND_ADDED, about=99))
    assert (watched.room.reads, read(watched)) == ({}, [])


def test_who_has_read_a_message(watched: Watched) -> None:
    watched.see(watched.state.apply(members(watched, bob=4, eve=3)))
    assert watched.state.readers(1, 3) == [BOB_HERE, EVE_HERE]
    assert watched.state.readers(1, 4) == [BOB_HERE]
    assert watched.state.readers(1, 2) == [EVE_HERE]  # Bob wrote it
    assert watched.state.readers(1, 5) == watched.state.readers(99, 1) == []


def test_our_own_mark_comes_with_the_members() -> None:
    watched = Watched()
    watched.told(event(1), event(2))
    watched.state.apply(members(watched, bob=2, eve=2))
    assert (watched.room.read, watched.room.unread) == (4, 0)
    watched.state.apply(members(watched))
    assert watched.room.reads == {}


# -- members ----------------------------------------------------------------------------------------------


def test_somebody_was_added(watched: Watched) -> None:
    watched.state.apply(MembersUpdate(1, (ADA, BOB_HERE)))
    changes = watched.told(event(5, BOB, "Eve", KIND_ADDED, about=EVE))
    assert PeopleChanged(1) in changes
    assert watched.room.members[EVE] == Person(EVE, "Eve", online=False)
    assert (watched.room.member_count, watched.room.entries[-1].about) == (3, EVE)
    assert PeopleChanged(1) not in watched.told(event(6, BOB, "Eve", KIND_ADDED, about=EVE))


def test_the_topic_was_changed(watched: Watched) -> None:
    assert RoomChanged(1) in watched.told(event(5, BOB, "tea", KIND_TOPIC))
    assert (watched.room.topic, watched.room.entries[-1].kind) == ("tea", KIND_TOPIC)


def test_away_status_and_another_nick(watched: Watched) -> None:
    watched.state.apply(members(watched))
    watched.state.apply(RoomUpdate(Room(2, "Bob", "", 0, 2, kind=DIRECT, other=BOB)))
    robert = Person(BOB, "Robert", online=True, away=True, status="at lunch")
    assert watched.state.apply(PresenceUpdate((robert,))) == (PeopleChanged(1), RoomChanged(2))
    assert watched.room.members[BOB] == robert
    assert watched.state.rooms[2].name == "Robert"
    assert watched.state.apply(PresenceUpdate((robert,))) == (PeopleChanged(1),)


def test_not_everybody_whom_a_server_invents_is_remembered(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MAX_PEOPLE", 4)
    watched.state.apply(MembersUpdate(1, (ADA, BOB_HERE, EVE_HERE)))
    crowd = tuple(Person(user, f"n{user}", online=True) for user in range(10, 20))
    away = Person(BOB, "Bob", online=True, away=True)
    watched.state.apply(PresenceUpdate((*crowd, away)))
    assert watched.state.people.keys() == {ME, BOB, EVE, 10}
    assert watched.state.people[BOB] == watched.room.members[BOB] == away
    watched.told(*(event(seq, BOB, "new", KIND_ADDED, about=15 + seq) for seq in range(5, 8)))
    assert watched.room.members.keys() == {ME, BOB, EVE, 20}
    assert len(watched.state.people) == 4


def test_only_members_read(watched: Watched) -> None:
    watched.state.apply(members(watched, bob=1, eve=1))
    assert watched.state.apply(ReadsUpdate(1, tuple((user, 4) for user in range(100, 200)))) == ()
    assert watched.room.reads == {BOB: 1, EVE: 1}


# -- typing -----------------------------------------------------------------------------------------------


def test_somebody_types_until_he_has_said_it_or_it_is_over(watched: Watched) -> None:
    watched.state.apply(PresenceUpdate((BOB_HERE, EVE_HERE)))
    assert watched.state.apply(TypingUpdate(1, BOB, 10.0)) == (TypingChanged(1),)
    watched.state.apply(TypingUpdate(1, EVE, 12.0))
    assert watched.room.typing == {BOB: 10.0, EVE: 12.0}
    assert TypingChanged(1) in watched.told(event(5, BOB))
    assert watched.room.typing == {EVE: 12.0}
    assert TypingChanged(1) not in watched.told(event(6, BOB))
    assert watched.state.expire_typing(11.9) == ()
    assert watched.state.expire_typing(12.0) == (TypingChanged(1),)
    assert watched.room.typing == {}
    assert watched.state.apply(TypingUpdate(1, ME, 10.0)) == ()  # on another device
    assert watched.state.apply(TypingUpdate(9, BOB, 10.0)) == ()


def test_only_people_whom_we_know_type_and_not_too_many(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "MAX_TYPING", 2)
    crowd = tuple(Person(user, f"n{user}", online=True) for user in range(10, 14))
    watched.state.apply(PresenceUpdate(crowd))
    assert watched.state.apply(TypingUpdate(1, 99, 10.0)) == ()
    watched.state.apply(TypingUpdate(1, 10, 10.0))
    watched.state.apply(TypingUpdate(1, 11, 10.0))
    assert watched.state.apply(TypingUpdate(1, 12, 10.0)) == ()
    watched.state.apply(TypingUpdate(1, 10, 14.0))
    assert watched.room.typing == {10: 14.0, 11: 10.0}
    watched.state.apply(MembersUpdate(1, (ADA, crowd[2])))
    watched.state.expire_typing(20.0)
    assert watched.state.apply(TypingUpdate(1, 10, 10.0)) == ()  # not in this room
    assert watched.state.apply(TypingUpdate(1, 12, 10.0)) == (TypingChanged(1),)


def test_without_a_connection_nobody_types_or_is_away(watched: Watched) -> None:
    watched.state.apply(ConnectionUpdate(Phase.ONLINE))
    away = Person(BOB, "Bob", online=True, away=True, status="zzz")
    watched.state.apply(MembersUpdate(1, (ADA, away)))
    watched.state.apply(TypingUpdate(1, BOB, 10.0))
    changes = watched.state.apply(ConnectionUpdate(Phase.CONNECTING))
    assert changes[1:] == (PeopleChanged(1), TypingChanged(1))
    assert watched.room.members[BOB] == Person(BOB, "Bob", online=False, status="zzz")
    assert watched.room.typing == {}


def test_what_waits_has_not_been_read(watched: Watched) -> None:
    watched.see(watched.state.apply(pending(9)))
    watched.see(watched.state.apply(members(watched, bob=9, eve=9)))
    assert watched.room.entries[-1].delivery is Delivery.WAITING
