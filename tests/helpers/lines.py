"""A line (client.line.Line) that leads nowhere: it writes down what its part does, and runs disk jobs when told."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from qtchat.client.errors import ProfileError
from qtchat.client.storage import Disk
from qtchat.client.updates import Update
from qtchat.protocol.messages import CAPABILITIES, MAX_IN_FLIGHT, Message, Request

AnyUpdate = TypeVar("AnyUpdate", bound=Update)


class FakeLine:
    """`sent`: requests that were sent or submitted. `said`: what has no answer. `pump` calls `on_pump` and
    `send` calls `on_send`, to be set by the test."""

    def __init__(self, folder: Path) -> None:
        self.disk = Disk(folder / "chat.sqlite3")
        self.broken: ProfileError | None = None
        self.online = True
        self.free = MAX_IN_FLIGHT
        self.user, self.nick = 7, "Me"
        self.capabilities = CAPABILITIES
        self.sent: list[Request] = []
        self.said: list[Message] = []
        self.told: list[Update] = []
        self.given_up: list[str] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.on_pump: Callable[[], None] = lambda: None
        self.on_send: Callable[[Request], None] = lambda _: None
        self._jobs: list[tuple[Callable[[Disk], Any], Callable[..., None], Callable[[ProfileError], None]]] = []

    # -- what the parts use -----------------------------------------------------------------------------

    def server_knows(self, capability: str) -> bool:
        return capability in self.capabilities

    def say(self, message: Message) -> None:
        assert self.online
        self.said.append(message)

    def send(self, request: Request) -> None:
        assert self.free > 0
        self.free -= 1
        self.sent.append(request)
        self.on_send(request)

    def submit(self, request: Request) -> None:
        self.sent.append(request)

    def pump(self) -> None:
        self.on_pump()

    def give_up(self, reason: str) -> None:
        self.given_up.append(reason)

    def emit(self, update: Update) -> None:
        self.told.append(update)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        self.timers.append((delay, callback))

    def read(
        self, job: Callable[[Disk], object], done: Callable[..., None], failed: Callable[[ProfileError], None]
    ) -> None:
        self._jobs.append((job, done, failed))

    def write(self, job: Callable[[Disk], None]) -> None:
        def failed(error: ProfileError) -> None:
            raise error

        self._jobs.append((job, lambda _: None, failed))

    # -- what the test uses -----------------------------------------------------------------------------

    def run_disk(self) -> None:
        """Do what was asked of the disk, in order."""
        while self._jobs:
            job, done, failed = self._jobs.pop(0)
            if self.broken is not None:
                failed(self.broken)
            else:
                done(job(self.disk))

    def run_timers(self) -> None:
        timers, self.timers = self.timers, []
        for _, callback in timers:
            callback()

    def take_told(self) -> list[Update]:
        told, self.told = self.told, []
        return told

    def take_sent(self) -> list[Any]:
        """Requests since the last call; they count as answered."""
        sent, self.sent = self.sent, []
        self.free = MAX_IN_FLIGHT
        return sent

    def close(self) -> None:
        self.disk.database.close()
