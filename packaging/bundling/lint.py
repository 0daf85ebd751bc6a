"""What Debian's own tools say about what is made for Linux desktops."""

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

WARNINGS_COUNT: Final = "--fail-on=error,warning"


class LintError(Exception):
    """One of them is not content; the text says why."""


def lint(desktop_file: Path, metainfo: Path, packages: Iterable[Path]) -> tuple[list[str], list[str]]:
    """Let them judge; returns the tools that did, and those that are not installed here. Raises LintError."""
    commands = (
        ["desktop-file-validate", str(desktop_file)],
        ["appstreamcli", "validate", "--no-net", str(metainfo)],
        ["lintian", "--tag-display-limit=0", WARNINGS_COUNT, *map(str, packages)],
    )
    here = [command for command in commands if shutil.which(command[0])]
    for command in here:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            raise LintError(f"{command[0]} is not content:\n{answer.stdout}{answer.stderr}")
    return [command[0] for command in here], [command[0] for command in commands if command not in here]
