"""QR codes of characters say what they should, to a reader of pictures."""

import zxingcpp

from qtchat.server.qr import qr_text

LINK = "qtchat://192.168.1.5:47300,[fd00::1]:47300/#ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"
INK = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def picture(text: str, module: int = 4) -> memoryview:
    """What a terminal with black ink on white ground shows."""
    rows: list[bytes] = []
    for line in text.splitlines():
        for half in (0, 1):
            row = b"".join(bytes([0 if INK[character][half] else 255]) * module for character in line)
            rows += [row] * module
    return memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0])))


def test_a_reader_finds_the_link() -> None:
    (code,) = zxingcpp.read_barcodes(picture(qr_text(LINK, colours=False)))
    assert code.text == LINK


def test_with_colours_it_is_black_on_white_whatever_the_terminal_is() -> None:
    plain, coloured = qr_text(LINK, colours=False).splitlines(), qr_text(LINK, colours=True).splitlines()
    assert coloured == [f"\x1b[30;107m{line}\x1b[0m" for line in plain]
