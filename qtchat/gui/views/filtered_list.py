"""A list that is narrowed by typing: the field, and the field with its list."""

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListView, QStackedLayout, QStyledItemDelegate, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import EmptyState

_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -6, Qt.Key.Key_PageDown: 6}


class FilterField(QLineEdit):
    """Narrows a list. stepped(int): so many rows down; confirmed(): Enter. Escape clears, and is passed on if empty, or
    at once where it closes what the field stands in."""

    stepped = Signal(int)
    confirmed = Signal()

    def __init__(
        self, theme: Theme, icons: Icons, says: str, parent: QWidget | None = None, *, clears: bool = True
    ) -> None:
        """`says`: its accessible name. `clears`: what Escape does first."""
        super().__init__(parent)
        self._icons, self._clears = icons, clears
        self.setProperty("kind", "filter")
        self.setPlaceholderText(self.tr("Search"))
        self.setAccessibleName(says)
        self._icon = self.addAction(icons.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._icon.setText(says)  # it is a button to a screen reader
        theme.changed.connect(self._draw)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self._clears and self.text():
                self.clear()
            case Qt.Key.Key_Up | Qt.Key.Key_Down | Qt.Key.Key_PageUp | Qt.Key.Key_PageDown:
                self.stepped.emit(_STEPS[Qt.Key(event.key())])
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.confirmed.emit()
            case _:
                super().keyPressEvent(event)

    def _draw(self) -> None:
        self._icon.setIcon(self._icons.icon("search"))


def prepare_list(view: QListView, delegate: QStyledItemDelegate, says: str) -> None:
    """What all lists of rows have in common. `says`: the accessible name."""
    view.setItemDelegate(delegate)
    view.setUniformItemSizes(True)
    view.setMouseTracking(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
    view.setAccessibleName(says)


class FilteredList(QWidget):
    """A filter field above a list; while nothing is found, or nothing is there, a sentence in its place.

    taken(QModelIndex): a row was double-clicked, or Enter was pressed in the field. current_changed(): another row is
    the current one, or none. The first row found is the current one, so that Enter has something to take; see
    `start_over`.
    """

    taken = Signal(QModelIndex)
    current_changed = Signal()

    def __init__(
        self,
        model: QAbstractItemModel,
        delegate: QStyledItemDelegate,
        theme: Theme,
        icons: Icons,
        says: str,
        parent: QWidget | None = None,
    ) -> None:
        """`says`: the accessible name of the list. What is filtered is the display role."""
        super().__init__(parent)
        self._model = model
        self._nothing = ("", "", "search")
        self._offers_first = True
        self.field = FilterField(theme, icons, self.tr("Filter"), self)
        self.field.setObjectName("pick_field")
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(model)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.view = QListView(self)
        self.view.setModel(self.proxy)
        prepare_list(self.view, delegate, says)
        self.empty = EmptyState(theme, icons, "search", self)
        self._body = QStackedLayout()
        self._body.addWidget(self.view)
        self._body.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_8)
        layout.addWidget(self.field)
        layout.addLayout(self._body, 1)
        self.field.textChanged.connect(self._filter)
        self.field.stepped.connect(self._step)
        self.field.confirmed.connect(self._take_current)
        self.view.doubleClicked.connect(self.taken)  # Enter presses the button of the dialog
        self.view.selectionModel().currentChanged.connect(self.current_changed)
        for signal in (self.proxy.rowsInserted, self.proxy.rowsRemoved, self.proxy.modelReset, self.proxy.rowsMoved):
            signal.connect(self._settle)
        self._settle()

    def say_nothing_here(self, sentence: str, button: str = "", icon: str = "search") -> None:
        """What to say while the list is empty by itself, and not for what is searched."""
        self._nothing = (sentence, button, icon)
        self._settle()

    def start_over(self) -> None:
        """Show all rows with none of them current, until somebody types or steps to one."""
        self.field.clear()
        self._offers_first = False
        self.view.setCurrentIndex(QModelIndex())

    def current(self) -> QModelIndex:
        """The row that Enter takes; invalid if there is none."""
        return self.view.currentIndex()

    def _filter(self, text: str) -> None:
        self._offers_first = True
        self.proxy.setFilterFixedString(text.strip().lstrip("#@").strip())
        self.view.setCurrentIndex(self.proxy.index(0, 0))
        self._settle()

    def _step(self, by: int) -> None:
        rows = self.proxy.rowCount()
        if rows:
            self._offers_first = True
            row = min(rows - 1, max(0, self.view.currentIndex().row() + by))
            self.view.setCurrentIndex(self.proxy.index(row, 0))

    def _take_current(self) -> None:
        if self.current().isValid():
            self.taken.emit(self.current())

    def _settle(self) -> None:
        if self._offers_first and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.proxy.index(0, 0))
        found = self.proxy.rowCount() > 0
        sentence, button, icon = self._nothing
        if self._model.rowCount():
            self.empty.say("", self.tr("Nothing is called that."), icon="search")
        else:
            self.empty.say("", sentence, button, icon)
        self._body.setCurrentWidget(self.view if found else self.empty)
        self.current_changed.emit()
