"""How large a bundle is and how fast it starts, beside the app as developers run it."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

RUNS: Final = 7
MEGABYTE: Final = 1_000_000
LIMITS: Final = {"folder": 130, "qtchat .deb": 40, "qtchat-server .deb": 25}
"""Megabytes that must not be exceeded."""
PAINT_LIMIT: Final = 0.4
"""Seconds to the first paint that are the aim for the bundle, on a computer that does nothing else."""


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; what is linked counts once."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def first_paints(commands: Mapping[str, Sequence[str | Path]]) -> dict[str, list[float]]:
    """Seconds from the start of each program until it says that its window is painted, of some runs, in order.

    All take turns, so that whatever else the computer does hits all alike. The first round only warms the caches; what
    Python compiles is kept, as it is where the app is installed.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(RUNS + 1):
            for name, command in commands.items():
                times[name].append(_first_paint(command, environment))
    return {name: sorted(seconds[1:]) for name, seconds in times.items()}


def _first_paint(command: Sequence[str | Path], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen([*command, "--smoke-test"], env=environment, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        program.stdout.readline()  # without an output, as on Windows, it comes at the end
        seconds = time.perf_counter() - start
        program.communicate()
    if program.returncode != 0:
        raise subprocess.CalledProcessError(program.returncode, program.args)
    return seconds


def report(sizes: Mapping[str, int], times: Mapping[str, Sequence[float]]) -> tuple[str, bool]:
    """A table, and whether all sizes are within their limits. Times depend on what else a computer does."""
    lines = []
    fits = True
    for name, size in sizes.items():
        limit = LIMITS.get(name)
        fits = fits and (limit is None or size <= limit * MEGABYTE)
        words = f"(at most {limit})" if limit else ""
        lines.append(f"  {name:32} {size / MEGABYTE:8.1f} MB  {words}".rstrip())
    for name, seconds in times.items():
        words = f"(median of {len(seconds)}; fastest {min(seconds):.2f}, aim {PAINT_LIMIT:.2f})"
        lines.append(f"  {name:32} {statistics.median(seconds):8.2f} s   {words}")
    return "\n".join(lines), fits


def unbundled() -> list[str]:
    """The command of the app as developers run it."""
    return [sys.executable, "-P", "-m", "qtchat"]
