"""What is made for each system, as far as it can be checked on any: pictures, descriptions, archives."""

import ast
import configparser
import hashlib
import plistlib
import struct
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bundling import archives, icons, macos, place, windows

from qtchat import __version__
from qtchat.net.announcement import SERVICE
from qtchat.net.invitation import SCHEME

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
PNG = b"\x89PNG\r\n\x1a\n"
WHEN = 1_700_000_000


def test_the_version_is_that_of_the_program() -> None:
    assert place.version() == __version__


def test_the_time_is_the_one_that_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(WHEN))
    assert place.build_time() == WHEN
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert place.build_time() == 315_619_200, "before that no zip archive can be"


# -- icons --------------------------------------------------------------------------------------------


def test_icons_have_the_sizes_that_they_say() -> None:
    for size, png in icons.draw((16, 256)).items():
        assert png.startswith(PNG)
        assert struct.unpack(">II", png[16:24]) == (size, size)


def test_icon_of_windows_lists_its_pictures() -> None:
    pictures = {16: PNG + b"small", 256: PNG + b"large"}
    data = icons.ico(pictures)
    assert struct.unpack_from("<HHH", data) == (0, 1, 2)
    for index, (size, png) in enumerate(pictures.items()):
        entry = struct.unpack_from("<BBBBHHII", data, 6 + 16 * index)
        assert entry[0] == size % 256
        assert data[entry[7] : entry[7] + entry[6]] == png


def test_icon_of_macos_is_a_chain_of_pictures() -> None:
    pictures = {128: PNG + b"a", 512: PNG + b"bb"}
    data = icons.icns(pictures)
    assert struct.unpack(">4sI", data[:8]) == (b"icns", len(data))
    assert data[8:12] == b"ic07"
    assert data.endswith(b"ic09" + struct.pack(">I", 8 + 10) + PNG + b"bb")


# -- descriptions -------------------------------------------------------------------------------------


def test_desktop_file_opens_invitations() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # keys are told apart by their case
    parser.read(PACKAGING / "linux" / "qtchat.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "qtchat %u"
    assert f"x-scheme-handler/{SCHEME}" in entry["MimeType"].split(";")


def test_appstream_description_fits_the_desktop_file() -> None:
    root = ElementTree.parse(PACKAGING / "linux" / f"{place.IDENTIFIER}.metainfo.xml").getroot()
    assert root.findtext("id") == place.IDENTIFIER
    assert root.findtext("launchable") == "qtchat.desktop"
    assert f"x-scheme-handler/{SCHEME}" == root.findtext("provides/mediatype")


def test_macos_is_asked_for_the_network_and_the_links() -> None:
    plist = plistlib.loads(plistlib.dumps(macos.info_plist()))
    assert plist["NSBonjourServices"] == [SERVICE.removesuffix(".local.")]
    assert plist["NSLocalNetworkUsageDescription"]
    assert plist["NSHighResolutionCapable"] is True
    assert plist["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == [SCHEME]
    assert plist["CFBundleVersion"] == __version__
    assert plist["CFBundleExecutable"] == "qtchat"
    assert plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())


@pytest.mark.parametrize("program", place.PROGRAMS)
def test_version_resource_is_what_the_builder_evaluates(program: str, tmp_path: Path) -> None:
    text = Path(windows.version_resource(tmp_path, program)).read_text(encoding="utf-8")
    tree = ast.parse(text, mode="eval")
    assert isinstance(tree.body, ast.Call)
    assert f"'OriginalFilename', '{program}.exe'" in text


def test_installer_needs_no_administrator_and_opens_invitations() -> None:
    script = (PACKAGING / "windows" / "qtchat.iss").read_text(encoding="utf-8")
    assert "PrivilegesRequired=lowest" in script
    assert f"Software\\Classes\\{SCHEME}\\shell\\open\\command" in script
    assert "HKLM" not in script
    declared = {
        line.split('"')[1] for line in script.splitlines() if line.startswith("Name:") and "Description" in line
    }
    used = {line.rsplit("Tasks:", 1)[1].strip() for line in script.splitlines() if "; Tasks:" in line}
    assert used == declared


def test_recipe_compiles() -> None:
    compile((PACKAGING / "qtchat.spec").read_text(encoding="utf-8"), "qtchat.spec", "exec")


def test_packaging_is_no_package() -> None:
    assert not (PACKAGING / "__init__.py").exists(), "it would shadow the library of that name"


# -- archives -----------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "qtchat"
    (folder / "_internal").mkdir(parents=True)
    (folder / "qtchat").write_text("program")
    (folder / "qtchat").chmod(0o700)
    (folder / "_internal" / "b").write_text("b")
    (folder / "_internal" / "a").symlink_to("b")
    return folder


def test_archive_is_the_same_whoever_packs_it(folder: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.tar.xz", tmp_path / "2.tar.xz"
    archives.tar_xz(folder, first, WHEN)
    (folder / "_internal" / "b").touch()
    archives.tar_xz(folder, second, WHEN)
    assert first.read_bytes() == second.read_bytes()
    with tarfile.open(first) as archive:
        members = {member.name: member for member in archive.getmembers()}
    assert list(members) == ["qtchat", "qtchat/_internal", "qtchat/_internal/a", "qtchat/_internal/b", "qtchat/qtchat"]
    assert members["qtchat/qtchat"].mode == 0o755
    assert members["qtchat/_internal/b"].mode == 0o644
    assert members["qtchat/_internal/a"].linkname == "b"
    assert {(member.uid, member.uname, member.mtime) for member in members.values()} == {(0, "root", WHEN)}


def test_portable_archive_is_portable(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "portable.zip"
    archives.portable_zip(folder, target, WHEN)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert "qtchat/portable" in archive.namelist()
        assert archive.read("qtchat/qtchat") == b"program"


def test_sums_are_those_of_the_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    archives.write_sums([tmp_path / "b", tmp_path / "a"], tmp_path / "SHA256SUMS")
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [f"{hashlib.sha256(name.encode()).hexdigest()}  {name}" for name in ("a", "b")]
