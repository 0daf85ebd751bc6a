"""Going to one message: held or not, it ends up in the upper third of the view, and glows."""

from pytestqt.qtbot import QtBot

from tests.gui.views.timeline.staging import Stage


def top_of(stage: Stage, seq: int) -> float:
    """Pixels from the top of the view to the message."""
    placed = next(item for item in stage.view.rows_in_sight if item.row.entry.seq == seq)
    return placed.y + placed.row.top


def test_a_message_that_is_held_is_shown_at_once(stage: Stage) -> None:
    stage.say(1, 200)
    stage.open()
    stage.view.show_message(40)
    assert 0 < top_of(stage, 40) <= stage.view.viewport().height() / 3
    assert not stage.view.at_bottom
    assert stage.view._jump.strength(stage.model.entries[39]) == 1
    assert stage.view._jump.strength(stage.model.entries[40]) == 0


def test_the_glow_is_seen_and_goes_by_itself(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 200)
    stage.open()
    stage.shown()
    stage.view.show_message(100)
    ground = stage.theme.color("chat").name()
    spot = round(top_of(stage, 100)) + 4
    assert stage.picture().pixelColor(4, spot).name() != ground
    qtbot.waitUntil(lambda: not stage.view._jump.glow.opacity)
    assert stage.picture().pixelColor(4, spot).name() == ground


def test_a_message_that_is_not_held_is_asked_for_and_shown_when_it_comes(stage: Stage, qtbot: QtBot) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    with qtbot.waitSignal(stage.view.around_wanted) as wanted:
        stage.view.show_message(150)
    assert wanted.args == [150]
    assert not stage.view.at_bottom  # nobody may drop rows at the top now
    newest = stage.shown()
    stage.older(201, 100)
    assert stage.shown() == newest
    stage.older(101, 100)
    stage.shown()
    assert 0 < top_of(stage, 150) <= stage.view.viewport().height() / 3
    before = top_of(stage, 150)
    stage.older(1, 100)
    stage.say(401, 10)
    stage.shown()
    assert top_of(stage, 150) == before


def test_somebody_who_scrolls_on_is_not_torn_away(stage: Stage) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    stage.view.show_message(250)
    stage.view.scroll_by(-50)
    before = stage.shown()
    stage.older(201, 100)
    assert stage.shown() == before


def test_what_is_before_the_start_is_not_awaited(stage: Stage, qtbot: QtBot) -> None:
    stage.say(301, 10)
    stage.open(at_start=False)
    stage.shown()
    stage.view.show_message(100)
    with qtbot.waitSignal(stage.view.missed) as told:
        stage.view.older_answered(at_start=True, gap=True)
    assert told.args == ["This message is not kept any more."]
    assert not stage.view._jump.awaited
    with qtbot.assertNotEmitted(stage.view.around_wanted):
        stage.view.show_message(100)


def test_a_message_that_nobody_sends_is_not_awaited_for_ever(stage: Stage, qtbot: QtBot) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    stage.view.show_message(50)
    with qtbot.assertNotEmitted(stage.view.missed):
        stage.older(201, 100)  # on the way
        stage.view.older_answered(at_start=False)
    assert stage.view._jump.awaited == 50
    with qtbot.waitSignal(stage.view.missed) as told:
        stage.view.older_answered(at_start=False)  # there is no connection
    assert "not on this computer" in told.args[0]
    assert not stage.view._jump.awaited
    stage.view.to_bottom()
    assert stage.view.at_bottom
    with qtbot.waitSignal(stage.view.around_wanted):  # it is asked for again
        stage.view.show_message(50)


def test_an_answer_that_rows_have_gone_ends_no_waiting(stage: Stage, qtbot: QtBot) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    stage.view.show_message(50)
    for change in stage.state.trim(1, 50):
        stage.model.apply(change)
    with qtbot.assertNotEmitted(stage.view.missed):
        stage.view.older_answered(at_start=False)
    assert stage.view._jump.awaited == 50


def test_waiting_for_a_message_shows_the_loading_bar(stage: Stage, qtbot: QtBot) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    stage.view.older_answered(at_start=False)
    stage.view.show_message(100)
    qtbot.waitUntil(stage.view._loading.isVisible)
    stage.view.to_bottom()
    assert not stage.view._loading.isVisible()


def test_another_room_ends_it(stage: Stage) -> None:
    stage.say(301, 100)
    stage.open(at_start=False)
    stage.shown()
    stage.view.show_message(350)
    stage.view.show_message(100)
    stage.open(at_start=False)
    assert not stage.view._jump.awaited
    assert not stage.view._jump.glow.opacity


def test_a_click_on_what_is_answered_goes_there(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 60)
    stage.say(61, text="because", about=5)
    stage.open()
    stage.shown()
    row = stage.placed(60).row
    assert row.strip is not None
    assert (row.strip.nick, row.strip.text) == ("N2", "message 5")
    with qtbot.waitSignal(stage.view.jump_wanted) as wanted:
        stage.click(stage.spot(60, row.strip.rect))
    assert wanted.args == [5]
    assert top_of(stage, 5) > 0
