"""The hand-out page, http://HOST:PORT/get: the app for those who have no internet to get it from.

A page of its own port that can only be read: the files of one folder with their hashes, and the invitation. A file is
found by comparing its name with the list of the folder, so what is asked for never becomes a part of a path.
"""

import logging
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote, unquote

from qtchat import __version__
from qtchat.server.handout_page import Offer, hash_of_file, page, policy
from qtchat.server.listener import Crowd, Listener

logger = logging.getLogger(__name__)

PATH: Final = "/get"
MAX_GUESTS: Final = 32
"""Connections at one time, each with a thread."""
MAX_GUESTS_PER_ADDRESS: Final = 6
MAX_REQUEST: Final = 8 * 1024
"""Bytes of a request with all its headers."""
REQUEST_TIMEOUT: Final = 10.0
"""Seconds that a whole request may take to arrive."""
CHUNK: Final = 64 * 1024
"""Bytes sent at once."""
CHUNK_TIMEOUT: Final = 20.0
"""Seconds in which a guest must take such a chunk."""
MAX_FILES: Final = 100
"""Files offered at most; the first ones in the order of their names."""


class Handout:
    """Offers the files that are in `folder` at the moment of asking, until it is stopped. Any thread may call it."""

    def __init__(self, folder: Path, host: str, port: int, *, name: str, link: str) -> None:
        """Binds at once; raises ListenError. `host`, `port`: as in Listener. `name`: the chat's. `link`: invitation."""
        self._shelf = Shelf(folder)
        self._name, self._link = name, link
        self._crowd = Crowd(MAX_GUESTS, MAX_GUESTS_PER_ADDRESS)
        self._lock = threading.Lock()
        self._guests: dict[threading.Thread, socket.socket] = {}
        self._listener = Listener(host, port, self._accepted, self._crowd, backlog=MAX_GUESTS)
        self.port = self._listener.port

    def start(self) -> None:
        self._listener.start()

    def stop(self, timeout: float) -> bool:
        """Cut everybody off. False if `timeout` seconds did not do."""
        deadline = time.monotonic() + timeout
        in_time = self._listener.stop(timeout)
        with self._lock:
            guests = list(self._guests.items())
            for _, sock in guests:
                with suppress(OSError):  # it has gone by itself
                    sock.shutdown(socket.SHUT_RDWR)
        for thread, _ in guests:
            thread.join(max(0.0, deadline - time.monotonic()))
        return in_time and not any(thread.is_alive() for thread, _ in guests)

    def _accepted(self, sock: socket.socket, address: str) -> None:
        """In the listener's thread."""
        thread = threading.Thread(target=self._serve, args=(sock, address), name="qtchat-handout", daemon=True)
        with self._lock:
            self._guests[thread] = sock
        thread.start()

    def _serve(self, sock: socket.socket, address: str) -> None:
        """The life of one connection: one request, one answer."""
        try:
            with suppress(OSError):  # gone, or too slow: whoever wants the page asks again
                head = read_head(sock)
                if head:
                    sock.settimeout(CHUNK_TIMEOUT)
                    _Answer(sock, address, head, self._shelf, partial(page, self._name, self._link))
        finally:
            with self._lock:
                del self._guests[threading.current_thread()]
                sock.close()
            self._crowd.leave(address)


def read_head(sock: socket.socket) -> bytes:
    """A request up to the end of its headers; empty if what comes is none. Raises OSError, TimeoutError."""
    head = b""
    deadline = time.monotonic() + REQUEST_TIMEOUT
    while b"\r\n\r\n" not in head and b"\n\n" not in head:
        sock.settimeout(max(0.001, deadline - time.monotonic()))
        piece = sock.recv(MAX_REQUEST)
        head += piece
        if not piece or len(head) > MAX_REQUEST:
            return b""
    return head


class Shelf:
    """The files of one folder: plain ones that are not hidden. A link could lead out of it, and is left out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hashes: dict[str, tuple[tuple[int, int], str]] = {}  # name -> what it was like then, SHA-256

    def offers(self) -> list[Offer]:
        """What there is now. A file is read when it is first seen, and when it has changed."""
        found = []
        for name, facts in self._files():
            state = (facts.st_size, facts.st_mtime_ns)
            known = self._hashes.get(name)
            if known is None or known[0] != state:
                try:
                    known = self._hashes[name] = (state, hash_of_file(self._folder / name))
                except OSError as error:
                    logger.warning("%s is not offered: %s", self._folder / name, error.strerror)
                    continue
            found.append(Offer(name, facts.st_size, known[1]))
        return found

    def open(self, name: str) -> BinaryIO | None:
        """The file of this name, for reading; None if none is offered under it."""
        if name not in (known for known, _ in self._files()):
            return None
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            return os.fdopen(os.open(self._folder / name, flags), "rb")
        except OSError:  # it was taken away or made a link just now, or may not be read
            return None

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        try:
            with os.scandir(self._folder) as entries:
                names = sorted(e.name for e in entries if e.name.isprintable() and not e.name.startswith("."))
        except OSError as error:
            logger.warning("nothing is handed out: %s: %s", self._folder, error.strerror)
            return
        for name in names[:MAX_FILES]:
            with suppress(OSError):  # it was taken away just now
                facts = (self._folder / name).lstat()
                if stat.S_ISREG(facts.st_mode):
                    yield name, facts


class _Answer(BaseHTTPRequestHandler):
    """One answer; making the object gives it."""

    def __init__(
        self, sock: socket.socket, address: str, head: bytes, shelf: Shelf, make_page: "partial[bytes]"
    ) -> None:
        self._head = head
        self._shelf = shelf
        self._make_page = make_page
        super().__init__(sock, (address, 0), None)  # type: ignore[arg-type]  # it has no server, and asks for none

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self.rfile = BytesIO(self._head)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path in (PATH, PATH + "/"):
            body = self._make_page(self._shelf.offers())
            self._start(HTTPStatus.OK, "text/html; charset=utf-8", len(body))
            if self.command == "GET":
                self._send(memoryview(body))
        elif path == "/":
            self._start(HTTPStatus.FOUND, "text/plain", 0, {"Location": PATH})
        else:
            self._file(path)

    do_HEAD = do_GET  # noqa: N815 (http.server calls it)

    def _file(self, path: str) -> None:
        name = unquote(path.removeprefix(PATH + "/"))
        file = self._shelf.open(name) if path.startswith(PATH + "/") else None
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        with file:
            size = os.fstat(file.fileno()).st_size
            disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
            self._start(HTTPStatus.OK, "application/octet-stream", size, {"Content-Disposition": disposition})
            left = size if self.command == "GET" else 0
            while left and (piece := file.read(min(CHUNK, left))):
                self.connection.sendall(piece)
                left -= len(piece)

    def _send(self, body: memoryview) -> None:
        for start in range(0, len(body), CHUNK):
            self.connection.sendall(body[start : start + CHUNK])

    def _start(self, status: HTTPStatus, kind: str, length: int, more: dict[str, str] | None = None) -> None:
        """Status and headers, the same strict ones for everything."""
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(length),
            "Content-Security-Policy": policy(),
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Connection": "close",
        }
        for name, value in (headers | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Say it in one line, and nothing of what was asked."""
        status = HTTPStatus(code)
        if status is HTTPStatus.NOT_IMPLEMENTED:  # a method that is none of ours
            status = HTTPStatus.METHOD_NOT_ALLOWED
        body = f"{status} {status.phrase}\n".encode()
        self.close_connection = True
        self._start(status, "text/plain; charset=utf-8", len(body), {"Allow": "GET, HEAD"})
        if self.command != "HEAD":
            self._send(memoryview(body))

    def version_string(self) -> str:
        return f"qtchat/{__version__}"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name is the base class's)
        """In the server's log, with nothing in it that steers a terminal."""
        logger.info("hand-out page, %s: %r", self.client_address[0], format % args)
