"""The thread boundary."""

import gc
import threading
import weakref
from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from qtchat.client.state import Change, ConnectionChanged, RoomAdded, ServerState
from qtchat.client.updates import ConnectionUpdate, Phase, RoomUpdate, Update
from qtchat.gui import bridge as bridge_module
from qtchat.gui.bridge import Background, Bridge
from tests.helpers.fake_account import room

PATIENCE = 20.0
OFFLINE = ConnectionUpdate(Phase.OFFLINE)


class FaultError(Exception):
    """Unlike those of Python itself it can be referred to weakly."""


def on_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_burst_from_another_thread_is_applied_in_order_by_few_signals(qtbot: QtBot) -> None:
    bridge = Bridge(ServerState())
    told: list[list[Change]] = []
    bridge.changed.connect(told.append)

    def post_all() -> None:
        for number in range(1, 2001):
            bridge.post(RoomUpdate(room(number, "x")))

    on_thread(post_all)
    qtbot.waitUntil(lambda: bridge.settled)
    changes = [change for burst in told for change in burst]
    assert changes == [RoomAdded(n) for n in range(1, 2001)]
    assert len(told) < 200


def test_nothing_is_applied_in_the_posting_thread(qtbot: QtBot) -> None:
    bridge = Bridge(ServerState())
    on_thread(lambda: bridge.post(OFFLINE))
    assert not bridge.settled
    with qtbot.waitSignal(bridge.changed) as blocker:
        pass
    assert blocker.args == [[ConnectionChanged()]]


def test_a_long_drain_lets_the_event_loop_run_in_between(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "WORK_MS", 0)
    monkeypatch.setattr("qtchat.gui.bridge.time.monotonic", iter(n / 2 for n in range(100_000)).__next__)
    bridge = Bridge(ServerState())
    order: list[str] = []
    bridge.changed.connect(lambda _: order.append("burst"))
    for _ in range(3):
        bridge.post(OFFLINE)
    monkeypatch.setattr(bridge_module, "WORK_MS", 600)  # one update each
    QTimer.singleShot(0, lambda: order.append("other work"))
    qtbot.waitUntil(lambda: bridge.settled)
    assert order.count("burst") == 3
    assert order.index("other work") < 3


def test_an_update_that_is_a_bug_does_not_hold_up_those_behind_it(qtbot: QtBot) -> None:
    class Broken(ServerState):
        def apply(self, update: Update) -> tuple[Change, ...]:
            if isinstance(update, RoomUpdate):
                raise KeyError("bug")
            return super().apply(update)

    bridge = Bridge(Broken())
    bridge.post(RoomUpdate(room(1, "x")))
    bridge.post(OFFLINE)
    with capture_exceptions() as caught, qtbot.waitSignal(bridge.changed):
        pass
    assert [kind for kind, _, _ in caught] == [KeyError]
    assert bridge.state.phase is Phase.OFFLINE


def test_nothing_comes_after_close(qtbot: QtBot) -> None:
    bridge = Bridge(ServerState())
    bridge.post(OFFLINE)
    bridge.close()
    with qtbot.assertNotEmitted(bridge.changed):
        on_thread(lambda: bridge.post(RoomUpdate(room(1, "x"))))
        QCoreApplication.processEvents()
    assert bridge.state.rooms == {}


def test_close_belongs_to_the_bridges_own_thread(qtbot: QtBot) -> None:
    bridge = Bridge(ServerState())
    raised: list[BaseException] = []

    def close() -> None:
        try:
            bridge.close()
        except AssertionError as error:
            raised.append(error)

    on_thread(close)
    assert len(raised) == 1


def test_background_work_runs_elsewhere_and_its_outcome_comes_back(qtbot: QtBot) -> None:
    background = Background()
    here = threading.get_ident()
    outcomes: list[tuple[object, BaseException | None, int]] = []
    with qtbot.waitSignal(background.idle):
        background.run("test", threading.get_ident, lambda *told: outcomes.append((*told, threading.get_ident())))
        assert background.busy
    result, failure, where = outcomes[0]
    assert result != here
    assert failure is None
    assert where == here
    assert not background.busy


def test_a_failure_is_freed_without_the_garbage_collector(qtbot: QtBot) -> None:
    background = Background()
    seen: list[weakref.ref[BaseException]] = []

    def fail() -> None:
        raise FaultError

    def look(_result: object, failure: BaseException | None) -> None:
        assert failure is not None
        seen.append(weakref.ref(failure))

    assert not gc.isenabled()
    with qtbot.waitSignal(background.idle):
        background.run("test", fail, look)
    assert [failure() for failure in seen] == [None]


class Part(QObject):
    """Of a window, say: Qt wants it to be freed on its own thread, for its timer runs there."""

    def __init__(self) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.timer.start(60_000)
        self.freed_on: list[int] = []
        self.let_go = threading.Event()
        weakref.finalize(self, note_thread, self.freed_on)

    def work(self) -> None:
        """Nothing, when nobody else holds this any more."""
        assert self.let_go.wait(PATIENCE)

    def give_itself(self) -> object:
        self.work()
        return self

    def fail(self) -> None:
        self.work()
        raise FaultError


def note_thread(threads: list[int]) -> None:
    threads.append(threading.get_ident())


@pytest.mark.parametrize("work", [Part.work, Part.give_itself, Part.fail])
def test_whose_work_it_was_is_freed_on_the_gui_thread(qtbot: QtBot, work: Callable[[Part], object]) -> None:
    background, part = Background(), Part()
    freed_on, let_go = part.freed_on, part.let_go
    background.run("test", partial(work, part), lambda *_: None)
    del part
    with qtbot.waitSignal(background.idle):
        let_go.set()
    assert freed_on == [threading.get_ident()]


def test_outcomes_that_nobody_waits_for_any_more_are_dropped_on_the_gui_thread(qtbot: QtBot) -> None:
    background, part = Background(), Part()
    freed_on, let_go = part.freed_on, part.let_go
    outcomes: list[object] = []
    background.run("test", part.give_itself, lambda *told: outcomes.append(told))
    del part
    let_go.set()
    background.join()
    QCoreApplication.sendPostedEvents(background)
    assert outcomes == []
    assert freed_on == [threading.get_ident()]


def test_background_failure_reaches_the_outcome(qtbot: QtBot) -> None:
    background = Background()
    outcomes: list[BaseException | None] = []

    def fail() -> None:
        raise OSError("full")

    with qtbot.waitSignal(background.idle):
        background.run("test", fail, lambda _, failure: outcomes.append(failure))
    assert isinstance(outcomes[0], OSError)


def test_background_failure_without_an_outcome_is_not_swallowed(qtbot: QtBot) -> None:
    background = Background()

    def fail() -> None:
        raise OSError("full")

    with capture_exceptions() as caught, qtbot.waitSignal(background.idle):
        background.run("test", fail)
    assert [kind for kind, _, _ in caught] == [OSError]
