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

from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    MAX_IN_FLIGHT,
    MAX_TIME,
    MODERATION,
    PING_INTERVAL_MS,
    REQUIRES,
    Ack,
    CreateRoom,
    Done,
    Message,
    OpenDirect,
    Ping,
    Typing,
)
from qtchat.server.apply import apply
from qtchat.server.batch import Batch, Delivery, announce
from qtchat.server.effects import Effect
from qtchat.server.ephemera import Ephemera
from qtchat.server.handlers import COMMANDS, Command, handle
from qtchat.server.handlers.login import (
    Login,
    LoginRefused,
    PasswordWanted,
    greeting,
    heard,
    kept_away,
    login,
    looks_after,
)
from qtchat.server.handlers.plain import PlainLogin, PlainLogout, plain_login, plain_logout
from qtchat.server.handlers.voice import slow_wait
from qtchat.server.letters import CaughtUp, Gone, Heard, Letter, Overrun, Turn, Typed
from qtchat.server.limits import TokenBuckets
from qtchat.server.locks import Locks
from qtchat.server.lookups import look_up
from qtchat.server.opening import make_lobby, see_plain_people_off
from qtchat.server.readers import Readers
from qtchat.server.refusals import Refusals
from qtchat.server.state import Peer, Rules, State, User
from qtchat.server.store import RoomLog, StoreError, Writes

logger = logging.getLogger(__name__)

DELIVERY_PATIENCE: Final = 0.05
"""Seconds the next batch waits at most for the loops to send the last one. While they are at it more gathers, and a
batch of twice the size costs each member one write instead of two; when little happens, they have always sent it."""
PACE_PAUSE: Final = 0.5
"""Seconds that a sender who is too fast waits in addition, so that a handful goes through then, not just one."""


class Hub:
    """Owns the state. `post` from any thread; everything else happens in the hub's own."""

    def __init__(
        self,
        log: RoomLog,
        readers: Readers,
        lobby: str,
        presence_interval: float,
        pace: TokenBuckets[object] | None = None,
        clock: Callable[[], float] = time.time,
        batch_limit: int = 4096,
        rules: Rules | None = None,
        locks: Locks | None = None,
        lists: TokenBuckets[object] | None = None,
    ) -> None:
        """`lobby`: name of the first room, made if there is none. `pace`, `lists`: how fast one user may change things,
        and ask for pages of lists, which cost the hub's time.
        `clock`: seconds since 1970, UTC. `locks`: of the doors, asked before newcomers are let in."""
        self._log = log
        self._readers = readers
        self._lobby = lobby
        self._clock = clock
        self._batch_limit = batch_limit
        self._pace: TokenBuckets[object] = pace or TokenBuckets(0, 1)
        self._lists: TokenBuckets[object] = lists or TokenBuckets(0, 1)
        self._rules = rules or Rules()
        self._locks = locks or Locks()
        self._ended: set[Peer] = set()
        """Who was put out and has not hung up yet."""
        self.owned = False
        """Whether the server has an owner. Read in any thread."""
        self._inbox: queue.SimpleQueue[Sequence[Letter] | None] = queue.SimpleQueue()
        self._loaded: queue.SimpleQueue[State | BaseException] = queue.SimpleQueue()
        self._state: State | None = None
        self._peers: set[Peer] = set()
        self._delivery = Delivery()
        self._refusals = Refusals(self._is_inside)
        self._partings: list[tuple[Peer, int, bytes]] = []
        """People without a key who have left, which could not be written yet: peer, user, id of the event."""
        self._ephemera = Ephemera(presence_interval)
        self._unsaved_seen: dict[int, int] = {}
        """When people left: written with the next batch, or with the next heartbeat."""
        self._heartbeat_due = 0.0
        self._stale = False
        self._ident: int | None = None
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
            self._state = State(self._log.load(), self._rules, self._wall_clock())
            self.owned = self._state.owned
            self._locks.show(self._state)
            make_lobby(self._log, self._state, self._lobby)
            see_plain_people_off(self._log, self._state)
        except BaseException as error:  # handed to the thread that called open()
            self._loaded.put(error)
            return
        self._loaded.put(self._state)
        self._heartbeat_due = time.monotonic() + PING_INTERVAL_MS / 1000
        stopping = False
        while not stopping:
            posts, stopping = self._gather()
            self._work(posts)
        self._guard(self._save_seen, [user for user in self._state.users.values() if user.peers])

    def _gather(self) -> tuple[list[Letter], bool]:
        """Everything in the inbox, waiting for the first; and whether the hub is to stop after it."""
        posts: list[Letter] = []
        now = time.monotonic()
        due = min(self._heartbeat_due, self._ephemera.due or self._heartbeat_due)
        try:
            more = self._inbox.get(timeout=max(0.0, due - now))
            self._delivery.wait(DELIVERY_PATIENCE)
            while True:
                if more is None:
                    return posts, True
                posts.extend(more)
                if len(posts) >= self._batch_limit:
                    break
                more = self._inbox.get_nowait()
        except queue.Empty:
            pass
        return posts, False

    def _work(self, posts: list[Letter]) -> None:
        requests: list[tuple[Peer, Turn]] = []
        for post in posts:
            if isinstance(post, tuple):
                requests.append(post)
                continue
            if isinstance(post, Typed | Heard):
                requests.append((post.peer, post))
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
        if self._ephemera.due is not None and now >= self._ephemera.due:
            if self._in_step():
                self._ephemera.tell(self.state, self._peers)
            else:
                self._ephemera.due = now + 1.0
        if now >= self._heartbeat_due:
            self._heartbeat_due = now + PING_INTERVAL_MS / 1000
            self._heartbeat(self._peers)
            if self._partings:
                self._guard(self._write, [])
            self._save_seen([])

    def _wall_clock(self) -> int:
        """ms since 1970, UTC."""
        return min(int(self._clock() * 1000), MAX_TIME)

    def _note_the_time(self) -> int:
        """Note when a batch begins. Returns the time of its events, ms since 1970, UTC, which never runs backwards."""
        state = self.state
        state.clock, state.uptime = self._wall_clock(), int(time.monotonic() * 1000)
        return max(state.clock, state.last_ts)

    # -- a batch --------------------------------------------------------------------------------------

    def _handle_batch(self, requests: list[tuple[Peer, Turn]]) -> None:
        if not requests:
            return
        try:
            self._write(requests)
        except Exception:
            if len(requests) == 1:
                raise
            # One of them is the culprit, and only that one is to be refused.
            logger.exception("internal error in a batch; its requests are handled one by one")
            for request in requests:
                self._guard(self._write, [request])

    def _write(self, requests: list[tuple[Peer, Turn]]) -> None:
        """Handle these, commit once, and say what there is to say."""
        batch = Batch()
        try:
            if self._stale:
                self._reload()
            look_up(self._log, batch, requests)
            now = self._note_the_time()
            self._see_off(batch, now)
            for peer, request in requests:
                self._handle_one(batch, peer, request, now)
            if batch.writes:
                batch.writes.seen = self._unsaved_seen | batch.writes.seen
                self._log.commit(batch.writes)
                self._unsaved_seen.clear()
                self._refusals.works()
        except StoreError as error:
            self._take_back(batch)
            for peer, event_id in batch.partings:
                if peer.user is not None:
                    self._partings.append((peer, peer.user, event_id))
            self._refusals.of_all(requests, error)
            return
        except Exception:
            self._take_back(batch)
            self._partings.clear()  # who knows what it was; the next start sees them off
            if len(requests) == 1:
                self._refusals.for_good(*requests[0])
            raise
        self._partings.clear()
        self._refusals.follow(batch)
        self._ended.update(batch.ended)
        if batch.writes.roles:
            self.owned = self.state.owned
        if batch.writes.bans:
            self._locks.show(self.state)
        self._ephemera.people_changed(batch.people, time.monotonic())
        self._ephemera.colors_changed(batch.writes.colors, time.monotonic())
        self._ephemera.reads_changed(batch.reads, time.monotonic())
        self._ephemera.tell_typing(batch.typing)  # first: it ends with the message that may follow
        announce(batch, self.state, self._readers, self._delivery)

    def _handle_one(self, batch: Batch, peer: Peer, request: Turn, now: int) -> None:
        """`now`: ms since 1970, UTC, the same for the whole batch and never less than before."""
        state = self.state
        if (peer in batch.ended or peer in self._ended) and not isinstance(request, PlainLogout):
            return
        if isinstance(request, Login):
            self._login(batch, peer, request, now)
            return
        if peer.user is None:  # it has left, or its login failed, while this was on its way
            return
        if isinstance(request, PlainLogout):
            batch.partings.append((peer, request.event_id))
            self._plain_logout(batch, peer, peer.user, request.event_id, now)
            return
        if isinstance(request, Typed):  # in its turn: it must not reach who has left the room before
            others = self._ephemera.typing(state, peer, request.room)
            batch.typing.append((others, Typing(request.room, peer.user)))
            return
        if isinstance(request, Heard):
            for effect in heard(state, peer.user, request.act):
                apply(state, batch, peer, peer.user, None, effect, now)
            return
        if isinstance(request, Overrun):
            text = f"More than {MAX_IN_FLIGHT} requests are unanswered."
            self._refusals.for_now(batch, peer, request.request, text)
            return
        if self._refusals.out_of_turn(batch, peer, request):
            self._refusals.for_now(batch, peer, request, "An earlier message of yours has to come first.")
            return
        command = COMMANDS[type(request)]
        known = batch.stored.get((peer.user, request.id)) if command.mutates else None
        if known is not None:
            room = state.rooms[known.room]
            if isinstance(request, CreateRoom | OpenDirect) and state.visible(room, peer.user):
                # For nobody else: whoever repeats it for ever would fill the memory of those who read slowly.
                batch.tell(peer, state.describe(room, peer.user))
            self._refusals.release(batch, peer, request)
            batch.reply(peer, Ack(request.id, known.room, known.seq, known.ts, duplicate=True))
            return
        if command.recorded and (peer.user, request.id) in batch.acted:
            batch.reply(peer, Done(request.id))
            return
        wait = self._too_fast(peer, peer.user, command)
        if wait:
            self._refusals.for_now(batch, peer, request, "That is faster than this server allows.", wait + PACE_PAUSE)
            return
        sender = state.users[peer.user]
        slow = slow_wait(state, sender, request)
        if slow:
            text = f"This room is in slow mode: you can write again in {-(-slow // 1000)} s."
            self._refusals.for_now(batch, peer, request, text, slow / 1000)
            return
        self._refusals.release(batch, peer, request)
        target = batch.target((request.room, request.seq)) if command.target else None  # type: ignore[attr-defined]
        for effect in handle(state, sender, request, now, target):
            apply(state, batch, peer, sender.id, request, effect, now)

    def _is_inside(self, peer: Peer, room: int) -> bool:
        user = self.state.users.get(peer.user) if peer.user is not None else None
        return user is not None and room in user.rooms

    def _too_fast(self, peer: Peer, user: int, command: Command) -> float:
        """Seconds until this user may ask for such a thing again, 0 for now."""
        if not (command.mutates or command.recorded or command.paced or command.listing):
            return 0.0
        buckets = self._lists if command.listing else self._pace
        # Whoever has no key can be another user at any time, but not another connection.
        return buckets.take(user if user < FIRST_PLAIN_USER else peer, time.monotonic())

    def _login(self, batch: Batch, peer: Peer, request: Login, now: int) -> None:
        state = self.state
        batch.remember(state, peer)
        outcome: tuple[int, Iterable[Effect]] | LoginRefused
        if isinstance(request, PlainLogin):
            if peer.user is not None:  # it wants another name, and with that is somebody else
                was = state.users[peer.user]
                self._plain_logout(batch, peer, was.id, request.parting_id, now)
                state.detach(peer)
                was.seen = batch.writes.seen[was.id] = now
            outcome = plain_login(state, request, now)
        else:
            known, exempt = request.key in state.by_key, looks_after(state, request)
            turned_away = self._locks.turned_away(peer, request, known=known, exempt=exempt)
            decided = turned_away or login(state, request, now)
            if isinstance(decided, PasswordWanted):
                self._locks.check(peer, request, self.post)
                return
            outcome = decided
        if isinstance(outcome, LoginRefused):
            for effect in outcome.effects:
                apply(state, batch, peer, outcome.user, None, effect, now)
            batch.refused.append((peer, outcome))
            return
        user, effects = outcome
        for effect in effects:
            apply(state, batch, peer, user, None, effect, now)
        self._peers.add(peer)
        state.attach(user, peer)
        batch.admitted.append(peer)
        batch.people.add(user)
        for message in greeting(state, state.users[user]):
            if REQUIRES[type(message)] in peer.capabilities:
                batch.tell(peer, message)
        if MODERATION in peer.capabilities and user in state.notices:
            batch.receipts[peer] = state.notices[user][-1].number

    def _plain_logout(self, batch: Batch, peer: Peer, user: int, event_id: bytes, now: int) -> None:
        for effect in plain_logout(self.state, user, event_id):
            apply(self.state, batch, peer, user, None, effect, now)
        batch.people.add(user)

    def _see_off(self, batch: Batch, now: int) -> None:
        """Repeat what could not be written of those who have left, before anybody comes back under their names."""
        for peer, user, event_id in self._partings:
            self._plain_logout(batch, peer, user, event_id, now)

    # -- after the commit -----------------------------------------------------------------------------

    def _take_back(self, batch: Batch) -> None:
        """Nothing of the batch is so. Its peers are who they were; the rest of the state is read anew."""
        self._stale = True
        self._peers -= batch.take_back(self.state)

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
        fresh, old = State(self._log.load(), self._rules, self._wall_clock()), self.state
        connected = [(peer, peer.user) for peer in self._peers]
        self._state = fresh
        for peer, number in connected:
            if number is not None and (user := fresh.users.get(number)) is not None:
                fresh.attach(number, peer)
                if peer in old.users[number].away:
                    user.away.add(peer)
                self._put_out_if_banned(peer, user)
        for number, seen in self._unsaved_seen.items():
            if number in fresh.users:
                fresh.users[number].seen = seen
        self._locks.show(fresh)
        self._stale = False

    def _put_out_if_banned(self, peer: Peer, user: User) -> None:
        """A ban may be on the disk although its batch seemed to fail."""
        refusal = kept_away(self.state, user) if user.key is None or user.key != self._rules.owner_key else None
        if refusal is not None and peer not in self._ended:
            self._ended.add(peer)
            peer.loop.call_soon(peer.end, refusal.code, refusal.text)

    # -- people who come and go -----------------------------------------------------------------------

    def _gone(self, peer: Peer) -> None:
        user = self.state.users[peer.user] if peer.user is not None else None
        self._refusals.forget(peer)
        self._ended.discard(peer)
        self._locks.forget(peer)
        self._peers.discard(peer)
        self.state.detach(peer)
        if user is None:
            return
        if not user.peers:
            user.seen = self._unsaved_seen[user.id] = self._wall_clock()
        self._ephemera.people_changed((user.id,), time.monotonic())

    def _save_seen(self, leaving: Iterable[User]) -> None:
        """Write when people left, where no batch has. `leaving`: who is here, when the server ends."""
        now = self._wall_clock()
        seen = self._unsaved_seen | {user.id: now for user in leaving}
        if not seen or self._stale:
            return
        try:
            self._log.commit(Writes(seen=seen))
        except StoreError as error:
            logger.warning("when people were here last could not be written: %s", error)
        else:
            self._unsaved_seen.clear()

    def _heartbeat(self, peers: Iterable[Peer]) -> None:
        """Are you there? And this is where your rooms stand, so that a lost tail is seen."""
        state = self.state
        for peer in tuple(peers):
            if peer.user is None:
                continue
            rooms = () if self._stale else sorted(state.users[peer.user].rooms)  # stale heads may not be on disk
            heads = tuple((number, state.rooms[number].head) for number in rooms)
            pings: list[Message] = [Ping(heads[start : start + 1000]) for start in range(0, len(heads) or 1, 1000)]
            peer.loop.call_soon(peer.ping, peer.codec.encode(pings), len(pings))
