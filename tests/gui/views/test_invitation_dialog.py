"""What is shown to whoever invites, and what can be copied."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.invitation_dialog import CopyButton, InvitationDialog

CODE = "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"
LINK = f"qtchat://192.168.1.5:47300/#{CODE}"


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme) -> Iterator[InvitationDialog]:
    dialog = InvitationDialog(theme, LINK, CODE, None, ("192.168.1.5:47300", "10.0.0.2:47300"))
    qtbot.addWidget(dialog)
    dialog.show()
    yield dialog
    QApplication.clipboard().clear()


def test_everything_can_be_copied(dialog: InvitationDialog) -> None:
    copied = []
    for button in dialog.findChildren(CopyButton):
        if button.isVisible():
            button.click()
            copied.append(QApplication.clipboard().text())
    assert copied == [LINK, CODE, "192.168.1.5:47300\n10.0.0.2:47300"]


def test_that_it_was_copied_is_said_for_a_moment(qtbot: QtBot, dialog: InvitationDialog) -> None:
    button = dialog.copy_button
    width = button.width()
    button.click()
    assert (button.text(), button.width()) == ("Copied", width)
    button._restore.setInterval(0)
    qtbot.waitUntil(lambda: button.text() == "Copy")


def test_without_a_firewall_nothing_is_said_of_it(dialog: InvitationDialog) -> None:
    assert dialog.firewall_label.isHidden()
    dialog.show_firewall("ufw is switched on, and may keep the chat out.\nTo let the chat in:\nsudo a\nsudo b")
    assert dialog.firewall_label.isVisible()
    assert dialog.firewall_copy.text_to_copy == "sudo a\nsudo b"
    dialog.show_firewall("")
    assert dialog.firewall_label.isHidden()
    assert dialog.firewall_copy.isHidden()


@pytest.mark.parametrize(("window", "width"), [(420, 420), (500, 500), (1024, 630)])
def test_it_is_never_wider_than_the_window(qtbot: QtBot, theme: Theme, window: int, width: int) -> None:
    theme.set_text_scale(1.5)
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(window, 640)
    dialog = InvitationDialog(theme, LINK, CODE, parent, ("192.168.1.5:47300", "10.0.0.2:47300"))
    dialog.show()
    assert dialog.width() == width
    content = dialog.column.parentWidget()
    assert content is not None
    qtbot.waitUntil(lambda: content.width() <= dialog.body.viewport().width())
    theme.set_text_scale(1.0)
