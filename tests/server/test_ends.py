"""What ends by itself, and clocks that are wrong: bans and mutes follow the wall clock, events never run backwards."""

import sqlite3
from contextlib import closing
from pathlib import Path

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    LOBBY,
    MAX_TIME,
    Ack,
    Ban,
    Bans,
    Done,
    Error,
    GetAudit,
    GetHistory,
    ListBans,
    Mute,
    Post,
)
from qtchat.server.handlers.login import Login
from qtchat.server.locks import Locks
from qtchat.server.readers import read_acts, read_page
from qtchat.server.store import StoreFailed, open_store
from tests.helpers.hubs import key_of
from tests.helpers.moderation import ADA, BOB, CY, Serve, Time, ask, come, own, refused
from tests.helpers.wire import new_id

HOURS = 6 * 3600.0


def test_after_the_clock_was_set_back_ends_follow_it_and_events_do_not(serve: Serve, wall: Time) -> None:
    wall.now = 10 * HOURS
    with serve() as bench:
        ada, bob = own(bench), come(bench, "Bob", BOB)
        before = ask(bench, bob, Post(new_id(), LOBBY, "a"))
        wall.now -= HOURS
        end = round((wall.now + 600) * 1000)
        assert isinstance(ask(bench, ada, Mute(new_id(), LOBBY, BOB, end)), Done)
        assert refused(bench, bob, Post(new_id(), LOBBY, "b")) == ErrorCode.MUTED
        wall.now += 600
        after = ask(bench, bob, Post(new_id(), LOBBY, "b"))
        assert isinstance(before, Ack)
        assert isinstance(after, Ack)
        assert after.ts == before.ts
        assert refused(bench, ada, Ban(new_id(), BOB, end)) == ErrorCode.FORBIDDEN, "that is over"


def test_what_has_ended_is_not_kept_in_mind(serve: Serve, wall: Time) -> None:
    until = round((wall.now + 60) * 1000)
    with serve() as bench:
        ada = own(bench)
        for number, nick in ((BOB, "Bob"), (CY, "Cy")):
            come(bench, nick, number)
            ask(bench, ada, Mute(new_id(), LOBBY, number, until if number == BOB else 0))
            ask(bench, ada, Ban(new_id(), number, until if number == BOB else 0))
    with serve() as bench:
        assert bench.look(lambda state: (len(state.bans), len(state.mutes))) == (2, 2)
    wall.now += 60
    with serve() as bench:
        assert bench.look(lambda state: (list(state.bans), list(state.mutes))) == ([CY], [(LOBBY, CY)])
        ada = come(bench, "Ada", ADA)
        assert isinstance(ask(bench, ada, Ban(new_id(), BOB)), Done), "what the disk still has is replaced"
        assert isinstance(ask(bench, ada, Mute(new_id(), LOBBY, BOB)), Done)
    with serve() as bench:
        assert bench.look(lambda state: len(state.bans)) == 2


def test_a_ban_that_was_stored_although_its_batch_seemed_to_fail_holds_at_once(serve: Serve) -> None:
    with serve(locks=Locks()) as bench:
        ada, bob, cy = own(bench), come(bench, "Bob", BOB), come(bench, "Cy", CY)
        bob.address = "192.0.2.9"
        bench.log.failures, bench.log.half = [StoreFailed(Path("x"), "disk I/O error")], True
        assert isinstance(ask(bench, ada, Ban(new_id(), BOB, 0, "spam", address=True)), Error)
        assert not any(peer.ended for peer in (ada, bob, cy))
        bench.post((bob, Post(new_id(), LOBBY, "still here")), (cy, Post(new_id(), LOBBY, "hello")))
        assert bob.ended == (ErrorCode.BANNED, "You were banned by Ada: spam")
        assert not any(peer.ended for peer in (cy, ada))
        assert bench.look(lambda state: state.rooms[LOBBY].head) == 4, "three who came, and what Cy said"
        eve = bench.peer()
        eve.address = "192.0.2.9"
        bench.post((eve, Login("Eve", key_of(9), new_id())))
        assert eve.refused == (ErrorCode.BANNED, "Your address was banned by Ada: spam", "")


def test_times_that_nobody_takes_are_bounded_when_they_are_read(serve: Serve, tmp_path: Path) -> None:
    with serve() as bench:
        ada, bob = own(bench), come(bench, "Bob", BOB)
        ask(bench, bob, Post(new_id(), LOBBY, "a"))
        ask(bench, ada, Mute(new_id(), LOBBY, BOB))
        ask(bench, ada, Ban(new_id(), BOB))
    with closing(sqlite3.connect(tmp_path / "data" / "qtchat.sqlite3")) as database:
        far = 2**60
        for table, column in (
            *(("users", "seen"), ("users", "created"), ("events", "ts"), ("acts", "ts"), ("acts", "until")),
            *((table, column) for table in ("bans", "mutes") for column in ("since", "until")),
        ):
            database.execute(f"UPDATE {table} SET {column} = {far}")
        database.commit()
    with open_store(tmp_path / "data") as store, closing(store.reader()) as reader:
        contents = store.log.load()
        assert contents.last_ts == MAX_TIME
        assert {user.seen for user in contents.users} == {MAX_TIME}
        assert {(ban.since, ban.until) for ban in contents.bans} == {(MAX_TIME, MAX_TIME)}
        assert {(mute.since, mute.until) for mute in contents.mutes} == {(MAX_TIME, MAX_TIME)}
        assert {event.ts for event in read_page(reader, GetHistory(new_id(), LOBBY, 0), 99).events} == {MAX_TIME}
        assert {(act.ts, act.until) for act in read_acts(reader, GetAudit(new_id()), 99).entries} == {(MAX_TIME,) * 2}
    with serve() as bench:
        ada = come(bench, "Ada", ADA)
        assert isinstance(ask(bench, ada, Post(new_id(), LOBBY, "goes on")), Ack)
        bans = ask(bench, ada, ListBans(new_id()))
        assert isinstance(bans, Bans)
        assert [ban.until for ban in bans.bans] == [MAX_TIME]
