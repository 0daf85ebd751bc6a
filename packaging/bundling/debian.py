"""Packages for Debian and its relatives, made of the finished folders with Debian's own basic tools."""

import gzip
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from bundling.icons import LINUX_SIZES, SVG, draw
from bundling.place import BUILD, PROGRAMS, PUBLISHER, ROOT, version

TOOLS: Final = ("dpkg-deb", "dpkg-shlibdeps")
"""From the Debian packages dpkg and dpkg-dev."""
FILES: Final = ROOT / "packaging" / "linux"
DESKTOP_FILE: Final = FILES / "qtchat.desktop"
MAINTAINER: Final = f"{PUBLISHER.name} <{PUBLISHER.address}>"

_POSTINST: Final = """#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload
    if [ -n "$2" ]; then
        deb-systemd-invoke try-restart qtchat-server.service
    fi
fi
"""
_PRERM: Final = """#!/bin/sh
set -e
if [ -d /run/systemd/system ] && [ "$1" = remove ]; then
    deb-systemd-invoke stop qtchat-server.service
fi
"""
_POSTRM: Final = """#!/bin/sh
set -e
if [ "$1" = remove ]; then
    rm -f /etc/systemd/system/multi-user.target.wants/qtchat-server.service
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload
    fi
fi
"""
_OVERRIDES: Final = """# A bundle brings its libraries along, so that it is the same on every system.
{package}: custom-library-search-path *
{package}: embedded-library *
{package}: shared-library-lacks-prerequisites *
{package}: library-not-linked-against-libc *
# Its modules serve the Python in the bundle, and no other.
{package}: package-installs-python-bytecode *
# This is how PyInstaller builds the program that starts Python.
{package}: hardening-no-pie *
"""


@dataclass(frozen=True)
class Package:
    """One .deb. `programs`: those of the folder that it has, with a command in /usr/bin each."""

    name: str
    programs: tuple[str, ...]
    summary: str
    description: str
    more: str
    """Fields of the control file beyond the usual ones, each with its line end."""
    furnish: Callable[[Path], None]
    """Puts what else there is below the root of the package."""


def _furnish_app(root: Path) -> None:
    share = root / "usr" / "share"
    _copy(DESKTOP_FILE, share / "applications" / "qtchat.desktop")
    _copy(metainfo(), share / "metainfo" / metainfo().name)
    icons = share / "icons" / "hicolor"
    for size, png in draw(LINUX_SIZES).items():
        path = icons / f"{size}x{size}" / "apps" / "qtchat.png"
        path.parent.mkdir(parents=True)
        path.write_bytes(png)
    _copy(SVG, icons / "scalable" / "apps" / "qtchat.svg")


def _furnish_server(root: Path) -> None:
    unit = "qtchat-server.service"
    _copy(ROOT / "packaging" / "systemd" / unit, root / "usr" / "lib" / "systemd" / "system" / unit)
    for name, text in (("postinst", _POSTINST), ("prerm", _PRERM), ("postrm", _POSTRM)):
        path = root / "DEBIAN" / name
        path.write_text(text)
        path.chmod(0o755)


APP: Final = Package(
    "qtchat",
    ("qtchat",),
    "chat for the people in one place",
    " Somebody starts a chat, the others on the network see it, type a name and\n"
    " talk. There is no account and no cloud, and no internet is needed. What was\n"
    " acknowledged is never lost, shown twice or shown out of order.\n",
    "Recommends: fonts-noto-color-emoji, xdg-utils\nSuggests: qtchat-server\n",
    _furnish_app,
)
SERVER: Final = Package(
    "qtchat-server",
    ("qtchat-server", "qtchat-cli"),
    "chat server for the people in one place",
    " A chat on a computer that is always on, without a screen: a service that\n"
    " needs no configuration, and qtchat-cli to read and write from a shell.\n"
    " Start it with: systemctl enable --now qtchat-server\n",
    "Enhances: qtchat\n",
    _furnish_server,
)


def can_package() -> bool:
    """Whether the tools are here."""
    return all(shutil.which(tool) for tool in TOOLS)


def metainfo() -> Path:
    """Where the AppStream description is once it is written."""
    return BUILD / f"{PUBLISHER.identifier}.metainfo.xml"


def write_metainfo(when: int) -> None:
    """Fill in the AppStream description. `when`: of the release, seconds since 1970."""
    text = (FILES / "qtchat.metainfo.xml").read_text(encoding="utf-8")
    values = {
        "IDENTIFIER": PUBLISHER.identifier,
        "DEVELOPER": PUBLISHER.developer,
        "PUBLISHER": PUBLISHER.name,
        "HOMEPAGE": PUBLISHER.homepage,
        "VERSION": version(),
        "DATE": time.strftime("%Y-%m-%d", time.gmtime(when)),
    }
    for name, value in values.items():
        text = text.replace(f"@{name}@", escape(value))
    metainfo().write_text(text, encoding="utf-8")


def make(package: Package, folder: Path, dist: Path, when: int) -> Path:
    """Pack the bundle in `folder` into a .deb in `dist`; returns its path. `when`: seconds since 1970."""
    root = BUILD / "deb" / package.name
    shutil.rmtree(root, ignore_errors=True)
    home = root / "usr" / "lib" / package.name
    others = set(PROGRAMS) - set(package.programs)
    shutil.copytree(folder, home, symlinks=True, ignore=lambda at, _: others if Path(at) == folder else set())
    (root / "DEBIAN").mkdir()
    for program in package.programs:
        link = root / "usr" / "bin" / program
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../lib/{package.name}/{program}")
        manual = (FILES / f"{program}.1").read_text().replace("@VERSION@", version())
        _write_gz(root / "usr" / "share" / "man" / "man1" / f"{program}.1.gz", manual)
    package.furnish(root)
    doc = root / "usr" / "share" / "doc" / package.name
    _copy(_copyright(), doc / "copyright")
    _write_gz(doc / "changelog.gz", _changelog(package.name, when))
    overrides = root / "usr" / "share" / "lintian" / "overrides" / package.name
    overrides.parent.mkdir(parents=True)
    overrides.write_text(_OVERRIDES.format(package=package.name))
    _set_modes(root, home)
    architecture = _output(["dpkg", "--print-architecture"])
    size = sum(path.lstat().st_size for path in root.rglob("*") if path.is_file()) // 1024
    control = (
        f"Package: {package.name}\nVersion: {version()}\nArchitecture: {architecture}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\nDepends: {_depends(root, home)}\n{package.more}Section: net\nPriority: optional\n"
        f"Homepage: {PUBLISHER.homepage}\nDescription: {package.summary}\n{package.description}"
    )
    (root / "DEBIAN" / "control").write_text(control)
    target = dist / f"{package.name}_{version()}_{architecture}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", str(root), str(target)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(when)}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return target


def _depends(root: Path, home: Path) -> str:
    """The packages whose libraries the bundle is linked with and does not bring along."""
    place = BUILD / "deb" / "shlibdeps"
    (place / "debian").mkdir(parents=True, exist_ok=True)
    (place / "debian" / "control").write_text("Source: qtchat\n\nPackage: qtchat\nArchitecture: any\n")
    binaries = [path for path in sorted(home.rglob("*")) if path.is_file() and not path.is_symlink() and _is_elf(path)]
    folders = sorted({str(path.parent) for path in binaries})
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", "--warnings=0", f"-S{root}"]
    command += [f"-l{folder}" for folder in folders] + [f"-e{path}" for path in binaries]
    command += [f"-x{name}" for name in _bundled_packages(home)]
    return _output(command, place).partition("=")[2]


def _bundled_packages(home: Path) -> list[str]:
    """The Debian packages that some of the libraries in the bundle were taken from: those need not be there."""
    (index,) = home.rglob("licences/index.json")
    return [part["name"] for part in json.loads(index.read_text(encoding="utf-8")) if part["kind"] == "deb"]


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _copyright() -> Path:
    return FILES / "copyright"


def _changelog(name: str, when: int) -> str:
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(when))
    what = f"{name} ({version()}) unstable; urgency=medium\n\n  * See CHANGELOG.md of qtchat.\n"
    return f"{what}\n -- {MAINTAINER}  {date}\n"


def _write_gz(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _set_modes(root: Path, home: Path) -> None:
    """Everybody may read, root may write, and only programs and scripts can be run."""
    programs = {path for path in home.iterdir() if path.is_file()} | set((root / "DEBIAN").glob("p*"))
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path in programs else 0o644)


def _output(command: Iterable[str], folder: Path | None = None) -> str:
    return subprocess.run(list(command), check=True, capture_output=True, text=True, cwd=folder).stdout.strip()
