"""The small controls that several views share. All of them show plain text only and follow the theme."""

from math import ceil

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from qtchat.gui.models.presence import Presence
from qtchat.gui.models.words import one_line
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import ICON_SIZE, Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_16, SPACE_24
from qtchat.gui.views.presence_dot import paint_presence

EMPTY_ICON = 48
"""Pixels of the icon of an empty state."""
BAR_HEIGHT = 56
TICK = 18
"""Pixels of the box in a CheckBox."""
TICK_INDENT = TICK + SPACE_8 + 1
TICK_LETTERS = 12
"""Its words are never narrower than about so many letters."""
TICK_FLAGS = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic | Qt.TextFlag.TextWordWrap)
NO_LIMIT = 16_777_215
"""Pixels: what Qt takes for no limit."""
PARAGRAPH_WIDTH = 320
"""Pixels that a paragraph would like to have, where nobody tells it."""
EMPTY_LINES = 8
"""Of its sentence, however much a server has to say."""
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
    """A line of plain text in one of the type scale's fonts."""

    def __init__(
        self,
        theme: Theme,
        role: FontRole = FontRole.BODY,
        tone: str = "",
        text: str = "",
        *,
        plain: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`plain`: normal weight, whatever the role has."""
        super().__init__(parent)
        self._theme, self._role, self._plain = theme, role, plain
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        if tone:
            self.setProperty("tone", tone)
        self._refont()
        theme.changed.connect(self._refont)

    def set_tone(self, tone: str) -> None:
        """ "", "sub", "accent", "danger", "ok" or "warn"."""
        restyle(self, "tone", tone)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.Polish:
            self._refont()  # the style sheet has brought back the font that was set first
        return done

    def _refont(self) -> None:
        font = self._theme.font(self._role)
        if self._plain:
            font.setWeight(QFont.Weight.Normal)
        self.setFont(font)


class Paragraph(Label):
    """As many lines as the text needs. A word that is wider than all of it is broken, which a QLabel never does."""

    _most = 0  # events come before __init__ is through

    def __init__(
        self,
        theme: Theme,
        role: FontRole = FontRole.BODY,
        tone: str = "",
        text: str = "",
        *,
        most_lines: int = 0,
        plain: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """`most_lines`: show no more of them, the last one elided, and the whole as a tool tip; 0 for all."""
        super().__init__(theme, role, tone, text, plain=plain, parent=parent)
        self._most = most_lines
        self.setText(text)
        self.setWordWrap(True)  # what makes a layout ask for heightForWidth

    def setText(self, text: str) -> None:
        super().setText(text)
        set_plain_tip(self, text if self._most else "")

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def sizeHint(self) -> QSize:
        wide = min(PARAGRAPH_WIDTH, self.fontMetrics().horizontalAdvance(self.text()) + 2)
        return QSize(wide, self.heightForWidth(wide))

    def heightForWidth(self, width: int) -> int:
        edges = self.contentsMargins()
        height = self._laid_out(width - edges.left() - edges.right()).boundingRect().height()
        return ceil(height) + edges.top() + edges.bottom()

    def paintEvent(self, _event: QPaintEvent) -> None:
        place = self.contentsRect()
        layout = self._laid_out(place.width())
        top = place.top()
        if self.alignment() & Qt.AlignmentFlag.AlignVCenter:
            top += max(0, (place.height() - ceil(layout.boundingRect().height())) // 2)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        layout.draw(painter, QPointF(place.left(), top))
        painter.end()

    def _laid_out(self, width: int) -> QTextLayout:
        text = self.text().replace("\n", "\u2028")
        layout = self._broken(text, width)
        if not self._most or layout.lineCount() <= self._most:
            return layout
        units = text.encode("utf-16-le")  # in which a layout counts
        start = 2 * layout.lineAt(self._most - 1).textStart()
        rest = units[start:].decode("utf-16-le").replace("\u2028", " ")
        last = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, width - 4)  # of whole pixels
        return self._broken(units[:start].decode("utf-16-le") + last, width)

    def _broken(self, text: str, width: int) -> QTextLayout:
        option = QTextOption(self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout = QTextLayout(text, self.font(), self)
        layout.setTextOption(option)
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(1, width))
            line.setPosition(QPointF(0, top))
            top += line.height()
        layout.endLayout()
        return layout


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
        self._whole = one_line(text, len(text))
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
        set_plain_tip(self, self._whole if shown != self._whole else "")


def set_plain_tip(widget: QWidget, text: str) -> None:
    """Let `widget` show `text` as its tool tip, literally; "" for none."""
    widget.setToolTip(plain_tip(text) if text else "")
    widget.setAccessibleDescription(text)  # a screen reader would be told the tool tip instead, escaped as it is


def plain_tip(text: str) -> str:
    """`text` for a tool tip, which shows it literally, whatever it looks like.

    A tool tip guesses at HTML where a label was told not to, so what it would take for a tag is escaped.
    """
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<qt>{escaped}</qt>"


def plain_title(text: str) -> str:
    """`text` for the title of a window, where "[*]" would stand for the mark of what is not saved."""
    return one_line(text).replace("[*]", "[*][*]")


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


class CheckBox(QCheckBox):
    """A box to tick. A style sheet can give it no tick in a colour of the theme, so it is painted here.

    Where there is no room for its words in one line, they take more.
    """

    def __init__(self, theme: Theme, icons: Icons, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme, self._icons = theme, icons
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # Fixed would be one line high, whatever is said of the height for a width.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color, on = self._theme.color, self.isChecked()
        edge = "accent" if on or self.hasFocus() or self.underMouse() else "field_border"
        line = min(self.height(), self.sizeHint().height())
        box = QRectF(1, (line - TICK) / 2, TICK, TICK)
        painter.setPen(QPen(color("text" if on and self.hasFocus() else edge), 2 if self.hasFocus() else 1))
        painter.setBrush(color("accent" if on else "bg"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if on:
            tick = self._icons.pixmap("check", TICK - 4, "on_accent", self.devicePixelRatioF())
            painter.drawPixmap(box.topLeft() + QPointF(2, 2), tick)
        painter.setPen(color("text" if self.isEnabled() else "sub"))
        words = QRect(TICK_INDENT, 0, self.width() - TICK_INDENT, min(self.height(), self.heightForWidth(self.width())))
        painter.drawText(words, TICK_FLAGS, self.text())
        painter.end()

    def sizeHint(self) -> QSize:
        width = self.fontMetrics().horizontalAdvance(self.text()) + TICK_INDENT + 2
        return QSize(width, max(TICK, self.fontMetrics().height()) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(TICK_INDENT + self.fontMetrics().averageCharWidth() * TICK_LETTERS, self.sizeHint().height())

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, max(1, width - TICK_INDENT), NO_LIMIT)
        words = self.fontMetrics().boundingRect(room, TICK_FLAGS, self.text())
        return max(TICK, words.height()) + 4

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)


class Avatar(QWidget):
    """A round avatar of fixed size. Without a colour of its own it takes the theme's accent."""

    def __init__(self, theme: Theme, size: int, parent: QWidget | None = None, *, surface: str = "bg") -> None:
        """`surface`: the token of what it lies on."""
        super().__init__(parent)
        self._theme, self._surface = theme, surface
        self._name = ""
        self._key: int | None = None
        self._presence = Presence.OFFLINE
        self.setFixedSize(size, size)
        theme.changed.connect(self.update)

    def show_name(self, name: str, key: int | None = None) -> None:
        """Show the initial of `name` in the colour of the user or room number `key`, or in the accent."""
        self._name, self._key = name, key
        self.update()

    def show_presence(self, presence: Presence | None) -> None:
        """Show with a dot whether somebody is here; None where there is nobody to tell it of."""
        self._presence = presence or Presence.OFFLINE
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        circle = QRectF(self.rect())
        paint_avatar(painter, circle, self._name, self._fill())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        surface = self._theme.color(self._surface)
        paint_presence(painter, circle.adjusted(0, 0, -1, -1), self._presence, self._theme, surface)
        painter.end()

    def _fill(self) -> QColor:
        return self._theme.color("accent") if self._key is None else self._theme.person_color(self._key)


class Bar(QWidget):
    """A horizontal strip. Its height is fixed, but grows with the text."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """`name`: the token of its ground."""
        super().__init__(parent)
        self._theme = theme
        ground(self, name)
        self._fit()
        theme.changed.connect(self._fit)

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.room_for_text(BAR_HEIGHT))


class ClearScroll(QScrollArea):
    """Scrolls a column up and down; no frame, and no ground of its own."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setWidget(content)
        for filled in (self.viewport(), content):
            filled.setAutoFillBackground(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # A content that is resized twice before it is shown hears of the first time only, and is laid out for that.
        if (content := self.widget()) is not None and (layout := content.layout()) is not None:
            layout.update()


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
        self.title = Paragraph(theme, FontRole.TITLE)
        self.sentence = Paragraph(theme, FontRole.BODY, "sub", most_lines=EMPTY_LINES)
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

    def sizeHint(self) -> QSize:
        layout = self.layout()
        if layout is None or not layout.hasHeightForWidth():
            return super().sizeHint()
        return QSize(self.width(), min(layout.totalHeightForWidth(self.width()), self.most_height()))

    def hug(self) -> None:
        """Take the height that the layout has for this width."""
        height = self.sizeHint().height()
        if height != self.height():
            self.setFixedHeight(height)

    def most_height(self) -> int:
        """Pixels; for one that can be lower than its words."""
        return NO_LIMIT
