"""Looks around on the network while the nick dialog is open, and offers there what it finds."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from msgspec import Struct
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal

from qtchat.client.elsewhere import parse_lines
from qtchat.client.found import Found
from qtchat.client.looks import looks_of
from qtchat.client.trust import SERVERS_FILE, Address, pinned
from qtchat.gui.bridge import Background
from qtchat.gui.settings import Settings
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.server_rows import FoundServer

logger = logging.getLogger(__name__)

LONG_ENOUGH_MS = 4_000
"""After so long without a find it is said that nobody hosts. Whoever can be found is found in half a second."""


class Looker(Protocol):
    """See qtchat.client.discovery.Discovery."""

    def start(self) -> None: ...

    def stop(self) -> object: ...


LookerFactory = Callable[[Callable[[tuple[Found, ...]], None], tuple[Address, ...]], Looker]
"""(on_change, called in threads of its own; addresses in other networks) -> one that was not started. May block: its
libraries are loaded first."""


class Round:
    """One look around. `start` and `stop` block, each on a thread of its own, and may come in any order."""

    def __init__(self, make_looker: Callable[[], Looker]) -> None:
        self._make_looker = make_looker
        self._lock = threading.Lock()
        self._looker: Looker | None = None
        self._over = False

    def start(self) -> None:
        with self._lock:
            if not self._over:
                self._looker = self._make_looker()
                self._looker.start()

    def stop(self) -> None:
        with self._lock:
            self._over = True
            if self._looker is not None:
                self._looker.stop()


class Before(Struct, frozen=True):
    """What was met before. `pins`: the codes of pinned servers by address; `names`: of servers joined, by their codes;
    `looks`: what these names look like, see qtchat.client.looks. `nothing`: no server was ever joined."""

    pins: dict[Address, str]
    names: dict[str, str]
    looks: frozenset[str]
    nothing: bool = False


class Lookout(QObject):
    """Begins when the dialog is shown, ends when it is hidden."""

    _told = Signal(int, object)
    """(number of the round, the servers that are there), from its thread."""

    def __init__(
        self,
        make_looker: LookerFactory | None,
        dialog: NickDialog,
        background: Background,
        settings: Settings,
        profile: Path,
    ) -> None:
        """Without `make_looker` nobody looks around."""
        super().__init__(dialog)
        self._make_looker, self._background, self._settings = make_looker, background, settings
        self._dialog, self._profile = dialog, profile
        self._round: Round | None = None
        self._number = 0
        self._found: tuple[Found, ...] = ()
        self._before: Before | None = None
        self._timer = QTimer(self, singleShot=True, interval=LONG_ENOUGH_MS)
        self._timer.timeout.connect(self._settle)
        # Queued: the news comes from another thread, and may come after the end.
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        dialog.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._dialog and event.type() == QEvent.Type.Show and self._round is None:
            self._begin()
        elif watched is self._dialog and event.type() == QEvent.Type.Hide and not self._dialog.isVisible():
            self._end()
        return super().eventFilter(watched, event)

    def _begin(self) -> None:
        if self._make_looker is None:
            return
        self._number += 1
        self._found, self._before = (), None
        names = {server.code: server.name for server in self._settings.recent}
        self._background.run("qtchat-pins", partial(recall, self._profile, names), self._recalled)
        elsewhere = parse_lines(self._settings.elsewhere).addresses
        self._round = Round(partial(self._make_looker, partial(self._told.emit, self._number), elsewhere))
        self._background.run("qtchat-discovery-start", self._round.start)
        self._dialog.set_looking(True)
        self._timer.start()

    def _end(self) -> None:
        self._timer.stop()
        ended, self._round = self._round, None
        if ended is not None:
            self._background.run("qtchat-discovery-stop", ended.stop)
            self._dialog.set_found([])
            self._dialog.set_looking(None)

    def _settle(self) -> None:
        self._dialog.set_looking(False)

    def _hear(self, number: int, found: tuple[Found, ...]) -> None:
        if self._round is not None and number == self._number:
            self._found = found
            self._offer()

    def _recalled(self, result: object, failure: BaseException | None) -> None:
        if failure is not None:
            raise failure
        self._before = result  # type: ignore[assignment]  # Background carries any result as an object
        self._offer()

    def _offer(self) -> None:
        """Nothing before it is known who was met before: a stranger would be taken for anybody."""
        before = self._before
        if self._round is not None and before is not None:
            offered = [offer(found, before) for found in self._found]
            offered.sort(key=lambda server: not server.known)  # those joined before, first
            self._dialog.set_found(offered, first_visit=before.nothing)


def recall(profile: Path, names: dict[str, str]) -> Before:
    """What this profile has met. `names`: of servers joined before, by code. Reads files."""
    looks_of("")  # reads its file here, and not where the dialog compares what is found
    looks = frozenset().union(*map(looks_of, names.values()))
    return Before(pinned(profile), names, looks, nothing=not names and not (profile / SERVERS_FILE).exists())


def offer(found: Found, before: Before) -> FoundServer:
    """What to offer of a server that was found.

    The code of a key is displayed with it, so whoever picks a server picks that key: the link holds the code, and
    somebody else in between is refused. Not so where it passes for a server that is known by another key: then the link
    has no code, so that what was pinned, or else the user, decides.
    """
    known = found.code in before.pins.values() or found.code in before.names
    silent = found.people is None  # it has told nothing itself, not even its name
    shown = before.names.get(found.code, found.name) if silent else found.name
    elsewhere = any(before.pins.get(address, found.code) != found.code for address in found.addresses)
    alike = bool(before.looks) and not before.looks.isdisjoint(looks_of(shown))
    disguised = not known and (elsewhere or alike)
    link = found.link if disguised else found.invitation
    return FoundServer(shown, link, found.code, found.people, known, disguised)
