"""Whoever was not here is told what was done, by whom, why and until when: until a device shows that it was read."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    LOBBY,
    MODERATION,
    MODERATOR,
    Ack,
    Ban,
    CreateRoom,
    Delete,
    JoinRoom,
    Kick,
    Mute,
    Post,
    ReleaseNick,
    Request,
    RevokeKey,
    Sanction,
    SetRole,
    Unban,
    Unmute,
)
from qtchat.server.apply import MAX_NOTICES
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.plain import PlainLogin, PlainLogout
from qtchat.server.letters import Gone, Heard
from qtchat.server.store import StoreFull
from tests.helpers.hubs import Bench, FakePeer, key_of
from tests.helpers.moderation import BOB, Serve, Time, ask, come, own, tries, unnumbered
from tests.helpers.wire import new_id

LAB = 2
THEN = 1_000_000
"""When it was done, by the wall clock of the tests."""


def sanctions(peer: FakePeer) -> list[Sanction]:
    """What the peer was told of since the last look; but for the numbers of the acts."""
    return [message for message in unnumbered(peer) if isinstance(message, Sanction)]


def comes_back(bench: Bench, *, reads: bool = True) -> list[Sanction]:
    """What Bob is told at his login. `reads`: before the connection ends."""
    peer = tries(bench, BOB, "Bob")
    assert peer.admitted is not None, peer.refused
    told = sanctions(peer)
    if reads:
        bench.read(peer)
    bench.post(Gone(peer))
    return told


def without_bob(bench: Bench) -> FakePeer:
    """Ada, on a server on which Bob was once, and said something in her room Lab."""
    ada = own(bench)
    ask(bench, ada, CreateRoom(new_id(), "Lab"))
    bob = come(bench, "Bob", BOB)
    ask(bench, bob, JoinRoom(new_id(), LAB))
    ask(bench, bob, Post(new_id(), LAB, "something"))
    bench.post(Gone(bob))
    return ada


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (Kick(new_id(), LAB, BOB, "loud"), Sanction("kick", LAB, "Ada", "loud", 0, "Lab", THEN)),
        (SetRole(new_id(), 0, BOB, ADMIN), Sanction("set_role", 0, "Ada", "", 0, ADMIN, THEN)),
        (SetRole(new_id(), LAB, BOB, MODERATOR), Sanction("set_role", LAB, "Ada", "", 0, MODERATOR, THEN)),
        (Delete(new_id(), LAB, 3), Sanction("delete", LAB, "Ada", "", 0, "3", THEN)),
        (ReleaseNick(new_id(), "Bob"), Sanction("release_nick", 0, "Ada", "", 0, "Bob 2", THEN)),
    ],
)
def test_who_was_not_here_is_told_once_also_after_a_restart(
    serve: Serve, wall: Time, request_: Request, told: Sanction
) -> None:
    with serve() as bench:
        ask(bench, without_bob(bench), request_)
    wall.now += 60
    with serve() as bench:
        assert comes_back(bench, reads=False) == [told]
        assert comes_back(bench) == [told], "nobody has read it"
        assert comes_back(bench) == []
    with serve() as bench:
        assert comes_back(bench) == []


def test_a_mute_that_holds_is_told_each_time_and_one_that_is_over_once(serve: Serve, wall: Time) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        ask(bench, ada, Mute(new_id(), LAB, BOB, THEN + 5_000, "spam"))
        ask(bench, ada, Mute(new_id(), 0, BOB, 0, "sh"))
    room = Sanction("mute", LAB, "Ada", "spam", THEN + 5_000, ts=THEN)
    everywhere = Sanction("mute", 0, "Ada", "sh", 0, ts=THEN)
    with serve() as bench:
        for _ in range(2):
            assert comes_back(bench) == [everywhere, room]
        ask(bench, come(bench, "Ada", 1), Unmute(new_id(), 0, BOB))
        assert comes_back(bench) == [Sanction("unmute", 0, "Ada", "", ts=THEN), room]
        ask(bench, come(bench, "Ada", 1), Mute(new_id(), 0, BOB, THEN + 5_000, "again"))
        wall.now += 5
        assert comes_back(bench) == [Sanction("mute", 0, "Ada", "again", THEN + 5_000, ts=THEN)]
        assert comes_back(bench) == []


def test_who_is_banned_learns_it_at_the_door_by_whom_why_and_until_when(serve: Serve, wall: Time) -> None:
    with serve() as bench:
        ask(bench, without_bob(bench), Ban(new_id(), BOB, THEN + 60_000, "spam"))
    with serve() as bench:
        for _ in range(2):
            text = "You were banned by Ada until 1970-01-01 00:17 UTC: spam"
            assert tries(bench, BOB, "Bob").refused == (ErrorCode.BANNED, text, "")
    wall.now += 60
    with serve() as bench:
        assert comes_back(bench) == [], "it was told"


def test_a_ban_that_nobody_has_met_is_told_when_it_is_over(serve: Serve) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        ask(bench, ada, Ban(new_id(), BOB, 0, "spam"))
        ask(bench, ada, Unban(new_id(), BOB))
        assert comes_back(bench) == [
            Sanction("ban", 0, "Ada", "spam", ts=THEN),
            Sanction("unban", 0, "Ada", "", ts=THEN),
        ]


@pytest.mark.parametrize("here", [True, False])
def test_who_has_a_revoked_key_is_told_by_whom_and_why_at_each_login(serve: Serve, here: bool) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        if here:
            come(bench, "Bob", BOB)
        ask(bench, ada, RevokeKey(new_id(), BOB, "stolen"))
        said = ask(bench, ada, Delete(new_id(), LAB, 3))
        assert isinstance(said, Ack)
    text = "You can come back with a new profile: this key was revoked by Ada: stolen"
    for _ in range(2):
        with serve() as bench:
            assert tries(bench, BOB, "Bob").refused == (ErrorCode.REVOKED, text, "")


def test_the_newest_of_very_many_are_told(serve: Serve) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        roles = [ADMIN, MODERATOR] * MAX_NOTICES
        bench.post(*((ada, SetRole(new_id(), 0, BOB, role)) for role in roles))
        kept = bench.look(lambda state: len(state.notices[BOB]))
        assert kept == MAX_NOTICES
    with serve() as bench:
        assert [told.detail for told in comes_back(bench)] == roles[-MAX_NOTICES:]


@pytest.mark.parametrize("heard", [True, False])
def test_a_device_that_hears_it_at_once_is_enough(serve: Serve, heard: bool) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        old = bench.login("Bob", BOB)  # a program that knows nothing of moderation
        new = come(bench, "Bob", BOB) if heard else None
        ask(bench, ada, SetRole(new_id(), 0, BOB, ADMIN))
        assert sanctions(old) == []
        assert new is None or sanctions(new) == [Sanction("set_role", 0, "Ada", "", 0, ADMIN)]
        if new is not None:
            bench.read(new)
        bench.post(Gone(old))
        bench.post(Gone(bench.login("Bob", BOB)))  # it comes again, and must not use up what it cannot say
        assert bool(comes_back(bench)) is not heard


def test_what_the_disk_did_not_take_is_told_again(serve: Serve) -> None:
    with serve() as bench:
        ask(bench, without_bob(bench), SetRole(new_id(), 0, BOB, ADMIN))
        bench.log.failures = [StoreFull(Path("x"))]
        refused = tries(bench, BOB, "Bobby")
        assert refused.refused is not None
        assert sanctions(refused) == []
        assert not refused.receipts
        assert len(comes_back(bench)) == 1


def test_who_came_in_the_same_batch_is_told_at_once(serve: Serve) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        bob = bench.peer(MODERATION)
        bench.post((ada, SetRole(new_id(), 0, BOB, ADMIN)), (bob, Login("Bob", key_of(BOB), new_id())))
        assert [told.ts for told in sanctions(bob)] == [THEN]
        bench.read(bob)
        assert comes_back(bench) == []


def test_nobody_without_a_key_leaves_word_for_the_next_of_that_name(serve: Serve) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        eve = bench.peer()
        bench.post((eve, PlainLogin("Eve", b"", new_id(), room="lobby")))
        assert eve.user is not None
        number = eve.user
        said = Post(new_id(), LOBBY, "hello")
        bench.post((eve, said))
        (ack,) = [message for message in eve.told() if isinstance(message, Ack)]
        bench.post((eve, PlainLogout(new_id())), Gone(eve))
        assert isinstance(ask(bench, ada, Delete(new_id(), LOBBY, ack.seq)), Ack)
        assert not bench.look(lambda state: number in state.notices)


def test_a_device_that_is_gone_without_anybody_knowing_has_not_been_told(serve: Serve) -> None:
    """It is told what was done to the user, and never answers."""
    with serve() as bench:
        ada = without_bob(bench)
        gone = come(bench, "Bob", BOB)
        ask(bench, ada, SetRole(new_id(), 0, BOB, ADMIN))
        ask(bench, ada, SetRole(new_id(), 0, BOB, MODERATOR))
        live = [message for message in gone.told() if isinstance(message, Sanction)]
        bench.post(Gone(gone))
    with serve() as bench:
        peer = tries(bench, BOB, "Bob")
        late = [message for message in peer.told() if isinstance(message, Sanction)]
        assert [replace(told, ts=0) for told in late] == live
        assert 0 < late[0].number < late[1].number
        assert peer.receipts == [late[1].number]


def test_what_is_done_between_the_telling_and_the_answer_is_not_taken_for_read(serve: Serve) -> None:
    with serve() as bench:
        ada = without_bob(bench)
        ask(bench, ada, SetRole(new_id(), 0, BOB, ADMIN))
        bob = tries(bench, BOB, "Bob")
        ask(bench, ada, SetRole(new_id(), 0, BOB, MODERATOR))
        first, _ = bob.receipts
        bench.post(Heard(bob, first), Gone(bob))
        assert [told.detail for told in comes_back(bench)] == [MODERATOR]


def test_an_answer_that_the_disk_did_not_take_costs_nothing(serve: Serve) -> None:
    with serve() as bench:
        ask(bench, without_bob(bench), SetRole(new_id(), 0, BOB, ADMIN))
        bob = tries(bench, BOB, "Bob")
        bob.told()
        bench.log.failures = [StoreFull(Path("x"))]
        bench.read(bob)
        assert not bob.told(), "it asked for nothing, so nothing is answered"
        bench.post(Gone(bob))
        assert len(comes_back(bench)) == 1
        assert comes_back(bench) == []


def test_a_mute_that_was_read_is_told_on_and_not_when_it_is_over(serve: Serve, wall: Time) -> None:
    with serve() as bench:
        ask(bench, without_bob(bench), Mute(new_id(), LAB, BOB, THEN + 5_000, "spam"))
        muted = Sanction("mute", LAB, "Ada", "spam", THEN + 5_000, ts=THEN)
        assert [comes_back(bench), comes_back(bench)] == [[muted]] * 2
        wall.now += 5
        assert comes_back(bench) == []
