"""dev.py and the locks, without a network: what is run is recorded, what is installed is made up."""

import ast
import re
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import dev

ROOT = Path(__file__).resolve().parents[1]


def pins(lock: str) -> dict[str, str]:
    """The pinned requirements of a lock by name: version and marker."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace(" \\\n", " ")
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([a-z0-9-]+)==([^ ;]+(?: ; .+?)?)((?: +--hash=sha256:[0-9a-f]{64})+)", line)
        assert match, f"{lock}: not a pinned requirement with hashes: {line}"
        found[match[1]] = match[2]
    return found


class Machine(SimpleNamespace):
    """A checkout in a temporary folder and a record of the commands that dev.py would run in it."""

    root: Path
    commands: list[list[str]]
    status: Callable[[list[str]], int]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(root=tmp_path, commands=[], status=lambda command: 0)
    for name in ("pyproject.toml", *dev.LOCKS):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(dev, "STAMP", tmp_path / ".venv" / "dev-stamp")
    monkeypatch.setattr(dev, "PYTHON", tmp_path / ".venv" / "python")

    def run(command: list[str], **options: object) -> SimpleNamespace:
        words = [str(word) for word in command]
        machine.commands.append(words)
        if "venv" in words:
            dev.VENV.mkdir(exist_ok=True)
            dev.PYTHON.touch()
        version = "{} {}\n".format(*sys.version_info[:2])
        return SimpleNamespace(returncode=machine.status(words), stdout=version if "-c" in words else "")

    monkeypatch.setattr(subprocess, "run", run)
    return machine


# --- the locks ---


@pytest.mark.parametrize("lock", dev.LOCKS)
def test_lock_is_hashed_and_names_no_host(lock: str) -> None:
    assert pins(lock)
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_locks_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]

    def names(requirements: list[str | dict[str, str]]) -> set[str]:
        return {re.split(r"[^\w-]", entry, maxsplit=1)[0].lower() for entry in requirements if isinstance(entry, str)}

    base = names(project["project"]["dependencies"]) | names(groups["build"])
    assert base <= pins(dev.SERVER_ONLY).keys()
    assert base | names(groups["app"]) | names(groups["dev"]) <= pins(dev.EVERYTHING).keys()
    assert names(groups["bundle"]) <= pins(dev.BUNDLES).keys()


def test_each_lock_is_part_of_the_next_and_the_server_has_no_qt() -> None:
    server, everything, bundles = map(pins, dev.LOCKS)
    assert server.items() <= everything.items() <= bundles.items()
    assert not [name for name in server if name.startswith(("pyside", "shiboken"))]


# --- starting ---


def test_needs_the_standard_library_only() -> None:
    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"))
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_old_python_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9"):
        dev.refuse_old_python()


def test_usage_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown and verb.help in shown for name, verb in dev.VERBS.items())


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_unknown_verb_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["server", "cli"])
def test_server_verbs_need_no_qt(verb: str) -> None:
    assert dev.VERBS[verb].libraries == {}
    assert dev.VERBS[verb].lock == dev.SERVER_ONLY


def test_bundles_are_made_with_what_is_locked_for_them() -> None:
    verb = dev.VERBS["bundle"]
    assert verb.lock == dev.BUNDLES
    assert {"objcopy", "libxcb-cursor.so.0"} <= verb.libraries.keys()


# --- the shared libraries ---


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves these libraries to the user")
@pytest.mark.parametrize("fresh_lists", [True, False])
def test_missing_library_ends_in_one_command(
    fresh_lists: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], machine: Machine
) -> None:
    policy = "libgone1t64:\n  Installed: (none)\n  Candidate: 1.0\n  Version table:\nlibgone1:\n  Candidate: (none)\n"
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    answer = SimpleNamespace(stdout=policy if fresh_lists else "")
    monkeypatch.setattr(subprocess, "run", lambda command, **options: answer)
    verb = dev.Verb("", lambda arguments: 0, {"libgone.so.1": "libgone1"}, None)
    monkeypatch.setitem(dev.VERBS, "run", verb)
    dev.PYTHON.parent.mkdir()
    dev.PYTHON.touch()

    assert dev.main(["run"]) == 1
    said = capsys.readouterr().err
    assert "This system lacks libgone.so.1." in said
    install = "sudo apt-get install -y --no-install-recommends "
    expected = install + "libgone1t64\n" if fresh_lists else "sudo apt-get update && " + install + "libgone1\n"
    assert f"    {expected}" in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves these libraries to the user")
def test_root_installs_and_updates_the_lists_only_when_it_must(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    present: set[str] = set()
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(dev, "loads", lambda library: library in present)
    monkeypatch.setattr(dev, "apt_names", lambda packages: (["libgone1t64"], ["apt-get", "update"] in machine.commands))

    def status(command: list[str]) -> int:
        if command[:2] == ["apt-get", "install"]:
            present.add("libgone.so.1")
        return 0

    machine.status = status
    dev.PYTHON.parent.mkdir()
    dev.PYTHON.touch()
    dev.check_system({"libgone.so.1": "libgone1"})
    assert [command[1] for command in machine.commands] == ["update", "install"]
    assert machine.commands[-1][-1] == "libgone1t64"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux leaves these libraries to the user")
def test_missing_venv_module_is_a_package_like_any_other(monkeypatch: pytest.MonkeyPatch, machine: Machine) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    package = "python{}.{}-venv".format(*sys.version_info[:2])
    assert list(dev.missing_from_system({}).values()) == [package]


def test_name_without_a_dot_is_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/strip" if name == "strip" else None)
    assert dev.loads("strip")
    assert not dev.loads("objcopy")


# --- the .venv ---


def test_first_use_makes_the_venv_and_the_second_does_nothing(machine: Machine) -> None:
    assert not dev.is_ready(dev.EVERYTHING)
    dev.install(dev.EVERYTHING)
    assert [*machine.commands[0][1:3], machine.commands[0][-1]] == ["-m", "venv", str(dev.VENV)]
    assert "--require-hashes" in machine.commands[1]
    assert {"--no-deps", "--no-build-isolation", "--editable"} <= set(machine.commands[2])
    assert dev.is_ready(dev.EVERYTHING)
    assert dev.is_ready(dev.SERVER_ONLY), "the full lock contains the server's"


def test_server_only_is_not_enough_for_the_rest(machine: Machine) -> None:
    dev.install(dev.SERVER_ONLY)
    assert dev.is_ready(dev.SERVER_ONLY)
    assert not dev.is_ready(dev.EVERYTHING)


@pytest.mark.parametrize("changed", ["pyproject.toml", dev.EVERYTHING])
def test_change_brings_the_venv_up_to_date_in_place(changed: str, machine: Machine) -> None:
    dev.install(dev.EVERYTHING)
    (machine.root / changed).write_text("changed")
    assert not dev.is_ready(dev.EVERYTHING)
    machine.commands.clear()
    dev.install(dev.EVERYTHING)
    assert not [command for command in machine.commands if "venv" in command]
    assert dev.is_ready(dev.EVERYTHING)


def test_half_made_venv_is_made_afresh(machine: Machine) -> None:
    machine.status = lambda command: 1 if "--require-hashes" in command else 0
    with pytest.raises(dev.SetupError, match="try again"):
        dev.install(dev.EVERYTHING)
    assert not dev.is_ready(dev.EVERYTHING)

    machine.status = lambda command: 0
    machine.commands.clear()
    dev.install(dev.EVERYTHING)
    assert "--clear" in machine.commands[0]
    assert dev.is_ready(dev.EVERYTHING)


def test_venv_without_its_python_is_made_afresh(machine: Machine) -> None:
    dev.install(dev.EVERYTHING)
    dev.PYTHON.unlink()
    assert not dev.is_ready(dev.EVERYTHING)
    assert not dev.is_sound()


def test_damaged_venv_does_not_try_to_replace_itself(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(dev.VENV))
    with pytest.raises(dev.SetupError, match="system's Python"):
        dev.install(dev.EVERYTHING)
    assert machine.commands == []


def test_only_one_installs_at_a_time(machine: Machine) -> None:
    with dev.one_at_a_time():
        other = sqlite3.connect(machine.root / "build" / "dev-lock", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN EXCLUSIVE")
        other.close()
    with dev.one_at_a_time():
        pass


# --- the verbs ---


def test_test_runs_everything_and_sums_up(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.status = lambda command: 1 if "check" in command and "--check" not in command else 0
    assert dev.test(["-k", "wire"]) == 1
    assert [command[2:] for command in machine.commands] == [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["pytest", "-n", "3", "-k", "wire"],
    ]
    assert capsys.readouterr().out.splitlines()[-1] == "== FAILED: ruff check"

    machine.status = lambda command: 0
    assert dev.test([]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "== All passed: ruff format, ruff check, mypy, pytest"


@pytest.mark.parametrize("arguments", [[], ["none"]])
def test_bench_names_what_there_is(arguments: list[str], machine: Machine) -> None:
    folder = machine.root / "tests" / "bench"
    folder.mkdir(parents=True)
    (folder / "bench_store.py").touch()
    with pytest.raises(dev.SetupError, match="NAME one of: store"):
        dev.bench(arguments)


def test_lock_without_uv_says_so(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(dev.SetupError, match="uv"):
        dev.lock([])
