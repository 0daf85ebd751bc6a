"""What the timeline's tests share."""

import pytest
from PySide6.QtWidgets import QApplication

from qtchat.gui.theme.theme import Theme


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)
