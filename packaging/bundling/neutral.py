"""Nothing in a bundle names the computer that it was built on.

PyInstaller takes the paths out of Python's code. What is left is the folder that Python itself was installed in, where
its libraries and its table of build options name it. It becomes a path that is as long, and is the same everywhere.
"""

import importlib
import sys
import sysconfig
from pathlib import Path
from typing import Final

NEUTRAL: Final = "/usr"
OURS: Final = ("/usr", "/usr/local")
"""Where distributions put Python: no path of anybody in particular."""


def neutral_prefix(prefix: str) -> str:
    """A path of the same length that names nobody: slashes may be doubled.

    The last part stays. Linkers store a text that is the end of another one only once, and Python's version, 3.11.7,
    often is the end of the folder that it is in.
    """
    last = prefix.rpartition("/")[2]
    return NEUTRAL + "/" * (len(prefix) - len(NEUTRAL) - len(last)) + last


def is_neutral(prefix: str) -> bool:
    """Whether `prefix` may stay as it is."""
    return prefix in OURS or sys.platform != "linux"  # elsewhere a change would break the signature of a library


def neutral(library: Path, folder: Path) -> Path:
    """`library`, or a copy of it in `folder` that does not name the folder of this Python."""
    prefix = sys.base_prefix
    if is_neutral(prefix):
        return library
    content = library.read_bytes()
    if prefix.encode() not in content:
        return library
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / library.name
    copy.write_bytes(content.replace(prefix.encode(), neutral_prefix(prefix).encode()))
    copy.chmod(0o755)
    return copy


def write_sysconfig(folder: Path) -> Path:
    """Write Python's table of build options as a module without such paths, to be found before the real one.

    Nothing else may be in `folder`: it would be found, too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    get_name = getattr(sysconfig, "_get_sysconfigdata_name", None)
    if get_name is not None and sys.platform == "linux":
        table = importlib.import_module(get_name()).build_time_vars
        kept = {name: value for name, value in table.items() if sys.base_prefix not in str(value)}
        (folder / f"{get_name()}.py").write_text(f"build_time_vars = {kept!r}\n", encoding="utf-8")
    return folder
