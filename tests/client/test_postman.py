"""What becomes of a message from the key that was pressed to the acknowledgement."""

import pytest

from qtchat.client.errors import ProfileError
from qtchat.client.line import MIN_RETRY_AFTER
from qtchat.client.outbox import OutboxItem
from qtchat.client.postman import Postman
from qtchat.client.updates import (
    AckedUpdate,
    DiscardedUpdate,
    FailedUpdate,
    PendingUpdate,
    Problem,
    ProblemCode,
    QuotedUpdate,
    UnsentUpdate,
)
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, KIND_POST, MEMBER, MODERATOR, PRIVATE, Ack, Error, Event, Post, Room
from tests.helpers.lines import FakeLine


def item(number: int, room: int = 1) -> OutboxItem:
    return OutboxItem(number.to_bytes(16, "big"), room, f"text {number}", number)


def pending(one: OutboxItem) -> PendingUpdate:
    return PendingUpdate(one.id, one.room, one.text, one.created)


A, B, C = item(1), item(2), item(3)
LOBBY = Room(1, "lobby", "", 0, 1)
TAKEN = Error(A.id, "room_unknown", "No such room.")


@pytest.fixture
def postman(line: FakeLine) -> Postman:
    postman = Postman(line)
    line.on_pump = postman.pump
    return postman


def on_disk(line: FakeLine) -> list[bytes]:
    return [one.id for one in line.disk.outbox.items()]


def sent(line: FakeLine) -> list[bytes]:
    posts = line.take_sent()
    assert all(isinstance(post, Post) for post in posts)
    return [post.id for post in posts]


def post(line: FakeLine, postman: Postman, *items: OutboxItem) -> None:
    for one in items:
        postman.post(one)
    line.run_disk()


def test_nothing_is_shown_or_sent_before_it_is_on_the_disk(line: FakeLine, postman: Postman) -> None:
    postman.post(A)
    assert (line.told, line.sent) == ([], [])
    line.run_disk()
    assert on_disk(line) == [A.id]
    assert line.told == [pending(A)]
    assert line.sent == [Post(A.id, A.room, A.text)]


def test_an_acknowledged_message_leaves_the_outbox(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    line.take_told()
    postman.acknowledged(Ack(A.id, 1, 5, 77))
    line.run_disk()
    assert line.told == [AckedUpdate(A.id, 1, 5, 77)]
    assert on_disk(line) == []


def test_its_event_is_as_good_as_the_acknowledgement(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    postman.stored(A.id)
    postman.stored(B.id)
    postman.lost()
    postman.pump()
    line.run_disk()
    assert sent(line) == [A.id]
    assert on_disk(line) == []


def test_while_there_is_no_connection_messages_wait_in_order(line: FakeLine, postman: Postman) -> None:
    line.online = False
    post(line, postman, A, B, C)
    assert line.sent == []
    line.online = True
    postman.pump()
    assert sent(line) == [A.id, B.id, C.id]


def test_what_was_under_way_when_the_connection_was_lost_is_sent_again(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A, B)
    line.take_sent()
    postman.lost()
    postman.pump()
    assert sent(line) == [A.id, B.id]


def test_the_outbox_of_the_last_start_is_shown_and_sent(line: FakeLine, postman: Postman) -> None:
    refused = OutboxItem(B.id, 1, B.text, B.created, "room_unknown", "No such room.")
    for one in (A, refused, C):
        postman.restore(one)
    postman.pump()
    failed = FailedUpdate(B.id, 1, Problem("room_unknown", "No such room."))
    assert line.told == [pending(A), pending(B), failed, pending(C)]
    assert sent(line) == [A.id, C.id]


def test_a_room_that_is_told_anew_is_told_what_waits_there(line: FakeLine, postman: Postman) -> None:
    other = item(9, room=2)
    post(line, postman, A, B, other)
    postman.refused(Error(A.id, "room_unknown", "No such room."))
    line.take_told()
    postman.room_told(Room(1, "lobby", "", 0, 1))
    assert line.told == [pending(B), pending(A), FailedUpdate(A.id, 1, Problem("room_unknown", "No such room."))]


def test_what_was_not_sent_into_a_room_that_we_are_put_out_of_is_told_and_kept(
    line: FakeLine, postman: Postman
) -> None:
    other = item(9, room=2)
    post(line, postman, C)
    postman.refused(Error(C.id, "text_invalid", "No."))
    line.take_sent()
    line.online = False
    post(line, postman, A, B, other)
    line.take_told()
    postman.room_left(LOBBY)
    gone = Problem(ErrorCode.NOT_MEMBER, "You are no longer in the room lobby.")
    failed = [FailedUpdate(one.id, 1, gone) for one in (A, B)]
    assert line.take_told() == [*failed, UnsentUpdate("lobby", (A.text, B.text, C.text))]
    line.online = True
    postman.pump()
    assert sent(line) == [other.id]
    line.run_disk()
    assert on_disk(line) == [C.id, A.id, B.id, other.id]
    postman.room_told(LOBBY)  # there again: somebody can retry or discard them
    assert [update for update in line.told if isinstance(update, FailedUpdate)] == [
        FailedUpdate(C.id, 1, Problem("text_invalid", "No.")),
        *failed,
    ]


def test_what_was_under_way_into_a_room_that_we_are_put_out_of_is_told_when_it_is_refused(
    line: FakeLine, postman: Postman
) -> None:
    post(line, postman, A, B)
    line.take_told()
    postman.room_left(LOBBY)
    assert line.take_told() == []
    postman.acknowledged(Ack(A.id, 1, 5, 77))
    postman.refused(Error(B.id, "not_member", "You are not in this room."))
    assert line.told[-1] == UnsentUpdate("lobby", (B.text,))
    assert sum(isinstance(update, UnsentUpdate) for update in line.told) == 1


def test_what_the_server_wanted_later_in_a_room_that_we_are_put_out_of_is_told_at_once(
    line: FakeLine, postman: Postman
) -> None:
    post(line, postman, A)
    postman.room_left(LOBBY)
    postman.refused(Error(A.id, "busy", "Slow down.", retry_after_ms=3_600_000))
    assert line.told[-1] == UnsentUpdate("lobby", (A.text,))
    line.take_sent()
    postman.pump()
    assert (line.sent, len(line.given_up)) == ([], 1)  # the server would want it first, should we be there again


def test_a_room_that_is_left_with_nothing_to_send_is_not_worth_a_word(line: FakeLine, postman: Postman) -> None:
    postman.room_left(LOBBY)
    assert line.told == []


def test_a_refused_message_is_kept_with_its_reason(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    line.take_told()
    postman.refused(TAKEN)
    line.run_disk()
    assert line.told == [FailedUpdate(A.id, 1, Problem("room_unknown", "No such room."))]
    assert [(one.id, one.problem_code) for one in line.disk.outbox.items()] == [(A.id, "room_unknown")]


def test_a_refused_message_is_retried_once(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    postman.refused(TAKEN)
    line.take_told()
    line.take_sent()
    postman.retry(A.id)
    postman.retry(A.id)
    postman.retry(B.id)
    line.run_disk()
    assert line.told == [pending(A)]
    assert sent(line) == [A.id]
    assert line.disk.outbox.items()[0].problem_code is None


def test_what_the_disk_did_not_take_is_not_sent_and_can_be_retried(line: FakeLine, postman: Postman) -> None:
    line.broken = ProfileError("The disk is full.")
    post(line, postman, A)
    assert line.told == [pending(A), FailedUpdate(A.id, 1, Problem(ProblemCode.PROFILE, "The disk is full."))]
    assert line.sent == []
    line.broken = None
    postman.retry(A.id)
    line.run_disk()
    assert sent(line) == [A.id]
    assert on_disk(line) == [A.id]


def test_a_message_that_waits_is_discarded(line: FakeLine, postman: Postman) -> None:
    line.online = False
    post(line, postman, A, B)
    line.take_told()
    postman.discard(A.id, 1)
    line.run_disk()
    line.online = True
    postman.pump()
    assert line.told == [DiscardedUpdate(A.id, 1)]
    assert sent(line) == [B.id]
    assert on_disk(line) == [B.id]


def test_a_message_that_is_discarded_while_the_disk_works_is_never_sent(line: FakeLine, postman: Postman) -> None:
    postman.post(A)
    postman.discard(A.id, 1)
    line.run_disk()
    assert line.told == [DiscardedUpdate(A.id, 1)]
    assert (line.sent, on_disk(line)) == ([], [])


def test_a_retry_that_is_taken_back_is_never_sent(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    postman.refused(TAKEN)
    line.take_sent()
    postman.retry(A.id)
    postman.discard(A.id, 1)
    line.run_disk()
    assert (line.sent, on_disk(line)) == ([], [])


def test_a_message_on_its_way_cannot_be_discarded(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    line.take_told()
    postman.discard(A.id, 1)
    line.run_disk()
    assert line.told == []
    assert on_disk(line) == [A.id]


def test_a_server_that_says_later_is_asked_later_with_one_timer(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A, B)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Later.", retry_after_ms=0))
    postman.pump()
    assert line.timers == []  # B is not answered yet
    postman.refused(Error(B.id, "busy", "Later.", retry_after_ms=0))
    for _ in range(10):
        line.free = 0
        postman.pump()
    ((delay, _),) = line.timers
    assert 0.0 < delay <= MIN_RETRY_AFTER
    postman.room_changed(LOBBY)
    assert line.sent == [], "not at once, whatever the server says"
    line.free = 32
    postman._sender.hasten(1, 0.0)
    line.run_timers()
    assert sent(line) == [A.id, B.id]


def test_a_server_cannot_make_us_wait_for_ever(line: FakeLine, postman: Postman) -> None:
    """An hour: the slowest of rooms."""
    post(line, postman, A)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Later.", retry_after_ms=2**31 - 1))
    for _ in range(10):
        postman.pump()
    ((delay, _),) = line.timers
    assert 3590 < delay <= 3600
    assert line.sent == []


def test_a_slow_room_holds_no_other_back(line: FakeLine, postman: Postman) -> None:
    other = item(9, room=2)
    post(line, postman, A, other, B)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Slow mode.", retry_after_ms=3_600_000))
    postman.refused(Error(B.id, "busy", "A comes first.", retry_after_ms=100))
    postman.acknowledged(Ack(other.id, 2, 5, 77))
    post(line, postman, item(10, room=2), C)
    assert sent(line) == [item(10).id]
    postman.lost()
    postman.pump()
    assert sent(line) == [A.id, B.id, item(10).id, C.id], "with a new connection everything is tried again"


def test_each_refusal_is_followed_by_a_timer_in_time(line: FakeLine, postman: Postman) -> None:
    other = item(9, room=2)
    post(line, postman, A, other)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Slow mode.", retry_after_ms=3_600_000))
    postman.pump()
    for _ in range(3):
        postman.refused(Error(other.id, "busy", "Later.", retry_after_ms=1000))
        postman.pump()
        late, soon = sorted((delay for delay, _ in line.timers), reverse=True)
        assert 3590 < late <= 3600
        assert 0.9 < soon <= 1.0
        postman._sender.hasten(2, 0.0)  # the second is over
        line.timers, ended = [line.timers[0]], line.timers[1:]
        for _, callback in ended:
            callback()
        assert sent(line) == [other.id]
    assert len(line.timers) == 1


def slow(ms: int, role: str = MEMBER) -> Room:
    return Room(1, "lobby", "", 0, 1, role=role, slow_ms=ms)


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        (slow(3_600_000), 3500, 3600),
        (slow(60_000), 59, 60),
        (slow(0), 0, 0.1),
        (slow(3_600_000, MODERATOR), 0, 0.1),
        (Room(2, "tea", "", 0, 1), 3500, 3600),
    ],
)
def test_a_room_that_is_not_slow_any_more_takes_what_waits(
    line: FakeLine, postman: Postman, told: Room, least: float, most: float
) -> None:
    post(line, postman, A)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Slow mode.", retry_after_ms=3_600_000))
    postman.pump()
    postman.room_changed(told)
    postman.pump()
    assert least < min(delay for delay, _ in line.timers) <= most


def test_the_timer_sends_what_waits(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Later.", retry_after_ms=60_000))
    postman.pump()
    postman.lost()  # a new connection: the hold is over
    line.run_timers()
    assert sent(line) == [A.id]
    assert line.timers == []


def test_when_the_message_the_server_wants_first_is_discarded_a_new_connection_is_made(
    line: FakeLine, postman: Postman
) -> None:
    post(line, postman, A, B)
    line.take_sent()
    postman.refused(Error(A.id, "busy", "Later.", retry_after_ms=60_000))
    postman.refused(Error(B.id, "busy", "Later.", retry_after_ms=60_000))
    postman.discard(A.id, 1)
    assert len(line.given_up) == 1
    postman.lost()
    postman.pump()
    assert sent(line) == [B.id]


def test_what_waits_is_not_sent_into_another_room_of_the_same_number(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    postman.lost()
    postman.history_replaced({1: LOBBY})
    line.take_told()
    line.take_sent()
    postman.room_told(Room(1, "everybody", "", 0, 1))
    postman.pump()
    assert line.take_sent() == []
    failed = [told for told in line.told if isinstance(told, FailedUpdate)]
    assert [told.problem.code for told in failed] == ["room_replaced"]
    line.run_disk()
    assert [one.problem_code for one in line.disk.outbox.items()] == ["room_replaced"]


def test_what_waits_for_a_room_of_the_same_name_is_sent(line: FakeLine, postman: Postman) -> None:
    post(line, postman, A)
    postman.lost()
    postman.history_replaced({1: LOBBY})
    line.take_sent()
    postman.room_told(LOBBY)
    postman.pump()
    assert sent(line) == [A.id]


@pytest.mark.parametrize(
    ("meant", "told"),
    [
        (Room(1, "Anna", "", 0, 2, kind=DIRECT, other=5), Room(1, "Anna", "", 0, 2)),
        (Room(1, "tea", "", 0, 2, kind=PRIVATE), Room(1, "tea", "", 0, 2)),
        # Whoever is called so and has this number may be somebody else now.
        (Room(1, "Anna", "", 0, 2, kind=DIRECT, other=5), Room(1, "Anna", "", 0, 2, kind=DIRECT, other=5)),
        (None, Room(1, "lobby", "", 0, 2)),
    ],
)
def test_what_waits_is_sent_only_where_it_was_surely_meant(
    line: FakeLine, postman: Postman, meant: Room | None, told: Room
) -> None:
    post(line, postman, A)
    postman.lost()
    postman.history_replaced({} if meant is None else {1: meant})
    line.take_sent()
    postman.room_told(told)
    postman.pump()
    assert line.take_sent() == []
    assert [update.problem.code for update in line.told if isinstance(update, FailedUpdate)] == ["room_replaced"]
    post(line, postman, B)  # written since
    postman.room_told(told)
    assert sent(line) == [B.id]


# -- answers ----------------------------------------------------------------------------------------------


def test_an_answer_says_what_it_answers_and_shows_it(line: FakeLine, postman: Postman) -> None:
    quoted = Event(1, 4, bytes(16), 0, 2, "Bob", KIND_POST, "what?")
    line.disk.cache.append(1, [quoted])
    answer = OutboxItem(A.id, 1, "that", 1, reply_to=4)
    post(line, postman, answer)
    assert line.told == [PendingUpdate(A.id, 1, "that", 1, 4), QuotedUpdate(1, (quoted,))]
    assert line.sent == [Post(A.id, 1, "that", 4)]
    assert line.disk.outbox.items() == [answer]


def test_in_another_history_it_answers_nothing(line: FakeLine, postman: Postman) -> None:
    line.online = False
    waits, failed = OutboxItem(A.id, 1, "a", 1, reply_to=4), OutboxItem(B.id, 1, "b", 1, "busy", "Later.", 4)
    line.disk.outbox.add(A.id, 1, "a", 1, 4)
    line.disk.outbox.add(B.id, 1, "b", 1, 4)
    for one in (waits, failed):
        postman.restore(one)
    postman.history_replaced({1: LOBBY})
    line.online = True
    postman.pump()
    postman.retry(B.id)
    line.run_disk()
    assert line.sent == [Post(A.id, 1, "a"), Post(B.id, 1, "b")]
    assert [one.reply_to for one in line.disk.outbox.items()] == [0, 0]
