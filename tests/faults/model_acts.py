"""Rules of the model: who may do what to whom. From "Roles and moderation" of the protocol's page."""

from collections.abc import Iterable

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    GUEST,
    LOBBY,
    MAX_TIME,
    MEMBER,
    MODERATOR,
    OWNER,
    PRIVATE,
    PUBLIC,
    ROOM_ROLES,
    SERVER_ROLES,
    Approve,
    Ban,
    Claim,
    Kick,
    Mute,
    ReleaseNick,
    RevokeKey,
    Sanction,
    SetRole,
    SetRoom,
    Unban,
    Unmute,
)
from tests.faults.model_talk import Talk, some_are_here
from tests.faults.model_world import (
    EVERYWHERE,
    IN_ROOM,
    LOOKS,
    ON_SERVER,
    REVOKED,
    WAITING,
    Entry,
    Lock,
    Log,
    Power,
)
from tests.helpers.wire import new_id

FIRST = ("anna", "ben", "cleo")
REASONS = st.sampled_from(["", "spam", "так надо"])
ROLES = st.sampled_from([OWNER, ADMIN, MODERATOR, MEMBER, MEMBER, GUEST])
SETTINGS = st.one_of(
    st.tuples(st.just("name"), st.sampled_from(["room 1", "room 2", "room 5"])),
    st.tuples(st.sampled_from(["private", "announcement", "frozen"]), st.sampled_from(["0", "1", "1", "2"])),
    st.tuples(st.just("slow_ms"), st.sampled_from(["0", "0", "3600000", "3600001", "-1"])),
)


class Acts(Talk):
    """What somebody may do to others."""

    @initialize(roles=st.tuples(ROLES, ROLES), approve=st.booleans(), change=st.none() | SETTINGS)
    def begin(self, roles: tuple[str, str], approve: bool, change: tuple[str, str] | None) -> None:
        """Anna owns the server, two others have roles, and each of these a room. One room may be somehow special, and
        newcomers may have to wait."""
        self._restart(approve=False)
        for name in FIRST:
            self.enter(name, name)
        self._make_room("ben", "room 1", private=False)
        self._make_room("cleo", "room 2", private=True)
        for name in FIRST:
            for log in self.world.rooms.values():
                if name not in log.members:
                    self._bring_in(next(iter(log.members)), log, name)
        self._claim("anna", self.stage.token)
        for name, role in zip(("ben", "cleo"), roles, strict=True):
            self._give("anna", None, name, role)
        if change is not None:
            self._change("anna", self.world.rooms[2], *change)
        self._restart(approve)
        for name in FIRST:
            self.enter(name, name)

    # -- roles --------------------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), right=st.booleans())
    def claim(self, data: st.DataObject, right: bool) -> None:
        name = self.somebody(data)
        if self.world.people[name].role != OWNER:
            self._claim(name, (self.stage.token if right else "") or "wrong")

    @some_are_here
    @rule(data=st.data())
    def give_role(self, data: st.DataObject) -> None:
        name = self.somebody(data, powerful=True)
        log = self._somewhere(data, name)
        roles = [*(ROOM_ROLES if log is not None else SERVER_ROLES), "king"]
        self._give(name, log, self.anybody(data), data.draw(st.sampled_from(roles)))

    # -- rooms --------------------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), change=SETTINGS)
    def set_room(self, data: st.DataObject, change: tuple[str, str]) -> None:
        name = self.somebody(data, powerful=True)
        self._change(name, self.some_room(data, name), *change)

    @some_are_here
    @rule(data=st.data(), reason=REASONS)
    def kick(self, data: st.DataObject, reason: str) -> None:
        name, other, world = self.somebody(data, powerful=True), self.anybody(data), self.world
        log = self._somewhere(data, name)
        person = world.people[other]
        number = log.number if log is not None else EVERYWHERE
        request = Kick(new_id(), number, person.number, reason)
        why = self._why_not_act(name, other, log)
        if log is not None and why != {"room_unknown"} and (other not in log.members or log.number == LOBBY):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        told = Sanction("kick", number, world.people[name].nick, reason, detail=log.name if log is not None else "")
        self.log_act(name, "kick", number, other)
        if log is not None:
            self.put_out(log, other, name)
            self.show(other, log)
            self.tell(other, told)
            self.stored(name, request, log, Entry(request.id, "kicked", name, person.nick, person.number))
            return
        if other in self.here:  # else nobody was put out
            self.tell(other, told)
            self.end(other, "kicked")
        self.carried_out(name, request)
        self.listen()

    # -- who may only read ----------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), reason=REASONS)
    def mute(self, data: st.DataObject, reason: str) -> None:
        name, other, world = self.somebody(data, powerful=True), self.anybody(data), self.world
        log = self._somewhere(data, name)
        number, until = log.number if log is not None else EVERYWHERE, self._until(data)
        request = Mute(new_id(), number, world.people[other].number, until, reason)
        why = self._why_not_act(name, other, log)
        if why != {"room_unknown"}:
            if log is not None and other not in log.members and not world.mute_of(other, log.number):
                why.add("forbidden")
            if 0 < until <= world.now or world.overruled(name, world.mute_of(other, number), log):
                why.add("forbidden")
        if self.refused(name, request, why):
            return
        world.mutes[number, other] = Lock(name, reason, until, world.now)
        self.tell(other, Sanction("mute", number, world.people[name].nick, reason, until))
        self._show_where_it_holds(other, log)
        self.log_act(name, "mute", number, other, until)
        self.carried_out(name, request)
        self.listen()

    @some_are_here
    @rule(data=st.data())
    def unmute(self, data: st.DataObject) -> None:
        name, world = self.somebody(data, powerful=True), self.world
        log = self._somewhere(data, name)
        number = log.number if log is not None else EVERYWHERE
        other = self.anybody(data, (muted for room, muted in world.mutes if room == number))
        request = Unmute(new_id(), number, world.people[other].number)
        mute, why = world.mutes.get((number, other)), self._why_not_act(name, other, log)
        if why == {"room_unknown"} or (log is not None and log.kind == DIRECT) or not self._may(name, log):
            self.refused(name, request, why)
            return
        if mute is None or not world.holds(mute):
            if mute is None and not why:  # else it may be refused as well
                self.carried_out(name, request, kept=False)
                self.listen()
            return
        if world.overruled(name, mute, log):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        del world.mutes[number, other]
        self.tell(other, Sanction("unmute", number, world.people[name].nick, ""))
        self._show_where_it_holds(other, log)
        self.log_act(name, "unmute", number, other)
        self.carried_out(name, request)
        self.listen()

    # -- who is kept away -----------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), reason=REASONS, address=st.booleans())
    def ban(self, data: st.DataObject, reason: str, address: bool) -> None:
        name, other, until, world = (
            self.somebody(data, powerful=True),
            self.anybody(data),
            self._until(data),
            self.world,
        )
        address = address and self.stage.timed  # the other stage's people are all at the server's own computer
        request = Ban(new_id(), world.people[other].number, until, reason, address)
        why, old = self._why_not_act(name, other, None), world.ban_of(other)
        if 0 < until <= world.now or world.overruled(name, old):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        kept = address and (other in self.here or (old is not None and old.address))
        world.bans[other] = Lock(name, reason, until, world.now, kept)
        self.tell(other, Sanction("ban", EVERYWHERE, world.people[name].nick, reason, until))
        self.end(other, "banned")
        self.log_act(name, "ban", EVERYWHERE, other, until)
        self.carried_out(name, request)
        self.listen()

    @some_are_here
    @rule(data=st.data())
    def unban(self, data: st.DataObject) -> None:
        name, world = self.somebody(data, powerful=True), self.world
        other = self.anybody(data, world.bans)
        request, ban = Unban(new_id(), world.people[other].number), world.bans.get(other)
        if world.power(name) < Power.MODERATOR or (world.holds(ban) and world.overruled(name, ban)):
            self.refused(name, request, {"forbidden"})
            return
        if ban is not None and (not world.holds(ban) or world.power(other) >= world.power(name)):
            return  # it has ended by itself; or they are of one power now, which is not the matter here
        kept = world.bans.pop(other, None) is not None
        if kept:
            self.tell(other, Sanction("unban", EVERYWHERE, world.people[name].nick, ""))
            self.log_act(name, "unban", EVERYWHERE, other)
        self.carried_out(name, request, kept=kept)
        self.listen()

    @some_are_here
    @rule(data=st.data(), accept=st.booleans())
    def approve(self, data: st.DataObject, accept: bool) -> None:
        name, other, world = self.somebody(data, powerful=True), self._newcomer(data), self.world
        request = Approve(new_id(), world.people[other].number, accept)
        why = {"forbidden"} if world.power(name) < Power.ADMIN or other not in world.waiting else set()
        if self.refused(name, request, why):
            return
        person = world.people[other]
        self.log_act(name, "approve", EVERYWHERE, other)
        if accept:
            person.role = MEMBER
            self._welcome(other)
        else:
            world.bans[other] = Lock(name, "", 0, world.now)
            person.names.clear()
        self.carried_out(name, request)
        self.listen()

    # -- names and keys ---------------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), nick=st.sampled_from(sorted(LOOKS)))
    def release(self, data: st.DataObject, nick: str) -> None:
        name, world = self.somebody(data, powerful=True), self.world
        request = ReleaseNick(new_id(), nick)
        (other, *_) = [*(one for one in world.people if world.owns(one, nick)), ""]
        if other and (other == name or world.people[other].role == WAITING):
            return  # whether one may do that to oneself, or to who waits, is not the matter here
        why = self._why_not_act(name, other, None, Power.ADMIN)
        if self.refused(name, request, why):
            return
        person = world.people[other]
        person.names = {owned for owned in person.names if owned.casefold() != nick.casefold()}
        person.lost.add(nick)
        self.log_act(name, "release_nick", EVERYWHERE, other)
        self.carried_out(name, request)
        if person.nick.casefold() == nick.casefold():
            self.renamed(other, name)
        self.tell(other, Sanction("release_nick", EVERYWHERE, world.people[name].nick, "", detail=person.nick))
        self.listen()

    @some_are_here
    @rule(data=st.data(), reason=REASONS, sure=st.integers(0, 3))
    def revoke(self, data: st.DataObject, reason: str, sure: int) -> None:
        name, other, world = self.somebody(data, powerful=True), self.anybody(data), self.world
        if sure:  # or soon nobody would be left
            return
        request = RevokeKey(new_id(), world.people[other].number, reason)
        if self.refused(name, request, self._why_not_act(name, other, None, Power.ADMIN)):
            return
        person, nick = world.people[other], world.people[other].nick
        self.end(other, "revoked")
        self.tell(other, Sanction("revoke_key", EVERYWHERE, world.people[name].nick, reason))
        for log in world.rooms.values():
            if other in log.members and log.kind != DIRECT:
                self.put_out(log, other, name)
                self.append(log, Entry(None, "kicked", name, nick, person.number))
        person.names.clear()
        person.role = REVOKED
        self.log_act(name, "revoke_key", EVERYWHERE, other)
        self.carried_out(name, request)
        self.renamed(other, name)  # nobody else can be called so
        self.listen()

    # -- steps --------------------------------------------------------------------------------------------------------

    def _claim(self, name: str, token: str) -> None:
        world, request = self.world, Claim(new_id(), token)
        if self.refused(name, request, {"forbidden"} if world.owned or token != self.stage.token else set()):
            return
        world.people[name].role = OWNER
        self.log_act(name, "claim", EVERYWHERE, name)
        self.carried_out(name, request)
        self.listen()

    def _give(self, name: str, log: Log | None, other: str, role: str) -> None:
        """A role in a room, or on the server."""
        world = self.world
        person, number = world.people[other], log.number if log is not None else EVERYWHERE
        request = SetRole(new_id(), number, person.number, role)
        if log is not None and not world.sees(name, log):
            self.refused(name, request, {"room_unknown"})
            return
        has = person.role if log is None else log.roles.get(other, MEMBER)
        if other == name and role in (has, GUEST):
            return  # neither giving up a role nor giving one
        if self.refused(name, request, {"forbidden"} if self._keeps_role(name, log, other, role, has) else set()):
            return
        if has == role and log is not None:
            self.nothing_new(name, request, log)
            return
        if has != role:
            self.tell(other, Sanction("set_role", number, world.people[name].nick, "", detail=role))
            self.log_act(name, "set_role", number, other)
        if log is None:
            person.role = role
            self.carried_out(name, request, kept=has != role)
            self.listen()
            return
        log.roles[other] = role
        self.show(other, log)
        self.stored(name, request, log, Entry(request.id, "changed", name, f"role {role} {person.nick}", person.number))

    def _change(self, name: str, log: Log, setting: str, value: str) -> None:
        """One setting of a room."""
        world = self.world
        request = SetRoom(new_id(), log.number, setting, value)
        if not world.sees(name, log):
            self.refused(name, request, {"room_unknown"})
            return
        why = set()
        if log.kind == DIRECT or world.power(name, log) < Power.ROOM_MODERATOR or value in ("2", "-1", "3600001"):
            why.add("forbidden")
        if log.number == LOBBY and (setting == "name" or (setting, value) == ("private", "1")):
            why.add("forbidden")
        if setting == "name" and (world.mute_of(name, EVERYWHERE) or world.mute_of(name, log.number)):
            why.add("muted")  # others would see it
        public = log.kind == PUBLIC if setting == "name" else (setting, value) == ("private", "0")
        if public and setting in ("name", "private"):
            title = value if setting == "name" else log.name
            if world.named_so(title, log.number):
                why.add("room_taken")
        if self.refused(name, request, why):
            return
        was = (log.name, log.kind, log.announcement, log.frozen, log.slow_ms)
        if setting == "name":
            log.name = value
        elif setting == "private":
            log.kind = PRIVATE if value == "1" else PUBLIC
        elif setting == "slow_ms":
            log.slow_ms = int(value)
        else:
            setattr(log, setting, value == "1")
        if was == (log.name, log.kind, log.announcement, log.frozen, log.slow_ms):
            self.nothing_new(name, request, log)
            return
        for member in log.members:
            self.show(member, log)
        self.log_act(name, "set_room", log.number, "")
        self.stored(name, request, log, Entry(request.id, "changed", name, f"{setting} {value}"))

    def _keeps_role(self, name: str, log: Log | None, other: str, role: str, has: str) -> bool:
        """Whether this role cannot be given by, and to, these."""
        world = self.world
        powers = ON_SERVER if log is None else IN_ROOM
        if role not in powers or (log is not None and (log.kind == DIRECT or other not in log.members)):
            return True
        own, new = world.power(name, log), powers[role]
        if has == OWNER and role != OWNER and self._only_owner(log):
            return True
        needed = Power.ADMIN if log is None else Power.ROOM_OWNER
        if other == name:  # everybody may give up a role; who moderates the server may take one that is below
            return new > powers[has] and new >= own
        if self._why_not_act(name, other, log, needed):
            return True
        makes_owner = role == OWNER and new == own  # only owners make others owners
        return new >= own and not makes_owner

    def _only_owner(self, log: Log | None) -> bool:
        roles = [one.role for one in self.world.people.values()] if log is None else list(log.roles.values())
        return roles.count(OWNER) == 1

    def _why_not_act(self, name: str, other: str, log: Log | None, needed: Power | None = None) -> set[str]:
        """Why `name` may not act on `other`: in a room, or everywhere."""
        somebody = other if other and self.world.people[other].role not in (WAITING, REVOKED) else ""
        if needed is None:
            needed = Power.MODERATOR if log is None else Power.ROOM_MODERATOR
        return self.world.acting(name, somebody, log, needed)

    def _may(self, name: str, log: Log | None) -> bool:
        """Whether somebody moderates there at all."""
        return self.world.power(name, log) >= (Power.MODERATOR if log is None else Power.ROOM_MODERATOR)

    def _show_where_it_holds(self, name: str, log: Log | None) -> None:
        logs: Iterable[Log] = self.world.rooms.values() if log is None else (log,)
        for one in logs:
            if name in one.members:
                self.show(name, one)

    def _somewhere(self, data: st.DataObject, name: str) -> Log | None:
        """A room, or the whole server."""
        return self.some_room(data, name) if data.draw(st.integers(0, 2)) else None

    def _until(self, data: st.DataObject) -> int:
        """For ever, over already, soon, or at any time to come."""
        now = self.world.now
        soon = st.integers(3_600_000, 7_200_000).map(lambda ms: now + ms)
        return data.draw(st.sampled_from([0, 0, 1, now, MAX_TIME]) | soon)

    def _newcomer(self, data: st.DataObject) -> str:
        """Rather somebody who waits."""
        return data.draw(st.sampled_from(self.world.waiting)) if self.world.waiting else self.anybody(data)
