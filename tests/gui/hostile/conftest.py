"""Whatever somebody calls themselves or a room, or writes: each place shows it as plain text, stays in bounds, and
opens nothing that it names."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.hostile.checks import HOSTILE, baited
from tests.gui.hostile.company import Company
from tests.helpers.lure import Lure, lure


@pytest.fixture(scope="module")
def bait() -> Iterator[Lure]:
    with lure() as made:
        yield made


@pytest.fixture(autouse=True)
def _nothing_is_loaded(bait: Lure) -> Iterator[None]:
    yield
    assert not bait.opened(), "a file that a text names was opened"
    assert not bait.called(), "an address that a text names was called"


@pytest.fixture
def company(qtbot: QtBot, qapp: QApplication, tmp_path: Path, bait: Lure) -> Iterator[Company]:
    company = Company(qtbot, qapp, tmp_path)
    company.fill(tuple(baited(words, bait) for words in HOSTILE.values()))
    yield company
    company.quit()
    company.close()
