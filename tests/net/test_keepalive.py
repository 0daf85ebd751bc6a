"""The system is asked to find out that a peer is dead."""

import socket
from contextlib import closing

from qtchat.net.keepalive import keep_alive


def test_a_silent_peer_is_asked_after_a_while() -> None:
    with closing(socket.socket()) as sock:
        keep_alive(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            times = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            idle, interval, count = (sock.getsockopt(socket.IPPROTO_TCP, option) for option in times)
            assert idle + interval * count == 45


def test_a_socket_that_takes_no_options_is_left_as_it_is() -> None:
    """As one that the peer has reset, on some systems."""
    first, second = socket.socketpair()
    with closing(first), closing(second):
        keep_alive(first)
        second.send(b"x")
        assert first.recv(1) == b"x"
