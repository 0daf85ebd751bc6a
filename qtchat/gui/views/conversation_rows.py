"""How a row of the conversation list is painted."""

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from qtchat.client.state import Delivery
from qtchat.gui.models.conversations import ConversationRole
from qtchat.gui.models.presence import Presence
from qtchat.gui.models.words import room_title
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.theme import FontRole
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.presence_dot import paint_presence
from qtchat.gui.views.rows import AVATAR, BADGE, MARK, Index, RowDelegate
from qtchat.protocol.messages import PRIVATE

COLLAPSED_BELOW = 140
"""A conversation row narrower than this shows the avatar alone."""
BADGE_OVER_AVATAR = 11
"""Pixels of an avatar that a badge covers from above: with its ring, the initial is below it."""
RING = 2
_DOT = " "
"""What a badge says that is but a dot."""
DOT_INSET = 0.2
"""How much less a dot reaches than a badge, at each side, as a part of its height."""
LEAD_SHARE = 0.4
"""Of a line, the most that a name takes before what was said."""
_DELIVERY = {
    Delivery.WAITING: ("clock", "meta"),
    Delivery.SENT: ("check", "accent"),
    Delivery.READ: ("check-check", "accent"),
    Delivery.FAILED: ("circle-alert", "danger"),
}


class ConversationDelegate(RowDelegate):
    """Avatar, name, marks, time; the last message, a draft or who is typing; mentions and how many are unread."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        collapsed = rect.width() < COLLAPSED_BELOW
        place = rect.center().x() - AVATAR / 2 + 0.5 if collapsed else rect.left() + SPACE_8
        avatar = QRectF(place, rect.center().y() - AVATAR / 2 + 0.5, AVATAR, AVATAR)
        self._avatar(painter, avatar, option, index, active=active)
        if collapsed:
            self._collapsed_badge(painter, avatar, option, index, active=active)
        else:
            top, bottom = self.lines(rect, rect.left() + SPACE_8 + AVATAR + SPACE_12, rect.right() - SPACE_8)
            role = ConversationRole
            second = (role.PREVIEW, role.UNREAD, role.MARKED, role.TYPING)
            if not any(index.data(role) for role in second):
                top.moveCenter(QPoint(top.center().x(), rect.center().y()))
            self._top_line(painter, top, index, active=active)
            self._bottom_line(painter, bottom, index, active=active)
        painter.restore()

    def _avatar(
        self, painter: QPainter, avatar: QRectF, option: QStyleOptionViewItem, index: Index, *, active: bool
    ) -> None:
        color = self.theme.person_color(int(index.data(ConversationRole.COLOR_KEY)))
        if active and color == self.theme.color("active_row"):
            color = self.theme.color("on_active")  # it would vanish in its row
        paint_avatar(painter, avatar, str(index.data(ConversationRole.NAME)), color)
        presence = index.data(ConversationRole.PRESENCE)
        if isinstance(presence, Presence):
            paint_presence(painter, avatar, presence, self.theme, self.ground_color(option, active=active))

    def _collapsed_badge(
        self, painter: QPainter, avatar: QRectF, option: QStyleOptionViewItem, index: Index, *, active: bool
    ) -> None:
        mentions, count = int(index.data(ConversationRole.MENTIONS)), self._counted(index)
        if count:
            right = round(avatar.right()) + SPACE_8
            top = round(avatar.top()) + BADGE_OVER_AVATAR - self.theme.room_for_text(BADGE)
            ring = self.ground_color(option, active=active)
            self._badge(painter, right, top, "@" if mentions else count, index, active, ring)

    def _top_line(self, painter: QPainter, line: QRect, index: Index, *, active: bool) -> None:
        meta, ink = ("active_sub", "on_active") if active else ("meta", "text")
        when = str(index.data(ConversationRole.TIME))
        end = self.right_words(painter, line, when, meta)
        delivery = index.data(ConversationRole.DELIVERY)
        if isinstance(delivery, Delivery) and when:
            icon, color = _DELIVERY[delivery]
            end -= MARK - SPACE_4
            self.mark(painter, end, line, icon, meta if active else color)
            end -= SPACE_4
        if index.data(ConversationRole.PINNED):
            end -= MARK
            self.mark(painter, end, line, "pin", meta)
            end -= SPACE_4
        left, kind = line.left(), str(index.data(ConversationRole.KIND))
        name = room_title(str(index.data(ConversationRole.NAME)), kind)
        if kind == PRIVATE:
            left += self.mark(painter, left, line, "lock", ink)
        muted = bool(index.data(ConversationRole.MUTED))
        if muted:
            end -= MARK + SPACE_4
        room = QRect(left, line.top(), end - left, line.height())
        width = self.line(painter, room, name, self.theme.font(FontRole.NAME), ink)
        if muted:
            self.mark(painter, left + width + SPACE_4, line, "bell-off", meta)

    def _bottom_line(self, painter: QPainter, line: QRect, index: Index, *, active: bool) -> None:
        mentions, count = int(index.data(ConversationRole.MENTIONS)), self._counted(index)
        right = line.right() + 1
        if count:
            right = self._badge(painter, right, line.top(), count, index, active) - SPACE_8
        if mentions:
            right = self._badge(painter, right + SPACE_4, line.top(), "@", index, active) - SPACE_8
        sub, left = "active_sub" if active else "sub", line.left()
        typing = str(index.data(ConversationRole.TYPING))
        lead = "" if typing else str(index.data(ConversationRole.LEAD))
        if lead:
            draft = bool(index.data(ConversationRole.DRAFT))
            color = sub if active or not draft else "danger"
            metrics, room = QFontMetrics(self.plain()), QRect(left, line.top(), max(0, right - left), line.height())
            lead = metrics.elidedText(lead, Qt.TextElideMode.ElideRight, round(room.width() * LEAD_SHARE))
            left += self.line(painter, room, f"{lead}: ", self.plain(), color)
        if left < right:
            rest = QRect(left, line.top(), right - left, line.height())
            words = typing or str(index.data(ConversationRole.PREVIEW))
            accent = "on_active" if active else "accent"
            self.line(painter, rest, words, self.plain(), accent if typing else sub)

    def _counted(self, index: Index) -> str:
        """What a row's badge says; "" where it has none."""
        if unread := int(index.data(ConversationRole.UNREAD)):
            return counted(unread)
        if index.data(ConversationRole.NEW):
            return self.tr("new")
        return _DOT if index.data(ConversationRole.MARKED) else ""

    def _badge(
        self,
        painter: QPainter,
        right: int,
        top: int,
        text: str,
        index: Index,
        active: bool,
        ring: QColor | None = None,
    ) -> int:
        """A pill with `text`, ending at `right`; returns its left edge. Grey where nobody is to be told of it.

        `ring`: a colour around it, to stand out from what it covers.
        """
        font = self.theme.font(FontRole.META)
        font.setWeight(QFont.Weight.DemiBold)
        height = self.theme.room_for_text(BADGE)
        width = max(height, QFontMetrics(font).horizontalAdvance(text) + SPACE_12)
        pill = QRectF(right - width, top, width, height)
        if text == _DOT:
            inset = round(height * DOT_INSET)
            pill.adjust(2 * inset, inset, 0, -inset)
        corner = pill.height() / 2
        fill, ink = self._badge_colors(text, index, active=active)
        painter.setPen(Qt.PenStyle.NoPen)
        if ring is not None:
            painter.setBrush(ring)
            painter.drawRoundedRect(pill.adjusted(-RING, -RING, RING, RING), corner + RING, corner + RING)
        painter.setBrush(fill)
        painter.drawRoundedRect(pill, corner, corner)
        painter.setFont(font)
        painter.setPen(ink)
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        return right - width

    def _badge_colors(self, text: str, index: Index, *, active: bool) -> tuple[QColor, QColor]:
        color = self.theme.color
        if active:
            return color("on_active"), color("active_row")
        quiet = text != "@" and bool(index.data(ConversationRole.QUIET))
        return color("sub" if quiet else "accent"), color("on_accent")


def counted(unread: int) -> str:
    """A number of messages for a badge."""
    return str(unread) if unread < 1000 else "999+"
