"""Saves a picture of every screen and state: `python3 dev.py screenshots DIR [NAME...]`.

A real server, a scripted conversation, the real program; both themes, several widths and text sizes. Without a
screen it draws offscreen; under a display the windows are really shown. Look at the sheets first.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from qtchat.gui.theme.theme import Mode
from tests.screenshots import conversation, dialogs, joining, moderation, servers  # noqa: F401  # in this order
from tests.screenshots.camera import contact_sheet, picture, shown_windows
from tests.screenshots.play import Play, talk
from tests.screenshots.scenes import FIRST, LAST, ONLINE, Scene
from tests.screenshots.stage import Stage

MODES = (Mode.LIGHT, Mode.DARK)
ON_A_SHEET = 12
SCREEN = {"name": "", "x": 0, "y": 0, "width": 1920, "height": 1080, "logicalDpi": 96, "dpr": 1}
"""What the offscreen platform pretends to have; its own is so small that popups have no room."""


class Photographer:
    """Takes the scenes and keeps what was saved."""

    def __init__(self, target: Path, wanted: Sequence[str]) -> None:
        self._target, self._wanted = target, wanted
        self.saved: list[Path] = []
        self.failed: list[str] = []

    def take(self, stage: Stage, scenes: Sequence[Scene]) -> None:
        """All variants of all wanted scenes."""
        for scene in scenes:
            if self._wanted and not any(scene.name.startswith(name) for name in self._wanted):
                continue
            for size in scene.sizes:
                for scale in scene.scales:
                    for mode in MODES:
                        self._take(stage, scene, size, scale, mode)

    def _take(self, stage: Stage, scene: Scene, size: tuple[int, int], scale: float, mode: Mode) -> None:
        name = f"{scene.name}-{size[0]}-{round(scale * 100)}-{mode.value}"
        stage.look(mode, scale)
        stage.size(*size)
        try:
            scene.act(stage)
            stage.settle()
            path = self._target / f"{name}.png"
            picture(shown_windows()).save(str(path))
            self.saved.append(path)
        except (TimeoutError, AssertionError, ValueError) as error:
            self.failed.append(f"{name}: {error}")
            print(f"{name}: {error}", file=sys.stderr)
        stage.tidy()

    def sheets(self) -> list[Path]:
        """Contact sheets: of the narrow pictures and of the others, in the order in which they were taken."""
        made: list[Path] = []
        narrow = [path for path in self.saved if "-420-" in path.name]
        usual = [path for path in self.saved if "-420-" not in path.name]
        for kind, pictures, across in (("narrow", narrow, 6), ("wide", usual, 3)):
            for start in range(0, len(pictures), ON_A_SHEET):
                path = self._target / f"sheet-{kind}-{start // ON_A_SHEET + 1:02}.png"
                contact_sheet(pictures[start : start + ON_A_SHEET], path, across)
                made.append(path)
        return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Take all pictures; returns 1 if one of them could not be taken."""
    parser = argparse.ArgumentParser(prog="dev.py screenshots", description="Saves a picture of every screen.")
    parser.add_argument("target", type=Path, metavar="DIR", help="where the pictures go")
    parser.add_argument("scenes", nargs="*", metavar="NAME", help="only scenes whose name begins like this")
    options = parser.parse_args(arguments)
    options.target.mkdir(parents=True, exist_ok=True)
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        screen = options.target / "screen.json"
        screen.write_text(json.dumps({"screens": [SCREEN]}), encoding="utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
    qInstallMessageHandler(_say)
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    photographer = Photographer(options.target, options.scenes)
    with tempfile.TemporaryDirectory() as folder, Play(Path(folder), name="Kitchen") as play:
        talk(play)
        first = Stage(application, Path(folder) / "first", play)
        photographer.take(first, FIRST)
        first.quit()
        stage = Stage(application, Path(folder) / "later", play)
        stage.join(play.link, "Maria")
        stage.prepare()
        photographer.take(stage, ONLINE)
        photographer.take(stage, LAST)
        stage.quit()
    sheets = photographer.sheets()
    print(f"{len(photographer.saved)} pictures and {len(sheets)} sheets in {options.target}")
    return 1 if photographer.failed else 0


def _say(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """What Qt warns of; the offscreen platform does so of every window that is raised or has size hints."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
