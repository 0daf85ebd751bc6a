"""The small controls that several views share. All of them show plain text only and follow the theme."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDialog, QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import ICON_SIZE, Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_16, SPACE_24

EMPTY_ICON = 48
"""Pixels of the icon of an empty state."""
EMPTY_WIDTH = 320
"""Pixels: no line of an empty state is longer."""


def ground(widget: QWidget, name: str) -> None:
    """Let the style sheet fill `widget` with the token "bg", "side" or "chat"."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    widget.setProperty("ground", name)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set the dynamic property `name` and let the style sheet look at the widget again."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Label(QLabel):
    """A line or paragraph of plain text in one of the type scale's fonts."""

    def __init__(
        self,
        theme: Theme,
        role: FontRole = FontRole.BODY,
        tone: str = "",
        text: str = "",
        *,
        wrap: bool = False,
        plain: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`wrap`: a paragraph, not one line. `plain`: normal weight, whatever the role has."""
        super().__init__(parent)
        self._theme, self._role, self._plain = theme, role, plain
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.setText(text)
        if tone:
            self.setProperty("tone", tone)
        self._refont()
        theme.changed.connect(self._refont)

    def set_tone(self, tone: str) -> None:
        """ "", "sub", "danger", "ok" or "warn"."""
        restyle(self, "tone", tone)

    def _refont(self) -> None:
        font = self._theme.font(self._role)
        if self._plain:
            font.setWeight(QFont.Weight.Normal)
        self.setFont(font)


class ElidedLabel(Label):
    """One line that ends in "..." where it does not fit; the whole of it is in the tool tip."""

    _whole = ""  # events come before __init__ is through

    def __init__(
        self,
        theme: Theme,
        role: FontRole = FontRole.BODY,
        tone: str = "",
        *,
        plain: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, role, tone, plain=plain, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_whole(self, text: str) -> None:
        """Show `text`, or as much of it as there is room for."""
        self._whole = " ".join(text.split())
        self.setAccessibleName(self._whole)
        self._elide()

    def whole(self) -> str:
        """The text without the elision."""
        return self._whole

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self._elide()
        return done

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        self.setText(shown)
        # A tool tip guesses at HTML where a label was told not to: escape what it would take for a tag.
        self.setToolTip(plain_tip(self._whole) if shown != self._whole else "")


def plain_tip(text: str) -> str:
    """`text` for a tool tip, which shows it literally, whatever it looks like."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<qt>{escaped}</qt>"


def plain_title(text: str) -> str:
    """`text` for the title of a window, where "[*]" would stand for the mark of what is not saved."""
    return text.replace("[*]", "[*][*]")


class IconButton(QToolButton):
    """A square button with one icon. `says`: its tool tip and accessible name."""

    def __init__(
        self, theme: Theme, icons: Icons, name: str, says: str, *, color: str = "sub", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icons, self._name, self._color = icons, name, color
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setFixedSize(36, 36)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(says)
        self.setAccessibleName(says)
        self._draw()
        theme.changed.connect(self._draw)

    def set_icon(self, name: str, color: str) -> None:
        """Show another icon, in the colour of a token."""
        self._name, self._color = name, color
        self._draw()

    def _draw(self) -> None:
        self.setIcon(self._icons.icon(self._name, self._color))


class Avatar(QWidget):
    """A round avatar of fixed size. Without a colour of its own it takes the theme's accent."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._name = ""
        self._key: int | None = None
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def show_name(self, name: str, key: int | None = None) -> None:
        """Show the initial of `name` in the colour of the user or room number `key`, or in the accent."""
        self._name, self._key = name, key
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        paint_avatar(painter, QRectF(self.rect()), self._name, self._fill())
        painter.end()

    def _fill(self) -> QColor:
        return self._theme.color("accent") if self._key is None else self._theme.person_color(self._key)


class Line(QFrame):
    """A hairline between two surfaces."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "line")
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class EmptyState(QWidget):
    """Nothing here yet: an icon, one sentence and, where something can be done about it, one button."""

    wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icons, self._icon = theme, icons, icon
        self._picture = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self.title = Label(theme, FontRole.TITLE, wrap=True)
        self.sentence = Label(theme, FontRole.BODY, "sub", wrap=True)
        self.button = QPushButton(self)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(self.wanted)
        layout = self._column = QVBoxLayout(self)
        layout.setSpacing(SPACE_8)
        layout.addStretch(2)
        layout.addWidget(self._picture)
        layout.addSpacing(SPACE_8)
        for label in (self.title, self.sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addSpacing(SPACE_16 - SPACE_8)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        self.say("", "")
        self._draw()
        theme.changed.connect(self._draw)

    def say(self, title: str, sentence: str, button: str = "", icon: str | None = None) -> None:
        """Show these words; an empty one is left out."""
        for widget, text in ((self.title, title), (self.sentence, sentence), (self.button, button)):
            widget.setText(text)
            widget.setVisible(bool(text))
        if icon is not None and icon != self._icon:
            self._icon = icon
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = max(SPACE_24, (self.width() - EMPTY_WIDTH) // 2)
        self._column.setContentsMargins(side, SPACE_24, side, SPACE_24)

    def _draw(self) -> None:
        self._picture.setPixmap(self._icons.pixmap(self._icon, EMPTY_ICON, "sub", self.devicePixelRatioF()))


class HuggingDialog(QDialog):
    """A dialog of fixed width that is always just as tall as its words need, also after they change."""

    def __init__(self, width: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(width)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self.hug()
        return done

    def hug(self) -> None:
        """Take the height that the layout has for this width."""
        layout = self.layout()
        if layout is not None:
            height = layout.totalHeightForWidth(self.width())
            if height > 0 and height != self.height():
                self.setFixedHeight(height)
