"""What of Qt goes into the bundle: the plugins that qtchat uses, and the libraries that these need."""

import posixpath
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import Final

Entry = tuple[str, str, str]
"""A line of PyInstaller's tables: name in the bundle, file on this computer (or target of a link), kind."""

PLUGINS: Final = {
    "platforms": ("qxcb", "qwayland", "qoffscreen", "qwindows", "qdirect2d", "qcocoa"),
    "imageformats": ("qgif", "qico", "qjpeg", "qsvg", "qwebp"),
    "iconengines": ("qsvgicon",),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platformthemes": ("qxdgdesktopportal",),  # not qgtk3, which drags in GTK
    "styles": ("qmodernwindowsstyle", "qmacstyle"),
    "wayland-decoration-client": ("adwaita", "bradient"),
    "wayland-shell-integration": ("qt-shell", "xdg-shell"),
}
"""Folder of plugins -> those that are kept. Everything is drawn in memory, so nothing that speaks OpenGL is."""
LANGUAGES: Final = ("en", "ru")

LEFT_TO_LINUX: Final = (
    *("libX11", "libX11-xcb", "libXau", "libXdmcp", "libbsd", "libmd"),
    *("libfontconfig", "libfreetype", "libpng16", "libbrotlicommon", "libbrotlidec", "libexpat"),
    *("libglib-2", "libgthread-2", "libpcre2-8", "libgcc_s", "libstdc++"),
    *("libdbus-1", "libsystemd", "libcap", "libgcrypt", "libgpg-error", "liblz4", "libzstd"),
    *("libgssapi_krb5", "libkrb5", "libk5crypto", "libkrb5support", "libcom_err", "libkeyutils"),
)
"""Libraries that every desktop has, keeps up to date, and has tuned to itself (fonts, the display)."""

EXCLUDED_MODULES: Final = (
    "PyInstaller",
    "_pytest",
    "alembic.testing",
    "curses",
    "doctest",
    "ensurepip",
    "hypothesis",
    "idlelib",
    "lib2to3",
    "multiprocessing",
    "mypy",
    "pip",
    "pkg_resources",
    "pydoc_data",
    "pygments",
    "pytest",
    "readline",  # GNU's, and under its strict licence
    "setuptools",
    "sqlalchemy.testing",
    "test",
    "tkinter",
    "turtledemo",
    "unittest",
    "xmlrpc",
)


def _parts(entry: Entry) -> tuple[str, ...]:
    return PurePath(entry[0].replace("\\", "/")).parts


def is_plugin(entry: Entry) -> bool:
    """Whether it is a plugin of Qt's."""
    return "plugins" in _parts(entry)[:-1]


def is_wanted(entry: Entry) -> bool:
    """False for plugins and translations of Qt that qtchat does not use, and for what the system has by itself."""
    parts = _parts(entry)
    if len(parts) == 1 and ".so" in parts[0] and parts[0].partition(".")[0] in LEFT_TO_LINUX:
        return False
    if parts[0] == "PySide6" and "translations" in parts:
        base, _, language = PurePath(parts[-1]).stem.partition("_")
        return base in ("qt", "qtbase") and language in LANGUAGES
    if is_plugin(entry):
        folder, name = parts[parts.index("plugins") + 1], PurePath(parts[-1]).stem
        return name.removeprefix("lib") in PLUGINS.get(folder, ())
    return not parts[0].endswith(".dist-info")


def without_orphans(entries: Iterable[Entry], imports: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Leave out the libraries that came along only for a plugin that is not kept.

    `imports`: gives the names (without folders) of the libraries that a file is linked with.
    """
    wanted = [entry for entry in entries if is_wanted(entry)]
    by_name: dict[str, list[Entry]] = {}
    for entry in wanted:
        by_name.setdefault(_parts(entry)[-1].lower(), []).append(entry)
    waiting = [entry for entry in wanted if _is_root(entry)]
    kept = set(waiting)
    while waiting:
        entry = waiting.pop()
        names = [PurePath(entry[1]).name] if entry[2] == "SYMLINK" else imports(entry[1])
        for name in names:
            for found in by_name.get(name.lower(), ()):
                if found not in kept:
                    kept.add(found)
                    waiting.append(found)
    return [entry for entry in wanted if entry in kept]


def without_dangling(entries: Iterable[Entry], kept: Iterable[Entry]) -> list[Entry]:
    """Leave out the links whose target, a file or a folder, is not in the bundle; it may be behind other links."""
    entries = list(entries)
    files = [entry for entry in (*entries, *kept) if entry[2] != "SYMLINK"]
    names = {name.as_posix() for entry in files for name in (PurePath(entry[0]), *PurePath(entry[0]).parents)}
    links = {entry[0]: _target(entry) for entry in (*entries, *kept) if entry[2] == "SYMLINK"}

    def leads_somewhere(name: str) -> bool:
        for _ in links:  # that many steps at most, or it goes in circles
            link = next((link for link in links if name == link or name.startswith(f"{link}/")), None)
            if link is None:
                break
            name = links[link] + name.removeprefix(link)
        return name in names

    return [entry for entry in entries if entry[2] != "SYMLINK" or leads_somewhere(entry[0])]


def _target(link: Entry) -> str:
    """Where it leads, as a name in the bundle."""
    return posixpath.normpath(f"{posixpath.dirname(link[0])}/{link[1]}").lstrip("/")


def _is_root(entry: Entry) -> bool:
    """Whether it is loaded by name, and not because another file is linked with it."""
    name = _parts(entry)[-1].lower()
    return entry[2] == "EXTENSION" or is_plugin(entry) or name.startswith(("libpython", "python", "vcruntime"))
