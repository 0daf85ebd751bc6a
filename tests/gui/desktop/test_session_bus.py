"""The session bus: the conversation with a bus of the tests' own, and with the real program where there is one."""

import shutil
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

if sys.platform != "linux":
    pytest.skip("there is no session bus on this system", allow_module_level=True)

from qtchat.gui.desktop import session_bus
from qtchat.gui.desktop.bus import NO_BUS, Answer, BusError, BusSignal, Call
from qtchat.gui.desktop.notifier import SERVICE, DBusNotifier, Notice, NullNotifier, Place
from qtchat.gui.desktop.session_bus import SessionBus, session_address
from tests.helpers.bus_daemon import BusDaemon, Reply

ECHO = Call("org.example.Service", "/org/example", "org.example.Service", "Echo", "s", ("Привет",))


def echo(member: str, body: tuple[Any, ...]) -> Reply:
    match member:
        case "Echo":
            return "s", body
        case "Fail":
            return "org.example.Error"
    return None


def notifications(member: str, _body: tuple[Any, ...]) -> Reply:
    match member:
        case "GetCapabilities":
            return "as", (["body", "body-markup", "actions"],)
        case "Notify":
            return "u", (42,)
    return None


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[BusDaemon]:
    daemon = BusDaemon(tmp_path, echo)
    yield daemon
    daemon.close()


Started = Callable[[str], SessionBus]


@pytest.fixture
def started() -> Iterator[Started]:
    """Makes buses that are started, and stopped at the end."""
    buses = []

    def make(address: str) -> SessionBus:
        bus = SessionBus(address)
        buses.append(bus)
        bus.start()
        return bus

    yield make
    for bus in buses:
        bus.stop()


def answers(bus: SessionBus, *calls: Call) -> list[Answer]:
    got: list[Answer] = []
    for call in calls:
        bus.call(call, got.append)
    return got


def test_a_call_is_answered_on_this_thread(qtbot: QtBot, daemon: BusDaemon, started: Started) -> None:
    got = answers(started(daemon.address), ECHO, Call(ECHO.service, ECHO.path, ECHO.interface, "Fail"))
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got == [("Привет",), BusError("org.example.Error", "words")]


def test_calls_wait_until_there_is_a_connection(qtbot: QtBot, daemon: BusDaemon) -> None:
    bus = SessionBus(daemon.address)
    got = answers(bus, ECHO)
    bus.start()
    qtbot.waitUntil(lambda: bool(got))
    bus.stop()


def test_signals_are_heard(qtbot: QtBot, daemon: BusDaemon, started: Started) -> None:
    bus = started(daemon.address)
    bus.listen("org.example.Service", "org.example.Service")
    qtbot.waitUntil(lambda: daemon.members() == ["AddMatch"])
    assert "interface='org.example.Service'" in daemon.calls[0][1][0]
    with qtbot.waitSignal(bus.signalled) as heard:
        daemon.signal("org.example.Service", "Happened", "us", (7, "x"))
    assert heard.args == [BusSignal("org.example.Service", "Happened", (7, "x"))]


@pytest.mark.parametrize("address", ["", "unix:path=/no/such/bus", "autolaunch:", "tcp:host=127.0.0.1,port=1", "x"])
def test_without_a_bus_nobody_waits_in_vain(qtbot: QtBot, started: Started, address: str) -> None:
    bus = started(address)
    got = answers(bus, ECHO)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], BusError)
    assert got[0].name == NO_BUS
    late = answers(bus, ECHO)
    qtbot.waitUntil(lambda: bool(late))
    assert late == [BusError(NO_BUS, "there is no session bus")]


def test_a_bus_that_hangs_up_leaves_nobody_waiting(qtbot: QtBot, daemon: BusDaemon, started: Started) -> None:
    got = answers(started(daemon.address), Call(ECHO.service, ECHO.path, ECHO.interface, "NeverAnswered"))
    qtbot.waitUntil(lambda: bool(daemon.calls))
    daemon.hang_up()
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], BusError)
    assert got[0].name == NO_BUS


def test_a_bus_that_sends_nonsense_ends_the_conversation_only(
    qtbot: QtBot, daemon: BusDaemon, started: Started
) -> None:
    got = answers(started(daemon.address), Call(ECHO.service, ECHO.path, ECHO.interface, "NeverAnswered"))
    qtbot.waitUntil(lambda: bool(daemon.calls))
    daemon.say(b"\xff" * 64)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], BusError)


def test_a_service_that_does_not_answer_is_given_up(
    qtbot: QtBot, daemon: BusDaemon, started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_bus, "CALL_TIMEOUT", 0.0)
    got = answers(started(daemon.address), Call(ECHO.service, ECHO.path, ECHO.interface, "NeverAnswered"))
    qtbot.waitUntil(lambda: bool(got))
    assert got == [BusError("org.freedesktop.DBus.Error.NoReply", "the service does not answer")]


class Asker(QObject):
    """Refers to itself nowhere, so it is freed at once when nobody waits for its answer any more."""

    def __init__(self, freed_on: list[int]) -> None:
        super().__init__()
        self.timer = QTimer(self)
        self.timer.start(60_000)
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))

    def hear(self, answer: Answer) -> None:
        """Nothing more."""


def test_who_asked_is_freed_on_the_gui_thread(qtbot: QtBot, daemon: BusDaemon, started: Started) -> None:
    freed_on: list[int] = []
    bus = started(daemon.address)
    for _ in range(20):
        bus.call(ECHO, Asker(freed_on).hear)
    qtbot.waitUntil(lambda: len(freed_on) == 20)
    bus.call(Call(ECHO.service, ECHO.path, ECHO.interface, "NeverAnswered"), Asker(freed_on).hear)
    bus.stop()
    bus.call(ECHO, Asker(freed_on).hear)
    assert freed_on == [threading.get_ident()] * 22


def test_what_was_ordered_is_sent_before_it_ends(qtbot: QtBot, daemon: BusDaemon, started: Started) -> None:
    bus = started(daemon.address)
    got = answers(bus, ECHO)
    qtbot.waitUntil(lambda: bool(got))
    for _ in range(20):
        bus.call(ECHO)
    bus.stop()
    qtbot.waitUntil(lambda: len(daemon.calls) == 21)


def test_stopping_does_not_wait_for_a_bus_that_lets_nobody_in(qtbot: QtBot, daemon: BusDaemon) -> None:
    daemon.lets_in = False
    bus = SessionBus(daemon.address)
    got = answers(bus, ECHO)
    bus.start()
    qtbot.waitUntil(lambda: bus._talk._connecting is not None)
    bus.stop()
    assert not bus._thread.is_alive()
    assert got == []


def test_a_bus_that_was_never_started_can_be_stopped() -> None:
    bus = SessionBus("")
    got = answers(bus, ECHO)
    bus.stop()
    bus.call(ECHO, got.append)
    assert got == []


def test_where_the_session_says_its_bus_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert session_address() == ""
    (tmp_path / "bus").touch()
    assert session_address() == f"unix:path={tmp_path}/bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:abstract=x")
    assert session_address() == "unix:abstract=x"


def test_a_notification_travels_over_the_bus(qtbot: QtBot, tmp_path: Path) -> None:
    daemon = BusDaemon(tmp_path, notifications)
    bus = SessionBus(daemon.address)
    notifier = DBusNotifier(bus, NullNotifier())
    notifier.start()
    notifier.show(Notice(Place("aa", 1, 5), "Anna in # lobby", "<b>Привет</b> 🎉"))
    bus.start()
    qtbot.waitUntil(lambda: "Notify" in daemon.members())
    body = dict(daemon.calls)["Notify"]
    assert body[3:5] == ("Anna in # lobby", "&lt;b&gt;Привет&lt;/b&gt; 🎉")
    assert body[6]["desktop-entry"] == ("s", "qtchat")
    qtbot.waitUntil(lambda: 42 in notifier._places)
    with qtbot.waitSignal(notifier.activated) as activated:
        daemon.signal(SERVICE, "ActionInvoked", "us", (42, "default"))
    assert activated.args == ["aa", 1, 5]
    notifier.withdraw_all()
    notifier.stop()
    bus.stop()
    qtbot.waitUntil(lambda: daemon.calls[-1] == ("CloseNotification", (42,)))
    daemon.close()


@pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="there is no dbus-daemon here")
def test_a_real_bus(qtbot: QtBot, tmp_path: Path, started: Started) -> None:
    address = f"unix:path={tmp_path}/real"
    command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            driver = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
            bus = started(address)
            bus.listen(driver[0], driver[2])
            heard: list[BusSignal] = []
            bus.signalled.connect(heard.append)
            got = answers(
                bus,
                Call(*driver, "RequestName", "su", ("org.example.Name", 0)),
                Call("org.example.Nobody", "/", "org.example.Nobody", "Echo", wake=False),
            )
            qtbot.waitUntil(lambda: len(got) == 2)
            assert got[0] == (1,)
            assert isinstance(got[1], BusError)
            assert got[1].name in {
                "org.freedesktop.DBus.Error.ServiceUnknown",
                "org.freedesktop.DBus.Error.NameHasNoOwner",
            }
            qtbot.waitUntil(lambda: any(told.member == "NameOwnerChanged" for told in heard))
            bus.stop()
        finally:
            process.kill()
