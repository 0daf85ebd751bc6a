"""The dialog around the pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QRadioButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.controls import IconButton, Paragraph
from qtchat.gui.views.settings import Facts, Page, SettingsDialog

CONTROLS = (QAbstractButton, QComboBox, QLineEdit, QSlider)


@pytest.fixture
def restored(theme: Theme) -> Iterator[Theme]:
    yield theme
    theme.set_text_scale(1.0)


def controls(dialog: SettingsDialog) -> list[QWidget]:
    page = dialog.stack.currentWidget()
    assert page is not None
    return [control for kind in CONTROLS for control in page.findChildren(kind)]


def test_the_list_turns_the_pages(dialog: SettingsDialog, qtbot: QtBot) -> None:
    assert dialog.page is Page.PROFILE
    for page in list(Page)[1:]:
        qtbot.keyClick(dialog.side, Qt.Key.Key_Down)
        assert dialog.page is page
        assert dialog.title.text() == dialog.box.currentText() == dialog.side.currentItem().text()
    dialog.show_page(Page.NETWORK)
    assert dialog.side.currentItem().text() == "Network and server"


def test_a_narrow_dialog_has_a_box_instead(dialog: SettingsDialog) -> None:
    assert (dialog.side.isVisible(), dialog.title.isVisible(), dialog.box.isVisible()) == (True, True, False)
    dialog.resize(420, 480)
    assert (dialog.side.isVisible(), dialog.title.isVisible(), dialog.box.isVisible()) == (False, False, True)
    dialog.box.setCurrentIndex(4)
    dialog.box.activated.emit(4)
    assert dialog.page is Page.FILES
    dialog.resize(720, 520)
    assert dialog.side.currentRow() == 4


@pytest.mark.parametrize("width", [420, 1024])
@pytest.mark.parametrize("scale", [0.8, 1.5])
def test_everything_has_room(
    settings: Settings, restored: Theme, icons: Icons, qtbot: QtBot, width: int, scale: float
) -> None:
    restored.set_text_scale(scale)
    dialog = SettingsDialog(settings, Facts(Path("/profile" * 20), has_tray=False), restored, icons)
    qtbot.addWidget(dialog)
    dialog.resize(width, 600)
    dialog.show()
    assert dialog.width() == width
    for page in Page:
        dialog.show_page(page)
        for control in controls(dialog):
            left = control.mapTo(dialog, QPoint(0, 0)).x()
            assert left >= 0, control.objectName()
            assert left + control.width() <= width, control.objectName()
            if not isinstance(control, IconButton):  # they have a size of their own
                least = max(control.minimumSizeHint().height(), control.heightForWidth(control.width()))
                assert control.height() >= least, control.objectName()


@pytest.mark.parametrize(("window", "scale", "width"), [(420, 1.5, 420), (1024, 1.0, 720), (200, 1.0, 400)])
def test_it_is_no_wider_than_its_window(
    settings: Settings, restored: Theme, icons: Icons, qtbot: QtBot, window: int, scale: float, width: int
) -> None:
    restored.set_text_scale(scale)
    below = QWidget()
    qtbot.addWidget(below)
    below.resize(window, 640)
    dialog = SettingsDialog(settings, Facts(Path("/profile"), has_tray=False), restored, icons, below)
    assert dialog.width() == width
    dialog.show()
    for page in Page:
        dialog.show_page(page)
        paragraphs = [shown for shown in dialog.stack.findChildren(Paragraph) if shown.isVisible()]
        assert paragraphs
        for paragraph in paragraphs:
            assert paragraph.mapTo(dialog, paragraph.rect().topRight()).x() < width, paragraph.text()
            assert paragraph.height() >= paragraph.heightForWidth(paragraph.width()), paragraph.text()


def test_everything_is_reached_by_tab_and_has_a_name(dialog: SettingsDialog, qtbot: QtBot) -> None:
    for page in Page:
        dialog.show_page(page)
        for control in controls(dialog):
            if not control.isEnabled() or control.focusProxy() is not None or not control.isVisible():
                continue
            named = control.accessibleName() or (isinstance(control, QAbstractButton) and control.text())
            assert named, (page, control.objectName())
            if isinstance(control, QRadioButton) and not control.isChecked():
                continue  # the arrow keys lead there from the one that is checked
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, (page, control.objectName())


def test_escape_and_the_cross_close_it(dialog: SettingsDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.show()
    with qtbot.waitSignal(dialog.finished):
        qtbot.mouseClick(dialog.close_button, Qt.MouseButton.LeftButton)


def test_it_follows_the_theme(dialog: SettingsDialog, restored: Theme) -> None:
    for page in Page:
        dialog.show_page(page)
        restored.set_mode(Mode.LIGHT)
        light = dialog.grab().toImage()
        restored.set_mode(Mode.DARK)
        assert dialog.grab().toImage() != light
    wide = dialog._side_ground.width()
    restored.set_text_scale(1.5)
    assert dialog._side_ground.width() > wide
