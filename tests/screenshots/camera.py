"""Takes pictures of windows with all that floats above them: dialogs, menus, popups."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget

PATIENCE: Final = 15.0
"""Seconds a condition may take; reached only when something is wrong."""
STEP_MS: Final = 20
GROUND: Final = 0xFF808080
SHEET_WIDTH: Final = 1800
GAP: Final = 8


def until(condition: Callable[[], bool], what: str = "") -> None:
    """Let the program run until `condition` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{PATIENCE:.0f} s were not enough for {what or condition}")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, STEP_MS)


def rest(milliseconds: int) -> None:
    """Let the program run for so long: for motion that has to be over in the picture."""
    end = time.monotonic() + milliseconds / 1000
    while time.monotonic() < end:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, STEP_MS)
        time.sleep(0.005)


def shown_windows() -> list[QWidget]:
    """All windows on the screen: the main ones first, popups last."""

    def rank(widget: QWidget) -> int:
        kind = widget.windowType()
        return {Qt.WindowType.Window: 0, Qt.WindowType.Dialog: 1}.get(kind, 2)

    return sorted((widget for widget in QApplication.topLevelWidgets() if widget.isVisible()), key=rank)


def picture(windows: Iterable[QWidget]) -> QImage:
    """These windows as they lie above one another, on grey where there is nothing."""
    shots = [(QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()), widget.grab()) for widget in windows]
    if not shots:
        raise ValueError("there is no window to take a picture of")
    whole = shots[0][0]
    for place, _ in shots[1:]:
        whole = whole.united(place)
    image = QImage(whole.size(), QImage.Format.Format_RGB32)
    image.fill(GROUND)
    painter = QPainter(image)
    for place, pixmap in shots:
        painter.drawPixmap(place.topLeft() - whole.topLeft(), pixmap)
    painter.end()
    return image


def contact_sheet(pictures: list[Path], target: Path, across: int) -> None:
    """All of them small, `across` to a row, in one file."""
    width = (SHEET_WIDTH - GAP) // across - GAP
    smooth = Qt.TransformationMode.SmoothTransformation
    small = [QImage(str(path)).scaledToWidth(width, smooth) for path in pictures]
    rows = [small[start : start + across] for start in range(0, len(small), across)]
    height = sum(max(image.height() for image in row) + GAP for row in rows) + GAP
    sheet = QImage(SHEET_WIDTH, height, QImage.Format.Format_RGB32)
    sheet.fill(GROUND)
    painter = QPainter(sheet)
    top = GAP
    for row in rows:
        for place, image in enumerate(row):
            painter.drawImage(GAP + place * (width + GAP), top, image)
        top += max(image.height() for image in row) + GAP
    painter.end()
    sheet.save(str(target))
