"""Roles, bans, mutes, settings and the audit log on the disk."""

import pytest

from qtchat.server.records import (
    ActRecord,
    BanRecord,
    MemberRecord,
    MuteRecord,
    NickRecord,
    NoticeRecord,
    RoomRecord,
    UserRecord,
)
from qtchat.server.store import Store, StoreConflict, Writes


def test_who_may_do_what_is_stored_and_lifted(store: Store) -> None:
    ban, mutes = (
        BanRecord(2, 1, "spam", 5, 6, "192.0.2.7"),
        [MuteRecord(0, 2, 1, "", 5, 0), MuteRecord(1, 2, 1, "", 5, 9)],
    )
    writes = Writes(roles={1: "owner"}, member_roles={(2, 1): "moderator"}, bans={2: ban})
    writes.mutes = {(mute.room, mute.user): mute for mute in mutes}
    store.log.commit(writes)
    contents = store.log.load()
    assert [user.role for user in contents.users] == ["owner", "member"]
    assert MemberRecord(2, 1, 0, "moderator") in contents.members
    assert (contents.bans, contents.mutes) == ([ban], mutes)
    longer = BanRecord(2, 1, "spam again", 7, 0)
    store.log.commit(Writes(bans={2: longer}, mutes={(0, 2): None}))
    contents = store.log.load()
    assert (contents.bans, contents.mutes) == ([longer], mutes[1:])
    store.log.commit(Writes(bans={2: None}))
    assert store.log.load().bans == []


def test_a_released_nick_can_be_claimed_in_the_same_transaction(store: Store) -> None:
    writes = Writes(users=[UserRecord(3, "Ada", None, 5)])
    writes.release_nick("ada")
    writes.nicks.append(NickRecord("ada", 3, "Ada"))
    store.log.commit(writes)
    assert NickRecord("ada", 3, "Ada") in store.log.load().nicks
    both = Writes(nicks=[NickRecord("eve", 1, "Eve")])
    both.release_nick("eve")
    assert not both


def test_a_name_that_a_room_gives_up_is_free_in_the_same_transaction(store: Store) -> None:
    writes = Writes()
    writes.change_room(RoomRecord(2, "Office", "office", "", 1003, 0, slow_ms=5, frozen=1))
    writes.rooms.append(RoomRecord(3, "Lab", "lab", "", 1004, 0))
    writes.change_room(RoomRecord(3, "Attic", "attic", "", 1004, 0))
    writes.rooms.append(RoomRecord(4, "Lab", "lab", "", 1005, 0))
    store.log.commit(writes)
    rooms = store.log.load().rooms
    assert [(room.name, room.name_key) for room in rooms[1:]] == [
        ("Office", "office"),
        ("Attic", "attic"),
        ("Lab", "lab"),
    ]
    assert (rooms[1].topic, rooms[1].frozen, rooms[1].slow_ms) == ("work", 1, 5)


def test_the_audit_log_is_read_from_its_end(store: Store) -> None:
    acts = [
        ActRecord(1, 6000, 1, "claim", 0, 1, "owner", 0),
        ActRecord(2, 6001, 1, "mute", 1, 2, "spam", 7000),
        ActRecord(3, 6002, 2, "set_room", 1, 0, "frozen 1", 0),
    ]
    store.log.commit(Writes(acts=acts))
    contents = store.log.load()
    assert (contents.last_act, contents.last_ts) == (3, 6002)
    reader = store.reader()
    assert reader.acts(0, 2) == [(acts[2], "Ørsted", ""), (acts[1], "Ada", "Ørsted")]
    assert reader.acts(2, 9) == [(acts[0], "Ada", "Ada")]
    assert reader.acts(1, 9) == []
    reader.close()


def test_what_is_told_later_is_stored_until_it_was_told(store: Store) -> None:
    notices = [NoticeRecord(2, number, 6000, "mute", 1, 1, "spam", 7000, "") for number in (3, 4)]
    store.log.commit(Writes(notices={(notice.user, notice.number): notice for notice in notices}))
    assert store.log.load().notices == notices
    store.log.commit(Writes(notices={(2, 3): None}))
    assert store.log.load().notices == notices[1:]


def test_which_requests_stand_in_the_audit_log(store: Store) -> None:
    one, other = b"1" * 16, b"2" * 16
    acts = [ActRecord(1, 6000, 1, "claim", 0, 1, "owner", 0), ActRecord(2, 6001, 1, "ban", 0, 2, "", 0, one)]
    acts += [ActRecord(3, 6002, 2, "ban", 0, 1, "", 0, one), ActRecord(4, 6003, 1, "claim", 0, 1, "", 0)]
    store.log.commit(Writes(acts=acts))
    many = [(1, number.to_bytes(16, "big")) for number in range(1000)]
    assert store.log.acted([*many, (1, one), (2, one), (2, other), (1, other)]) == {(1, one), (2, one)}
    assert store.log.acted([]) == set()
    with pytest.raises(StoreConflict):
        store.log.commit(Writes(acts=[ActRecord(5, 6004, 1, "mute", 0, 2, "", 0, one)]))
