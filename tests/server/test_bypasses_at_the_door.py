"""What somebody might try who was kept out, or has to wait, or wants to own the server."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    LOBBY,
    MODERATION,
    MODERATOR,
    Approve,
    Ban,
    Bans,
    Claim,
    Done,
    Error,
    ListBans,
    ListWaiting,
    People,
    Post,
    SetRole,
    Unban,
)
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone, Typed
from qtchat.server.limits import TokenBuckets
from qtchat.server.locks import Locks
from qtchat.server.state import Rules
from tests.helpers.hubs import Bench, FakePeer, key_of
from tests.helpers.moderation import ADA, BOB, CY, TOKEN, Serve, ask, come, refused, tries
from tests.helpers.wire import new_id


def at(bench: Bench, address: str, number: int, nick: str) -> FakePeer:
    """Somebody comes from there."""
    peer = bench.peer(MODERATION)
    peer.address = address
    bench.post((peer, Login(nick, key_of(number), new_id())))
    return peer


def test_a_banned_address_keeps_others_out_but_not_who_could_lift_it(serve: Serve) -> None:
    home, work = "192.0.2.50", "192.0.2.60"
    with serve(locks=Locks()) as bench:
        ada = at(bench, work, ADA, "Ada")
        ask(bench, ada, Claim(new_id(), TOKEN))
        cy = at(bench, work, CY, "Cy")
        assert cy.user is not None
        ask(bench, ada, SetRole(new_id(), 0, cy.user, MODERATOR))
        bench.post(Gone(cy))
        eve, dan = at(bench, home, 7, "Eve"), at(bench, home, 8, "Dan")
        far, near = at(bench, work, 8, "Dan"), at(bench, home, CY, "Cy")
        assert eve.user is not None
        assert isinstance(ask(bench, ada, Ban(new_id(), eve.user, 0, "spam", address=True)), Done)
        assert eve.ended is not None
        assert eve.ended == (ErrorCode.BANNED, "You were banned by Ada: spam")
        assert dan.ended == (ErrorCode.BANNED, "Your address was banned by Ada: spam")
        assert (far.ended, near.ended) == (None, None), "who is elsewhere, or could lift it, stays"
        bench.post(Gone(eve), Gone(dan), Gone(far), Gone(near), Gone(ada))
    with serve(locks=Locks()) as bench:
        text = "Your address was banned by Ada: spam"
        for number, nick in ((7, "Eve"), (8, "Dan"), (9, "Newcomer"), (0, "Newer")):
            assert at(bench, home, number, nick).refused == (ErrorCode.BANNED, text, "")
        assert at(bench, work, 7, "Eve").refused == (ErrorCode.BANNED, "You were banned by Ada: spam", "")
        for number, nick in ((ADA, "Ada"), (CY, "Cy")):
            assert at(bench, home, number, nick).admitted is not None, "nobody is locked out by an address"


def test_a_longer_ban_keeps_the_addresses(serve: Serve) -> None:
    with serve(locks=Locks()) as bench:
        ada = at(bench, "192.0.2.60", ADA, "Ada")
        ask(bench, ada, Claim(new_id(), TOKEN))
        eve = at(bench, "192.0.2.50", 7, "Eve")
        assert eve.user is not None
        ask(bench, ada, Ban(new_id(), eve.user, address=True))
        bench.post(Gone(eve))
        ask(bench, ada, Ban(new_id(), eve.user, address=True, reason="again"))
        bans = ask(bench, ada, ListBans(new_id()))
        assert isinstance(bans, Bans)
        assert bans.bans[0].address
        assert at(bench, "192.0.2.50", 8, "Dan").refused is not None


def test_who_was_turned_away_waits_again_once_the_ban_is_lifted_and_owns_no_name(serve: Serve) -> None:
    with serve(Rules(approve=True, owner_key=key_of(ADA))) as bench:
        ada = come(bench, "Ada", ADA)
        assert tries(bench, BOB, "Bob").refused is not None
        ask(bench, ada, Approve(new_id(), BOB, accept=False))
        waiting = ask(bench, ada, ListWaiting(new_id()))
        assert isinstance(waiting, People)
        assert waiting.people == ()
        assert refused(bench, ada, Approve(new_id(), BOB)) == ErrorCode.FORBIDDEN, "the ban comes first"
        ask(bench, ada, Unban(new_id(), BOB))
        waiting = ask(bench, ada, ListWaiting(new_id()))
        assert isinstance(waiting, People)
        assert [person.nick for person in waiting.people] == ["Bob"]
        ask(bench, ada, Approve(new_id(), BOB))
        assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob")
        assert tries(bench, CY, "Bob").refused is not None, "it is his again"


def test_approval_is_not_got_round_by_asking_again_or_otherwise(serve: Serve) -> None:
    with serve(Rules(approve=True, owner_key=key_of(ADA))) as bench:
        come(bench, "Ada", ADA)
        for nick in ("Bob", "Robert", "Bob"):
            waits = tries(bench, BOB, nick)
            assert waits.refused is not None
            assert waits.refused[0] == ErrorCode.WAITING
            bench.post((waits, Post(new_id(), LOBBY, "hello")), Typed(waits, LOBBY))
            assert not waits.told()


def test_guessing_the_token_is_slowed_down(serve: Serve) -> None:
    with serve() as bench:
        bench.hub._pace = TokenBuckets(0.001, 5)
        eve = come(bench, "Eve", 9)
        answers = [ask(bench, eve, Claim(new_id(), f"guess {number}")) for number in range(6)]
        assert [answer.code for answer in answers if isinstance(answer, Error)] == ["forbidden"] * 5 + ["busy"]
