"""What all rules of the model have in common: asking, and comparing everything that anybody hears with what they must.

A request may be refused for several reasons at once; the protocol does not say which of them is told.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from qtchat.protocol.messages import (
    GUEST,
    MEMBER,
    MODERATOR,
    OWNER,
    PUBLIC,
    Ack,
    Audit,
    Bans,
    Done,
    Error,
    Event,
    GetAudit,
    GetHistory,
    History,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    People,
    Request,
    Room,
    Rooms,
    Sanction,
    Waiting,
)
from tests.faults.model_stages import Stage
from tests.faults.model_world import (
    EVERYWHERE,
    KEPT,
    REVOKED,
    Act,
    Entry,
    Log,
    Power,
    World,
)
from tests.helpers.wire import new_id


class Steps(RuleBasedStateMachine):
    """One server, people, and the model of both."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.world = World()
        self.here: set[str] = set()
        """Who is connected."""
        self.done: list[tuple[str, Request, tuple[int, int] | None]] = []
        """Who asked what, and where it was stored, (room, seq); None: in the audit log alone."""
        self._due: dict[str, list[tuple[int, int]]] = {}
        """Events, each a room and a seq, that people must hear now."""
        self._sanctions: dict[str, list[Sanction]] = {}
        self._shown: set[tuple[str, int]] = set()
        """(person, room): who must be told what a room is now."""
        self._ends: dict[str, str] = {}
        """Whose connection must end now, and with which code."""
        self._count_told: int = 0
        """How many waited when it was told."""

    # -- choosing ---------------------------------------------------------------------------------------------

    def somebody(self, data: st.DataObject, *, powerful: bool = False) -> str:
        """Who is here. `powerful`: rather whoever has the greatest power of these."""
        here = sorted(self.here, key=lambda name: (-self.world.power(name), name))
        return here[0] if powerful and data.draw(st.booleans()) else data.draw(st.sampled_from(here))

    def anybody(self, data: st.DataObject, rather: Iterable[str] = ()) -> str:
        """Somebody who was here once, or waits. `rather`: one of these, if there are any."""
        preferred = sorted(rather)
        likely: bool = data.draw(st.booleans())
        return data.draw(st.sampled_from(preferred if preferred and likely else sorted(self.world.people)))

    def some_room(self, data: st.DataObject, name: str) -> Log:
        """Rather one in which this person is."""
        inside = [number for number, log in self.world.rooms.items() if name in log.members]
        rather: bool = data.draw(st.booleans())
        of = inside if inside and rather else list(self.world.rooms)
        return self.world.rooms[data.draw(st.sampled_from(of))]

    def some_seq(self, data: st.DataObject, log: Log) -> int:
        """Rather that of a post."""
        posts = [seq for seq in range(1, log.head + 1) if log.post(seq)]
        rather: bool = data.draw(st.booleans())
        of = posts if posts and rather else range(log.head + 2)
        return data.draw(st.sampled_from(of))

    # -- asking -----------------------------------------------------------------------------------------------

    def refused(self, name: str, request: Request, reasons: AbstractSet[str]) -> bool:
        """Whether there are reasons to refuse it; then it must be, for one of them, and nobody hears of it."""
        if not reasons:
            return False
        answer = self.stage.ask(name, request)
        assert isinstance(answer, Error), f"{answer} to {request} by {name}, which must be refused: {reasons}"
        assert answer.code in reasons, f"{answer} to {request} by {name}"
        self.listen()
        return True

    def nothing_new(self, name: str, request: Request, log: Log) -> None:
        """What is so already is acknowledged, and the log stays as it is."""
        answer = self.stage.ask(name, request)
        assert isinstance(answer, Ack), f"{answer} to {request} by {name}"
        place = (answer.room, answer.seq, answer.duplicate)
        assert place == (log.number, log.head, True), f"{answer} to {request} by {name}"
        self.listen(shown=True)

    def stored(self, name: str, request: Request, log: Log, entry: Entry) -> None:
        """It is acknowledged as a new event, which all members hear."""
        answer = self.stage.ask(name, request)
        assert isinstance(answer, Ack), f"{answer} to {request} by {name}"
        seq = self.append(log, entry)
        place = (answer.room, answer.seq, answer.duplicate)
        assert place == (log.number, seq, False), f"{answer} to {request} by {name}, not {seq}"
        self.done.append((name, request, (log.number, seq)))
        self.listen()

    def carried_out(self, name: str, request: Request, *, kept: bool = True) -> None:
        """It is answered with Done. `kept`: it stands in the audit log, so that a repeated one is not done again."""
        answer = self.stage.ask(name, request)
        assert answer == Done(request.id), f"{answer} to {request} by {name}"
        if kept:
            self.done.append((name, request, None))

    # -- what must be heard -------------------------------------------------------------------------------------

    def append(self, log: Log, entry: Entry) -> int:
        """To be heard by whoever is a member now."""
        seq = log.append(entry)
        for name in self.here & log.members.keys():
            self._due.setdefault(name, []).append((log.number, seq))
        return seq

    def put_out(self, log: Log, name: str, by: str) -> None:
        """Somebody is a member no more. If that was the room's only owner, a moderator becomes one, or else whoever has
        been on the server longest; who goes does not hear of it."""
        heirs = []
        if log.roles.get(name) == OWNER and list(log.roles.values()).count(OWNER) == 1:
            people = self.world.people
            others = [one for one in log.members if one != name and people[one].role not in (GUEST, REVOKED)]
            moderators = [one for one in others if log.roles.get(one) == MODERATOR]
            heirs = sorted(moderators or others, key=lambda one: people[one].number)
        log.remove(name)
        if heirs:
            heir = self.world.people[heirs[0]]
            log.roles[heirs[0]] = OWNER
            self.show(heirs[0], log)
            self.append(log, Entry(None, "changed", by, f"role {OWNER} {heir.nick}", heir.number))

    def tell(self, name: str, told: Sanction) -> None:
        """At once, or at the next login. Somebody whose connection ends with it is told, too."""
        if name in self.here:
            self._sanctions.setdefault(name, []).append(told)
            return
        untold = self.world.people[name].untold
        untold.append(told)
        del untold[:-KEPT]

    def show(self, name: str, log: Log) -> None:
        if name in self.here:
            self._shown.add((name, log.number))

    def end(self, name: str, code: str) -> None:
        if name in self.here:
            self._ends[name] = code

    def log_act(self, by: str, act: str, room: int, person: str, until: int = 0) -> None:
        """What a private room's own owners and moderators do there is nobody else's business."""
        if room == EVERYWHERE or self.world.rooms[room].kind == PUBLIC or self.world.power(by) >= Power.MODERATOR:
            self.world.acts.append(Act(by, act, room, person, until))

    def listen(self, *, shown: bool = False) -> None:
        """What everybody has heard since the last time is what is due. `shown`: rooms may be shown besides."""
        world = self.world
        count = len(world.waiting)
        for name in sorted(self.here):
            told = self.stage.heard(name)
            where = f"heard by {name}: {told}"
            code = next((message.code for message in told if isinstance(message, Error)), "")
            assert code == self._ends.get(name, ""), where
            events = [message for message in told if isinstance(message, Event)]
            due = self._due.get(name, [])
            assert sorted((event.room, event.seq) for event in events) == sorted(due), where
            for event in events:
                self.compare(event)
            assert [message for message in told if isinstance(message, Sanction)] == self._sanctions.get(name, []), (
                where
            )
            rooms = {message.room: message for message in told if isinstance(message, Room)}
            must = {number for who, number in self._shown if who == name} if not code else set()
            assert must <= rooms.keys(), where
            assert shown or code or rooms.keys() <= must, where
            for number, room in rooms.items():
                self.compare_room(name, room, world.rooms[number])
            counts = [message.count for message in told if isinstance(message, Waiting)]
            if code:
                self.stage.go(name)
                self.here.discard(name)
            elif world.power(name) < Power.ADMIN:
                assert not counts, where
            elif counts or count != self._count_told:
                assert counts, where
                assert counts[-1] == count, where
        self._count_told = count
        self._due.clear()
        self._sanctions.clear()
        self._shown.clear()
        self._ends.clear()
        self.stage.check(world.facts)

    # -- what must be so ------------------------------------------------------------------------------------------

    def compare(self, event: Event) -> None:
        """With what the model knows of it."""
        entry = self.world.rooms[event.room].entries[event.seq - 1]
        author = self.world.people[entry.author]
        assert entry.id in (None, event.id), event
        nick = event.nick if event.nick == entry.was else author.nick
        must = (entry.kind, author.number, nick, entry.text, entry.about)
        told = (event.kind, event.author, event.nick, event.text, event.about)
        assert told == must, f"{event} is {entry} by {author}"

    def compare_room(self, name: str, room: Room, log: Log, *, settled: bool = False) -> None:
        """`settled`: also what events count further that are still on their way: head, members, and what was read."""
        must = self.world.describe(name, log)
        if not settled:
            must = msgspec.structs.replace(must, head=room.head, read=room.read, members=room.members)
        assert room == must, f"for {name}: {room} must be {must}"

    def look_around(self, name: str) -> None:
        """Everything that this person can ask for is what the model says."""
        world, stage = self.world, self.stage
        rooms = stage.ask(name, ListRooms(new_id()))
        assert isinstance(rooms, Rooms), rooms
        seen = [log for _, log in sorted(world.rooms.items()) if world.sees(name, log)]
        assert [room.room for room in rooms.rooms] == [log.number for log in seen]
        for room, log in zip(rooms.rooms, seen, strict=True):
            self.compare_room(name, room, log, settled=True)
            if name in log.members:
                self._read_whole(name, log)
        self._look_at_lists(name)

    def _read_whole(self, name: str, log: Log) -> None:
        world = self.world
        page = self.stage.ask(name, GetHistory(new_id(), log.number, after=0, limit=500))
        assert isinstance(page, History), page
        assert [event.seq for event in page.events] == list(range(1, log.head + 1))
        for event in page.events:
            self.compare(event)
        people = self.stage.ask(name, ListPeople(new_id(), log.number))
        assert isinstance(people, People), people
        members = sorted(log.members, key=lambda member: world.people[member].number)
        told = [(person.user, person.nick, person.online, person.role) for person in people.people]
        known = [(one, world.people[one]) for one in members]
        for (user, nick, online, role), (one, person) in zip(told, known, strict=True):
            assert (user, nick, online) == (person.number, person.nick, one in self.here)
            assert role == person.role or person.role == REVOKED
        assert people.reads == tuple(log.members[member] for member in members)
        roles = tuple(log.roles.get(member, MEMBER) for member in members)
        assert people.roles == roles or (not people.roles and set(roles) == {MEMBER})

    def _look_at_lists(self, name: str) -> None:
        world, stage, power = self.world, self.stage, self.world.power(name)
        answer = stage.ask(name, ListBans(new_id()))
        if power < Power.MODERATOR:
            assert isinstance(answer, Error), answer
            assert answer.code == "forbidden"
        else:
            assert isinstance(answer, Bans), answer
            must = [(world.people[who].number, world.people[who].nick, world.bans[who]) for who in world.bans]
            assert [(ban.user, ban.nick, ban.by, ban.until, ban.address) for ban in answer.bans] == [
                (number, nick, world.people[ban.by].nick, ban.until, ban.address)
                for number, nick, ban in sorted(must, key=lambda ban: ban[0])
                if world.holds(ban)
            ]
        waiting = stage.ask(name, ListWaiting(new_id()))
        acts = stage.ask(name, GetAudit(new_id(), limit=500))
        if power < Power.ADMIN:
            for refused in (waiting, acts):
                assert isinstance(refused, Error), refused
                assert refused.code == "forbidden"
            return
        assert isinstance(waiting, People), waiting
        assert [(one.user, one.nick) for one in waiting.people] == sorted(
            (world.people[who].number, world.people[who].nick) for who in world.waiting
        )
        assert isinstance(acts, Audit), acts
        self._compare_acts(acts)

    def _compare_acts(self, audit: Audit) -> None:
        """Every act stands there, in order, and nothing else."""
        world = self.world
        told = [(act.by, act.act, act.room, act.user, act.nick, act.until) for act in reversed(audit.entries)]
        must = []
        for act in world.acts:
            person = world.people.get(act.person)
            number, nick = (person.number, person.nick) if person is not None else (0, "")
            must.append((world.people[act.by].nick, act.act, act.room, number, nick, act.until))
        assert told == must
