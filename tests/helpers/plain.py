"""The five plain chats, as those programs behave byte for byte: their clients, for our door; their servers, for our
account. Written from the table of dialects, with the faults that such programs have."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from qtchat.protocol.dialects import DIALECTS

PATIENCE: Final = 30.0
"""Seconds a wait may take: reached only where a test is about to fail."""
_PROMPTS: Final = re.compile(r"\A(Your name: |> )*")


class PlainClient:
    """A client of one of the four chats without frames. Like those programs it has a thread that reads at most 1024
    bytes, decodes them strictly, and prints what it got; `reads` is what it printed.

    `ended`: "" while it reads, then "reset", "end" (which three of those programs would print for ever) or "cut" (half
    a character: they die of it).
    """

    def __init__(self, dialect: str, port: int, nick: str = "", *, receive_buffer: int = 0) -> None:
        self.dialect = DIALECTS[dialect]
        self.nick = nick
        self.reads: list[str] = []
        self.ended = ""
        self._changed = threading.Condition()
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(("127.0.0.1", port))
        self.sock.settimeout(None)
        self._thread = threading.Thread(target=self._receive, name=f"plain-{dialect}-{nick}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        self._thread.start()
        if self.dialect.name == "name-first":
            self.sock.send(self.nick.encode())

    def close(self) -> None:
        """As when somebody closes the program. Idempotent."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        if self._thread.ident is not None:
            self._thread.join()

    def write(self, text: str) -> None:
        """Somebody types a line and presses Enter."""
        if self.dialect.name == "nick-ru" and text == "quit":
            self.close()
        elif self.dialect.name == "nick-en" and text == "quit":
            self.sock.send(b"quit")
        elif self.dialect.name == "name-first" and not text:
            self.close()
        elif self.dialect.prefixed:
            self.sock.send(f"{self.nick}: {text}".encode())
        else:
            self.sock.send(text.encode())

    @property
    def lines(self) -> list[str]:
        """What was printed, line by line."""
        with self._changed:
            return [line for read in self.reads for line in read.split("\n")]

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"{self.nick} read {self.reads[-8:]}, ended {self.ended!r}")

    def wait_line(self, line: str) -> None:
        self.wait(lambda: line in self.lines)

    def wait_end(self) -> str:
        self.wait(lambda: bool(self.ended))
        return self.ended

    def _receive(self) -> None:
        ended = ""
        while not ended:
            try:
                data = self.sock.recv(1024)
                message = data.decode()
            except ConnectionResetError:
                ended = "reset"
            except UnicodeDecodeError:
                ended = "cut"
            except OSError:  # closed by ourselves
                ended = "closed"
            else:
                if not data:
                    ended = "end"
                elif self.dialect.asks and message == "NICK":
                    self.sock.send(self.nick.encode())
                else:
                    with self._changed:
                        self.reads.append(message)
                        self._changed.notify_all()
        with self._changed:
            self.ended = ended
            self._changed.notify_all()


class Terminal:
    """`nc` or telnet on the door of lines: what it shows, and what somebody types."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.sock.settimeout(None)
        self._shown = b""
        self.ended = ""
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._receive, name="terminal")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self._thread.join()

    def write(self, text: str) -> None:
        """Somebody types a line and presses Enter."""
        self.sock.sendall(f"{text}\n".encode())

    @property
    def screen(self) -> str:
        """Everything that has come, as it came."""
        with self._changed:
            return self._shown.decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        """The lines that ended, as somebody sees them: without the prompts that they were written over, or that
        stand in the lines which somebody typed: those end on the screen, but not in what is sent to it."""
        *ended, _ = self.screen.split("\r\n")
        return [_PROMPTS.sub("", line.rpartition("\r")[2]) for line in ended]

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"the terminal shows {self.lines[-8:]}, ended {self.ended!r}")

    def wait_line(self, line: str) -> None:
        self.wait(lambda: line in self.lines)

    def wait_screen(self, text: str) -> None:
        self.wait(lambda: text in self.screen)

    def _receive(self) -> None:
        ended = ""
        while not ended:
            try:
                data = self.sock.recv(65_536)
            except OSError as error:
                data, ended = b"", "reset" if isinstance(error, ConnectionResetError) else "closed"
            with self._changed:
                self._shown += data
                self.ended = ended = ended or ("" if data else "end")
                self._changed.notify_all()


class PlainServer:
    """A server of one of the four chats without frames, as somebody wrote it for a course: a thread for each client,
    `recv(1024)`, and a `send` to each of the others."""

    def __init__(self, dialect: str, port: int = 0) -> None:
        self.dialect = DIALECTS[dialect]
        self.heard: list[bytes] = []
        """Every read, in order, that was not a nick."""
        self._clients: dict[socket.socket, str] = {}
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, name="plain-server")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping = True
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()
        self._listener.close()
        self.die()
        for thread in self._threads:
            thread.join()

    @property
    def nicks(self) -> list[str]:
        with self._changed:
            return list(self._clients.values())

    def die(self) -> None:
        """Everybody is thrown out."""
        with self._changed:
            clients = tuple(self._clients)
        for sock in clients:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def send(self, data: bytes) -> None:
        """The same bytes to everybody, in one write each."""
        with self._changed:
            clients = tuple(self._clients)
        for sock in clients:
            with contextlib.suppress(OSError):
                sock.sendall(data)

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, PATIENCE):
                raise AssertionError(f"{list(self._clients.values())} said {self.heard[-8:]}")

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._stopping:
                sock.close()
                return
            thread = threading.Thread(target=self._serve, args=[sock], name="plain-server-client")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            if self.dialect.asks:
                sock.sendall(b"NICK")
            nick = sock.recv(1024).decode() if self.dialect.named else ""
            try:
                self._enter(sock, nick)
                while data := sock.recv(1024):
                    with self._changed:
                        self.heard.append(data)
                        self._changed.notify_all()
                    if self.dialect.quit and data == self.dialect.quit.encode():
                        break
                    self._broadcast(data if self.dialect.name != "name-first" else f"{nick}: ".encode() + data, sock)
            finally:
                self._leave(sock, nick)

    def _enter(self, sock: socket.socket, nick: str) -> None:
        with self._changed:
            self._clients[sock] = nick
            self._changed.notify_all()
        if self.dialect.joined:
            self.send(self.dialect.joined.format(nick=nick).encode())
            sock.sendall(self.dialect.connected.encode())

    def _leave(self, sock: socket.socket, nick: str) -> None:
        with self._changed:
            self._clients.pop(sock, None)
            self._changed.notify_all()
        if self.dialect.left:
            self.send(self.dialect.left.format(nick=nick).encode())

    def _broadcast(self, data: bytes, sender: socket.socket) -> None:
        with self._changed:
            clients = [sock for sock in self._clients if self.dialect.echo or sock is not sender]
        for sock in clients:
            with contextlib.suppress(OSError):
                sock.sendall(data)
