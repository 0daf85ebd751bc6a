"""The tools of the system that some rows need; CannotRunError says which one is missing."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.outcome import CannotRunError
from tests.faults.processes import PATIENCE, die_with_parent

FAKETIME: Final = "libfaketimeMT.so.1"


def need(tool: str, package: str = "") -> str:
    """The path of a program."""
    path = shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise CannotRunError(f"{tool} is missing (Debian: {package or tool})")
    return path


def need_linux() -> None:
    if sys.platform != "linux":
        raise CannotRunError("works on Linux only")


def need_root() -> None:
    need_linux()
    if os.geteuid() != 0:
        raise CannotRunError("needs root")


def faketime_library() -> Path:
    """libfaketime."""
    need_linux()
    for place in Path("/usr/lib").glob("**/faketime"):
        if (place / FAKETIME).is_file():
            return place / FAKETIME
    raise CannotRunError("libfaketime is missing (Debian: libfaketime)")


def strace_inject(fault: str) -> list[str]:
    """What to put before a command, so that its system calls fail in the way that strace(1) calls `inject`."""
    need_linux()
    calls = fault.partition(":")[0]
    # Not --seccomp-bpf, fast as it is: strace 6.1 then forgets to inject in threads.
    command = [need("strace"), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={calls}"]
    probe = subprocess.run([*command, "true"], capture_output=True, text=True, timeout=PATIENCE, check=False)
    if probe.returncode != 0:
        raise CannotRunError(f"strace may not trace here: {probe.stderr.strip()}")
    return [*command, "-e", f"inject={fault}"]


@contextmanager
def injected(pid: int, fault: str) -> Iterator[None]:
    """The same for a process that runs already; at the end its system calls work again."""
    need_linux()
    calls = fault.partition(":")[0]
    command = [need("strace"), "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={fault}", "-p", str(pid)]
    with subprocess.Popen([*die_with_parent(), *command], stderr=subprocess.PIPE, text=True) as strace:
        try:
            assert strace.stderr is not None
            too_late = threading.Timer(PATIENCE, strace.kill)
            too_late.start()
            words = strace.stderr.readline()
            too_late.cancel()
            too_late.join()
            if "attached" not in words:
                raise CannotRunError(f"strace may not trace here: {words.strip()}")
            yield
        finally:
            strace.terminate()  # it lets go of the process, which runs on
