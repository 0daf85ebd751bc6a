"""A chat that is hosted inside this program: started and stopped off the GUI thread."""

import logging
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from qtchat.gui.bridge import Background

logger = logging.getLogger(__name__)


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
        self._working = False
        self._wanted = False
        self.server: HostedServer | None = None

    @property
    def starting(self) -> bool:
        """Is a server being started that somebody waits for?"""
        return self._working and self._wanted

    def start(self) -> None:
        """Start a server, unless one runs already or is being started."""
        self._wanted = True
        if self.server is not None:
            self.started.emit()
        elif not self._working:
            self._working = True
            self._background.run("qtchat-host-start", self._make, self._made)

    def cancel(self) -> None:
        """Nobody waits for the start under way any more; the server that comes of it is stopped again."""
        self._wanted = False

    def _make(self) -> HostedServer:
        server = self._make_server()
        server.start()
        return server

    def _made(self, result: object, failure: BaseException | None) -> None:
        server: HostedServer = result  # type: ignore[assignment]  # Background carries any result as an object
        if failure is None and not self._wanted:
            self._background.run("qtchat-host-stop", server.stop, self._unmade)
            return
        self._working = False
        if failure is None:
            self.server = server
            self.started.emit()
            return
        logger.error("no chat could be started here", exc_info=failure)
        if self._wanted:
            self.failed.emit(str(failure))

    def _unmade(self, _result: object, failure: BaseException | None) -> None:
        self._working = False
        if self._wanted:
            self.start()
        if failure is not None:
            raise failure
