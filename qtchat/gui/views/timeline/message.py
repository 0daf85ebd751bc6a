"""Lays a message out: name, what it answers, text, reactions and time, one under the other."""

import math
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont

from qtchat.client.mentions import mentions
from qtchat.client.state import Delivery, Entry, is_plain
from qtchat.gui.models.markup import Block, BlockKind, is_big_emoji, parse
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.rows import Pill, Row, Strip, lay_out_system_line, separators_height
from qtchat.gui.views.timeline.text import lay_out_block, links
from qtchat.gui.views.timeline.words import (
    clean_name,
    deleted_text,
    edited_text,
    not_sent_text,
    plain_text,
    quoted_words,
    time_text,
)
from qtchat.protocol.messages import KIND_POST

_BLOCK_GAP: Final = 4
_FAILED_GAP: Final = 8
_BADGE_GAP: Final = 6
_BADGE_PAD: Final = 5
_STRIP_GAP: Final = 4
_PILLS_GAP: Final = 6
_ADD_WIDTH: Final = 32


def build_row(entry: Entry, context: Context, width: int, look: Look) -> Row:
    """Lay a row out. The costly step: some 50 us for a short message."""
    row = Row(entry, context, width)
    if context.hidden:
        return row
    row.top = separators_height(context, look)
    if entry.kind == KIND_POST:
        row.top += look.gap(context.head)
        _Message(row, look).lay_out()
    else:
        row.top += measure.GROUP_GAP if context.head else measure.ROW_GAP
        lay_out_system_line(row, look)
    return row


class _Message:
    """A message while it is laid out: everything begins at x = 0 until its place is known."""

    def __init__(self, row: Row, look: Look) -> None:
        entry = row.entry
        self._row, self._look, self._entry = row, look, entry
        row.time = time_text(entry.ts)
        if entry.edited and not entry.deleted:
            row.time = f"{edited_text()} {row.time}"
        # Without bubbles all times stand in one column, whether there is a mark beside them or not.
        marked = entry.own or look.compact
        self._meta_width = look.meta_width(row.time) + (measure.MARK + measure.MARK_GAP if marked else 0)
        self._limit = look.text_limit(row.width, self._meta_width)
        self._y = row.top + look.pad_top(row.context.head)
        self._width = 0.0  # of the widest part
        self._tail = math.inf  # how far the last line reaches to the right

    def lay_out(self) -> None:
        """Lay out all parts, then give them their place."""
        entry = self._entry
        if self._row.context.head and (not entry.own or self._look.compact):
            self._name()
        if entry.deleted:
            self._text((Block(BlockKind.TEXT, deleted_text()),), self._look.italic)
        else:
            if entry.reply_to:
                self._strip()
            big = is_big_emoji(entry.text)
            blocks = parse(entry.text.strip("\n") if big else entry.text)
            self._text(blocks, self._look.big if big else self._look.body)
            if entry.reactions:
                self._reactions()
        if self._look.compact:
            self._finish_compact()
        else:
            self._finish_bubble()
        row = self._row
        row.called = not entry.own and mentions(entry.text, self._look.nick)
        row.spills = not (entry.text.isascii() and entry.nick.isascii() and row.strip is None)

    def _name(self) -> None:
        row, look = self._row, self._look
        room = self._limit
        badge_width = 0.0
        if is_plain(self._entry.author):
            badge_width = look.meta_width(plain_text()) + 2 * _BADGE_PAD
            room -= badge_width + _BADGE_GAP
        metrics = look.name_metrics
        row.name = metrics.elidedText(clean_name(self._entry.nick), Qt.TextElideMode.ElideRight, room)
        self._width = metrics.horizontalAdvance(row.name)
        row.name_rect = QRectF(0, self._y, self._width, metrics.height())
        if badge_width:
            height = look.meta_height + 1
            row.badge = QRectF(self._width + _BADGE_GAP, self._y, badge_width, height)
            row.badge.moveTop(round(self._y + (metrics.height() - height) / 2))
            self._width = row.badge.right()
        self._y += look.name_height

    def _strip(self) -> None:
        look, entry = self._look, self._entry
        nick, text, faint = quoted_words(entry.quote)
        answered = self._row.context.answered
        color = look.color(look.inks(entry.own).link)
        if answered is not None and (look.compact or not entry.own):
            color = look.person_color(answered)
        room = min(self._limit, measure.MAX_BUBBLE) - measure.STRIP_LEFT - measure.STRIP_RIGHT
        nick = look.name_metrics.elidedText(nick, Qt.TextElideMode.ElideRight, room)
        text = look.quote_metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        widest = max(look.name_metrics.horizontalAdvance(nick), look.quote_metrics.horizontalAdvance(text))
        height = look.quote_metrics.height() + (look.name_metrics.height() if nick else 0) + 2 * measure.STRIP_PAD
        rect = QRectF(0, self._y, math.ceil(widest) + measure.STRIP_LEFT + measure.STRIP_RIGHT, height)
        self._row.strip = Strip(rect, nick, text, color, faint)
        self._width = max(self._width, rect.width())
        self._y += height + _STRIP_GAP

    def _text(self, blocks: tuple[Block, ...], font: QFont) -> None:
        row, position = self._row, 0
        for number, block in enumerate(blocks):
            self._y += _BLOCK_GAP if number else 0
            laid = lay_out_block(block, self._limit, self._y, self._look, own=self._entry.own, font=font)
            laid.start = position
            if block.spans:
                row.links += links(block, position)
            self._width = max(self._width, laid.frame.width())
            self._y += laid.frame.height()
            position += laid.length + 1
            row.blocks.append(laid)
        self._tail = row.blocks[-1].last_line_end()

    def _reactions(self) -> None:
        look, row = self._look, self._row
        x, y, height = 0.0, self._y + _PILLS_GAP, look.reaction_height
        pills = [Pill(QRectF(), reaction) for reaction in self._entry.reactions]
        for pill in (*pills, Pill(QRectF())):
            width: float = _ADD_WIDTH
            if pill.reaction is not None:
                pill.shown, emoji_width = look.emoji(pill.reaction.emoji)
                pill.label = str(len(pill.reaction.users))
                width = emoji_width + look.meta_width(pill.label) + 2 * measure.REACTION_PAD + measure.REACTION_GAP
            if x and x + width > self._limit:
                x, y = 0.0, y + height + measure.REACTION_GAP
            pill.rect = QRectF(x, y, math.ceil(width), height)
            x = pill.rect.right() + measure.REACTION_GAP
            self._width = max(self._width, pill.rect.right())
            row.pills.append(pill)
        self._tail = row.pills[-1].rect.right()
        self._y = y + height

    def _failed_width(self) -> float:
        if self._entry.delivery is not Delivery.FAILED:
            return 0.0
        return self._look.meta_width(" ".join(not_sent_text())) + _FAILED_GAP

    def _finish_bubble(self) -> None:
        """Put the time beside the last line or under it, size the bubble, and move everything into it."""
        row, look, meta_width = self._row, self._look, self._meta_width
        failed_width = self._failed_width()
        needed = failed_width + meta_width
        beside = self._tail + measure.META_GAP + needed
        content = max(self._width, needed)
        if beside <= self._limit:
            content = max(content, beside)
        else:
            self._y += look.meta_height
        content = math.ceil(max(min(content, self._limit), needed))
        left = row.width - measure.SIDE - content - 2 * look.pad_x if self._entry.own else measure.INDENT
        row.bubble = QRectF(left, row.top, content + 2 * look.pad_x, math.ceil(self._y + look.pad_y - row.top))
        right, bottom = row.bubble.right() - look.pad_x, row.bubble.bottom() - look.pad_y
        row.meta = QRectF(right - meta_width, bottom - look.meta_height, meta_width, look.meta_height)
        if row.pills and beside <= self._limit:
            row.meta.moveTop(round(row.pills[-1].rect.center().y() - look.meta_height / 2))
        if failed_width:
            row.retry = row.meta.translated(-failed_width, 0)
            row.retry.setWidth(failed_width - _FAILED_GAP)
        if row.name:
            row.avatar = QRectF(measure.SIDE, row.top, measure.AVATAR, measure.AVATAR)
        self._settle(left + look.pad_x, content)

    def _finish_compact(self) -> None:
        """The time stands at the right of the first line; what failed gets a line of its own."""
        row, look = self._row, self._look
        failed_width = self._failed_width()
        if failed_width:
            width = failed_width - _FAILED_GAP
            row.retry = QRectF(measure.COMPACT_INDENT, self._y, width, look.meta_height)
            self._y += look.meta_height
        row.bubble = QRectF(0, row.top, row.width, math.ceil(self._y + look.pad_y - row.top))
        left = row.width - measure.SIDE - self._meta_width
        first = look.name_height if row.name else look.line_height
        text_top = row.top + look.pad_top(row.context.head)
        top = text_top + (first - look.meta_height) / 2
        row.meta = QRectF(left, round(top), self._meta_width, look.meta_height)
        if row.name:
            size = measure.SMALL_AVATAR
            row.avatar = QRectF(measure.SIDE, round(text_top), size, size)
        self._settle(measure.COMPACT_INDENT, min(self._width, self._limit))

    def _settle(self, left: float, content: float) -> None:
        row = self._row
        row.name_rect.translate(left, 0)
        if row.badge is not None:
            row.badge.translate(left, 0)
        if row.strip is not None:
            row.strip.rect.translate(left, 0)
            if not self._look.compact:  # as wide as the bubble
                row.strip.rect.setWidth(content)
        for pill in row.pills:
            pill.rect.translate(left, 0)
        for block in row.blocks:
            block.settle(left, content)
        assert row.bubble is not None
        row.height = math.ceil(row.bubble.bottom())
