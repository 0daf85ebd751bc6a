"""The doctor in the app: off the GUI thread, shown as it comes, ended with its dialog."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtchat.client import doctor
from qtchat.client.findings import Finding, Outcome
from qtchat.gui.app import examine
from qtchat.gui.bridge import Background
from qtchat.gui.doctor import Diagnosis, Examine
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from tests.helpers.desktop import Stand

Make = Callable[[Examine], Diagnosis]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme, icons: Icons) -> Iterator[Make]:
    background = Background()
    made: list[Diagnosis] = []

    def make(examine: Examine) -> Diagnosis:
        made.append(Diagnosis(examine, background, theme, icons))
        return made[-1]

    yield make
    for diagnosis in made:
        if diagnosis.dialog is not None:
            diagnosis.dialog.reject()
    qtbot.waitUntil(lambda: not background.busy)
    background.join()


def step(name: str) -> Finding:
    return Finding(name, Outcome.OK, "Good.")


def test_findings_come_one_by_one(qtbot: QtBot, make: Make) -> None:
    go_on, threads = threading.Event(), []

    def examine(link: str, stop: threading.Event) -> Iterator[Finding]:
        threads.append(threading.current_thread())
        yield step(link)
        go_on.wait()
        yield step("last")

    diagnosis = make(examine)
    diagnosis.open("kitchen")
    dialog = diagnosis.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: [row.finding.step for row in dialog.rows] == ["kitchen"])
    assert dialog.progress.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: dialog.summary.text() == "No problem found.")
    assert [row.finding.step for row in dialog.rows] == ["kitchen", "last"]
    assert threads[0] is not threading.main_thread()


def test_closing_ends_it(qtbot: QtBot, make: Make) -> None:
    ended = threading.Event()

    def examine(link: str, stop: threading.Event) -> Iterator[Finding]:
        stop.wait()
        ended.set()
        yield step("too late")

    diagnosis = make(examine)
    diagnosis.open()
    assert diagnosis.dialog is not None
    diagnosis.open()  # it stays the same
    diagnosis.dialog.close_button.click()
    qtbot.waitUntil(ended.is_set)
    assert diagnosis.dialog is None


def test_looking_again_drops_what_the_first_finds(qtbot: QtBot, make: Make) -> None:
    def examine(link: str, stop: threading.Event) -> Iterator[Finding]:
        if link == "first":
            stop.wait()
        yield step(link)

    diagnosis = make(examine)
    diagnosis.open("first")
    dialog = diagnosis.dialog
    assert dialog is not None
    dialog.begin()
    dialog.examine_wanted.emit("second")
    qtbot.waitUntil(lambda: dialog.summary.text() == "No problem found.")
    assert [row.finding.step for row in dialog.rows] == ["second"]


def test_stopping_keeps_what_was_found(qtbot: QtBot, make: Make) -> None:
    ended = threading.Event()

    def examine(link: str, stop: threading.Event) -> Iterator[Finding]:
        yield step("first")
        stop.wait()
        yield step("too late")
        ended.set()

    diagnosis = make(examine)
    diagnosis.open()
    dialog = diagnosis.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: len(dialog.rows) == 1)
    dialog.again_button.click()
    qtbot.waitUntil(ended.is_set)
    qtbot.waitUntil(lambda: not diagnosis._background.busy)
    assert [row.finding.step for row in dialog.rows] == ["first"]
    assert dialog.summary.text() == "Stopped. This was found so far."
    dialog.again_button.click()
    qtbot.waitUntil(lambda: len(dialog.rows) == 1 and dialog.summary.text() == "Looking…")


def test_a_bug_of_the_doctor_is_said(qtbot: QtBot, make: Make) -> None:
    def examine(link: str, stop: threading.Event) -> Iterator[Finding]:
        raise RuntimeError("a bug")

    diagnosis = make(examine)
    diagnosis.open()
    dialog = diagnosis.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "could not go on" in dialog.summary.text())


def test_the_nick_dialog_opens_it(stand: Stand, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stand.desktop.diagnosis, "_examine", lambda link, stop: iter([step(link)]))
    stand.desktop.start()
    stand.desktop.joining.dialog.address_field.setText("kitchen")
    stand.desktop.joining.dialog.why_wanted.emit()
    dialog = stand.desktop.diagnosis.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: [row.finding.step for row in dialog.rows] == ["kitchen"])
    dialog.reject()


def test_the_real_one_is_that_of_the_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LISTEN", 0.05)
    found = list(examine(tmp_path, "127.0.0.1", "not an address!", threading.Event()))
    assert [finding.outcome for finding in found] == [Outcome.FAILED]
