"""The native door over real TLS: logins, bad input, limits, slow readers, the end."""

import queue
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pytest

from qtchat.net.connection import Limits
from qtchat.net.signature import SigningKey
from qtchat.net.tls import public_key_of, server_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    MAX_FRAME,
    MAX_HANDSHAKE_FRAME,
    MAX_IN_FLIGHT,
    MAX_TEXT,
    NONCE_SIZE,
    Ack,
    Authenticate,
    Error,
    Event,
    GetHistory,
    Hello,
    History,
    ListPeople,
    ListRooms,
    Message,
    People,
    Ping,
    Pong,
    Post,
    Presence,
    Rooms,
    Welcome,
)
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.doors import native
from tests.helpers.logs import LogWatch
from tests.helpers.servers import running_server
from tests.helpers.wire import PATIENCE, Connect, WireClient, new_id

LOBBY = 1


@pytest.fixture
def log() -> Iterator[LogWatch]:
    with LogWatch() as watch:
        yield watch


def farewell(client: WireClient) -> Error:
    """The error that ends the connection; afterwards it is closed."""
    *_, last = client.last_words()
    assert isinstance(last, Error)
    assert last.re == b""
    client.close()
    return last


def say(client: WireClient, text: str) -> Ack:
    return client.ask(Post(new_id(), LOBBY, text), Ack)


# -- logins -------------------------------------------------------------------------------------------


def test_a_whole_visit(server: Server, connect: Connect, log: LogWatch) -> None:
    ada = connect()
    assert server_code(ada.server_key) == server.code
    ada.hello()
    welcome = ada.expect(Welcome)
    assert welcome.version == 1
    assert welcome.name == server.settings.shown_name
    assert welcome.epoch == 1
    assert abs(welcome.time / 1000 - time.time()) < PATIENCE
    ada._server_nonce = welcome.nonce
    ada.send(ada.claim("Ada"))
    first, room, ready = ada.next(), ada.next(), ada.next()
    assert [type(message).__name__ for message in (first, room, ready)] == ["Authenticated", "Room", "Ready"]
    assert (ada.rooms[LOBBY].name, ada.rooms[LOBBY].head, ada.rooms[LOBBY].members) == ("lobby", 1, 1)

    bob = connect("Bob")
    ack = say(bob, "hello")
    assert [(event.seq, event.nick, event.text) for event in ada.events(1)] == [(ack.seq, "Bob", "hello")]
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada", "Bob"]
    assert [event.text for event in ada.ask(GetHistory(new_id(), LOBBY), History).events] == ["", "", "hello"]
    bob.close()
    log.wait_for("Bob from 127.0.0.1 left: the peer closed the connection")


def test_the_same_key_is_the_same_user(connect: Connect) -> None:
    key = SigningKey.generate()
    desk, phone = connect(key=key), connect(key=key)
    first, second = desk.login("Ada"), phone.login("Ada")
    assert first.user == second.user
    say(phone, "from the phone")
    assert desk.events(1)[0].author == first.user


def test_a_taken_nick_is_refused_with_a_free_one(connect: Connect) -> None:
    connect("Ada")
    other = connect()
    other.introduce("ADA")
    error = farewell(other)
    assert (error.code, error.suggestion) == (ErrorCode.NICK_TAKEN, "ADA 2")
    assert error.text == "The name ADA belongs to somebody else here."
    assert connect().login(error.suggestion).nick == "ADA 2"


@pytest.mark.parametrize("nick", ["#root", "a:b", "a\u200bb", "   "])
def test_a_forbidden_nick_is_refused_in_words(connect: Connect, nick: str) -> None:
    client = connect()
    client.introduce(nick)
    error = farewell(client)
    assert error.code == ErrorCode.NICK_INVALID
    assert error.text.startswith("A name ")


def test_a_login_must_be_signed_for_this_connection(connect: Connect, log: LogWatch) -> None:
    first, second = connect(), connect()
    first.hello()
    first._server_nonce = first.expect(Welcome).nonce
    relayed = first.claim("Ada")  # correct, but for the other connection
    second.hello()
    second.expect(Welcome)
    second.send(relayed)
    assert farewell(second).code == ErrorCode.AUTH_FAILED
    log.wait_for("127.0.0.1 left: the signature does not fit this connection")
    first.send(relayed)
    assert first.next() is not None


def test_a_name_cannot_be_swapped_under_a_signature(connect: Connect) -> None:
    client = connect()
    client.hello()
    client._server_nonce = client.expect(Welcome).nonce
    claim = client.claim("Ada")
    client.send(Authenticate("Eve", claim.key, claim.signature))
    assert farewell(client).code == ErrorCode.AUTH_FAILED


def test_a_version_that_is_not_spoken_is_refused_in_words(connect: Connect) -> None:
    client = connect()
    client.hello(oldest=7, newest=9)
    error = farewell(client)
    assert error.code == ErrorCode.VERSION
    assert "versions 1 to 1, the client 7 to 9" in error.text


def test_a_newer_client_is_spoken_to_in_the_version_both_know(connect: Connect) -> None:
    client = connect()
    client.hello(newest=99)
    assert client.expect(Welcome).version == 1


def test_presence_is_for_those_who_asked(connect: Connect) -> None:
    deaf = connect()
    deaf.login("Deaf", capabilities=())
    ada, bob = connect("Ada"), connect("Bob")
    while not any(person.nick == "Bob" for person in ada.expect(Presence).people):
        pass
    say(bob, "hello")
    deaf.events(1)
    assert not [message for message in deaf.passed_over if isinstance(message, Presence)]


def test_a_ping_is_answered(connect: Connect) -> None:
    ada = connect("Ada")
    ada.send(Ping())
    assert ada.expect(Pong) == Pong()


# -- bad input ----------------------------------------------------------------------------------------


def plain(data: bytes, *, then_close: bool = False) -> Callable[[int], None]:
    """Send these bytes without TLS, and read until the server closes."""

    def act(port: int) -> None:
        with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as sock:
            sock.sendall(data)
            with suppress(ConnectionError):
                while not then_close and sock.recv(4096):
                    pass

    return act


def inside_tls(data: bytes, *, then_close: bool = False) -> Callable[[int], None]:
    """Send these bytes where Hello should be, and read until the server closes."""

    def act(port: int) -> None:
        with WireClient(port) as client:
            client.send_raw(data)
            if not then_close:
                farewell(client)

    return act


def logged_in(data: bytes) -> Callable[[int], None]:
    """Send these bytes in an open session, and read until the server closes."""

    def act(port: int) -> None:
        with WireClient(port) as client:
            client.login("Mallory")
            client.send_raw(data)
            farewell(client)

    return act


def tls_1_2(port: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE)) as sock, pytest.raises(ssl.SSLError):
        context.wrap_socket(sock)


HELLO = encode_frame(Hello(1, 1, (), "qtchat tests", bytes(NONCE_SIZE)))
RANDOM = random.Random(7).randbytes(100_000)
NOT_TLS = "127.0.0.1 left: sent something that is not TLS"
HTTP = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    ("misbehave", "line"),
    [
        pytest.param(plain(RANDOM), NOT_TLS, id="random bytes"),
        pytest.param(plain(b"hello, is anybody there?\r\n"), NOT_TLS, id="plain text"),
        pytest.param(plain(HTTP), "127.0.0.1 left: spoke HTTP to the native port, which takes TLS 1.3 only", id="HTTP"),
        pytest.param(tls_1_2, "127.0.0.1 left: speaks an older TLS; 1.3 is needed", id="TLS 1.2"),
        pytest.param(plain(b"", then_close=True), "127.0.0.1 left: ", id="port scan"),
        pytest.param(plain(b"\x16\x03\x01\x02", then_close=True), "127.0.0.1 left: ", id="half a TLS hello"),
        pytest.param(
            inside_tls(HTTP), "127.0.0.1 left: this is a qtchat server, not a web server", id="HTTP inside TLS"
        ),
        pytest.param(inside_tls(RANDOM), "127.0.0.1 left: a frame of ", id="random bytes inside TLS"),
        pytest.param(inside_tls(bytes(4)), "127.0.0.1 left: a frame without content", id="empty frame"),
        pytest.param(
            inside_tls((MAX_HANDSHAKE_FRAME + 1).to_bytes(4, "big")),
            "127.0.0.1 left: a frame of 4097 bytes; the limit is 4096",
            id="over-long frame before the login",
        ),
        pytest.param(
            logged_in((MAX_FRAME + 1).to_bytes(4, "big")),
            "Mallory from 127.0.0.1 left: a frame of 65537 bytes; the limit is 65536",
            id="over-long frame",
        ),
        pytest.param(
            inside_tls(HELLO[:-5], then_close=True),
            "127.0.0.1 left: the peer closed the connection",
            id="truncated frame",
        ),
        pytest.param(
            inside_tls(b"\0\0\0\1\xc1"), "127.0.0.1 left: a frame that is not MessagePack", id="not MessagePack"
        ),
        pytest.param(inside_tls(b"\0\0\0\1\x07"), "127.0.0.1 left: a frame that is not a message", id="not a message"),
        pytest.param(
            inside_tls(encode_frame(ListRooms(bytes(16)))),
            "127.0.0.1 left: a list_rooms message has no place in state hello",
            id="request before the login",
        ),
        pytest.param(
            logged_in(HELLO), "Mallory from 127.0.0.1 left: a hello message has no place in state open", id="two hellos"
        ),
        pytest.param(
            logged_in(encode_frame(Post(b"short", LOBBY, "x"))),
            "Mallory from 127.0.0.1 left: a malformed post message: ",
            id="malformed post",
        ),
    ],
)
def test_bad_input_gets_one_line_and_a_close_and_disturbs_nobody(
    server: Server, connect: Connect, log: LogWatch, misbehave: Callable[[int], None], line: str
) -> None:
    ada, bob = connect("Ada"), connect("Bob")
    log.forget()
    misbehave(server.port)
    log.wait_for(line)
    ack = say(ada, "still here")
    assert bob.events(1)[0].seq == ack.seq
    about = [entry for entry in log.lines() if "Mallory joined" not in entry]
    assert len(about) == 1, about
    assert about[0].startswith(line)
    assert "Traceback" not in about[0]


def test_the_error_says_what_was_wrong(connect: Connect) -> None:
    for data, code in (
        (bytes(4), ErrorCode.BAD_FRAME),
        (b"\xff" * 4, ErrorCode.TOO_LARGE),
        (b"\0\0\0\1\xc1", ErrorCode.BAD_MESSAGE),
        (encode_frame(Pong()), ErrorCode.UNEXPECTED),
    ):
        client = connect()
        client.send_raw(data)
        assert farewell(client).code == code


def test_what_it_does_not_know_is_skipped(connect: Connect) -> None:
    ada = connect("Ada")
    unknown = msgspec.msgpack.encode(["teleport", {"to": "the moon"}])
    ada.send_raw(len(unknown).to_bytes(4, "big") + unknown)
    ada.send(Ping())
    assert ada.expect(Pong) == Pong()


def test_a_frame_may_come_byte_by_byte(connect: Connect) -> None:
    client = connect()
    for number in range(len(HELLO)):
        client.send_raw(HELLO[number : number + 1])
    client.session.send(Hello(1, 1, (), "qtchat tests", bytes(NONCE_SIZE)))  # our side goes along
    client.session.data_to_send()
    assert isinstance(client.next(), Welcome)


# -- limits -------------------------------------------------------------------------------------------


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
    monkeypatch.setattr(native, "time", clock)
    monkeypatch.setattr(native, "CHECK_INTERVAL", 0.01)
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


def fall_behind(server: Server, ada: WireClient) -> None:
    """Let Ada talk until somebody who reads nothing has fallen behind."""
    sent = 0
    while not in_loop(server, lambda door: any(peer._lagging for peer in door.peers)):
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

        def look(door: native.NativeDoor) -> None:
            for peer in tuple(door.peers):
                if peer._lagging:
                    peer.check(later)

        in_loop(server, look)
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
            (peer,) = (peer for peer in door.peers if peer._lagging)
            assert peer.connection is not None
            before = peer.connection.outbox_size
            peer._session._heard = 0.0  # for hours
            peer.ping(bytes(1000))
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


# -- the end ------------------------------------------------------------------------------------------


def test_everybody_is_told_that_the_server_closes(server: Server, connect: Connect) -> None:
    clients = [connect("Ada"), connect("Bob"), connect()]
    with ThreadPoolExecutor(len(clients)) as pool:
        farewells = pool.map(farewell, clients)
        assert server.stop()
        errors = list(farewells)
    assert {(error.code, error.text) for error in errors} == {(ErrorCode.CLOSING, "the server is shutting down")}


def test_a_certificate_of_this_server_is_shown(server: Server, connect: Connect) -> None:
    certificate = connect().sock.getpeercert(binary_form=True)
    assert certificate
    assert server_code(public_key_of(certificate)) == server.code
