"""The controls of a settings page. All are the standard ones to keyboard and screen reader; only the paint is ours."""

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSizePolicy,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_FIELD, SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from qtchat.gui.views.controls import Label, Paragraph

TRACK = QSize(36, 20)
RING = 18
ROW_HEIGHT = 32
PREFERRED_WIDTH = 320
ARROW = 16
SCROLL_BAR = 10
"""Pixels of its width in the style sheet."""
FOCUS_ROOM = 3
"""Pixels around a mark for the ring that shows the focus."""
WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)


class _Marked:
    """A button that is a mark and wrapped words; what Switch and Choice share."""

    def __init__(self, button: QAbstractButton, theme: Theme, mark: QSize) -> None:
        self.button, self.theme, self.mark = button, theme, mark
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        button.setSizePolicy(policy)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(button.updateGeometry)

    def words_width(self, width: int) -> int:
        return width - self.mark.width() - 2 * FOCUS_ROOM - SPACE_8

    def height(self, width: int) -> int:
        space = QRect(0, 0, max(1, self.words_width(width)), 10_000)
        words = QFontMetrics(self.theme.font(FontRole.BODY)).boundingRect(space, WRAPPED, self.button.text())
        return max(self.theme.room_for_text(ROW_HEIGHT), words.height() + SPACE_8)

    def place(self, *, at_end: bool) -> QRectF:
        """Where the mark is painted."""
        area = self.button.rect()
        left = area.width() - self.mark.width() - FOCUS_ROOM if at_end else FOCUS_ROOM
        return QRectF(left, (area.height() - self.mark.height()) / 2, self.mark.width(), self.mark.height())

    def paint_words(self, painter: QPainter, left: int) -> None:
        painter.setFont(self.theme.font(FontRole.BODY))
        painter.setPen(self.theme.color("text" if self.button.isEnabled() else "sub"))
        area = QRect(left, 0, self.words_width(self.button.width()), self.button.height())
        painter.drawText(area, WRAPPED, self.button.text())

    def paint_focus(self, painter: QPainter, place: QRectF) -> None:
        if self.button.hasFocus():
            painter.setPen(QPen(self.theme.color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = place.adjusted(-2, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)


class Switch(QCheckBox):
    """On or off: the words at the left, a sliding knob at the right. A click anywhere on it counts."""

    def __init__(self, theme: Theme, says: str, on: bool, parent: QWidget | None = None) -> None:
        super().__init__(says, parent)
        self._theme = theme
        self._look = _Marked(self, theme, TRACK)
        self.setChecked(on)

    def sizeHint(self) -> QSize:
        return QSize(PREFERRED_WIDTH, self._look.height(PREFERRED_WIDTH))

    def minimumSizeHint(self) -> QSize:
        return QSize(TRACK.width() * 3, self._theme.room_for_text(ROW_HEIGHT))

    def heightForWidth(self, width: int) -> int:
        return self._look.height(width)

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._look.paint_words(painter, 0)
        track, on = self._look.place(at_end=True), self.isChecked()
        self._look.paint_focus(painter, track)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("line" if not self.isEnabled() else "accent" if on else "field_border"))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        knob = track.height() - 6
        left = track.right() - knob - 3 if on else track.left() + 3
        painter.setBrush(self._theme.color("bg" if not on or not self.isEnabled() else "on_accent"))
        painter.drawEllipse(QRectF(left, track.top() + 3, knob, knob))
        painter.end()


class Choice(QRadioButton):
    """One of several: a ring at the left, the words after it."""

    def __init__(self, theme: Theme, says: str, on: bool, parent: QWidget | None = None) -> None:
        super().__init__(says, parent)
        self._theme = theme
        self._look = _Marked(self, theme, QSize(RING, RING))
        self.setChecked(on)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(self._theme.font(FontRole.BODY)).horizontalAdvance(self.text()) + 2
        width = min(PREFERRED_WIDTH, words + RING + 2 * FOCUS_ROOM + SPACE_8)
        return QSize(width, self._look.height(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(RING * 4, self._theme.room_for_text(ROW_HEIGHT))

    def heightForWidth(self, width: int) -> int:
        return self._look.height(width)

    def hitButton(self, place: QPoint) -> bool:
        return self.rect().contains(place)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring, on = self._look.place(at_end=False), self.isChecked()
        self._look.paint_words(painter, RING + 2 * FOCUS_ROOM + SPACE_8)
        self._look.paint_focus(painter, ring)
        painter.setPen(QPen(self._theme.color("accent" if on else "field_border"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring.adjusted(1, 1, -1, -1))
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("accent"))
            painter.drawEllipse(ring.adjusted(5, 5, -5, -5))
        painter.end()


class ComboBox(QComboBox):
    """One of many, in the shape of the other fields. The wheel scrolls the page, and chooses nothing by accident."""

    def __init__(self, theme: Theme, icons: Icons, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self.setAccessibleName(says)
        self.setItemDelegate(QStyledItemDelegate(self))  # its own would not ask the style sheet
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._theme.font(FontRole.BODY))
        words = max((metrics.horizontalAdvance(self.itemText(row)) for row in range(self.count())), default=0)
        return QSize(words + 2 * SPACE_12 + ARROW + SPACE_8, self._theme.room_for_text(ROW_HEIGHT + SPACE_4))

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * SPACE_24 + ARROW, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self._theme.color("accent" if self.hasFocus() else "field_border"), 2 if self.hasFocus() else 1)
        painter.setPen(pen)
        painter.setBrush(self._theme.color("bg"))
        inset = pen.widthF() / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS_FIELD, RADIUS_FIELD)
        ratio = self.devicePixelRatioF()
        arrow = self._icons.pixmap("chevron-down", ARROW, "sub", ratio)
        painter.drawPixmap(self.width() - SPACE_12 - ARROW, (self.height() - ARROW) // 2, arrow)
        font = self._theme.font(FontRole.BODY)
        painter.setFont(font)
        painter.setPen(self._theme.color("text"))
        room = self.rect().adjusted(SPACE_12, 0, -(SPACE_12 + ARROW + SPACE_4), 0)
        words = QFontMetrics(font).elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
        painter.end()


class SettingsPage(QScrollArea):
    """A column of sections that scrolls where there is no room for all of it."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        """`name`: its object name."""
        super().__init__(parent)
        self.setObjectName(name)
        self.theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Its place is kept where it has nothing to do, and it cannot be seen then: pages end at the same edge.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = _Column()
        self.column = QVBoxLayout(content)
        self.column.setContentsMargins(SPACE_24, SPACE_4, SPACE_24 - SCROLL_BAR, SPACE_24)
        self.column.setSpacing(SPACE_8)
        self.setWidget(content)
        for filled in (self.viewport(), content):
            filled.setAutoFillBackground(False)

    def add_section(self, title: str) -> None:
        """What comes next belongs under this title."""
        if self.column.count():
            self.column.addSpacing(SPACE_16)
        self.column.addWidget(Paragraph(self.theme, FontRole.TITLE, text=title))

    def add_note(self, text: str) -> Paragraph:
        """Explain what stands above."""
        note = Paragraph(self.theme, FontRole.NAME, "sub", text, plain=True)
        self.column.addWidget(note)
        return note

    def add_switch(self, says: str, on: bool, name: str) -> Switch:
        switch = Switch(self.theme, says, on)
        switch.setObjectName(name)
        self.column.addWidget(switch)
        return switch

    def add_choice(self, says: str, on: bool, name: str) -> Choice:
        """The choices of one section exclude each other only in a button group of their own."""
        choice = Choice(self.theme, says, on)
        choice.setObjectName(name)
        self.column.addWidget(choice)
        return choice

    def add_button(self, says: str, name: str, kind: str = "") -> QPushButton:
        """A button at the left, as wide as its words."""
        button = QPushButton(says)
        button.setObjectName(name)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            button.setProperty("kind", kind)
        row = QHBoxLayout()
        row.addWidget(button)
        row.addStretch()
        self.column.addLayout(row)
        return button

    def add_labelled(self, says: str, field: QWidget) -> Label:
        """A field under its name."""
        label = Label(self.theme, FontRole.NAME, text=says)
        label.setBuddy(field)
        self.column.addWidget(label)
        self.column.addWidget(field)
        return label

    def finish(self) -> None:
        """What is left of the height stays empty."""
        self.column.addStretch()


class _Column(QWidget):
    """As tall as its words need in the width it has, which a scroll area would not ask for."""

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            layout = self.layout()
            if layout is not None:
                self.setMinimumHeight(layout.totalHeightForWidth(self.width()))
        return done

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())
