"""Counting what is new below the eye."""

import pytest

from qtchat.client.state import Entry
from qtchat.gui.views.timeline import unseen as module
from qtchat.gui.views.timeline.unseen import Unseen
from tests.gui.views.timeline.staging import ME, Stage


def entry(seq: int | None, kind: str = "post", own: bool = False) -> Entry:
    return Entry(str(seq).encode(), seq, 0, 2, "N", kind, "text", own)


def test_messages_of_others_are_counted_as_they_come() -> None:
    rows = [entry(seq) for seq in range(1, 11)]
    unseen = Unseen()
    unseen.restart(4)
    assert unseen.count(rows) == 6
    rows += [entry(11, "joined"), entry(12, own=True), entry(13), entry(None, own=True)]
    unseen.inserted(rows, 10, 4)
    assert unseen.count(rows) == 7
    rows[:0] = [entry(0)]  # older history
    unseen.inserted(rows, 0, 1)
    assert unseen.count(rows) == 7


def test_what_comes_into_sight_is_not_new_any_more() -> None:
    rows = [entry(seq) for seq in range(1, 11)]
    unseen = Unseen()
    unseen.restart(4)
    for seq, left in ((6, 4), (5, 4), (0, 4), (10, 0)):
        unseen.saw(rows, seq)
        assert unseen.count(rows) == left
    unseen.restart(8)
    assert unseen.count(rows) == 2
    del rows[9:]
    unseen.recount()
    assert unseen.count(rows) == 1


def test_frames_do_not_count_all_that_is_below(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.say(1, 300)
    stage.open()
    stage.view.scroll_by(-2000)
    stage.view.refresh()
    stage.say(301, 500)
    stage.say(801, 1, author=ME)
    looked_at: list[int] = []
    posts = module._posts

    def counted(entries: list[Entry], seen: int) -> int:
        looked_at.append(len(entries))
        return posts(entries, seen)

    monkeypatch.setattr(module, "_posts", counted)
    assert stage.view.new_count == 500
    for _ in range(20):
        stage.view.scroll_by(-10)
        stage.view.refresh()
    assert stage.view.new_count == 500
    assert sum(looked_at) == 0
