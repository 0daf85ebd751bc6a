"""What is looked for in a finished bundle before anybody gets it."""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from PyInstaller.archive.readers import CArchiveReader

from bundling import late
from bundling.neutral import telling
from bundling.place import PROGRAMS, ROOT

PATIENCE: Final = 60.0
"""Seconds that a program may take."""


class CheckError(Exception):
    """The bundle is not fit to be handed out; the text says why."""


def needles() -> list[bytes]:
    """The paths of this computer that nobody else should see."""
    places = {Path.home(), ROOT, Path(sys.prefix), *map(Path, telling())}
    return [f"{place}{os.sep}".encode() for place in sorted(places) if len(place.parts) > 1]


def names_this_computer(folder: Path) -> list[str]:
    """The files of the bundle, and the modules in its programs, that contain a path of this computer."""
    searched = needles()
    return [name for name, content in _contents(folder) if any(needle in content for needle in searched)]


def _contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """What is in the files, also in those that pack others: name, content."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink():
            yield name, path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for member in archive.namelist():
                    yield f"{name}: {member}", archive.read(member)
        if path.parent == folder and path.stem in PROGRAMS and path.is_file():
            program = CArchiveReader(str(path))
            yield from ((f"{name}: {part}", program.extract(part)) for part in program.toc)


def dangling_links(folder: Path) -> list[str]:
    """Links that lead nowhere, or out of the bundle."""
    inside = folder.resolve()
    links = (path for path in folder.rglob("*") if path.is_symlink())
    return [str(link) for link in links if not link.exists() or not link.resolve().is_relative_to(inside)]


def missing_modules(folder: Path) -> list[str]:
    """What the app loads by its name, and would not find."""
    names = late.loaded_by_name(ROOT / "qtchat")
    places = {name: folder / "_internal" / name.replace(".", "/") for name in names}
    return [name for name, place in places.items() if not place.is_dir() and not place.with_suffix(".pyc").is_file()]


def check(folder: Path) -> None:
    """Raises CheckError."""
    found = names_this_computer(folder)
    if found:
        raise CheckError(f"These name folders of this computer: {', '.join(found)}")
    links = dangling_links(folder)
    if links:
        raise CheckError(f"These links lead nowhere: {', '.join(links)}")
    ending = ".exe" if os.name == "nt" else ""
    app = folder / f"qtchat{ending}"
    if app.exists():
        missing = missing_modules(folder)
        if missing:
            raise CheckError(f"These modules are not in it: {', '.join(missing)}")
        _run(app, "--smoke-test")
    with tempfile.TemporaryDirectory() as data:
        _chat(folder / f"qtchat-server{ending}", folder / f"qtchat-cli{ending}", data)


def _chat(server: Path, client: Path, data: str) -> None:
    """Start the server, say something there, read it again."""
    command = [str(server), "--json", "--host", "127.0.0.1", "--port", "0", "--data", f"{data}/server"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        ready = running.stdout.readline()
        try:
            if not ready:
                raise CheckError(f"The server did not start: {running.communicate()[1]}")
            known = ["--profile", f"{data}/profile", "--nick", "Anna", json.loads(ready)["link"]]
            _run(client, *known, "send", "lobby", "hello")
            if "hello" not in _run(client, *known, "history", "lobby"):
                raise CheckError("What was said was not stored.")
        finally:
            running.terminate()
            running.communicate()


def _run(program: Path, *words: str) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    answer = subprocess.run(
        [program, *words], capture_output=True, encoding="utf-8", env=environment, timeout=PATIENCE, check=False
    )
    if answer.returncode != 0 or answer.stderr.strip():
        raise CheckError(f"{program.name} {' '.join(words)} failed: {answer.stdout}{answer.stderr}")
    return answer.stdout
