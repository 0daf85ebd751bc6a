"""What newcomers meet, as the host is shown it."""

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui.hosting import Newcomers
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.host_newcomers import HostNewcomers


@pytest.fixture
def newcomers(qtbot: QtBot, theme: Theme, icons: Icons) -> HostNewcomers:
    newcomers = HostNewcomers(theme, icons)
    qtbot.addWidget(newcomers)
    newcomers.show()
    return newcomers


def test_rules_are_out_of_the_way_until_there_are_some(newcomers: HostNewcomers) -> None:
    newcomers.show_rules(Newcomers(), password=False)
    assert not newcomers.wait_box.isVisible()
    newcomers.show_rules(Newcomers(wait=True), password=False)
    assert newcomers.wait_box.isVisible()
    assert newcomers.more_button.isHidden()


def test_a_change_has_to_be_confirmed(qtbot: QtBot, newcomers: HostNewcomers) -> None:
    newcomers.more_button.click()
    assert newcomers.restart_button.isHidden()
    newcomers.read_box.click()
    with qtbot.waitSignal(newcomers.rules_wanted) as asked:
        newcomers.restart_button.click()
    assert asked.args == [Newcomers(only_read=True)]
    newcomers.show_rules(Newcomers(), password=False)  # it did not come to that
    assert not newcomers.read_box.isChecked()


def test_a_password_is_removed_only_where_there_is_one(qtbot: QtBot, newcomers: HostNewcomers) -> None:
    newcomers.show_rules(Newcomers(), password=True)
    assert newcomers.no_password_button.isVisible()
    assert newcomers.password_button.accessibleName() == "Change the password…"
    with qtbot.waitSignal(newcomers.no_password_wanted):
        newcomers.no_password_button.click()
    newcomers.show_rules(Newcomers(), password=False)
    assert newcomers.no_password_button.isHidden()
    with qtbot.waitSignal(newcomers.password_wanted):
        newcomers.password_button.click()


@pytest.mark.parametrize("doors", [True, False])
def test_a_plain_text_door_beside_a_lock_is_told_of(newcomers: HostNewcomers, *, doors: bool) -> None:
    newcomers.more_button.click()
    newcomers.show_doors(doors)
    assert newcomers.doors_note.isHidden()
    newcomers.wait_box.click()  # before it is confirmed
    assert newcomers.doors_note.isVisible() is doors
    newcomers.wait_box.click()
    newcomers.show_rules(Newcomers(), password=True)
    assert newcomers.doors_note.isVisible() is doors
