"""The session bus of a Linux desktop, on a thread of its own.

The thread owns the socket: nobody else reads, writes or closes it. Orders come to it in a queue, and a byte on a
socket pair wakes it. What it hears goes to the GUI thread by one queued signal. Qt's own D-Bus module sends wrong
types from Python, so the messages are made by jeepney.
"""

import itertools
import logging
import os
import selectors
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageFlag,
    MessageType,
    Parser,
    message_bus,
    new_method_call,
)
from jeepney.auth import BEGIN, Authenticator  # type: ignore[import-untyped]
from jeepney.bus import get_connectable_addresses  # type: ignore[import-untyped]
from PySide6.QtCore import QObject, Qt, QThread, Signal

from qtchat.gui.desktop.bus import NO_BUS, Answer, Bus, BusError, BusSignal, Call, Then

assert sys.platform != "win32", "there is no session bus on Windows"

logger = logging.getLogger(__name__)

Deliver = Callable[[int, Answer | BusSignal], None]
"""(serial of the call that is answered, 0 with a signal; what has come)."""

CONNECT_TIMEOUT: Final = 5.0
"""Seconds for each step until the bus has let us in."""
CALL_TIMEOUT: Final = 25.0
"""Seconds a service has to answer; what libdbus gives it too."""
STOP_TIMEOUT: Final = 5.0
_READ: Final = 64 * 1024
_HELLO_SERIAL: Final = 1


def session_address() -> str:
    """Where the session bus is, in D-Bus's own form; "" if there is none."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not address and runtime and (Path(runtime) / "bus").exists():
        return f"unix:path={runtime}/bus"
    return address


class SessionBus(Bus):
    """See the module's docstring. A bus that is lost stays lost: a desktop without its session bus is about to end."""

    _come = Signal(int, object)

    def __init__(self, address: str | None = None, parent: QObject | None = None) -> None:
        """`address`: instead of the session's."""
        super().__init__(parent)
        self._talk = _Talk(session_address() if address is None else address, self._come.emit)
        self._thread = threading.Thread(target=self._talk.run, name="qtchat-session-bus", daemon=True)
        self._stopped = False
        self._serials = itertools.count(_HELLO_SERIAL + 1)
        # Not the thread's: whatever a Then refers to, the notifier for one, is freed on the GUI thread only.
        self._waiting: dict[int, Then] = {}
        self._come.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        assert QThread.currentThread() is self.thread()
        self._thread.start()

    def call(self, call: Call, then: Then | None = None) -> None:
        place = DBusAddress(call.path, call.service, call.interface)
        message = new_method_call(place, call.member, call.signature or None, call.body)
        if not call.wake:
            message.header.flags |= MessageFlag.no_auto_start
        self._order(message, then)

    def listen(self, service: str, interface: str) -> None:
        rule = MatchRule(type="signal", sender=service, interface=interface)
        self._order(message_bus.AddMatch(rule), None)

    def stop(self) -> None:
        self._stopped = True
        self._talk.stop()
        if self._thread.ident is None:
            self._talk.end("it was not started")
        else:
            self._thread.join(STOP_TIMEOUT)
        self._waiting.clear()

    def _order(self, message: Message, then: Then | None) -> None:
        serial = next(self._serials)
        if then is None:
            message.header.flags |= MessageFlag.no_reply_expected
        elif not self._stopped:
            self._waiting[serial] = then
        self._talk.order(serial, message.serialise(serial=serial), answered=then is not None)

    def _deliver(self, serial: int, what: Answer | BusSignal) -> None:
        if self._stopped:  # it was in the event queue already
            return
        if isinstance(what, BusSignal):
            self.signalled.emit(what)
        else:
            self._waiting.pop(serial)(what)


class _Talk:
    """What the thread does. `deliver` brings news to the GUI thread, for each call that is to be answered once."""

    def __init__(self, address: str, deliver: Deliver) -> None:
        self._address, self._deliver = address, deliver
        self._lock = threading.Lock()  # guards _orders, _over and _connecting
        self._orders: deque[tuple[int, bytes, bool]] = deque()
        self._over = False
        self._connecting: socket.socket | None = None
        self._wake, self._waker = socket.socketpair()
        self._pending: dict[int, float] = {}
        """When the call of this serial has waited too long, monotonic seconds."""

    def order(self, serial: int, data: bytes, *, answered: bool) -> None:
        """From any thread. `answered`: is the service to answer?"""
        with self._lock:
            if not self._over:
                self._orders.append((serial, data, answered))
                self._rouse()
                return
        if answered:
            self._deliver(serial, BusError(NO_BUS, "there is no session bus"))

    def stop(self) -> None:
        """From any thread: let `run` send what was ordered and end, also in the middle of connecting."""
        with self._lock:
            if self._over:
                return
            self._over = True
            if self._connecting is not None:
                _shut(self._connecting)
            self._rouse()

    def _rouse(self) -> None:
        self._waker.setblocking(False)
        try:
            self._waker.send(b"x")
        except OSError:  # full: it is being woken anyway; closed: it has ended
            return

    def run(self) -> None:
        reason = "it was stopped"
        try:
            with self._connected() as bus:
                self._converse(bus)
        except Exception as error:  # a bus may send anything; then there are no notifications, but there is a chat
            reason = str(error) or type(error).__name__
            logger.info("no session bus: %s", reason)
        finally:
            self.end(reason)

    def _connected(self) -> socket.socket:
        """A socket on which the bus has let us in. Raises OSError, ValueError, RuntimeError."""
        if not self._address:
            raise OSError("this session has none")
        bus = socket.socket(socket.AF_UNIX)
        try:
            bus.settimeout(CONNECT_TIMEOUT)
            with self._lock:
                if self._over:
                    raise OSError("it was stopped")
                self._connecting = bus
            bus.connect(next(iter(get_connectable_addresses(self._address))))
            auth = Authenticator()
            for line in auth:
                bus.sendall(line)
                auth.feed(_some(bus.recv(_READ)))
            bus.sendall(BEGIN)
            bus.sendall(message_bus.Hello().serialise(serial=_HELLO_SERIAL))
        except BaseException:
            bus.close()
            raise
        finally:
            with self._lock:
                self._connecting = None
        return bus

    def _converse(self, bus: socket.socket) -> None:
        parser = Parser()
        with selectors.DefaultSelector() as selector:
            selector.register(bus, selectors.EVENT_READ)
            selector.register(self._wake, selectors.EVENT_READ)
            while not self._over:
                for key, _events in selector.select(self._patience()):
                    if key.fileobj is bus:
                        parser.add_data(_some(bus.recv(_READ)))
                    else:
                        self._wake.recv(_READ)
                while (message := parser.get_next_message()) is not None:
                    self._take(message)
                self._send(bus)
                self._expire()
            self._send(bus)

    def _patience(self) -> float | None:
        """Seconds until the next call has waited too long."""
        if not self._pending:
            return None
        return max(0.0, min(self._pending.values()) - time.monotonic())

    def _send(self, bus: socket.socket) -> None:
        while True:
            with self._lock:
                if not self._orders:
                    return
                serial, data, answered = self._orders.popleft()
            if answered:
                self._pending[serial] = time.monotonic() + CALL_TIMEOUT
            bus.sendall(data)

    def _take(self, message: Message) -> None:
        kind, fields = message.header.message_type, message.header.fields
        if kind is MessageType.signal:
            told = BusSignal(
                str(fields.get(HeaderFields.interface)), str(fields.get(HeaderFields.member)), message.body
            )
            self._deliver(0, told)
        elif kind in (MessageType.method_return, MessageType.error):
            serial = fields.get(HeaderFields.reply_serial)
            if self._pending.pop(serial, None) is not None:
                self._deliver(serial, message.body if kind is MessageType.method_return else _error(message))

    def _expire(self) -> None:
        now = time.monotonic()
        for serial in [serial for serial, deadline in self._pending.items() if deadline <= now]:
            del self._pending[serial]
            self._deliver(serial, BusError("org.freedesktop.DBus.Error.NoReply", "the service does not answer"))

    def end(self, reason: str) -> None:
        """Free what the thread had; whoever waits for an answer is told that none comes."""
        with self._lock:
            self._over = True
            waiting = [serial for serial, _data, answered in self._orders if answered]
            self._orders.clear()
            self._wake.close()
            self._waker.close()
        waiting += self._pending
        self._pending.clear()
        for serial in waiting:
            self._deliver(serial, BusError(NO_BUS, reason))


def _error(message: Message) -> BusError:
    text = message.body[0] if message.body and isinstance(message.body[0], str) else ""
    return BusError(str(message.header.fields.get(HeaderFields.error_name)), text)


def _some(data: bytes) -> bytes:
    if not data:
        raise ConnectionResetError("the bus has closed the connection")
    return data


def _shut(bus: socket.socket) -> None:
    try:
        bus.shutdown(socket.SHUT_RDWR)
    except OSError:  # not connected yet, or not any more
        return
