"""The tools of the system that are asked for what only they know."""

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

PATIENCE: Final = 5.0
"""Seconds that a tool may take."""
GLANCE: Final = 0.1
"""Seconds after which somebody who wants to stop is obeyed."""

NEVER: Final = threading.Event()
"""For who cannot be stopped: nobody sets it."""

_NO_WINDOW: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows would open a console for a moment."""

Run = Callable[[Sequence[str]], str | None]
"""Runs a tool; what it printed, None if it is not there or failed."""


def run_tool(command: Sequence[str], stop: threading.Event = NEVER) -> str | None:
    """See Run. `stop`: when to give up before its time."""
    path = shutil.which(command[0])
    if path is None:
        return None
    deadline = time.monotonic() + PATIENCE
    try:
        process = subprocess.Popen(  # noqa: S603 (fixed words, addresses and port numbers)
            [path, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            errors="replace",
            creationflags=_NO_WINDOW,
        )
    except OSError:
        return None
    with process:
        while True:
            try:
                printed, _ = process.communicate(timeout=GLANCE)
            except subprocess.TimeoutExpired:
                if time.monotonic() > deadline or stop.is_set():
                    process.kill()
                    return None
            else:
                return printed if process.returncode == 0 else None
