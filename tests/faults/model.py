"""Row 17 of the fault matrix, its other half: clients do whatever they may, in any order, at a live server, and a model
says what must come of it.

The model knows of each room who its members are and which ids its log has, in order. Whatever is asked, the server's
answer must be the model's; each request may be asked again with its id at any time, before and after the server was
killed, and must have the same answer as the first time.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import (
    Ack,
    CreateRoom,
    Error,
    GetHistory,
    History,
    JoinRoom,
    LeaveRoom,
    Message,
    Post,
    Request,
)
from tests.faults.outcome import Outcome
from tests.faults.people import LOBBY
from tests.faults.processes import ServerProcess
from tests.helpers.wire import WireClient, new_id

PEOPLE = ("anna", "ben", "cleo")


@dataclass
class Log:
    """One room as the model knows it. `ids`: of its events, None where the server chose the id."""

    members: set[str] = field(default_factory=set)
    ids: list[bytes | None] = field(default_factory=list)

    def append(self, id: bytes | None) -> int:  # noqa: A002
        self.ids.append(id)
        return len(self.ids)


class Machine(RuleBasedStateMachine):
    """Three people and one server."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(prefix="qtchat-model-")
        self._server = ServerProcess(Path(self._folder.name))
        self._keys = {nick: SigningKey.generate() for nick in PEOPLE}
        self._clients: dict[str, WireClient] = {}
        self._rooms: dict[int, Log] = {LOBBY: Log()}
        self._done: list[tuple[str, Request, tuple[int, int]]] = []
        """Who asked what, and where it was stored: (room, seq)."""
        self._known: set[str] = set()

    @initialize()
    def start(self) -> None:
        self._server.start()

    def teardown(self) -> None:
        for client in self._clients.values():
            client.close()
        self._server.kill()
        said = self._server.said
        self._folder.cleanup()
        assert "internal error" not in said, said

    # -- what people do -----------------------------------------------------------------------------------

    @rule(nick=st.sampled_from(PEOPLE))
    def come(self, nick: str) -> None:
        """A first visit makes somebody a member of the lobby; a later one changes nothing."""
        if nick in self._clients:
            return
        client = self._clients[nick] = WireClient(self._server.port, self._keys[nick])
        client.login(nick, capabilities=())
        if nick not in self._known:
            self._known.add(nick)
            self._rooms[LOBBY].members.add(nick)
            self._rooms[LOBBY].append(None)
        heads = {number: room.head for number, room in client.rooms.items()}
        assert heads == {number: len(log.ids) for number, log in self._rooms.items() if nick in log.members}

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self._clients.pop(self._somebody(data)).close()

    @precondition(lambda self: self._clients)
    @rule(data=st.data(), text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=40))
    def post(self, data: st.DataObject, text: str) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        request = Post(new_id(), room, f"x{text}")
        if nick in self._rooms[room].members:
            self._store(nick, request, room)
        else:
            self._refused(nick, request, "not_member")

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def create(self, data: st.DataObject) -> None:
        nick = self._somebody(data)
        request = CreateRoom(new_id(), f"room {len(self._rooms)}")
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        assert answer.room not in self._rooms
        self._rooms[answer.room] = Log({nick})
        assert (answer.seq, answer.duplicate) == (self._rooms[answer.room].append(request.id), False)
        self._done.append((nick, request, (answer.room, answer.seq)))

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        if nick in self._rooms[room].members:
            answer = self._ask(nick, JoinRoom(new_id(), room))
            assert isinstance(answer, Ack), answer
            assert answer.duplicate
        else:
            self._rooms[room].members.add(nick)
            self._store(nick, JoinRoom(new_id(), room), room)

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        if room == LOBBY:  # whether one may leave it is not the matter here
            return
        if nick in self._rooms[room].members:
            self._rooms[room].members.discard(nick)
            self._store(nick, LeaveRoom(new_id(), room), room)
        else:
            answer = self._ask(nick, LeaveRoom(new_id(), room))
            assert isinstance(answer, Ack), answer
            assert answer.duplicate

    @precondition(lambda self: any(nick in self._clients for nick, _, _ in self._done))
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """The same request once more, whatever has happened since."""
        again = [done for done in self._done if done[0] in self._clients]
        nick, request, place = data.draw(st.sampled_from(again))
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        assert (answer.room, answer.seq, answer.duplicate) == (*place, True)

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        log = self._rooms[room]
        after = data.draw(st.integers(0, len(log.ids)))
        answer = self._ask(nick, GetHistory(new_id(), room, after=after, limit=500))
        if nick not in log.members:
            assert isinstance(answer, Error), answer
            return
        assert isinstance(answer, History), answer
        assert [event.seq for event in answer.events] == list(range(after + 1, len(log.ids) + 1))
        for event, expected in zip(answer.events, log.ids[after:], strict=True):
            assert expected in (None, event.id)

    @rule()
    def kill(self) -> None:
        """What was acknowledged is still there; everybody has to come again."""
        self._server.kill()
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._server.start()

    # -- steps ------------------------------------------------------------------------------------------------

    def _somebody(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self._clients)))

    def _some_room(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(sorted(self._rooms)))

    def _ask(self, nick: str, request: Request) -> Message:
        return self._clients[nick].ask(request, Message)

    def _store(self, nick: str, request: Request, room: int) -> None:
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        assert (answer.room, answer.seq, answer.duplicate) == (room, self._rooms[room].append(request.id), False)
        self._done.append((nick, request, (room, answer.seq)))

    def _refused(self, nick: str, request: Request, code: str) -> None:
        answer = self._ask(nick, request)
        assert isinstance(answer, Error), answer
        assert answer.code == code


def clients_against_model(_folder: Path, *, examples: int = 5, steps: int = 30) -> Outcome:
    """Row 17: `examples` servers, each for up to `steps` steps."""
    outcome = Outcome()
    rules = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(Machine, settings=rules)
    except AssertionError as error:
        outcome.faults.append(f"{error!r} {' '.join(getattr(error, '__notes__', ()))}")
    outcome.count("servers", examples)
    return outcome
