"""The list of suggestions above the field. The field keeps the focus; its keys are handed on to here."""

from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyleOptionViewItem, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.composer.completion import Completion, Suggestion
from qtchat.gui.views.emoji.font import emoji_font
from qtchat.gui.views.rows import MARGIN, Index, RowDelegate

ROW: Final = 36
SHOWN_ROWS: Final = 8
MAX_WIDTH: Final = 560
"""Pixels, at the text scale 1: enough for a command with what it does."""
_EMOJI_PIXELS: Final = 20
_EMOJI_ROOM: Final = 32
ROOT: Final = QModelIndex()


class CompletionPopup(QFrame):
    """Asks: chosen(Suggestion), by a click or by a key that was meant for it. The first one is current until Up or
    Down. Enter takes what is current, but where a whole word stands already, it is meant to send the message."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("completion_popup")
        self.setProperty("kind", "card")
        self._theme = theme
        self._enter_takes = False
        self._model = _Suggestions(self)
        self.view = QListView(self)
        self.view.setObjectName("completion_view")
        self.view.setModel(self._model)
        self.view.setItemDelegate(_SuggestionDelegate(theme, icons, self.view))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setAccessibleName(self.tr("Suggestions"))
        self.view.clicked.connect(self._choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        layout.addWidget(self.view)
        self.hide()

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """All that is proposed."""
        return self._model.suggestions

    def propose(self, completion: Completion, above: QRect) -> None:
        """Show this right above the rectangle `above` of the parent."""
        self._enter_takes = not completion.finished
        if completion.suggestions != self._model.suggestions or self.isHidden():
            self._model.show(completion.suggestions)
            self.view.setCurrentIndex(self._model.index(0))
            self.view.scrollToTop()
        self.place(above)
        self.show()
        self.raise_()

    def place(self, above: QRect) -> None:
        """Stand above that rectangle, as high as there is room for."""
        row = self._theme.room_for_text(ROW)
        rows = min(SHOWN_ROWS, len(self._model.suggestions))
        height = min(row * rows + 2 * (SPACE_4 + self.frameWidth()), above.top() - SPACE_4)
        width = min(self._theme.room_for_text(MAX_WIDTH), above.width() - 2 * SPACE_8)
        self.setGeometry(above.left() + SPACE_8, above.top() - SPACE_4 - height, width, height)

    def take_key(self, event: QKeyEvent) -> bool:
        """Is this key meant for the popup? Then it was done."""
        if self.isHidden() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        match event.key():
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_Tab:
                self._choose(self.view.currentIndex())
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._enter_takes:
                self._choose(self.view.currentIndex())
            case Qt.Key.Key_Escape:
                self.hide()
            case _:
                return False
        return True

    def _step(self, by: int) -> None:
        index = self._model.index((self.view.currentIndex().row() + by) % self._model.rowCount())
        self.view.setCurrentIndex(index)
        self._enter_takes = True
        if QAccessible.isActive():
            title = self._model.suggestions[index.row()].title
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, title))

    def _choose(self, index: QModelIndex) -> None:
        suggestion = self._model.suggestions[index.row()]
        self.hide()
        self.chosen.emit(suggestion)


class _Suggestions(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.suggestions: tuple[Suggestion, ...] = ()

    def show(self, suggestions: tuple[Suggestion, ...]) -> None:
        self.beginResetModel()
        self.suggestions = suggestions
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = ROOT) -> int:
        return 0 if parent.isValid() else len(self.suggestions)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        suggestion = self.suggestions[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return suggestion.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{suggestion.title}, {suggestion.subtitle}" if suggestion.subtitle else suggestion.title
            case Qt.ItemDataRole.UserRole:
                return suggestion
        return None


class _SuggestionDelegate(RowDelegate):
    """An emoji if there is one, the title, and more about it in a weaker colour; a hint on the current one."""

    height = ROW

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        suggestion = index.data(Qt.ItemDataRole.UserRole)
        assert isinstance(suggestion, Suggestion)
        view = self.parent()
        active = isinstance(view, QListView) and view.currentIndex() == index
        rect = self.ground(painter, option, active=active)
        left, right = rect.left() + SPACE_12, rect.right() - SPACE_12
        if active:
            line = QRect(QPoint(left, rect.top()), QPoint(right, rect.bottom()))
            right = self.right_words(painter, line, self.tr("Tab"), "active_sub")
        if suggestion.emoji:
            painter.setFont(emoji_font(_EMOJI_PIXELS))
            painter.setPen(self.theme.color("on_active" if active else "text"))
            room = QRectF(rect.left() + MARGIN, rect.top(), _EMOJI_ROOM, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, suggestion.emoji)
            left += _EMOJI_ROOM
        title_font = self.theme.font(FontRole.NAME)
        if suggestion.emoji:
            title_font = self.plain()
        place = QRect(QPoint(left, rect.top()), QPoint(right, rect.bottom()))
        taken = self.line(painter, place, suggestion.title, title_font, "on_active" if active else "text")
        place.setLeft(left + taken + SPACE_12)
        if suggestion.subtitle and place.width() > QFontMetrics(self.plain()).horizontalAdvance("……"):
            self.line(painter, place, suggestion.subtitle, self.plain(), "active_sub" if active else "sub")
        painter.restore()
