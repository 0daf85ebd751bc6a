"""The dialog that shows findings: in words, one by one, to be copied."""

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.findings import CONTEXT, Finding, Outcome
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.controls import IconButton, Label
from qtchat.gui.views.doctor_dialog import DoctorDialog

GOOD = Finding("Networks", Outcome.OK, "192.168.1.5 (wlan0)")
BAD = Finding(
    "Firewall", Outcome.FAILED, "<b>{name}</b> is on.", "Open it:", "sudo ufw allow 47300/tcp", {"name": "ufw"}
)
REMARK = Finding("Clock", Outcome.WARNING, "Late.")


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, icons: Icons) -> DoctorDialog:
    dialog = DoctorDialog(theme, icons, "kitchen.local")
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_begins_with_looking(dialog: DoctorDialog) -> None:
    assert dialog.progress.isVisible()
    assert dialog.summary.text() == "Looking…"
    assert dialog.again_button.text() == "Stop"
    assert dialog.address_field.text() == "kitchen.local"


def test_each_outcome_has_a_word(dialog: DoctorDialog) -> None:
    for outcome in Outcome:
        dialog.add(Finding("Step", outcome, "Sentence."))
    assert [row.word.text() for row in dialog.rows] == ["Good", "Remark", "Problem", "Not tested"]
    assert dialog.rows[2].accessibleName() == "Step: Problem. Sentence."


def test_what_to_do_can_be_copied(dialog: DoctorDialog) -> None:
    dialog.add(BAD)
    row = dialog.rows[0]
    assert row.accessibleName() == "Firewall: Problem. <b>ufw</b> is on. Open it: sudo ufw allow 47300/tcp"
    assert (row.fix.text(), row.command.text()) == ("Open it:", "sudo ufw allow 47300/tcp")
    row.copy_button.click()
    assert QGuiApplication.clipboard().text() == "sudo ufw allow 47300/tcp"


def test_what_is_no_command_has_no_button(dialog: DoctorDialog) -> None:
    dialog.add(Finding("VPN", Outcome.WARNING, "One is there.", "Switch it off."))
    assert dialog.rows[0].findChildren(IconButton) == []


class German(QTranslator):
    """Knows two templates of the doctor."""

    def translate(self, context: str, text: str, _comment: str | None = None, _n: int = -1) -> str | None:
        words = {"Firewall": "Brandmauer", "<b>{name}</b> is on.": "Es gibt <b>{name}</b>."}
        return words.get(text) if context == CONTEXT else None


def test_findings_are_translated_and_the_report_is_not(dialog: DoctorDialog, qapp: QApplication) -> None:
    german = German()
    qapp.installTranslator(german)
    dialog.add(BAD)
    qapp.removeTranslator(german)
    labels = [label.text() for label in dialog.rows[0].findChildren(Label)]
    assert {"Brandmauer", "Es gibt <b>ufw</b>.", "Open it:"} <= set(labels)
    dialog.end()
    dialog.copy_button.click()
    assert "[failed ] Firewall: <b>ufw</b> is on." in QGuiApplication.clipboard().text()


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([GOOD], "No problem found."),
        ([GOOD, REMARK], "No problem found, but see the remarks."),
        ([REMARK, BAD], "1 problem found"),
        ([BAD, BAD], "2 problems found"),
    ],
)
def test_the_end_sums_up(dialog: DoctorDialog, findings: list[Finding], words: str) -> None:
    for finding in findings:
        dialog.add(finding)
    dialog.end()
    assert dialog.summary.text() == words
    assert not dialog.progress.isVisible()


def test_the_last_finding_is_seen_and_at_the_end_the_worst(qtbot: QtBot, dialog: DoctorDialog) -> None:
    bar = dialog.area.verticalScrollBar()
    dialog.add(BAD)
    for _ in range(10):
        dialog.add(GOOD)
    qtbot.waitUntil(lambda: 0 < bar.maximum() == bar.value())
    dialog.end()
    qtbot.waitUntil(lambda: bar.value() < bar.maximum() // 2)


def test_the_report_can_be_copied(dialog: DoctorDialog) -> None:
    dialog.add(GOOD)
    dialog.add(BAD)
    dialog.end()
    dialog.copy_button.click()
    text = QGuiApplication.clipboard().text()
    assert "[  ok   ] Networks: 192.168.1.5 (wlan0)" in text
    assert "sudo ufw allow 47300/tcp" in text


def test_looking_again_begins_anew(qtbot: QtBot, dialog: DoctorDialog) -> None:
    dialog.add(BAD)
    dialog.end()
    dialog.address_field.setText(" office ")
    with qtbot.waitSignal(dialog.examine_wanted) as asked:
        dialog.again_button.click()
    assert asked.args == ["office"]
    assert dialog.rows == []
    dialog.add(BAD)
    with qtbot.waitSignal(dialog.examine_wanted):
        dialog.address_field.returnPressed.emit()  # another address while it is at it
    assert dialog.rows == []
    assert dialog.progress.isVisible()


def test_it_can_be_stopped(qtbot: QtBot, dialog: DoctorDialog) -> None:
    dialog.add(BAD)
    with qtbot.waitSignal(dialog.stop_wanted), qtbot.assertNotEmitted(dialog.examine_wanted):
        dialog.again_button.click()
    assert not dialog.progress.isVisible()
    assert dialog.summary.text() == "Stopped. This was found so far."
    assert len(dialog.rows) == 1
    assert dialog.again_button.text() == "Look again"


def test_a_failure_of_its_own_is_said(dialog: DoctorDialog) -> None:
    dialog.fail("Sorry.")
    assert dialog.summary.text() == "Sorry."
    assert dialog.again_button.isEnabled()
