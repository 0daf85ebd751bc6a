"""Row 17 of the fault matrix from the other side: a server that says whatever is well formed, in any order."""

import itertools
import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qtchat.client.account import Account
from qtchat.client.updates import ConnectionUpdate, Phase
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import Message, Ping, Pong, Request, Room
from tests.faults.any_message import SERVER
from tests.faults.logged import Logged
from tests.faults.outcome import Outcome
from tests.helpers.accounts import PATIENCE, User
from tests.helpers.fakes import Guest, fake_server

ROOM: Final = Room(1, "lobby", "", 3, 2)

ASKS: Final[tuple[Callable[[Account], object], ...]] = (
    lambda account: account.post(1, "hello"),
    lambda account: account.load_older(1, 3),
    lambda account: account.mark_read(1, 3),
    lambda account: account.list_rooms(),
    lambda account: account.load_people(1),
    lambda account: account.react(1, 2, "👍", True),
    lambda account: account.open_direct(3),
    lambda account: account.list_bans(),
    lambda account: account.list_waiting(),
    lambda account: account.get_audit(),
)
"""What the client wants meanwhile, so that there is something to be answered wrongly."""


class Liar:
    """The script of a fake server. Whatever is said is followed by a Ping, whose answer shows that it was heard."""

    def __init__(self, saying: Sequence[tuple[Message, int]]) -> None:
        """`saying`: messages, each with which of the requests before it is answered, counted from the last one."""
        self.saying = saying
        self.done = threading.Event()

    def __call__(self, guest: Guest, number: int) -> None:
        if number:
            return  # once is enough
        try:
            guest.login(ROOM)
            asked: list[Request] = []
            _hear(guest, asked)
            for message, which in self.saying:
                about = asked[-1 - which % len(asked)] if asked else None
                guest.send_raw(encode_frame(_answering(message, about)))
                _hear(guest, asked)
        finally:
            self.done.set()


def _hear(guest: Guest, asked: list[Request]) -> None:
    guest.send_raw(encode_frame(Ping()))
    while not isinstance(message := guest.next(), Pong):
        if isinstance(message, Request):
            asked.append(message)


def _answering(message: Message, about: Request | None) -> Message:
    """What is a reply becomes one to this request."""
    if about is None or not getattr(message, "re", b""):
        return message
    fitting: dict[str, Any] = {"re": about.id}
    if hasattr(message, "room") and hasattr(about, "room"):
        fitting["room"] = about.room
    return msgspec.structs.replace(message, **fitting)


def hostile_server(folder: Path, *, examples: int = 20) -> Outcome:
    """`examples` clients, each told up to 30 messages. What breaks a rule ends the connection, and a contradiction is
    endured; the client's state stays what its windows can follow, and it stops in order."""
    outcome = Outcome()
    rules = settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    count = itertools.count()
    said = st.lists(st.tuples(SERVER, st.integers(0, 4)), min_size=1, max_size=30)

    @rules
    @given(said, st.lists(st.sampled_from(ASKS), max_size=5))
    def lied_to(saying: list[tuple[Message, int]], asks: list[Callable[[Account], object]]) -> None:
        place = folder / str(next(count))
        liar = Liar(saying)
        with Logged(logging.ERROR) as logged, fake_server(place / "server", liar) as link:
            with User(place / "profile", link, "anna") as anna:
                anna.wait_for(ConnectionUpdate, lambda update: update.phase is Phase.ONLINE)  # perhaps for a moment
                for ask in asks:
                    ask(anna.account)
                assert liar.done.wait(PATIENCE), f"it neither answers nor goes after {saying}"
            assert not logged.found, logged.found
        outcome.count("told", len(saying))

    try:
        lied_to()
    except AssertionError as error:
        outcome.faults.append(f"{error!r} {' '.join(getattr(error, '__notes__', ()))}")
    outcome.count("clients", examples)
    return outcome
