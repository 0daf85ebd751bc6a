"""PyInstaller's recipe for each system, followed with stand-ins that note down what it asks for."""

import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import segno
from bundling import licences, place

SPEC = place.ROOT / "packaging" / "qtchat.spec"


class Kitchen:
    """What the recipe is followed with."""

    def __init__(self) -> None:
        self.analysed: dict[str, dict[str, Any]] = {}
        self.programs: dict[str, dict[str, Any]] = {}
        self.folders: list[str] = []
        self.applications: list[dict[str, Any]] = []

    def analysis(self, scripts: list[str], **wishes: Any) -> Any:
        self.analysed[Path(scripts[0]).name] = wishes
        result = ModuleType("analysis")
        vars(result).update(binaries=Table(), pure=Table(), scripts=Table(), datas=Table(self._files(wishes["datas"])))
        vars(result).update(_modules_outside_pyz=[("segno", segno.__file__, "PYMODULE")])
        return result

    def _files(self, datas: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
        for source, _ in datas:
            assert Path(source).exists(), source
        return [(f"{place}/{Path(source).name}", source, "DATA") for source, place in datas if Path(source).is_file()]

    def archive(self, _pure: object) -> Any:
        result = ModuleType("archive")
        vars(result).update(dependencies=[])
        return result

    def program(self, *_parts: object, name: str, **wishes: Any) -> object:
        self.programs[name] = wishes
        return object()

    def folder(self, *_parts: object, name: str, **_wishes: Any) -> object:
        self.folders.append(name)
        return object()

    def application(self, _folder: object, **wishes: Any) -> None:
        self.applications.append(wishes)


class Table(list[Any]):
    """A list of PyInstaller's, as far as it matters."""


@pytest.fixture
def kitchen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kitchen:
    """Nothing is written but into `tmp_path`."""
    for module in (place, licences):
        monkeypatch.setattr(module, "BUILD", tmp_path)
    names = ("PyInstaller", "PyInstaller.depend", "PyInstaller.depend.bindepend", "PyInstaller.utils")
    for name in (*names, "PyInstaller.utils.hooks"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setattr(sys.modules["PyInstaller.depend.bindepend"], "get_imports", lambda _path: [], raising=False)
    hooks = sys.modules["PyInstaller.utils.hooks"]
    monkeypatch.setattr(hooks, "collect_submodules", lambda name, **_: [f"{name}.all"], raising=False)
    return Kitchen()


@pytest.mark.parametrize(("system", "icon"), [("linux", None), ("win32", "qtchat.ico"), ("darwin", "qtchat.icns")])
def test_recipe_of_each_system(
    system: str, icon: str | None, kitchen: Kitchen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = compile(SPEC.read_text(encoding="utf-8"), str(SPEC), "exec")
    stand_ins = {
        "SPECPATH": str(SPEC.parent),
        "Analysis": kitchen.analysis,
        "PYZ": kitchen.archive,
        "EXE": kitchen.program,
        "COLLECT": kitchen.folder,
        "BUNDLE": kitchen.application,
        "Tree": lambda folder, where: (folder, where),
    }
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", system)
        exec(code, stand_ins)
    assert list(kitchen.programs) == list(place.PROGRAMS)
    assert [wishes["console"] for wishes in kitchen.programs.values()] == [False, True, True]
    assert kitchen.folders == ["qtchat", "qtchat-server"]
    for name, wishes in kitchen.programs.items():
        assert (Path(wishes["icon"]).name if wishes["icon"] else None) == icon
        assert Path(wishes["entitlements_file"]).is_file()
        if system == "win32":
            assert name in Path(wishes["version"]).read_text(encoding="utf-8")
    app, server, cli = kitchen.analysed.values()
    assert {"qtchat.client.doctor", "qtchat.server.app", "qtchat.gui.all", "segno"} <= set(app["hiddenimports"])
    assert "cryptography.x509" in server["hiddenimports"]
    assert "cryptography.x509" in cli["hiddenimports"]
    assert "PySide6" in server["excludes"]
    assert "PySide6" not in app["excludes"]
    assert (tmp_path / "licences" / "start_app" / "index.json").is_file()
    assert len(kitchen.applications) == (system == "darwin")
    for wishes in kitchen.applications:
        assert wishes["bundle_identifier"] == place.PUBLISHER.identifier
        assert wishes["info_plist"]["NSBonjourServices"]
