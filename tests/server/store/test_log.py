"""RoomLog: what is committed is there, all of it or nothing."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.server.records import EventRecord, MemberRecord, NickRecord, RoomRecord, UserRecord
from qtchat.server.store import (
    Store,
    StoreBusy,
    StoreConflict,
    StoreFailed,
    StoreFull,
    Writes,
    open_store,
    sqlite,
)
from qtchat.server.targets import Target

MakeEvent = Callable[..., EventRecord]


def raw(store: Store) -> sqlite3.Connection:
    """The sqlite3 connection below the log."""
    assert store.log._connection is not None
    connection = store.log._connection.connection.driver_connection
    assert isinstance(connection, sqlite3.Connection)
    return connection


def test_a_new_store_is_empty_and_has_an_identity(empty_store: Store) -> None:
    contents = empty_store.log.load()
    assert len(contents.server_id) == 16
    assert (contents.epoch, contents.last_ts) == (1, 0)
    assert not contents.users
    assert not contents.nicks
    assert not contents.rooms
    assert not contents.members


def test_everything_comes_back_after_a_restart(tmp_path: Path, people: Writes, make_event: MakeEvent) -> None:
    people.events = [make_event(1), make_event(2, author=2), make_event(1, room=2)]
    with open_store(tmp_path) as store:
        store.log.commit(people)
        before = store.log.load()
    with open_store(tmp_path) as store:
        contents = store.log.load()
        assert store.log.find([(2, make_event(2).id)]) == {(2, make_event(2).id): make_event(2, author=2)}
    assert contents == before
    assert contents.users == people.users
    assert contents.nicks == people.nicks
    assert contents.members == people.members_added
    assert [(room.name, room.topic, room.head) for room in contents.rooms] == [("lobby", "", 2), ("Lab", "work", 1)]
    assert contents.last_ts == 5002


def test_last_ts_counts_users_and_rooms_too(store: Store) -> None:
    assert store.log.load().last_ts == 1003
    store.log.commit(Writes(users=[UserRecord(3, "Bo", None, 2000)]))
    assert store.log.load().last_ts == 2000


def test_changes(store: Store) -> None:
    changes = Writes(
        nicks=[NickRecord("countess", 1, "Countess")],
        renames=[(1, "Countess")],
        topics=[(2, "play")],
        members_added=[MemberRecord(2, 2)],
        members_removed=[(1, 1)],
        reads={(1, 2): 7, (2, 1): 3},
        statuses={2: "at lunch"},
        colors={1: 3},
        seen={1: 8000},
    )
    store.log.commit(changes)
    contents = store.log.load()
    assert [user.nick for user in contents.users] == ["Countess", "Ørsted"]
    assert NickRecord("ada", 1, "Ada") in contents.nicks
    assert NickRecord("countess", 1, "Countess") in contents.nicks
    assert [room.topic for room in contents.rooms] == ["", "play"]
    assert contents.members == [MemberRecord(1, 2, 7), MemberRecord(2, 1, 3), MemberRecord(2, 2)]
    assert [(user.status, user.seen, user.color) for user in contents.users] == [("", 8000, 3), ("at lunch", 0, 0)]


def test_writes_are_true_when_there_is_something() -> None:
    assert not Writes()
    assert Writes(topics=[(1, "")])
    assert Writes(members_removed=[(1, 1)])
    assert Writes(reads={(1, 1): 1})
    assert Writes(erased=[(1, 1)])
    assert Writes(statuses={1: ""})
    assert Writes(colors={1: 0})
    assert Writes(seen={1: 1})


def test_joining_and_leaving_in_one_transaction_cancel_out() -> None:
    writes = Writes()
    writes.add_member(MemberRecord(1, 1, 7))
    writes.reads[1, 1] = 8
    writes.remove_member(1, 1)
    assert not writes
    writes.remove_member(1, 2)
    writes.add_member(MemberRecord(1, 2, 7))
    begun_anew = Writes(reads={(1, 2): 7}, member_roles={(1, 2): "member"})
    assert writes == begun_anew, "all that is left of it is where they begin anew"
    writes.remove_member(1, 2)
    assert writes == Writes(members_removed=[(1, 2)])


def test_read_marks_alone_are_a_commit(store: Store) -> None:
    store.log.commit(Writes(reads={(1, 1): 5, (2, 2): 9}))
    assert store.log.load().members == [MemberRecord(1, 1, 5), MemberRecord(1, 2), MemberRecord(2, 1)]


# -- messages that others are about -------------------------------------------------------------------


def said(seq: int, kind: str, text: str = "", about: int = 0, author: int = 1) -> EventRecord:
    return EventRecord(1, seq, seq.to_bytes(16, "big"), author, 5000 + seq, kind, text, about)


def test_targets_are_posts_as_they_are_now(store: Store) -> None:
    store.log.commit(
        Writes(
            events=[
                said(1, "joined"),
                said(2, "post", "hello", author=2),
                said(3, "reacted", "👍", 2),
                said(4, "reacted", "👍", 2, author=2),
                said(5, "unreacted", "👍", 2),
                said(6, "reacted", "🎉", 2),
                said(7, "post", "an answer", 2),
                said(8, "reacted", "👍", 7),
                said(9, "added", "Bo", 2),
            ]
        )
    )
    assert store.log.targets([(1, 1), (1, 2), (1, 3), (1, 7), (1, 99), (2, 2)]) == {
        (1, 2): Target(2, False, {(2, "👍"), (1, "🎉")}, Counter({1: 3, 2: 1})),
        (1, 7): Target(1, False, {(1, "👍")}, Counter({1: 1})),
    }
    assert store.log.targets([]) == {}


def test_any_number_of_targets(store: Store, make_event: MakeEvent) -> None:
    store.log.commit(Writes(events=[make_event(seq) for seq in range(1, 1203)]))
    assert len(store.log.targets({(1, seq) for seq in range(1203)})) == 1202


def test_what_was_said_about_a_message_is_looked_up_in_the_index(store: Store) -> None:
    store.log.commit(Writes(events=[said(1, "post", "hello"), said(2, "reacted", "👍", 1)]))
    statements: list[str] = []
    raw(store).set_trace_callback(statements.append)
    store.log.targets([(1, 1)])
    store.log.commit(Writes(erased=[(1, 1)]))
    raw(store).set_trace_callback(None)
    plans = [
        " ".join(row[3] for row in raw(store).execute(f"EXPLAIN QUERY PLAN {statement}"))
        for statement in statements
        if "about" in statement
    ]
    assert len(plans) == 2
    assert all("ix_events_room_about_kind (room=? AND about=? AND kind=?)" in plan for plan in plans), plans


def test_erasing_takes_the_text_of_a_message_and_of_its_edits(store: Store) -> None:
    store.log.commit(
        Writes(events=[said(1, "post", "secret"), said(2, "edited", "no secret", 1), said(3, "post", "answer", 1)])
    )
    erase = Writes(
        events=[said(4, "edited", "still a secret", 1), said(5, "deleted", "", 1), said(6, "reacted", "👍", 3)],
        erased=[(1, 1)],
    )
    store.log.commit(erase)
    reader = store.reader()
    assert [event.text for event, _ in reader.after(1, 0, 10)] == ["", "", "answer", "", "", "👍"]
    reader.close()
    assert store.log.targets([(1, 1)]) == {(1, 1): Target(1, True)}
    assert store.log.find([(1, said(1, "post").id)])[1, said(1, "post").id].text == ""
    store.close()
    assert b"secret" not in store.path.read_bytes(), "overwritten, not just let go"


def test_a_new_room_starts_at_its_events_whatever_its_record_says(store: Store, make_event: MakeEvent) -> None:
    store.log.commit(
        Writes(
            rooms=[RoomRecord(3, "new", "new", "", 1, head=7)], events=[make_event(1, room=3), make_event(2, room=3)]
        )
    )
    assert [room.head for room in store.log.load().rooms] == [0, 0, 2]


def test_find_answers_for_this_author_only(store: Store, make_event: MakeEvent) -> None:
    mine, other = make_event(1), make_event(2, author=2)
    store.log.commit(Writes(events=[mine, other]))
    unknown = b"?" * 16
    assert store.log.find([(1, unknown), (1, mine.id), (1, other.id)]) == {(1, mine.id): mine}
    assert store.log.find([]) == {}


def test_find_takes_any_number_of_ids(store: Store, make_event: MakeEvent) -> None:
    events = [make_event(seq) for seq in range(1, 1203)]
    store.log.commit(Writes(events=events))
    assert store.log.find([(1, event.id) for event in events]) == {(1, event.id): event for event in events}


def test_the_same_id_of_one_author_is_refused_and_of_another_is_not(store: Store, make_event: MakeEvent) -> None:
    first = make_event(1)
    store.log.commit(Writes(events=[first]))
    again = EventRecord(2, 1, first.id, 1, 9000, "post", "again")
    with pytest.raises(StoreConflict, match="UNIQUE"):
        store.log.commit(Writes(events=[again]))
    store.log.commit(Writes(events=[EventRecord(2, 1, first.id, 2, 9000, "post", "somebody else's")]))
    assert set(store.log.find([(2, first.id)])) == {(2, first.id)}


@pytest.mark.parametrize("seqs", [[2], [1, 3], [1, 1], [2, 1], [0], [1, 2, 4], [1, 5, 3]])
def test_a_gap_is_refused_and_nothing_of_it_stays(store: Store, make_event: MakeEvent, seqs: list[int]) -> None:
    with pytest.raises(StoreConflict) as caught:
        store.log.commit(Writes(renames=[(1, "gone")], events=[make_event(seq) for seq in seqs]))
    assert caught.value.outcome_known
    contents = store.log.load()
    assert contents.rooms[0].head == 0
    assert contents.users[0].nick == "Ada"
    store.log.commit(Writes(events=[make_event(1)]))
    with pytest.raises(StoreConflict):
        store.log.commit(Writes(events=[make_event(seq + 1) for seq in seqs]))


@pytest.mark.parametrize(
    "wrong",
    [
        Writes(users=[UserRecord(1, "twice", None, 0)]),
        Writes(nicks=[NickRecord("ada", 2, "Ada")]),
        Writes(nicks=[NickRecord("nobody's", 99, "Nobody's")]),
        Writes(rooms=[RoomRecord(3, "LAB", "lab", "", 0, 0)]),
        Writes(members_added=[MemberRecord(1, 1)]),
        Writes(members_added=[MemberRecord(99, 1)]),
        Writes(events=[EventRecord(1, 1, b"i" * 16, 99, 0, "post", "by nobody")]),
        Writes(events=[EventRecord(99, 1, b"i" * 16, 1, 0, "post", "nowhere")]),
    ],
)
def test_what_contradicts_the_tables_is_refused(store: Store, wrong: Writes) -> None:
    before = store.log.load()
    with pytest.raises(StoreConflict):
        store.log.commit(wrong)
    assert store.log.load() == before


def test_any_text_comes_back(store: Store, make_event: MakeEvent) -> None:
    texts = ["", "quote ' \" ; --", "\0 in between", "👩‍👩‍👧 Привет مرحبا", "x" * 16_384]
    events = [make_event(seq, text=text) for seq, text in enumerate(texts, start=1)]
    store.log.commit(Writes(events=events))
    assert list(store.log.find([(1, event.id) for event in events]).values()) == events


def test_the_log_belongs_to_one_thread(store: Store) -> None:
    caught: list[BaseException] = []

    def use() -> None:
        try:
            store.log.load()
        except AssertionError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_commits_are_synced_and_foreign_keys_hold(store: Store) -> None:
    def pragma(name: str) -> object:
        return raw(store).execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2  # FULL
    assert pragma("foreign_keys") == 1


def test_one_commit_is_one_transaction_that_locks_at_once(store: Store, make_event: MakeEvent) -> None:
    statements: list[str] = []
    raw(store).set_trace_callback(statements.append)
    store.log.commit(Writes(renames=[(1, "A"), (2, "B")], topics=[(1, "t")], events=[make_event(1), make_event(2)]))
    raw(store).set_trace_callback(None)
    assert statements[0] == "BEGIN IMMEDIATE"
    assert statements[-1].strip() == "COMMIT"
    assert not [text for text in statements[1:-1] if text.startswith(("BEGIN", "COMMIT"))]


def test_a_full_database_refuses_and_goes_on_when_there_is_room(store: Store, make_event: MakeEvent) -> None:
    raw(store).execute("PRAGMA max_page_count = 1")  # SQLite raises it to the present size
    large = [make_event(seq, text="x" * 5000) for seq in range(1, 30)]
    with pytest.raises(StoreFull, match="full") as caught:
        store.log.commit(Writes(events=large))
    assert str(store.path) in str(caught.value)
    assert caught.value.outcome_known
    assert store.log.load().rooms[0].head == 0
    raw(store).execute("PRAGMA max_page_count = 1000000")
    store.log.commit(Writes(events=large))
    assert store.log.load().rooms[0].head == 29


def test_another_writer_means_busy_and_not_failure(
    tmp_path: Path, people: Writes, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0)
    with open_store(tmp_path) as store, closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        store.log.commit(people)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy, match="Another program"):
            store.log.commit(Writes(events=[make_event(1)]))
        other.execute("ROLLBACK")
        store.log.commit(Writes(events=[make_event(1)]))
        assert store.log.load().rooms[0].head == 1


def test_after_a_failure_of_unknown_outcome_the_database_is_opened_anew(store: Store, make_event: MakeEvent) -> None:
    old = raw(store)
    store.log.commit(Writes(events=[make_event(1)]))
    old.set_progress_handler(lambda: 1, 1)  # makes the next statement fail in its middle
    with pytest.raises(StoreFailed, match="interrupted") as caught:
        store.log.commit(Writes(events=[make_event(2)]))
    assert not caught.value.outcome_known
    assert store.log.find([(1, make_event(1).id), (1, make_event(2).id)]) == {(1, make_event(1).id): make_event(1)}
    assert raw(store) is not old
    assert store.path.with_name(store.path.name + "-wal").stat().st_size == 0  # all of it is in the database now
    store.log.commit(Writes(events=[make_event(2)]))
    assert store.log.load().rooms[0].head == 2


def test_settling_waits_for_readers_as_busy(
    tmp_path: Path, people: Writes, make_event: MakeEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT", 0)
    with open_store(tmp_path) as store, closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        store.log.commit(people)
        other.execute("BEGIN")
        other.execute("SELECT * FROM rooms").fetchall()
        raw(store).set_progress_handler(lambda: 1, 1)
        with pytest.raises(StoreFailed):
            store.log.commit(Writes(events=[make_event(1)]))
        with pytest.raises(StoreBusy):
            store.log.find([(1, make_event(1).id)])
        other.execute("COMMIT")
        assert store.log.find([(1, make_event(1).id)]) == {}
        store.log.commit(Writes(events=[make_event(1)]))
