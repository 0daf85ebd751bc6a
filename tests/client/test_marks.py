"""How far we have read: at once here, in time on the server, the same on all devices."""

import pytest

from qtchat.client import marks as module
from qtchat.client.marks import INTERVAL, ReadMarks
from qtchat.protocol.messages import Error, MarkRead, Room
from tests.helpers.lines import FakeLine


class Clock:
    """Stands for the module `time`."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def marks(line: FakeLine, clock: Clock) -> ReadMarks:
    """Of room 1, read up to 10, as the server knows."""
    marks = ReadMarks(line)
    line.on_pump = marks.pump
    line.disk.cache.put_room(room())
    marks.room_told(room(read=10))
    return marks


def room(number: int = 1, head: int = 50, read: int = 0) -> Room:
    return Room(number, "lobby", "", head, 2, read=read)


def sent(line: FakeLine) -> list[tuple[int, int]]:
    requests = line.take_sent()
    assert all(isinstance(request, MarkRead) for request in requests)
    return [(request.room, request.seq) for request in requests]


def pass_time(line: FakeLine, clock: Clock) -> None:
    """Until the timer that was set rings."""
    ((delay, _),) = line.timers
    clock.now += delay
    line.run_timers()


def test_a_mark_is_kept_at_once_and_told_at_once(line: FakeLine, marks: ReadMarks) -> None:
    marks.mark(1, 12)
    line.run_disk()
    assert line.disk.cache.rooms()[0].read == 12
    assert sent(line) == [(1, 12)]
    marks.mark(1, 11)
    marks.mark(99, 5)
    assert (sent(line), marks.read(1), marks.read(99)) == ([], 12, 0)


def test_of_many_marks_in_a_second_the_last_one_is_told(line: FakeLine, marks: ReadMarks, clock: Clock) -> None:
    marks.room_told(room(2))
    marks.mark(1, 12)
    (request,) = line.take_sent()
    marks.mark(2, 3)
    assert sent(line) == [(2, 3)]  # each room has its own second
    clock.now += 0.25
    for seq in (13, 14, 15):
        marks.mark(1, seq)
    marks.answered(request)
    marks.pump()
    marks.pump()
    assert (line.sent, [delay for delay, _ in line.timers]) == ([], [INTERVAL - 0.25])
    pass_time(line, clock)
    assert sent(line) == [(1, 15)]


def test_while_a_mark_is_under_way_the_next_one_waits(line: FakeLine, marks: ReadMarks, clock: Clock) -> None:
    marks.mark(1, 12)
    (request,) = line.take_sent()
    clock.now += 10
    marks.mark(1, 13)
    assert (line.sent, line.timers) == ([], [])
    marks.answered(request)
    marks.pump()
    assert sent(line) == [(1, 13)]


def test_a_mark_without_a_connection_is_told_with_the_next(line: FakeLine, marks: ReadMarks, clock: Clock) -> None:
    line.online = False
    marks.lost()
    marks.mark(1, 12)
    marks.pump()
    assert line.sent == []
    line.online = True
    assert marks.room_told(room(read=10)) == 12
    marks.pump()
    assert sent(line) == [(1, 12)]
    marks.lost()
    clock.now += 10
    assert marks.room_told(room(read=12)) == 12
    marks.pump()
    assert sent(line) == []


def test_a_mark_of_the_last_time_is_told_if_the_server_is_behind(line: FakeLine, clock: Clock) -> None:
    marks = ReadMarks(line)
    marks.restore(1, 12)
    assert marks.read(1) == 12
    assert marks.room_told(room(read=7)) == 12
    marks.pump()
    assert sent(line) == [(1, 12)]


def test_what_another_device_has_read_is_read(line: FakeLine, marks: ReadMarks) -> None:
    marks.heard(1, 20)
    marks.heard(1, 15)
    marks.heard(99, 15)
    line.run_disk()
    assert (marks.read(1), line.disk.cache.rooms()[0].read) == (20, 20)
    marks.mark(1, 18)
    assert sent(line) == []
    assert marks.room_told(room(read=30)) == 30


def test_a_refused_mark_is_told_later_or_with_the_next(line: FakeLine, marks: ReadMarks, clock: Clock) -> None:
    marks.mark(1, 12)
    (request,) = line.take_sent()
    marks.refused(request, Error(request.id, "busy", "Later.", retry_after_ms=3000))
    marks.pump()
    assert [delay for delay, _ in line.timers] == [3.0]
    pass_time(line, clock)
    (request,) = line.take_sent()
    marks.refused(request, Error(request.id, "room_unknown", "No."))
    clock.now += 10
    marks.pump()
    assert (line.sent, line.timers) == ([], [])
    marks.mark(1, 13)
    assert sent(line) == [(1, 13)]


def test_a_server_that_keeps_no_marks_is_not_bothered(line: FakeLine, clock: Clock) -> None:
    """What was said before we were there counts as read."""
    line.capabilities = frozenset()
    marks = ReadMarks(line)
    assert marks.room_told(room(head=50)) == 50
    assert marks.room_told(room(head=60)) == 50
    marks.mark(1, 60)
    marks.pump()
    assert line.sent == []


def test_a_full_window_is_waited_for(line: FakeLine, marks: ReadMarks) -> None:
    line.free = 0
    marks.mark(1, 12)
    assert line.sent == []
    line.free = 1
    marks.pump()
    assert sent(line) == [(1, 12)]


def test_a_room_that_was_left_and_another_history_have_no_marks(line: FakeLine, marks: ReadMarks) -> None:
    marks.forget(1)
    marks.forget(1)
    marks.mark(1, 12)
    marks.answered(MarkRead(bytes(16), 1, 12))
    marks.refused(MarkRead(bytes(16), 1, 12), Error(bytes(16), "busy", "", 1))
    assert (marks.read(1), line.sent) == (0, [])
    marks.room_told(room(2, read=4))
    marks.reset()
    assert marks.read(2) == 0


def test_a_mark_that_is_due_waits_for_the_window_without_a_timer(
    line: FakeLine, marks: ReadMarks, clock: Clock
) -> None:
    marks.room_told(room(2))
    marks.mark(2, 1)
    line.take_sent()
    line.free = 0
    marks.mark(1, 12)
    marks.pump()
    assert line.timers == []  # one of no delay would ring again and again until the window opens
    marks.lost()
    marks.mark(2, 3)  # not due before a second is over
    assert [delay for delay, _ in line.timers] == [INTERVAL]
    line.free = 1
    marks.pump()
    assert sent(line) == [(1, 12)]
