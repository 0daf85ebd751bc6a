"""Readers: pages from the log, each from a connection of its own; a failing disk is answered, not fatal."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_FRAME, MAX_TEXT, Error, GetHistory, History
from qtchat.protocol.session import encode_all
from qtchat.server.doors.native import NativeCodec
from qtchat.server.readers import Readers, read_page
from qtchat.server.records import EventRecord, RoomRecord, UserRecord
from qtchat.server.store import Reader, Store, StoreFailed, Writes, open_store
from tests.helpers.hubs import FakeLoop, FakePeer
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import PATIENCE, new_id

NEWEST = 1_000_000
"""More than there are."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Room 1 has ten events, room 2 none, room 3 ten that do not fit into a frame."""
    with open_store(tmp_path) as opened:
        opened.log.commit(
            Writes(
                users=[UserRecord(1, "Ada", None, 0)],
                rooms=[RoomRecord(number, f"r{number}", f"r{number}", "", 0, 0) for number in (1, 2, 3)],
                events=[
                    EventRecord(room, seq, bytes([room, seq]) * 8, 1, seq, "post", text)
                    for room, text in ((1, "hello"), (3, "x" * MAX_TEXT))
                    for seq in range(1, 11)
                ],
            )
        )
        yield opened


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    opened = store.reader()
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("request_", "seqs", "more"),
    [
        (GetHistory(b"r" * 16, 1), range(1, 11), False),
        (GetHistory(b"r" * 16, 1, limit=3), range(8, 11), True),
        (GetHistory(b"r" * 16, 1, before=8, limit=3), range(5, 8), True),
        (GetHistory(b"r" * 16, 1, before=4, limit=3), range(1, 4), False),
        (GetHistory(b"r" * 16, 1, before=1), (), False),
        (GetHistory(b"r" * 16, 1, after=0, limit=3), range(1, 4), True),
        (GetHistory(b"r" * 16, 1, after=7, limit=3), range(8, 11), False),
        (GetHistory(b"r" * 16, 1, after=10), (), False),
        (GetHistory(b"r" * 16, 1, after=2**53), (), False),
    ],
)
def test_pages(reader: Reader, request_: GetHistory, seqs: range | tuple[()], more: bool) -> None:
    page = read_page(reader, request_, NEWEST)
    assert [event.seq for event in page.events] == list(seqs)
    assert (page.re, page.room, page.more, page.head, page.first) == (request_.id, 1, more, 10, 1)
    assert {(event.nick, event.text) for event in page.events} <= {("Ada", "hello")}


def test_an_empty_room(reader: Reader) -> None:
    page = read_page(reader, GetHistory(new_id(), 2, after=0), NEWEST)
    assert (page.events, page.more, page.head, page.first) == ((), False, 0, 0)


def test_big_texts_are_cut_to_a_frame_and_pages_lead_through_all(reader: Reader) -> None:
    seen: list[int] = []
    more = True
    while more:
        page = read_page(reader, GetHistory(new_id(), 3, after=seen[-1] if seen else 0), NEWEST)
        assert len(encode_all([page])) <= MAX_FRAME
        seen += [event.seq for event in page.events]
        more = page.more
    assert seen == list(range(1, 11))
    backwards = read_page(reader, GetHistory(new_id(), 3), NEWEST)
    assert backwards.more
    assert [event.seq for event in backwards.events] == list(range(11 - len(backwards.events), 11))


def ask(readers: Readers, peer: FakePeer, loop: FakeLoop, request: GetHistory) -> object:
    """What the peer is answered."""
    loop.called.clear()
    readers.read(peer, request, NEWEST)
    assert loop.called.wait(PATIENCE), "no answer"
    loop.run()
    (answer,) = peer.told()
    return answer


def test_the_answer_goes_to_the_peers_loop(store: Store) -> None:
    loop = FakeLoop()
    peer, readers = FakePeer(loop, NativeCodec()), Readers(store.reader, 2)
    with no_thread_left():
        readers.start()
        answer = ask(readers, peer, loop, GetHistory(new_id(), 1, limit=1))
        assert readers.stop(PATIENCE)
    assert isinstance(answer, History)
    assert answer.events[0].seq == 10
    assert peer.answered == 1


def test_what_was_asked_before_the_end_is_answered(store: Store) -> None:
    loop = FakeLoop()
    peer, readers = FakePeer(loop, NativeCodec()), Readers(store.reader, 2)
    readers.start()
    for _ in range(40):
        readers.read(peer, GetHistory(new_id(), 1), NEWEST)
    assert readers.stop(PATIENCE)
    loop.run()
    assert peer.answered == 40


@pytest.mark.parametrize(
    ("failure", "retry_after_ms"), [(StoreFailed(Path("x"), "disk I/O error"), 2000), (ZeroDivisionError(), None)]
)
def test_a_failure_is_answered_and_the_next_request_served(
    store: Store, failure: Exception, retry_after_ms: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    loop, failures = FakeLoop(), [failure]

    def open_reader() -> Reader:
        if failures:
            raise failures.pop()
        return store.reader()

    peer, readers = FakePeer(loop, NativeCodec()), Readers(open_reader, 1)
    readers.start()
    request = GetHistory(new_id(), 1)
    refusal = ask(readers, peer, loop, request)
    answer = ask(readers, peer, loop, request)
    assert readers.stop(PATIENCE)
    assert isinstance(refusal, Error)
    assert (refusal.re, refusal.code, refusal.retry_after_ms) == (request.id, ErrorCode.STORAGE, retry_after_ms)
    assert isinstance(answer, History)
    assert len(caplog.records) == 1


def test_readers_that_were_never_started_stop_at_once(store: Store) -> None:
    assert Readers(store.reader, 2).stop(0.0)


def test_who_asks_for_much_does_not_keep_the_others_waiting(store: Store) -> None:
    loop = FakeLoop()
    readers = Readers(store.reader, 1)
    greedy, phone, modest = (FakePeer(loop, NativeCodec()) for _ in range(3))
    greedy.user = phone.user = 1
    modest.user = 2
    for peer in (greedy, greedy, phone, modest):
        readers.read(peer, GetHistory(new_id(), 1), NEWEST)
    readers.start()
    assert readers.stop(PATIENCE)
    order = []
    for call in loop.calls:
        call()
        (peer,) = [peer for peer in (greedy, phone, modest) if peer.told()]
        order.append(peer)
    assert order == [greedy, modest, greedy, phone]


def test_the_answers_of_one_user_keep_their_order(store: Store) -> None:
    loop = FakeLoop()
    peer, readers = FakePeer(loop, NativeCodec()), Readers(store.reader, 4)
    peer.user = 1
    requests = [GetHistory(new_id(), 1) for _ in range(50)]
    readers.start()
    for request in requests:
        readers.read(peer, request, NEWEST)
    assert readers.stop(PATIENCE)
    loop.run()
    assert [message.re for message in peer.told() if isinstance(message, History)] == [item.id for item in requests]
