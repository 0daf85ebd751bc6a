"""The Debian packages, of a bundle that is one small file: what is in them and who may do what with it."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from bundling import debian

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="only Debian's relatives have its tools")

WHEN = 1_700_000_000


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(debian, "BUILD", tmp_path / "build")
    monkeypatch.setattr(debian, "_depends", lambda root, home: "libc6")
    (tmp_path / "build").mkdir()
    debian.write_metainfo(WHEN)
    folder = tmp_path / "bundle"
    (folder / "licences").mkdir(parents=True)
    (folder / "licences" / "index.json").write_text(json.dumps([{"name": "libz", "kind": "deb"}, {"kind": "pypi"}]))
    for program in ("qtchat", "qtchat-server", "qtchat-cli"):
        (folder / program).write_text(program)
    return [debian.make(package, folder, tmp_path, WHEN) for package in (debian.APP, debian.SERVER)]


def contents(package: Path) -> dict[str, str]:
    """Path -> mode and owner."""
    listing = subprocess.run(["dpkg-deb", "-c", package], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=5) for line in listing.splitlines()]
    return {line[5].removeprefix("."): f"{line[0]} {line[1]}" for line in lines}


def test_app_and_server_share_no_file(packages: list[Path]) -> None:
    app, server = map(contents, packages)
    assert [path for path in app if path in server and not path.endswith("/")] == []
    assert app["/usr/bin/qtchat -> ../lib/qtchat/qtchat"]
    assert "/usr/lib/qtchat/qtchat-server" not in app
    assert server["/usr/bin/qtchat-cli -> ../lib/qtchat-server/qtchat-cli"]
    assert "/usr/lib/systemd/system/qtchat-server.service" in server


def test_all_belongs_to_root_and_only_programs_can_be_run(packages: list[Path]) -> None:
    app = contents(packages[0])
    assert {facts.split()[1] for facts in app.values()} == {"root/root"}
    runnable = [path for path, facts in app.items() if facts.startswith("-") and "x" in facts]
    assert runnable == ["/usr/lib/qtchat/qtchat"]


def test_desktop_finds_icon_and_description(packages: list[Path]) -> None:
    app = contents(packages[0])
    assert "/usr/share/applications/qtchat.desktop" in app
    assert "/usr/share/metainfo/org.qtchat.qtchat.metainfo.xml" in app
    assert "/usr/share/icons/hicolor/48x48/apps/qtchat.png" in app
    assert "/usr/share/icons/hicolor/scalable/apps/qtchat.svg" in app


def test_same_input_makes_the_same_package(
    packages: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = packages[0].read_bytes()
    again = debian.make(debian.APP, tmp_path / "bundle", tmp_path, WHEN)
    assert again.read_bytes() == first


def test_libraries_in_the_bundle_are_not_asked_for(packages: list[Path], tmp_path: Path) -> None:
    assert debian._bundled_packages(tmp_path / "bundle") == ["libz"]
