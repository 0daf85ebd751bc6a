"""A chat that is hosted inside this program: started, asked and stopped off the GUI thread."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
from PySide6.QtCore import QObject, Signal

from qtchat.gui.bridge import Background, Outcome

logger = logging.getLogger(__name__)


class PeopleCount(Protocol):
    """See qtchat.server.status.People."""

    @property
    def online(self) -> int: ...
    @property
    def known(self) -> int: ...
    @property
    def rooms(self) -> int: ...
    @property
    def entries(self) -> int: ...


class HostStatus(Protocol):
    """See qtchat.server.status.Status."""

    @property
    def people(self) -> PeopleCount: ...
    @property
    def disk(self) -> int: ...
    @property
    def last_backup(self) -> int: ...


class Newcomers(msgspec.Struct, frozen=True):
    """How those are treated who come for the first time. `wait`: until an admin lets them in; `only_read`: they come as
    guests."""

    wait: bool = False
    only_read: bool = False


class HostedServer(Protocol):
    """What hosting needs of a server; every method may block, see Hosting.

    `classic`: the plain-text doors to open at the next start, as "dialect:port"; `newcomers`: likewise what holds from
    then on. `port`: the one to try first then, 0 for the usual one; afterwards the one it has. `first_name`: what it is
    called if it has no name yet. `again`: it is to be the chat that was here before, and no new one. The rest is known
    once `start` has returned. `addresses`: "host:port" for others, best first. `has_password`: newcomers need
    one. `closed_doors`: why the doors asked for are shut, "" if they are not, or if it is for `has_password` and
    `newcomers` alone, which do not hold there: then `locked_doors`.
    """

    classic: tuple[str, ...]
    newcomers: Newcomers
    port: int
    first_name: str
    again: bool
    link: str
    code: str
    name: str
    addresses: tuple[str, ...]
    has_password: bool
    closed_doors: str
    locked_doors: bool

    def start(self) -> None:
        """Also after `stop`, then as the same server."""

    def stop(self) -> object: ...

    def status(self) -> HostStatus: ...

    def rename(self, name: str) -> None:
        """It is called so from the next start on. Raises OSError."""

    def set_password(self, password: str) -> None:
        """What newcomers need from the next start on, "" for nothing. Kept with the data, as a hash. Raises OSError."""

    def firewall(self) -> str:
        """Why others may not get in, and what to do; "" if nothing is known against it."""

    def back_up(self, into: Path) -> Path:
        """Copy all data into a new folder in `into`; which one."""


HostFactory = Callable[[], HostedServer]
"""Makes a server that was not started."""


class Hosting(QObject):
    """started(), failed(str: a sentence of the server's own), stopped(): it was stopped on purpose, and is not there
    any more.

    `server` is there from `started` on until it is told to stop.
    """

    started = Signal()
    failed = Signal(str)
    stopped = Signal()

    def __init__(self, make_server: HostFactory, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_server = make_server
        self._background = background
        self._working = False
        self._wanted = self._again = False
        self.server: HostedServer | None = None
        self.doors: tuple[str, ...] = ()
        """The plain-text doors to open at the next start, see HostedServer.classic."""
        self.newcomers = Newcomers()
        """What newcomers meet from the next start on, see HostedServer."""
        self.port = 0
        """Where the chat was the last time, see HostedServer.port."""
        self.first_name = ""
        """What it is called if it has no name yet."""

    @property
    def starting(self) -> bool:
        """Is a server being started that somebody waits for?"""
        return self._working and self._wanted

    def start(self, *, again: bool = False) -> None:
        """Start a server, unless one runs already or is being started. `again`: see HostedServer."""
        self._wanted, self._again = True, again
        if self.server is not None:
            self.started.emit()
        elif not self._working:
            self._working = True
            self._background.run("qtchat-host-start", self._make, self._made)

    def restart(self) -> None:
        """Stop the server and start it again, for what changed; whoever is connected comes back by itself."""
        server = self.server
        if server is None:
            return
        self.server, self._working, self._wanted = None, True, True
        self._background.run("qtchat-host-restart", partial(self._start_again, server), self._made)

    def stop(self) -> None:
        """End the chat that is hosted here."""
        server, self.server = self.server, None
        self._wanted = False
        if server is not None:
            self._working = True
            self._background.run("qtchat-host-stop", server.stop, self._ended)

    def cancel(self) -> None:
        """Nobody waits for the start under way any more; the server that comes of it is stopped again."""
        self._wanted = False

    def ask_status(self, then: Outcome) -> None:
        """Call `then` with its HostStatus. Only while there is a server."""
        assert self.server is not None
        self._background.run("qtchat-host-status", self.server.status, then)

    def ask_firewall(self, then: Outcome) -> None:
        """Call `then` with HostedServer.firewall. Only while there is a server."""
        assert self.server is not None
        self._background.run("qtchat-host-firewall", self.server.firewall, then)

    def back_up(self, into: Path, then: Outcome) -> None:
        """Copy all data into a new folder in `into`, then call `then` with the folder. Only while there is a server."""
        assert self.server is not None
        self._background.run("qtchat-backup", partial(self.server.back_up, into), then)

    def rename(self, name: str, then: Outcome) -> None:
        """Give the chat another name for its next start, then call `then`. Only while there is a server."""
        assert self.server is not None
        self._background.run("qtchat-host-rename", partial(self.server.rename, name), then)

    def set_password(self, password: str, then: Outcome) -> None:
        """Let newcomers need this from its next start on, "" for nothing, then call `then`. Only while there is a
        server."""
        assert self.server is not None
        self._background.run("qtchat-host-password", partial(self.server.set_password, password), then)

    def _make(self) -> HostedServer:
        """On a thread of its own."""
        server = self._make_server()
        server.classic, server.newcomers = self.doors, self.newcomers
        server.port, server.first_name, server.again = self.port, self.first_name, self._again
        server.start()
        return server

    def _start_again(self, server: HostedServer) -> HostedServer:
        """On a thread of its own."""
        server.stop()
        server.classic, server.newcomers = self.doors, self.newcomers
        server.start()
        return server

    def _made(self, result: object, failure: BaseException | None) -> None:
        server: HostedServer = result  # type: ignore[assignment]  # Background carries any result as an object
        if failure is None and not self._wanted:
            self._background.run("qtchat-host-stop", server.stop, self._unmade)
            return
        self._working = False
        if failure is None:
            self.server, self.port = server, server.port
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

    def _ended(self, result: object, failure: BaseException | None) -> None:
        if not self._wanted:
            self.stopped.emit()
        self._unmade(result, failure)
