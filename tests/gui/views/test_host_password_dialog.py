"""A password for newcomers."""

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.host_password_dialog import HostPasswordDialog
from qtchat.protocol.messages import MAX_PASSWORD


def test_the_password_is_typed_in_sight_and_not_empty(qtbot: QtBot, theme: Theme) -> None:
    dialog = HostPasswordDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.field, "  ")
    assert not dialog.set_button.isEnabled()
    QTest.keyClicks(dialog.field, "open sesame" + "x" * MAX_PASSWORD)
    assert dialog.field.displayText().startswith("  open sesame")
    with qtbot.waitSignal(dialog.password_chosen) as chosen:
        dialog.set_button.click()
    assert chosen.args == [("open sesame" + "x" * MAX_PASSWORD)[: MAX_PASSWORD - 2]]
    assert not dialog.isVisible()


def test_a_password_that_is_given_up_is_not_told(qtbot: QtBot, theme: Theme) -> None:
    dialog = HostPasswordDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.field.setText("sesame")
    cancel = dialog.findChild(QPushButton, "cancel_button")
    assert isinstance(cancel, QPushButton)
    with qtbot.assertNotEmitted(dialog.password_chosen):
        cancel.click()
