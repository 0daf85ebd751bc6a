"""A TCP proxy that misbehaves on request: it delays, cuts at a given byte, resets, or holds everything back."""

import contextlib
import random
import selectors
import socket
import struct
import threading
import time
from collections import deque
from types import TracebackType
from typing import Final, Self

CHUNK: Final = 64 * 1024
TO_SERVER: Final = 0
TO_CLIENT: Final = 1
_RESET: Final = struct.pack("ii", 1, 0)


class _Pipe:
    """One connection through the proxy: two sockets, and for each direction what is on its way."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.ends = (client, server)
        self.passed = [0, 0]
        self.queues: tuple[deque[tuple[float, bytes]], deque[tuple[float, bytes]]] = (deque(), deque())
        self.ended = [False, False]


class Proxy:
    """Listens on 127.0.0.1 and passes everything on to `target`, from a thread of its own.

    `delay`: (least, most) seconds that each piece takes, drawn from `random.Random(seed)`; the order stays.
    `cut`: (direction, byte): the next connections end when that many bytes have gone that way.
    `reset`: connections that are cut end with a reset instead of an orderly end.
    """

    def __init__(self, target: int, *, seed: int = 1) -> None:
        """`target`: a port of 127.0.0.1."""
        self.delay = (0.0, 0.0)
        self.cut: tuple[int, int] | None = None
        self.reset = True
        self.passed = [0, 0]
        """Bytes that went through the connection that ended last, by direction."""
        self.accepted = 0
        self.recorded: bytearray | None = None
        """All that passed, in both directions, where somebody has put an empty one here."""
        self._target = target
        self._chance = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._pipes: set[_Pipe] = set()
        self._break_all = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)

    def link(self, link: str, port: int) -> str:
        """A server's invitation, leading through this proxy. `port`: the server's."""
        return link.replace(f":{port}", f":{self.port}")

    def break_all(self) -> None:
        """Reset every connection now."""
        self._break_all = True
        self._wake_writer.send(b"\0")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        self._wake_writer.send(b"\0")
        self._thread.join()

    # -- the thread -----------------------------------------------------------------------------------------

    def _run(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        while not self._stopping:
            for key, _ in self._selector.select(self._patience()):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._wake_reader:
                    self._wake_reader.recv(4096)
                else:
                    pipe, direction = key.data
                    self._read(pipe, direction)
            if self._break_all:
                self._break_all = False
                for pipe in tuple(self._pipes):
                    self._end(pipe, reset=True)
            self._pass_on()
        for pipe in tuple(self._pipes):
            self._end(pipe, reset=False)
        self._selector.close()
        for sock in (self._listener, self._wake_reader, self._wake_writer):
            sock.close()

    def _patience(self) -> float | None:
        dues = [queue[0][0] for pipe in self._pipes for queue in pipe.queues if queue]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        self.accepted += 1
        try:
            server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            _close(client, reset=True)
            return
        pipe = _Pipe(client, server)
        for direction, sock in enumerate(pipe.ends):
            sock.settimeout(5)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ, (pipe, direction))
        self._pipes.add(pipe)

    def _read(self, pipe: _Pipe, direction: int) -> None:
        if pipe not in self._pipes or pipe.ended[direction]:
            return
        try:
            data = pipe.ends[direction].recv(CHUNK)
        except OSError:
            self._end(pipe, reset=True)
            return
        due = time.monotonic() + self._chance.uniform(*self.delay)
        queue = pipe.queues[direction]
        queue.append((max(due, queue[-1][0]) if queue else due, data))
        if not data:
            pipe.ended[direction] = True
            self._selector.unregister(pipe.ends[direction])

    def _pass_on(self) -> None:
        now = time.monotonic()
        for pipe in tuple(self._pipes):
            for direction, queue in enumerate(pipe.queues):
                while pipe in self._pipes and queue and queue[0][0] <= now:
                    self._pass(pipe, direction, queue.popleft()[1])

    def _pass(self, pipe: _Pipe, direction: int, data: bytes) -> None:
        if not data:
            self._end(pipe, reset=False)
            return
        cut = self.cut
        if cut is not None and cut[0] == direction:
            data = data[: max(0, cut[1] - pipe.passed[direction])]
        try:
            pipe.ends[1 - direction].sendall(data)
        except OSError:
            self._end(pipe, reset=True)
            return
        pipe.passed[direction] += len(data)
        if self.recorded is not None:
            self.recorded += data
        if cut is not None and pipe.passed[cut[0]] >= cut[1]:
            self._end(pipe, reset=self.reset)

    def _end(self, pipe: _Pipe, *, reset: bool) -> None:
        self._pipes.discard(pipe)
        self.passed = pipe.passed
        for direction, sock in enumerate(pipe.ends):
            if not pipe.ended[direction]:
                self._selector.unregister(sock)
            _close(sock, reset=reset)


def _close(sock: socket.socket, *, reset: bool) -> None:
    if reset:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()
