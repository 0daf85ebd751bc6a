"""`python3 dev.py bundle`: build the programs, packages and archives that people get into dist/, and measure them."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bundling import archives, checks, debian, lint, macos, measure, sbom, windows
from bundling.place import BUILD, DIST, ROOT, build_time, system, version
from bundling.stand import TrialError
from bundling.trial import try_out


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="dev.py bundle", description=__doc__)
    parser.add_argument(
        "--try", action="store_true", dest="trial", help="use the packages in dist/ on a Debian where no Python is"
    )
    options = parser.parse_args()
    try:
        if options.trial:
            try_out(DIST, BUILD)
            return 0
        return _build()
    except (checks.CheckError, lint.LintError, windows.SignError, TrialError) as error:
        print(error, file=sys.stderr)
        return 1


def _build() -> int:
    when = build_time()
    _say(f"qtchat {version()} for {system()}")
    programs = _programs(when)
    _say("Looking for what must not be in it, and starting it")
    for folder in programs:
        checks.check(folder)
    _say("Packing")
    packed = _pack(when)
    _lint([path for path in packed.values() if path.suffix == ".deb"])
    bill = DIST / f"qtchat-{version()}-{system()}.cdx.json"
    sbom.write(BUILD / "licences" / "start_app" / "index.json", bill, when)
    archives.write_sums([*packed.values(), bill], DIST / "SHA256SUMS")
    _say("Measuring")
    app = DIST / "qtchat"
    sizes = {"folder": measure.size_of(app)} | {name: measure.size_of(path) for name, path in packed.items()}
    program = app / ("qtchat.exe" if os.name == "nt" else "qtchat")
    times = measure.first_paints(
        {"first paint, bundled": [program], "first paint, from the sources": measure.unbundled()}
    )
    table, fits = measure.report(sizes, times)
    print(table)
    _say(f"It is in {DIST}" if fits else "TOO LARGE")
    return 0 if fits else 1


def _programs(when: int) -> list[Path]:
    """Run PyInstaller; returns the folders with the programs."""
    for folder in (DIST, BUILD):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(DIST), "--workpath", str(BUILD), str(ROOT / "packaging" / "qtchat.spec")]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": str(when)}
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    return [DIST / "qtchat", DIST / "qtchat-server"]


def _pack(when: int) -> dict[str, Path]:
    """Make what people download; returns the files by what they are."""
    stem = f"{version()}-{system()}"
    if sys.platform == "win32":
        return windows.pack(DIST, stem, when)
    if sys.platform == "darwin":
        return macos.pack(DIST, BUILD, stem)
    packed = {f"{name} .tar.xz": DIST / f"{name}-{stem}.tar.xz" for name in ("qtchat", "qtchat-server")}
    with ThreadPoolExecutor() as pool:  # to compress takes longest
        waiting = [
            pool.submit(archives.tar_xz, DIST / name.split()[0], archive, when) for name, archive in packed.items()
        ]
        if debian.can_package():
            debian.write_metainfo(when)
            for package in (debian.APP, debian.SERVER):
                packed[f"{package.name} .deb"] = debian.make(package, DIST / package.name, DIST, when)
        else:
            print(f"No .deb is made: this system lacks one of {', '.join(debian.TOOLS)} (package dpkg-dev).")
        for archive in waiting:
            archive.result()
    return packed


def _lint(packages: list[Path]) -> None:
    """Let Debian's tools judge the packages, if there are any."""
    if packages:
        _say("Asking Debian's tools")
        content, absent = lint.lint(debian.DESKTOP_FILE, debian.metainfo(), packages)
        print(f"  content: {', '.join(content) or 'nobody'}; not installed here: {', '.join(absent) or 'none'}")


def _say(text: str) -> None:
    print(f"== {text} ({time.strftime('%H:%M:%S')})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
