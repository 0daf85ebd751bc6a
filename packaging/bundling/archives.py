"""Archives that are the same bytes whoever packs them: sorted, of one time and of nobody in particular."""

import hashlib
import lzma
import tarfile
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

XZ_LEVEL: Final = 6
"""As Debian's packages: the higher ones take twice the time for two per cent."""


def tar_xz(folder: Path, target: Path, when: int) -> None:
    """Pack `folder` under its own name. `when`: the time that all files bear, seconds since 1970."""

    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = when
        info.mode = 0o777 if info.issym() else 0o755 if info.isdir() or info.mode & 0o100 else 0o644
        return info

    with lzma.open(target, "wb", preset=XZ_LEVEL) as stream, tarfile.open(fileobj=stream, mode="w") as archive:
        for path in (folder, *_sorted(folder)):
            archive.add(path, path.relative_to(folder.parent).as_posix(), recursive=False, filter=plain)


def portable_zip(folder: Path, target: Path, when: int) -> None:
    """Pack `folder` for a USB stick: with the file that makes it portable."""
    moment = time.gmtime(when)[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        files = {path.relative_to(folder.parent).as_posix(): path for path in _sorted(folder) if path.is_file()}
        for name, path in files.items():
            archive.writestr(_member(name, moment), path.read_bytes(), zipfile.ZIP_DEFLATED)
        archive.writestr(_member(f"{folder.name}/portable", moment), b"")


def write_sums(files: Iterable[Path], target: Path) -> None:
    """SHA256SUMS, as `sha256sum --check` reads it."""
    lines = []
    for path in sorted(files, key=lambda path: path.name):
        with path.open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n")
    target.write_text("".join(lines), encoding="utf-8", newline="\n")


def _member(name: str, moment: tuple[int, ...]) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, moment)  # type: ignore[arg-type]  # the six numbers of a struct_time
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _sorted(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix())
