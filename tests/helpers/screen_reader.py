"""A screen reader of the tests' own: what a program tells of itself over AT-SPI, read as Orca reads it.

Another process than the program's, and another program's library: nothing here knows Qt. The interfaces are those of
https://gitlab.gnome.org/GNOME/at-spi2-core/-/tree/main/xml
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from enum import IntEnum
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, TypeVar

from jeepney import (  # type: ignore[import-untyped]
    DBusAddress,
    HeaderFields,
    MatchRule,
    Message,
    MessageType,
    message_bus,
    new_method_call,
)
from jeepney.io.blocking import open_dbus_connection  # type: ignore[import-untyped]

PATIENCE: Final = 30.0
"""Seconds a wait may take: reached only where a test is about to fail."""
_LOOK_AGAIN: Final = 0.1
"""Seconds after which it is looked again, though the program has told of no change."""
_A11Y: Final = "org.a11y.atspi"
_REGISTRY: Final = f"{_A11Y}.Registry"
_ROOT: Final = "/org/a11y/atspi/accessible/root"
_EVENTS: Final = f"{_A11Y}.Event.Object"
_PRESSABLE: Final = frozenset({"push button", "check box", "radio button", "toggle button", "combo box", "link"})
"""Roles of what is there to be pressed, even where no key leads to it."""

Found = TypeVar("Found")


class State(IntEnum):
    """The bits of a state that matter here, by their numbers in AT-SPI."""

    CHECKED = 4
    EDITABLE = 7
    FOCUSABLE = 11
    FOCUSED = 12
    SENSITIVE = 24
    SHOWING = 25


class GoneError(LookupError):
    """The element is not there any more, or cannot do that."""


class Element(NamedTuple):
    """What is on the screen, as AT-SPI names it; all else is asked of the program anew each time."""

    reader: "ScreenReader"
    program: str
    path: str

    def ask(self, member: str, signature: str = "", body: tuple[Any, ...] = (), *, of: str = "Accessible") -> Any:
        """Call a method of one of its interfaces; returns the first thing it answers."""
        return self.reader.call(self.program, self.path, f"{_A11Y}.{of}", member, signature, body)

    def told(self, name: str, of: str = "Accessible") -> Any:
        """A property of one of its interfaces."""
        properties = "org.freedesktop.DBus.Properties"
        return self.reader.call(self.program, self.path, properties, "Get", "ss", (f"{_A11Y}.{of}", name))[1]

    @property
    def name(self) -> str:
        return str(self.told("Name"))

    @property
    def role(self) -> str:
        return str(self.ask("GetRoleName"))

    @property
    def text(self) -> str:
        """What stands in a field."""
        return str(self.ask("GetText", "ii", (0, -1), of="Text"))

    def has(self, state: State) -> bool:
        low, high = self.ask("GetState")
        return bool((low | high << 32) >> state & 1)

    @property
    def window(self) -> "Element":
        """The one that it is in: a popup is found in no other way than from what in it has the focus."""
        program, path = self.told("Parent")
        return self if path == _ROOT else Element(self.reader, program, path).window

    @property
    def is_control(self) -> bool:
        """Can it be seen, and used?"""
        usable = self.has(State.SHOWING) and self.has(State.SENSITIVE)
        return usable and (self.has(State.FOCUSABLE) or self.role in _PRESSABLE)

    def children(self) -> list["Element"]:
        return [Element(self.reader, program, path) for program, path in self.ask("GetChildren")]

    def shown(self) -> Iterator["Element"]:
        """All that is shown in it, itself first."""
        yield self
        for child in self.children():
            if child.has(State.SHOWING):
                yield from child.shown()

    def find(self, role: str, name: str) -> "Element":
        """The first of this role whose name begins so; GoneError while there is none."""
        for element in self.shown():
            if element.role == role and element.name.startswith(name):
                return element
        raise GoneError(f"no {role} “{name}”")

    def items(self, name: str) -> list[str]:
        """What stands in the list of this name."""
        return [child.name for child in self.find("list", name).children()]

    @property
    def actions(self) -> list[str]:
        return [action[0] for action in self.ask("GetActions", of="Action")]

    def do(self, action: str) -> None:
        """Do one of its actions."""
        assert self.ask("DoAction", "i", (self.actions.index(action),), of="Action")

    def type(self, text: str) -> None:
        """Put `text` into an empty field."""
        assert self.ask("InsertText", "isi", (0, text, len(text)), of="EditableText")


class ScreenReader:
    """Listens on the accessibility bus that belongs to the session bus at `session`. A context manager."""

    def __init__(self, session: str) -> None:
        self.announced: list[str] = []
        """What programs wanted to be said at once."""
        self.focus: Element | None = None
        """Where the keyboard went to last."""
        with open_dbus_connection(session) as bus:
            where = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            address = _answer(bus.send_and_get_reply(new_method_call(where, "GetAddress"), timeout=PATIENCE))
        self._bus = open_dbus_connection(address)
        rule = MatchRule(type="signal", interface=_EVENTS)
        self._heard: deque[Message] = deque()
        self._filter = self._bus.filter(rule, queue=self._heard)
        self._bus.send_and_get_reply(message_bus.AddMatch(rule), timeout=PATIENCE)
        # Programs tell of what happens only when somebody has asked for it.
        self.call(_REGISTRY, "/org/a11y/atspi/registry", _REGISTRY, "RegisterEvent", "s", ("object:",))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._filter.close()
        self._bus.close()

    def call(
        self, program: str, path: str, interface: str, member: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> Any:
        """The first thing the answer holds; GoneError where it is an error."""
        message = new_method_call(DBusAddress(path, program, interface), member, signature, body)
        return _answer(self._bus.send_and_get_reply(message, timeout=PATIENCE))

    def program(self, name: str) -> Element:
        """The program of this name, with a window; GoneError while there is none."""
        for program in Element(self, _REGISTRY, _ROOT).children():
            if program.name == name and program.children():
                return program
        raise GoneError(f"no program “{name}”")

    def until(self, look: Callable[[], Found]) -> Found:
        """Look after each change that is told, until something is found: anything but None, False and a GoneError."""
        deadline = time.monotonic() + PATIENCE
        while True:
            reason = "it is not so"
            try:
                if found := look():
                    return found
            except GoneError as error:
                reason = str(error)
            assert time.monotonic() < deadline, reason
            self._listen()

    def _listen(self) -> None:
        """Wait for one change, but not long."""
        try:
            message = self._bus.recv_until_filtered(self._heard, timeout=_LOOK_AGAIN)
        except TimeoutError:
            return
        fields, (kind, now, _other, (_signature, value), _more) = message.header.fields, message.body
        if fields[HeaderFields.member] == "Announcement":
            self.announced.append(value)
        elif fields[HeaderFields.member] == "StateChanged" and (kind, now) == ("focused", 1):
            self.focus = Element(self, fields[HeaderFields.sender], fields[HeaderFields.path])


def _answer(reply: Message) -> Any:
    if reply.header.message_type is MessageType.error:
        raise GoneError(f"{reply.header.fields[HeaderFields.error_name]}: {reply.body}")
    return reply.body[0] if reply.body else None
