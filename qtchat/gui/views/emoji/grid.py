"""The emoji of a picker: rows of eight under headings, walked through with the arrow keys."""

from typing import Final

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from qtchat.gui.models.emoji import COLUMNS, Emoji, EmojiTable, Index
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_BUTTON, SPACE_4
from qtchat.gui.views.emoji.font import emoji_font

CELL: Final = 40
HEADING: Final = 28
EMOJI_PIXELS: Final = 24

Action = QAbstractItemView.CursorAction
_STEPS: Final = {
    Action.MoveUp: (-1, 0),
    Action.MoveDown: (1, 0),
    Action.MoveLeft: (0, -1),
    Action.MovePrevious: (0, -1),
    Action.MoveRight: (0, 1),
    Action.MoveNext: (0, 1),
}


class EmojiGrid(QTableView):
    """Asks: chosen(str, bool) by click or Enter, True with Shift; typed(str) for text that is meant for the search,
    "\\b" to take some back; left_at_top, when somebody goes up from the first row. pointed(Emoji | None): the one that
    the mouse or the cursor is on."""

    chosen = Signal(str, bool)
    typed = Signal(str)
    left_at_top = Signal()
    pointed = Signal(object)

    def __init__(self, model: EmojiTable, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table, self._theme = model, theme
        self._keep_open = False
        self.setModel(model)
        self.setItemDelegate(_CellDelegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        for header, size in ((self.horizontalHeader(), CELL), (self.verticalHeader(), CELL)):
            header.hide()
            header.setMinimumSectionSize(1)
            header.setDefaultSectionSize(size)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        model.modelReset.connect(self._lay_out_headings)
        self.clicked.connect(self._clicked)
        self.entered.connect(self._tell)

    def first(self) -> QModelIndex:
        """The first emoji there is; invalid if there is none."""
        rows = range(self._table.rowCount())
        row = next((row for row in rows if self._table.width(row)), None)
        return QModelIndex() if row is None else self._table.index(row, 0)

    def step(self, rows: int, columns: int) -> QModelIndex:
        """The emoji that many rows or columns from the current one, headings not counted; the current one where
        there is none."""
        index = self.currentIndex()
        if not index.isValid():
            return self.first()
        row, column = index.row(), index.column() + columns
        if columns and not 0 <= column < self._table.width(row):  # on to the next line, or back
            rows, column = columns, 0 if columns > 0 else COLUMNS
        if rows:
            row += rows
            while 0 <= row < self._table.rowCount() and not self._table.width(row):
                row += rows
            if not 0 <= row < self._table.rowCount():
                return index
        return self._table.index(row, min(column, self._table.width(row) - 1))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._tell(current)

    def moveCursor(self, action: Action, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        if action in _STEPS:
            return self.step(*_STEPS[action])
        moved = super().moveCursor(action, modifiers)
        if moved.isValid() and not self._table.width(moved.row()):
            moved = moved.siblingAtRow(min(moved.row() + 1, self._table.rowCount() - 1))
        if not moved.isValid() or not self._table.width(moved.row()):
            return self.currentIndex()
        return self._table.index(moved.row(), min(moved.column(), self._table.width(moved.row()) - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, text = event.key(), event.text()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose_current(keep_open=shift)
        elif key == Qt.Key.Key_Up and self.step(-1, 0) == self.currentIndex():
            self.left_at_top.emit()
        elif key == Qt.Key.Key_Backspace:
            self.typed.emit("\b")
        elif text.strip() and text.isprintable():
            self.typed.emit(text)
        elif key == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._keep_open = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseReleaseEvent(event)

    def choose_current(self, *, keep_open: bool = False) -> None:
        """Choose what the cursor is on, if anything."""
        emoji = self._table.emoji(self.currentIndex())
        if emoji is not None:
            self.chosen.emit(emoji.text, keep_open)

    def scroll_to_row(self, row: int) -> None:
        """Bring this row to the top."""
        self.verticalScrollBar().setValue(self.rowViewportPosition(row) + self.verticalOffset())

    def _clicked(self, index: QModelIndex) -> None:
        emoji = self._table.emoji(index)
        if emoji is not None:  # a heading is clicked too, though it is disabled
            self.chosen.emit(emoji.text, self._keep_open)

    def _tell(self, index: Index) -> None:
        self.pointed.emit(self._table.emoji(index))

    def _lay_out_headings(self) -> None:
        self.clearSpans()
        heading_height = self._theme.room_for_text(HEADING)
        for row in range(self._table.rowCount()):
            heading = bool(self._table.heading(row))
            if heading:
                self.setSpan(row, 0, 1, COLUMNS)
            height = heading_height if heading else CELL
            if self.rowHeight(row) != height:  # rows keep what they had before
                self.setRowHeight(row, height)


class _CellDelegate(QStyledItemDelegate):
    """Paints one emoji, or a heading."""

    def __init__(self, theme: Theme, grid: QTableView) -> None:
        super().__init__(grid)
        self._theme, self._grid = theme, grid
        self._font = emoji_font(EMOJI_PIXELS)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(CELL, CELL)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, EmojiTable)
        emoji = model.emoji(index)
        if emoji is None:
            self._heading(painter, option, model.heading(index.row()))
        else:
            self._emoji(painter, option, emoji, current=index == self._grid.currentIndex())

    def _heading(self, painter: QPainter, option: QStyleOptionViewItem, heading: str) -> None:
        font = self._theme.font(FontRole.META)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.color("sub"))
        place = QRectF(option.rect).adjusted(SPACE_4, 0, -SPACE_4, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, heading)

    def _emoji(self, painter: QPainter, option: QStyleOptionViewItem, emoji: Emoji, *, current: bool) -> None:
        state: QStyle.StateFlag = option.state
        place = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        palette = self._theme.palette
        if current or state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(mixed(palette.accent, palette.bg, 0.15)))
            painter.drawRoundedRect(place, RADIUS_BUTTON, RADIUS_BUTTON)
        if current:
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_BUTTON, RADIUS_BUTTON)
        painter.setFont(self._font)
        painter.setPen(self._theme.color("text"))  # for a font without colours
        painter.drawText(QRectF(option.rect), Qt.AlignmentFlag.AlignCenter, emoji.text)
