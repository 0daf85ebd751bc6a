"""What a search has found, as rows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qtchat.gui.models.search import SearchModel, SearchRole, hit_in
from qtchat.protocol.messages import KIND_POST, Event
from tests.helpers.fake_account import MIDDAY


def event(text: str, room: int = 1, nick: str = "Anna") -> Event:
    return Event(room, 4, b"x" * 16, MIDDAY, 2, nick, KIND_POST, text)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("The printer is back", "printer", ("The ", "printer", " is back")),
        ("The PRINTER is back", "printer", ("The ", "PRINTER", " is back")),
        ("принтер", "ПРИНТ", ("", "принт", "ер")),
        ("two\nlines here", "two  lines", ("", "two lines", " here")),
        ("found by another spelling", "missing", ("", "", "found by another spelling")),
        ("<b>x</b>", "x", ("<b>", "x", "</b>")),
    ],
)
def test_the_hit_is_told_apart(text: str, wanted: str, expected: tuple[str, str, str]) -> None:
    hit = hit_in(event(text), wanted, "")
    assert (hit.before, hit.hit, hit.after) == expected


def test_a_hit_deep_in_a_message_is_brought_to_the_front() -> None:
    hit = hit_in(event("a " * 500 + "printer " + "b " * 500), "printer", "lobby")
    assert hit.before.startswith("…")
    assert len(hit.before) < 30
    assert hit.hit == "printer"
    assert len(hit.after) < 300


def test_letters_that_change_their_length_do_not_move_the_mark() -> None:
    hit = hit_in(event("İİ printer"), "printer", "")
    assert hit.hit == "printer"


def test_the_model_tells_who_where_and_when(qtbot: QtBot) -> None:
    model = SearchModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    model.show("printer", [event("The printer", 3, "\u202eAnna")], {3: "news"})
    index = model.index(0)
    assert index.data() == "The printer"
    assert index.data(SearchRole.HIT) == model.at(0)
    spoken = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert spoken.startswith("news, ")
    assert spoken.endswith("Anna: The printer")
    model.show("", [], {})
    assert model.rowCount() == 0
