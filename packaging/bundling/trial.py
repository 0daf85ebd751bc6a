"""The packages used as people use them: on a Debian without Python, two windows that talk through the bundled server.

Needs root, debootstrap, and on this computer Xvfb, xdotool and ImageMagick's import; all traffic stays on 127.0.0.1.
"""

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

TOOLS: Final = {"debootstrap": "debootstrap", "Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}
T = TypeVar("T")
SUITE: Final = "bookworm"
SCREEN: Final = "2048x768x24"
PATIENCE: Final = 60.0
"""Seconds that anything may take before it counts as failed."""
ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
STEP: Final = 0.1
"""Seconds between two looks."""


class TrialError(Exception):
    """Something does not work as it should; the text says what."""


def try_out(dist: Path, build: Path) -> None:
    """Install what is in `dist` and use it. Raises TrialError; pictures of the windows are left in `build`."""
    lacking = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if lacking or os.geteuid() != 0:
        raise TrialError(f"This needs root and these Debian packages: {', '.join(TOOLS.values())}")
    packages = sorted(dist.glob("*.deb"))
    if not packages:
        raise TrialError("There are no packages in dist/. Make them first: python3 dev.py bundle")
    root = _debian(build.parent / "debian")  # it outlasts the next build
    _install(root, packages)
    with _screen() as display, contextlib.ExitStack() as running:
        place = Place(root, display, running)
        place.run("qtchat", "--smoke-test")
        _say("the window is painted")
        picture = build / "two-windows.png"
        try:
            _talk(place)
        finally:
            place.desktop("import", "-window", "root", str(picture))
            _say(f"look at {picture}")


class Place:
    """The Debian root with a screen; what is started in it ends with `running`."""

    def __init__(self, root: Path, display: str, running: contextlib.ExitStack) -> None:
        self.root = root
        self.display = display
        self._running = running
        self._environment = {
            **ENVIRONMENT,
            "HOME": "/root",
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
        }

    def run(self, *words: str) -> str:
        """Run a program to its end; returns what it said. Raises TrialError if it failed."""
        answer = subprocess.run(
            ["chroot", str(self.root), *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if answer.returncode != 0:
            raise TrialError(f"{' '.join(words)} failed: {answer.stdout}{answer.stderr}")
        return answer.stdout

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a program that goes on until the trial is over."""
        program = subprocess.Popen(
            ["chroot", str(self.root), *words], env=self._environment, stdout=subprocess.PIPE, text=True
        )
        self._running.callback(_end, program)
        return program

    def desktop(self, *words: str) -> str:
        """Run a tool of this computer on the same screen; empty if it failed."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def _talk(place: Place) -> None:
    server = place.start("qtchat-server", "--host", "127.0.0.1", "--port", "0", "--data", "/tmp/server", "--json")
    assert server.stdout is not None
    ready = server.stdout.readline()
    if not ready:
        raise TrialError("the server did not start")
    link = json.loads(ready)["link"]
    _say(f"the server is ready: {link}")
    windows: dict[str, str] = {}
    for number, nick in enumerate(("Anna", "Boris")):
        program = place.start("qtchat", "--profile", f"/tmp/{nick}", "--nick", nick, "--theme", "light", link)
        windows[nick] = _until(lambda: _new_window(place, set(windows.values())), f"the window of {nick}")
        place.desktop("xdotool", "windowsize", windows[nick], "1000", "700")
        place.desktop("xdotool", "windowmove", windows[nick], str(1024 * number), "20")
        _until(partial(_is_there, place, link, nick), f"{nick} among the people who are there")
        assert program.poll() is None
    _say("two windows are in the lobby")
    for nick in windows:
        text = f"hello from {nick}"
        place.desktop("xdotool", "windowfocus", "--sync", windows[nick])
        place.desktop("xdotool", "type", "--delay", "20", text)
        place.desktop("xdotool", "key", "Return")
        _until(partial(_was_said, place, link, nick, text), f"what {nick} said")
    _say("they have talked")
    place.run("qtchat", "--profile", "/tmp/Anna", link)
    _say("a link was handed to the window that is open")


def _cli(place: Place, link: str, *command: str) -> list[dict[str, Any]]:
    said = place.run("qtchat-cli", "--profile", "/tmp/watcher", "--nick", "Watcher", link, *command, "--json")
    return [json.loads(line) for line in said.splitlines()]


def _is_there(place: Place, link: str, nick: str) -> bool:
    return nick in {person["nick"] for person in _cli(place, link, "people") if person["online"]}


def _was_said(place: Place, link: str, nick: str, text: str) -> bool:
    return (nick, text) in {(entry["nick"], entry["text"]) for entry in _cli(place, link, "history", "lobby")}


def _new_window(place: Place, known: set[str]) -> str:
    found = place.desktop("xdotool", "search", "--onlyvisible", "--class", "qtchat").split()
    return next((window for window in found if window not in known), "")


def _until(look: Callable[[], T], what: str) -> T:
    """What `look` finds, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(STEP)
    raise TrialError(f"{what}: did not come within {PATIENCE:.0f} s")


def _debian(root: Path) -> Path:
    """A small Debian; made once."""
    if not (root / "etc" / "debian_version").exists():
        _say("making a small Debian")
        shutil.rmtree(root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", SUITE, str(root)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return root


def _install(root: Path, packages: list[Path]) -> None:
    """Install as people do, with whatever the packages ask for. Nothing is left of an earlier trial."""
    shutil.rmtree(root / "tmp")
    (root / "tmp").mkdir(mode=0o1777)
    for package in packages:
        shutil.copy(package, root / "tmp" / package.name)
    names = [f"/tmp/{package.name}" for package in packages]
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    environment = {**ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--reinstall", "--no-install-recommends", *names, "fonts-dejavu-core"]
    for command in (["apt-get", "update", "-qq"], install):
        answer = subprocess.run(
            ["chroot", str(root), *command], env=environment, capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            raise TrialError(f"{' '.join(command)} failed: {answer.stdout}{answer.stderr}")
    if any((root / "usr" / "bin").glob("python*")):
        raise TrialError("There is a Python in the Debian that should have none.")
    _say("installed, and there is no Python")


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """An X server of our own on a free number, whose keys do not repeat by themselves."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-r"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        _end(server)


def _end(program: "subprocess.Popen[Any]") -> None:
    program.terminate()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    if program.stdout is not None:
        program.stdout.close()


def _say(text: str) -> None:
    print(f"== {text}", flush=True)
