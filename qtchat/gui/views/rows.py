"""Delegates: how a row of the conversation list, of the people and of the room directory is painted."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from qtchat.client.state import Delivery
from qtchat.gui.models.conversations import ConversationRole
from qtchat.gui.models.directory import DirectoryRole
from qtchat.gui.models.people import PersonRole
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_ROW, SPACE_4, SPACE_8, SPACE_12

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 64
PERSON_HEIGHT = 48
AVATAR = 40
PERSON_AVATAR = 32
MARGIN = 8
"""Pixels between a row's rounded ground and the edge of the list."""
BADGE = 20
COLLAPSED_BELOW = 140
"""A conversation row narrower than this shows the avatar alone."""


class RowDelegate(QStyledItemDelegate):
    """What all rows share: the rounded ground, fonts, lines of elided text."""

    height = ROW_HEIGHT

    def __init__(self, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme, self.icons = theme, icons

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, self.theme.room_for_text(self.height))

    def ground(self, painter: QPainter, option: QStyleOptionViewItem, *, active: bool) -> QRect:
        """Paint the ground of one row; returns the rectangle to lay the content out in."""
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        rect: QRect = option.rect
        rect = rect.adjusted(MARGIN, 1, -MARGIN, -1)
        palette = self.theme.palette
        state: QStyle.StateFlag = option.state
        color = None
        if active:
            color = QColor(palette.active_row)
        elif state & QStyle.StateFlag.State_MouseOver:
            color = QColor(mixed(palette.accent, palette.side, 0.10))
        if color is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(rect, RADIUS_ROW, RADIUS_ROW)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(self.theme.color("on_active" if active else "accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), RADIUS_ROW - 1, RADIUS_ROW - 1)
        return rect

    def lines(self, rect: QRect, left: int, right: int) -> tuple[QRect, QRect]:
        """Where the two lines of a row stand that has the ground `rect`."""
        scaled = self.theme.room_for_text
        first, second = (rect.top() + scaled(offset) for offset in (10, 32))
        return QRect(left, first, right - left, scaled(20)), QRect(left, second, right - left, scaled(20))

    def line(self, painter: QPainter, rect: QRect, text: str, font: QFont, color: QColor | str) -> int:
        """One line of text, elided to `rect`; returns the width it took."""
        painter.setFont(font)
        painter.setPen(color if isinstance(color, QColor) else self.theme.color(color))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(rect, int(flags), shown)
        return QFontMetrics(font).horizontalAdvance(shown)

    def plain(self) -> QFont:
        """The second line of a row: the size of a name, in normal weight."""
        font = self.theme.font(FontRole.NAME)
        font.setWeight(QFont.Weight.Normal)
        return font


class ConversationDelegate(RowDelegate):
    """Avatar, name, time, the last message and how many are unread."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        name = str(index.data(ConversationRole.NAME))
        unread = int(index.data(ConversationRole.UNREAD))
        color = self.theme.person_color(int(index.data(ConversationRole.ROOM)))
        if active and color == self.theme.color("active_row"):
            color = self.theme.color("on_active")  # it would vanish in its row
        if rect.width() < COLLAPSED_BELOW:
            self._collapsed(painter, rect, name, color, unread, active=active)
        else:
            avatar = QRectF(rect.left() + SPACE_8, rect.center().y() - AVATAR / 2 + 0.5, AVATAR, AVATAR)
            paint_avatar(painter, avatar, name, color)
            left = rect.left() + SPACE_8 + AVATAR + SPACE_12
            right = rect.right() - SPACE_8
            top, bottom = self.lines(rect, left, right)
            if not unread and not index.data(ConversationRole.PREVIEW):
                top.moveCenter(QPoint(top.center().x(), rect.center().y()))
            self._top_line(painter, top, name, index, active=active)
            self._bottom_line(painter, bottom, index, unread, active=active)
        painter.restore()

    def _collapsed(
        self, painter: QPainter, rect: QRect, name: str, color: QColor, unread: int, *, active: bool
    ) -> None:
        avatar = QRectF(rect.center().x() - AVATAR / 2 + 0.5, rect.center().y() - AVATAR / 2 + 0.5, AVATAR, AVATAR)
        paint_avatar(painter, avatar, name, color)
        if unread:
            self._badge(painter, rect.right() - 2, rect.top() + 4, unread, active=active)

    def _top_line(self, painter: QPainter, line: QRect, name: str, index: Index, *, active: bool) -> None:
        meta = self.theme.font(FontRole.META)
        when = str(index.data(ConversationRole.TIME))
        width = QFontMetrics(meta).horizontalAdvance(when)
        self.line(
            painter,
            QRect(line.right() - width, line.top(), width + 1, line.height()),
            when,
            meta,
            "active_sub" if active else "meta",
        )
        room = line.right() - width - SPACE_8
        if index.data(ConversationRole.DELIVERY) and when:
            room -= self._mark(painter, room, line, index.data(ConversationRole.DELIVERY), active=active)
        self.line(
            painter,
            QRect(line.left(), line.top(), room - line.left(), line.height()),
            f"# {name}",
            self.theme.font(FontRole.NAME),
            "on_active" if active else "text",
        )

    def _mark(self, painter: QPainter, right: int, line: QRect, delivery: Delivery, *, active: bool) -> int:
        """How far our own last message has come; returns the width it took."""
        icon, color = {
            Delivery.WAITING: ("clock", "meta"),
            Delivery.SENT: ("check", "accent"),
            Delivery.FAILED: ("circle-alert", "danger"),
        }[delivery]
        size = 14
        ratio = painter.device().devicePixelRatioF()
        pixmap = self.icons.pixmap(icon, size, "active_sub" if active else color, ratio)
        painter.drawPixmap(right - size + SPACE_4, line.center().y() - size // 2 + 1, pixmap)
        return size + SPACE_4

    def _bottom_line(self, painter: QPainter, line: QRect, index: Index, unread: int, *, active: bool) -> None:
        right = line.right()
        if unread:
            right = self._badge(painter, line.right() + 1, line.top(), unread, active=active) - SPACE_8
        font = self.plain()
        sub = "active_sub" if active else "sub"
        lead, left = str(index.data(ConversationRole.LEAD)), line.left()
        if lead:
            draft = bool(index.data(ConversationRole.DRAFT))
            color = sub if active or not draft else "danger"
            left += self.line(painter, QRect(left, line.top(), right - left, line.height()), f"{lead}: ", font, color)
        if left < right:
            rest = QRect(left, line.top(), right - left, line.height())
            self.line(painter, rest, str(index.data(ConversationRole.PREVIEW)), font, sub)

    def _badge(self, painter: QPainter, right: int, top: int, unread: int, *, active: bool) -> int:
        """The pill with the number of unread messages, ending at `right`; returns its left edge."""
        font = self.theme.font(FontRole.META)
        font.setWeight(QFont.Weight.DemiBold)
        text = str(unread) if unread < 1000 else "999+"
        height = self.theme.room_for_text(BADGE)
        width = max(height, QFontMetrics(font).horizontalAdvance(text) + 12)
        pill = QRectF(right - width, top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("on_active" if active else "accent"))
        painter.drawRoundedRect(pill, height / 2, height / 2)
        painter.setFont(font)
        painter.setPen(self.theme.color("active_row" if active else "on_accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)
        return right - width


class PersonDelegate(RowDelegate):
    """Avatar with a presence dot, and the nick."""

    height = PERSON_HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = self.ground(painter, option, active=False)
        nick, online = str(index.data(PersonRole.NICK)), bool(index.data(PersonRole.ONLINE))
        top = rect.center().y() - PERSON_AVATAR / 2 + 0.5
        avatar = QRectF(rect.left() + SPACE_8, top, PERSON_AVATAR, PERSON_AVATAR)
        painter.setOpacity(1.0 if online else 0.55)
        paint_avatar(painter, avatar, nick, self.theme.person_color(int(index.data(PersonRole.USER))))
        painter.setOpacity(1.0)
        if online:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("side"))
            painter.drawEllipse(QRectF(avatar.right() - 9, avatar.bottom() - 9, 12, 12))
            painter.setBrush(self.theme.color("ok"))
            painter.drawEllipse(QRectF(avatar.right() - 7, avatar.bottom() - 7, 8, 8))
        left = rect.left() + SPACE_8 + PERSON_AVATAR + SPACE_12
        right = rect.right() - SPACE_8
        # The dot alone would be a matter of colour, so absence is said in words.
        mark = self.tr("you") if index.data(PersonRole.OWN) else "" if online else self.tr("offline")
        meta = self.theme.font(FontRole.META)
        width = QFontMetrics(meta).horizontalAdvance(mark)
        if mark:
            self.line(painter, QRect(right - width, rect.top(), width + 1, rect.height()), mark, meta, "meta")
        room = QRect(left, rect.top(), right - width - SPACE_8 - left, rect.height())
        self.line(painter, room, nick, self.theme.font(FontRole.NAME), "text" if online else "sub")
        painter.restore()


class DirectoryDelegate(RowDelegate):
    """A room one may join: avatar, name, topic, how many are in it."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        name, topic = str(index.data(DirectoryRole.NAME)), str(index.data(DirectoryRole.TOPIC))
        avatar = QRectF(rect.left() + SPACE_8, rect.center().y() - AVATAR / 2 + 0.5, AVATAR, AVATAR)
        paint_avatar(painter, avatar, name, self.theme.person_color(int(index.data(DirectoryRole.ROOM))))
        left, right = rect.left() + SPACE_8 + AVATAR + SPACE_12, rect.right() - SPACE_8
        sub = "active_sub" if active else "sub"
        meta, count = self.theme.font(FontRole.META), int(index.data(DirectoryRole.MEMBERS))
        mark = self.tr("1 person") if count == 1 else self.tr("%n people", "", count)
        if index.data(DirectoryRole.MEMBER):
            mark = self.tr("Joined") + " · " + mark
        width = QFontMetrics(meta).horizontalAdvance(mark)
        top, bottom = self.lines(rect, left, right)
        self.line(painter, QRect(right - width, top.top(), width + 1, top.height()), mark, meta, sub)
        self.line(
            painter,
            QRect(left, top.top(), right - width - SPACE_8 - left, top.height()),
            f"# {name}",
            self.theme.font(FontRole.NAME),
            "on_active" if active else "text",
        )
        about = " ".join(topic.split()) or self.tr("No topic")
        self.line(painter, bottom, about, self.plain(), sub)
        painter.restore()
