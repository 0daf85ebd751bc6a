"""Design tokens: every colour, distance and radius of the program, once. No Qt."""

from typing import Final

from msgspec import Struct

SPACE_4: Final = 4
SPACE_8: Final = 8
SPACE_12: Final = 12
SPACE_16: Final = 16
SPACE_24: Final = 24
SPACE_32: Final = 32

RADIUS_FIELD: Final = 6
RADIUS_BUTTON: Final = 8
RADIUS_ROW: Final = 10
RADIUS_BUBBLE: Final = 12


class Palette(Struct, frozen=True):
    """The colours of one theme, each "#RRGGBB". Text on its ground has contrast >= 4.5, controls >= 3.

    `people`: eight colours for names and avatars.
    """

    bg: str
    side: str
    chat: str
    line: str
    text: str
    sub: str
    accent: str
    on_accent: str
    in_bubble: str
    out_bubble: str
    link: str
    out_link: str
    meta: str
    out_meta: str
    out_danger: str
    active_row: str
    on_active: str
    active_sub: str
    danger: str
    ok: str
    warn: str
    date_pill: str
    field_border: str
    people: tuple[str, ...]


LIGHT: Final = Palette(
    bg="#FFFFFF",
    side="#F7F9FB",
    chat="#EEF2F6",
    line="#DCE3EA",
    text="#17212B",
    sub="#5D6B79",
    accent="#1F6FC4",
    on_accent="#FFFFFF",
    in_bubble="#FFFFFF",
    out_bubble="#D9ECFF",
    link="#1F6FC4",
    out_link="#185A9F",
    meta="#5D6B79",
    out_meta="#41698F",
    out_danger="#B42525",
    active_row="#1F6FC4",
    on_active="#FFFFFF",
    active_sub="#FFFFFF",
    danger="#C62F2F",
    ok="#1B7F3B",
    warn="#8A5A00",
    date_pill="#5B6B7A",
    field_border="#8693A0",
    people=("#B3261E", "#1F6FC4", "#1B7F3B", "#9A5B00", "#6B45C6", "#0B7285", "#B2431A", "#A61E6B"),
)

DARK: Final = Palette(
    bg="#17212B",
    side="#131C26",
    chat="#0E1621",
    line="#2A3846",
    text="#E9EEF3",
    sub="#93A4B5",
    accent="#5FA8EE",
    on_accent="#0B1520",
    in_bubble="#1D2A37",
    out_bubble="#2B5278",
    link="#5FA8EE",
    out_link="#A8D3FF",
    meta="#93A4B5",
    out_meta="#B5D3EF",
    out_danger="#FFB4AB",
    active_row="#2B5278",
    on_active="#FFFFFF",
    active_sub="#C6DBF0",
    danger="#FF7B72",
    ok="#6FD08C",
    warn="#F2B866",
    date_pill="#3A4A5A",
    field_border="#6B7D8F",
    people=("#FF8A80", "#7DB8F7", "#7FD99A", "#F2B866", "#B9A1FF", "#66D3E0", "#FFA274", "#FF8CC6"),
)
