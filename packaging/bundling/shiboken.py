"""The part of shiboken6 that is written in Python, compiled: 20 ms less at each start.

Its library carries that part inside of it as sources, and compiles them whenever it is loaded. If there is a folder
`files.dir` beside the library (see SBK_EMBED in its documentation), it takes the modules from there.
"""

import py_compile
import sys
import zipfile
from pathlib import Path
from typing import Final

import shiboken6

FOLDER: Final = "shiboken6/files.dir"
"""Where it looks for them, in the bundle."""


def modules(folder: Path) -> list[tuple[str, str]]:
    """Write the compiled modules into `folder`; returns them as (file, folder in the bundle), for PyInstaller's datas.

    None on macOS, where no folder in a signed application may have a dot in its name.
    """
    archive = _archive()
    if sys.platform == "darwin" or archive is None:
        return []
    made = []
    for name in sorted(archive.namelist()):
        if not name.startswith("shibokensupport/") or not name.endswith(".py"):
            continue
        source = Path(archive.extract(name, folder))
        compiled = source.with_suffix(".pyc")
        py_compile.compile(
            str(source),
            cfile=str(compiled),
            dfile=f"{FOLDER}/{name}",
            doraise=True,
            optimize=1,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        made.append((str(compiled), f"{FOLDER}/{Path(name).parent.as_posix()}"))
    return made


def _archive() -> zipfile.ZipFile | None:
    """The sources that the library carries; None if this version keeps them elsewhere."""
    loader = sys.modules.get("shibokensupport.signature.loader")
    archive = getattr(getattr(loader, "__loader__", None), "zfile", None)
    assert shiboken6.__name__  # it is what puts the loader there
    return archive if isinstance(archive, zipfile.ZipFile) else None
