"""When older rows are asked for."""

from qtchat.gui.views.timeline.older import OlderRows


def test_it_asks_once_until_rows_come() -> None:
    older = OlderRows()
    older.reset(at_start=False)
    assert not older.ask(801, 400)
    assert older.ask(799, 400)
    assert not older.ask(0, 400)
    older.came()
    assert older.ask(0, 400)


def test_an_empty_answer_is_not_asked_again_until_somebody_scrolls() -> None:
    older = OlderRows()
    older.reset(at_start=False)
    assert older.ask(0, 400)
    older.answered(at_start=False)
    assert not older.ask(0, 400)
    older.scrolled()
    assert older.ask(0, 400)


def test_at_the_start_nothing_is_asked() -> None:
    older = OlderRows()
    older.reset(at_start=True)
    assert not older.ask(0, 400)
    older.trimmed()
    assert older.ask(0, 400)
    older.answered(at_start=True)
    older.scrolled()
    assert not older.ask(0, 400)


def test_an_answer_nobody_waited_for_does_not_pause() -> None:
    older = OlderRows()
    older.reset(at_start=False)
    older.ask(0, 400)
    older.came()
    older.answered(at_start=False)
    assert older.ask(0, 400)


def test_a_gap_is_known_until_rows_go_or_another_room_comes() -> None:
    older = OlderRows()
    older.reset(at_start=True, gap=True)
    told = [older.gap]
    older.trimmed()
    told.append(older.gap)
    older.answered(at_start=True, gap=True)
    told.append(older.gap)
    older.reset(at_start=True)
    told.append(older.gap)
    assert told == [True, False, True, False]
