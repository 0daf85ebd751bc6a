"""The locks of the doors, with stand-ins for peers; passwords are checked for real."""

import queue
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.server import locks as module
from qtchat.server.doors.native import NativeCodec
from qtchat.server.handlers.login import Login, LoginRefused
from qtchat.server.limits import NETWORK_FACTOR, TokenBuckets
from qtchat.server.locks import WRONG_BURST, AddressBans, Locks
from qtchat.server.passwords import hash_password
from qtchat.server.records import BanRecord
from qtchat.server.state import Peer
from tests.helpers.hubs import FakeLoop, FakePeer, key_of, make_state
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import PATIENCE, new_id

HASH = hash_password("sesame")


class Later(FakeLoop):
    """A loop that does at once what it should do later."""

    def call_later(self, _delay: float, callback: Callable[[], None]) -> None:
        callback()


def peer(address: str = "192.0.2.7") -> FakePeer:
    made = FakePeer(Later(), NativeCodec())
    made.address = address
    return made


def login(password: str) -> Login:
    return Login("Ada", key_of(1), new_id(), password=password)


def answer(asked: FakePeer) -> tuple[str, str, str]:
    """How it was refused, once a checker has come to that."""
    loop = asked.loop
    assert isinstance(loop, FakeLoop)
    assert loop.called.wait(PATIENCE)
    loop.called.clear()
    loop.run()
    assert asked.refused is not None
    return asked.refused


@contextmanager
def running(**more: object) -> Iterator[Locks]:
    with no_thread_left():
        locks = Locks(HASH, **more)  # type: ignore[arg-type]
        locks.start()
        try:
            yield locks
        finally:
            assert locks.stop(PATIENCE)


@pytest.fixture
def posted() -> "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]":
    return queue.SimpleQueue()


def test_a_right_password_brings_the_login_back(posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]") -> None:
    with running() as locks:
        ada, asked = peer(), login("sesame")
        locks.check(ada, asked, posted.put)
        ((who, checked),) = posted.get(timeout=PATIENCE)
        assert who is ada
        assert (checked.checked, checked.password, checked.event_id) == (True, "", asked.event_id)
        assert locks.turned_away(ada, checked, known=False) is None
        again = locks.turned_away(ada, checked, known=False)
        assert isinstance(again, LoginRefused), "it holds once"


def test_who_hung_up_meanwhile_does_not_come_in(posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]") -> None:
    with running() as locks:
        ada = peer()
        locks.check(ada, login("sesame"), posted.put)
        ((_, checked),) = posted.get(timeout=PATIENCE)
        locks.forget(ada)
        assert isinstance(locks.turned_away(ada, checked, known=False), LoginRefused)


def test_a_wrong_password_is_refused_and_many_are_paid_for(
    posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]", caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now = [100.0]
    with running(clock=lambda: now[0]) as locks:
        for _ in range(WRONG_BURST):
            eve = peer()
            locks.check(eve, login("open"), posted.put)
            assert answer(eve) == (ErrorCode.PASSWORD_WRONG, "That is not the password.", "")
        eve = peer()
        locks.check(eve, login("sesame"), posted.put)
        assert answer(eve)[1].startswith("There were too many wrong passwords from this address.")
        other = peer("192.0.2.8")
        locks.check(other, login("sesame"), posted.put)
        assert posted.get(timeout=PATIENCE)[0][0] is other
        now[0] += 60
        locks.check(eve, login("sesame"), posted.put)
        assert posted.get(timeout=PATIENCE)[0][0] is eve
    assert caplog.messages.count("a wrong password from 192.0.2.7") == WRONG_BURST
    assert "open" not in caplog.text


def test_no_password_is_asked_for_without_a_check(posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]") -> None:
    locks = Locks(HASH)
    ada = peer()
    locks.check(ada, login(""), posted.put)
    assert answer(ada)[1].startswith("This server wants a password")


def test_more_logins_than_can_be_checked_are_sent_away(
    posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_UNCHECKED", 1)
    locks = Locks(HASH)  # nobody checks
    locks.check(peer(), login("sesame"), posted.put)
    ada = peer()
    locks.check(ada, login("sesame"), posted.put)
    assert answer(ada)[0] == ErrorCode.BUSY


def test_newcomers_have_a_pace_but_not_at_the_servers_own_computer() -> None:
    now = [0.0]
    locks = Locks(newcomers=TokenBuckets(0.1, 1), clock=lambda: now[0])
    asked = login("")
    assert locks.turned_away(peer(), asked, known=False) is None
    refused = locks.turned_away(peer(), asked, known=False)
    assert refused is not None
    assert (refused.code, refused.retry_after_ms) == (ErrorCode.BUSY, 10_001)
    assert locks.turned_away(peer(), asked, known=True) is None
    assert locks.turned_away(peer("127.0.0.1"), asked, known=False) is None
    now[0] = 10.0
    assert locks.turned_away(peer(), asked, known=False) is None


def test_addresses_are_kept_away_until_the_ban_is_over() -> None:
    now = [1.0]
    bans, state = AddressBans(lambda: now[0]), make_state()
    state.bans = {2: BanRecord(2, 1, "spam", 0, 5000, "192.0.2.7 2001:db8::7")}
    bans.show(state)
    for address in ("192.0.2.7", "2001:db8::7"):
        assert bans.said(address) == "Your address was banned by Ada until 1970-01-01 00:00 UTC: spam"
    assert not bans.said("192.0.2.70")
    now[0] = 5.0
    assert not bans.said("192.0.2.7")


def test_many_at_once_are_not_cheaper_than_one_by_one(
    posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]",
) -> None:
    locks = Locks(HASH, clock=lambda: 7.0)  # nobody checks
    for _ in range(WRONG_BURST):
        locks.check(peer(), login("guess"), posted.put)
    eve = peer()
    locks.check(eve, login("guess"), posted.put)
    assert answer(eve) == (
        ErrorCode.BUSY,
        "Others from your address are being let in. Please try again in a moment.",
        "",
    )


def test_right_passwords_cost_nothing(posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]") -> None:
    with running(clock=lambda: 7.0) as locks:
        for _ in range(WRONG_BURST + 1):
            locks.check(peer(), login("sesame"), posted.put)
            assert posted.get(timeout=PATIENCE)[0][1].checked


def test_a_banned_address_is_kept_out_but_not_those_who_could_lift_it() -> None:
    locks, state = Locks(), make_state()
    state.bans = {2: BanRecord(2, 1, "spam", 0, 0, "192.0.2.7")}
    locks.show(state)
    refused = locks.turned_away(peer(), login(""), known=True)
    assert refused == LoginRefused(ErrorCode.BANNED, "Your address was banned by Ada: spam")
    assert locks.turned_away(peer(), login(""), known=True, exempt=True) is None
    assert locks.turned_away(peer("192.0.2.8"), login(""), known=True) is None


def test_a_right_password_does_not_help_an_address_that_was_banned_meanwhile(
    posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]",
) -> None:
    with running() as locks:
        eve, state = peer(), make_state()
        locks.check(eve, login("sesame"), posted.put)
        ((_, checked),) = posted.get(timeout=PATIENCE)
        state.bans = {2: BanRecord(2, 1, "", 0, 0, eve.address)}
        locks.show(state)
        refused = locks.turned_away(eve, checked, known=False)
        assert refused is not None
        assert refused.code == ErrorCode.BANNED


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1)])
def test_the_longest_of_several_bans_of_an_address_holds(order: tuple[int, ...]) -> None:
    state = make_state(("Ada", "Bob", "Cy"))
    bans = {
        1: BanRecord(1, 1, "", 0, 5_000, "a b"),
        2: BanRecord(2, 1, "", 0, 0, "a"),
        3: BanRecord(3, 1, "", 0, 9, "b"),
    }
    state.bans = {user: bans[user] for user in order}
    addresses = AddressBans(clock=lambda: 1.0)
    addresses.show(state)
    assert addresses.said("a") == "Your address was banned by Ada."
    assert "until" in addresses.said("b")


def test_a_network_of_ipv6_has_a_pace_too() -> None:
    locks = Locks(newcomers=TokenBuckets(1.0, 1), clock=lambda: 100.0)
    codes = [
        locks.turned_away(peer(f"2001:db8::{number:x}"), login(""), known=False) for number in range(NETWORK_FACTOR + 1)
    ]
    assert [code is None for code in codes] == [True] * NETWORK_FACTOR + [False]
    assert locks.turned_away(peer("2001:db8:0:1::1"), login(""), known=False) is None
    assert locks.turned_away(peer("192.0.2.1"), login(""), known=False) is None


def test_wrong_passwords_from_everywhere_together_have_a_pace(
    posted: "queue.SimpleQueue[Sequence[tuple[Peer, Login]]]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ALL_WRONG_BURST", 2)
    now = [100.0]
    with running(clock=lambda: now[0]) as locks:
        for number in range(2):
            eve = peer(f"2001:db8::{number}")
            locks.check(eve, login("open"), posted.put)
            assert answer(eve)[0] == ErrorCode.PASSWORD_WRONG
        ada = peer("192.0.2.1")
        locks.check(ada, login("sesame"), posted.put)
        assert answer(ada)[0] == ErrorCode.BUSY
        for _ in range(20):  # right ones are not paid for
            now[0] += 1
            locks.check(ada, login("sesame"), posted.put)
            assert posted.get(timeout=PATIENCE)[0][0] is ada
