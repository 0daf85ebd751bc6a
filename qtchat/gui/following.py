"""Looks around on the network for servers that do not answer where they were: a host may have moved to another address.

Discovery proves which key is there, and the account talks to that key only, so nobody else is followed by mistake.
"""

import random
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from qtchat.client.elsewhere import parse_lines
from qtchat.client.found import Found
from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.trust import who_is_meant
from qtchat.client.updates import Phase
from qtchat.gui.bridge import Background
from qtchat.gui.looking import LookerFactory, Round
from qtchat.gui.session import Session, Sessions, leads_to
from qtchat.gui.settings import Settings

PATIENCE_MS = 8_000
"""A server that was only restarted is back before that."""
LOOK_MS = 4_000
"""Whoever can be found is found in half a second."""
PAUSE_MS = 45_000
"""Between two looks at least, and up to twice as long: those who lost a server together do not all look at once."""


class Following(QObject):
    """Looks now and again while a server is away that was joined before; ends when none is."""

    _told = Signal(int, object)
    """(number of the look, the servers that are there), from its thread."""

    def __init__(
        self,
        make_looker: LookerFactory | None,
        sessions: Sessions,
        background: Background,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        """Without `make_looker` nobody looks around."""
        super().__init__(parent)
        self._make_looker, self._sessions, self._background = make_looker, sessions, background
        self._settings = settings
        self._round: Round | None = None
        self._number = 0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)
        # Queued: the news comes from another thread, and may come after the end.
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        sessions.told.connect(self._follow)
        sessions.closed.connect(self._judge)

    def _follow(self, _session: Session, changes: Sequence[Change]) -> None:
        if ConnectionChanged() in changes:
            self._judge()

    def _judge(self) -> None:
        """Is there anything to look for?"""
        if not self._away():
            self._timer.stop()
            self._end()
        elif not self._timer.isActive() and self._make_looker is not None:
            self._timer.start(PATIENCE_MS)

    def _away(self) -> list[Session]:
        """Those that were joined before, are wanted, and are not there."""
        return [
            session
            for session in self._sessions.all
            if session.state.server is not None
            and not session.plain
            and session.state.phase in (Phase.CONNECTING, Phase.OFFLINE)
        ]

    def _turn(self) -> None:
        """Begin to look, or have looked for long enough."""
        if self._round is None:
            self._begin()
            self._timer.start(LOOK_MS)
        else:
            self._end()
            self._timer.start(random.randint(PAUSE_MS, 2 * PAUSE_MS))  # noqa: S311 (spreads clients, guards nothing)

    def _begin(self) -> None:
        assert self._make_looker is not None
        self._number += 1
        elsewhere = parse_lines(self._settings.elsewhere).addresses
        self._round = Round(partial(self._make_looker, partial(self._told.emit, self._number), elsewhere))
        self._background.run("qtchat-following-start", self._round.start)

    def _end(self) -> None:
        ended, self._round = self._round, None
        if ended is not None:
            self._background.run("qtchat-following-stop", ended.stop)

    def _hear(self, number: int, found: tuple[Found, ...]) -> None:
        if self._round is None or number != self._number:
            return
        for server in found:
            for session in self._away():
                _, known = who_is_meant(session.link)
                if leads_to(server.invitation, session) and not set(server.addresses) <= set(known):
                    session.also_at(server.invitation)
