"""A chat that is hosted inside this program: started and stopped off the GUI thread."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from qtchat.gui.bridge import Background


class HostedServer(Protocol):
    """What hosting needs of a server. `link` and `code` are known once `start` has returned."""

    link: str
    code: str

    def start(self) -> None: ...

    def stop(self) -> object: ...


HostFactory = Callable[[], HostedServer]
"""Makes a server that was not started."""


class Hosting(QObject):
    """started(), failed(str: a sentence of the server's own)."""

    started = Signal()
    failed = Signal(str)

    def __init__(self, make_server: HostFactory, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_server = make_server
        self._background = background
        self._starting = False
        self.server: HostedServer | None = None

    def start(self) -> None:
        """Start a server, unless one runs already or is being started."""
        if self.server is not None:
            self.started.emit()
        elif not self._starting:
            self._starting = True
            self._background.run("qtchat-host-start", self._make, self._made)

    def _make(self) -> HostedServer:
        server = self._make_server()
        server.start()
        return server

    def _made(self, result: object, failure: BaseException | None) -> None:
        self._starting = False
        if failure is not None:
            self.failed.emit(str(failure))
            return
        self.server = result  # type: ignore[assignment]  # Background carries any result as an object
        self.started.emit()
