"""Where to go, in the first window: the servers on this network, and those joined before."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_16
from qtchat.gui.views.controls import NO_LIMIT
from qtchat.gui.views.server_rows import FoundList, FoundServer, ServerList, recent_choice

SHOWN_SERVERS = 4
"""Of those joined before."""


class ServerChoice(QWidget):
    """What is there now stands in one list, what was joined before and is not there in the other. picked(FoundServer).

    While somebody looks around both together are of one height, so that nothing below them moves when a server is
    found: one that was joined before goes over to the other list, which gets its room.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recent: list[FoundServer] = []
        self._first_visit = False
        self.found = FoundList(theme, self)
        self.known = ServerList(self.tr("Joined before"), theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_16)
        column.addWidget(self.found, 1)
        column.addWidget(self.known)
        for choices in (self.found, self.known):
            choices.picked.connect(self.picked)
        theme.changed.connect(self._make_room)

    def set_recent(self, servers: Sequence[RecentServer]) -> None:
        """Offer those that were joined before, the last one first."""
        self._recent = [recent_choice(server) for server in servers[:SHOWN_SERVERS]]
        self.found.others = self._recent
        self._divide()
        self._make_room()

    def set_found(self, servers: Sequence[FoundServer], *, first_visit: bool) -> None:
        """Offer what is hosted on the network now. `first_visit`: see `only_choice`."""
        self._first_visit = first_visit
        self.found.show_servers(servers)
        self._divide()

    def set_looking(self, looking: bool | None) -> None:
        """See FoundList.set_looking."""
        self.found.set_looking(looking)
        self._make_room()

    @property
    def is_empty(self) -> bool:
        """Is nothing offered, and nothing said of the network?"""
        return self.found.isHidden() and self.known.isHidden()

    @property
    def servers(self) -> list[FoundServer]:
        """All that are offered."""
        return [*self.found.servers, *self.known.servers]

    def only_choice(self) -> str:
        """The link where Enter leads without a further look; "" if nowhere, since anybody can host here, and answer
        first. On the first visit the only one that is here is the one that is meant."""
        found = self.found.servers
        if len(found) == 1 and not (found[0].known or self._first_visit):
            return ""
        choices = found or self.known.servers
        return choices[0].link if len(choices) == 1 else ""

    def show_row(self, row: QWidget) -> None:
        """Scroll to one of the rows, if it is one."""
        for choices in (self.found, self.known):
            choices.show_row(row)

    def _divide(self) -> None:
        here = {server.code for server in self.found.servers}
        self.known.show_servers([server for server in self._recent if server.code not in here])

    def _make_room(self) -> None:
        least, most = 0, NO_LIMIT
        if self.found.watched:
            least = most = self.found.height_with(0)
            if self._recent:
                least = most = least + SPACE_16 + self.known.height_with(len(self._recent))
        self.setMinimumHeight(least)
        self.setMaximumHeight(most)
