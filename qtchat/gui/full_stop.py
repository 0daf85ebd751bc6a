"""A known server that shows another key: the page that stops everything, and the pins that can be forgotten."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.trust import KnownServer, KnownServers, who_is_meant
from qtchat.client.updates import Phase
from qtchat.gui.models.words import one_line
from qtchat.gui.session import Session, Sessions, leads_to
from qtchat.gui.settings import Settings
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.server_changed import STOP_CODES
from qtchat.gui.views.settings.network import address_text


class FullStop(QObject):
    """Shows the page while the server shown is stopped. Nothing but another key, or forgetting it, takes it away."""

    def __init__(self, window: MainWindow, sessions: Sessions, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._sessions, self._settings = window, sessions, settings
        sessions.switched.connect(self._show)
        sessions.told.connect(self._told)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is self._sessions.current and ConnectionChanged() in changes:
            self._show(session)

    def _show(self, session: Session | None) -> None:
        problem = session.state.problem if session is not None and is_stopped(session) else None
        if session is not None and problem is not None:
            known = next((known for known in self._settings.recent if known.link == session.link), None)
            server = session.state.server
            name = server.name if server is not None else known.name if known is not None else session.name
            code = server.code if server is not None else known.code if known is not None else ""
            self._window.stop_page.show_stop(one_line(name), problem, code)
        self._window.set_stopped(problem is not None)

    def forgotten(self, code: str, addresses: Sequence[str]) -> None:
        """The key of a server is not known here any more: leave it, so that it is met anew. An account that went on
        would know the key still, and keep it again."""
        for session in list(self._sessions.all):
            if any(leads_to(address, session) for address in addresses) or _names(session.link, code, addresses):
                self._sessions.close(session)


def is_stopped(session: Session) -> bool:
    """Does this server show another key than the one that is known?"""
    problem = session.state.problem
    return session.state.phase is Phase.REFUSED and problem is not None and problem.code in STOP_CODES


def _names(link: str, code: str, addresses: Sequence[str]) -> bool:
    meant, places = who_is_meant(link)
    same = bool(meant) and meant.replace("-", "") == code.replace("-", "")
    return same or any(address_text(place) in addresses for place in places)


# -- the pins: on a background thread, for they are files ------------------------------------------------------


def read_pins(profile: Path) -> list[KnownServer]:
    """All servers whose keys are known here, the one used last first. Raises ProfileError."""
    return KnownServers(profile).known()


def forget_pins(profile: Path, code: str) -> list[str]:
    """Forget the key of the server with this code, at whatever addresses; returns these. Raises ProfileError."""
    servers = KnownServers(profile)
    addresses = [known.address for known in servers.known() if known.code == code]
    for address in addresses:
        servers.forget(address)
    return [address_text(address) for address in addresses]
