"""What is answered when something is not done, and which post has to come first afterwards."""

from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Edit, Error, Post
from qtchat.server.batch import Batch
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.plain import PlainLogout
from qtchat.server.letters import Overrun, Typed
from qtchat.server.refusals import Refusals
from qtchat.server.state import Peer
from qtchat.server.store import StoreFailed, StoreFull
from tests.helpers.hubs import CountingCodec, FakeLoop, FakePeer, key_of
from tests.helpers.wire import new_id

FULL, BROKEN = StoreFull(Path("x")), StoreFailed(Path("x"), "worn out")


@pytest.fixture
def peer() -> FakePeer:
    made = FakePeer(FakeLoop(), CountingCodec())
    made.user = 7
    return made


def is_inside(peer: Peer, room: int) -> bool:
    """Everybody is in these rooms."""
    return room in (1, 2)


def told(peer: FakePeer) -> list[tuple[bytes, str, str]]:
    peer.loop.run()  # type: ignore[attr-defined]
    return [(answer.re, answer.code, answer.text) for answer in peer.told() if isinstance(answer, Error)]


def test_behind_a_post_that_was_refused_for_now_only_that_post_may_come(peer: FakePeer) -> None:
    refusals, batch = Refusals(is_inside), Batch()
    first, second = Post(new_id(), 1, "a"), Post(new_id(), 1, "b")
    refusals.for_now(batch, peer, first, "Later.", 0.5)
    assert batch.replies[peer] == [Error(first.id, ErrorCode.BUSY, "Later.", retry_after_ms=500)]
    assert not refusals.out_of_turn(batch, peer, first)
    assert refusals.out_of_turn(batch, peer, second)
    assert not refusals.out_of_turn(batch, peer, Edit(new_id(), 1, 1, "c"))
    assert not refusals.out_of_turn(Batch(), peer, second), "it holds once it is written"
    refusals.follow(batch)
    batch = Batch()
    assert refusals.out_of_turn(batch, peer, second)
    refusals.release(batch, peer, first)
    assert not refusals.out_of_turn(batch, peer, second)
    assert refusals.out_of_turn(Batch(), peer, second)
    refusals.follow(batch)
    assert not refusals.out_of_turn(Batch(), peer, second)


def test_what_is_refused_in_one_room_holds_nothing_back_in_another(peer: FakePeer) -> None:
    refusals, batch = Refusals(is_inside), Batch()
    slow, quick = Post(new_id(), 1, "slow"), Post(new_id(), 2, "quick")
    refusals.for_now(batch, peer, slow, "Later.")
    assert not refusals.out_of_turn(batch, peer, quick)
    refusals.for_now(batch, peer, quick, "Later.")
    refusals.follow(batch)
    for room in (1, 2):
        assert refusals.out_of_turn(Batch(), peer, Post(new_id(), room, "next"))
    batch = Batch()
    refusals.release(batch, peer, quick)
    refusals.follow(batch)
    assert refusals.out_of_turn(Batch(), peer, Post(new_id(), 1, "next"))
    assert not refusals.out_of_turn(Batch(), peer, Post(new_id(), 2, "next"))


def test_a_full_disk_holds_the_first_of_each_room(peer: FakePeer) -> None:
    refusals = Refusals(is_inside)
    posts = [Post(new_id(), room, "a") for room in (1, 2, 2, 1)]
    refusals.of_all([(peer, post) for post in posts], FULL)
    assert [refusals.out_of_turn(Batch(), peer, post) for post in posts] == [False, False, True, True]


def test_nothing_is_remembered_of_rooms_that_the_sender_is_not_in(peer: FakePeer) -> None:
    """There are more numbers than rooms, and what is posted there will be refused in any order."""
    refusals, batch = Refusals(is_inside), Batch()
    posts = [Post(new_id(), room, "a") for room in range(3, 100)]
    for post in posts:
        refusals.for_now(batch, peer, post, "Later.")
    assert not batch.holds
    refusals.of_all([(peer, post) for post in posts], FULL)
    assert not refusals._held


def test_who_has_hung_up_has_nothing_to_repeat(peer: FakePeer) -> None:
    refusals, post = Refusals(is_inside), Post(new_id(), 1, "a")
    refusals.of_all([(peer, post)], FULL)
    refusals.forget(peer)
    assert not refusals.out_of_turn(Batch(), peer, Post(new_id(), 1, "b"))


@pytest.mark.parametrize(
    ("error", "text"), [(FULL, "The server's disk is full."), (BROKEN, "The server cannot write to its disk.")]
)
def test_a_batch_that_was_not_written_is_answered_to_all_who_wait(
    peer: FakePeer, error: StoreFull | StoreFailed, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    refusals, stranger = Refusals(is_inside), FakePeer(FakeLoop(), CountingCodec())
    post, beyond = Post(new_id(), 1, "a"), Post(new_id(), 1, "b")
    asked = (post, Overrun(beyond), Typed(peer, 1), PlainLogout(new_id()))
    login = Login("Bob", key_of(2), new_id())
    for _ in range(2):
        refusals.of_all([*((peer, one) for one in asked), (stranger, login)], error)
    assert told(peer) == [(request.id, ErrorCode.STORAGE, text) for request in (post, beyond)] * 2
    assert not told(stranger)
    assert stranger.refused == (ErrorCode.STORAGE, text, "")
    assert refusals.out_of_turn(Batch(), peer, beyond), "the first has to come first"
    assert len(caplog.messages) == 1
    refusals.works()
    refusals.works()
    assert caplog.messages[1:] == ["writing works again"]


def test_what_can_never_be_done_holds_nothing_back(peer: FakePeer) -> None:
    refusals, post = Refusals(is_inside), Post(new_id(), 1, "a")
    stranger = FakePeer(FakeLoop(), CountingCodec())
    refusals.of_all([(peer, post)], FULL)
    told(peer)
    for request in (post, Typed(peer, 1), PlainLogout(new_id())):
        refusals.for_good(peer, request)
    refusals.for_good(stranger, Login("Bob", key_of(2), new_id()))
    assert [(re, code) for re, code, _ in told(peer)] == [(post.id, ErrorCode.STORAGE)]
    assert not told(stranger)
    assert stranger.refused is not None
    assert not refusals.out_of_turn(Batch(), peer, Post(new_id(), 1, "b"))
