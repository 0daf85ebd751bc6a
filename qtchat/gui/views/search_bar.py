"""Searching what was said: a field under the top bar, and what was found below it."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from itertools import pairwise

from PySide6.QtCore import QEasingCurve, QModelIndex, QPropertyAnimation, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QPushButton,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from qtchat.gui.models.search import SearchModel
from qtchat.gui.models.words import fill
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import NO_LIMIT, CheckBox, IconButton, Label, Line, Paragraph, ground
from qtchat.gui.views.filtered_list import FilterField, prepare_list
from qtchat.gui.views.search_rows import HitDelegate
from qtchat.protocol.messages import Event

DELAY_MS = 200
"""How long nothing more must be typed before it is searched."""
SLIDE_MS = 200
LEAST = 2
"""Letters worth a search."""
MOST_ROWS = 5
SHARE = 0.45
"""Of the window's height, at most, for what was found: one goes on seeing the place in the conversation."""


class Older(Enum):
    """What a search has not looked at."""

    NONE = auto()
    ON_SERVER = auto()
    OUT_OF_REACH = auto()


class SearchBar(QWidget):
    """Hidden until `open_for`. It says by itself that it is searching, from the question until `show_results`.

    Asks: search_wanted(str, bool): the words, and whether in all rooms of the server; deeper_wanted(str, bool): the
    same once more, with older messages than this computer holds. result_chosen(int room, int seq):
    show that message. closed().
    """

    search_wanted = Signal(str, bool)
    deeper_wanted = Signal(str, bool)
    result_chosen = Signal(object, object)  # numbers of a room and a message may be more than an int of Qt holds
    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("search_bar")
        ground(self, "bg")
        self._theme = theme
        self._room = ""
        self._asked: str | None = None
        self._shown: str | None = None
        self._model = SearchModel(self)
        self._delay = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._delay.timeout.connect(self._ask)
        self._slide = QPropertyAnimation(self, b"maximumHeight", self)
        self._slide.setDuration(SLIDE_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._slide.finished.connect(self._slid)
        self._make_controls(theme, icons)
        self._lay_out()
        self._order_tabs()
        self.field.textChanged.connect(self._edited)
        self.field.stepped.connect(self._step)
        self.field.confirmed.connect(self._confirm)
        self.everywhere.toggled.connect(self._ask)
        self.view.clicked.connect(self._choose)
        self.view.activated.connect(self._choose)
        self.previous_button.clicked.connect(self._previous)
        self.next_button.clicked.connect(self._next)
        self.close_button.clicked.connect(self.close_bar)
        theme.changed.connect(self._fit)
        self._clear()
        self.hide()

    # -- what it shows --------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        return not self.isHidden()

    def open_for(self, room: str) -> None:
        """Open, or take the keyboard again. `room`: what the open room is called."""
        if room != self._room:
            self._room = room
            self.field.clear()
            self.everywhere.setChecked(False)
        self.field.setPlaceholderText(self.tr("Search in {room}").replace("{room}", room))
        if self.isHidden():
            self.show()
            if self.style().styleHint(QStyle.StyleHint.SH_Widget_Animate):
                self._slide.setStartValue(0)
                self._slide.setEndValue(self.sizeHint().height())
                self._slide.start()
        self.field.setFocus()
        self.field.selectAll()

    def set_one_room(self, one: bool) -> None:
        """Is there but one room on this server? Then nobody is asked in which."""
        if one:
            self.everywhere.setChecked(False)
        self.everywhere.setHidden(one)

    def close_bar(self) -> None:
        """Close; what was searched is there again when it is opened for the same room."""
        if not self.isHidden():
            self._slide.stop()
            self._slid()
            self._delay.stop()
            self.hide()
            self.closed.emit()

    def show_results(self, text: str, events: Sequence[Event], rooms: Mapping[int, str], older: Older) -> None:
        """The answer to a search for `text`, the newest first. `rooms`: their names by number; `older`: what was not
        searched. Of one room more is asked for at once, of all when somebody wants it.

        What was asked before something else was typed is dropped.
        """
        if text != self._asked:
            return
        again, self._asked, self._shown = text == self._shown, None, text
        row = self.view.currentIndex().row() if again else 0
        self._model.show(text, events, rooms if self.everywhere.isChecked() else {})
        self.view.setCurrentIndex(self._model.index(min(max(0, row), len(events) - 1)))
        if older is Older.ON_SERVER and not again and not self.everywhere.isChecked():
            self._ask_deeper()
        else:
            self._say_what_lacks(older, found=bool(events))
        self._count()
        self._fit()

    def _say_what_lacks(self, older: Older, *, found: bool) -> None:
        everywhere = self.everywhere.isChecked()
        words = []
        if not found:
            nothing = self.tr("Nothing found in any room.") if everywhere else self.tr("Nothing found in {room}.")
            words.append(nothing.replace("{room}", self._room))
        if older is Older.ON_SERVER:
            words.append(self.tr("Older messages were not searched yet."))
        elif older is Older.OUT_OF_REACH:
            words.append(self.tr("Older messages are not on this computer: they can be searched with a connection."))
        self.remark.setText(" ".join(words))
        self.remark.setVisible(bool(words))
        self.deeper_button.setVisible(older is Older.ON_SERVER)

    def _ask_deeper(self) -> None:
        self._asked = self._shown
        self.remark.setText(self.tr("Looking through older messages…"))
        self.remark.show()
        self.deeper_button.hide()
        self._count()
        if self._shown is not None:
            self.deeper_wanted.emit(self._shown, self.everywhere.isChecked())

    def _count(self) -> None:
        row, rows = self.view.currentIndex().row(), self._model.rowCount()
        for button in (self.previous_button, self.next_button):
            button.setEnabled(rows > 1)
        text = ""
        if self._asked is not None and not rows:
            text = self.tr("Searching…")
        elif rows:
            text = fill(self.tr("{place} of {all}"), place=str(row + 1), all=str(rows))
        self.count_label.setText(text)

    def _clear(self) -> None:
        self._asked = self._shown = None
        self._model.show("", (), {})
        self.remark.hide()
        self.deeper_button.hide()
        self._count()
        self._fit()

    # -- what it asks for -----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def _edited(self) -> None:
        self._delay.start()
        if len(self.field.text().strip()) < LEAST:
            self._delay.stop()
            self._clear()

    def _ask(self) -> None:
        self._delay.stop()
        text = self.field.text().strip()
        if len(text) >= LEAST:
            self._asked, self._shown = text, None
            self._count()
            self.search_wanted.emit(text, self.everywhere.isChecked())

    def _confirm(self) -> None:
        """Enter: search at once what was just typed, else go to the message that is chosen."""
        if self._delay.isActive():
            self._ask()
        else:
            self._choose(self.view.currentIndex())

    def _step(self, by: int) -> None:
        rows = self._model.rowCount()
        if rows:
            row = min(rows - 1, max(0, self.view.currentIndex().row() + by))
            self.view.setCurrentIndex(self._model.index(row))
            self._count()

    def _previous(self) -> None:
        self._step(-1)
        self._choose(self.view.currentIndex())

    def _next(self) -> None:
        self._step(1)
        self._choose(self.view.currentIndex())

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            hit = self._model.at(index.row())
            self._count()
            self.result_chosen.emit(hit.room, hit.seq)

    # -- how it looks ---------------------------------------------------------------------------------

    def _make_controls(self, theme: Theme, icons: Icons) -> None:
        self.field = FilterField(theme, icons, self.tr("Search messages"), self, clears=False)
        self.field.setObjectName("search_field")
        self.count_label = Label(theme, FontRole.NAME, "sub", plain=True)
        self.count_label.setObjectName("search_count")
        self.previous_button = IconButton(theme, icons, "chevron-up", self.tr("Newer message"), parent=self)
        self.previous_button.setObjectName("search_previous_button")
        self.next_button = IconButton(theme, icons, "chevron-down", self.tr("Older message"), parent=self)
        self.next_button.setObjectName("search_next_button")
        self.close_button = IconButton(theme, icons, "x", self.tr("Close the search"), parent=self)
        self.close_button.setObjectName("search_close_button")
        self.everywhere = CheckBox(theme, icons, self.tr("In all my rooms on this server"), self)
        self.everywhere.setObjectName("search_everywhere")
        self.remark = Paragraph(theme, FontRole.BODY, "sub")
        self.remark.setObjectName("search_remark")
        self.deeper_button = QPushButton(self.tr("Search older ones"))
        self.deeper_button.setObjectName("search_deeper_button")
        self.deeper_button.setProperty("kind", "link")
        self.deeper_button.setAutoDefault(False)
        self.deeper_button.clicked.connect(self._ask_deeper)
        self.view = QListView(self)
        self.view.setObjectName("search_results")
        self.view.setModel(self._model)
        self._delegate = HitDelegate(theme, icons, self, surface="bg", margin=0)
        prepare_list(self.view, self._delegate, self.tr("Messages found"))
        self.view.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACE_4)
        row.addWidget(self.field, 1)
        row.addSpacing(SPACE_4)
        for widget in (self.count_label, self.previous_button, self.next_button, self.close_button):
            row.addWidget(widget)
        column = QVBoxLayout()
        column.setContentsMargins(SPACE_16, SPACE_8, SPACE_12, SPACE_8)
        column.setSpacing(SPACE_8)
        column.addLayout(row)
        column.addWidget(self.everywhere)
        column.addWidget(self.view)
        column.addWidget(self.remark)
        column.addWidget(self.deeper_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(column)
        layout.addWidget(Line())
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)  # the remark may wrap

    def _order_tabs(self) -> None:
        buttons = (self.previous_button, self.next_button, self.close_button)
        for first, second in pairwise((self.field, *buttons, self.everywhere, self.view, self.deeper_button)):
            QWidget.setTabOrder(first, second)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _fit(self) -> None:
        """The list as tall as its rows, while that leaves the conversation its place."""
        row = self._theme.room_for_text(self._delegate.height)
        most = max(2 * row, int(self.window().height() * SHARE) if self.window() is not self else MOST_ROWS * row)
        rows = self._model.rowCount()
        self.view.setFixedHeight(min(rows * row, MOST_ROWS * row, most))
        self.view.setVisible(rows > 0)

    def _slid(self) -> None:
        self.setMaximumHeight(NO_LIMIT)
