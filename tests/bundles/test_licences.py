"""Whose work is in a bundle: every file has an owner, every owner a text, and nothing came along by accident."""

import json
import sys
from pathlib import Path

import cryptography
import msgspec
import pytest
import segno
from bundling import icu, licences, measure, neutral
from bundling.licences import Component, LicenceError

ROOT = Path(__file__).resolve().parents[2]


def test_owners_of_files_are_found_with_their_texts() -> None:
    parts = licences.components(
        [segno.__file__, msgspec.__file__, str(ROOT / "qtchat" / "__init__.py"), str(ROOT / "resources/icons/x.svg")]
    )
    found = {part.name: part for part in parts}
    assert found["segno"].licence == "BSD License"
    assert found["segno"].kind == "pypi"
    assert "Redistribution" in found["msgspec"].text
    assert "ISC License" in found["Icons of qtchat"].text
    assert found["Python"].text.startswith("A. HISTORY OF THE SOFTWARE")
    assert "Mersenne Twister" in found["Python"].text, "others' work in it"
    assert found["qtchat"].licence == "MIT"


def test_what_is_compiled_into_a_part_is_named() -> None:
    (found,) = (part for part in licences.components([cryptography.__file__]) if part.name == "cryptography")
    assert "\npyo3 " in found.text
    assert "\nopenssl " in found.text


def test_qt_has_the_texts_that_its_packages_lack() -> None:
    import PySide6

    (qt,) = (part for part in licences.components([PySide6.__file__]) if part.name.lower().startswith("pyside6"))
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in qt.text
    assert "https://download.qt.io/" in qt.text


def test_file_without_an_owner_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(LicenceError, match=r"strange\.so"):
        licences.components([str(tmp_path / "strange.so")])


def test_part_without_a_text_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "ADDED_TEXTS", {})
    import PySide6

    with pytest.raises(LicenceError, match="no licence text"):
        licences.components([PySide6.__file__])


def test_what_nobody_asks_for_stops_the_build() -> None:
    assert {"msgspec", "sqlalchemy", "cffi", "pyside6-essentials"} <= licences.allowed(["app"])
    assert "pyside6-essentials" not in licences.allowed([])
    good, stray = (Component(name, "1", "MIT", "pypi", "text") for name in ("msgspec", "pytest"))
    licences.check_allowed([good], [])
    with pytest.raises(LicenceError, match="pytest"):
        licences.check_allowed([good, stray], [])


def test_the_list_is_what_the_app_reads(tmp_path: Path) -> None:
    licences.write(tmp_path, [Component("A b/c", "1", "MIT", text="Text")])
    (entry,) = json.loads((tmp_path / "index.json").read_text())
    assert entry == {"name": "A b/c", "version": "1", "licence": "MIT", "kind": "generic", "file": "A-b-c.txt"}
    assert (tmp_path / "A-b-c.txt").read_text() == "Text"


# -- what else is changed on the way ------------------------------------------------------------------


def test_paths_of_the_builder_become_neutral_ones_of_the_same_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "base_prefix", "/home/anna/python/3.11.7")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("sysconfig.get_config_var", {"abs_builddir": "/tmp/anna/Python-3.11.7"}.get)
    library = tmp_path / "lib.so"
    library.write_bytes(b"\0/home/anna/python/3.11.7\0/home/anna/python/3.11.7/lib\0/tmp/anna/Python-3.11.7/x.c\0")
    copy = neutral.neutral(library, tmp_path / "copies")
    assert copy.read_bytes() == (
        b"\0/usr//////////////3.11.7\0/usr//////////////3.11.7/lib\0/usr//////Python-3.11.7/x.c\0"
    )
    assert b"anna" in library.read_bytes(), "the original is not touched"
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    assert neutral.neutral(library, tmp_path / "copies") == library


def test_table_of_icu_keeps_what_is_spoken_here() -> None:
    header = b"\x20\x00\xda\x27" + bytes(8) + b"CmnD" + bytes(16)
    names = ("coll/root.res", "coll/ru.res", "coll/ja.res", "de.res", "en_GB.res", "curr/pool.res", "curr/en.res")
    files = {f"icudt73l/{name}": name.encode() for name in (*names, "ibm-37.cnv", "nfkc.nrm", "zoneinfo64.res")}
    again = icu.read_table(icu.write_table(header, files))
    assert {name: body.rstrip(b"\0") for name, body in again.items()} == files
    kept = {name.removeprefix("icudt73l/") for name in files if icu.is_wanted(name)}
    assert kept == {"coll/root.res", "coll/ru.res", "en_GB.res", "curr/pool.res", "nfkc.nrm", "zoneinfo64.res"}
    with pytest.raises(ValueError, match="no table"):
        icu.read_table(bytes(64))


def test_report_says_what_is_too_large() -> None:
    table, fits = measure.report(
        {"folder": 130_000_000, "portable .zip": 999_000_000}, {"first paint": [0.2, 0.3, 0.9]}
    )
    assert fits
    assert "130.0 MB  (at most 130)" in table
    assert "0.30 s   (median of 3; fastest 0.20, aim 0.40)" in table
    assert not measure.report({"folder": 130_000_001}, {})[1]
