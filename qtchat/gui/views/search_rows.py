"""How a row of what was found is painted."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from qtchat.gui.models.search import Hit, SearchRole
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.rows import Index, RowDelegate


class HitDelegate(RowDelegate):
    """Who, where and when; below it the line with the hit marked."""

    height = 52

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        hit = index.data(SearchRole.HIT)
        assert isinstance(hit, Hit)
        top, bottom = self.lines(rect, rect.left() + SPACE_8, rect.right() - SPACE_8)
        sub = "active_sub" if active else "sub"
        end = self.right_words(painter, top, str(index.data(SearchRole.TIME)), sub)
        color = self.theme.color("on_active") if active else self.theme.person_color(hit.author)
        left = top.left()
        name = QRect(left, top.top(), end - left, top.height())
        left += self.line(painter, name, hit.nick, self.theme.font(FontRole.NAME), color)
        if hit.where and left < end:
            place = QRect(left, top.top(), end - left, top.height())
            self.line(painter, place, f"  {hit.where}", self.plain(), sub)
        self._text(painter, bottom, hit, active=active)
        painter.restore()

    def _text(self, painter: QPainter, line: QRect, hit: Hit, *, active: bool) -> None:
        plain, marked = self.plain(), QFont(self.plain())
        marked.setWeight(QFont.Weight.DemiBold)
        ink = "on_active" if active else "text"
        left = line.left()
        for text, font in ((hit.before, plain), (hit.hit, marked), (hit.after, plain)):
            rest = QRect(left, line.top(), line.right() - left, line.height())
            if not text or rest.width() <= 0:
                continue
            if font is marked and not active:
                width = min(rest.width(), QFontMetrics(font).horizontalAdvance(text))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(mixed(self.theme.palette.accent, self.theme.palette.bg, 0.25)))
                painter.drawRoundedRect(QRectF(left - 1, line.top() + 1, width + 2, line.height() - 2), 3, 3)
            left += self.line(painter, rest, text, font, ink)
