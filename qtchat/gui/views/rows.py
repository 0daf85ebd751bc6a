"""How rows are painted: what all of them share, a person, and a room of the directory."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from qtchat.gui.models.directory import DirectoryRole
from qtchat.gui.models.moderation import role_word
from qtchat.gui.models.people import PersonRole
from qtchat.gui.models.presence import Presence
from qtchat.gui.models.words import one_line, people_count, room_title
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_ROW, SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.presence_dot import paint_presence
from qtchat.protocol.messages import ADMIN, MODERATOR, OWNER, PRIVATE

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 64
PERSON_HEIGHT = 52
AVATAR = 40
PERSON_AVATAR = 36
MARGIN = 8
"""Pixels between a row's rounded ground and the edge of a list that fills a column."""
BADGE = 20
MARK = 14
"""Pixels of a small icon in a line of text."""
ROLE_ICONS = {OWNER: "crown", ADMIN: "shield-check", MODERATOR: "shield"}


class RowDelegate(QStyledItemDelegate):
    """What all rows share: the rounded ground, fonts, lines of elided text."""

    height = ROW_HEIGHT

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        parent: QObject | None = None,
        *,
        surface: str = "side",
        margin: int = MARGIN,
    ) -> None:
        """`surface`: the token of what the list lies on. `margin`: pixels beside a row's ground."""
        super().__init__(parent)
        self.theme, self.icons, self.surface, self.margin = theme, icons, surface, margin

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, self.theme.room_for_text(self.height))

    def ground(self, painter: QPainter, option: QStyleOptionViewItem, *, active: bool) -> QRect:
        """Paint the ground of one row; returns the rectangle to lay the content out in. Nothing is painted beyond."""
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        rect: QRect = option.rect
        painter.setClipRect(rect)
        rect = rect.adjusted(self.margin, 1, -self.margin, -1)
        state: QStyle.StateFlag = option.state
        if active or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.ground_color(option, active=active))
            painter.drawRoundedRect(rect, RADIUS_ROW, RADIUS_ROW)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(self.theme.color("on_active" if active else "accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1.5, 1.5, -1.5, -1.5), RADIUS_ROW - 1, RADIUS_ROW - 1)
        return rect

    def ground_color(self, option: QStyleOptionViewItem, *, active: bool) -> QColor:
        """What the content of the row stands on."""
        palette = self.theme.palette
        state: QStyle.StateFlag = option.state
        if active:
            return QColor(palette.active_row)
        surface = str(getattr(palette, self.surface))
        return QColor(mixed(palette.accent, surface, 0.10) if state & QStyle.StateFlag.State_MouseOver else surface)

    def lines(self, rect: QRect, left: int, right: int) -> tuple[QRect, QRect]:
        """Where the two lines of a row stand that has the ground `rect`."""
        line, gap = self.theme.room_for_text(20), self.theme.room_for_text(2 if self.height >= ROW_HEIGHT else 0)
        top = rect.top() + (rect.height() - 2 * line - gap) // 2
        return QRect(left, top, right - left, line), QRect(left, top + line + gap, right - left, line)

    def line(self, painter: QPainter, rect: QRect, text: str, font: QFont, color: QColor | str) -> int:
        """One line of text, elided to `rect`; returns the width it took."""
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.save()  # a letter may carry more marks than the line is high
        painter.setClipRect(rect.adjusted(-1, -2, 1, 2), Qt.ClipOperation.IntersectClip)
        painter.setFont(font)
        painter.setPen(color if isinstance(color, QColor) else self.theme.color(color))
        painter.drawText(rect, int(flags), shown)
        painter.restore()
        return QFontMetrics(font).horizontalAdvance(shown)

    def right_words(self, painter: QPainter, line: QRect, text: str, color: str) -> int:
        """Small words at the right end of `line`; returns the place left of them where something else may end."""
        if not text:
            return line.right() + 1
        font = self.theme.font(FontRole.META)
        width = QFontMetrics(font).horizontalAdvance(text)
        place = QRect(line.right() + 1 - width, line.top(), width + 1, line.height())
        self.line(painter, place, text, font, color)
        return place.left() - SPACE_8

    def mark(self, painter: QPainter, left: int, line: QRect, icon: str, color: str) -> int:
        """A small icon that begins at `left`, in the middle of `line`; returns the width it took, with its gap."""
        pixmap = self.icons.pixmap(icon, MARK, color, painter.device().devicePixelRatioF())
        painter.drawPixmap(left, line.top() + (line.height() - MARK) // 2, pixmap)
        return MARK + SPACE_4

    def plain(self) -> QFont:
        """The second line of a row: the size of a name, in normal weight."""
        font = self.theme.font(FontRole.NAME)
        font.setWeight(QFont.Weight.Normal)
        return font


class PersonDelegate(RowDelegate):
    """Avatar with a presence dot, the nick, and what they say of themselves or whether they are here."""

    height = PERSON_HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        nick, presence = str(index.data(PersonRole.NICK)), index.data(PersonRole.PRESENCE)
        avatar = QRectF(
            rect.left() + SPACE_8, rect.center().y() - PERSON_AVATAR / 2 + 0.5, PERSON_AVATAR, PERSON_AVATAR
        )
        painter.setOpacity(0.55 if presence is Presence.OFFLINE and not active else 1.0)
        paint_avatar(painter, avatar, nick, self.theme.person_color(int(index.data(PersonRole.USER))))
        painter.setOpacity(1.0)
        paint_presence(painter, avatar, presence, self.theme, self.ground_color(option, active=active))
        left, right = rect.left() + SPACE_8 + PERSON_AVATAR + SPACE_12, rect.right() - SPACE_8
        top, bottom = self.lines(rect, left, right)
        sub = "active_sub" if active else "sub"
        words = [self.tr("plain text")] if index.data(PersonRole.PLAIN) else []
        words += [self.tr("you")] if index.data(PersonRole.OWN) else []
        end = self.right_words(painter, top, " · ".join(words), sub)
        role = str(index.data(PersonRole.ROLE) or "")
        if role:
            end = self.right_words(painter, QRect(left, top.top(), end - left, top.height()), role_word(role), sub)
            end -= MARK - SPACE_4
            self.mark(painter, end, top, ROLE_ICONS[role], "on_active" if active else "accent")
            end -= SPACE_4
        here = "text" if presence is not Presence.OFFLINE else "sub"
        room = QRect(left, top.top(), end - left, top.height())
        self.line(painter, room, nick, self.theme.font(FontRole.NAME), "on_active" if active else here)
        self.line(painter, bottom, str(index.data(PersonRole.ABOUT)), self.theme.font(FontRole.META), sub)
        painter.restore()


class DirectoryDelegate(RowDelegate):
    """A room one may join: avatar, name, topic, how many are in it, and whether we are."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        state: QStyle.StateFlag = option.state
        active = bool(state & QStyle.StateFlag.State_Selected)
        rect = self.ground(painter, option, active=active)
        name, topic = str(index.data(DirectoryRole.NAME)), str(index.data(DirectoryRole.TOPIC))
        avatar = QRectF(rect.left() + SPACE_8, rect.center().y() - AVATAR / 2 + 0.5, AVATAR, AVATAR)
        paint_avatar(painter, avatar, name, self.theme.person_color(-int(index.data(DirectoryRole.ROOM))))
        left, right = rect.left() + SPACE_8 + AVATAR + SPACE_12, rect.right() - SPACE_8
        sub, ink = ("active_sub", "on_active") if active else ("sub", "text")
        top, bottom = self.lines(rect, left, right)
        words = people_count(int(index.data(DirectoryRole.MEMBERS)))
        end = self.right_words(painter, top, words, sub)
        if index.data(DirectoryRole.MEMBER):
            end = self.right_words(
                painter, QRect(top.left(), top.top(), end - left, top.height()), self.tr("Joined"), sub
            )
            end -= MARK
            self.mark(painter, end, top, "check", "on_active" if active else "ok")
            end -= SPACE_4
        kind = str(index.data(DirectoryRole.KIND))
        if kind == PRIVATE:
            left += self.mark(painter, left, top, "lock", ink)
        self.line(
            painter,
            QRect(left, top.top(), end - left, top.height()),
            room_title(name, kind),
            self.theme.font(FontRole.NAME),
            ink,
        )
        self.line(painter, bottom, one_line(topic) or self.tr("No topic"), self.plain(), sub)
        painter.restore()
