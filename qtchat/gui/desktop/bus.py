"""What the rest of the program sees of a message bus (D-Bus), whoever carries the messages."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QObject, Signal


class Call(Struct, frozen=True):
    """A method call. `signature` describes `body` in D-Bus's own letters.

    `wake`: start the service if it does not run.
    """

    service: str
    path: str
    interface: str
    member: str
    signature: str = ""
    body: tuple[Any, ...] = ()
    wake: bool = True


class BusSignal(Struct, frozen=True):
    """A signal that a service sent."""

    interface: str
    member: str
    body: tuple[Any, ...]


class BusError(Struct, frozen=True):
    """Why a call was not answered: D-Bus's name for it, and words."""

    name: str
    text: str


Answer = tuple[Any, ...] | BusError
Then = Callable[[Answer], None]

NO_BUS = "org.freedesktop.DBus.Error.Disconnected"
"""The name of the error where there is no bus, or none any more."""


class Bus(QObject):
    """One connection to the bus. Everything it says comes on the GUI thread; nothing comes after `stop`.

    signalled(BusSignal): from a service that was listened to.
    """

    signalled = Signal(object)

    def start(self) -> None:
        """Begin to connect. Returns at once; calls wait until it is done."""
        raise NotImplementedError

    def call(self, call: Call, then: Then | None = None) -> None:
        """Send a call. `then` gets what was answered, or the reason why nothing was."""
        raise NotImplementedError

    def listen(self, service: str, interface: str) -> None:
        """Hear the signals of this interface from now on."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the connection. Calls that were not answered yet are dropped."""
        raise NotImplementedError
