"""A screen of the tests' own: an X display, a session bus, and the bus over which screen readers listen."""

import ctypes.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

_PROGRAMS: Final = ("Xvfb", "dbus-daemon")
_LIBEXEC: Final = ("/usr/libexec", "/usr/lib/at-spi2-core", "/usr/lib")
_SERVICES: Final = ("at-spi-bus-launcher", "at-spi2-registryd")
"""The session bus starts them when somebody asks for them."""
_XCB: Final = "xcb-cursor"
"""The library that Qt needs for X11 and a system without a desktop often lacks."""


def missing() -> list[str]:
    """What this system lacks for such a screen."""
    lacking = [program for program in _PROGRAMS if shutil.which(program) is None]
    lacking += [name for name in _SERVICES if not any(Path(folder, name).exists() for folder in _LIBEXEC)]
    if ctypes.util.find_library(_XCB) is None:
        lacking.append(f"lib{_XCB}")
    return lacking


class Screen:
    """A context manager; `environment` lets a program run on it. All that was started on it is gone at the end."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self._running = ExitStack()

    @property
    def bus(self) -> str:
        """The address of the session bus."""
        return self.environment["DBUS_SESSION_BUS_ADDRESS"]

    def __enter__(self) -> Self:
        with ExitStack() as running:
            # The path of a socket is short, and that of a test's folder may be long.
            folder = running.enter_context(tempfile.TemporaryDirectory(prefix="qtchat-", ignore_cleanup_errors=True))
            hidden = ("WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS", "QT_QPA_PLATFORM")
            own = {"XDG_RUNTIME_DIR": folder, "HOME": folder, "GSETTINGS_BACKEND": "memory"}
            self.environment = {name: told for name, told in os.environ.items() if name not in hidden} | own
            self._running = running
            self.environment["DISPLAY"] = f":{self._start_display()}"
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._start_bus(Path(folder, "bus"))
            self._running = running.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.close()

    def start_app(self, profile: Path, *arguments: str) -> "subprocess.Popen[bytes]":
        """The desktop program; what it writes goes to a file beside its profile, see `app_log`."""
        accessible = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_QPA_PLATFORM": "xcb"}
        command = [sys.executable, "-m", "qtchat", "--profile", str(profile), "--interface", "127.0.0.1", *arguments]
        log = self._running.enter_context(app_log(profile).open("wb"))
        return self._start(command, self.environment | accessible, stdout=log, stderr=log)

    def _start_display(self) -> str:
        """Returns its number: any that is free."""
        told, tells = os.pipe()
        with os.fdopen(told) as number:
            command = ["Xvfb", "-displayfd", str(tells), "-screen", "0", "1280x1024x24", "-nolisten", "tcp", "-noreset"]
            self._start(command, self.environment, pass_fds=(tells,))
            os.close(tells)
            return _line(number, "Xvfb")

    def _start_bus(self, path: Path) -> str:
        """Returns its address."""
        command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address=unix:path={path}"]
        told, tells = os.pipe()
        with os.fdopen(told) as address:
            self._start([*command, f"--print-address={tells}"], self.environment, pass_fds=(tells,))
            os.close(tells)
            return _line(address, "dbus-daemon")

    def _start(
        self,
        command: list[str],
        environment: dict[str, str],
        *,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
        stderr: IO[bytes] | int = subprocess.DEVNULL,
        pass_fds: tuple[int, ...] = (),
    ) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command, env=environment, stdout=stdout, stderr=stderr, pass_fds=pass_fds, start_new_session=True
        )
        self._running.callback(_end, process)
        return process


def app_log(profile: Path) -> Path:
    """What the desktop program on this profile has written."""
    return profile.with_suffix(".log")


def _line(pipe: IO[str], program: str) -> str:
    line = pipe.readline().strip()
    assert line, f"{program} did not start"
    return line


def _end(process: "subprocess.Popen[bytes]") -> None:
    """With all that it has started itself."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
