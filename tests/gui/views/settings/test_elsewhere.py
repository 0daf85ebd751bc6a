"""Addresses in other networks: bad lines are told of, and nothing that was written is lost."""

import pytest
from pytestqt.qtbot import QtBot

from qtchat.client.elsewhere import MAX_TEXT
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.settings import Page, SettingsDialog
from qtchat.gui.views.settings.elsewhere import SHOWN_BAD, ElsewhereField


@pytest.fixture
def field(dialog: SettingsDialog) -> ElsewhereField:
    dialog.show_page(Page.NETWORK)
    return dialog.network.elsewhere


def test_what_is_written_is_taken_after_a_pause(field: ElsewhereField, qtbot: QtBot) -> None:
    field.field.setFocus()
    with qtbot.waitSignal(field.chosen) as chosen:
        qtbot.keyClicks(field.field, "lab")
    assert chosen.args == ["lab"]
    assert field.error_label.isHidden()
    with qtbot.assertNotEmitted(field.chosen):
        field._take()


def test_bad_lines_are_told_of_and_kept(field: ElsewhereField, qtbot: QtBot, dialog: SettingsDialog) -> None:
    field.field.setFocus()
    field.field.setPlainText("lab\nthe attic\n10.2.0.500")
    assert field.error_label.isHidden()  # somebody may still be writing
    with qtbot.waitSignal(field.chosen) as chosen:
        dialog.side.setFocus()
    assert chosen.args == ["lab\nthe attic\n10.2.0.500"]
    first, second = field.error_label.text().splitlines()
    assert first.startswith("Line 2: ")
    assert "the attic" in first
    assert second.startswith("Line 3: ")
    assert "IPv4" in second
    field.field.setPlainText("lab")
    field._take()
    assert field.error_label.isHidden()


@pytest.mark.parametrize("leave", ["page", "close"])
def test_leaving_takes_it_at_once(field: ElsewhereField, qtbot: QtBot, dialog: SettingsDialog, leave: str) -> None:
    field.field.setPlainText("lab")
    with qtbot.waitSignal(field.chosen) as chosen:
        if leave == "page":
            dialog.show_page(Page.ABOUT)
        else:
            dialog.reject()
    assert chosen.args == ["lab"]


def test_many_bad_lines_do_not_fill_the_page(theme: Theme, qtbot: QtBot) -> None:
    field = ElsewhereField("\n".join(["the attic"] * (SHOWN_BAD + 3)), theme)
    qtbot.addWidget(field)
    said = field.error_label.text().splitlines()
    assert len(said) == SHOWN_BAD + 1
    assert said[-1] == "And 3 more."


def test_what_is_too_long_is_not_kept_and_said(field: ElsewhereField, qtbot: QtBot) -> None:
    field.field.setPlainText("x" * (MAX_TEXT + 1))
    with qtbot.assertNotEmitted(field.chosen):
        field._take()
    assert "too long" in field.error_label.text()
