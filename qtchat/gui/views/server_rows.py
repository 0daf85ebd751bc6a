"""Servers to choose from, as rows of the first window: those joined before, and those found on the network."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from qtchat.client.classic_link import is_classic
from qtchat.client.looks import looks_of
from qtchat.gui.models.plain_chat import plain_chat_name
from qtchat.gui.models.words import one_line
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_12
from qtchat.gui.views.controls import Avatar, ClearScroll, ElidedLabel, Paragraph

ROW_HEIGHT = 56
BORDER = 1
SCROLL_BAR = 14
"""Pixels kept free for it, and a gap."""
ROW_AVATAR = 36
CODE_HEIGHT = 16
"""Pixels more for a row that shows a code to compare."""
MOST_ROWS = 2
"""Of servers joined before; with more of them the list scrolls."""


class FoundServer(Struct, frozen=True):
    """A server that is there now. `people`: online, as it says; None if it does not. `known`: joined before, and `code`
    is what it was then.

    `link`: leads there; with the code in it, so that nobody else can answer. `disguised`: it passes for one that was
    joined before, but has another key.
    """

    name: str
    link: str
    code: str
    people: int | None = 0
    known: bool = False
    disguised: bool = False


def recent_choice(server: RecentServer) -> FoundServer:
    """A server joined before, of which nobody knows whether it is there."""
    return FoundServer(server.name, server.link, server.code)


class ServerRow(QPushButton):
    """One server. `picked(FoundServer)` when clicked."""

    picked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.server = FoundServer("", "", "")
        self.setAutoDefault(False)
        self.setProperty("kind", "row")
        self.setObjectName("server_row")
        self._theme = theme
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._avatar = Avatar(theme, ROW_AVATAR)
        self._name = ElidedLabel(theme, FontRole.NAME)
        self._about = ElidedLabel(theme, FontRole.META, "sub")
        self._code = ElidedLabel(theme, FontRole.META, "sub")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        words.addWidget(self._name)
        words.addWidget(self._about)
        words.addWidget(self._code)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_12, 0, SPACE_12, 0)
        layout.setSpacing(SPACE_12)
        layout.addWidget(self._avatar)
        layout.addLayout(words, 1)
        for child in (self._avatar, self._name, self._about, self._code):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._pick)

    def show_server(self, server: FoundServer, about: str, code: str = "") -> None:
        """`about`: the line below the name. `code`: the server code, where it has to be compared."""
        self.server = server
        name = one_line(server.name)
        told = [name, about]
        if code:
            told.append(self.tr("server code {code}").replace("{code}", code))
        self.setAccessibleName(", ".join(told))
        self._code.set_whole(code)
        self._code.setVisible(bool(code))
        self.setFixedHeight(self._theme.room_for_text(ROW_HEIGHT + CODE_HEIGHT * bool(code)))
        self._about.set_tone("warn" if server.disguised else "sub")
        self._avatar.show_name(name, -sum(server.code.encode()))
        self._name.set_whole(name)
        self._about.set_whole(about)

    def _pick(self) -> None:
        self.picked.emit(self.server)


class ServerList(QWidget):
    """A heading and the rows below it; hidden while it is empty. picked(FoundServer)."""

    picked = Signal(object)

    def __init__(self, heading: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[ServerRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_8)
        self._heading = ElidedLabel(theme, FontRole.NAME)
        self._heading.set_whole(heading)
        self._head = QHBoxLayout()
        self._head.setSpacing(SPACE_12)
        self._head.addWidget(self._heading, 1)
        self._column.addLayout(self._head)
        content = QWidget(self)
        self._places = QVBoxLayout(content)
        self._places.setContentsMargins(0, 0, 0, 0)
        self._places.setSpacing(SPACE_8)
        self._places.addStretch()
        self._scroll = ClearScroll(content, self)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column.addWidget(self._scroll)
        theme.changed.connect(self._follow_theme)
        self.hide()

    @property
    def servers(self) -> list[FoundServer]:
        return [row.server for row in self.rows]

    def show_servers(self, servers: Sequence[FoundServer]) -> None:
        """Show these. A server that was there before keeps its row: somebody may be about to click on it."""
        before = {row.server.link: row for row in self.rows}
        self.rows = [before.pop(server.link) if server.link in before else self._new_row() for server in servers]
        for gone in before.values():
            gone.hide()
            self._places.removeWidget(gone)
            gone.deleteLater()
        for place, (row, server) in enumerate(zip(self.rows, servers, strict=True)):
            row.show_server(server, self._about(server), self._code(server))
            if self._places.indexOf(row) != place:
                self._places.removeWidget(row)
                self._places.insertWidget(place, row)
        self._fit()
        self._settle()

    def height_with(self, rows: int) -> int:
        """Pixels it takes with so many servers: with more than MOST_ROWS of them it scrolls."""
        return self._head.sizeHint().height() + SPACE_8 + self._height_of(min(rows, MOST_ROWS))

    def _height_of(self, rows: int) -> int:
        return rows * self._theme.room_for_text(ROW_HEIGHT) + SPACE_8 * max(0, rows - 1)

    def show_row(self, row: QWidget) -> None:
        """Scroll to one of the rows, if it is one."""
        if row in self.rows:
            self._scroll.ensureWidgetVisible(row, 0, 0)

    def _fit(self) -> None:
        self._scroll.setFixedHeight(self._height_of(min(len(self.rows), MOST_ROWS)))
        self._make_room_for_bar(self._scroll.height())

    def _make_room_for_bar(self, height: int) -> None:
        """`height`: of what is seen of the rows."""
        whole = sum(row.height() for row in self.rows) + SPACE_8 * max(0, len(self.rows) - 1)
        scrolls = whole > height
        self._places.setContentsMargins(0, 0, SCROLL_BAR if scrolls else 0, 0)
        wanted = Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolls else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._scroll.setVerticalScrollBarPolicy(wanted)

    def _follow_theme(self) -> None:
        self.show_servers(self.servers)  # rows grow with the text

    def _new_row(self) -> ServerRow:
        row = ServerRow(self._theme)
        row.picked.connect(self.picked)
        return row

    def _about(self, server: FoundServer) -> str:
        if is_classic(server.link):
            return plain_chat_name()
        return self.tr("Server code {code}").replace("{code}", server.code)

    def _code(self, _server: FoundServer) -> str:
        """What has to be compared before it is joined."""
        return ""

    def _settle(self) -> None:
        self.setVisible(bool(self.rows))


class FoundList(ServerList):
    """What is hosted on this network, live. Hidden until somebody looks around. why_wanted(): "Why can't I see it?".

    Servers come and go while somebody reads, types or is about to click: whatever is found, nothing moves.
    """

    why_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("FoundList", "On this network"), theme, parent)
        self._looking: bool | None = None
        self._alike: set[str] = set()
        self.others: Sequence[FoundServer] = ()
        """Those joined before."""
        self.progress = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self.progress.setAccessibleName(self.tr("Looking around"))
        self.nothing = Paragraph(theme, FontRole.BODY, "sub")
        self.nothing.setObjectName("found_nothing")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.why_button = QPushButton(self.tr("Why can't I see it?"), self)
        self.why_button.setObjectName("why_button")
        self.why_button.setProperty("kind", "link")
        self.why_button.setAutoDefault(False)
        self.why_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.why_button.clicked.connect(self.why_wanted)
        keeps_its_place = self.why_button.sizePolicy()
        keeps_its_place.setRetainSizeWhenHidden(True)
        self.why_button.setSizePolicy(keeps_its_place)
        self._head.addWidget(self.why_button)
        about = QVBoxLayout()
        about.setSpacing(SPACE_12)
        about.addStretch()
        about.addWidget(self.nothing)
        about.addWidget(self.progress)
        about.addStretch()
        self._well = QFrame(self)
        self._well.setProperty("kind", "well")
        inside = QVBoxLayout(self._well)
        inside.setContentsMargins(SPACE_8, SPACE_8, SPACE_8, SPACE_8)
        inside.setSpacing(0)
        inside.addLayout(about)
        inside.addWidget(self._scroll, 1)
        self._column.addWidget(self._well, 1)

    @property
    def looking(self) -> bool:
        return bool(self._looking)

    @property
    def watched(self) -> bool:
        """Is what is hosted here known, or will be?"""
        return self._looking is not None

    def height_with(self, _rows: int) -> int:
        return self._head.sizeHint().height() + SPACE_8 + self._least()

    def _least(self) -> int:
        """There is always as much room as for MOST_ROWS strangers, and what is left over."""
        rows = MOST_ROWS * self._theme.room_for_text(ROW_HEIGHT + CODE_HEIGHT) + SPACE_8 * (MOST_ROWS - 1)
        return rows + 2 * (SPACE_8 + BORDER)

    def show_servers(self, servers: Sequence[FoundServer]) -> None:
        """The same. What names look like was read from a file by whoever has found one."""
        compared = (*servers, *self.others) if servers else ()
        looks = {name: looks_of(name) for name in {server.name for server in compared}}
        self._alike = {
            server.code
            for server in servers
            for other in compared
            if other.code != server.code and not looks[server.name].isdisjoint(looks[other.name])
        }
        super().show_servers(servers)

    def set_looking(self, looking: bool | None) -> None:
        """Does somebody look around? False: for long enough to expect nothing more; None: nobody."""
        self._looking = looking
        self._settle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._well.setMinimumHeight(self._least())
        height = max(self._least(), self.height() - self._head.sizeHint().height() - SPACE_8)
        self._make_room_for_bar(height - 2 * (SPACE_8 + BORDER))

    def _about(self, server: FoundServer) -> str:
        if server.disguised:
            return self.tr("Not the one you joined before")
        if server.people is None:
            return self.tr("Joined before") if server.known else self.tr("New to you, its code:")
        people = self.tr("1 person here") if server.people == 1 else self.tr("%n people here", "", server.people)
        known = self.tr("joined before") if server.known else self.tr("new to you, its code:")
        if server.known and self._code(server):
            known = self.tr("joined before, its code:")
        return f"{people} · {known}"

    def _code(self, server: FoundServer) -> str:
        """Also of one that was joined before, where another one is called like it."""
        return "" if server.known and server.code not in self._alike else server.code

    def _settle(self) -> None:
        looking, empty = self.looking, not self.rows
        nobody = self.tr("Nobody is hosting a chat here, as far as can be seen.")
        then = self.tr("Paste an invitation below, or start a chat yourself.")
        self.nothing.setText(self.tr("Looking around…") if looking else f"{nobody}\n{then}")
        self._scroll.setVisible(not empty)
        self.nothing.setVisible(empty)
        self.progress.setVisible(looking and empty)
        self.why_button.setVisible(not looking)
        self.setVisible(self.watched or bool(self.rows))
