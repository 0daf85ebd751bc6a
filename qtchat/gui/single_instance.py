"""One window to a profile: a second start hands its link to the program that runs, and ends.

A local socket (a named pipe on Windows) that only this user may use. Whoever connects sends one message: the line
GREETING, and a line with the link, empty where only the window is wanted. The answer is TAKEN, or nothing.
"""

import hashlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import platformdirs
from PySide6.QtCore import QDeadlineTimer, QEvent, QObject, QThread, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from qtchat.client.profile_lock import ProfileInUseError, profile_lock

logger = logging.getLogger(__name__)

GREETING: Final = b"qtchat window 1\n"
TAKEN: Final = b"taken\n"
SCHEME: Final = "qtchat"
MAX_LINK: Final = 4096
"""Characters, as in net.invitation; an address has none that needs more than one byte."""
MAX_MESSAGE: Final = len(GREETING) + MAX_LINK + 1
MAX_WAITING: Final = 4
"""Connections at one time."""
PATIENCE_MS: Final = 2_000
"""For a running program to take a link, and for whoever connects to say what he wants."""
QUIT_PATIENCE_MS: Final = 8_000
"""For a program that is quitting, with a chat that it hosts perhaps, to let go of the profile."""
AGAIN_MS: Final = 50
LONGEST_PATH: Final = 100
"""Bytes: a socket's path must be short, 104 with its end on macOS."""


def socket_names(profile: Path) -> list[str]:
    """Where the program that has this profile listens: the first of these where it can."""
    name = f"qtchat-{hashlib.sha256(str(profile).encode(errors='surrogateescape')).hexdigest()[:20]}"
    if sys.platform == "win32":
        return [name]
    places = [profile / "window"]  # in a folder that is this user's alone; a memory stick may know no sockets
    try:
        with warnings.catch_warnings(action="ignore"):  # where the system has no such folder, a temporary one will do
            elsewhere = platformdirs.user_runtime_path("qtchat", appauthor=False) / name
        elsewhere.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        places.append(elsewhere)
    except OSError as error:
        logger.info("there is no folder for sockets: %s", error)
    return [str(place) for place in places if len(os.fsencode(place)) <= LONGEST_PATH]


@contextmanager
def only_start(profile: Path, link: str) -> Iterator[bool]:
    """Lock this profile, True; or give `link` to the program that has it, see `hand_over`: False.

    Raises ProfileInUseError if that one does not answer. One that begins just now does not listen yet, and one that
    quits listens no more: both are waited for. Blocks for seconds, so it is for a program that has no window yet.
    """
    deadline = QDeadlineTimer(QUIT_PATIENCE_MS)
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(profile_lock(profile))
            except ProfileInUseError:
                if hand_over(profile, link):
                    yield False
                    return
                if deadline.hasExpired():
                    raise
                QThread.msleep(AGAIN_MS)
            else:
                yield True
                return


def hand_over(profile: Path, link: str) -> bool:
    """Give `link` to the program that has this profile; "" only raises its window. False if nobody took it."""
    return any(_hand_over_at(name, link) for name in socket_names(profile))


def _hand_over_at(name: str, link: str) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(PATIENCE_MS):
        return False
    socket.write(GREETING + link.encode() + b"\n")
    answer, more = b"", True
    while more and len(answer) < len(TAKEN):
        more = socket.waitForReadyRead(PATIENCE_MS)
        answer += bytes(socket.readAll().data())  # also when the other side has closed behind its answer
    socket.abort()
    return answer == TAKEN


class SingleInstance(QObject):
    """Listens for later starts on the same profile, which this program must have locked.

    link_received(str): an invitation or address to join; "" where only the window was wanted. Whatever it is, come to
    the front. It is what somebody of this user sent, and not checked any further.
    """

    link_received = Signal(str)

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(MAX_WAITING)
        self._server.newConnection.connect(self._welcome)
        self._guests: list[_Guest] = []
        names = socket_names(profile)
        for name in names:
            QLocalServer.removeServer(name)  # of a program that was killed: the lock of the profile says that none runs
        if not any(self._server.listen(name) for name in names):
            logger.warning("a second start will not find this program: %s", self._server.errorString())

    def close(self) -> None:
        """Listen no more."""
        self._server.close()
        for guest in list(self._guests):
            guest.end()

    def _welcome(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if len(self._guests) >= MAX_WAITING:
                socket.abort()
                socket.deleteLater()
                continue
            guest = _Guest(socket, self.link_received.emit, self)
            guest.ended.connect(self._guests.remove)
            self._guests.append(guest)
            guest.read()


class _Guest(QObject):
    """One connection: says one thing, and is dropped if it says another or takes too long."""

    ended = Signal(object)

    def __init__(self, socket: QLocalSocket, take: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._socket, self._take = socket, take
        self._over = False
        socket.setReadBufferSize(MAX_MESSAGE + 1)
        socket.readyRead.connect(self.read)
        socket.disconnected.connect(self.end)
        self._timer = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._timer.timeout.connect(self.end)
        self._timer.start()

    def read(self) -> None:
        said = bytes(self._socket.peek(MAX_MESSAGE + 1).data())
        if len(said) > MAX_MESSAGE or not (said.startswith(GREETING) or GREETING.startswith(said)):
            logger.warning("somebody who spoke to this program was not understood")
            self.end()
        elif said.count(b"\n") >= 2:
            self._hear(said)

    def _hear(self, said: bytes) -> None:
        link, _, more = said.removeprefix(GREETING).partition(b"\n")
        text = link.decode(errors="replace")
        if more or (text and not text.isprintable()) or "\N{REPLACEMENT CHARACTER}" in text:
            logger.warning("a link that was handed over is none")
            self.end()
            return
        self._socket.readAll()
        self._socket.write(TAKEN)
        self._socket.flush()
        self._take(text)
        self._socket.disconnectFromServer()  # after what was written

    def end(self) -> None:
        if self._over:
            return
        self._over = True
        self._timer.stop()
        self._socket.readyRead.disconnect(self.read)
        self._socket.disconnected.disconnect(self.end)
        self._socket.abort()
        self._socket.deleteLater()
        self.ended.emit(self)
        self.deleteLater()


class LinkEvents(QObject):
    """On macOS the system tells a running program of a clicked link by an event. link_received(str)."""

    link_received = Signal(str)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FileOpen and isinstance(event, QFileOpenEvent):
            url = event.url()
            text = url.toString()
            if url.scheme() == SCHEME and len(text) <= MAX_LINK:
                self.link_received.emit(text)
                return True
        return super().eventFilter(watched, event)
