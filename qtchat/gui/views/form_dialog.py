"""What the small dialogs are made of."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_16, SPACE_24
from qtchat.gui.views.controls import ClearScroll, ElidedLabel, HuggingDialog, plain_title

WIDTH = 420
FRAME = 56
"""Pixels of the screen's height that are left to the frame of a dialog."""


class HuggingScroll(ClearScroll):
    """As tall as its content where there is room; scrolls where there is less, and only then takes the keyboard."""

    def __init__(self, content: QWidget, column: QLayout, parent: QWidget | None = None) -> None:
        """`column`: the layout of `content`."""
        super().__init__(content, parent)
        self._column = column
        content.setMinimumHeight(1)  # heightForWidth counts: the least height of words is that of narrower ones
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._judge()

    def heightForWidth(self, width: int) -> int:
        column = self._column
        return column.totalHeightForWidth(width) if column.hasHeightForWidth() else column.totalSizeHint().height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What the content needs has changed."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._judge()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.updateGeometry()  # what was asked before need not hold any more, so that it is right at first sight

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._judge()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What a control in it has no use for is meant for the dialog."""
        if self.hasFocus():
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _judge(self) -> None:
        """A bar only for what does not fit without it: by itself it would stay, as it makes the content higher."""
        fits = self.height() >= self.heightForWidth(self.width())
        bar, focus = Qt.ScrollBarPolicy, Qt.FocusPolicy
        self.setVerticalScrollBarPolicy(bar.ScrollBarAlwaysOff if fits else bar.ScrollBarAsNeeded)
        self.setFocusPolicy(focus.NoFocus if fits else focus.TabFocus)


class FormDialog(HuggingDialog):
    """A title, a column of content, a row of buttons at the right. On a low screen the column scrolls."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None, *, grows: bool = False) -> None:
        """`grows`: it is wider for large text, but not wider than the window of `parent`; `tight`: it would be."""
        wanted = theme.room_for_text(WIDTH) if grows else WIDTH
        width = max(WIDTH, min(wanted, parent.window().width())) if parent is not None else wanted
        super().__init__(width, parent)
        self.tight = width < wanted
        self.setWindowTitle(plain_title(title))
        content = QWidget(self)
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, 0)
        self.column.setSpacing(SPACE_8)
        heading = ElidedLabel(theme, FontRole.PAGE)  # a room's name may be long
        heading.set_whole(title)
        self.column.addWidget(heading)
        self.body = HuggingScroll(content, self.column, self)
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(SPACE_24, SPACE_16, SPACE_24, SPACE_24)
        self.buttons.setSpacing(SPACE_8)
        self.buttons.addStretch()
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addWidget(self.body, 1)

    def add_button(self, text: str, name: str, kind: str = "") -> QPushButton:
        """A button in the row at the foot."""
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            button.setProperty("kind", kind)
        self.buttons.addWidget(button)
        return button

    def finish(self) -> None:
        """Put the buttons at the foot."""
        self._rows.addLayout(self.buttons)

    def most_height(self) -> int:
        return self.screen().availableGeometry().height() - FRAME
