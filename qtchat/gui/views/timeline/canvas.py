"""Paints the whole view: ground, rows, what floats above them."""

from typing import Final

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.timeline.jump import Jump
from qtchat.gui.views.timeline.look import DAY_HEIGHT, PILL_HEIGHT, Look
from qtchat.gui.views.timeline.paint import RowPainter
from qtchat.gui.views.timeline.rows import Row, separators_height
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.words import Intro, day_text, translate

FOCUS_LINE: Final = 2
"""Pixels of the frame around a timeline that the keyboard has been led to."""


class Canvas:
    """Draws a scene with one look.

    `known`: a room is shown. `waiting`: its rows are not here yet; `patient`: but soon may be. `framed`: the keyboard
    was led here.
    """

    def __init__(self, scene: Scene, jump: Jump, look: Look, icons: Icons) -> None:
        self._scene = scene
        self._jump = jump
        self._icons = icons
        self.known = self.waiting = self.patient = self.framed = False
        self._intro = Intro()
        self.restyle(look)

    def restyle(self, look: Look) -> None:
        """Fonts or colours changed."""
        self._look = look
        self._rows = RowPainter(look, self._icons)
        self._rows.scenery.intro = self._intro

    def set_intro(self, intro: Intro) -> None:
        """What stands above the first row of all."""
        self._intro = self._rows.scenery.intro = intro

    def paint(self, painter: QPainter, rect: QRect, dirty: QRect, date_opacity: float) -> None:
        """Draw what of the view, which is as large as `rect`, lies in `dirty`."""
        scene = self._scene
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(dirty, self._look.color(self._look.ground))
        if not scene.placed:
            self._nothing(painter, rect)
        clip = QRectF(dirty)
        for placed in scene.placed:
            if placed.y >= clip.bottom() or placed.y + placed.row.height <= clip.top():
                continue
            entry = placed.row.entry
            if strength := self._jump.strength(entry):
                self._rows.glow(painter, placed.row, placed.y, strength)
            selected = scene.selection.range_in(placed.index)
            self._rows.paint(painter, placed.row, placed.y, clip, selected, hovered=entry is scene.hovered)
        if (ringed := scene.placed_row(scene.ring.row)) is not None and self.framed:
            self._rows.ring(painter, ringed.row, ringed.y)
        if scene.placed and date_opacity:
            self._floating_date(painter, rect.width(), date_opacity)
        if self.framed and ringed is None:
            self._frame(painter, rect)

    def _nothing(self, painter: QPainter, rect: QRect) -> None:
        if not self.waiting:
            words = translate("Timeline", "No messages yet. Write the first one.") if self.known else ""
            self._rows.scenery.empty(painter, rect, words)
        elif not self.patient:
            self._rows.scenery.skeleton(painter, rect)

    def _floating_date(self, painter: QPainter, width: int, opacity: float) -> None:
        first = self._scene.placed[0]
        for placed in self._scene.placed:
            if not placed.row.context.day:
                continue
            top = placed.y + self._above_day(placed.row)
            # The separator itself is in sight: of the day that would be named, or where the date would lie.
            if top > -PILL_HEIGHT and (placed is first or top < DAY_HEIGHT):
                return
        painter.setOpacity(opacity)
        self._rows.scenery.pill(painter, width, SPACE_8, day_text(first.row.entry.ts))
        painter.setOpacity(1.0)

    def _above_day(self, row: Row) -> float:
        """Pixels from the top of a row to its date."""
        return separators_height(row.context._replace(day=False, unread=False), self._look)

    def _frame(self, painter: QPainter, rect: QRect) -> None:
        inside = FOCUS_LINE / 2
        painter.setPen(QPen(self._look.color("accent"), FOCUS_LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(rect).adjusted(inside, inside, -inside, -inside))
