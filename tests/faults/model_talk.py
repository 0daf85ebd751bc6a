"""Rules of the model: coming and going, rooms, and what people say in them."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from qtchat.protocol.messages import (
    DIRECT,
    LOBBY,
    OWNER,
    PRIVATE,
    PUBLIC,
    Ack,
    AddMember,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    JoinRoom,
    LeaveRoom,
    MarkRead,
    OpenDirect,
    Post,
    React,
    Sanction,
    SetNick,
    SetTopic,
)
from tests.faults.model_logins import Logins
from tests.faults.model_world import EVERYWHERE, LOOKS, PEOPLE, REVOKED, WAITING, Entry, Log, Power
from tests.helpers.wire import new_id

SENTENCES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=40).map("x{}".format)
InARoom = Post | Edit | Delete | React | MarkRead | AddMember | SetTopic
"""Requests of members."""
some_are_here = precondition(lambda self: self.here)


class Talk(Logins):
    """What everybody may do, unless somebody took it away from them."""

    # -- coming and going ---------------------------------------------------------------------------------------

    @rule(data=st.data(), name=st.sampled_from(PEOPLE))
    def come(self, data: st.DataObject, name: str) -> None:
        """Mostly under the own name, at times under another one."""
        if name in self.here:
            return
        person = self.world.people.get(name)
        own = person.nick if person is not None else name
        nick = own if data.draw(st.integers(0, 3)) else data.draw(st.sampled_from(sorted(LOOKS)))
        if nick not in LOOKS and not self.world.owns(name, nick):
            nick = name
        if self.world.lost(name, nick) and self.world.owns(name, nick):
            return  # it looks like one that was taken away: whether it does for a login is not the matter here
        self.enter(name, nick)

    @some_are_here
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        name = self.somebody(data)
        self.stage.go(name)
        self.here.discard(name)

    @some_are_here
    @rule(data=st.data(), nick=st.sampled_from(sorted(LOOKS)))
    def rename(self, data: st.DataObject, nick: str) -> None:
        name, request = self.somebody(data), SetNick(new_id(), nick)
        why = {"muted"} if self.world.mute_of(name, EVERYWHERE) else self.why_not_called(name, nick)
        if self.refused(name, request, why):
            return
        self.called(name, nick)
        self.carried_out(name, request, kept=False)
        self.listen()

    @rule(data=st.data(), approve=st.booleans())
    def restart(self, data: st.DataObject, approve: bool) -> None:
        """What was acknowledged is still there; everybody has to come again."""
        witness = self.somebody(data) if self.here else ""
        if witness:
            self.look_around(witness)
        self._restart(approve)
        if witness:
            self.enter(witness, self.world.people[witness].nick)
        if witness in self.here:
            self.look_around(witness)

    @some_are_here
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        self.look_around(self.somebody(data))

    @precondition(lambda self: self.stage.timed)
    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        """Mutes and bans end, and slow rooms take the next word."""
        self.stage.wait(minutes * 60_000)
        self.world.now = self.stage.now

    # -- rooms --------------------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), private=st.booleans())
    def create(self, data: st.DataObject, private: bool) -> None:
        self._make_room(self.somebody(data), f"room {data.draw(st.integers(1, 4))}", private=private)

    @some_are_here
    @rule(data=st.data())
    def open_direct(self, data: st.DataObject) -> None:
        name, other = self.somebody(data), self.anybody(data)
        request = OpenDirect(new_id(), self.world.people[other].number)
        why = {"muted"} if self.world.silent(name, None) else set()
        if self.world.people[other].role in (WAITING, REVOKED):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        for log in self.world.rooms.values():
            if log.kind == DIRECT and log.members.keys() == {name, other}:
                answer = self.stage.ask(name, request)
                assert isinstance(answer, Ack), answer
                assert (answer.room, answer.seq, answer.duplicate) == (log.number, 1, True)
                self.show(name, log)
                self.listen()
                return
        log = Log(max(self.world.rooms) + 1, "", DIRECT, {name: 0, other: 0})
        self.world.rooms[log.number] = log
        for one in log.members:
            self.show(one, log)
        self.stored(name, request, log, Entry(request.id, "created", name))

    @some_are_here
    @rule(data=st.data())
    def bring_in(self, data: st.DataObject) -> None:
        (name, log), other = self._somebody_somewhere(data), self.anybody(data)
        self._bring_in(name, log, other)

    @some_are_here
    @rule(data=st.data())
    def join(self, data: st.DataObject) -> None:
        name, log = self._somebody_somewhere(data)
        request = JoinRoom(new_id(), log.number)
        if not self.world.sees(name, log):
            self.refused(name, request, {"room_unknown"})
        elif name in log.members:
            self.show(name, log)
            self.nothing_new(name, request, log)
        else:
            log.add(name)
            self.show(name, log)
            self.stored(name, request, log, Entry(request.id, "joined", name))

    @some_are_here
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        name, log = self._somebody_somewhere(data)
        request = LeaveRoom(new_id(), log.number)
        if not self.world.sees(name, log):
            self.refused(name, request, {"room_unknown"})
        elif log.number == LOBBY or log.kind == DIRECT:
            self.refused(name, request, {"forbidden"})
        elif name not in log.members:
            self.nothing_new(name, request, log)
        else:
            self.put_out(log, name, name)
            self.show(name, log)
            self.stored(name, request, log, Entry(request.id, "left", name))

    # -- what people say ------------------------------------------------------------------------------------------

    @some_are_here
    @rule(data=st.data(), text=SENTENCES)
    def post(self, data: st.DataObject, text: str) -> None:
        name, log = self._somebody_somewhere(data)
        request = Post(new_id(), log.number, text, data.draw(st.integers(0, log.head)))
        if not self._in_time(name, log, request, self._why_not(name, log)):
            self.stored(name, request, log, Entry(request.id, "post", name, text, request.reply_to))

    @some_are_here
    @rule(data=st.data(), topic=st.text("abc", max_size=9))
    def set_topic(self, data: st.DataObject, topic: str) -> None:
        name, log = self._somebody_somewhere(data)
        request, why = SetTopic(new_id(), log.number, topic), self._why_not(name, log)
        if log.kind == DIRECT and name in log.members:
            why.add("forbidden")
        if not self._in_time(name, log, request, why):
            log.topic = topic
            self.stored(name, request, log, Entry(request.id, "topic", name, topic))

    @some_are_here
    @rule(data=st.data(), text=st.text("abc", min_size=1, max_size=9))
    def edit(self, data: st.DataObject, text: str) -> None:
        name, log = self._somebody_somewhere(data)
        request, why = Edit(new_id(), log.number, self.some_seq(data, log), text), self._why_not(name, log)
        post = log.post(request.seq)
        if not why & {"room_unknown", "not_member"} and (post is None or post.author != name or not post.text):
            why.add("forbidden")
        if not self._in_time(name, log, request, why):
            self.stored(name, request, log, Entry(request.id, "edited", name, text, request.seq))

    @some_are_here
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """One's own, or as a moderator that of somebody over whom one has power."""
        (name, log), world = self._somebody_somewhere(data), self.world
        request, why = Delete(new_id(), log.number, self.some_seq(data, log)), self._why_not(name, log, speaks=False)
        post, power = log.post(request.seq), world.power(name, log)
        below = power < Power.ROOM_MODERATOR
        if not why:
            if post is None or (post.author != name and (below or world.power(post.author, log) >= power)):
                why.add("forbidden")
            elif not post.text:
                self.nothing_new(name, request, log)
                return
            if log.frozen and below:
                why.add("muted")
        if self.refused(name, request, why) or post is None:
            return
        log.erase(request.seq)
        if post.author != name:
            author = world.people[post.author]
            if author.role not in (WAITING, REVOKED):
                nick = world.people[name].nick
                self.tell(post.author, Sanction("delete", log.number, nick, "", detail=str(request.seq)))
            self.log_act(name, "delete", log.number, post.author)
        self.stored(name, request, log, Entry(request.id, "deleted", name, "", request.seq))

    @some_are_here
    @rule(data=st.data(), emoji=st.sampled_from("👍🎉"), add=st.booleans())
    def react(self, data: st.DataObject, emoji: str, add: bool) -> None:
        name, log = self._somebody_somewhere(data)
        request = React(new_id(), log.number, self.some_seq(data, log), emoji, add)
        why, post = self._why_not(name, log), log.post(request.seq)
        if not why & {"room_unknown", "not_member"} and (post is None or not post.text):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        if ((name, emoji) in log.reactions(request.seq)) is add:
            self.nothing_new(name, request, log)
        else:
            kind = "reacted" if add else "unreacted"
            self.stored(name, request, log, Entry(request.id, kind, name, emoji, request.seq))

    @some_are_here
    @rule(data=st.data())
    def mark_read(self, data: st.DataObject) -> None:
        name, log = self._somebody_somewhere(data)
        request = MarkRead(new_id(), log.number, data.draw(st.integers(0, log.head + 2)))
        if not self.refused(name, request, self._why_not(name, log, speaks=False)):
            log.members[name] = max(log.members[name], min(request.seq, log.head))
            self.carried_out(name, request, kept=False)

    @precondition(lambda self: any(name in self.here for name, _, _ in self.done))
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """The same request once more, whatever has happened since: nothing is done again."""
        again = [done for done in self.done if done[0] in self.here]
        name, request, place = data.draw(st.sampled_from(again))
        answer = self.stage.ask(name, request)
        if place is None:
            assert answer == Done(request.id), f"{answer} to {request}"
        else:
            assert isinstance(answer, Ack), f"{answer} to {request}"
            assert (answer.room, answer.seq, answer.duplicate) == (*place, True)
        self.listen(shown=True)

    # -- steps ------------------------------------------------------------------------------------------------------

    def _bring_in(self, name: str, log: Log, other: str) -> None:
        request = AddMember(new_id(), log.number, self.world.people[other].number)
        why = self._why_not(name, log)
        if not why & {"room_unknown", "not_member"} and (
            log.kind == DIRECT or self.world.people[other].role in (WAITING, REVOKED)
        ):
            why.add("forbidden")
        if self.refused(name, request, why):
            return
        if other in log.members:
            self.nothing_new(name, request, log)
            return
        log.add(other)
        self.show(other, log)
        self.stored(name, request, log, Entry(request.id, "added", name, self.world.people[other].nick, request.user))

    def _somebody_somewhere(self, data: st.DataObject) -> tuple[str, Log]:
        name = self.somebody(data)
        return name, self.some_room(data, name)

    def _restart(self, approve: bool) -> None:
        self.stage.stop()
        self.here.clear()
        for log in self.world.rooms.values():
            log.said.clear()  # whether the pace of slow rooms survives is not promised
        self.world.approve = approve
        self.stage.start(approve=approve)
        self.world.now = self.stage.now

    def _make_room(self, name: str, title: str, *, private: bool) -> None:
        request = CreateRoom(new_id(), title, private=private)
        why = {"muted"} if self.world.silent(name, None) else set()
        if not private and self.world.named_so(title):
            why.add("room_taken")
        if not self.refused(name, request, why):
            log = Log(max(self.world.rooms) + 1, title, PRIVATE if private else PUBLIC, {name: 0}, {name: OWNER})
            self.world.rooms[log.number] = log
            self.show(name, log)
            self.stored(name, request, log, Entry(request.id, "created", name, title))

    def _why_not(self, name: str, log: Log, *, speaks: bool = True) -> set[str]:
        """Why somebody may not do this in the room. `speaks`: others would see it."""
        if name not in log.members:
            return {"not_member" if self.world.sees(name, log) else "room_unknown"}
        return {"muted"} if speaks and self.world.silent(name, log) else set()

    def _in_time(self, name: str, log: Log, request: Post | Edit | SetTopic, why: set[str]) -> bool:
        """Whether it was refused, for these reasons or since it comes too early in a slow room."""
        world = self.world
        slow = log.slow_ms and name in log.members and world.power(name, log) < Power.ROOM_MODERATOR
        early = slow and world.now < log.said.get(name, -log.slow_ms) + log.slow_ms
        if not early:
            if self.refused(name, request, why):
                return True
            if log.slow_ms:
                log.said[name] = world.now
            return False
        answer = self.stage.ask(name, request)
        assert isinstance(answer, Error), f"{answer} to {request} by {name}, too early"
        assert answer.code in why | {"busy"}, f"{answer} to {request} by {name}"
        if answer.code == "busy":
            assert answer.retry_after_ms is not None
            assert 0 < answer.retry_after_ms <= log.slow_ms
            self.stage.go(name)  # it holds other posts to this room, until it comes again, or its sender anew
            self.here.discard(name)
        self.listen()
        return True
