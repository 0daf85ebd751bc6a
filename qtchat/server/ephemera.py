"""What is told and stands in no log: who is here, in which colour, who has read how far, who is typing.

All of it may be dropped.

Presence and read marks are gathered for a moment: a storm of logins costs one message to each, not one for each.
Belongs to the hub's thread.
"""

from collections.abc import Collection, Iterable, Mapping

from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import (
    COLORS,
    MAX_PAGE,
    MAX_READERS,
    PRESENCE,
    READS,
    TYPING,
    Message,
    Presence,
    Reads,
)
from qtchat.server.batch import spread
from qtchat.server.colors import color_pages
from qtchat.server.handlers.pages import fit
from qtchat.server.handlers.voice import silenced
from qtchat.server.state import Codec, Peer, RoomInfo, State


class Ephemera:
    """What has changed and was not told yet. `due`: monotonic seconds when it is to be told, None if nothing is."""

    def __init__(self, interval: float) -> None:
        """`interval`: seconds over which changes are gathered."""
        self.due: float | None = None
        self._interval = interval
        self._people: set[int] = set()
        self._colors: dict[int, int] = {}
        self._reads: dict[int, set[int]] = {}

    def people_changed(self, users: Iterable[int], now: float) -> None:
        """`now`: monotonic seconds."""
        self._people.update(users)
        if self._people and self.due is None:
            self.due = now + self._interval

    def colors_changed(self, colors: Mapping[int, int], now: float) -> None:
        """`colors`: by user. `now`: monotonic seconds."""
        self._colors.update(colors)
        if self._colors and self.due is None:
            self.due = now + self._interval

    def reads_changed(self, reads: dict[int, set[int]], now: float) -> None:
        """`reads`: room -> members who have read further. `now`: monotonic seconds."""
        for room, users in reads.items():
            self._reads.setdefault(room, set()).update(users)
        if self._reads and self.due is None:
            self.due = now + self._interval

    def tell(self, state: State, peers: Collection[Peer]) -> None:
        """Tell what was gathered. `peers`: all that are connected."""
        self.due = None
        people, self._people = self._people, set()
        colors, self._colors = self._colors, {}
        reads, self._reads = self._reads, {}
        if people:
            self._tell_presence(state, people, peers)
        for page in color_pages(colors):
            _spread([peer for peer in peers if COLORS in peer.capabilities], page)
        for number, users in reads.items():
            self._tell_reads(state, state.rooms.get(number), users)

    def typing(self, state: State, peer: Peer, number: int) -> list[Peer]:
        """Who is to be told that a peer's user is writing: the others in the room, if the user may say anything there.
        How often, the door has seen to."""
        room = state.rooms.get(number)
        if room is None or peer.user not in room.members or silenced(state, state.users[peer.user], room) is not None:
            return []
        return [device for device in _audience(room, TYPING) if device.user != peer.user]

    def tell_typing(self, typing: Iterable[tuple[list[Peer], Message]]) -> None:
        """At once. Each: those who are told, and what."""
        for peers, message in typing:
            _spread(peers, message)

    def _tell_presence(self, state: State, users: set[int], peers: Collection[Peer]) -> None:
        people = [state.users[user].person for user in sorted(users) if user in state.users]
        listeners = [peer for peer in peers if PRESENCE in peer.capabilities]
        while people:
            page, _ = fit(people, MAX_PAGE)
            del people[: len(page)]
            _spread(listeners, Presence(page))

    def _tell_reads(self, state: State, room: RoomInfo | None, users: set[int]) -> None:
        """In a small room to all, in a large one to each user's own devices."""
        if room is None:
            return
        reads = [(user, room.members[user]) for user in sorted(users) if user in room.members]
        if len(room.members) <= MAX_READERS:
            if reads:
                _spread(_audience(room, READS), Reads(room.id, tuple(reads)))
            return
        for read in reads:
            own = [peer for peer in state.users[read[0]].peers if READS in peer.capabilities]
            _spread(own, Reads(room.id, (read,)))


def _audience(room: RoomInfo, capability: str) -> list[Peer]:
    return [peer for peers in room.audience.values() for peer in peers if capability in peer.capabilities]


def _spread(peers: Iterable[Peer], message: Message) -> None:
    """The same to all of these: encoded once for each dialect, one call of each loop."""
    groups: dict[tuple[IoLoop, Codec], list[Peer]] = {}
    for peer in peers:
        groups.setdefault((peer.loop, peer.codec), []).append(peer)
    encoded: dict[Codec, bytes] = {}
    for (loop, codec), group in groups.items():
        if codec not in encoded:
            encoded[codec] = codec.encode([message])
        loop.call_soon(spread, tuple(group), encoded[codec])
