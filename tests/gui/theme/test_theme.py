"""Colours, fonts and modes."""

from collections.abc import Iterator

import pytest
from msgspec.structs import fields
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.avatars import _contrast as contrast
from qtchat.gui.theme.stylesheet import mixed, style_sheet
from qtchat.gui.theme.theme import FontRole, Mode, Theme
from qtchat.gui.theme.tokens import DARK, LIGHT, Palette


@pytest.fixture(autouse=True)
def _light_again(qapp: QApplication) -> Iterator[None]:
    yield
    Theme(qapp).set_mode(Mode.LIGHT)


def test_modes_switch_at_once_and_say_so(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_mode(Mode.DARK)
    assert theme.dark
    assert theme.palette is DARK
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(DARK.bg)
    with qtbot.waitSignal(theme.changed):
        theme.set_mode(Mode.LIGHT)
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.bg)


def test_text_scale_changes_all_text(qtbot: QtBot, theme: Theme) -> None:
    with qtbot.waitSignal(theme.changed):
        theme.set_text_scale(1.5)
    assert theme.font(FontRole.BODY).pixelSize() == 21
    assert theme.font(FontRole.META).pixelSize() == 16
    assert theme.font(FontRole.NAME).pixelSize() == 20
    assert theme.room_for_text(64) == 96
    theme.set_text_scale(0.8)
    assert theme.room_for_text(64) == 64
    theme.set_text_scale(9)
    assert theme.text_scale == 1.5


def test_everybody_keeps_a_colour(theme: Theme) -> None:
    assert theme.person_color(3) == theme.person_color(11)
    assert len({theme.person_color(user).name() for user in range(8)}) == 8


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("text", "bg"),
        ("text", "side"),
        ("text", "in_bubble"),
        ("text", "out_bubble"),
        ("sub", "bg"),
        ("sub", "side"),
        ("meta", "in_bubble"),
        ("out_meta", "out_bubble"),
        ("out_danger", "out_bubble"),
        ("link", "in_bubble"),
        ("out_link", "out_bubble"),
        ("on_accent", "accent"),
        ("on_active", "active_row"),
        ("active_sub", "active_row"),
        ("danger", "bg"),
        ("warn", "bg"),
        ("ok", "bg"),
    ],
)
def test_words_can_be_read(palette: Palette, ink: str, ground: str) -> None:
    assert contrast(QColor(getattr(palette, ink)), QColor(getattr(palette, ground))) >= 4.5


def test_every_token_is_a_colour() -> None:
    for palette in (LIGHT, DARK):
        values = [getattr(palette, field.name) for field in fields(palette) if field.name != "people"]
        assert all(QColor(value).isValid() and len(value) == 7 for value in (*values, *palette.people))
        assert len(palette.people) == 8


def test_the_style_sheet_has_no_hole() -> None:
    assert "$" not in style_sheet(LIGHT)
    assert mixed("#000000", "#FFFFFF", 0.5) == "#808080"


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_what_stands_in_an_empty_field_can_be_read(qtbot: QtBot, theme: Theme, mode: Mode) -> None:
    """A style sheet that gives a field a colour would have its placeholder in half of it."""
    theme.set_mode(mode)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    assert field.palette().color(QPalette.ColorRole.PlaceholderText) == theme.color("sub")
