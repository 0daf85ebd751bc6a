"""A small Debian without Python, with a screen, to use the packages in as people do.

Needs root, debootstrap, and on this computer Xvfb, xdotool and ImageMagick's import; all traffic stays on 127.0.0.1.
"""

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

TOOLS: Final = {"debootstrap": "debootstrap", "Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}
T = TypeVar("T")
SUITE: Final = "bookworm"
SCREEN: Final = "2048x1300x24"
PATIENCE: Final = 60.0
"""Seconds that anything may take before it counts as failed."""
EXTRAS: Final = ("fonts-dejavu-core", "xdg-utils", "desktop-file-utils")
"""What a desktop has: letters, and the programs that open links."""
HOME: Final = "/tmp/home"
"""Of the user; it begins anew with each trial."""
ENVIRONMENT: Final = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
STEP: Final = 0.1
"""Seconds between two looks."""


class TrialError(Exception):
    """Something does not work as it should; the text says what."""


def check_tools() -> None:
    """Raises TrialError if this computer lacks something."""
    lacking = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if lacking or os.geteuid() != 0:
        raise TrialError(f"This needs root and these Debian packages: {', '.join(TOOLS.values())}")


class Place:
    """The Debian root with a screen; what is started in it ends with `running`."""

    def __init__(self, root: Path, display: str, running: contextlib.ExitStack) -> None:
        self.root = root
        self.display = display
        self.windows: dict[str, str] = {}
        """Those of whom we know whose they are: nick -> number."""
        self._running = running
        self._environment = {
            **ENVIRONMENT,
            "HOME": HOME,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
        }

    def run(self, *words: str) -> str:
        """Run a program to its end; returns what it said. Raises TrialError if it failed."""
        status, said, complaint = self.ask(*words)
        if status != 0:
            raise TrialError(f"{' '.join(words)} failed: {said}{complaint}")
        return said

    def ask(self, *words: str) -> tuple[int, str, str]:
        """Run a program to its end; returns its exit status, and what it said on both outputs."""
        answer = subprocess.run(
            ["chroot", str(self.root), *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return answer.returncode, answer.stdout, answer.stderr

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """Start a program that goes on until the trial is over."""
        program = subprocess.Popen(
            ["chroot", str(self.root), *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the app keeps a log of its own
            text=True,
        )
        self._running.callback(end, program)
        return program

    def desktop(self, *words: str) -> str:
        """Run a tool of this computer on the same screen; empty if it failed."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False).stdout.strip()


def until(look: Callable[[], T], what: str) -> T:
    """What `look` finds, as soon as that is something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(STEP)
    raise TrialError(f"{what}: did not come within {PATIENCE:.0f} s")


def make_root(root: Path) -> Path:
    """A small Debian; made once."""
    if not (root / "etc" / "debian_version").exists():
        say("making a small Debian")
        shutil.rmtree(root, ignore_errors=True)
        command = ["debootstrap", "--variant=minbase", SUITE, str(root)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return root


def install(root: Path, packages: list[Path]) -> None:
    """Install as people do, with whatever the packages ask for. Nothing is left of an earlier trial."""
    shutil.rmtree(root / "tmp")
    (root / "tmp").mkdir(mode=0o1777)
    (root / HOME.lstrip("/")).mkdir()
    for package in packages:
        shutil.copy(package, root / "tmp" / package.name)
    names = [f"/tmp/{package.name}" for package in packages]
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    environment = {**ENVIRONMENT, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "-qq", "--reinstall", "--no-install-recommends", *names, *EXTRAS]
    for words in (["apt-get", "update", "-qq"], command):
        answer = subprocess.run(
            ["chroot", str(root), *words], env=environment, capture_output=True, text=True, check=False
        )
        if answer.returncode != 0:
            raise TrialError(f"{' '.join(words)} failed: {answer.stdout}{answer.stderr}")
    if any((root / "usr" / "bin").glob("python*")):
        raise TrialError("There is a Python in the Debian that should have none.")
    say("installed, and there is no Python")


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """An X server of our own on a free number, whose keys do not repeat by themselves."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp", "-r"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        end(server)


def end(program: "subprocess.Popen[Any]") -> None:
    program.terminate()
    try:
        program.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    if program.stdout is not None:
        program.stdout.close()


def say(text: str) -> None:
    print(f"== {text}", flush=True)
