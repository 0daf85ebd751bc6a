"""What the theme means for the timeline: fonts, their measures, colours; read once and kept until it changes."""

import re
from math import ceil
from typing import Final, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF

from qtchat.gui.models.words import one_line
from qtchat.gui.theme.theme import FontRole, Theme

AVATAR: Final = 36
SMALL_AVATAR: Final = 24
"""The avatar of the compact mode."""
SIDE: Final = 16
"""Between the edge of the view and avatars or own bubbles."""
INDENT: Final = SIDE + AVATAR + 8
"""Left edge of the bubbles of others."""
COMPACT_INDENT: Final = SIDE + SMALL_AVATAR + 12
"""Left edge of all text in the compact mode."""
PAD_X: Final = 12
PAD_Y: Final = 6
COMPACT_PAD_Y: Final = 3
COMPACT_HEAD_PAD: Final = 1
"""More above the name in the compact mode: what a message stands on, where it is marked, must not touch it."""
MAX_BUBBLE: Final = 480
BUBBLE_MARGIN: Final = 120
MIN_BUBBLE: Final = 120
GROUP_GAP: Final = 8
ROW_GAP: Final = 2
COMPACT_GROUP_GAP: Final = 4
COMPACT_ROW_GAP: Final = 0
"""Two marked messages, one under the other, are one band."""
MARK: Final = 14
"""Size of the state mark beside the time."""
META_GAP: Final = 10
"""Between the end of the last line and the time beside it."""
MARK_GAP: Final = 4
DAY_HEIGHT: Final = 40
DAY_TOP: Final = 12
"""Above the pill in it; below it there is less, for a group's gap follows."""
PILL_HEIGHT: Final = 24
UNREAD_HEIGHT: Final = 36
NOTICE_HEIGHT: Final = 40
INTRO_ICON: Final = 40
INTRO_LINES: Final = 2
"""Of its sentence, in a narrow view."""
SYSTEM_MARGIN: Final = 48
BIG_EMOJI_SCALE: Final = 2.4
STRIP_LEFT: Final = 10
"""From the left edge of what a reply answers to its words; the bar stands in between."""
STRIP_RIGHT: Final = 8
STRIP_PAD: Final = 3
REACTION_PAD: Final = 8
"""Left and right inside the pill of a reaction."""
REACTION_GAP: Final = 4
_SAMPLE: Final = "the quick brown fox jumps over the lazy dog "
_MOST_REMEMBERED: Final = 4096


class Inks(NamedTuple):
    """Names of tokens whose colours can be read on a message's ground."""

    link: str
    meta: str
    danger: str


_ON_OWN_BUBBLE: Final = Inks("out_link", "out_meta", "out_danger")
_ELSEWHERE: Final = Inks("link", "meta", "danger")


class Look:
    """Fonts, measures and colours of one state of the theme. Throw it away when the theme changes.

    `compact`: no bubbles, full width. `nick`: our own, for which messages are searched; "" for none.
    """

    def __init__(self, theme: Theme, *, compact: bool = False, nick: str = "") -> None:
        self._theme = theme
        self.compact = compact
        self.nick = nick
        # Finds where; whether a message names us at all is for client.mentions to say.
        self.mention = re.compile(rf"(?<!\w)@{re.escape(nick)}(?!\w)", re.IGNORECASE) if nick else None
        self._colors: dict[str, QColor] = {}
        self._widths: dict[str, float] = {}
        self._emoji: dict[str, tuple[str, float]] = {}
        self._set_fonts(theme)
        self.pad_x = 0 if compact else PAD_X
        self.pad_y = COMPACT_PAD_Y if compact else PAD_Y
        self._gaps = (COMPACT_GROUP_GAP, COMPACT_ROW_GAP) if compact else (GROUP_GAP, ROW_GAP)
        self.reaction_height = max(24.0, self.meta_height + 8)
        title = self.title_metrics.height()
        self.intro_height = ceil(24 + INTRO_ICON + 8 + title + 4 + INTRO_LINES * self.meta_height + 8)

    def _set_fonts(self, theme: Theme) -> None:
        self.body = theme.font(FontRole.BODY)
        self.name = theme.font(FontRole.NAME)
        self.meta = theme.font(FontRole.META)
        self.mono = theme.font(FontRole.MONO)
        self.title = theme.font(FontRole.TITLE)
        self.big = QFont(self.body)
        self.big.setPixelSize(round(self.body.pixelSize() * BIG_EMOJI_SCALE))
        self.quote = QFont(self.name)
        self.quote.setWeight(QFont.Weight.Normal)
        self.quote_italic = QFont(self.quote)
        self.quote_italic.setItalic(True)
        self.italic = QFont(self.body)
        self.italic.setItalic(True)
        self.name_metrics = QFontMetricsF(self.name)
        self.meta_metrics = QFontMetricsF(self.meta)
        self.quote_metrics = QFontMetricsF(self.quote)
        self.title_metrics = QFontMetricsF(self.title)
        self._body_metrics = QFontMetricsF(self.body)
        self.line_height = self._body_metrics.height()
        self.name_height = self.name_metrics.height() + 2
        self.meta_height = self.meta_metrics.height()
        self.char_width = self._body_metrics.horizontalAdvance(_SAMPLE) / len(_SAMPLE)

    def gap(self, head: bool) -> int:
        """Above a message, the first of its group or not."""
        return self._gaps[0 if head else 1]

    def pad_top(self, head: bool) -> int:
        """From the upper edge of a message's ground to what stands on it."""
        return self.pad_y + (COMPACT_HEAD_PAD if head and self.compact else 0)

    @property
    def ground(self) -> str:
        """The token that the whole view is filled with."""
        return "bg" if self.compact else "chat"

    def inks(self, own: bool) -> Inks:
        """The tokens for what stands in a message of ours or of somebody else."""
        return _ON_OWN_BUBBLE if own and not self.compact else _ELSEWHERE

    def text_limit(self, width: int, meta_width: float | None = None) -> float:
        """The widest line of a message in a view of this width. In the compact mode its time stands beside it, and
        needs `meta_width`, or what most times need."""
        if not self.compact:
            return bubble_limit(width) - 2 * PAD_X
        beside = self.meta_width("00:00") + MARK_GAP + MARK if meta_width is None else meta_width
        return max(MIN_BUBBLE, width - COMPACT_INDENT - SIDE - META_GAP - beside)

    def color(self, name: str) -> QColor:
        """The colour of a token of the theme."""
        color = self._colors.get(name)
        if color is None:
            color = self._colors[name] = self._theme.color(name)
        return color

    def tint(self, name: str, alpha: float) -> QColor:
        """A token's colour made see-through; `alpha` 0..1."""
        key = f"{name}/{alpha}"
        color = self._colors.get(key)
        if color is None:
            color = QColor(self.color(name))
            color.setAlphaF(alpha)
            self._colors[key] = color
        return color

    def person_color(self, user: int) -> QColor:
        """The colour of somebody's name and avatar."""
        return self._theme.person_color(user)

    def meta_width(self, text: str) -> float:
        """How wide a short text is in the META font; there are few different ones, so they are remembered."""
        width = self._widths.get(text)
        if width is None:
            if len(self._widths) > _MOST_REMEMBERED:
                self._widths.clear()
            width = self._widths[text] = self.meta_metrics.horizontalAdvance(text)
        return width

    def emoji(self, emoji: str) -> tuple[str, float]:
        """An emoji as a reaction shows it, in the BODY font, and how wide that is. What is none is cut short."""
        found = self._emoji.get(emoji)
        if found is None:
            if len(self._emoji) > _MOST_REMEMBERED:
                self._emoji.clear()
            shown = self._body_metrics.elidedText(one_line(emoji), Qt.TextElideMode.ElideRight, 4 * self.line_height)
            found = self._emoji[emoji] = (shown, self._body_metrics.horizontalAdvance(shown))
        return found


def bubble_limit(width: int) -> int:
    """The widest bubble in a view of this width."""
    return max(MIN_BUBBLE, min(MAX_BUBBLE, width - BUBBLE_MARGIN))
