"""What the theme means for the timeline: fonts, their measures, colours; read once and kept until it changes."""

from typing import Final

from PySide6.QtGui import QColor, QFont, QFontMetricsF

from qtchat.gui.theme.theme import FontRole, Theme

AVATAR: Final = 36
SIDE: Final = 16
"""Between the edge of the view and avatars or own bubbles."""
INDENT: Final = SIDE + AVATAR + 8
"""Left edge of the bubbles of others."""
PAD_X: Final = 12
PAD_Y: Final = 6
MAX_BUBBLE: Final = 480
BUBBLE_MARGIN: Final = 120
MIN_BUBBLE: Final = 120
GROUP_GAP: Final = 8
ROW_GAP: Final = 2
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
SYSTEM_MARGIN: Final = 48
BIG_EMOJI_SCALE: Final = 2.4
_SAMPLE: Final = "the quick brown fox jumps over the lazy dog "


class Look:
    """Fonts, measures and colours of one state of the theme. Throw it away when the theme changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._colors: dict[str, QColor] = {}
        self.body = theme.font(FontRole.BODY)
        self.name = theme.font(FontRole.NAME)
        self.meta = theme.font(FontRole.META)
        self.mono = theme.font(FontRole.MONO)
        self.big = QFont(self.body)
        self.big.setPixelSize(round(self.body.pixelSize() * BIG_EMOJI_SCALE))
        self.name_metrics = QFontMetricsF(self.name)
        self.meta_metrics = QFontMetricsF(self.meta)
        body = QFontMetricsF(self.body)
        self.line_height = body.height()
        self.name_height = self.name_metrics.height() + 2
        self.meta_height = self.meta_metrics.height()
        self.char_width = body.horizontalAdvance(_SAMPLE) / len(_SAMPLE)
        self._meta_widths: dict[str, float] = {}

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
        width = self._meta_widths.get(text)
        if width is None:
            if len(self._meta_widths) > 4096:
                self._meta_widths.clear()
            width = self._meta_widths[text] = self.meta_metrics.horizontalAdvance(text)
        return width
