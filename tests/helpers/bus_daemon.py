"""A message bus of the tests' own, on a Unix socket: lets everybody in, and answers calls as a test has it."""

import contextlib
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    new_error,
    new_method_return,
    new_signal,
)

Reply = tuple[str, tuple[Any, ...]] | str | None
"""(signature, body); or the name of an error; or None for no answer."""


class BusDaemon:
    """One client at a time. `calls`: what it has called, as (member, body), without Hello."""

    def __init__(self, folder: Path, answer: Callable[[str, tuple[Any, ...]], Reply] = lambda _member, _body: None):
        self.path = folder / "bus"
        self.address = f"unix:path={self.path}"
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.lets_in = True
        self._answer = answer
        self._client: socket.socket | None = None
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.path))
        self._listening.listen()
        self._thread = threading.Thread(target=self._run, name="bus-daemon")
        self._thread.start()

    def members(self) -> list[str]:
        return [member for member, _body in self.calls]

    def signal(self, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        place = DBusAddress("/x", interface=interface)
        self._send(new_signal(place, member, signature, body))

    def hang_up(self) -> None:
        """Close the connection to the client."""
        if self._client is not None:
            with contextlib.suppress(OSError):
                self._client.shutdown(socket.SHUT_RDWR)

    def say(self, data: bytes) -> None:
        """Send these bytes, whatever they are."""
        assert self._client is not None
        self._client.sendall(data)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self.hang_up()
        self._thread.join()
        self._listening.close()

    def _send(self, message: Message) -> None:
        self.say(message.serialise(serial=7))

    def _run(self) -> None:
        try:
            client, _address = self._listening.accept()
        except OSError:
            return
        with client, contextlib.suppress(ConnectionError):
            self._client = client
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        data = client.recv(4096)
        if not self.lets_in:
            while client.recv(4096):
                pass
            return
        client.sendall(b"OK 0123456789abcdef\r\n")
        while b"BEGIN\r\n" not in data:
            data += client.recv(4096)
        parser = Parser()
        data = data.partition(b"BEGIN\r\n")[2]
        while True:
            parser.add_data(data)
            while (message := parser.get_next_message()) is not None:
                self._take(message)
            data = client.recv(65536)
            if not data:
                return

    def _take(self, message: Message) -> None:
        assert message.header.message_type is MessageType.method_call
        member = message.header.fields[HeaderFields.member]
        if member == "Hello":
            self._send(new_method_return(message, "s", (":1.1",)))
            return
        reply = self._answer(member, message.body)
        self.calls.append((member, message.body))
        if reply is None or message.header.flags & MessageFlag.no_reply_expected:
            return
        if isinstance(reply, str):
            self._send(new_error(message, reply, "s", ("words",)))
        else:
            self._send(new_method_return(message, *reply))
