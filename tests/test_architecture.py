"""The import rule of qtchat/__init__.py, checked on the source of every module; and the server without Qt.

The first tests hold the package against the rule; those at the end plant violations in a small tree, so that the
checker itself is known to find them.
"""

import ast
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Layer -> the layers it may import. A module directly in qtchat/ (`python -m qtchat`) may only open the app.
MAY_IMPORT = {
    "protocol": {"protocol"},
    "net": {"net", "protocol"},
    "server": {"server", "net", "protocol"},
    "client": {"client", "net", "protocol"},
    "gui": {"gui", "client", "protocol"},
    "__main__": {"gui"},
}
COMPOSITION_ROOT = "qtchat.gui.app"  # the one place where gui and server meet
LATE = {"qtchat.client.discovery", "qtchat.client.doctor"}  # what it may load by name when wanted, besides the server
LATE_LIBRARIES = {"cryptography.x509", "segno"}  # what anybody may: long to load, and not for the first window
QT = {"PySide6", "shiboken6"}

# The protocol is bytes and values: no socket, thread, clock, file or database.
NOT_IN_PROTOCOL = {
    *("asyncio", "select", "selectors", "socket", "socketserver", "ssl", "http", "urllib"),
    *("concurrent", "multiprocessing", "queue", "signal", "subprocess", "threading", "_thread"),
    *("time", "sched"),
    *("io", "os", "pathlib", "shutil", "tempfile", "dbm", "shelve", "sqlite3"),
}
CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"}
# Below the chat: of protocol, net may use these, and the limits (constants) of messages.
PROTOCOL_FOR_NET = {"qtchat.protocol", "qtchat.protocol.errors", "qtchat.protocol.framing"}


class Import(NamedTuple):
    """One imported thing: `from a.b import c` is Import("a.b", "c", ...), `import a.b` is Import("a.b", "", ...)."""

    module: str
    name: str
    line: int


class Module(NamedTuple):
    """A parsed module under its dotted name."""

    name: str
    tree: ast.Module
    is_package: bool

    @property
    def layer(self) -> str:
        """The folder below qtchat/ that it stands in; "" for qtchat/__init__.py."""
        return self.name.split(".")[1] if "." in self.name else ""


def parse(root: Path) -> dict[str, Module]:
    """Every module of the package `qtchat` below `root`, by its dotted name."""
    modules = {}
    for path in sorted((root / "qtchat").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules[name] = Module(name, ast.parse(path.read_text(encoding="utf-8"), str(path)), is_package)
    return modules


def imports_of(module: Module) -> Iterator[Import]:
    """All imports, wherever they stand, relative ones resolved."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, "", node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.name.split(".")
                above = parts[: len(parts) - node.level + module.is_package]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                yield Import(base, alias.name, node.lineno)


def target_of(imported: Import, modules: dict[str, Module]) -> str:
    """The module that an import means: `from a import b` may name the module a.b."""
    deeper = f"{imported.module}.{imported.name}"
    return deeper if deeper in modules else imported.module


def layer_violations(module: Module, modules: dict[str, Module]) -> Iterator[str]:
    """Imports against the direction of the layers, and Qt outside of gui."""
    allowed = MAY_IMPORT.get(module.layer, set())
    for imported in imports_of(module):
        target = target_of(imported, modules)
        top, *below = target.split(".")
        if top in QT and module.layer != "gui":
            yield f"{module.name}:{imported.line} imports {target}: Qt is for gui only"
        if top != "qtchat" or not below:  # of qtchat itself there is only the version
            continue
        if below[0] == "server" and module.name == COMPOSITION_ROOT:
            continue
        if below[0] not in allowed:
            yield f"{module.name}:{imported.line} imports {target}: {module.layer or 'qtchat'} must not know it"


def protocol_violations(module: Module) -> Iterator[str]:
    """What keeps the protocol free of I/O and of the clock."""
    if module.layer != "protocol":
        return
    for imported in imports_of(module):
        top = imported.module.split(".")[0]
        if top in {"qtchat", "msgspec"}:
            continue
        if top not in sys.stdlib_module_names or top in NOT_IN_PROTOCOL:
            yield f"{module.name}:{imported.line} imports {imported.module}: not in the protocol"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            yield f"{module.name}:{node.lineno} reads a clock ({node.attr}): `now` is an argument in the protocol"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{module.name}:{node.lineno} opens a file: not in the protocol"


def net_violations(module: Module, modules: dict[str, Module]) -> Iterator[str]:
    """What keeps net free of chat rules: it may know frames, errors and limits, but no message, name or session."""
    if module.layer != "net":
        return
    for imported in imports_of(module):
        target = target_of(imported, modules)
        if not target.startswith("qtchat.protocol") or target in PROTOCOL_FOR_NET:
            continue
        if target != "qtchat.protocol.messages" or not imported.name.isupper():
            yield f"{module.name}:{imported.line} imports {imported.name or target} of {target}: net knows no chat"


def late_imports(module: Module) -> Iterator[str]:
    """Imports inside functions, by statement or by call.

    The composition root may load late, by their full names, what takes long to load and not everybody needs: see LATE.
    """

    def may_be_late(name: object) -> bool:
        root = module.name == COMPOSITION_ROOT
        return name in LATE_LIBRARIES or (root and (name in LATE or str(name).startswith("qtchat.server.")))

    allowed = {
        call.func
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call)
        and [may_be_late(argument.value) for argument in call.args if isinstance(argument, ast.Constant)] == [True]
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Import | ast.ImportFrom):
                    yield f"{module.name}:{inner.lineno} imports inside {node.name}()"
        if isinstance(node, ast.Name) and node.id == "__import__":
            yield f"{module.name}:{node.lineno} imports by __import__"
        if isinstance(node, ast.Attribute) and node.attr == "import_module" and node not in allowed:
            yield f"{module.name}:{node.lineno} imports by import_module"
        if isinstance(node, ast.alias) and node.name == "import_module":
            yield f"{module.name}:{node.lineno} imports by import_module"


def cycles(modules: dict[str, Module]) -> Iterator[str]:
    """Groups of modules that import one another, found by taking away whatever imports nothing that is left."""
    graph = {
        name: {target_of(imported, modules) for imported in imports_of(module)} & modules.keys() - {name}
        for name, module in modules.items()
    }
    while free := [name for name, targets in graph.items() if not targets]:
        for name in free:
            del graph[name]
        for targets in graph.values():
            targets.difference_update(free)
    # What is left lies on a cycle or leads to one; what nothing left imports only leads to one.
    while leading := [name for name in graph if not any(name in targets for targets in graph.values())]:
        for name in leading:
            del graph[name]
    if graph:
        yield "import cycle among " + ", ".join(sorted(graph))


def violations(root: Path) -> list[str]:
    """Everything in the package below `root` that breaks the rule, one sentence each."""
    modules = parse(root)
    found = list(cycles(modules))
    for module in modules.values():
        found += layer_violations(module, modules)
        found += protocol_violations(module)
        found += net_violations(module, modules)
        found += late_imports(module)
    if (root / "packaging" / "__init__.py").exists():
        found.append("packaging/__init__.py would shadow the library `packaging` that pip and pytest use")
    return sorted(set(found))


def test_package_keeps_the_import_rule() -> None:
    assert violations(ROOT) == []


def test_every_layer_is_seen() -> None:
    layers = {module.layer for module in parse(ROOT).values()}
    assert layers - {""} == set(MAY_IMPORT)


# --- the server in a process that has no Qt ---

WITHOUT_QT = """
import atexit, json, runpy, sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"PySide6", "shiboken6"}:
            raise ModuleNotFoundError(f"blocked: {name}", name=name)

def report():
    qt = sorted(name for name in sys.modules if name.partition(".")[0] in {"PySide6", "shiboken6"})
    print(json.dumps({"qt": qt}), flush=True)

sys.meta_path.insert(0, NoQt())
atexit.register(report)
module, *sys.argv[1:] = sys.argv[1:]
runpy.run_module(module, run_name=sys.argv.pop(1), alter_sys=True)
"""


def without_qt(module: str, run_name: str, arguments: Sequence[str] = ()) -> list[str]:
    """The command that runs a module where Qt cannot be imported, and then tells which of Qt was loaded after all."""
    return [sys.executable, "-c", WITHOUT_QT, module, run_name, *arguments]


@pytest.mark.parametrize("module", ["qtchat.server.app", "qtchat.server.cli", "qtchat.client.cli"])
def test_imports_without_qt(module: str) -> None:
    done = subprocess.run(without_qt(module, module), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"qt": []}


def test_blocker_blocks() -> None:
    done = subprocess.run(without_qt("PySide6", "PySide6"), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "blocked: PySide6" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to catch on Windows")
def test_server_serves_without_qt(tmp_path: Path) -> None:
    arguments = ["--data", str(tmp_path / "data"), "--host", "127.0.0.1", "--port", "0", "--json"]
    command = without_qt("qtchat.server.cli", "__main__", arguments)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        deadline = threading.Timer(60, server.kill)  # a server that hangs ends here, and fails below
        deadline.start()
        try:
            assert server.stdout is not None
            first_line = server.stdout.readline()
            server.send_signal(signal.SIGTERM)
            rest, errors = server.communicate()
        finally:
            deadline.cancel()
            deadline.join()
            server.kill()
    assert first_line, errors
    assert json.loads(first_line)["event"] == "ready"
    assert server.returncode == 0, errors
    assert json.loads(rest.splitlines()[-1]) == {"qt": []}


# --- the checker itself ---


def plant(root: Path, files: dict[str, str]) -> list[str]:
    """Write a package that keeps the rule, then `files` on top of it, and check it."""
    sound = {
        "qtchat/__init__.py": "__version__ = '1'\n",
        "qtchat/__main__.py": "from qtchat.gui.app import main\n",
        "qtchat/protocol/__init__.py": "",
        "qtchat/protocol/messages.py": "import msgspec\nMAX_FRAME = 1\nclass Hello(msgspec.Struct): ...\n",
        "qtchat/protocol/session.py": "from enum import Enum\nfrom qtchat.protocol.messages import Hello\n",
        "qtchat/net/__init__.py": "",
        "qtchat/net/loop.py": "import socket\nfrom qtchat.protocol.messages import MAX_FRAME\n",
        "qtchat/client/__init__.py": "",
        "qtchat/client/account.py": "from qtchat import __version__\nfrom qtchat.net import loop\n",
        "qtchat/server/__init__.py": "",
        "qtchat/server/app.py": "from qtchat.net.loop import MAX_FRAME\nfrom ..protocol import session\n",
        "qtchat/gui/__init__.py": "",
        "qtchat/gui/app.py": "from qtchat.server.app import session\nfrom qtchat.gui.window import Window\n",
        "qtchat/gui/window.py": "from PySide6.QtWidgets import QWidget\nfrom qtchat.client import account\n",
    }
    for name, text in (sound | files).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return violations(root)


def test_checker_accepts_a_sound_tree(tmp_path: Path) -> None:
    assert plant(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("client/x.py", "from qtchat.gui import window\n", "client must not know it"),
        ("client/x.py", "import qtchat.server.app\n", "client must not know it"),
        ("client/x.py", "from ..server import app\n", "imports qtchat.server.app: client must not know it"),
        ("net/x.py", "from qtchat.client import account\n", "net must not know it"),
        ("server/x.py", "from qtchat.client.account import loop\n", "server must not know it"),
        ("protocol/x.py", "from qtchat.net import loop\n", "protocol must not know it"),
        ("protocol/x.py", "from .. import net\n", "protocol must not know it"),
        ("gui/window.py", "from qtchat.server.app import session\n", "gui must not know it"),
        ("gui/x.py", "from qtchat.net import loop\n", "gui must not know it"),
        ("__main__.py", "from qtchat.server import app\n", "__main__ must not know it"),
        ("__init__.py", "from qtchat.net import loop\n", "qtchat must not know it"),
        ("stray.py", "from qtchat.net import loop\n", "stray must not know it"),
        ("server/x.py", "import PySide6\n", "Qt is for gui only"),
        ("client/x.py", "if True:\n    from PySide6 import QtCore\n", "Qt is for gui only"),
        ("client/x.py", "import shiboken6\n", "Qt is for gui only"),
        ("protocol/x.py", "import socket\n", "imports socket: not in the protocol"),
        ("protocol/x.py", "import os.path\n", "imports os.path: not in the protocol"),
        ("protocol/x.py", "from time import monotonic\n", "imports time: not in the protocol"),
        ("protocol/x.py", "from cryptography import x509\n", "imports cryptography: not in the protocol"),
        ("protocol/x.py", "import datetime\nx = datetime.datetime.now()\n", "reads a clock (now)"),
        ("protocol/x.py", "x = open('f')\n", "opens a file"),
        ("net/x.py", "from qtchat.protocol.messages import Hello\n", "imports Hello of qtchat.protocol.messages"),
        ("net/x.py", "from qtchat.protocol import messages\n", "net knows no chat"),
        ("net/x.py", "from qtchat.protocol.session import Enum\n", "net knows no chat"),
        ("client/x.py", "def f():\n    import json\n", "imports inside f()"),
        ("gui/x.py", "class C:\n    async def g(self):\n        from json import loads\n", "imports inside g()"),
        ("client/x.py", "import importlib\nx = importlib.import_module('json')\n", "by import_module"),
        ("client/x.py", "from importlib import import_module\n", "by import_module"),
        ("gui/app.py", "import importlib\nx = importlib.import_module('qtchat.net.loop')\n", "by import_module"),
        ("gui/x.py", "import importlib\nx = importlib.import_module('qtchat.server.app')\n", "by import_module"),
        (
            "gui/x.py",
            "import importlib\nx = importlib.import_module('segno', name)\ny = importlib.import_module(x)\n",
            ":3",
        ),
        ("client/x.py", "x = __import__('json')\n", "by __import__"),
        ("../packaging/__init__.py", "", "would shadow the library"),
    ],
)
def test_checker_finds_a_planted_violation(tmp_path: Path, path: str, text: str, complaint: str) -> None:
    found = plant(tmp_path, {f"qtchat/{path}": text})
    assert any(complaint in sentence for sentence in found), found


def test_checker_finds_a_planted_cycle(tmp_path: Path) -> None:
    found = plant(
        tmp_path,
        {
            "qtchat/server/a.py": "from qtchat.server import b\n",
            "qtchat/server/b.py": "from qtchat.server.c import x\n",
            "qtchat/server/c.py": "from .a import b as x\n",
            "qtchat/server/leads_there.py": "from qtchat.server import a\n",
        },
    )
    assert found == ["import cycle among qtchat.server.a, qtchat.server.b, qtchat.server.c"]
