"""What qtchat loads by its name, when it is wanted: no analysis of imports can see that."""

import ast
from collections.abc import Iterator
from pathlib import Path


def loaded_by_name(package: Path) -> list[str]:
    """The full names that `importlib.import_module` is called with in the sources of `package`.

    Raises ValueError for a call whose name is not written out: nobody could tell what to bundle.
    """
    return sorted({name for path in package.rglob("*.py") for name in _names(path)})


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("import_module"):
            continue
        if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
            raise ValueError(f"{path}:{node.lineno} loads something whose name is not written there")
        yield str(node.args[0].value)
