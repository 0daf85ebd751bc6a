"""Acts of moderation through the hub with a real store: who is told what, what lasts, and what ends by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    LOBBY,
    MEMBER,
    MODERATION,
    MODERATOR,
    OWNER,
    Ack,
    Approve,
    Ban,
    Claim,
    CreateRoom,
    Delete,
    Done,
    Error,
    Event,
    JoinRoom,
    Kick,
    ListPeople,
    Mute,
    People,
    Post,
    ReleaseNick,
    RevokeKey,
    Room,
    Sanction,
    SetRole,
    SetRoom,
    Unban,
    Unmute,
    Waiting,
)
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone
from qtchat.server.limits import TokenBuckets
from qtchat.server.locks import Locks
from qtchat.server.state import Rules
from qtchat.server.store import StoreFull
from tests.helpers.hubs import Bench, Clock, FakePeer, key_of
from tests.helpers.moderation import ADA, BOB, CY, TOKEN, Serve, Time, ask, audit, come, own, tries, unnumbered
from tests.helpers.wire import new_id


@pytest.fixture
def bench(serve: Serve) -> Iterator[Bench]:
    with serve() as running:
        yield running


@pytest.fixture
def ada(bench: Bench) -> FakePeer:
    return own(bench)


@pytest.fixture
def bob(bench: Bench, ada: FakePeer) -> FakePeer:
    peer = come(bench, "Bob", BOB)
    bench.quiet(ada, peer)
    return peer


def test_the_person_concerned_is_told_and_the_act_stands_in_the_log(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    until = 2_000_000
    bench.post((ada, Mute(new_id(), LOBBY, BOB, until, "spam")))
    assert ada.told()[-1].__class__ is Done
    sanction, room = unnumbered(bob)
    assert sanction == Sanction("mute", LOBBY, "Ada", "spam", until)
    assert isinstance(room, Room)
    assert room.muted_until == until
    refused = ask(bench, bob, Post(new_id(), LOBBY, "but"))
    assert isinstance(refused, Error)
    assert (refused.code, refused.retry_after_ms) == (ErrorCode.MUTED, None)
    assert refused.text == "You were muted in lobby by Ada until 1970-01-01 00:33 UTC: spam"
    assert audit(bench, ada) == [("Ada", "claim", "Ada", 0, "owner", 0), ("Ada", "mute", "Bob", LOBBY, "spam", until)]


def test_a_mute_ends_by_itself(bench: Bench, ada: FakePeer, bob: FakePeer, wall: Time) -> None:
    ask(bench, ada, Mute(new_id(), 0, BOB, 1_005_000))
    assert isinstance(ask(bench, bob, Post(new_id(), LOBBY, "x")), Error)
    wall.now += 5
    assert isinstance(ask(bench, bob, Post(new_id(), LOBBY, "x")), Ack)


def test_a_ban_ends_the_connections_and_keeps_the_key_away_until_it_is_over(
    bench: Bench, ada: FakePeer, bob: FakePeer, wall: Time
) -> None:
    phone = come(bench, "Bob", BOB)
    ask(bench, ada, Ban(new_id(), BOB, 1_005_000, "spam"))
    text = "You were banned by Ada until 1970-01-01 00:16 UTC: spam"
    assert bob.ended == phone.ended == (ErrorCode.BANNED, text)
    assert [message for message in unnumbered(bob) if isinstance(message, Sanction)] == [
        Sanction("ban", 0, "Ada", "spam", 1_005_000)
    ]
    bench.post((bob, Post(new_id(), LOBBY, "what?")))  # said before the connection ended
    assert not bob.told()
    bench.post(Gone(bob), Gone(phone))
    assert tries(bench, BOB, "Bob").refused == (ErrorCode.BANNED, text, "")
    wall.now += 5
    assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob")


def test_bans_mutes_roles_and_settings_survive_a_restart(
    serve: Serve,
    wall: Time,
) -> None:
    with serve() as bench:
        ada, bob, cy = come(bench, "Ada", ADA), come(bench, "Bob", BOB), come(bench, "Cy", CY)
        ask(bench, ada, Claim(new_id(), TOKEN))
        made = ask(bench, bob, CreateRoom(new_id(), "Lab"))
        assert isinstance(made, Ack)
        lab = made.room
        ask(bench, cy, JoinRoom(new_id(), lab))
        for setting, value in (("name", "Office"), ("announcement", "1"), ("frozen", "1"), ("slow_ms", "5000")):
            assert isinstance(ask(bench, bob, SetRoom(new_id(), lab, setting, value)), Ack)
        assert isinstance(ask(bench, bob, SetRole(new_id(), lab, CY, MODERATOR)), Ack)
        assert isinstance(ask(bench, ada, SetRole(new_id(), 0, CY, ADMIN)), Done)
        ask(bench, ada, Mute(new_id(), lab, BOB, 0, "sh"))
        ask(bench, ada, Mute(new_id(), 0, BOB, 0, "sh"))
        ask(bench, ada, Unmute(new_id(), 0, BOB))
        told = audit(bench, ada)
    with serve() as bench:
        bob, cy = bench.peer(MODERATION), bench.peer(MODERATION)
        bench.post((bob, Login("Bob", key_of(BOB), new_id())))
        bench.post((cy, Login("Cy", key_of(CY), new_id())))
        assert (bob.role, cy.role) == (MEMBER, ADMIN)
        (room,) = [message for message in bob.told() if isinstance(message, Room) and message.room == lab]
        assert (room.name, room.role, room.muted_until) == ("Office", OWNER, 0)
        assert (room.announcement, room.frozen, room.slow_ms) == (True, True, 5000)
        assert audit(bench, cy) == told
        people = ask(bench, cy, ListPeople(new_id(), lab))
        assert isinstance(people, People)
        assert people.roles == (OWNER, MODERATOR)
        assert [person.role for person in people.people] == [MEMBER, ADMIN]
        ask(bench, cy, Ban(new_id(), BOB, 0, "again"))
        assert isinstance(ask(bench, cy, Claim(new_id(), TOKEN)), Error)
    with serve() as bench:
        assert tries(bench, BOB, "Bob").refused == (ErrorCode.BANNED, "You were banned by Cy: again", "")
        cy = come(bench, "Cy", CY)
        ask(bench, cy, Unban(new_id(), BOB))
        back = tries(bench, BOB, "Bob")
        assert back.admitted == (BOB, "Bob")
        assert Sanction("mute", lab, "Ada", "sh", ts=1_000_000) in back.told()


def test_an_act_that_could_not_be_written_did_not_happen(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    bench.log.failures = [StoreFull(Path("x"))]
    assert isinstance(ask(bench, ada, Ban(new_id(), BOB)), Error)
    assert bob.ended is None
    assert isinstance(ask(bench, bob, Post(new_id(), LOBBY, "still here")), Ack)
    assert audit(bench, ada) == [("Ada", "claim", "Ada", 0, "owner", 0)]


def test_putting_somebody_out_of_a_room_is_heard_by_those_who_stay(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    made = ask(bench, ada, CreateRoom(new_id(), "Lab"))
    assert isinstance(made, Ack)
    ask(bench, bob, JoinRoom(new_id(), made.room))
    bench.quiet(ada, bob)
    bench.post((ada, Kick(new_id(), made.room, BOB, "loud")))
    (event,) = [message for message in ada.news_told() if isinstance(message, Event)]
    assert (event.kind, event.text, event.about) == ("kicked", "Bob", BOB)
    assert not [message for message in bob.news_told() if isinstance(message, Event)]
    room, sanction = unnumbered(bob)
    assert isinstance(room, Room)
    assert not room.member
    assert sanction == Sanction("kick", made.room, "Ada", "loud", detail="Lab")


def test_slow_mode_makes_members_wait_and_keeps_their_order(
    clock: Clock, bench: Bench, ada: FakePeer, bob: FakePeer, wall: Time
) -> None:
    ask(bench, ada, SetRoom(new_id(), LOBBY, "slow_ms", "5000"))
    posts = [Post(new_id(), LOBBY, str(number)) for number in range(3)]
    assert isinstance(ask(bench, bob, posts[0]), Ack)
    slow, behind = ask(bench, bob, posts[1]), ask(bench, bob, posts[2])
    assert isinstance(slow, Error)
    assert (slow.code, slow.retry_after_ms) == (ErrorCode.BUSY, 5000)
    assert "slow mode" in slow.text
    assert isinstance(behind, Error)
    clock.now += 5
    wall.now -= 6 * 3600  # which does not matter
    assert isinstance(ask(bench, bob, posts[2]), Error), "the first has to come first"
    assert isinstance(ask(bench, bob, posts[1]), Ack)
    assert isinstance(ask(bench, ada, Post(new_id(), LOBBY, "a")), Ack)
    assert isinstance(ask(bench, ada, Post(new_id(), LOBBY, "b")), Ack), "moderators need not wait"


def test_a_moderator_erases_what_somebody_said(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    said = ask(bench, bob, Post(new_id(), LOBBY, "secret"))
    assert isinstance(said, Ack)
    assert isinstance(ask(bench, ada, Delete(new_id(), LOBBY, said.seq)), Ack)
    assert unnumbered(bob)[-1] == Sanction("delete", LOBBY, "Ada", "", 0, str(said.seq))


def test_newcomers_wait_until_they_are_let_in(serve: Serve) -> None:
    rules = Rules(approve=True, newcomer_role=GUEST, owner_key=key_of(ADA))
    with serve(rules) as bench:
        ada = come(bench, "Ada", ADA)
        assert ada.role == OWNER
        for number, nick in ((BOB, "Bob"), (CY, "Cy"), (BOB, "Bob")):
            peer = tries(bench, number, nick)
            assert peer.refused is not None
            assert peer.refused[0] == ErrorCode.WAITING
            assert peer.retry_after_ms
        assert [message for message in ada.told() if isinstance(message, Waiting)] == [Waiting(1), Waiting(2)]
        ask(bench, ada, Approve(new_id(), BOB))
        bob = tries(bench, BOB, "Bob")
        assert bob.role == GUEST
        assert isinstance(ask(bench, bob, Post(new_id(), LOBBY, "x")), Error)
        ask(bench, ada, Approve(new_id(), CY, accept=False))
        turned_away = tries(bench, CY, "Cy").refused
        assert turned_away == (ErrorCode.BANNED, "You were banned by Ada: You were not let in.", "")
        assert [(act, nick, detail) for _, act, nick, _, detail, _ in audit(bench, ada)] == [
            ("claim", "Ada", "owner"),
            ("approve", "Bob", "let in"),
            ("approve", "Cy", "turned away"),
        ]
    with serve(rules) as bench:
        assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob")


def test_a_revoked_key_never_comes_back_and_its_nick_is_free(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, RevokeKey(new_id(), BOB, "stolen"))
    assert bob.ended == (ErrorCode.REVOKED, "This key was revoked by Ada: stolen")
    bench.post(Gone(bob))
    refused = tries(bench, BOB, "Bob").refused
    assert refused is not None
    assert refused[0] == ErrorCode.REVOKED
    assert tries(bench, CY, "Bob").admitted == (CY, "Bob")
    people = ask(bench, ada, ListPeople(new_id(), LOBBY))
    assert isinstance(people, People)
    assert [person.nick for person in people.people] == ["Ada", "Bob"]


def test_a_released_nick_is_taken_in_the_same_batch(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    cy = bench.peer(MODERATION)
    bench.post((ada, ReleaseNick(new_id(), "Bob")), (cy, Login("Bob", key_of(CY), new_id())))
    assert cy.admitted == (CY, "Bob")
    assert unnumbered(bob)[-1] == Sanction("release_nick", 0, "Ada", "", 0, "Bob 2")


def test_a_name_that_looks_like_somebody_elses_is_refused_with_a_free_one(bench: Bench, ada: FakePeer) -> None:
    refused = tries(bench, 9, "\u0410d\u0430").refused
    assert refused is not None
    assert refused[0] == ErrorCode.NICK_TAKEN
    assert "looks like" in refused[1]
    assert tries(bench, 9, refused[2]).admitted is not None


def test_one_key_owns_a_few_nicks_only(bench: Bench, bob: FakePeer) -> None:
    for number in range(4):
        peer = tries(bench, BOB, f"Bob the {number}th")
        assert peer.admitted is not None
        bench.post(Gone(peer))
    refused = tries(bench, BOB, "Robert").refused
    assert refused is not None
    assert refused[0] == ErrorCode.NICK_INVALID
    assert tries(bench, BOB, "Bob").admitted is not None


def test_newcomers_from_one_address_have_a_pace(serve: Serve) -> None:
    locks = Locks(newcomers=TokenBuckets(1.0, 2), clock=lambda: 7.0)
    with serve(locks=locks) as bench:
        assert tries(bench, 1, "Ada").admitted
        assert tries(bench, 2, "Bob").admitted
        refused = tries(bench, 3, "Cy")
        assert refused.refused is not None
        assert refused.refused[0] == ErrorCode.BUSY
        assert refused.retry_after_ms
        assert tries(bench, 1, "Ada").admitted, "who was here before is no newcomer"
