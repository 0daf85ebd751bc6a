"""A TLS port, and what people send to it."""

import os
import socket
import ssl
from functools import partial

import pytest

from qtchat.net.loop import IoLoop
from tests.net.connections import PATIENCE, Contexts, Recorder, do, run, secure, tcp_pair


def old_client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


NOT_TLS = "sent something that is not TLS"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello there\n", NOT_TLS),
        (b"NICK anna\r\nUSER anna 0 * :Anna\r\n", NOT_TLS),
        (b"\0\0\0\x07\x92\xa4ping\x90", NOT_TLS),  # our own protocol, but without TLS
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"CONNECT x:1 HTTP/1.1\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", NOT_TLS),
        (bytes(100), NOT_TLS),
        (b"\xff" * 100, NOT_TLS),
        (b"\x16\x03\x01\xff\xff" + b"x" * 100, NOT_TLS),  # a record that is too long
        (b"\x17\x03\x03\x00\x05hello", NOT_TLS),  # application data before the handshake
        (b"\x16\x03\x01\x00\x05hello", NOT_TLS),  # a handshake record with something else in it
    ],
)
def test_what_is_not_tls_is_told_once_and_closed(loop: IoLoop, contexts: Contexts, data: bytes, reason: str) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(data)
    assert recorder.reason == reason
    assert recorder.events == ["closed"]
    theirs.close()


def test_an_older_tls_is_refused_on_both_sides_in_words(loop: IoLoop, contexts: Contexts) -> None:
    ours, theirs = tcp_pair()
    server, client = Recorder(), Recorder()
    secure(loop, ours, server, contexts[0], server=True)
    secure(loop, theirs, client, old_client(), server=False)
    assert server.reason == "speaks an older TLS; 1.3 is needed"
    assert client.reason == "speaks an older TLS; 1.3 is needed"


def test_a_client_meets_a_server_that_is_something_else(loop: IoLoop, contexts: Contexts) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[1], server=False)
    theirs.sendall(b"220 mail.example ESMTP ready\r\n")
    assert recorder.reason == NOT_TLS
    theirs.close()


def test_a_peer_that_never_finishes_the_handshake_is_at_our_mercy(
    loop: IoLoop, contexts: Contexts, sockets: list[socket.socket]
) -> None:
    ours, theirs = tcp_pair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a client's hello
    run(loop, lambda: None)
    assert recorder.events == []
    do(loop, partial(connection.send, b"it waits"), partial(connection.close, "no login within 10 s"))
    assert recorder.reason == "no login within 10 s"


def test_a_peer_that_goes_away_in_the_middle_of_the_handshake(loop: IoLoop, contexts: Contexts) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(b"\x16\x03\x01\x02\x00\x01")
    theirs.close()
    assert recorder.reason == "went away in the middle"


def test_damaged_tls_records_end_an_open_connection(loop: IoLoop, contexts: Contexts) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.settimeout(PATIENCE)
    with contexts[1].wrap_socket(theirs) as encrypted:
        recorder.wait_for("connected")
        os.write(encrypted.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        assert recorder.reason.startswith("TLS failed: ")
        assert recorder.data == b""
