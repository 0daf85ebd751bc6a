"""The timeline model follows a state change by change."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt
from pytestqt.qtbot import QtBot

from qtchat.client.state import (
    Delivery,
    Entry,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    ServerState,
)
from qtchat.client.updates import (
    AckedUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    OlderUpdate,
    PendingUpdate,
    Problem,
    RoomUpdate,
    ServerUpdate,
    Update,
)
from qtchat.gui.models.timeline import Role, TimelineModel
from qtchat.protocol.messages import Event, Room

ME, ROOM = 7, 1


def entry(seq: int, text: str = "hello") -> Entry:
    return Entry(seq.to_bytes(16, "big"), seq, seq * 1000, 2, "Anna", "post", text, own=False)


def texts(model: TimelineModel) -> list[str]:
    return [model.data(model.index(row)) for row in range(model.rowCount())]


class Mirror(QObject):
    """Keeps a second list up to date from the model's signals alone, as a view must."""

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.model = model
        self.rows: list[Entry] = []
        model.modelReset.connect(self.reset)
        model.rowsAboutToBeInserted.connect(self.before)
        model.rowsAboutToBeRemoved.connect(self.before)
        model.rowsInserted.connect(self.inserted)
        model.rowsRemoved.connect(self.removed)
        model.dataChanged.connect(self.changed)

    def _row(self, row: int) -> Entry:
        found = self.model.data(self.model.index(row, 0), Role.ENTRY)
        assert isinstance(found, Entry)
        return found

    def reset(self) -> None:
        self.rows = [self._row(row) for row in range(self.model.rowCount())]

    def before(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        assert self.model.rowCount() == len(self.rows), "the model moved before it said so"

    def inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = [self._row(row) for row in range(first, last + 1)]

    def removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self.rows[row] = self._row(row)


def test_show_resets_and_apply_follows(qtmodeltester: Any) -> None:
    model = TimelineModel()
    model.show(RoomState(ROOM, "lobby", entries=[entry(1, "a"), entry(2, "b")], numbered=2))
    qtmodeltester.check(model)

    model.apply(RowsInserted(ROOM, 1, (entry(3, "x"), entry(4, "y"))))
    assert texts(model) == ["a", "x", "y", "b"]
    model.apply(RowsReplaced(ROOM, 2, (entry(4, "z"),)))
    assert texts(model) == ["a", "x", "z", "b"]
    model.apply(RowsRemoved(ROOM, 0, 2))
    assert texts(model) == ["z", "b"]
    model.show(None)
    assert model.rowCount() == 0
    assert model.room is None


def test_it_tells_what_the_room_is() -> None:
    model = TimelineModel()
    model.show(RoomState(ROOM, "Anna", kind="direct"))
    assert (model.name, model.kind) == ("Anna", "direct")
    model.show(None)
    assert (model.name, model.kind) == ("", "public")


def test_changes_of_other_rooms_are_nothing_to_it() -> None:
    model = TimelineModel()
    model.show(RoomState(ROOM, "lobby", entries=[entry(1, "a")], numbered=1))
    for change in (RowsInserted(2, 0, (entry(9),)), RowsRemoved(2, 0, 1), RowsReplaced(2, 0, (entry(9),))):
        model.apply(change)
    assert texts(model) == ["a"]


def test_the_list_is_its_own() -> None:
    room = RoomState(ROOM, "lobby", entries=[entry(1)], numbered=1)
    model = TimelineModel()
    model.show(room)
    room.entries.clear()
    assert model.rowCount() == 1


def test_roles() -> None:
    model = TimelineModel()
    model.show(RoomState(ROOM, "lobby", entries=[entry(1, "**a**")], numbered=1))
    index = model.index(0)
    assert index.data(Qt.ItemDataRole.DisplayRole) == "**a**"
    assert index.data(Role.ENTRY) == entry(1, "**a**")
    assert index.data(Qt.ItemDataRole.DecorationRole) is None
    assert model.data(QModelIndex()) is None


def test_only_live_rows_are_posted(qtbot: QtBot) -> None:
    model = TimelineModel()
    model.show(RoomState(ROOM, "lobby"))
    with qtbot.assertNotEmitted(model.posted):
        model.apply(RowsInserted(ROOM, 0, (entry(1),)))
    with qtbot.waitSignal(model.posted) as posted:
        model.apply(RowsInserted(ROOM, 1, (entry(2), entry(3)), live=True))
    assert posted.args == [1, 2]


class Traffic:
    """Random updates such as an account sends: ours and others', older ones, failures, in any mixture."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.newest, self.oldest = 100, 100
        self.made = 0
        self.waiting: list[bytes] = []

    def event(self, seq: int, author: int, message_id: bytes) -> Event:
        kind = self.random.choice(["post", "post", "post", "joined", "left", "unheard-of"])
        return Event(ROOM, seq, message_id, seq * 1000, author, f"N{author}", kind, f"text {seq}")

    def new_id(self) -> bytes:
        self.made += 1
        return self.made.to_bytes(16, "big")

    def updates(self, count: int) -> Iterator[Update]:
        for _ in range(count):
            yield self.random.choice((self.news, self.news, self.pending, self.older, self.outcome))()

    def news(self) -> Update:
        events = []
        for _ in range(self.random.randint(1, 6)):
            self.newest += 1
            if self.waiting and self.random.random() < 0.5:
                mine = self.waiting.pop(self.random.randrange(len(self.waiting)))
                events.append(self.event(self.newest, ME, mine))
            else:
                events.append(self.event(self.newest, self.random.randint(1, 9), self.new_id()))
        return EventsUpdate(ROOM, tuple(events), live=self.random.random() < 0.8)

    def pending(self) -> Update:
        if self.waiting and self.random.random() < 0.3:
            return PendingUpdate(self.random.choice(self.waiting), ROOM, "again", 5)
        self.waiting.append(self.new_id())
        return PendingUpdate(self.waiting[-1], ROOM, "mine", 4)

    def older(self) -> Update:
        count = self.random.randint(0, 5)
        self.oldest -= count
        events = tuple(self.event(self.oldest + step, 3, self.new_id()) for step in range(count))
        return OlderUpdate(ROOM, events, at_start=False)

    def outcome(self) -> Update:
        if not self.waiting:
            return self.pending()
        chosen = self.random.choice(self.waiting)
        how = self.random.randrange(3)
        if how == 0:
            return AckedUpdate(chosen, ROOM, self.newest + 1, 9)
        if how == 1:
            return FailedUpdate(chosen, ROOM, Problem("no", "no"))
        self.waiting.remove(chosen)
        return DiscardedUpdate(chosen, ROOM)


@pytest.mark.parametrize("seed", range(12))
def test_random_changes_of_a_real_state(seed: int, qtmodeltester: Any) -> None:
    state = ServerState()
    state.apply(ServerUpdate(b"s" * 16, "server", "code", ME, "me", "host", 1))
    state.apply(RoomUpdate(Room(ROOM, "lobby", "", 100, 1)))
    model = TimelineModel()
    model.show(state.rooms[ROOM])
    mirror = Mirror(model)
    traffic = Traffic(seed)
    for update in traffic.updates(120):
        for change in state.apply(update):
            model.apply(change)
        assert model.entries == state.rooms[ROOM].entries
        assert mirror.rows == model.entries
    assert any(row.delivery is not Delivery.SENT or row.own for row in model.entries)
    qtmodeltester.check(model)


def test_trimming_at_the_top() -> None:
    state = ServerState()
    state.apply(ServerUpdate(b"s" * 16, "server", "code", ME, "me", "host", 1))
    state.apply(RoomUpdate(Room(ROOM, "lobby", "", 100, 1)))
    state.apply(EventsUpdate(ROOM, tuple(Traffic(1).event(seq, 2, bytes(16)) for seq in range(1, 31))))
    model = TimelineModel()
    model.show(state.rooms[ROOM])
    mirror = Mirror(model)
    mirror.reset()
    for change in state.trim(ROOM, 10):
        model.apply(change)
    assert [row.seq for row in mirror.rows] == list(range(21, 31))
    assert mirror.rows == state.rooms[ROOM].entries
