"""The application's style sheet: shapes of the standard controls. What is painted by hand asks Theme instead.

Buttons choose their look by the dynamic property `kind`: "primary", "quiet" (no ground until hovered), "link",
"danger"; without it they are outlined. Labels choose theirs by `tone`: "sub", "accent", "danger", "ok", "warn".
Surfaces choose their ground by `ground`: "bg", "side", "chat".
"""

from string import Template

from msgspec.structs import fields

from qtchat.gui.theme.tokens import (
    RADIUS_BUBBLE,
    RADIUS_BUTTON,
    RADIUS_FIELD,
    RADIUS_ROW,
    Palette,
)

_TEMPLATE = Template("""
QToolTip { background: $bg; color: $text; border: 1px solid $line; padding: 4px 8px; }

*[ground="bg"] { background: $bg; }
*[ground="side"] { background: $side; }
*[ground="chat"] { background: $chat; }

QLabel { background: transparent; }
QLabel[kind="key"] { background: $chat; border: 1px solid $line; border-radius: 4px; padding: 2px 6px; }
QLabel[tone="sub"] { color: $sub; }
QLabel[tone="accent"] { color: $accent; }
QLabel[tone="danger"] { color: $danger; }
QLabel[tone="ok"] { color: $ok; }
QLabel[tone="warn"] { color: $warn; }

QLineEdit, QPlainTextEdit[kind="field"] {
    background: $bg; color: $text; placeholder-text-color: $sub;
    border: 1px solid $field_border; border-radius: ${radius_field}px;
    padding: 7px 10px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit:focus, QPlainTextEdit[kind="field"]:focus { border: 2px solid $accent; padding: 6px 9px; }
QLineEdit[invalid="true"] { border: 2px solid $danger; padding: 6px 9px; }
QLineEdit:disabled { color: $sub; border-color: $line; }
QLineEdit[kind="filter"] { background: $chat; border: 2px solid transparent; border-radius: ${radius_button}px; }
QLineEdit[kind="filter"]:focus { border-color: $accent; }

QPushButton {
    background: transparent; color: $accent; border: 1px solid $line; border-radius: ${radius_button}px;
    padding: 8px 16px; font-weight: 600; outline: none;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $pressed; }
QPushButton:focus { border: 2px solid $accent; padding: 7px 15px; }
QPushButton:disabled { color: $sub; border-color: $line; }
QPushButton[kind="primary"] { background: $accent; color: $on_accent; border: 2px solid $accent; padding: 7px 15px; }
QPushButton[kind="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[kind="primary"]:pressed { background: $accent_pressed; border-color: $accent_pressed; }
QPushButton[kind="primary"]:focus { border-color: $text; }
QPushButton[kind="primary"]:disabled { background: $line; border-color: $line; color: $sub; }
QPushButton[kind="danger"] { color: $danger; }
QPushButton[kind="link"] { border: none; padding: 2px 0; text-align: left; }
QPushButton[kind="link"]:hover, QPushButton[kind="link"]:focus {
    background: transparent; border: none; padding: 2px 0; text-decoration: underline;
}
QPushButton[kind="row"] {
    background: $bg; color: $text; text-align: left; padding: 8px 12px; border-radius: ${radius_row}px;
    font-weight: 400;
}
QPushButton[kind="row"]:focus { padding: 7px 11px; }

QRadioButton { spacing: 8px; }
QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $field_border; border-radius: 8px; background: $bg;
}
QRadioButton::indicator:hover { border-color: $accent; }
QRadioButton::indicator:focus { border: 2px solid $accent; width: 12px; height: 12px; }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent; }
QRadioButton:focus { color: $accent; }

QToolButton { background: transparent; border: 2px solid transparent; border-radius: ${radius_button}px; padding: 6px; }
QToolButton[kind="small"] { padding: 2px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton::menu-indicator { image: none; width: 0; }

QListView { background: transparent; border: none; outline: none; }

QMenu { background: $bg; border: 1px solid $line; padding: 6px; }
QMenu::item { padding: 7px 24px 7px 12px; border-radius: ${radius_field}px; color: $text; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $sub; }
QMenu::separator { height: 1px; background: $line; margin: 6px 4px; }
QMenu::icon { padding-left: 8px; }

QComboBox QAbstractItemView { background: $bg; border: 1px solid $line; outline: none; padding: 4px; }
QComboBox QAbstractItemView::item { color: $text; padding: 7px 8px; border-radius: ${radius_field}px; }
QComboBox QAbstractItemView::item:selected { background: $hover; color: $text; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $scroll; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $field_border; }
QScrollBar::handle:disabled { background: transparent; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QSlider { min-height: 24px; }
QSlider::groove:horizontal { background: $line; height: 4px; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; height: 4px; border-radius: 2px; }
QSlider::handle:horizontal {
    background: $accent; border: 2px solid $bg; width: 16px; height: 16px; margin: -8px 0; border-radius: 10px;
}
QSlider::handle:horizontal:focus { border-color: $text; }
QSplitter::handle { background: $line; }
QProgressBar { background: $line; border: none; border-radius: 1px; max-height: 3px; min-height: 3px; }
QProgressBar::chunk { background: $accent; border-radius: 1px; }
QFrame[kind="card"] { background: $bg; border: 1px solid $line; border-radius: ${radius_bubble}px; }
QFrame[kind="well"] { background: $side; border: 1px solid $line; border-radius: ${radius_bubble}px; }
QFrame[kind="popup"] { background: $bg; border: 1px solid $line; }
QFrame[kind="line"] { background: $line; border: none; }
""")


def mixed(color: str, into: str, share: float) -> str:
    """`share` (0 to 1) of `color` laid over `into`; all "#RRGGBB"."""
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(into[1:]), strict=True)
    return "#" + "".join(f"{round(top * share + ground * (1 - share)):02X}" for top, ground in pairs)


def style_sheet(palette: Palette) -> str:
    """The style sheet for `palette`."""
    values = {field.name: getattr(palette, field.name) for field in fields(palette) if field.name != "people"}
    values |= {
        "hover": mixed(palette.accent, palette.bg, 0.10),
        "pressed": mixed(palette.accent, palette.bg, 0.20),
        "accent_hover": mixed(palette.text, palette.accent, 0.10),
        "accent_pressed": mixed(palette.text, palette.accent, 0.20),
        "scroll": mixed(palette.field_border, palette.chat, 0.5),
    }
    radii = {
        "radius_field": RADIUS_FIELD,
        "radius_button": RADIUS_BUTTON,
        "radius_row": RADIUS_ROW,
        "radius_bubble": RADIUS_BUBBLE,
    }
    return _TEMPLATE.substitute(values | {name: str(radius) for name, radius in radii.items()})
