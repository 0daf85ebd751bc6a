"""The popup in which people choose an emoji."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtchat.gui.models.emoji import Emoji, EmojiGroup, EmojiTable, emoji_catalogue, with_recent
from qtchat.gui.theme.icons import ICON_SIZE, Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8
from qtchat.gui.views.controls import ElidedLabel, Line, Paragraph, ground
from qtchat.gui.views.emoji.font import emoji_font
from qtchat.gui.views.emoji.grid import CELL, EMOJI_PIXELS, EmojiGrid

WIDTH, HEIGHT = 352, 400
TAB: Final = 32
GAP: Final = SPACE_4
"""Pixels between the popup and what it belongs to."""


class EmojiPicker(QWidget):
    """Asks: chosen(str); with Shift it stays open for more. recent_changed(list[str]): what was used last, first.
    closed(): it is gone, whatever the reason. Make it when it is first wanted: it reads the catalogue."""

    chosen = Signal(str)
    recent_changed = Signal(list)
    closed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("emoji_picker")
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)
        self.setAccessibleName(self.tr("Emoji"))
        ground(self, "bg")
        self._theme = theme
        self._catalogue = emoji_catalogue()
        self._recent: list[str] = []
        self._starts: list[int] = []
        self._model = EmojiTable(self)
        self._build(theme, icons)
        self._connect()

    def _build(self, theme: Theme, icons: Icons) -> None:
        self.search_field = _SearchField(self)
        self.search_field.setObjectName("emoji_search")
        self.search_field.setProperty("kind", "filter")
        self.search_field.setPlaceholderText(self.tr("Search emoji"))
        self.search_field.setAccessibleName(self.tr("Search emoji"))
        self.grid = EmojiGrid(self._model, theme, self)
        self.grid.setObjectName("emoji_grid")
        self.grid.setAccessibleName(self.tr("Emoji"))
        self._none = Paragraph(theme, FontRole.BODY, "sub", parent=self)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._body = QStackedLayout()
        self._body.addWidget(self.grid)
        self._body.addWidget(self._none)
        edges = (SPACE_8 + 1, SPACE_8, SPACE_8 + 1, SPACE_4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(*edges)
        top.setSpacing(SPACE_8)
        top.addLayout(self._tab_row(icons))
        top.addWidget(self.search_field)
        layout.addLayout(top)
        body = QHBoxLayout()
        body.setContentsMargins(SPACE_8 + SPACE_4, 0, SPACE_8, 0)
        body.addLayout(self._body)
        layout.addLayout(body, 1)
        layout.addWidget(Line())
        layout.addLayout(self._preview_row(theme))
        for first, second in ((self.search_field, self.grid), (self.grid, self._tabs.buttons()[0])):
            QWidget.setTabOrder(first, second)

    def _tab_row(self, icons: Icons) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(1)
        self._tabs = QButtonGroup(self)
        names = (
            "clock",
            "smile",
            "user",
            "paw-print",
            "utensils",
            "plane",
            "volleyball",
            "lightbulb",
            "shapes",
            "flag",
        )
        for number, (name, title) in enumerate(zip(names, (self.tr("Used last"), *self._titles()), strict=True)):
            button = _Tab(icons, name, title, self)
            self._tabs.addButton(button, number)
            row.addWidget(button)
        return row

    def _titles(self) -> tuple[str, ...]:
        """The names of the categories, in the order of EmojiGroup."""
        return (
            self.tr("Smileys"),
            self.tr("People"),
            self.tr("Animals and nature"),
            self.tr("Food and drink"),
            self.tr("Travel and places"),
            self.tr("Activities"),
            self.tr("Objects"),
            self.tr("Symbols"),
            self.tr("Flags"),
        )

    def _preview_row(self, theme: Theme) -> QHBoxLayout:
        """What the mouse or the cursor is on, in words."""
        self._picture = QLabel(self)
        self._picture.setTextFormat(Qt.TextFormat.PlainText)
        self._picture.setFixedSize(CELL, CELL)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = ElidedLabel(theme, FontRole.NAME, plain=True)
        row = QHBoxLayout()
        row.setContentsMargins(SPACE_8 + SPACE_4, SPACE_4, SPACE_8, SPACE_4)
        row.setSpacing(SPACE_8)
        row.addStrut(CELL)  # nothing jumps where there is no picture
        row.addWidget(self._picture)
        row.addWidget(self._name, 1)
        return row

    def _connect(self) -> None:
        self.search_field.textChanged.connect(self._show_found)
        self.search_field.down_wanted.connect(self._into_grid)
        self.search_field.take_wanted.connect(self._take_current)
        self.grid.chosen.connect(self._take)
        self.grid.typed.connect(self._type)
        self.grid.left_at_top.connect(self.search_field.setFocus)
        self.grid.pointed.connect(self._tell)
        self.grid.verticalScrollBar().valueChanged.connect(self._mark_tab)
        self._tabs.idClicked.connect(self._go_to_section)

    # -- opening --------------------------------------------------------------------------------------

    def set_recent(self, recent: Sequence[str]) -> None:
        """What was used last, first; what is no emoji of ours is passed over."""
        self._recent = [text for text in recent if self._catalogue.get(text) is not None]

    def open_at(self, anchor: QWidget) -> None:
        """Open above `anchor`, or where there is room for it on the screen; typing searches."""
        rect = QRect(anchor.mapToGlobal(QPoint(0, 0)), anchor.size())
        self.setGeometry(place_popup(rect, anchor.screen().availableGeometry()))
        self.search_field.clear()
        self._show_all()
        self.show()
        self.search_field.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()

    # -- what it shows --------------------------------------------------------------------------------

    def _show_all(self) -> None:
        recent = [emoji for text in self._recent if (emoji := self._catalogue.get(text)) is not None]
        sections: list[tuple[str, Sequence[Emoji]]] = [(self.tr("Used last"), recent)] if recent else []
        for group, title in zip(EmojiGroup, self._titles(), strict=True):
            sections.append((title, self._catalogue.group(group)))
        starts = self._model.show(sections)
        self._starts = starts if recent else [0, *starts]
        self._tabs.button(0).setVisible(bool(recent))
        self._body.setCurrentWidget(self.grid)
        self.grid.scrollToTop()
        self._tell(None)
        self._mark_tab()

    def _show_found(self, text: str) -> None:
        if not text.strip():
            self._show_all()
            return
        found = self._catalogue.search(text)
        self._model.show([("", found)])
        self._starts = []
        self.grid.setCurrentIndex(self.grid.first())
        self._tell(found[0] if found else None)
        self._none.setText(self.tr("No emoji is called “{text}”.").replace("{text}", text.strip()))
        self._body.setCurrentWidget(self.grid if found else self._none)
        self._mark_tab()

    def _tell(self, emoji: Emoji | None) -> None:
        self._picture.setFont(emoji_font(EMOJI_PIXELS))  # the style sheet may have brought back another
        self._picture.setText(emoji.text if emoji else "")
        self._picture.setVisible(emoji is not None)
        self._name.set_whole(f"{emoji.name}  :{emoji.code}:" if emoji else self.tr("Type to search"))

    def _mark_tab(self) -> None:
        """Show by the tabs which category is at the top."""
        row = self.grid.rowAt(CELL // 2)
        inside = [number for number, start in enumerate(self._starts) if start <= row]
        self._tabs.setExclusive(False)  # a search is in none of them
        for button in self._tabs.buttons():
            number = self._tabs.id(button)
            button.setChecked(bool(inside) and number == inside[-1])
        self._tabs.setExclusive(bool(inside))

    def _go_to_section(self, number: int) -> None:
        self.search_field.clear()
        self.grid.setCurrentIndex(self._model.index(self._starts[number] + 1, 0))
        self.grid.scroll_to_row(self._starts[number])
        self._mark_tab()

    # -- choosing -------------------------------------------------------------------------------------

    def _into_grid(self) -> None:
        if self._body.currentWidget() is self.grid:
            self.grid.setCurrentIndex(self.grid.step(1, 0))
            self.grid.setFocus()

    def _take_current(self, keep_open: bool) -> None:
        self.grid.choose_current(keep_open=keep_open)

    def _take(self, text: str, keep_open: bool) -> None:
        self._recent = with_recent(self._recent, text)
        self.recent_changed.emit(list(self._recent))
        if not keep_open:
            self.hide()
        self.chosen.emit(text)

    def _type(self, text: str) -> None:
        self.search_field.setFocus()
        if text == "\b":
            self.search_field.backspace()
        else:
            self.search_field.insert(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # The click that closes it must not open it again by reaching the button.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay, not self.rect().contains(event.position().toPoint()))
        super().mousePressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.color("line"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class _Tab(QToolButton):
    """A category. It draws its icon when it is painted: ten prepared ones would be a good part of the opening."""

    def __init__(self, icons: Icons, name: str, says: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._icons, self._name = icons, name
        self.setFixedSize(TAB, TAB)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(says)
        self.setAccessibleName(says)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        ink = "accent" if self.isChecked() else "sub"
        painter = QPainter(self)
        place = (TAB - ICON_SIZE) // 2
        painter.drawPixmap(place, place, self._icons.pixmap(self._name, ICON_SIZE, ink, self.devicePixelRatioF()))
        painter.end()


class _SearchField(QLineEdit):
    """Asks: down_wanted, to go to what was found; take_wanted(bool), Enter, True with Shift."""

    down_wanted = Signal()
    take_wanted = Signal(bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.down_wanted.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take_wanted.emit(bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)


def place_popup(anchor: QRect, screen: QRect) -> QRect:
    """Where the popup of something at `anchor` goes: above it, else below it, always inside `screen`."""
    width, height = min(WIDTH, screen.width()), min(HEIGHT, screen.height())
    top = anchor.top() - GAP - height
    if top < screen.top() and anchor.bottom() + GAP + height <= screen.bottom():
        top = anchor.bottom() + GAP
    left = anchor.right() - width
    return QRect(
        max(screen.left(), min(left, screen.right() - width + 1)),
        max(screen.top(), min(top, screen.bottom() - height + 1)),
        width,
        height,
    )
