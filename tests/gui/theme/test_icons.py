"""Icons and avatars."""

import gc
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap

from qtchat.gui.resources import resource
from qtchat.gui.theme.avatars import initial, ink_on, paint_avatar
from qtchat.gui.theme.icons import Icons


def ink_of(pixmap: QPixmap) -> str:
    """The colour of what is drawn, where nothing shines through."""
    image = pixmap.toImage()
    places = [(x, y) for x in range(image.width()) for y in range(image.height())]
    (ink,) = {image.pixelColor(*place).name() for place in places if image.pixelColor(*place).alpha() > 250}
    return ink


def test_an_icon_has_the_colour_and_size_that_were_asked_for(icons: Icons) -> None:
    pixmap = icons.pixmap("check", 20, QColor("#FF0000"), 2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (40, 2.0)
    assert ink_of(pixmap) == "#ff0000"


def test_the_same_icon_is_drawn_once(icons: Icons) -> None:
    assert icons.pixmap("check", 20, "sub").cacheKey() == icons.pixmap("check", 20, "sub").cacheKey()


def test_an_icon_of_a_button_is_sharp_on_every_screen(icons: Icons) -> None:
    icon = icons.icon("check", QColor("#FF0000"), 20)
    gc.collect()  # Qt's part of the icon must not outlive ours
    for copy in (icon, QIcon(icon)):
        for ratio in (1.0, 1.25, 2.0):
            pixmap = copy.pixmap(QSize(20, 20), ratio)
            assert (pixmap.width(), pixmap.devicePixelRatio()) == (20 * ratio, ratio)
            assert ink_of(pixmap) == "#ff0000"
    assert icon.pixmap(QSize(64, 64), 1.0).width() == 20, "as large as it was asked for, whatever the place"
    assert icon.pixmap(QSize(16, 16), 1.0).width() == 16
    assert ink_of(icon.pixmap(QSize(20, 20), 1.0, QIcon.Mode.Disabled)) != "#ff0000"


def test_an_icon_can_be_painted_and_added_to(icons: Icons) -> None:
    canvas = QPixmap(40, 40)
    canvas.fill(QColor("white"))
    icon = icons.icon("check", QColor("#FF0000"), 20)
    painter = QPainter(canvas)
    icon.paint(painter, canvas.rect())
    painter.end()
    red = [(x, y) for x in range(40) for y in range(40) if canvas.toImage().pixelColor(x, y).name() == "#ff0000"]
    assert red
    assert all(10 <= x < 30 and 10 <= y < 30 for x, y in red), "in the middle"
    icon.addPixmap(icons.pixmap("x", 64, "sub"))  # makes Qt copy the engine
    gc.collect()
    assert icon.pixmap(QSize(20, 20), 1.0).width() == 20


def test_an_unknown_icon_is_our_own_bug(icons: Icons) -> None:
    with pytest.raises(KeyError):
        icons.pixmap("no-such-icon", 20, "sub")


@pytest.mark.parametrize("path", sorted(resource("icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_vendored_icon_draws(icons: Icons, path: Path) -> None:
    image = icons.pixmap(path.stem, 24, QColor("#000000")).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("anna", "A"),
        ("борис", "Б"),
        ("# general", "G"),
        ("🎉 party", "🎉"),
        ("👩‍💻x", "👩‍💻"),
        ("🇫🇮", "🇫🇮"),
        ("<b>x</b>", "B"),
        ("ßtraße", "ß"),
        ("é", "É"),
        ("7 of 9", "7"),
        ("", "?"),
        ("--", "?"),
    ],
)
def test_the_initial_is_what_the_eye_takes_for_it(name: str, expected: str) -> None:
    assert initial(name) == expected


def test_initials_stand_out(icons: Icons) -> None:
    assert ink_on(QColor("#1F6FC4")).name() == "#ffffff"
    assert ink_on(QColor("#FF8A80")).name() == "#0b1520"


def test_an_avatar_fills_its_circle_and_nothing_else(icons: Icons) -> None:
    image = QImage(40, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    paint_avatar(painter, QRectF(0, 0, 40, 40), "A", QColor("#1F6FC4"))
    painter.end()
    assert image.pixelColor(20, 3).name() == "#1f6fc4"
    assert image.pixelColor(1, 1).alpha() == 0
