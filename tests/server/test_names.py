"""Who may be called what: a name that was taken away, and names that look alike, also after a restart."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Done, Error, ReleaseNick, Sanction, SetNick
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone
from tests.helpers.hubs import Bench, FakePeer, key_of
from tests.helpers.moderation import BOB, CY, Serve, Time, ask, come, own, refused, tries, unnumbered
from tests.helpers.wire import new_id


def without_the_name_bob(bench: Bench) -> FakePeer:
    """Ada, who has taken it from Bob."""
    ada, bob = own(bench), come(bench, "Bob", BOB)
    assert isinstance(ask(bench, ada, ReleaseNick(new_id(), "Bob")), Done)
    bob.told()
    for nick in ("Bob", "BOB", "Bоb"):  # the last with a Cyrillic letter
        answer = ask(bench, bob, SetNick(new_id(), nick))
        assert isinstance(answer, Error)
        assert (answer.code, answer.suggestion[:3]) == (ErrorCode.NICK_TAKEN, nick[:3])
        assert "was taken from you" in answer.text
    bench.post(Gone(bob))
    return ada


@pytest.mark.parametrize("restarted", [False, True])
def test_who_lost_a_name_does_not_get_it_back_and_comes_in_all_the_same(serve: Serve, restarted: bool) -> None:
    with serve() as bench:
        ada = without_the_name_bob(bench)
        if not restarted:
            assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob 2")
            assert tries(bench, CY, "Bob").admitted == (CY, "Bob"), "it is there for others"
            assert bench.look(lambda state: not state.lost_nicks)
            assert refused(bench, ada, ReleaseNick(new_id(), "Ann")) == ErrorCode.FORBIDDEN
            return
    with serve() as bench:
        assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob 2")
        assert tries(bench, CY, "Bob").admitted == (CY, "Bob")
    with serve() as bench:
        assert bench.look(lambda state: not state.lost_nicks)
        refusal = tries(bench, BOB, "Bob").refused
        assert refusal is not None, "now it is simply somebody else's"
        assert refusal[0] == ErrorCode.NICK_TAKEN


def test_who_was_away_when_the_name_was_taken_comes_in_under_the_new_one_and_is_told(serve: Serve, wall: Time) -> None:
    with serve() as bench:
        ada, bob = own(bench), come(bench, "Bob", BOB)
        bench.post(Gone(bob))
        ask(bench, ada, ReleaseNick(new_id(), "Bob"))
        bob = tries(bench, BOB, "Bob")
        assert bob.admitted == (BOB, "Bob 2")
        assert Sanction("release_nick", 0, "Ada", "", 0, "Bob 2", round(wall.now * 1000)) in unnumbered(bob)


@pytest.mark.parametrize("restarted", [False, True])
def test_what_looks_like_an_older_name_of_somebody_is_refused(serve: Serve, restarted: bool) -> None:
    with serve() as bench:
        iris = come(bench, "Iris", BOB)
        ask(bench, iris, SetNick(new_id(), "Ada"))
        if not restarted:
            assert looks_alike(bench, "lris")
    with serve() as bench:
        assert looks_alike(bench, "lris")
        assert tries(bench, BOB, "Iris").admitted is not None


def test_another_spelling_counts_from_when_it_is_used(serve: Serve) -> None:
    with serve() as bench:
        iris = come(bench, "IRIS", BOB)
        assert come(bench, "lris", CY).admitted is not None, "capitals do not look like it"
        assert refused(bench, iris, SetNick(new_id(), "Iris")) == ErrorCode.NICK_TAKEN
        assert isinstance(ask(bench, iris, SetNick(new_id(), "IRIS")), Done)


def test_a_name_that_is_given_up_takes_nothing_else_with_it(serve: Serve) -> None:
    with serve() as bench:
        ada, bob = own(bench), come(bench, "Bob", BOB)
        ask(bench, bob, SetNick(new_id(), "Robert"))
        ask(bench, bob, SetNick(new_id(), "ROBERT"))
        ask(bench, ada, ReleaseNick(new_id(), "Bob"))
        assert looks_alike(bench, "RОBERT")  # with a Cyrillic letter
        live = bench.look(lambda state: (state.nicks, state.written, state._looks))
    with serve() as bench:
        assert bench.look(lambda state: (state.nicks, state.written, state._looks)) == live
        assert live[1] == {"ada": "Ada", "robert": "ROBERT"}  # type: ignore[index]


def looks_alike(bench: Bench, nick: str) -> bool:
    """Whether a newcomer is refused this name, since it looks like another."""
    peer = bench.peer()
    bench.post((peer, Login(nick, key_of(99), new_id())))
    return peer.refused is not None and "looks like one" in peer.refused[1]
