"""The dialog that shows findings: in words, one by one, to be copied."""

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from qtchat.client.findings import Finding, Outcome
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.doctor_dialog import DoctorDialog

GOOD = Finding("Networks", Outcome.OK, "192.168.1.5 (wlan0)")
BAD = Finding("Firewall", Outcome.FAILED, "<b>ufw</b> is on.", "Open it:\nsudo ufw allow 47300/tcp")
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
    assert not dialog.again_button.isEnabled()
    assert dialog.address_field.text() == "kitchen.local"


def test_each_outcome_has_a_word(dialog: DoctorDialog) -> None:
    for outcome in Outcome:
        dialog.add(Finding("Step", outcome, "Sentence."))
    assert [row.word.text() for row in dialog.rows] == ["Good", "Remark", "Problem", "Not tested"]
    assert dialog.rows[2].accessibleName() == "Step: Problem. Sentence. "


def test_what_to_do_can_be_copied(dialog: DoctorDialog) -> None:
    dialog.add(BAD)
    row = dialog.rows[0]
    assert row.fix.text() == BAD.fix
    row.copy_button.click()
    assert QGuiApplication.clipboard().text() == BAD.fix


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
    dialog.address_field.returnPressed.emit()  # it is at it
    assert dialog.progress.isVisible()


def test_a_failure_of_its_own_is_said(dialog: DoctorDialog) -> None:
    dialog.fail("Sorry.")
    assert dialog.summary.text() == "Sorry."
    assert dialog.again_button.isEnabled()
