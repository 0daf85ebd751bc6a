"""What floats beside the message under the mouse: answer it, react to it."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import RADIUS_BUTTON, SPACE_4, SPACE_8
from qtchat.gui.views.controls import IconButton
from qtchat.gui.views.timeline.actions import MessageActions
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.hit import Hit
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.words import translate

BUTTON: Final = 28
_ICON: Final = 16
_RAISED: Final = 16
"""Pixels by which it stands above a message that leaves no room beside itself."""


class HoverBar(QWidget):
    """Two buttons for the mouse alone; keys and the menu do the same."""

    def __init__(self, theme: Theme, icons: Icons, scene: Scene, actions: MessageActions, viewport: QWidget) -> None:
        super().__init__(viewport)
        self._theme = theme
        self._viewport, self._scene, self._actions = viewport, scene, actions
        self.setCursor(Qt.CursorShape.ArrowCursor)
        react = IconButton(theme, icons, "smile-plus", translate("Timeline", "React"), parent=self)
        reply = IconButton(theme, icons, "reply", translate("Timeline", "Reply"), parent=self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for button in (react, reply):
            button.setFixedSize(BUTTON, BUTTON)
            button.setIconSize(QSize(_ICON, _ICON))
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            layout.addWidget(button)
        react.clicked.connect(self._react)
        reply.clicked.connect(self._reply)
        self.resize(2 * BUTTON + 2, BUTTON + 2)
        self.hide()

    def follow(self, found: Hit | None) -> None:
        """The mouse is here now. A message that cannot be answered has no bar."""
        placed = found.placed if found is not None else None
        entry = self._scene.hovered = placed.row.entry if placed is not None else None
        self._viewport.update()
        if placed is None or entry is None or not self._actions.may_answer(entry):
            self.hide()
        else:
            self._stand_beside(placed)

    def _react(self) -> None:
        if self._scene.hovered is not None:
            self._actions.choose_reaction(self._scene.hovered, self.mapToGlobal(self.rect().bottomLeft()))

    def _reply(self) -> None:
        if self._scene.hovered is not None:
            self._actions.reply(self._scene.hovered)

    def _stand_beside(self, placed: Placed) -> None:
        bubble = placed.row.bubble
        assert bubble is not None
        room = placed.row.width - self.width() - SPACE_8
        if bubble.width() >= placed.row.width:  # compact: over its upper edge
            x, y = float(room - SPACE_8), bubble.top() - _RAISED
        else:
            own = placed.row.entry.own
            x = bubble.left() - self.width() - SPACE_4 if own else bubble.right() + SPACE_4
            y = bubble.top() if SPACE_8 <= x <= room else bubble.top() - _RAISED
        self.move(round(max(SPACE_8, min(x, room))), max(SPACE_4, round(placed.y + y)))
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.setBrush(self._theme.color("bg"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_BUTTON, RADIUS_BUTTON)
        painter.end()
