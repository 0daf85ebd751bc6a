"""Logins, as the model expects them: who comes in, under which name, and what is told then."""

from qtchat.protocol.messages import (
    DIRECT,
    LOBBY,
    MEMBER,
    Audit,
    Authenticated,
    Error,
    Event,
    GetAudit,
    Message,
    Ready,
    Room,
    Sanction,
    Waiting,
)
from tests.faults.model_steps import Steps
from tests.faults.model_world import EVERYWHERE, MAX_NICKS, REVOKED, WAITING, Entry, Power
from tests.helpers.wire import new_id


class Logins(Steps):
    """Coming in, and being called something."""

    def enter(self, name: str, nick: str) -> None:
        """A login of somebody who is not connected. Whose nick was taken away goes on under the new one."""
        world = self.world
        asked = nick
        if world.lost(name, nick):
            nick = world.people[name].nick
        why = self._why_not_in(name, nick)
        if why <= {"waiting"} and name not in world.people:
            world.meet(name, nick, WAITING if why else MEMBER)
            if not why:
                self._welcome(name)
        answer, told = self.stage.come(name, asked)
        if why:
            assert isinstance(answer, Error), f"{name} as {nick} must be refused: {why}"
            assert answer.code in why, answer
            assert not told
            if answer.code == "banned":
                person = world.people[name]
                person.untold = [notice for notice in person.untold if notice.act != "ban"]
            self.listen()
            return
        assert isinstance(answer, Authenticated), f"{name} as {nick}: {answer}"
        self._admitted(name, nick, answer, told)

    def _why_not_in(self, name: str, nick: str) -> set[str]:
        """With which errors the login may be refused; none: it is accepted."""
        world = self.world
        person = world.people.get(name)
        if person is None:
            return {"nick_taken"} if world.taken(nick, name) else {"waiting"} if world.approve else set()
        if person.role == REVOKED:
            return {"revoked"}
        if world.ban_of(name):
            return {"banned"}
        if person.role == WAITING and world.approve:
            return {"waiting"}
        return self.why_not_called(name, nick)

    def why_not_called(self, name: str, nick: str) -> set[str]:
        """Why somebody cannot be called so from now on."""
        world = self.world
        person = world.people[name]
        why = set()
        if world.mute_of(name, EVERYWHERE) and nick != person.nick:
            why.add("nick_invalid")
        if not world.owns(name, nick):
            if world.taken(nick, name) or world.lost(name, nick):
                why.add("nick_taken")
            if len({owned.casefold() for owned in person.names}) >= MAX_NICKS:
                why.add("nick_invalid")
        return why

    def called(self, name: str, nick: str) -> None:
        """They are, from now on: direct rooms are shown anew to the other one."""
        person = self.world.people[name]
        if person.nick == nick and self.world.owns(name, nick):
            return
        self.world.take(name, nick)
        self._show_to_others(name)

    def _welcome(self, name: str) -> None:
        """Somebody comes into the lobby for the first time."""
        lobby = self.world.rooms[LOBBY]
        lobby.add(name)
        self.append(lobby, Entry(None, "joined", name, was=self.world.people[name].nick))

    def _admitted(self, name: str, nick: str, answer: Authenticated, told: list[Message]) -> None:
        world = self.world
        person = world.people[name]
        if person.role == WAITING:
            person.role = MEMBER
            self._welcome(name)
        self.called(name, nick)
        assert (answer.user, answer.nick, answer.role) == (person.number, person.nick, person.role)
        assert told
        ready = told.index(Ready())
        rooms = [message for message in told[:ready] if isinstance(message, Room)]
        assert [room.room for room in rooms] == sorted(n for n, log in world.rooms.items() if name in log.members)
        for room in rooms:
            self.compare_room(name, room, world.rooms[room.room], settled=True)
        for event in (message for message in told if isinstance(message, Event)):  # the own first visit
            assert (event.kind, event.author) == ("joined", person.number)
            self.compare(event)
        behind = [message for message in told[ready + 1 :] if isinstance(message, Sanction)]
        self._compare_notices(name, behind)
        counts = [message.count for message in told[ready + 1 :] if isinstance(message, Waiting)]
        must = [len(world.waiting)] if world.waiting and world.power(name) >= Power.ADMIN else []
        assert counts[-1:] == must, told
        self.here.add(name)
        self.listen(shown=True)

    def _compare_notices(self, name: str, told: list[Sanction]) -> None:
        """What was not told yet, and each time the mutes that hold."""
        world = self.world
        person = world.people[name]
        must: list[Sanction] = list(person.untold)
        for (room, who), mute in sorted(world.mutes.items()):
            if who == name and world.holds(mute):
                by = world.people[mute.by].nick
                must.append(Sanction("mute", room, by, mute.reason, mute.until))
        person.untold.clear()

        def keys(sanctions: list[Sanction]) -> set[tuple[object, ...]]:
            return {(one.act, one.room, one.reason, one.until, one.detail) for one in sanctions}

        where = f"behind ready for {name}: {told}, due: {must}"
        assert keys(told) <= keys(must), where
        assert len(told) <= len(must), where
        # A mute that another one has replaced need not be told.
        muted = {one.room for one in told if one.act == "mute"}
        assert all(act == "mute" and room in muted for act, room, *_ in keys(must) - keys(told)), where

    def renamed(self, name: str, by: str) -> None:
        """Somebody's name was taken away: they go on under a free one, and the audit log tells which."""
        was = self.world.people[name].nick
        answer = self.stage.ask(by, GetAudit(new_id(), limit=1))
        assert isinstance(answer, Audit), answer
        nick = answer.entries[0].nick
        assert nick != was
        self.world.take(name, nick)
        self._show_to_others(name)

    def _show_to_others(self, name: str) -> None:
        """Whoever has a direct room with them is shown it under the new name."""
        for log in self.world.rooms.values():
            if log.kind == DIRECT and name in log.members:
                self.show(next((one for one in log.members if one != name), name), log)
