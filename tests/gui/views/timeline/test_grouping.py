"""How rows depend on their neighbours."""

import pytest
from PySide6.QtCore import QDate, QDateTime, QTime

from qtchat.client.state import Delivery, Entry
from qtchat.gui.views.timeline.grouping import GROUP_MS, Context, Grouping, row_of_seq
from qtchat.gui.views.timeline.words import clean_name, spoken_text, system_text

NOON = QDateTime(QDate(2024, 5, 17), QTime(12, 0)).toMSecsSinceEpoch()
DAY_MS = 24 * 3600 * 1000


def entry(
    seq: int | None, author: int = 1, kind: str = "post", ts: int = NOON, text: str = "t", nick: str = ""
) -> Entry:
    return Entry(bytes(16), seq, ts, author, nick or f"N{author}", kind, text, own=author == 9)


def grouping(*entries: Entry) -> Grouping:
    made = Grouping()
    made.entries = entries
    return made


def contexts(made: Grouping) -> list[Context]:
    return [made.context(row) for row in range(len(made.entries))]


def test_a_group_is_one_author_within_five_minutes() -> None:
    rows = grouping(
        entry(1),
        entry(2, ts=NOON + GROUP_MS),
        entry(3, ts=NOON + 2 * GROUP_MS + 1),
        entry(4, author=2, ts=NOON + 2 * GROUP_MS + 1),
        entry(5, author=2, kind="joined", ts=NOON + 2 * GROUP_MS + 2),
        entry(6, author=2, ts=NOON + 2 * GROUP_MS + 3),
    )
    assert [context.head for context in contexts(rows)] == [True, False, True, True, True, True]


def test_a_new_day_opens_a_group_and_a_separator() -> None:
    midnight = QDateTime(QDate(2024, 5, 18), QTime(0, 0)).toMSecsSinceEpoch()
    rows = grouping(entry(1, ts=midnight - 1000), entry(2, ts=midnight + 1000), entry(3, ts=midnight + 2000))
    assert [context.day for context in contexts(rows)] == [True, True, False]
    assert [context.head for context in contexts(rows)] == [True, True, False]


def test_the_unread_bar_stands_once_and_opens_a_group() -> None:
    rows = grouping(entry(4), entry(5), entry(6), entry(None))
    rows.unread_seq = 5
    assert [context.unread for context in contexts(rows)] == [False, True, False, False]
    assert rows.context(1).head
    rows.unread_seq = 7  # nothing numbered is that new
    assert not any(context.unread for context in contexts(rows))


def test_rows_of_unknown_kinds_are_hidden_and_stand_between_nothing() -> None:
    rows = grouping(entry(1), entry(2, kind="reaction"), entry(3))
    assert [context.hidden for context in contexts(rows)] == [False, True, False]
    assert not rows.context(2).head
    assert not rows.context(2).day


def test_many_system_lines_fold_into_the_first() -> None:
    rows = grouping(entry(1), *(entry(seq, author=seq, kind="joined") for seq in range(2, 7)), entry(7))
    assert [context.hidden for context in contexts(rows)] == [False, False, True, True, True, True, False]
    assert system_text(rows.context(1).fold) == "N2, N3 and 3 others joined"


def test_two_system_lines_do_not_fold() -> None:
    rows = grouping(entry(1, kind="joined"), entry(2, kind="left"), entry(3))
    assert [len(context.fold) for context in contexts(rows)] == [1, 1, 0]


def test_a_fold_ends_at_a_day_and_at_the_unread_bar() -> None:
    lines = [entry(seq, author=seq, kind="joined") for seq in range(1, 5)]
    lines += [entry(seq, author=seq, kind="joined", ts=NOON + DAY_MS) for seq in range(5, 9)]
    rows = grouping(*lines)
    assert [rows.run(row) for row in (0, 3, 4, 7)] == [(0, 4), (0, 4), (4, 8), (4, 8)]
    rows.unread_seq = 4
    assert [rows.run(row) for row in (0, 3)] == [(0, 3), (3, 4)]


def test_affected_reaches_to_the_ends_of_runs() -> None:
    rows = grouping(*(entry(seq, author=seq, kind="joined") for seq in range(1, 11)), entry(11), entry(12))
    assert rows.affected(9, 1) == (0, 11)
    assert rows.affected(11, 1) == (10, 12)
    assert rows.affected(0, 0) == (0, 10)
    assert grouping().affected(0, 0) == (0, 0)


@pytest.mark.parametrize(("seq", "row"), [(1, 0), (4, 0), (5, 1), (6, 2), (7, 2), (8, 3)])
def test_row_of_seq(seq: int, row: int) -> None:
    assert row_of_seq([entry(4), entry(5), entry(7), entry(None), entry(None)], seq) == row


def test_system_text() -> None:
    def line(*people: tuple[int, str]) -> str:
        return system_text([entry(1, author, kind) for author, kind in people])

    assert line((1, "created")) == "N1 created the room"
    assert line((9, "joined")) == "You joined"
    assert line((1, "joined"), (2, "joined"), (9, "joined")) == "N1, N2 and you joined"
    assert line((9, "joined"), (2, "joined")) == "You and N2 joined"
    assert line((1, "joined"), (2, "joined")) == "N1 and N2 joined"
    assert line((1, "joined"), (2, "joined"), (3, "joined")) == "N1, N2 and N3 joined"
    assert line((1, "joined"), (1, "left"), (1, "joined")) == "N1 joined · N1 left"


def test_names_cannot_spoil_a_line() -> None:
    assert clean_name("a\nb\u202ec\u200dd") == "a b c d"
    assert system_text([entry(1, kind="joined", nick="{who} %n <b>")]) == "{who} %n <b> joined"


def test_spoken_text() -> None:
    said = Entry(bytes(16), None, NOON, 1, "Anna", "post", "**hi**", own=True, delivery=Delivery.FAILED)
    assert spoken_text(said) == "Anna, 12:00, hi, not sent"
    assert spoken_text(entry(1, kind="joined")) == "N1 joined, 12:00"
    assert spoken_text(entry(1, kind="unheard-of")) == ""
