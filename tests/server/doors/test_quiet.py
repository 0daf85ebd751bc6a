"""What nobody answers has a pace of its own: by the numbers, and at a real door."""

import pytest

from qtchat.net.connection import Connection
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import Ack, Pong, Post, Typing
from qtchat.server.doors import quiet
from qtchat.server.doors.quiet import FRAMES_AT_ONCE, FRAMES_PER_SECOND, TYPING_PAUSE, TYPING_ROOMS, QuietPace
from tests.helpers.wire import Connect, new_id

LOBBY = 1
UNKNOWN = (6).to_bytes(4, "big") + b"\x91\xa4what"


def test_typing_in_a_room_is_passed_on_every_other_second_at_most() -> None:
    pace = QuietPace()
    times = (0.0, TYPING_PAUSE - 0.1, TYPING_PAUSE, TYPING_PAUSE + 0.1)
    assert [pace.passes(LOBBY, now) for now in times] == [True, False, True, False]


def test_who_goes_to_another_room_is_seen_there_at_once_but_not_everywhere() -> None:
    pace = QuietPace()
    rooms = range(1, TYPING_ROOMS + 2)
    assert [pace.passes(room, 0.0) for room in rooms] == [True] * TYPING_ROOMS + [False]
    assert pace.passes(TYPING_ROOMS + 1, TYPING_PAUSE)


def test_many_frames_at_once_are_taken_and_more_have_to_wait() -> None:
    pace = QuietPace()
    assert pace.wait(FRAMES_AT_ONCE, 100.0) == 0
    assert pace.wait(FRAMES_PER_SECOND, 100.0) == 1
    assert pace.wait(0, 101.0) == 0
    assert pace.wait(1, 101.0) == pytest.approx(1 / FRAMES_PER_SECOND)
    assert pace.wait(FRAMES_AT_ONCE, 1000.0) == 0, "what was not used does not add up beyond that"
    assert pace.wait(1, 1000.0) > 0


@pytest.mark.parametrize("frame", [encode_frame(Typing(LOBBY)), encode_frame(Pong()), UNKNOWN])
def test_a_door_reads_no_more_from_a_flooder_until_the_time_is_over(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, frame: bytes
) -> None:
    monkeypatch.setattr(quiet, "FRAMES_PER_SECOND", 10_000)
    held: list[bool] = []
    hold = Connection.hold

    def watched(connection: Connection, value: bool) -> None:
        held.append(value)
        hold(connection, value)

    ada = connect("Ada")
    monkeypatch.setattr(Connection, "hold", watched)
    ada.sock.sendall(frame * (FRAMES_AT_ONCE + 500))
    assert ada.ask(Post(new_id(), LOBBY, "behind all that"), Ack).room == LOBBY
    assert held[:2] == [True, False]
    calm = connect("Bob")
    calm.sock.sendall(frame * 20)
    assert calm.ask(Post(new_id(), LOBBY, "at once"), Ack).room == LOBBY
