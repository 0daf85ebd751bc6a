"""Whose work is in a bundle, and under which licence: every file is traced to its owner, every owner to a text.

A bundle with a file that nobody owns, or an owner without a text, is not made.
"""

import functools
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bundling.place import BUILD, ROOT, version

TEXTS: Final = ROOT / "packaging" / "licences"
QT_TEXTS: Final = ("Qt.txt", "LGPL-3.0.txt", "GPL-3.0.txt")
ADDED_TEXTS: Final = {"pyside6-essentials": QT_TEXTS, "shiboken6": QT_TEXTS}
"""Distributions that come without the texts that they name."""
TEXT_NAME: Final = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|AUTHORS).*", re.IGNORECASE)
PYTHON: Final = "Python"


class LicenceError(Exception):
    """Something is bundled that may not be; the text says what."""


@dataclass
class Component:
    """Somebody's work. `kind`: pypi, deb or generic, as in a package URL. `text`: all its licences."""

    name: str
    version: str
    licence: str
    kind: str = "generic"
    text: str = field(default="", repr=False)


def components(sources: Iterable[str]) -> list[Component]:
    """The owners of these files of this computer, by name. Raises LicenceError."""
    owner = _distribution_files()
    name: str
    found: dict[str, Component] = {}
    system: set[Path] = set()
    unknown = []
    for source in sorted(set(sources)):
        path = Path(source)
        distribution = owner.get(os.path.normcase(os.path.realpath(path)))
        if distribution is not None:
            name = canonicalize_name(distribution.name)
            if name not in found:
                found[name] = _from_distribution(distribution)
            if path.name.startswith("libicu"):
                found["icu"] = _vendored("ICU", path.name.rpartition(".")[2], "Unicode-3.0", "ICU.txt")
        elif _is_below(path, ROOT / "qtchat") or _is_below(path, ROOT / "packaging") or _is_below(path, BUILD):
            pass  # ours, added below
        elif _is_below(path, ROOT / "resources"):
            for notice in path.parents[0].glob("LICENSE.txt"):
                name = f"{notice.parent.name} of qtchat"
                found[name] = Component(name.capitalize(), "", "see the text", text=_read(notice))
        elif _is_below(path, Path(sys.base_prefix)) and (sys.base_prefix != "/usr" or "python3" in path.as_posix()):
            found[PYTHON] = _python()
        elif sys.platform == "linux":
            system.add(path)
        else:
            unknown.append(source)
    for path in system:
        package = _debian_package(path)
        if package is None:
            unknown.append(str(path))
        else:
            found[package.name] = package
    found["qtchat"] = Component("qtchat", version(), "MIT", text=_read(ROOT / "LICENSE"))
    found[PYTHON] = _python()
    result = sorted(found.values(), key=lambda component: component.name.lower())
    _check(result, unknown)
    return result


def write(folder: Path, parts: list[Component]) -> None:
    """One text for each component, and index.json with their names, versions and licences."""
    folder.mkdir(parents=True, exist_ok=True)
    index = []
    for part in parts:
        file = re.sub(r"[^A-Za-z0-9.+-]+", "-", part.name) + ".txt"
        (folder / file).write_text(part.text, encoding="utf-8", newline="\n")
        index.append(
            {"name": part.name, "version": part.version, "licence": part.licence, "kind": part.kind, "file": file}
        )
    (folder / "index.json").write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def allowed(extras: Iterable[str]) -> set[str]:
    """The distributions that qtchat asks for, with all that they ask for, on this system; and PyInstaller's start."""
    wanted = {"pyinstaller"}
    waiting = [("qtchat", frozenset(extras))]
    seen = set()
    while waiting:
        name, wanted_extras = waiting.pop()
        if (name, wanted_extras) in seen:
            continue
        seen.add((name, wanted_extras))
        wanted.add(name)
        for text in importlib.metadata.requires(name) or ():
            requirement = Requirement(text)
            asked = [{"extra": extra} for extra in wanted_extras] or [{"extra": ""}]
            if requirement.marker is None or any(requirement.marker.evaluate(where) for where in asked):
                waiting.append((canonicalize_name(requirement.name), frozenset(requirement.extras)))
    return wanted


def check_allowed(parts: Iterable[Component], extras: Iterable[str]) -> None:
    """Raises LicenceError if a distribution came along that qtchat does not ask for, such as a developer's tool."""
    stray = {canonicalize_name(part.name) for part in parts if part.kind == "pypi"} - allowed(extras)
    if stray:
        raise LicenceError("These are bundled although nothing asks for them: " + ", ".join(sorted(stray)))


def _check(parts: list[Component], unknown: list[str]) -> None:
    if unknown:
        raise LicenceError("Nobody is known to own " + ", ".join(sorted(unknown)))
    without = [part.name for part in parts if not part.text.strip() or not part.licence]
    if without:
        raise LicenceError("These have no licence text or no name of a licence: " + ", ".join(without))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or path.resolve().is_relative_to(folder.resolve())


@functools.cache
def _distribution_files() -> dict[str, Distribution]:
    """Which installed distribution each file belongs to."""
    return {
        os.path.normcase(os.path.realpath(str(distribution.locate_file(file)))): distribution
        for distribution in importlib.metadata.distributions()
        for file in distribution.files or ()
    }


def _from_distribution(distribution: Distribution) -> Component:
    name = canonicalize_name(distribution.name)
    texts = [
        _read(Path(str(distribution.locate_file(file))))
        for file in sorted(distribution.files or (), key=str)
        if TEXT_NAME.fullmatch(file.name) and ".dist-info" in str(file)
    ]
    texts += [_read(TEXTS / text) for text in ADDED_TEXTS.get(name, ())]
    inside = _parts_inside(distribution)
    if inside:
        texts.append("It contains, compiled:\n\n" + "\n".join(inside) + "\n")
    return Component(distribution.name, distribution.version, _licence(distribution), "pypi", "\n\n".join(texts))


def _parts_inside(distribution: Distribution) -> list[str]:
    """What was compiled into it, by its own bills of materials: one line each."""
    bills = [file for file in distribution.files or () if ".dist-info/sboms/" in file.as_posix()]
    parts = [part for bill in bills for part in json.loads(_read(Path(str(bill.locate())))).get("components", ())]
    return sorted({f"{part['name']} {part.get('version', '')}: {_terms(part)}" for part in parts})


def _terms(part: dict[str, Any]) -> str:
    """The licences of a part of a bill in CycloneDX's form."""
    choices = [choice.get("expression") or choice.get("license", {}) for choice in part.get("licenses", ())]
    names = [choice if isinstance(choice, str) else choice.get("id") or choice.get("name", "") for choice in choices]
    return " and ".join(filter(None, names)) or "see its project"


def _licence(distribution: Distribution) -> str:
    """Its name: from the field made for it, or else from the classifiers or the older field."""
    facts = distribution.metadata
    classifiers = [
        line.rpartition(" :: ")[2] for line in facts.get_all("Classifier") or () if line.startswith("License ::")
    ]
    fields = [
        *(facts.get_all("License-Expression") or ()),
        " and ".join(classifiers),
        *(facts.get_all("License") or ()),
    ]
    return next((text.strip().splitlines()[0] for text in fields if text.strip()), "")


def _vendored(name: str, number: str, licence: str, *texts: str) -> Component:
    return Component(name, number, licence, text="\n\n".join(_read(TEXTS / text) for text in texts))


def _python() -> Component:
    return _vendored(PYTHON, platform.python_version(), "PSF-2.0", "Python.txt")


def _debian_package(path: Path) -> Component | None:
    """The Debian package that a shared library is from. None if it is of none, or there are no such packages."""
    real = path.resolve()
    for candidate in dict.fromkeys((real, path, Path(str(real).removeprefix("/usr")))):
        try:
            answer = subprocess.run(["dpkg", "-S", str(candidate)], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return None
        if answer.returncode == 0:
            break
    else:
        return None
    package = answer.stdout.split(": ", 1)[0].split(",")[0]
    query = ["dpkg-query", "-W", "-f", "${Version}", package]
    number = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    name = package.partition(":")[0]
    text = _read(Path("/usr/share/doc") / name / "copyright")
    return Component(name, number, "see the text", "deb", text + _common_texts(text))


def _common_texts(text: str) -> str:
    """The texts that a copyright file of Debian's refers to instead of quoting them."""
    names = sorted(set(re.findall(r"/usr/share/common-licenses/([A-Za-z]+[A-Za-z0-9.-]*[A-Za-z0-9])", text)))
    files = [Path("/usr/share/common-licenses") / name for name in names]
    return "".join(f"\n\n---- {file.name} ----\n\n{_read(file)}" for file in files if file.is_file())
