"""ICU's data without the languages and alphabets that qtchat does not speak: 4 MB in the place of 32.

On Linux Qt brings ICU along. Its data is one table of files inside of a library; here is a smaller table in a library
that the system's assembler and linker make, as ICU's own build does. Sorting, upper and lower case go on as before.
"""

import re
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Final

LANGUAGES: Final = ("en", "ru")
NEVER: Final = ("brkitr", "curr", "rbnf", "translit", "unit", "zone")
"""Folders of the table that serve what Qt does by itself or not at all: breaking lines, spelling numbers out."""
ENDINGS_LEFT_OUT: Final = (".cnv",)
"""Tables of the alphabets from before Unicode."""

_LOCALE: Final = re.compile(r"([a-z]{2,3})(_[A-Za-z0-9]+)*\.res")
_NO_LANGUAGES: Final = frozenset(("res_index.res", "pool.res"))


def read_table(data: bytes) -> dict[str, bytes]:
    """The files of an ICU data package, by their names. Raises ValueError if it is none."""
    header, magic = struct.unpack_from("<HH", data)
    if magic != 0x27DA or data[12:16] != b"CmnD":
        raise ValueError("this is no table of ICU data, or one for another kind of computer")
    count = struct.unpack_from("<I", data, header)[0]
    places = [struct.unpack_from("<II", data, header + 4 + 8 * index) for index in range(count)]
    ends = [place[1] for place in places[1:]] + [len(data) - header]
    files = {}
    for (name, start), end in zip(places, ends, strict=True):
        text = data[header + name : data.index(b"\0", header + name)].decode("ascii")
        files[text] = data[header + start : header + end]
    return files


def write_table(header: bytes, files: dict[str, bytes]) -> bytes:
    """The opposite of read_table. `header`: of the package that the files are from."""
    names = b""
    bodies = b""
    places = []
    first_name = 4 + 8 * len(files)
    total = sum(len(name) + 1 for name in files)
    first_body = -(-(first_name + total) // 16) * 16
    for name, body in sorted(files.items()):
        places.append(struct.pack("<II", first_name + len(names), first_body + len(bodies)))
        names += name.encode("ascii") + b"\0"
        bodies += body.ljust(-(-len(body) // 16) * 16, b"\0")
    contents = struct.pack("<I", len(files)) + b"".join(places) + names
    return header + contents.ljust(first_body, b"\0") + bodies


def is_wanted(name: str) -> bool:
    """Whether a file of the table is kept."""
    _, *folders, last = name.split("/")
    if folders[:1] and folders[0] in NEVER and last not in _NO_LANGUAGES:
        return False
    if last.endswith(ENDINGS_LEFT_OUT):
        return False
    locale = _LOCALE.fullmatch(last)
    return locale is None or last in _NO_LANGUAGES or locale[1] in LANGUAGES


def slim(library: Path, folder: Path) -> Path:
    """Make the small data library beside which libicuuc does not notice a difference, in `folder`; returns its path.

    Raises ValueError for a library of another form, subprocess.CalledProcessError if it cannot be made.
    """
    symbol = f"icudt{library.name.rpartition('.')[2]}_dat"
    content = library.read_bytes()
    start = content.index(b"CmnD") - 12
    header = content[start : start + struct.unpack_from("<H", content, start)[0]]
    kept = {name: body for name, body in read_table(content[start:]).items() if is_wanted(name)}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "icu.dat").write_bytes(write_table(header, kept))
    (folder / "icu.s").write_text(
        f".section .rodata\n.balign 16\n.globl {symbol}\n.type {symbol},%object\n"
        f'{symbol}: .incbin "icu.dat"\n.size {symbol}, .-{symbol}\n.section .note.GNU-stack,"",%progbits\n'
    )
    result = folder / library.name
    subprocess.run(["as", "-o", "icu.o", "icu.s"], cwd=folder, check=True)
    linking = ["ld", "-shared", "--build-id=sha1", "-z", "noexecstack", "-soname", library.name]
    subprocess.run([*linking, "-o", str(result), "icu.o"], cwd=folder, check=True)
    return result


def can_slim() -> bool:
    """Whether this system has an assembler and a linker."""
    return shutil.which("as") is not None and shutil.which("ld") is not None
