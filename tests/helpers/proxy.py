"""A TCP proxy that cuts connections where the test says."""

import selectors
import socket
import threading
from types import TracebackType
from typing import Final, Self

CHUNK: Final = 65_536


class CuttingProxy:
    """Listens on a free port of 127.0.0.1 and passes bytes on to `port`, one connection at a time.

    `cuts`: for each connection in turn, after how many bytes from the server it is cut; afterwards, or for None, it
    is let alone. Bytes beyond a cut never arrive, on either side.
    """

    def __init__(self, port: int, cuts: list[int | None]) -> None:
        self._target = ("127.0.0.1", port)
        self._cuts = cuts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="cutting-proxy")
        self.passed: list[int] = []
        """Of each connection, how many bytes came from the server so far."""

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wake.close()
        self._thread.join()
        self._woken.close()
        self._listener.close()

    def _run(self) -> None:
        while True:
            with selectors.DefaultSelector() as selector:
                selector.register(self._listener, selectors.EVENT_READ)
                selector.register(self._woken, selectors.EVENT_READ)
                ready = [key.fileobj for key, _ in selector.select()]
            if self._woken in ready:
                return
            client, _ = self._listener.accept()
            self.passed.append(0)
            try:
                server = socket.create_connection(self._target)
            except OSError:
                client.close()
                continue
            with client, server:
                self._pass_on(client, server, self._cuts.pop(0) if self._cuts else None)

    def _pass_on(self, client: socket.socket, server: socket.socket, left: int | None) -> None:
        with selectors.DefaultSelector() as selector:
            for sock in (client, server, self._woken):
                selector.register(sock, selectors.EVENT_READ)
            while True:
                ready = [key.fileobj for key, _ in selector.select()]
                if self._woken in ready:
                    return
                try:
                    for source, target in ((client, server), (server, client)):
                        if source not in ready:
                            continue
                        data = source.recv(CHUNK)
                        if not data:
                            return
                        if source is server:
                            self.passed[-1] += len(data)
                        if source is server and left is not None:
                            target.sendall(data[:left])
                            left -= len(data)
                            if left <= 0:
                                return
                        else:
                            target.sendall(data)
                except OSError:
                    return
