"""The program of `dev.py faults`: whatever a row does, it becomes a line of the table, and the exit status tells."""

from pathlib import Path

import pytest

from tests.faults import run
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import NotReachedError
from tests.faults.run import Row, main


def good(_folder: Path, _long: bool) -> Outcome:
    return Outcome(counts={"cycles": 3, "lost": 0, "gap": 0}, notes=["in no time"])


def bad(folder: Path, _long: bool) -> Outcome:
    (folder / "evidence").touch()
    return Outcome(counts={"lost": 2}, faults=[f"lost: number {number}" for number in range(7)])


def stuck(_folder: Path, _long: bool) -> Outcome:
    raise NotReachedError("not within 60 s: peace")


def impossible(_folder: Path, _long: bool) -> Outcome:
    raise CannotRunError("needs root")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = (Row(1, "fine", good), Row(2, "broken", bad), Row(3, "hangs", stuck), Row(4, "elsewhere", impossible))
    monkeypatch.setattr(run, "ROWS", made)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.mark.usefixtures("rows")
def test_green_and_skipped_leave_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["1", "4"]) == 0
    out = capsys.readouterr().out
    assert "cycles 3, lost 0\n" in out
    assert "in no time" in out
    assert "needs root" in out
    assert "1 green, 0 RED, 1 skipped" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("rows")
def test_red_is_told_and_its_data_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 1
    out = capsys.readouterr().out
    assert "lost: number 0" in out
    assert "... and 2 more" in out
    assert "NotReachedError: not within 60 s: peace" in out
    assert "1 green, 2 RED, 1 skipped" in out
    assert len(list(tmp_path.rglob("evidence"))) == 1


@pytest.mark.usefixtures("rows")
def test_a_row_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["99"])
    assert ended.value.code == 2
    assert "there is no row 99" in capsys.readouterr().err


def test_every_row_of_the_matrix_that_can_be_tried_is_there() -> None:
    matrix = {1, 2, 3, 4, 5, 7, 9, 11, 12, 13, 15, 17, 18, 19, 21, 22, 23}
    assert {row.number for row in run.ROWS} == matrix | {f"D{number}" for number in range(1, 7)}
