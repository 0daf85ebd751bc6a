"""What is made for each system, as far as it can be checked on any: pictures, descriptions, archives."""

import ast
import configparser
import hashlib
import importlib.util
import plistlib
import shutil
import struct
import subprocess
import tarfile
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bundling import archives, debian, icons, late, macos, place, shiboken, windows
from PySide6.QtWidgets import QApplication

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
    found = {}
    place = 8
    while place < len(data):
        kind, length = struct.unpack_from(">4sI", data, place)
        found[kind] = data[place + 8 : place + length]
        place += length
    assert found == {b"ic07": PNG + b"a", b"ic09": PNG + b"bb", b"ic14": PNG + b"bb"}


# -- descriptions -------------------------------------------------------------------------------------


def test_desktop_file_opens_invitations() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment]  # keys are told apart by their case
    parser.read(PACKAGING / "linux" / "qtchat.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Exec"] == "qtchat %u"
    assert f"x-scheme-handler/{SCHEME}" in entry["MimeType"].split(";")


def test_appstream_description_fits_the_desktop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "BUILD", tmp_path)
    monkeypatch.setattr(debian, "PUBLISHER", place.Publisher("net.a.b", "A & B", "https://a.net/", "b@a.net"))
    debian.write_metainfo(WHEN)
    text = (tmp_path / "net.a.b.metainfo.xml").read_text(encoding="utf-8")
    assert "@" not in text, "everything is filled in"
    root = ElementTree.fromstring(text)
    assert root.findtext("id") == "net.a.b"
    assert root.find("developer[@id='net.a']/name") is not None
    assert root.findtext("developer_name") == "A & B"
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


def test_disk_image_shows_what_to_drag_where(qapp: QApplication, tmp_path: Path) -> None:
    background = macos.draw_background(tmp_path)
    for name, scale in (("background.png", 1), ("background@2x.png", 2)):
        png = (tmp_path / name).read_bytes()
        assert struct.unpack(">II", png[16:24]) == (macos.WINDOW[0] * scale, macos.WINDOW[1] * scale)
    layout = macos.disk_image(Path("dist/qtchat.app"), background)
    assert layout["symlinks"] == {"Applications": "/Applications"}
    assert set(layout["icon_locations"]) == {"qtchat.app", "Applications"}  # type: ignore[call-overload]


def test_publisher_is_named_in_one_place() -> None:
    here = "publisher.toml"
    for path in [*PACKAGING.rglob("*"), *(PACKAGING.parent / ".github").rglob("*")]:
        if path.is_file() and "__pycache__" not in path.parts and path.name != here:
            text = path.read_text(encoding="utf-8")
            for value in (place.PUBLISHER.identifier, place.PUBLISHER.homepage, place.PUBLISHER.address):
                assert value not in text, f"{path} says {value}: it belongs into {here}"


@pytest.mark.parametrize("program", place.PROGRAMS)
def test_version_resource_is_what_the_builder_evaluates(program: str, tmp_path: Path) -> None:
    text = Path(windows.version_resource(tmp_path, program)).read_text(encoding="utf-8")
    tree = ast.parse(text, mode="eval")
    assert isinstance(tree.body, ast.Call)
    assert f"'OriginalFilename', '{program}.exe'" in text


def test_programs_are_signed_where_there_is_a_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    status = 0

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(command)
        return subprocess.CompletedProcess(command, status, "no such key", "")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.delenv("QTCHAT_CERTIFICATE", raising=False)
    windows.sign([Path("qtchat.exe")])
    assert asked == []
    monkeypatch.setenv("QTCHAT_CERTIFICATE", "key.pfx")
    windows.sign([Path("qtchat.exe"), Path("qtchat-cli.exe")])
    (command,) = asked
    assert command[:4] == ["signtool", "sign", "/f", "key.pfx"]
    assert command[-2:] == ["qtchat.exe", "qtchat-cli.exe"]
    status = 1
    with pytest.raises(windows.SignError, match="no such key"):
        windows.sign([Path("qtchat.exe")])


def test_installer_needs_no_administrator_and_opens_invitations() -> None:
    script = (PACKAGING / "windows" / "qtchat.iss").read_text(encoding="utf-8")
    assert "PrivilegesRequired=lowest" in script
    assert f"Software\\Classes\\{SCHEME}\\shell\\open\\command" in script
    assert "HKLM" not in script
    declared = {
        line.split('"')[1] for line in script.splitlines() if line.startswith("Name:") and "Description" in line
    }
    used = {line.rsplit("Tasks:", 1)[1].partition(";")[0].strip() for line in script.splitlines() if "; Tasks:" in line}
    assert used == declared


def test_what_is_loaded_by_name_is_found(tmp_path: Path) -> None:
    found = late.loaded_by_name(PACKAGING.parent / "qtchat")
    assert {"qtchat.server.app", "qtchat.client.discovery", "qtchat.client.doctor", "cryptography.x509"} <= set(found)
    (tmp_path / "x.py").write_text("import importlib\nimportlib.import_module(name)\n")
    with pytest.raises(ValueError, match=r"x\.py:2"):
        late.loaded_by_name(tmp_path)


def test_modules_inside_of_a_library_are_compiled(tmp_path: Path) -> None:
    made = {place: Path(file) for file, place in shiboken.modules(tmp_path) if "loader" in file}
    assert list(made) == ["shiboken6/files.dir/shibokensupport/signature"]
    (file,) = made.values()
    header = file.read_bytes()[:8]
    assert header == importlib.util.MAGIC_NUMBER + b"\x01\0\0\0", "no time and no hash of a source is compared"
    assert str(tmp_path).encode() not in file.read_bytes()


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
