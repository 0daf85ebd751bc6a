"""The desktop program on a fake account, and the pieces its views are made of."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from tests.helpers.desktop import Stand


@pytest.fixture
def stand(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Stand]:
    stand = Stand(qtbot, qapp, tmp_path)
    finished: list[bool] = []
    stand.desktop.leaving.finished.connect(lambda: finished.append(True))
    yield stand
    if not finished:
        stand.quit()
    stand.close()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    # A theme styles all windows there are: first let go of those of the last test.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    theme = Theme(qapp)
    theme.set_mode(Mode.LIGHT)
    yield theme
    theme.deleteLater()


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)
