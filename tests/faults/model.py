"""Row 17 of the fault matrix, its other half: clients do whatever they may, in any order, at a live server, and a model
says what must come of it.

The model knows of each room who its members are, how far they have read it, and what its log says, in order. Whatever
is asked, the server's answer must be the model's; each request may be asked again with its id at any time, before and
after the server was killed, and must have the same answer as the first time.
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
    AddMember,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    GetHistory,
    History,
    JoinRoom,
    Kick,
    LeaveRoom,
    MarkRead,
    Message,
    Post,
    React,
    Request,
)
from tests.faults.outcome import Outcome
from tests.faults.people import LOBBY
from tests.faults.processes import ServerProcess
from tests.helpers.wire import WireClient, new_id

InARoom = Post | Edit | Delete | React | MarkRead | AddMember | JoinRoom | LeaveRoom | Kick | GetHistory
"""Requests that name a room."""
PEOPLE = ("anna", "ben", "cleo")


@dataclass
class Entry:
    """One event as the model knows it. `id`: None where the server chose it."""

    id: bytes | None
    kind: str
    author: str
    text: str = ""
    about: int = 0


@dataclass
class Log:
    """One room as the model knows it. `members`: how far each has read it; `hidden`: only members know of it; `owner`:
    who made it, until they leave."""

    members: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    hidden: bool = False
    owner: str = ""

    def append(self, entry: Entry) -> int:
        self.entries.append(entry)
        return len(self.entries)

    def add(self, nick: str) -> None:
        self.members[nick] = len(self.entries)

    def post(self, seq: int) -> Entry | None:
        """The post of this number, if it is one."""
        entry = self.entries[seq - 1] if 0 < seq <= len(self.entries) else None
        return entry if entry is not None and entry.kind == "post" else None

    def reactions(self, seq: int) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for entry in self.entries:
            if entry.about == seq and entry.kind == "reacted":
                found.add((entry.author, entry.text))
            elif entry.about == seq and entry.kind == "unreacted":
                found.discard((entry.author, entry.text))
        return found

    def erase(self, seq: int) -> None:
        for number, entry in enumerate(self.entries, 1):
            if number == seq or (entry.kind == "edited" and entry.about == seq):
                entry.text = ""


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
        self._known: list[str] = []
        """Who has been here: the first is user 1."""

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
            self._known.append(nick)
            self._rooms[LOBBY].add(nick)
            self._rooms[LOBBY].append(Entry(None, "joined", nick))
        told = {number: (room.head, room.read) for number, room in client.rooms.items()}
        assert told == {
            number: (len(log.entries), log.members[nick]) for number, log in self._rooms.items() if nick in log.members
        }

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        self._clients.pop(self._somebody(data)).close()

    @precondition(lambda self: self._clients)
    @rule(data=st.data(), text=st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=40))
    def post(self, data: st.DataObject, text: str) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        reply_to = data.draw(st.integers(0, len(self._rooms[room].entries)))
        request = Post(new_id(), room, f"x{text}", reply_to)
        if self._admitted(nick, request):
            self._store(nick, request, Entry(request.id, "post", nick, request.text, reply_to))

    @precondition(lambda self: self._clients)
    @rule(data=st.data(), text=st.text("abc", min_size=1, max_size=9))
    def edit(self, data: st.DataObject, text: str) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        request = Edit(new_id(), room, self._some_seq(data, room), text)
        if not self._admitted(nick, request):
            return
        post = self._rooms[room].post(request.seq)
        if post is not None and post.author == nick and post.text:
            self._store(nick, request, Entry(request.id, "edited", nick, text, request.seq))
        else:
            self._refused(nick, request, "forbidden")

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        request = Delete(new_id(), room, self._some_seq(data, room))
        if not self._admitted(nick, request):
            return
        post = self._rooms[room].post(request.seq)
        if post is None or nick not in (post.author, self._rooms[room].owner):
            self._refused(nick, request, "forbidden")
        elif not post.text:
            self._nothing_new(nick, request)
        else:
            self._rooms[room].erase(request.seq)
            self._store(nick, request, Entry(request.id, "deleted", nick, "", request.seq))

    @precondition(lambda self: self._clients)
    @rule(data=st.data(), emoji=st.sampled_from("👍🎉"), add=st.booleans())
    def react(self, data: st.DataObject, emoji: str, add: bool) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        request = React(new_id(), room, self._some_seq(data, room), emoji, add)
        if not self._admitted(nick, request):
            return
        post = self._rooms[room].post(request.seq)
        if post is None or not post.text:
            self._refused(nick, request, "forbidden")
        elif ((nick, emoji) in self._rooms[room].reactions(request.seq)) is add:
            self._nothing_new(nick, request)
        else:
            kind = "reacted" if add else "unreacted"
            self._store(nick, request, Entry(request.id, kind, nick, emoji, request.seq))

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def mark_read(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        log = self._rooms[room]
        request = MarkRead(new_id(), room, data.draw(st.integers(0, len(log.entries) + 2)))
        if self._admitted(nick, request):
            assert self._ask(nick, request) == Done(request.id)
            log.members[nick] = max(log.members[nick], min(request.seq, len(log.entries)))

    @precondition(lambda self: self._clients)
    @rule(data=st.data(), private=st.booleans())
    def create(self, data: st.DataObject, private: bool) -> None:
        nick = self._somebody(data)
        request = CreateRoom(new_id(), f"room {len(self._rooms)}", private=private)
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        assert answer.room not in self._rooms
        log = self._rooms[answer.room] = Log({nick: 0}, hidden=private, owner=nick)
        assert (answer.seq, answer.duplicate) == (log.append(Entry(request.id, "created", nick, request.name)), False)
        self._done.append((nick, request, (answer.room, answer.seq)))

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def bring_in(self, data: st.DataObject) -> None:
        nick, room, other = self._somebody(data), self._some_room(data), data.draw(st.sampled_from(self._known))
        request = AddMember(new_id(), room, self._known.index(other) + 1)
        if not self._admitted(nick, request):
            return
        if other in self._rooms[room].members:
            self._nothing_new(nick, request)
        else:
            self._rooms[room].add(other)
            self._store(nick, request, Entry(request.id, "added", nick, other, request.user))

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        request, log = JoinRoom(new_id(), room), self._rooms[room]
        if nick in log.members:
            self._nothing_new(nick, request)
        elif log.hidden:
            self._refused(nick, request, "room_unknown")
        else:
            log.add(nick)
            self._store(nick, request, Entry(request.id, "joined", nick))

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        nick, room = self._somebody(data), self._some_room(data)
        if room == LOBBY:  # whether one may leave it is not the matter here
            return
        request, log = LeaveRoom(new_id(), room), self._rooms[room]
        if nick in log.members:
            self._remove(log, nick)
            self._store(nick, request, Entry(request.id, "left", nick))
        elif log.hidden:
            self._refused(nick, request, "room_unknown")
        else:
            self._nothing_new(nick, request)

    @precondition(lambda self: self._clients)
    @rule(data=st.data())
    def put_out(self, data: st.DataObject) -> None:
        """Who made a room may, and nobody may put out themselves."""
        nick, room, other = self._somebody(data), self._some_room(data), data.draw(st.sampled_from(self._known))
        number, log = self._known.index(other) + 1, self._rooms[room]
        request = Kick(new_id(), room, number)
        if log.hidden and nick not in log.members:
            self._refused(nick, request, "room_unknown")
        elif log.owner != nick or other == nick or other not in log.members:
            self._refused(nick, request, "forbidden")
        else:
            self._remove(log, other)
            self._store(nick, request, Entry(request.id, "kicked", nick, other, number))

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
        after = data.draw(st.integers(0, len(log.entries)))
        request = GetHistory(new_id(), room, after=after, limit=500)
        if not self._admitted(nick, request):
            return
        answer = self._ask(nick, request)
        assert isinstance(answer, History), answer
        assert [event.seq for event in answer.events] == list(range(after + 1, len(log.entries) + 1))
        for event, entry in zip(answer.events, log.entries[after:], strict=True):
            assert entry.id in (None, event.id)
            assert (event.kind, event.nick, event.text, event.about) == (
                entry.kind,
                entry.author,
                entry.text,
                entry.about,
            )

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

    def _some_seq(self, data: st.DataObject, room: int) -> int:
        return data.draw(st.integers(0, len(self._rooms[room].entries) + 1))

    def _admitted(self, nick: str, request: InARoom) -> bool:
        """Whether somebody is in the room of the request; if not, it must be refused."""
        log = self._rooms[request.room]
        if nick not in log.members:
            self._refused(nick, request, "room_unknown" if log.hidden else "not_member")
        return nick in log.members

    def _remove(self, log: Log, nick: str) -> None:
        del log.members[nick]
        if log.owner == nick:
            log.owner = ""

    def _nothing_new(self, nick: str, request: InARoom) -> None:
        """What is so already is acknowledged, and the log stays as it is."""
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        assert (answer.room, answer.seq, answer.duplicate) == (
            request.room,
            len(self._rooms[request.room].entries),
            True,
        )

    def _ask(self, nick: str, request: Request) -> Message:
        return self._clients[nick].ask(request, Message)

    def _store(self, nick: str, request: InARoom, entry: Entry) -> None:
        answer = self._ask(nick, request)
        assert isinstance(answer, Ack), answer
        seq = self._rooms[request.room].append(entry)
        assert (answer.room, answer.seq, answer.duplicate) == (request.room, seq, False)
        self._done.append((nick, request, (request.room, seq)))

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
