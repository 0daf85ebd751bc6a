"""What of Qt goes into a bundle."""

import pytest
from bundling import slim
from bundling.slim import Entry

QT = "PySide6/Qt"
BINARY, EXTENSION, LINK = "BINARY", "EXTENSION", "SYMLINK"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (f"{QT}/plugins/platforms/libqxcb.so", True),
        (f"{QT}/plugins/platforms/libqeglfs.so", False),
        (f"{QT}/plugins/platformthemes/libqgtk3.so", False),
        (f"{QT}/plugins/tls/libqopensslbackend.so", False),
        ("PySide6\\plugins\\platforms\\qwindows.dll", True),
        ("PySide6\\plugins\\imageformats\\qpdf.dll", False),
        (f"{QT}/translations/qtbase_ru.qm", True),
        (f"{QT}/translations/qtbase_de.qm", False),
        (f"{QT}/translations/qt_help_ru.qm", False),
        ("qtchat/resources/translations/qtchat_de.qm", True),
        ("qtchat-0.1.0.dist-info/RECORD", False),
        ("libX11.so.6", False),
        ("libxcb-cursor.so.0", True),
        ("libz.so.1", True),
    ],
)
def test_what_is_kept(name: str, wanted: bool) -> None:
    assert slim.is_wanted((name, "/x", BINARY)) is wanted


def test_libraries_of_what_is_not_kept_go_too() -> None:
    entries: list[Entry] = [
        (f"{QT}/plugins/platforms/libqxcb.so", "/q/libqxcb.so", BINARY),
        (f"{QT}/plugins/platforms/libqeglfs.so", "/q/libqeglfs.so", BINARY),
        (f"{QT}/lib/libQt6XcbQpa.so.6", "/q/libQt6XcbQpa.so.6", BINARY),
        (f"{QT}/lib/libQt6EglFs.so.6", "/q/libQt6EglFs.so.6", BINARY),
        (f"{QT}/lib/libQt6Core.so.6", "/q/libQt6Core.so.6", BINARY),
        ("PySide6/QtCore.abi3.so", "/q/QtCore.abi3.so", EXTENSION),
        ("libpython3.11.so.1.0", "/p/libpython3.11.so.1.0", BINARY),
    ]
    linked = {
        "/q/libqxcb.so": ["libQt6XcbQpa.so.6"],
        "/q/libqeglfs.so": ["libQt6EglFs.so.6"],
        "/q/QtCore.abi3.so": ["libQt6Core.so.6"],
    }
    kept = slim.without_orphans(entries, lambda path: linked.get(path, []))
    assert kept == [entry for entry in entries if "egl" not in entry[0].lower()]


def test_links_that_would_lead_nowhere_go() -> None:
    kept: list[Entry] = [(f"{QT}/lib/libQt6Core.so.6", "/q/libQt6Core.so.6", BINARY)]
    good: Entry = ("libQt6Core.so.6", f"{QT}/lib/libQt6Core.so.6", LINK)
    bad: Entry = ("libQt6EglFs.so.6", f"{QT}/lib/libQt6EglFs.so.6", LINK)
    data: Entry = ("icons/x.svg", "/x.svg", "DATA")
    assert slim.without_dangling([good, bad, data], kept) == [good, data]


def test_links_of_macos_lead_over_other_links() -> None:
    frame = "PySide6/Qt/lib/QtCore.framework"
    kept: list[Entry] = [(f"{frame}/Versions/A/QtCore", "/q/QtCore", BINARY)]
    links: list[Entry] = [
        (f"{frame}/Versions/Current", "A", LINK),
        (f"{frame}/QtCore", "Versions/Current/QtCore", LINK),
    ]
    gone: list[Entry] = [(f"{frame}/Resources", "Versions/Current/Resources", LINK), ("a", "b", LINK), ("b", "a", LINK)]
    assert slim.without_dangling([*links, *gone], kept) == links
