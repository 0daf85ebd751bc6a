"""The native door over real TLS: what is no TLS, no frame, no message, or has no place there."""

import random
import socket
import ssl
from collections.abc import Callable
from contextlib import closing, suppress

import msgspec
import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    MAX_FRAME,
    MAX_HANDSHAKE_FRAME,
    NONCE_SIZE,
    Hello,
    ListRooms,
    Ping,
    Pong,
    Post,
    Welcome,
)
from qtchat.server.app import Server
from tests.helpers.logs import LogWatch
from tests.helpers.visits import LOBBY, farewell, say
from tests.helpers.wire import PATIENCE, Connect, WireClient


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
