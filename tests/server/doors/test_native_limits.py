"""The native door over real TLS: time-outs, windows, slow readers."""

import queue
import socket
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.net.connection import Limits
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    MAX_IN_FLIGHT,
    MAX_TEXT,
    Ack,
    Error,
    Event,
    GetHistory,
    History,
    ListRooms,
    Message,
    Ping,
    Pong,
    Post,
    Rooms,
    Welcome,
)
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.doors import door as every_door
from qtchat.server.doors import native
from tests.helpers.logs import LogWatch
from tests.helpers.servers import running_server
from tests.helpers.visits import LOBBY, farewell, say
from tests.helpers.wire import PATIENCE, Connect, WireClient, new_id


class ShiftedTime:
    """Stands for the module `time` in the door: the real one, and what a test adds to it."""

    def __init__(self) -> None:
        self.shift = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.shift

    def time(self) -> float:
        return time.time()


@pytest.fixture
def shifted(monkeypatch: pytest.MonkeyPatch) -> ShiftedTime:
    """To be asked for before the server, which then looks at its peers all the time."""
    clock = ShiftedTime()
    for module in (native, every_door):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(every_door, "CHECK_INTERVAL", 0.01)
    return clock


def test_a_login_must_come_within_ten_seconds(shifted: ShiftedTime, connect: Connect, log: LogWatch) -> None:
    ada = connect("Ada")
    silent = connect()
    hesitant = connect()
    hesitant.hello()
    hesitant.expect(Welcome)
    shifted.shift = 10.5
    for client in (silent, hesitant):
        error = farewell(client)
        assert (error.code, error.text) == (ErrorCode.TIMEOUT, "no login within 10 s")
    log.wait_for("127.0.0.1 left: no login within 10 s")
    say(ada, "I am in")


def test_the_ten_seconds_hold_for_those_who_do_not_even_begin_tls(
    shifted: ShiftedTime, server: Server, log: LogWatch
) -> None:
    with (
        closing(socket.create_connection(("127.0.0.1", server.port), PATIENCE)) as sock,
        WireClient(server.port) as ada,
    ):
        ada.login("Ada")  # accepted after the other, so that one is known to the door by now
        shifted.shift = 10.5
        assert sock.recv(1) == b""
    log.wait_for("127.0.0.1 left: no login within 10 s")


def test_a_peer_that_falls_silent_counts_as_dead(shifted: ShiftedTime, connect: Connect) -> None:
    ada = connect("Ada")
    shifted.shift = 46.0
    assert farewell(ada).text == "no sign of life for 45 s"


def test_requests_beyond_the_window_are_told_to_come_later(connect: Connect) -> None:
    ada = connect("Ada")
    requests = [ListRooms(new_id()) for _ in range(MAX_IN_FLIGHT + 8)]
    ada.send(*requests)
    answers: dict[bytes, Message] = {}
    while len(answers) < len(requests):
        message = ada.next()
        if isinstance(message, Rooms | Error):
            answers[message.re] = message
    assert all(isinstance(answers[request.id], Rooms) for request in requests[:MAX_IN_FLIGHT])
    for request in requests[MAX_IN_FLIGHT:]:
        refusal = answers[request.id]
        assert isinstance(refusal, Error)
        assert refusal.code == ErrorCode.BUSY
        assert refusal.retry_after_ms is not None
    ada.ask(ListRooms(new_id()), Rooms)  # the window is open again


def test_who_goes_on_far_beyond_the_window_is_cut_off(connect: Connect) -> None:
    ada, bob = connect("Ada"), connect("Bob")
    hard_window = ServerSettings().hard_window
    ada.send(*(ListRooms(new_id()) for _ in range(hard_window + 1)))  # one write, read before any answer
    error = farewell(ada)
    assert error.text == f"more than {hard_window} requests are unanswered"
    say(bob, "I noticed nothing")


def in_loop(server: Server, function: Callable[[native.NativeDoor], object]) -> object:
    """What `function` makes of the door, in its loop's thread, after all that was queued there before."""
    found: queue.SimpleQueue[object] = queue.SimpleQueue()
    door = server._doors[0]
    door.loop.call_soon(lambda: found.put(function(door)))
    return found.get(timeout=PATIENCE)


def slow_reader(door: native.NativeDoor) -> native.NativePeer:
    """Who came in first: not Ada, who reads, but may be behind for a moment, too."""
    return min(door.peers, key=lambda peer: peer.user or 0)


def fall_behind(server: Server, ada: WireClient) -> None:
    """Let Ada talk until the one who came in before her, and reads nothing, has fallen behind."""
    sent = 0
    while not in_loop(server, lambda door: slow_reader(door)._lagging):
        assert sent < 2000, "the slow reader was never taken for one"
        batch = [Post(new_id(), LOBBY, "x" * MAX_TEXT) for _ in range(16)]
        ada.send(*batch)
        waiting = {request.id for request in batch}
        while waiting:
            waiting.discard(ada.expect(Ack).re)
        sent += len(batch)


def test_who_takes_nothing_is_told_so_and_cut_off(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, messages_per_second=0, linger=60) as server,
        WireClient(server.port, receive_buffer=4096) as slow,
        WireClient(server.port) as ada,
    ):
        slow.login("Slow")
        ada.login("Ada")
        fall_behind(server, ada)
        later = time.monotonic() + server.settings.stall_timeout + 1

        in_loop(server, lambda door: slow_reader(door).check(later))
        error = farewell(slow)
        assert error.code == ErrorCode.SLOW_CONSUMER
        assert error.text == "took nothing for 30 s"
        say(ada, "I noticed nothing")


def test_a_slow_reader_is_not_pinged_and_what_it_did_not_ask_for_does_not_pile_up(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, messages_per_second=0, linger=60) as server,
        WireClient(server.port, receive_buffer=4096) as slow,
        WireClient(server.port) as ada,
    ):
        slow.login("Slow")
        ada.login("Ada")
        fall_behind(server, ada)

        def look(door: native.NativeDoor) -> tuple[bool, bool, bool]:
            """It is not asked, it need not answer, and not much waits for it."""
            peer = slow_reader(door)
            assert peer.connection is not None
            before = peer.connection.outbox_size
            peer._session._heard = 0.0  # for hours
            peer.ping(bytes(1000), 1)
            unasked = peer.connection.outbox_size == before
            peer._session.check(time.monotonic())
            alive = peer._session.error is None
            while peer._session.error is None:
                peer.reply(bytes(50_000), 0)
            return unasked, alive, peer.connection.outbox_size < most

        most = 2 * (server.settings.soft_outbox + server.settings.hard_outbox)
        assert in_loop(server, look) == (True, True, True)
        say(ada, "I noticed nothing")


def test_answers_and_a_first_long_list_are_never_too_much(tmp_path: Path) -> None:
    with running_server(tmp_path, messages_per_second=0) as server, WireClient(server.port) as ada:
        ada.login("Ada")

        def look(door: native.NativeDoor) -> bool:
            (peer,) = door.peers
            rooms = encode_frame(Pong()) * 200_000
            peer.reply(rooms, 0)
            for _ in range(8):
                peer.reply(rooms, 1)
            return peer._session.error is None

        assert in_loop(server, look)


def test_every_time_limit_of_the_settings_is_followed(tmp_path: Path) -> None:
    limits = {"login_timeout": 7, "silence_timeout": 33, "stall_timeout": 5, "linger": 3, "hard_outbox": 4096}
    with running_server(tmp_path, **limits) as server, WireClient(server.port) as ada:
        ada.login("Ada")

        def found(door: native.NativeDoor) -> tuple[object, ...]:
            (peer,) = door.peers
            session, connection = peer._session, peer.connection
            assert connection is not None
            return session._handshake_timeout, session._silence_timeout, connection._limits

        assert in_loop(server, found) == (7, 33, Limits(hard_outbox=4096, stall_timeout=5, linger=3))


def test_much_in_one_tick_is_no_sign_of_a_slow_reader(tmp_path: Path) -> None:
    """It is given to the socket at the end of the tick, which may take it all: nothing would tell that it caught up."""
    with running_server(tmp_path, soft_outbox=1024) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        events = [Event(LOBBY, seq, new_id(), 0, 1, "Ada", "post", "x" * 2000) for seq in range(2, 5)]

        def tell(door: native.NativeDoor) -> bool:
            (peer,) = door.peers
            for event in events:
                peer.news(door.codec.encode_events([event]))
            return peer._lagging

        assert in_loop(server, tell) is False
        assert ada.events(3) == events


def test_a_slow_reader_misses_news_and_catches_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtchat.server.hub.PING_INTERVAL_MS", 3_600_000)  # so that only catching up tells the heads
    with (
        running_server(tmp_path, soft_outbox=1024, messages_per_second=0) as server,
        WireClient(server.port, receive_buffer=4096) as slow,
        WireClient(server.port) as ada,
    ):
        slow.login("Slow")
        ada.login("Ada")
        fall_behind(server, ada)
        head = say(ada, "missed").seq

        seqs: list[int] = []
        while True:
            message = slow.next()
            if isinstance(message, Event):
                seqs.append(message.seq)
            elif isinstance(message, Ping):
                assert message.heads == ((LOBBY, head),)
                break
        assert seqs[-1] < head, "news went on piling up for it"
        while seqs[-1] < head:
            page = slow.ask(GetHistory(new_id(), LOBBY, after=seqs[-1]), History)
            seqs += [event.seq for event in page.events]
        assert seqs == list(range(1, head + 1))
        assert say(ada, "and from now on it hears again").seq == slow.events(1)[0].seq
