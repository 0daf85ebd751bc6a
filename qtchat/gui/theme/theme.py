"""The theme in force: colours and fonts for views, and the QApplication's style. Lives on the GUI thread."""

from collections.abc import Mapping
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from qtchat.gui.theme.stylesheet import style_sheet
from qtchat.gui.theme.tokens import DARK, LIGHT, Palette

MIN_TEXT_SCALE = 0.8
MAX_TEXT_SCALE = 1.5


class Mode(Enum):
    """Which palette is wanted. SYSTEM follows the desktop where Qt knows its scheme, else it is light."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class FontRole(Enum):
    """The type scale; FONT_SIZES has the sizes."""

    META = "meta"
    NAME = "name"
    BODY = "body"
    TITLE = "title"
    PAGE = "page"
    MONO = "mono"


FONT_SIZES = {
    FontRole.META: 11,
    FontRole.NAME: 13,
    FontRole.BODY: 14,
    FontRole.TITLE: 16,
    FontRole.PAGE: 20,
    FontRole.MONO: 13,
}
"""Pixels at the text scale 1."""
SEMIBOLD_ROLES = frozenset({FontRole.NAME, FontRole.TITLE, FontRole.PAGE})


class Theme(QObject):
    """Colours and fonts in force. Whoever paints asks again after `changed`."""

    changed = Signal()

    def __init__(self, application: QApplication, mode: Mode = Mode.SYSTEM, text_scale: float = 1.0) -> None:
        super().__init__(application)
        self._application = application
        self._mode = mode
        self._text_scale = min(MAX_TEXT_SCALE, max(MIN_TEXT_SCALE, text_scale))
        self._family = application.font().family()
        self._person_colors: dict[int, int] = {}
        application.setStyle("Fusion")
        self._dark = self._wants_dark()
        self._apply()
        application.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    @property
    def palette(self) -> Palette:
        return DARK if self._dark else LIGHT

    @property
    def dark(self) -> bool:
        return self._dark

    @property
    def mode(self) -> Mode:
        return self._mode

    @property
    def text_scale(self) -> float:
        return self._text_scale

    def color(self, name: str) -> QColor:
        """The colour of the token `name`. AttributeError if there is none."""
        value = getattr(self.palette, name)
        assert isinstance(value, str), f"{name} is not a single colour"
        return QColor(value)

    def person_color(self, key: int) -> QColor:
        """The colour of a name and avatar. `key`: the user's number; what is no user has one below 0."""
        people = self.palette.people
        chosen = self._person_colors.get(key)
        return QColor(people[key % len(people) if chosen is None else chosen - 1])

    def color_key(self, color: int) -> int:
        """A key of nobody that has this colour. `color`: 1 to messages.MAX_COLOR."""
        return color - 1 - len(self.palette.people)

    def set_person_colors(self, colors: Mapping[int, int]) -> None:
        """What people chose: user number -> colour, 1 to messages.MAX_COLOR."""
        if colors != self._person_colors:
            self._person_colors = dict(colors)
            self.changed.emit()

    def font(self, role: FontRole) -> QFont:
        """A font for `role`; sizes are in device-independent pixels."""
        font = (
            QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            if role is FontRole.MONO
            else QFont(self._family)
        )
        font.setPixelSize(round(FONT_SIZES[role] * self._text_scale))
        font.setWeight(QFont.Weight.DemiBold if role in SEMIBOLD_ROLES else QFont.Weight.Normal)
        return font

    def room_for_text(self, pixels: int) -> int:
        """What has `pixels` at the text scale 1 has this now. Nothing shrinks with the text: hands stay as they are."""
        return round(pixels * max(1.0, self._text_scale))

    def set_mode(self, mode: Mode) -> None:
        """Switch at once. SYSTEM also follows later changes of the desktop's scheme."""
        self._mode = mode
        hints = self._application.styleHints()
        if mode is Mode.SYSTEM:
            hints.unsetColorScheme()
        else:  # also the window frames that the system draws
            hints.setColorScheme(Qt.ColorScheme.Dark if mode is Mode.DARK else Qt.ColorScheme.Light)
        self._scheme_changed()

    def set_text_scale(self, scale: float) -> None:
        """Scale all text; clamped to 0.8 .. 1.5."""
        scale = min(MAX_TEXT_SCALE, max(MIN_TEXT_SCALE, scale))
        if scale != self._text_scale:
            self._text_scale = scale
            self._apply()
            self.changed.emit()

    def _wants_dark(self) -> bool:
        if self._mode is Mode.SYSTEM:
            return self._application.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self._mode is Mode.DARK

    def _scheme_changed(self) -> None:
        dark = self._wants_dark()
        if dark != self._dark:
            self._dark = dark
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        self._application.setFont(self.font(FontRole.BODY))
        self._application.setPalette(self._qt_palette())
        self._application.setStyleSheet(style_sheet(self.palette))

    def _qt_palette(self) -> QPalette:
        """What Fusion paints with, for everything that no style sheet or painter of ours covers."""
        color = self.color
        roles = QPalette.ColorRole
        palette = QPalette(color("bg"))
        for role, token in (
            (roles.Window, "bg"),
            (roles.WindowText, "text"),
            (roles.Base, "bg"),
            (roles.AlternateBase, "side"),
            (roles.Text, "text"),
            (roles.PlaceholderText, "sub"),
            (roles.Button, "side"),
            (roles.ButtonText, "text"),
            (roles.BrightText, "danger"),
            (roles.ToolTipBase, "bg"),
            (roles.ToolTipText, "text"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "on_accent"),
            (roles.Link, "link"),
            (roles.LinkVisited, "link"),
            (roles.Accent, "accent"),
            (roles.Mid, "line"),
            (roles.Dark, "field_border"),
        ):
            palette.setColor(role, color(token))
        disabled = QPalette.ColorGroup.Disabled
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(disabled, role, color("sub"))
        return palette
