"""The pictures can be taken: one small scene of them, from the first start to the contact sheet."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

import tests.screenshots.run  # noqa: F401  # fills the lists
from tests.screenshots.scenes import FIRST, LAST, ONLINE


def test_a_scene_is_saved_in_every_variant(tmp_path: Path, qtbot: QtBot) -> None:
    command = [sys.executable, "-m", "tests.screenshots.run", str(tmp_path), "typing"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    names = {path.name for path in tmp_path.glob("*.png")}
    variants = {f"typing-{width}-100-{mode}.png" for width in (420, 1024) for mode in ("light", "dark")}
    assert names == {*variants, "sheet-narrow-01.png", "sheet-wide-01.png"}
    assert QImage(str(tmp_path / "typing-1024-100-light.png")).size().width() >= 1024


def test_no_two_scenes_have_one_name() -> None:
    names = [scene.name for scene in (*FIRST, *ONLINE, *LAST)]
    assert len(set(names)) == len(names)
