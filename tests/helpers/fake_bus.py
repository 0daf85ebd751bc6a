"""A bus that answers only when the test says so."""

from typing import Any

from qtchat.gui.desktop.bus import Answer, Bus, BusError, BusSignal, Call, Then


class FakeBus(Bus):
    """`calls`: what was called and waits for `answer`. `listened`: the interfaces that were listened to."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Call, Then | None]] = []
        self.listened: list[str] = []
        self.running = False

    def start(self) -> None:
        self.running = True

    def call(self, call: Call, then: Then | None = None) -> None:
        self.calls.append((call, then))

    def listen(self, service: str, interface: str) -> None:
        self.listened.append(interface)

    def stop(self) -> None:
        self.running = False

    def answer(self, *body: Any) -> Call:
        """Answer the oldest call; returns it."""
        return self._answer(body)

    def refuse(self, name: str = "org.freedesktop.DBus.Error.ServiceUnknown") -> Call:
        return self._answer(BusError(name, "words"))

    def tell(self, interface: str, member: str, *body: Any) -> None:
        self.signalled.emit(BusSignal(interface, member, body))

    def _answer(self, answer: Answer) -> Call:
        call, then = self.calls.pop(0)
        if then is not None:
            then(answer)
        return call
