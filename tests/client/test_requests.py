"""What was asked, what came of it, and what is asked again."""

import pytest

from qtchat.client.requests import ACTS_LAST, MAX_TRIES, Requests
from qtchat.client.updates import Problem, ProblemCode
from qtchat.protocol.messages import (
    MAX_IN_FLIGHT,
    MODERATOR,
    READS,
    Ack,
    Approve,
    Audit,
    Ban,
    Claim,
    CreateRoom,
    Done,
    Edit,
    Error,
    GetAudit,
    GetHistory,
    JoinRoom,
    Kick,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Mute,
    People,
    Post,
    React,
    ReleaseNick,
    Request,
    RevokeKey,
    SetNick,
    SetRole,
    SetRoom,
    Unban,
    Unmute,
)
from tests.helpers.lines import FakeLine

NotDone = list[tuple[Request, str]]


def number(n: int) -> bytes:
    return n.to_bytes(16, "big")


def edit(n: int) -> Edit:
    return Edit(number(n), 1, n, "text")


@pytest.fixture
def not_done() -> NotDone:
    return []


@pytest.fixture
def requests(line: FakeLine, not_done: NotDone) -> Requests:
    requests = Requests(line, lambda request, problem: not_done.append((request, problem.code)))
    line.on_pump = requests.pump
    line.on_send = requests.sent
    return requests


def test_requests_wait_for_the_window(line: FakeLine, requests: Requests) -> None:
    line.free = 1
    for n in (1, 2, 3):
        requests.submit(edit(n))
    assert line.take_sent() == [edit(1)]
    requests.pump()
    assert line.sent == [edit(2), edit(3)]
    assert requests.free == MAX_IN_FLIGHT - 3


def test_a_page_that_is_asked_for_too_early_is_asked_for_again(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    page = ListPeople(number(1), 1)
    requests.submit(page)
    assert requests.answered(Error(number(1), "busy", "too fast", retry_after_ms=1500)) is None
    line.take_sent()
    assert [delay for delay, _ in line.timers] == [1.5]
    line.run_timers()
    assert line.take_sent() == [page]
    assert requests.answered(People(number(1), 1, (), False)) == page
    assert not_done == []


def test_a_page_is_not_asked_for_without_end(line: FakeLine, requests: Requests) -> None:
    page, busy = ListRooms(number(1)), Error(number(1), "busy", "too fast", retry_after_ms=1)
    requests.submit(page)
    for _ in range(MAX_TRIES - 1):
        assert requests.answered(busy) is None
        line.run_timers()
    assert requests.answered(busy) == page
    assert line.timers == []


def test_a_page_that_waits_for_its_turn_is_lost_with_the_connection(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    page = ListBans(number(1))
    requests.submit(page)
    assert requests.answered(Error(number(1), "busy", "too fast", retry_after_ms=1)) is None
    requests.lost()
    assert not_done == [(page, ProblemCode.OFFLINE)]
    line.take_sent()
    line.run_timers()
    assert line.sent == []


def test_what_is_no_page_is_told_to_come_later(line: FakeLine, requests: Requests) -> None:
    requests.submit(edit(1))
    assert requests.answered(Error(number(1), "busy", "too fast", retry_after_ms=1)) == edit(1)
    requests.submit(ListPeople(number(2), 1))
    assert requests.answered(Error(number(2), "forbidden", "no")) == ListPeople(number(2), 1)
    assert line.timers == []


def test_an_answer_is_taken_once_and_only_if_it_fits(line: FakeLine, requests: Requests) -> None:
    for request in (edit(1), SetNick(number(2), "Ada"), GetHistory(number(3), 1)):
        requests.submit(request)
    assert requests.answered(Ack(number(1), 1, 5, 0)) == edit(1)
    assert requests.answered(Ack(number(1), 1, 5, 0)) is None
    assert line.given_up == []
    assert requests.answered(Ack(number(2), 1, 5, 0)) is None
    assert line.given_up == ["Ack is no answer to SetNick"]
    assert requests.answered(Done(number(2))) == SetNick(number(2), "Ada")
    assert requests.answered(Error(number(3), "busy", "Later.")) == GetHistory(number(3), 1)
    assert requests.free == MAX_IN_FLIGHT


def test_without_a_connection_a_request_fails_at_once(line: FakeLine, requests: Requests, not_done: NotDone) -> None:
    line.online = False
    requests.submit(edit(1))
    line.online = True
    requests.pump()
    assert (not_done, line.sent) == ([(edit(1), ProblemCode.OFFLINE)], [])


def test_what_an_older_server_would_never_answer_is_not_sent(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    line.capabilities = frozenset()
    secret = CreateRoom(number(2), "secret", private=True)
    for request in (edit(1), secret, CreateRoom(number(3), "open")):
        requests.submit(request)
    assert not_done == [(edit(1), "version"), (secret, "version")]
    assert line.sent == [CreateRoom(number(3), "open")]


def test_what_the_user_asked_is_asked_again_in_order_and_the_rest_is_not(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    page, mark, post = GetHistory(number(2), 1), MarkRead(number(4), 1, 1), Post(number(6), 1, "hi")
    requests.submit(edit(1))
    requests.submit(page)
    requests.submit(JoinRoom(number(3), 1))
    for request in (mark, post):
        line.send(request)
    line.free = 0
    requests.submit(React(number(5), 1, 1, "+"))
    line.online = False
    requests.lost()
    assert not_done == [(request, ProblemCode.OFFLINE) for request in (page, mark, post)]
    line.take_sent()
    requests.pump()
    assert line.sent == []
    line.online = True
    requests.pump()
    assert line.sent == [edit(1), JoinRoom(number(3), 1), React(number(5), 1, 1, "+")]
    assert requests.answered(Ack(number(1), 1, 5, 0, duplicate=True)) == edit(1)


def test_what_may_be_breaking_the_connection_is_not_tried_for_ever(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    requests.submit(edit(1))
    for _ in range(MAX_TRIES + 1):
        requests.lost()
        requests.pump()
    assert line.sent == [edit(1)] * MAX_TRIES
    assert not_done == [(edit(1), ProblemCode.OFFLINE)]


def test_what_waits_for_a_connection_that_will_not_come_fails(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    requests.submit(edit(1))
    requests.lost()
    requests.drop(Problem("why", ""))
    requests.pump()
    assert (not_done, len(line.sent)) == ([(edit(1), "why")], 1)


def test_acts_of_moderation_need_a_server_that_knows_them(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    line.capabilities = frozenset({READS})
    refused = (Kick(number(1), 1, 2), Claim(number(2), "x"), ListBans(number(3)), SetRole(number(4), 1, 2, MODERATOR))
    for request in refused:
        requests.submit(request)
    assert not_done == [(request, "version") for request in refused]
    assert line.sent == []


def test_in_a_room_an_act_stands_in_the_log_and_on_the_server_it_is_done(line: FakeLine, requests: Requests) -> None:
    asked = (
        Kick(number(1), 1, 2),
        Kick(number(2), 0, 2),
        Ban(number(3), 2),
        GetAudit(number(4)),
        ListWaiting(number(5)),
    )
    for request in asked:
        requests.submit(request)
    answers = (
        Ack(number(1), 1, 5, 0),
        Done(number(2)),
        Done(number(3)),
        Audit(number(4), (), False),
        People(number(5), 0, (), False),
    )
    assert tuple(requests.answered(answer) for answer in answers) == asked
    requests.submit(Ban(number(6), 2))
    assert requests.answered(Ack(number(6), 1, 5, 0)) is None
    assert line.given_up == ["Ack is no answer to Ban"]


ACTS = (
    SetRole(number(1), 1, 2, MODERATOR),
    SetRoom(number(2), 1, "frozen", "1"),
    Kick(number(3), 0, 2),
    Kick(number(4), 1, 2),
    Ban(number(5), 2),
    Unban(number(6), 2),
    Mute(number(7), 1, 2),
    Unmute(number(8), 1, 2),
    Approve(number(9), 2),
    ReleaseNick(number(10), "Bob"),
    RevokeKey(number(11), 2),
    Claim(number(12), "token"),
)
"""All of them: the server does each once, however often it is asked."""


def test_every_act_of_moderation_is_asked_again_under_the_same_id(
    line: FakeLine, requests: Requests, not_done: NotDone
) -> None:
    for request in ACTS:
        requests.submit(request)
    assert line.take_sent() == list(ACTS)
    line.online = False
    requests.lost()
    assert not_done == [], "nobody knows yet"
    line.online = True
    requests.pump()
    assert line.sent == list(ACTS)
    ((delay, too_late),) = line.timers
    assert delay == ACTS_LAST
    too_late()
    assert not_done == [], "they are under way"
    assert requests.answered(Done(number(3))) == ACTS[2]


@pytest.mark.parametrize("request_", ACTS)
def test_an_act_of_moderation_that_comes_too_late_is_given_up_in_words(
    line: FakeLine, requests: Requests, not_done: NotDone, request_: Request
) -> None:
    requests.submit(request_)
    requests.submit(edit(99))
    line.take_sent()
    line.online = False
    requests.lost()
    ((_, too_late),) = line.timers
    too_late()
    assert not_done == [(request_, ProblemCode.OFFLINE)]
    too_late()
    line.online = True
    requests.pump()
    assert line.sent == [edit(99)], "what is said is said later, too"
    assert len(not_done) == 1


def test_a_list_that_was_asked_for_fails_at_once(line: FakeLine, requests: Requests, not_done: NotDone) -> None:
    lists = (ListBans(number(1)), ListWaiting(number(2)), GetAudit(number(3)))
    for request in lists:
        requests.submit(request)
    requests.lost()
    assert not_done == [(request, ProblemCode.OFFLINE) for request in lists]
