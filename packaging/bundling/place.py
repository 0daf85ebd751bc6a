"""Where things are, what they are called, and the time that a build bears."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
BUILD: Final = ROOT / "build" / "bundle"
"""Whatever is made on the way."""
DIST: Final = ROOT / "dist"
"""What people get."""
PROGRAMS: Final = ("qtchat", "qtchat-server", "qtchat-cli")


class Publisher(NamedTuple):
    """Who hands out the bundles, see packaging/publisher.toml."""

    identifier: str
    """Of the application, where a system wants one in the form of a reversed domain name."""
    name: str
    homepage: str
    address: str

    @property
    def developer(self) -> str:
        """The reversed domain name alone."""
        return self.identifier.rpartition(".")[0]


PUBLISHER: Final = Publisher(**tomllib.loads((ROOT / "packaging" / "publisher.toml").read_text(encoding="utf-8")))

_EARLIEST: Final = 315_619_200
"""The second day of 1980 in seconds since 1970: no archive format can bear an earlier time everywhere on earth."""


def version() -> str:
    """The version of qtchat, read without importing it."""
    text = (ROOT / "qtchat" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if found is None:
        raise ValueError("qtchat/__init__.py names no version")
    return found[1]


def build_time() -> int:
    """Seconds since 1970 that everything built bears: SOURCE_DATE_EPOCH, or else the time of the commit.

    Where neither is known it is a fixed time long ago, so that two builds still are the same.
    """
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
        try:
            given = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            given = ""
    return max(int(given or 0), _EARLIEST)


def system() -> str:
    """This system and its kind of processor, as the names of archives give them: linux-x86_64, macos-arm64."""
    machine = os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_ARCHITECTURE", "")
    name = {"win32": "windows", "darwin": "macos"}.get(sys.platform, sys.platform)
    return f"{name}-{ {'AMD64': 'x86_64', 'ARM64': 'arm64'}.get(machine, machine) }"
