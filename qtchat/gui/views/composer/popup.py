"""The list of suggestions above the field. The field keeps the focus; its keys are handed on to here."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyleOptionViewItem, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.composer.completion import Completion, Suggestion
from qtchat.gui.views.controls import NO_LIMIT
from qtchat.gui.views.emoji.font import emoji_font
from qtchat.gui.views.rows import MARGIN, Index, RowDelegate

ROW: Final = 36
SHOWN_ROWS: Final = 8
MAX_WIDTH: Final = 680
"""Pixels, at the text scale 1: enough for a command with what it does."""
SCROLL_BAR: Final = 14
"""Pixels that it may take of a row."""
_EMOJI_PIXELS: Final = 20
_EMOJI_ROOM: Final = 32
_WRAPPED: Final = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
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
        self._delegate = _SuggestionDelegate(theme, icons, self.view)
        self.view.setItemDelegate(self._delegate)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
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
        """Stand above that rectangle, as high as there is room for. What does not fit beside the titles stands below
        them."""
        edge = self.frameWidth()
        width = min(self._theme.room_for_text(MAX_WIDTH), above.width() - 2 * SPACE_8)
        self._delegate.fit(self._model.suggestions, width - 2 * edge)
        self.view.scheduleDelayedItemsLayout()
        rows = sum(map(self._delegate.height_of, self._model.suggestions))
        most = SHOWN_ROWS * self._theme.room_for_text(ROW)
        height = min(min(rows, most) + 2 * (SPACE_4 + edge), above.top() - SPACE_4)
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

    def __init__(self, theme: Theme, icons: Icons, parent: QListView) -> None:
        super().__init__(theme, icons, parent)
        self._view = parent
        self._width = 0  # of what is said of a suggestion below its title; 0: it stands beside that

    def fit(self, suggestions: Sequence[Suggestion], width: int) -> None:
        """Rows are `width` pixels wide. If one of them has no room for all its words, all have two lines or more."""
        inside = width - 2 * (self.margin + SPACE_12) - SCROLL_BAR
        title, more, hint = (QFontMetrics(font) for font in (self._title(), self.plain(), self._hint()))
        beside = inside - SPACE_12 - SPACE_8 - hint.horizontalAdvance(self._key())

        def fits(each: Suggestion) -> bool:
            words = title.horizontalAdvance(each.title) + more.horizontalAdvance(each.subtitle)
            return bool(each.emoji) or words <= beside

        self._width = 0 if all(map(fits, suggestions)) else inside

    def height_of(self, suggestion: Suggestion) -> int:
        """Pixels of its row."""
        row = self.theme.room_for_text(self.height)
        return row + self._below(suggestion).height() + SPACE_4 if self._is_below(suggestion) else row

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self.height_of(index.data(Qt.ItemDataRole.UserRole)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        suggestion = index.data(Qt.ItemDataRole.UserRole)
        assert isinstance(suggestion, Suggestion)
        active = self._view.currentIndex() == index
        rect = self.ground(painter, option, active=active)
        sub, ink = ("active_sub", "on_active") if active else ("sub", "text")
        left, right = rect.left() + SPACE_12, rect.right() - SPACE_12
        place = QRect(left, rect.top(), right - left + 1, self.theme.room_for_text(self.height) - 2)
        if self._is_below(suggestion):
            below = self._below(suggestion).translated(left, rect.bottom() - SPACE_8)
            below.translate(0, 1 - below.height())
            painter.setFont(self.plain())
            painter.setPen(self.theme.color(sub))
            painter.drawText(below, int(_WRAPPED), suggestion.subtitle)
        if active:
            place.setRight(self.right_words(painter, place, self._key(), "active_sub"))
        if suggestion.emoji:
            painter.setFont(emoji_font(_EMOJI_PIXELS))
            painter.setPen(self.theme.color(ink))
            room = QRectF(rect.left() + MARGIN, place.top(), _EMOJI_ROOM, place.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, suggestion.emoji)
            place.setLeft(left + _EMOJI_ROOM)
        taken = self.line(painter, place, suggestion.title, self.plain() if suggestion.emoji else self._title(), ink)
        place.setLeft(place.left() + taken + SPACE_12)
        if suggestion.subtitle and not self._is_below(suggestion):
            self.line(painter, place, suggestion.subtitle, self.plain(), sub)
        painter.restore()

    def _is_below(self, suggestion: Suggestion) -> bool:
        return bool(self._width and suggestion.subtitle)

    def _below(self, suggestion: Suggestion) -> QRect:
        """What the words below its title take."""
        room = QRect(0, 0, self._width, NO_LIMIT)
        needed = QFontMetrics(self.plain()).boundingRect(room, int(_WRAPPED), suggestion.subtitle)
        return QRect(0, 0, self._width, needed.height())

    def _title(self) -> QFont:
        return self.theme.font(FontRole.NAME)

    def _hint(self) -> QFont:
        return self.theme.font(FontRole.META)

    def _key(self) -> str:
        """What takes the current one."""
        return self.tr("Tab")
