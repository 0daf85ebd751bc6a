"""Nothing in a bundle names the computer that it was built on.

PyInstaller takes the paths out of Python's code. What is left are the folders that Python itself was compiled and
installed in, where its libraries and its table of build options name them. They become paths that are as long, and are
the same everywhere.
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


def telling() -> list[str]:
    """The folders that this Python was installed and compiled in; none where a distribution did it.

    Elsewhere than on Linux a change would break the signature of a library.
    """
    if sys.platform != "linux" or sys.base_prefix in OURS:
        return []
    compiled = str(sysconfig.get_config_var("abs_builddir") or "")
    return [folder for folder in (sys.base_prefix, compiled) if len(folder) > len(NEUTRAL)]


def neutral(library: Path, folder: Path) -> Path:
    """`library`, or a copy of it in `folder` that does not name the folders of this Python."""
    names = telling()
    content = library.read_bytes() if names else b""
    if not any(name.encode() in content for name in names):
        return library
    for name in names:
        content = content.replace(name.encode(), neutral_prefix(name).encode())
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / library.name
    copy.write_bytes(content)
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
        kept = {key: value for key, value in table.items() if not any(name in str(value) for name in telling())}
        (folder / f"{get_name()}.py").write_text(f"build_time_vars = {kept!r}\n", encoding="utf-8")
    return folder
