"""The people of a room beneath one another, with a heading above each section."""

from bisect import bisect_right

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QCursor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyleOptionViewItem, QWidget

from qtchat.gui.models.people import PeopleModel, Section
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_16
from qtchat.gui.views.filtered_list import prepare_list
from qtchat.gui.views.rows import PersonDelegate

Index = QModelIndex | QPersistentModelIndex
Move = QAbstractItemView.CursorAction
HEADING = 32


class PeopleView(QListView):
    """As tall as all its rows: what scrolls is the column it stands in. Only what can be seen is painted.

    A heading is no row, so nobody comes to it by key or click. All rows are of one height, so places are found by
    arithmetic: QListView asks a model in Python four times for each row, whenever one has moved.
    """

    def __init__(self, model: PeopleModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("people_view")
        self._people, self._theme = model, theme
        self.setModel(model)
        self._delegate = PersonDelegate(theme, icons, self)
        prepare_list(self, self._delegate, self.tr("People in this room"))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        model.sections_changed.connect(self._fit)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        rows = self._people.rowCount()
        self.setFixedHeight(rows * self._row_height + len(self._people.sections) * self._heading_height)
        self.viewport().update()

    def heading(self, place: int) -> str:
        """What stands above a section, and how many are in it."""
        words = {
            Section.STAFF: self.tr("Admins and moderators"),
            Section.ONLINE: self.tr("Online"),
            Section.OFFLINE: self.tr("Offline"),
        }
        ends = [*(first for _, first in self._people.sections[1:]), self._people.rowCount()]
        section, first = self._people.sections[place]
        return f"{words[section]} · {ends[place] - first}"

    # -- where things stand ---------------------------------------------------------------------------

    @property
    def _row_height(self) -> int:
        return self._theme.room_for_text(self._delegate.height)  # rows grow with the text

    @property
    def _heading_height(self) -> int:
        return self._theme.room_for_text(HEADING)

    def _top(self, row: int) -> int:
        """Where `row` begins, below all headings that stand above it."""
        headings = sum(first <= row for _, first in self._people.sections)
        return row * self._row_height + headings * self._heading_height

    def _row_at(self, y: int) -> int:
        """The last row that begins above `y`; -1: none does."""
        return bisect_right(range(self._people.rowCount()), y, key=self._top) - 1

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid():
            return QRect()
        return QRect(0, self._top(index.row()), self.viewport().width(), self._row_height)

    def indexAt(self, place: QPoint) -> QModelIndex:
        index = self._people.index(self._row_at(place.y()))
        return index if self.visualRect(index).contains(place) else QModelIndex()

    def moveCursor(self, action: Move, _modifiers: Qt.KeyboardModifier) -> QModelIndex:
        last, here = self._people.rowCount() - 1, self.currentIndex().row()
        steps = {
            Move.MoveUp: -1,
            Move.MovePrevious: -1,
            Move.MoveDown: 1,
            Move.MoveNext: 1,
            Move.MovePageUp: -self._page,
            Move.MovePageDown: self._page,
            Move.MoveHome: -last,
            Move.MoveEnd: last,
        }
        if here < 0 and action is not Move.MoveEnd:
            return self._people.index(0)
        return self._people.index(min(last, max(0, here + steps.get(action, 0))))

    @property
    def _page(self) -> int:
        """Rows that can be seen at once, but for one that stays in sight."""
        return max(1, self.visibleRegion().boundingRect().height() // self._row_height - 1)

    # What QListView finds out from a layout of its own, which is not made here: nothing scrolls, nothing is selected.

    def doItemsLayout(self) -> None:
        QAbstractItemView.doItemsLayout(self)

    def scrollTo(self, index: Index, hint: QListView.ScrollHint = QListView.ScrollHint.EnsureVisible) -> None:
        pass

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        pass

    def visualRegionForSelection(self, _selection: object) -> QRegion:
        return QRegion()

    # -- how it looks ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        clip = event.rect()
        for place, (_, first) in enumerate(self._people.sections):
            bottom = self._top(first)
            if clip.top() < bottom and bottom - self._heading_height <= clip.bottom():
                self._paint_heading(painter, place, bottom)
        hovered = self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())) if self.underMouse() else QModelIndex()
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        usual = option.state
        for row in range(max(0, self._row_at(clip.top())), self._row_at(clip.bottom()) + 1):
            index = self._people.index(row)
            option.rect = self.visualRect(index)
            state = usual & ~QStyle.StateFlag.State_HasFocus
            if self.hasFocus() and index == self.currentIndex():
                state |= QStyle.StateFlag.State_HasFocus
            if index == hovered:
                state |= QStyle.StateFlag.State_MouseOver
            option.state = state
            self._delegate.paint(painter, option, index)

    def _paint_heading(self, painter: QPainter, place: int, bottom: int) -> None:
        height = self._theme.room_for_text(20)
        line = QRect(SPACE_16, bottom - height - SPACE_4, self.viewport().width() - 2 * SPACE_16, height)
        self._delegate.line(painter, line, self.heading(place), self._theme.font(FontRole.META), "sub")
