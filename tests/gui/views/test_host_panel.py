"""The host's panel, by itself."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.hosting import Newcomers
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.host_panel import DOORS, HostPanel
from tests.helpers.fake_account import FakeStatus

CODE = "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"


@pytest.fixture
def panel(qtbot: QtBot, theme: Theme, icons: Icons) -> HostPanel:
    panel = HostPanel(theme, icons)
    qtbot.addWidget(panel)
    panel.show_place("<b>Kitchen</b>", ("192.168.1.5:47300", "[fd00::1]:47300"), CODE)
    panel.show()
    return panel


def test_names_are_shown_literally(panel: HostPanel) -> None:
    assert panel.about.whole() == "“<b>Kitchen</b>” is open on this computer."
    assert {label.textFormat() for label in panel.findChildren(QLabel)} == {Qt.TextFormat.PlainText}


def test_a_dash_stands_for_what_is_not_known_yet(panel: HostPanel) -> None:
    assert panel.online.number.text() == "–"
    panel.show_status(FakeStatus(last_backup=1_763_740_000_000))
    assert panel.online.number.text() == "3"
    assert panel.backup_label.text().startswith("The last one: ")


def test_doors_are_out_of_the_way_until_they_matter(panel: HostPanel) -> None:
    assert not panel.door_boxes[DOORS[0]].isVisible()
    panel.doors_button.click()
    assert panel.door_boxes[DOORS[0]].isVisible()
    assert panel.doors_button.isHidden()


def test_open_doors_are_shown_and_a_change_has_to_be_confirmed(qtbot: QtBot, panel: HostPanel) -> None:
    panel.show_doors(("nick-ru:12347",))
    assert panel.door_boxes["nick-ru:12347"].isChecked()
    assert panel.restart_button.isHidden()
    panel.door_boxes["anonymous:4040"].click()
    with qtbot.waitSignal(panel.doors_wanted) as asked:
        panel.restart_button.click()
    assert asked.args == [("nick-ru:12347", "anonymous:4040")]


def test_enter_invites(qtbot: QtBot, panel: HostPanel) -> None:
    with qtbot.waitSignal(panel.invite_wanted):
        QTest.keyClick(panel, Qt.Key.Key_Return)


def test_nothing_is_cut_off(qtbot: QtBot, panel: HostPanel) -> None:
    panel.show_doors(DOORS, "port 12347 is in use by another program")
    panel.newcomers.show_rules(Newcomers(wait=True), password=True)
    panel.show_failure("The copy could not be made: " + "no space left on device, " * 6)
    layout = panel.layout()
    assert layout is not None
    qtbot.waitUntil(lambda: panel.height() == layout.totalHeightForWidth(panel.width()))
    for button in (panel.stop_button, panel.close_button, panel.invite_button):
        assert button.width() >= button.sizeHint().width()


def test_it_fits_into_a_small_window(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    theme.set_text_scale(1.5)
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(420, 640)
    panel = HostPanel(theme, icons, window)
    panel.show_place("Kitchen", ("192.168.100.200:47300",), CODE)
    panel.show_doors(DOORS, "port 12347 is in use by another program")
    panel.newcomers.show_rules(Newcomers(wait=True), password=True)
    panel.show()
    assert panel.width() == 420
    content = panel.column.parentWidget()
    assert content is not None
    qtbot.waitUntil(lambda: content.width() <= panel.body.viewport().width())
    theme.set_text_scale(1.0)
