"""The full stop: a server shows another key than the one we know. There is no button to go on all the same."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from qtchat.gui.views.controls import ClearScroll, Label, Paragraph, ground

ICON = 48
MOST_WIDE = 560
"""Pixels of the column of words."""
STOP_CODES = frozenset({ProblemCode.SERVER_CHANGED, ProblemCode.WRONG_CODE, ProblemCode.LOST})
"""What stops a server that is known here."""


class Points(QWidget):
    """A few sentences below each other, each with its mark before it."""

    def __init__(self, theme: Theme, points: Sequence[str], *, numbered: bool = False) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE_8)
        grid.setVerticalSpacing(SPACE_4)
        grid.setColumnStretch(1, 1)
        for row, point in enumerate(points):
            mark = Label(theme, FontRole.BODY, "sub", f"{row + 1}." if numbered else "•")
            grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Paragraph(theme, FontRole.BODY, text=point), row, 1)


class ServerChangedPage(QWidget):
    """In place of a server's conversations. It goes when the server shows the right key, or is forgotten in settings.

    Asks: settings_wanted (the known servers), choose_wanted (another chat, or this one by a new invitation).
    """

    settings_wanted = Signal()
    choose_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("server_changed_page")
        ground(self, "bg")
        self._icons = icons
        self._picture = QLabel()
        self.title = Paragraph(theme, FontRole.PAGE)
        self.title.setObjectName("server_changed_title")
        self.what = Paragraph(theme, FontRole.BODY, most_lines=8)
        self.known_code, self.shown_code = Paragraph(theme, FontRole.MONO), Paragraph(theme, FontRole.MONO)
        self._known_label = Paragraph(theme, FontRole.NAME, "sub", self.tr("The code that you know"))
        self._shown_label = Paragraph(theme, FontRole.NAME, "sub", self.tr("The code that it shows now"))
        self.changed, self.damaged = Points(theme, self._why_changed()), Points(theme, self._why_damaged())
        self.settings_button = QPushButton(self.tr("Known servers…"), self)
        self.settings_button.setObjectName("known_servers_button")
        self.choose_button = QPushButton(self.tr("Join by invitation…"), self)
        self.choose_button.setObjectName("new_invitation_button")
        self.settings_button.clicked.connect(self.settings_wanted)
        self.choose_button.clicked.connect(self.choose_wanted)
        self._lay_out(theme)
        theme.changed.connect(self._draw)
        self._draw()

    def _lay_out(self, theme: Theme) -> None:
        self.codes = QFrame()
        self.codes.setProperty("kind", "card")
        card = QVBoxLayout(self.codes)
        card.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_12)
        card.setSpacing(SPACE_12)
        for says, code in ((self._known_label, self.known_code), (self._shown_label, self.shown_code)):
            pair = QVBoxLayout()
            pair.setSpacing(SPACE_4)
            pair.addWidget(says)
            pair.addWidget(code)
            card.addLayout(pair)
        buttons = QVBoxLayout()  # side by side they are too wide for the smallest window
        buttons.setSpacing(SPACE_8)
        for button in (self.choose_button, self.settings_button):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout()
        column.setSpacing(SPACE_8)
        column.addWidget(self._picture)
        column.addSpacing(SPACE_8)
        column.addWidget(self.title)
        column.addWidget(self.what)
        column.addSpacing(SPACE_8)
        column.addWidget(self.codes)
        column.addSpacing(SPACE_8)
        column.addWidget(Paragraph(theme, FontRole.TITLE, text=self.tr("What may have happened")))
        column.addWidget(self.changed)
        column.addWidget(self.damaged)
        column.addSpacing(SPACE_8)
        column.addWidget(Paragraph(theme, FontRole.TITLE, text=self.tr("What to do")))
        column.addWidget(Points(theme, self._advice(), numbered=True))
        column.addSpacing(SPACE_16)
        column.addLayout(buttons)
        words = QWidget()
        words.setMaximumWidth(MOST_WIDE)
        words.setLayout(column)
        content = QWidget()
        middle = QHBoxLayout(content)
        middle.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_24)
        middle.addStretch(1)
        middle.addWidget(words, 100, Qt.AlignmentFlag.AlignVCenter)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self.scroll_area = ClearScroll(content, self)
        layout.addWidget(self.scroll_area)

    def show_stop(self, server: str, problem: Problem, known_code: str = "") -> None:
        """`server`: what it is called here. `known_code`: the code it had, "" where that is not known."""
        lost = problem.code == ProblemCode.LOST
        self.title.setText(
            self.tr("Stop: this server cannot be recognised")
            if lost
            else self.tr("Stop: this is not the server you know")
        )
        shown = self.tr("“{server}” shows another key than before. Nothing was sent to it: no name, no message.")
        unknown = self.tr(
            "The list of servers that you know was damaged, so nobody can tell whether “{server}” is the "
            "right one. Nothing was sent to it."
        )
        self.what.setText((unknown if lost else shown).replace("{server}", server))
        for label, code in ((self._known_label, self.known_code), (self._shown_label, self.shown_code)):
            text = known_code if code is self.known_code else problem.suggestion
            code.setText(text)
            label.setVisible(bool(text))
            code.setVisible(bool(text))
        self.codes.setVisible(bool(known_code or problem.suggestion))
        self.changed.setHidden(lost)
        self.damaged.setVisible(lost)
        self.scroll_area.setAccessibleName(f"{self.title.text()}. {self.what.text()}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scroll_area.setFocus()  # so that it is read aloud, and can be scrolled by keys

    def _why_changed(self) -> tuple[str, ...]:
        return (
            self.tr("The server was set up anew, without its old key: a new computer, a new disk, a deleted folder."),
            self.tr("Another server has this address now: the router has given it to another computer."),
            self.tr("Somebody on this network poses as the server, to read what you write."),
        )

    def _why_damaged(self) -> tuple[str, ...]:
        return (
            self.tr("A fault of the disk, or a crash, damaged the file."),
            self.tr("Somebody with access to this computer damaged it, so that a false server is not noticed."),
        )

    def _advice(self) -> tuple[str, ...]:
        return (
            self.tr(
                "Ask whoever runs the server, in person or by phone, whether it was set up anew, and which code it "
                "shows. Do not ask in a chat at this address."
            ),
            self.tr(
                "If it was set up anew: join by the new invitation that they give you, or forget the server under "
                "Settings, Network and server, and compare the code when you join again."
            ),
            self.tr("If not, or if you cannot ask: stay away from it, and tell them. Somebody may be listening."),
        )

    def _draw(self) -> None:
        self._picture.setPixmap(self._icons.pixmap("shield-alert", ICON, "danger", self.devicePixelRatioF()))
