"""What a row draws, and where it does not."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from qtchat.client.state import Delivery, Entry, Reaction
from qtchat.gui.theme.avatars import _contrast as contrast
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import DARK, LIGHT, Palette
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.message import build_row
from qtchat.gui.views.timeline.paint import GLOW_UNDER_TEXT, MARKS, OWN_PILL_TINT, PILL_TINT, STRIP_TINT, RowPainter
from qtchat.gui.views.timeline.rows import Row
from qtchat.gui.views.timeline.text import MENTION_TINT

ENTRY = Entry(bytes(16), 9, 1_700_000_000_000, 7, "me", "post", "hi", own=True)
TOP = 100


def drawn(theme: Theme, row: Row, *, hovered: bool = False) -> QImage:
    """A row, its top at TOP, on a white ground."""
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    rows = RowPainter(Look(theme), Icons(theme))
    rows.paint(painter, row, TOP, QRectF(image.rect()), hovered=hovered)
    painter.end()
    return image


def is_white(image: QImage) -> bool:
    return all(
        image.pixelColor(x, y) == Qt.GlobalColor.white for x in range(image.width()) for y in range(image.height())
    )


def test_characters_that_are_higher_than_their_line_stay_in_their_row(theme: Theme) -> None:
    row = build_row(replace(ENTRY, text="é"), Context(), 600, Look(theme))
    row.blocks[0].origin -= QPointF(0, 40)  # as if the accent were as high as a tower
    assert is_white(drawn(theme, row).copy(0, 0, 600, TOP))


@pytest.mark.parametrize("delivery", list(Delivery))
def test_every_state_has_a_mark_of_its_own(theme: Theme, delivery: Delivery) -> None:
    row = build_row(replace(ENTRY, delivery=delivery), Context(), 600, Look(theme))
    mark = row.meta.adjusted(row.meta.width() - 14, 0, 0, 0).toRect().translated(0, TOP)
    other = build_row(ENTRY, Context(), 600, Look(theme))
    same = drawn(theme, row).copy(mark) == drawn(theme, other).copy(mark.translated(0, 0))
    assert same == (delivery is Delivery.SENT)
    assert len(set(MARKS.values())) == len(Delivery)


def test_the_place_for_another_reaction_is_seen_under_the_mouse_only(theme: Theme) -> None:
    row = build_row(replace(ENTRY, reactions=(Reaction("a", (1,), own=False),)), Context(), 600, Look(theme))
    spot = row.pills[-1].rect.toRect().translated(0, TOP)
    assert row.pills[-1].reaction is None
    bare, hovered = drawn(theme, row).copy(spot), drawn(theme, row, hovered=True).copy(spot)
    assert bare != hovered


def test_our_own_reaction_has_an_outline(theme: Theme) -> None:
    rows = [
        build_row(replace(ENTRY, own=False, reactions=(Reaction("a", (1,), own=own),)), Context(), 600, Look(theme))
        for own in (False, True)
    ]
    edge = rows[0].pills[0].rect.toRect().translated(0, TOP)
    accent = theme.color("accent").name()
    inks = [
        {image.pixelColor(edge.center().x(), edge.top() + y).name() for y in range(2)}
        for image in (drawn(theme, row) for row in rows)
    ]
    assert accent not in inks[0]
    assert accent in inks[1]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_what_stands_on_tinted_ground_can_be_read(palette: Palette) -> None:
    pairs = [
        *((person, mixed(person, ground, STRIP_TINT)) for person in palette.people for ground in grounds(palette)),
        (palette.out_link, mixed(palette.out_link, palette.out_bubble, STRIP_TINT)),
        (palette.text, mixed(palette.link, palette.in_bubble, PILL_TINT)),
        (palette.text, mixed(palette.link, palette.in_bubble, OWN_PILL_TINT)),
        (palette.text, mixed(palette.out_link, palette.out_bubble, OWN_PILL_TINT)),
        (palette.text, mixed(palette.accent, palette.in_bubble, MENTION_TINT)),
        (palette.meta, mixed(palette.accent, palette.bg, GLOW_UNDER_TEXT)),
    ]
    for ink, ground in pairs:
        assert contrast(QColor(ink), QColor(ground)) >= 4.5, (ink, ground)


def grounds(palette: Palette) -> tuple[str, str]:
    return palette.in_bubble, palette.bg
