"""Everything a checkout needs, with nothing but Python >= 3.11: `python3 dev.py VERB [arguments...]`.

The first use makes `.venv` beside this file and installs the locked, hash-checked dependencies and the project
itself into it; later uses only compare a stamp. On Linux the shared libraries that Qt needs are looked for first.

The locks are `requirements-server.txt` (the server and the command line, no Qt), `requirements.txt` (everything that a
developer needs) and `requirements-bundle.txt` (that, and what makes bundles). `python3 dev.py lock` writes them anew
from pyproject.toml; add `--upgrade` for newer versions.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

MINIMUM = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "dev-stamp"  # what is installed; "unfinished" while an installation is under way
SERVER_ONLY = "requirements-server.txt"
EVERYTHING = "requirements.txt"
BUNDLES = "requirements-bundle.txt"
LOCKS = (SERVER_ONLY, EVERYTHING, BUNDLES)  # each contains those before it

# What the Qt wheels load from the system: shared library -> Debian package. Where a distribution has moved the
# package to 64-bit time it is called the same with "t64" at its end.
QT_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libX11.so.6": "libx11-6",
    "libbrotlidec.so.1": "libbrotli1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11_LIBRARIES = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
BUNDLE_TOOLS = {  # a name without a dot is a program
    "objcopy": "binutils",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
if shutil.which("dpkg-deb"):
    BUNDLE_TOOLS["dpkg-shlibdeps"] = "dpkg-dev"
if sys.base_prefix == "/usr":  # where distributions keep it apart; other Pythons bring it along
    BUNDLE_TOOLS["libpython{}.{}.so.1.0".format(*sys.version_info)] = "libpython{}.{}".format(*sys.version_info)


class Verb(NamedTuple):
    """One line of the table below. `action` gets the remaining arguments and returns the exit status."""

    help: str
    action: Callable[[list[str]], int]
    libraries: dict[str, str]  # that it needs of a Linux system
    lock: str | None  # that the .venv has to hold; None: runs without the .venv


class SetupError(Exception):
    """Something the user has to know or do; its text is printed and the exit status is 1."""


# --- the shared libraries and the venv module -----------------------------------------------------------------------


def loads(library: str) -> bool:
    """Whether the dynamic linker finds this shared library and all that it needs; or the shell this program."""
    if "." not in library:
        return shutil.which(library) is not None
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_from_system(libraries: dict[str, str]) -> dict[str, str]:
    """What the system lacks, as {library or Python module: Debian package}."""
    missing = {name: package for name, package in libraries.items() if not loads(name)}
    if not PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        missing["ensurepip (Python's venv)"] = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return missing


def apt_names(packages: Sequence[str]) -> tuple[list[str], bool]:
    """The packages by the names this system knows them by, and whether its lists know all of them."""
    wanted = [name for package in packages for name in (package, package + "t64")]
    policy = subprocess.run(["apt-cache", "policy", *wanted], capture_output=True, text=True, check=False).stdout
    known = set()
    name = ""
    for line in policy.splitlines():
        if not line.startswith(" "):
            name = line.rstrip(":")
        elif line.startswith("  Candidate:") and not line.endswith("(none)"):
            known.add(name)
    names = [next((name for name in (package, package + "t64") if name in known), package) for package in packages]
    return names, known.issuperset(names)


def apt_install(missing: dict[str, str]) -> None:
    """Install with apt-get, as root; the package lists are only fetched if they are missing or out of date."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = sorted(set(missing.values()))
    for update in (False, True):
        if update:
            subprocess.run(["apt-get", "update"], env=environment, check=False)
        names, known = apt_names(packages)
        install = ["apt-get", "install", "-y", "--no-install-recommends", *names]
        if (known or update) and subprocess.run(install, env=environment, check=False).returncode == 0:
            return


def install_command(missing: dict[str, str]) -> str | None:
    """The one command that installs what is missing here, or None on a system whose packages we cannot name."""
    if shutil.which("apt-get"):
        names, known = apt_names(sorted(set(missing.values())))
        install = "sudo apt-get install -y --no-install-recommends " + " ".join(names)
        return install if known else "sudo apt-get update && " + install
    for tool in ("dnf", "zypper"):  # RPM packages can be asked for by the library that they provide
        if shutil.which(tool):
            return f"sudo {tool} install " + " ".join(f"'{name}()(64bit)'" for name in missing)
    return None


def check_system(libraries: dict[str, str]) -> None:
    """Linux only: have what is missing installed if we may, else stop with the command that does it."""
    if sys.platform != "linux":
        return
    missing = missing_from_system(libraries)
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing what the system lacks: " + ", ".join(missing))
        apt_install(missing)
        importlib.invalidate_caches()
        missing = missing_from_system(libraries)
    if missing:
        command = install_command(missing)
        advice = f"Install it with this command, then try again:\n\n    {command}\n" if command else "Install it first."
        raise SetupError("This system lacks " + ", ".join(missing) + ".\n" + advice)


# --- the .venv ------------------------------------------------------------------------------------------------------


def fingerprint(lock: str) -> str:
    """Changes whenever the .venv has to be brought up to date."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT} {lock}".encode())
    for name in ("pyproject.toml", lock):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_ready(lock: str) -> bool:
    """Whether the .venv holds what `lock` asks for, by itself or as a part of a larger one."""
    try:
        stamp = STAMP.read_text()
    except OSError:
        return False
    return PYTHON.exists() and stamp in map(fingerprint, LOCKS[LOCKS.index(lock) :])


def is_sound() -> bool:
    """Whether the .venv can be updated: this Python version, with pip, and no installation broke off in it."""
    if not PYTHON.exists() or (STAMP.exists() and STAMP.read_text() == "unfinished"):
        return False
    probe = [str(PYTHON), "-c", "import sys, pip; print(*sys.version_info[:2])"]
    answer = subprocess.run(probe, capture_output=True, text=True, check=False)
    return answer.stdout.split() == [str(part) for part in sys.version_info[:2]]


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let a second dev.py wait while the first one installs.

    A transaction on an empty SQLite database is the lock that works alike everywhere and ends with its process.
    """
    path = ROOT / "build" / "dev-lock"
    path.parent.mkdir(exist_ok=True)
    lock = sqlite3.connect(path, timeout=1800, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        lock.close()


def install(lock: str) -> None:
    """Make or repair the .venv and install the locked dependencies and the project."""
    if not is_sound():
        if Path(sys.prefix).resolve() == VENV.resolve():
            raise SetupError("The .venv is damaged and cannot repair itself. Start dev.py with the system's Python.")
        say("Making .venv")
        step([sys.executable, "-m", "venv", "--clear", str(VENV)])
    STAMP.write_text("unfinished")
    say(f"Installing {lock} (the first time this takes a minute or two)")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    step([*pip, "--require-hashes", "-r", str(ROOT / lock)])
    step([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    STAMP.write_text(fingerprint(lock))


def step(command: Sequence[str]) -> None:
    """Run a part of the installation, which cannot go on without it."""
    if subprocess.run(command, check=False).returncode != 0:
        raise SetupError("That did not work; the reason stands above. Nothing is lost: mend it and try again.")


# --- the verbs ------------------------------------------------------------------------------------------------------


def python(*before: str | Path) -> Callable[[list[str]], int]:
    """An action that becomes the .venv's Python: signals, the terminal and the exit status are then the program's own.

    -P keeps modules in the current directory, which is the user's, from shadowing those of the program.
    """

    def action(arguments: list[str]) -> int:
        command = [str(PYTHON), "-P", *map(str, before), *arguments]
        if os.name != "nt":
            sys.stdout.flush()
            os.execv(command[0], command)
        return subprocess.run(command, check=False).returncode

    return action


def test(arguments: list[str]) -> int:
    """Format, lint, types and the suite; all of them run whatever fails, and the last line says what did."""
    checks: dict[str, list[str]] = {
        "ruff format": ["ruff", "format", "--check", "."],
        "ruff check": ["ruff", "check", "."],
        "mypy": ["mypy"],
        "pytest": ["pytest", "-n", "3", *arguments],
    }
    # The tests start hundreds of programs: what Python compiles is kept, whatever the machine says, but in no checkout.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(VENV / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    failed = []
    for name, command in checks.items():
        say(name)
        if subprocess.run([PYTHON, "-m", *command], cwd=ROOT, env=environment, check=False).returncode != 0:
            failed.append(name)
    say("FAILED: " + ", ".join(failed) if failed else "All passed: " + ", ".join(checks))
    return 1 if failed else 0


def bench(arguments: list[str]) -> int:
    """Run tests/bench/bench_NAME.py with the rest of the arguments."""
    folder = ROOT / "tests" / "bench"
    script = folder / f"bench_{arguments[0]}.py" if arguments else folder
    if not script.is_file():
        names = sorted(path.stem.removeprefix("bench_") for path in folder.glob("bench_*.py"))
        raise SetupError("Which benchmark? python3 dev.py bench NAME, with NAME one of: " + ", ".join(names))
    return python(script)(arguments[1:])


def lock(arguments: list[str]) -> int:
    """Write the locks, all from the versions of the full one. No host name gets into them."""
    uv = shutil.which("uv")
    if uv is None:
        raise SetupError("The locks are written with uv, which is not installed here.")
    compile_ = [uv, "pip", "compile", "pyproject.toml", "--quiet", "--universal", "--python-version", "3.11"]
    compile_ += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"]
    everything = [*compile_, "--group", "dev", "--output-file", EVERYTHING, *arguments]
    server = [*compile_, "--group", "build", "--output-file", SERVER_ONLY, "--constraints", EVERYTHING, *arguments]
    bundle = [*compile_, "--group", "bundle", "--output-file", BUNDLES, "--constraints", EVERYTHING, *arguments]
    return max(subprocess.run(command, cwd=ROOT, check=False).returncode for command in (everything, server, bundle))


WINDOW_LIBRARIES = {**QT_LIBRARIES, **X11_LIBRARIES}
VERBS = {
    "run": Verb("open the app", python("-m", "qtchat"), WINDOW_LIBRARIES, EVERYTHING),
    "server": Verb("start qtchat-server", python("-m", "qtchat.server.cli"), {}, SERVER_ONLY),
    "cli": Verb("start qtchat-cli", python("-m", "qtchat.client.cli"), {}, SERVER_ONLY),
    "test": Verb("format, lint, types and tests; arguments go to pytest", test, QT_LIBRARIES, EVERYTHING),
    "bench": Verb("NAME: run tests/bench/bench_NAME.py", bench, QT_LIBRARIES, EVERYTHING),
    "screenshots": Verb(
        "DIR [NAME...]: save every screen", python("-m", "tests.screenshots.run"), QT_LIBRARIES, EVERYTHING
    ),
    "faults": Verb(
        "[ROW...] [--long]: break things, judge what is left", python("-m", "tests.faults.run"), {}, EVERYTHING
    ),
    "bundle": Verb(
        "[--try]: build dist/, the app as people get it, and measure it; --try: use it where no Python is",
        python(ROOT / "packaging" / "bundle.py"),
        {**WINDOW_LIBRARIES, **BUNDLE_TOOLS},
        BUNDLES,
    ),
    "lock": Verb("write the locks anew from pyproject.toml", lock, {}, None),
}


def say(text: str) -> None:
    """One line of our own, told apart from what the tools print."""
    print(f"== {text}", flush=True)


def usage() -> str:
    """The help text, made from the table."""
    lines = [f"  {name:12} {verb.help}" for name, verb in VERBS.items()]
    return "\n".join(["usage: python3 dev.py VERB [arguments...]", "", *lines])


def main(arguments: list[str]) -> int:
    """Prepare what the verb needs, then do it; returns the exit status."""
    if not arguments or arguments[0] not in VERBS:
        asked = arguments[:1] in (["-h"], ["--help"], ["help"])
        print(usage(), file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    verb = VERBS[arguments[0]]
    try:
        check_system(verb.libraries)
        if verb.lock is not None and not is_ready(verb.lock):
            with one_at_a_time():
                if not is_ready(verb.lock):
                    install(verb.lock)
        return verb.action(arguments[1:])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def refuse_old_python() -> None:
    """Say it in words where this Python is too old, and name a newer one if it is there."""
    if sys.version_info[:2] >= MINIMUM:
        return
    newer = [name for name in (f"python3.{minor}" for minor in range(19, 10, -1)) if shutil.which(name)]
    hint = f"Try: {newer[0]} dev.py" if newer else "Install a newer one."
    sys.exit(f"qtchat needs Python 3.11 or newer, and this is {sys.version_info[0]}.{sys.version_info[1]}. {hint}")


if __name__ == "__main__":
    refuse_old_python()
    sys.exit(main(sys.argv[1:]))
