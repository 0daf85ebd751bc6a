"""The dialog with the licences, and the way to it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui import licences
from qtchat.gui.licences import Part
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.settings import about
from qtchat.gui.views.settings.about import AboutPage
from qtchat.gui.views.settings.licences import LicencesDialog

PARTS = [
    Part("qtchat", "0.1.0", "MIT", "qtchat.txt"),
    Part("Icons", "", "<b>ISC</b>", "Icons.txt"),
    Part("gone", "1", "MIT", "gone.txt"),
]


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(licences, "resource", lambda *parts: tmp_path.joinpath(*parts[1:]))
    (tmp_path / "qtchat.txt").write_text("Permission is hereby granted")
    (tmp_path / "Icons.txt").write_text("<i>ISC</i> & more")
    return tmp_path


def test_each_part_shows_its_licence_and_text(texts: Path, theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    dialog = LicencesDialog(theme, icons, PARTS)
    qtbot.addWidget(dialog)
    shown = [dialog.part_box.itemText(index) for index in range(dialog.part_box.count())]
    assert shown == ["qtchat 0.1.0", "Icons", "gone 1"]
    assert dialog.text_field.toPlainText() == "Permission is hereby granted"
    dialog.part_box.setCurrentIndex(1)
    assert dialog.licence_label.text() == "<b>ISC</b>"
    assert dialog.text_field.toPlainText() == "<i>ISC</i> & more"


def test_a_text_that_is_gone_is_said(texts: Path, theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    dialog = LicencesDialog(theme, icons, PARTS)
    qtbot.addWidget(dialog)
    dialog.part_box.setCurrentIndex(2)
    assert "missing" in dialog.text_field.toPlainText()


def test_about_leads_to_it_in_a_bundle_only(
    texts: Path, theme: Theme, icons: Icons, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = AboutPage(theme, icons)
    qtbot.addWidget(page)
    assert not hasattr(page, "licences_button")
    monkeypatch.setattr(about, "bundled_parts", lambda: PARTS)
    bundled = AboutPage(theme, icons)
    qtbot.addWidget(bundled)
    bundled.licences_button.click()
    (dialog,) = bundled.findChildren(LicencesDialog)
    with qtbot.waitSignal(dialog.finished):
        dialog.close_button.click()
