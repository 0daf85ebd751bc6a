"""Every word of the doctor can be translated: each template is marked, found by lupdate, and gets its values."""

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.net.checks.findings import CONTEXT

ROOT = Path(__file__).parents[2]
FILES = [
    *sorted((ROOT / "qtchat/net/checks").glob("*.py")),
    *(path for path in sorted((ROOT / "qtchat/client").glob("doctor*.py")) if path.stem != "doctor_cli"),
]
MARK = "QT_TRANSLATE_NOOP"
MAKERS = {"ok": 2, "warning": 3, "failed": 3, "skipped": 3, "Firewall": 3}
"""What takes templates, and how many of its first arguments can be some."""
NAME = re.compile(r"\{(\w+)\}")


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id, node


def marked(tree: ast.AST) -> list[str]:
    """Every template; fails where a mark is not of two literals."""
    found = []
    for name, call in calls(tree):
        if name == MARK:
            context, template = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
            assert context == CONTEXT
            assert isinstance(template, str)
            found.append(template)
    return found


def is_bare(argument: ast.expr) -> bool:
    """Whether it is words without a mark."""
    if isinstance(argument, ast.Constant):
        return isinstance(argument.value, str) and " " in argument.value
    return isinstance(argument, ast.JoinedStr | ast.BinOp)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_word_is_without_a_mark(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    marked(tree)
    bare = [
        f"{path.name}:{argument.lineno}"
        for name, call in calls(tree)
        for argument in call.args[: MAKERS.get(name, 0)]
        if is_bare(argument)
    ]
    assert bare == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_name_in_a_template_has_a_value(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        node.target.id: marked(node)
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
        templates = [*marked(function), *(text for name in names for text in constants.get(name, ()))]
        values = {keyword.arg for name, call in calls(function) if name in MAKERS for keyword in call.keywords}
        missing = {name for text in templates for name in NAME.findall(text)} - values
        assert not missing, f"{path.name}: {function.name} gives no value for {missing}"


def lupdate() -> str | None:
    beside = Path(sys.executable).with_name("pyside6-lupdate")
    return str(beside) if beside.exists() else shutil.which("pyside6-lupdate")


@pytest.mark.skipif(lupdate() is None, reason="pyside6-lupdate is not installed")
def test_lupdate_finds_every_template(tmp_path: Path) -> None:
    tool = lupdate()
    assert tool is not None
    out = tmp_path / "doctor.ts"
    subprocess.run([tool, *map(str, FILES), "-ts", str(out)], check=True, capture_output=True, timeout=60)
    found = {
        message.findtext("source")
        for context in ET.parse(out).iter("context")
        if context.findtext("name") == CONTEXT
        for message in context.iter("message")
    }
    assert found == {template for path in FILES for template in marked(ast.parse(path.read_text(encoding="utf-8")))}
    assert len(found) > 80
