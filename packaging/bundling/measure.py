"""How large a bundle is and how fast it starts, beside the app as developers run it."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

RUNS: Final = 9
MEGABYTE: Final = 1_000_000
LIMITS: Final = {"folder": 130, "qtchat .deb": 40, "qtchat-server .deb": 25}
"""Megabytes that must not be exceeded."""


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; what is linked counts once."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def first_paint(command: Sequence[str | Path]) -> float:
    """Seconds from the start of the program until it has painted its window, checked itself and ended: a bit more than
    until the window is seen. The fastest of some runs, as whatever else the computer does can only add to it."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    times = []
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([*command, "--smoke-test"], check=True, env=environment)
        times.append(time.perf_counter() - start)
    return min(times)


def report(sizes: dict[str, int], times: dict[str, float]) -> tuple[str, bool]:
    """A table, and whether all sizes are within their limits."""
    lines = []
    fits = True
    for name, size in sizes.items():
        limit = LIMITS.get(name)
        fits = fits and (limit is None or size <= limit * MEGABYTE)
        words = f"(at most {limit})" if limit else ""
        lines.append(f"  {name:32} {size / MEGABYTE:8.1f} MB  {words}".rstrip())
    lines += [f"  {name:32} {seconds:8.2f} s" for name, seconds in times.items()]
    return "\n".join(lines), fits


def unbundled() -> list[str]:
    """The command of the app as developers run it."""
    return [sys.executable, "-P", "-m", "qtchat"]
