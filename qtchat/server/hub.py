"""The hub: one thread, one inbox, batches. The only owner of live state and of the write side of the store.

The write path, in which the commit is the clock:

1. I/O loops post what came in one tick. 2. The hub takes everything in its inbox, runs the handlers, gives each
event its seq, writes it all in ONE transaction. While the disk works and the loops send the batch before, the next
one gathers by itself: a batch of twice the size costs each member one write instead of two. Measured with 100 clients
and 64 messages in flight: waiting for the loops took 2.3 M deliveries a second to 3.5 M, and with one in flight
nothing changed.
3. Only then come acks and fan-out: an event is encoded once, a room's batch is joined once, every member gets the
same bytes object, each loop is called once. 4. If the commit fails, everything in the batch is answered with an
error, the state is read anew from the disk, and nothing was announced.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from qtchat.net.loop import IoLoop
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    KIND_CREATED,
    LOBBY,
    MAX_IN_FLIGHT,
    MAX_PAGE,
    PING_INTERVAL_MS,
    PRESENCE,
    Ack,
    CreateRoom,
    Error,
    Event,
    Message,
    Ping,
    Post,
    Presence,
    Request,
)
from qtchat.protocol.names import fold
from qtchat.server.batch import Batch, Delivery, announce, spread
from qtchat.server.effects import (
    AddMember,
    AddRoom,
    AddUser,
    Append,
    ClaimNick,
    Effect,
    ReadHistory,
    Refuse,
    RemoveMember,
    Reply,
    ShowRoom,
)
from qtchat.server.handlers import COMMANDS, handle
from qtchat.server.handlers.login import Login, LoginRefused, login
from qtchat.server.handlers.pages import fit
from qtchat.server.letters import CaughtUp, Gone, Item, Letter, Overrun
from qtchat.server.limits import TokenBuckets
from qtchat.server.readers import Readers
from qtchat.server.records import EventRecord, MemberRecord, NickRecord, RoomRecord
from qtchat.server.state import Peer, State
from qtchat.server.store import RoomLog, StoreError, StoreFull, Writes

logger = logging.getLogger(__name__)

BATCH_LIMIT: Final = 4096
"""Requests in one transaction; more wait for the next, so that an answer is never long in coming."""
BUSY_RETRY_MS: Final = 100
"""What a sender is told to wait that had too many requests under way."""
DELIVERY_PATIENCE: Final = 0.05
"""Seconds the next batch waits at most for the loops to send the last one. While they are at it more gathers, and a
batch of twice the size costs each member one write instead of two; when little happens, they have always sent it."""
PACE_PAUSE: Final = 0.5
"""Seconds that a sender who is too fast waits in addition, so that a handful goes through then, not just one."""
RETRY_AFTER_MS: Final = 2_000
"""What a sender is told to wait after the disk refused a batch."""


class Hub:
    """Owns the state. `post` from any thread; everything else happens in the hub's own."""

    def __init__(
        self,
        log: RoomLog,
        readers: Readers,
        lobby: str,
        presence_interval: float,
        pace: TokenBuckets[int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`lobby`: name of the first room, made if there is none. `pace`: how fast one user may change things.
        `clock`: seconds since 1970, UTC."""
        self._log = log
        self._readers = readers
        self._lobby = lobby
        self._clock = clock
        self._pace: TokenBuckets[int] = pace or TokenBuckets(0, 1)
        self._presence_interval = presence_interval
        self._inbox: queue.SimpleQueue[Sequence[Letter] | None] = queue.SimpleQueue()
        self._loaded: queue.SimpleQueue[State | BaseException] = queue.SimpleQueue()
        self._state: State | None = None
        self._peers: set[Peer] = set()
        self._delivery = Delivery()
        self._held: dict[Peer, bytes] = {}
        self._changed_people: set[int] = set()
        self._presence_due = 0.0
        self._heartbeat_due = 0.0
        self._stale = False
        self._ident: int | None = None
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="qtchat-hub", daemon=True)

    # -- from any thread ------------------------------------------------------------------------------

    def open(self) -> tuple[bytes, int]:
        """Load the state, make the lobby if need be, and start. Returns (server_id, epoch). Raises StoreError."""
        self._thread.start()
        result = self._loaded.get()
        if isinstance(result, BaseException):
            self._thread.join()
            raise result
        return result.server_id, result.epoch

    def post(self, posts: Sequence[Letter]) -> None:
        """Hand over what came in one tick. Never blocks."""
        self._inbox.put(posts)

    def stop(self, timeout: float) -> bool:
        """Handle what was posted before this, then end. False if `timeout` seconds did not do."""
        if self._thread.ident is None:
            return True
        self._inbox.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    # -- the thread -----------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        assert threading.get_ident() == self._ident, "the state belongs to the hub's thread"
        assert self._state is not None
        return self._state

    def _run(self) -> None:
        self._ident = threading.get_ident()
        try:
            self._state = State(self._log.load())
            self._make_lobby()
        except BaseException as error:  # handed to the thread that called open()
            self._loaded.put(error)
            return
        self._loaded.put(self._state)
        self._heartbeat_due = time.monotonic() + PING_INTERVAL_MS / 1000
        stopping = False
        while not stopping:
            posts, stopping = self._gather()
            self._work(posts)

    def _gather(self) -> tuple[list[Letter], bool]:
        """Everything in the inbox, waiting for the first; and whether the hub is to stop after it."""
        posts: list[Letter] = []
        now = time.monotonic()
        due = min(self._heartbeat_due, self._presence_due) if self._changed_people else self._heartbeat_due
        try:
            more = self._inbox.get(timeout=max(0.0, due - now))
            self._delivery.wait(DELIVERY_PATIENCE)
            while True:
                if more is None:
                    return posts, True
                posts.extend(more)
                if len(posts) >= BATCH_LIMIT:
                    break
                more = self._inbox.get_nowait()
        except queue.Empty:
            pass
        return posts, False

    def _work(self, posts: list[Letter]) -> None:
        requests: list[tuple[Peer, Item]] = []
        for post in posts:
            if isinstance(post, tuple):
                requests.append(post)
                continue
            # What came before somebody left is done before; the rest of the batch follows.
            self._guard(self._handle_batch, requests)
            requests = []
            if isinstance(post, Gone):
                self._guard(self._gone, post.peer)
            elif isinstance(post, CaughtUp):
                self._guard(self._heartbeat, [post.peer])
            else:
                self._guard(post.function, self.state)
        self._guard(self._handle_batch, requests)
        self._guard(self._look_at_the_clock, time.monotonic())

    def _guard(self, step: Callable[[Any], None], argument: Any) -> None:
        """A fault of ours in one step must not swallow what was posted behind it."""
        try:
            step(argument)
        except Exception:
            logger.exception("internal error in the hub; the state is read anew")
            self._stale = True

    def _look_at_the_clock(self, now: float) -> None:
        if self._changed_people and now >= self._presence_due:
            self._presence_due = now + 1.0  # unless it is told now
            if self._in_step():
                self._tell_presence()
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + PING_INTERVAL_MS / 1000
            self._heartbeat(self._peers)

    # -- a batch --------------------------------------------------------------------------------------

    def _handle_batch(self, requests: list[tuple[Peer, Item]]) -> None:
        if not requests:
            return
        batch = Batch()
        try:
            if self._stale:
                self._reload()
            batch.stored = self._log.find(self._repeatable(requests))
            now = max(int(self._clock() * 1000), self.state.last_ts)
            for peer, request in requests:
                self._handle_one(batch, peer, request, now)
            if batch.writes:
                self._log.commit(batch.writes)
                if self._failing:
                    self._failing = False
                    logger.warning("writing works again")
        except StoreError as error:
            self._refuse_all(requests, error)
            return
        except Exception:
            self._refuse_all(requests, None)
            raise
        self._follow_holds(batch)
        announce(batch, self.state, self._readers, self._delivery)

    def _repeatable(self, requests: Iterable[tuple[Peer, Item]]) -> list[tuple[int, bytes]]:
        """(author, id) of the requests that may have been stored before."""
        return [
            (peer.user, request.id)
            for peer, request in requests
            if isinstance(request, Request) and peer.user is not None and COMMANDS[type(request)].mutates
        ]

    def _handle_one(self, batch: Batch, peer: Peer, request: Item, now: int) -> None:
        """`now`: ms since 1970, UTC, the same for the whole batch and never less than before."""
        state = self.state
        if isinstance(request, Login):
            self._login(batch, peer, request, now)
            return
        if peer.user is None:  # it has left, or its login failed, while this was on its way
            return
        if isinstance(request, Overrun):
            text = f"More than {MAX_IN_FLIGHT} requests are unanswered."
            self._refuse_for_now(batch, peer, request.request, text)
            return
        if isinstance(request, Post) and self._first(batch, peer) not in (None, request.id):
            self._refuse_for_now(batch, peer, request, "An earlier message of yours has to come first.")
            return
        known = batch.stored.get((peer.user, request.id)) if COMMANDS[type(request)].mutates else None
        if known is not None:
            if isinstance(request, CreateRoom) and known.kind == KIND_CREATED:
                self._show(batch, known.room, peer.user)
            self._release(batch, peer, request)
            batch.reply(peer, Ack(request.id, known.room, known.seq, known.ts, duplicate=True))
            return
        if COMMANDS[type(request)].mutates:
            wait = self._pace.take(peer.user, time.monotonic())
            if wait:
                text = "That is faster than this server allows."
                self._refuse_for_now(batch, peer, request, text, wait + PACE_PAUSE)
                return
        self._release(batch, peer, request)
        sender = state.users[peer.user]
        for effect in handle(state, sender, request, now):
            self._apply(batch, peer, sender.id, request, effect, now)

    def _refuse_for_now(
        self, batch: Batch, peer: Peer, request: Request, text: str, wait: float = BUSY_RETRY_MS / 1000
    ) -> None:
        """`wait`: seconds after which the sender may try again."""
        batch.reply(peer, Error(request.id, ErrorCode.BUSY, text, retry_after_ms=max(1, round(wait * 1000))))
        if isinstance(request, Post) and self._first(batch, peer) is None:
            batch.holds[peer] = request.id

    # A sender's messages keep their order: behind a post that has to come again, nothing may pass it. What a batch
    # changes in that holds only if it is written.

    def _first(self, batch: Batch, peer: Peer) -> bytes | None:
        """The post that the server wants from this peer before any other."""
        return batch.holds[peer] if peer in batch.holds else self._held.get(peer)

    def _release(self, batch: Batch, peer: Peer, request: Request) -> None:
        """What had to come first has come."""
        if isinstance(request, Post) and self._first(batch, peer) is not None:
            batch.holds[peer] = None

    def _follow_holds(self, batch: Batch) -> None:
        for peer, wanted in batch.holds.items():
            if wanted is None:
                self._held.pop(peer, None)
            else:
                self._held[peer] = wanted

    def _login(self, batch: Batch, peer: Peer, request: Login, now: int) -> None:
        state = self.state
        outcome = login(state, request, now)
        if isinstance(outcome, LoginRefused):
            peer.loop.call_soon(peer.refuse, outcome.code, outcome.text, outcome.suggestion)
            return
        user, effects = outcome
        for effect in effects:
            self._apply(batch, peer, user, None, effect, now)
        self._peers.add(peer)
        state.attach(user, peer)
        batch.admitted.append(peer)
        self._person_changed(user)

    def _apply(self, batch: Batch, peer: Peer, user: int, request: Request | None, effect: Effect, now: int) -> None:
        state, writes = self.state, batch.writes
        match effect:
            case Append():
                self._append(batch, peer, user, effect, now)
            case Reply():
                batch.reply(peer, effect.message)
            case Refuse():
                assert request is not None
                batch.reply(peer, Error(request.id, effect.code, effect.text))
            case ReadHistory():
                batch.reads.append((peer, effect))
            case ShowRoom():
                self._show(batch, effect.room, effect.user)
            case AddUser():
                state.add_user(effect.record)
                writes.users.append(effect.record)
            case ClaimNick():
                if fold(effect.nick) not in state.nicks:
                    writes.nicks.append(NickRecord(fold(effect.nick), effect.user))
                if state.users[effect.user].nick != effect.nick:
                    writes.renames.append((effect.user, effect.nick))
                state.claim_nick(effect.user, effect.nick)
                self._person_changed(effect.user)
            case AddRoom():
                state.add_room(effect.record)
                writes.rooms.append(effect.record)
            case AddMember():
                state.add_member(effect.room, effect.user)
                writes.add_member(MemberRecord(effect.room, effect.user))
            case RemoveMember():
                state.remove_member(effect.room, effect.user)
                writes.remove_member(MemberRecord(effect.room, effect.user))

    def _append(self, batch: Batch, peer: Peer, user: int, effect: Append, now: int) -> None:
        state = self.state
        room = state.rooms[effect.room]
        room.head += 1
        state.last_ts = now
        record = EventRecord(room.id, room.head, effect.id, user, now, effect.kind, effect.text)
        batch.writes.events.append(record)
        batch.stored[user, effect.id] = record
        event = Event(room.id, room.head, effect.id, now, user, state.users[user].nick, effect.kind, effect.text)
        batch.events.setdefault(room.id, []).append(event)
        if effect.acknowledge:
            batch.reply(peer, Ack(effect.id, room.id, room.head, now))

    def _show(self, batch: Batch, room: int, user: int) -> None:
        for device in self.state.users[user].peers:
            batch.tell(device, self.state.describe(self.state.rooms[room], user))

    # -- after the commit -----------------------------------------------------------------------------

    def _refuse_all(self, requests: Iterable[tuple[Peer, Item]], error: StoreError | None) -> None:
        """The batch was not written, or nobody knows whether: nothing of it is announced; all are told.

        The state has run ahead of the disk, so it is read anew before the next batch; a repeated request finds
        out from the log whether it had been stored after all.
        """
        self._stale = True
        if not self._failing:
            self._failing = True
            logger.error("a batch could not be written: %s", error or "internal error")
        text = "The server's disk is full." if isinstance(error, StoreFull) else "The server cannot write to its disk."
        for peer, request in requests:
            if isinstance(request, Login):
                self._peers.discard(peer)
                peer.user = None
                peer.loop.call_soon(peer.refuse, ErrorCode.STORAGE, text, "")
            else:
                request = request.request if isinstance(request, Overrun) else request
                if isinstance(request, Post):
                    self._held.setdefault(peer, request.id)
                answer = Error(request.id, ErrorCode.STORAGE, text, retry_after_ms=RETRY_AFTER_MS)
                peer.loop.call_soon(peer.reply, peer.codec.encode([answer]), 1)

    def _in_step(self) -> bool:
        """Whether the state is what is on the disk, after trying to make it so."""
        try:
            if self._stale:
                self._reload()
        except StoreError:
            return False
        return True

    def _reload(self) -> None:
        """Read the state from the disk again, and put those who are connected back into it. Raises StoreError."""
        fresh = State(self._log.load())
        connected = [(peer, peer.user) for peer in self._peers]
        self._state = fresh
        for peer, user in connected:
            if user is not None and user in fresh.users:
                fresh.attach(user, peer)
        self._stale = False

    # -- people who come and go -----------------------------------------------------------------------

    def _gone(self, peer: Peer) -> None:
        user = peer.user
        self._held.pop(peer, None)
        self._peers.discard(peer)
        self.state.detach(peer)
        if user is not None:
            self._person_changed(user)

    def _person_changed(self, user: int) -> None:
        """Presence is gathered for a moment: a storm of logins costs one message to each, not one for each."""
        if not self._changed_people:
            self._presence_due = time.monotonic() + self._presence_interval
        self._changed_people.add(user)

    def _tell_presence(self) -> None:
        state = self.state
        people = [state.users[user].person for user in sorted(self._changed_people) if user in state.users]
        self._changed_people.clear()
        listeners: dict[tuple[IoLoop, int], list[Peer]] = {}
        codecs = {id(peer.codec): peer.codec for peer in self._peers}
        for peer in self._peers:
            if PRESENCE in peer.capabilities:
                listeners.setdefault((peer.loop, id(peer.codec)), []).append(peer)
        while people:
            page, _ = fit(people, MAX_PAGE)
            del people[: len(page)]
            message = Presence(page)
            for (loop, codec), peers in listeners.items():
                loop.call_soon(spread, tuple(peers), codecs[codec].encode([message]))

    def _heartbeat(self, peers: Iterable[Peer]) -> None:
        """Are you there? And this is where your rooms stand, so that a lost tail is seen."""
        state = self.state
        for peer in tuple(peers):
            if peer.user is None:
                continue
            rooms = () if self._stale else sorted(state.users[peer.user].rooms)  # stale heads may not be on disk
            heads = tuple((number, state.rooms[number].head) for number in rooms)
            pings: list[Message] = [Ping(heads[start : start + 1000]) for start in range(0, len(heads), 1000)]
            peer.loop.call_soon(peer.reply, peer.codec.encode(pings or [Ping()]), 0)

    def _make_lobby(self) -> None:
        state = self.state
        if LOBBY in state.rooms:
            return
        record = RoomRecord(LOBBY, self._lobby, fold(self._lobby), "", int(self._clock() * 1000), 0)
        writes = Writes()
        writes.rooms.append(record)
        self._log.commit(writes)
        state.add_room(record)
