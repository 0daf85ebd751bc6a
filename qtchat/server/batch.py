"""One batch of the hub: what to write, what to say after the commit, and the saying."""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import KIND_POST, Event, Message, Ready
from qtchat.server.effects import ReadPage
from qtchat.server.handlers.login import LoginRefused
from qtchat.server.readers import Readers
from qtchat.server.records import EventRecord
from qtchat.server.state import Peer, State
from qtchat.server.store import Writes
from qtchat.server.targets import Place, Target

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Batch:
    """One batch while it is being handled: what to write, and what to say after the commit."""

    writes: Writes = field(default_factory=Writes)
    events: dict[int, list[Event]] = field(default_factory=dict)
    replies: dict[Peer, list[Message]] = field(default_factory=dict)
    answered: dict[Peer, int] = field(default_factory=dict)
    admitted: list[Peer] = field(default_factory=list)
    refused: list[tuple[Peer, LoginRefused]] = field(default_factory=list)
    receipts: dict[Peer, int] = field(default_factory=dict)
    """Who is to show that it read what it is told, and up to which act that is."""
    ended: dict[Peer, tuple[str, str]] = field(default_factory=dict)
    """Who is put out: error code and text."""
    pages: list[tuple[Peer, ReadPage]] = field(default_factory=list)
    people: set[int] = field(default_factory=set)
    """Users of whom presence will tell."""
    reads: dict[int, set[int]] = field(default_factory=dict)
    """room -> members who have read further."""
    stored: dict[tuple[int, bytes], EventRecord] = field(default_factory=dict)
    """Events by (author, id): those of this batch, and older ones that a request of this batch repeats."""

    acted: set[tuple[int, bytes]] = field(default_factory=set)
    """Requests, each a (user, id), that stand in the audit log: likewise."""

    targets: dict[Place, Target] = field(default_factory=dict)
    """The posts that requests of this batch are about, where there are any."""

    holds: dict[tuple[Peer, int], bytes | None] = field(default_factory=dict)
    """The post that has to come first from a peer in a room, where this batch changes it; None: any may."""

    partings: list[tuple[Peer, bytes]] = field(default_factory=list)
    """People without a key who leave: peer, id of the event."""

    typing: list[tuple[list[Peer], Message]] = field(default_factory=list)
    """Who is told that somebody is writing. Nothing of it is stored."""

    before: dict[Peer, tuple[int | None, bool]] = field(default_factory=dict)
    """Who a peer was, and whether it was away, before this batch changed that: what is on no disk to be read anew."""

    def remember(self, state: State, peer: Peer) -> None:
        """The batch is about to change who this peer is, or whether it is away."""
        if peer not in self.before:
            self.before[peer] = peer.user, peer.user is not None and peer in state.users[peer.user].away

    def take_back(self, state: State) -> set[Peer]:
        """Undo what was remembered. Returns those who are nobody again."""
        for peer, (user, away) in self.before.items():
            peer.user = user
            if user is not None:
                (state.users[user].away.add if away else state.users[user].away.discard)(peer)
        return {peer for peer, (user, _) in self.before.items() if user is None}

    def reply(self, peer: Peer, message: Message) -> None:
        self.replies.setdefault(peer, []).append(message)
        self.answered[peer] = self.answered.get(peer, 0) + 1

    def target(self, place: Place) -> Target | None:
        """The post at this place, if there is one, as it is after what was handled so far."""
        found = self.targets.get(place)
        if found is None and (new := self.events.get(place[0])):
            index = place[1] - new[0].seq  # a room's seqs have no gap
            if 0 <= index < len(new) and new[index].kind == KIND_POST:
                found = self.targets[place] = Target(new[index].author)
        return found

    def tell(self, peer: Peer, message: Message) -> None:
        self.replies.setdefault(peer, []).append(message)


class Delivery:
    """How much of what was announced the loops have not sent yet. Begun by the hub, ended by the loops."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._under_way = 0

    def begin(self) -> None:
        with self._condition:
            self._under_way += 1

    def end(self) -> None:
        with self._condition:
            self._under_way -= 1
            if not self._under_way:
                self._condition.notify_all()

    def wait(self, timeout: float) -> None:
        """Until all is sent, at most `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: not self._under_way, timeout)


def announce(batch: Batch, state: State, readers: Readers, delivery: Delivery) -> None:
    """Acks and replies first, then each room's news; every loop is called once."""
    jobs: dict[IoLoop, list[Callable[[], None]]] = {}
    for peer in batch.admitted:
        user = state.users[peer.user] if peer.user is not None else None
        if user is None:
            continue
        rooms: list[Message] = [state.describe(state.rooms[number], user.id) for number in sorted(user.rooms)]
        batch.replies[peer] = [*rooms, Ready(), *batch.replies.get(peer, [])]
        jobs.setdefault(peer.loop, []).append(partial(peer.admit, user.id, user.nick, user.role))
    for peer, messages in batch.replies.items():
        data, answered = peer.codec.encode(messages), batch.answered.get(peer, 0)
        jobs.setdefault(peer.loop, []).append(partial(peer.reply, data, answered))
    for number, events in batch.events.items():
        encoded: dict[int, bytes] = {}
        for (loop, codec), peers in state.rooms[number].audience.items():
            if id(codec) not in encoded:
                encoded[id(codec)] = codec.encode_events(events)
            jobs.setdefault(loop, []).append(partial(spread, tuple(peers), encoded[id(codec)]))
    for peer, no in batch.refused:
        refuse = partial(peer.refuse, no.code, no.text, no.suggestion, no.retry_after_ms)
        jobs.setdefault(peer.loop, []).append(refuse)
    for peer, act in batch.receipts.items():
        jobs.setdefault(peer.loop, []).append(partial(peer.ask_receipt, act))
    for peer, (code, text) in batch.ended.items():
        jobs.setdefault(peer.loop, []).append(partial(peer.end, code, text))
    for loop, calls in jobs.items():
        delivery.begin()
        loop.call_soon(_run_all, loop, calls, delivery)
    for peer, page in batch.pages:
        readers.read(peer, page.request, page.newest)


def _run_all(loop: IoLoop, calls: Iterable[Callable[[], None]], delivery: Delivery) -> None:
    for call in calls:
        try:
            call()
        except Exception:  # one peer's trouble is not the others'
            logger.exception("internal error in handing over a batch")
    loop.after_tick(delivery.end)  # what the calls queued is flushed at the end of this tick, before this


def spread(peers: Iterable[Peer], data: bytes) -> None:
    """Give the same bytes to all of these peers. In their loop's thread."""
    for peer in peers:
        peer.news(data)
