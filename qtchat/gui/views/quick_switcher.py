"""Going somewhere by typing a part of its name."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyleOptionViewItem, QVBoxLayout, QWidget

from qtchat.gui.models.targets import Target, TargetKind, TargetRole, TargetsModel
from qtchat.gui.models.words import room_title
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import Label
from qtchat.gui.views.filtered_list import FilterField, prepare_list
from qtchat.gui.views.presence_dot import paint_presence
from qtchat.gui.views.rows import Index, RowDelegate
from qtchat.protocol.messages import PRIVATE

WIDTH = 460
ROWS = 8
"""Rows that are seen at once, where the window is tall enough."""
EDGE = 16
"""Pixels that stay free beside it in a small window."""
DOWN = 0.12
"""The share of the window's height above it."""


class TargetDelegate(RowDelegate):
    """A small avatar, the name, and at the right what is unread or on which server it is."""

    height = 44
    avatar = 28

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        target = index.data(TargetRole.TARGET)
        assert isinstance(target, Target)
        place = QRectF(rect.left() + SPACE_8, rect.center().y() - self.avatar / 2 + 0.5, self.avatar, self.avatar)
        self._picture(painter, place, target, self.ground_color(option, active=active), active=active)
        ink, sub = ("on_active", "active_sub") if active else ("text", "sub")
        left = rect.left() + SPACE_8 + self.avatar + SPACE_12
        line = QRect(left, rect.top(), rect.right() - SPACE_8 - left, rect.height())
        calls = target.unread and not target.quiet and not active
        end = self.right_words(painter, line, self._words(target), "accent" if calls else sub)
        name = target.name
        if target.kind is TargetKind.ROOM:
            name = room_title(name, target.room_kind)
            if target.room_kind == PRIVATE:
                left += self.mark(painter, left, line, "lock", ink)
        self.line(
            painter, QRect(left, line.top(), end - left, line.height()), name, self.theme.font(FontRole.NAME), ink
        )
        painter.restore()

    def _picture(self, painter: QPainter, place: QRectF, target: Target, ground: QColor, *, active: bool) -> None:
        if target.kind is TargetKind.SERVER:
            size = 20
            ratio = painter.device().devicePixelRatioF()
            pixmap = self.icons.pixmap("server", size, "on_active" if active else "sub", ratio)
            painter.drawPixmap(
                QPoint(round(place.center().x()) - size // 2, round(place.center().y()) - size // 2), pixmap
            )
            return
        color = self.theme.person_color(target.color_key)
        if active and color == self.theme.color("active_row"):
            color = self.theme.color("on_active")  # it would vanish in its row
        paint_avatar(painter, place, target.name, color)
        if target.presence is not None:
            paint_presence(painter, place, target.presence, self.theme, ground)

    def _words(self, target: Target) -> str:
        parts = [target.where] if target.where else []
        if target.unread:
            mention = "@ " if target.mentions else ""
            parts.append(mention + self.tr("%n unread", "", target.unread))
        elif target.kind is TargetKind.PERSON:
            parts.append(self.tr("new message"))
        return " · ".join(parts)


class QuickSwitcher(QFrame):
    """A popup over the window: type, Up and Down, Enter. Escape or a click elsewhere closes it.

    chosen(Target): somebody wants to go there.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        """`parent`: the window that it opens over."""
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("quick_switcher")
        self.setProperty("kind", "popup")
        self._theme = theme
        self._model = TargetsModel(self)
        self.field = FilterField(theme, icons, self.tr("Go to"), self, clears=False)
        self.field.setObjectName("switcher_field")
        self.field.setPlaceholderText(self.tr("Go to a room or person"))
        self.view = QListView(self)
        self.view.setObjectName("switcher_view")
        self.view.setModel(self._model)
        self._delegate = TargetDelegate(theme, icons, self, surface="bg", margin=0)
        prepare_list(self.view, self._delegate, self.tr("Rooms and people"))
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # one goes on typing
        self.nothing = Label(theme, FontRole.BODY, "sub", self.tr("Nothing is called that."))
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_8)
        layout.setSpacing(SPACE_8)
        layout.addWidget(self.field)
        layout.addWidget(self.view)
        layout.addWidget(self.nothing)
        self.setFocusProxy(self.field)
        self.field.textChanged.connect(self._narrow)
        self.field.stepped.connect(self._step)
        self.field.confirmed.connect(self._take_current)
        self.view.clicked.connect(self._take)

    def open_with(self, targets: Sequence[Target]) -> None:
        """Open over the window, offering these."""
        self._model.show(targets)
        self.field.clear()
        self._narrow("")
        self.show()
        self.field.setFocus()

    def sizeHint(self) -> QSize:
        window = self.parentWidget()
        width = min(WIDTH, window.width() - 2 * EDGE) if window is not None else WIDTH
        return QSize(width, super().sizeHint().height())

    def _narrow(self, text: str) -> None:
        self._model.narrow(text)
        self.view.setCurrentIndex(self._model.index(0))
        rows = self._model.rowCount()
        self.nothing.setVisible(rows == 0)
        self.view.setVisible(rows > 0)
        self.view.setFixedHeight(max(1, min(rows, self._most_rows())) * self._row_height())
        self._settle()

    def _row_height(self) -> int:
        return self._theme.room_for_text(self._delegate.height)

    def _most_rows(self) -> int:
        """As many as end above the foot of the window."""
        window, layout = self.parentWidget(), self.layout()
        assert window is not None
        assert layout is not None
        edges = layout.contentsMargins()
        around = edges.top() + self.field.sizeHint().height() + layout.spacing() + edges.bottom() + EDGE
        return max(1, min(ROWS, int(window.height() * (1 - DOWN) - around) // self._row_height()))

    def _settle(self) -> None:
        """As tall as its rows, at the same place of the window."""
        layout = self.layout()
        window = self.parentWidget()
        assert layout is not None
        assert window is not None
        layout.activate()
        size = self.sizeHint()
        self.setFixedSize(size)
        left, top = (window.width() - size.width()) // 2, round(window.height() * DOWN)
        self.move(window.mapToGlobal(QPoint(left, top)))

    def _step(self, by: int) -> None:
        rows = self._model.rowCount()
        if rows:
            self.view.setCurrentIndex(self._model.index((self.view.currentIndex().row() + by) % rows))

    def _take_current(self) -> None:
        self._take(self.view.currentIndex())

    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            target = self._model.at(index.row())
            self.close()
            self.chosen.emit(target)
