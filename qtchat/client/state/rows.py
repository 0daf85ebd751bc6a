"""The rows of one room's timeline: what a row tells, and where it stands."""

from bisect import bisect_left
from collections.abc import Sequence
from enum import Enum
from typing import Final

from msgspec import Struct, field

from qtchat.client.state.unread import Unread
from qtchat.client.updates import Problem
from qtchat.protocol.messages import (
    KIND_ADDED,
    KIND_CHANGED,
    KIND_CREATED,
    KIND_JOINED,
    KIND_KICKED,
    KIND_LEFT,
    KIND_POST,
    KIND_TOPIC,
    MEMBER,
    PUBLIC,
    Event,
    Person,
)

MAX_ROWS: Final = 5_000
"""Rows of a timeline that stay in memory when it is trimmed, unless its owner says how many; older ones are read again
when somebody scrolls up."""
MAX_KEPT: Final = 1_000
"""Amendments of rows that are not in memory which a room keeps; the local history has them all."""
ROW_KINDS: Final = frozenset(
    {KIND_POST, KIND_CREATED, KIND_JOINED, KIND_LEFT, KIND_ADDED, KIND_KICKED, KIND_TOPIC, KIND_CHANGED}
)
"""Kinds of events that have a row of their own."""
ROLE: Final = "role"
"""What a `changed` event calls the role of the member that it is about; its other words are messages.SETTINGS."""


class Delivery(Enum):
    """How far a message has come. Those of others are always SENT."""

    WAITING = "waiting"
    SENT = "sent"
    READ = "read"
    """Read by all others here. Only told of our own messages, in rooms of at most MAX_READERS."""
    FAILED = "failed"


class Quote(Struct, frozen=True):
    """The message that another one answers, as it is now. `deleted`: it was taken back, and `text` is empty."""

    seq: int
    nick: str
    text: str
    deleted: bool = False


class Reaction(Struct, frozen=True):
    """One emoji under a message, and the numbers of those who put it there. `own`: we are among them."""

    emoji: str
    users: tuple[int, ...]
    own: bool


class Entry(Struct, frozen=True):
    """One row of a timeline. `seq` is None until the server has numbered it. `ts`: ms since 1970, UTC."""

    id: bytes
    seq: int | None
    ts: int
    author: int
    nick: str
    kind: str
    text: str
    own: bool
    delivery: Delivery = Delivery.SENT
    problem: Problem | None = None
    reply_to: int = 0
    """The seq of the message that this one answers; 0: none."""
    quote: Quote | None = None
    """That message; None while it is not known here."""
    edited: bool = False
    deleted: bool = False
    """Taken back; `text` is empty."""
    reactions: tuple[Reaction, ...] = ()
    """In the order in which the emoji first appeared."""
    about: int = 0
    """As in `Event.about`; of an `added` or `kicked` row, and of a `changed` one of a role, the user concerned."""


class RoomState(Struct):
    """One room. `entries`: `numbered` ones by rising seq, then our own that wait, in the order they were written."""

    number: int
    name: str
    topic: str = ""
    head: int = 0
    member_count: int = 0
    read: int = 0
    at_start: bool = False
    gap: bool = False
    entries: list[Entry] = field(default_factory=list)
    numbered: int = 0
    members: dict[int, Person] = field(default_factory=dict)
    kind: str = PUBLIC
    other: int = 0
    """In a direct room the number of the other one; our own in the room for notes to oneself."""
    newest: int = 0
    """The highest seq told, 0 when none was. Not every event has a row."""
    oldest: int = 0
    """The seq from which on all rows are here, 0 when nothing was told; `newest` + 1 when all were trimmed."""
    reads: dict[int, int] = field(default_factory=dict)
    """User number -> seq up to which this other member has read; empty where that is not told."""
    roles: dict[int, str] = field(default_factory=dict)
    """User number -> role in the room, of those who are more than members; empty while the members are not known."""
    role: str = MEMBER
    """Our own role in the room, as the server told it."""
    announcement: bool = False
    frozen: bool = False
    slow_ms: int = 0
    muted_until: int | None = None
    """These four as in `messages.Room`."""
    typing: dict[int, float] = field(default_factory=dict)
    """User number -> when it is over, as time.monotonic() tells it."""
    fresh: Unread = field(default_factory=Unread)
    """The unread messages."""
    read_by_all: int = 0
    """The seq up to which all others have read; 0 where that is not known."""
    quoting: dict[int, set[int]] = field(default_factory=dict)
    """Seq of a message -> the seqs of the rows that answer it."""
    kept: dict[int, list[Event]] = field(default_factory=dict)
    """Seq of a message that has no row here -> what was told of it since, by rising seq."""

    @property
    def unread(self) -> int:
        """How many messages of others were not read."""
        return len(self.fresh)

    @property
    def mentions(self) -> int:
        """Of the unread messages, those that name us as @nick."""
        return self.fresh.mentions

    @property
    def first_unread(self) -> int:
        """The seq of the oldest unread message, 0 when none is."""
        return self.fresh.first

    @property
    def last_post(self) -> Entry | None:
        """The newest message, for the conversation list."""
        return next((entry for entry in reversed(self.entries) if entry.kind == KIND_POST), None)

    def role_of(self, user: int) -> str:
        """What a member is in this room, as far as that was told."""
        return self.roles.get(user, MEMBER)

    def excess(self, keep: int) -> int:
        """How many rows have to be dropped at the top for `keep` to be left. Those that wait stay in any case."""
        return max(0, min(self.numbered, len(self.entries) - keep))

    def row_from(self, seq: int) -> int:
        """The first numbered row whose seq is not below `seq`; `numbered` if there is none."""
        return bisect_left(self.entries, seq, 0, self.numbered, key=_seq)

    def row_of(self, seq: int) -> int | None:
        """The row of the event `seq`, if it has one here."""
        row = self.row_from(seq)
        return row if row < self.numbered and self.entries[row].seq == seq else None

    def post(self, seq: int) -> Entry | None:
        """The message `seq`, if it is here."""
        row = self.row_of(seq)
        return self.entries[row] if row is not None and self.entries[row].kind == KIND_POST else None

    def waiting_row(self, message_id: bytes) -> int | None:
        """Where our message waits that the server has not numbered yet."""
        for row in range(self.numbered, len(self.entries)):
            if self.entries[row].id == message_id:
                return row
        return None

    def keep(self, event: Event) -> None:
        """Remember what changed a message that has no row here, for when it gets one."""
        self.kept.setdefault(event.about, []).append(event)
        if sum(map(len, self.kept.values())) > MAX_KEPT:
            del self.kept[next(iter(self.kept))]


def changed_setting(text: str) -> tuple[str, str]:
    """What a `changed` event says: the setting, or ROLE, and its new value."""
    setting, _, value = text.partition(" ")
    return setting, value


def changed_role(value: str) -> tuple[str, str]:
    """What a `changed` event of a ROLE says: the role, and the nick that the user concerned had; "" if it does not."""
    role, _, nick = value.partition(" ")
    return role, nick


def _seq(entry: Entry) -> int:
    assert entry.seq is not None, "only numbered rows are searched by their seq"
    return entry.seq


def runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Rising row numbers as (first, count) of those that stand together."""
    found: list[tuple[int, int]] = []
    for row in rows:
        if found and sum(found[-1]) == row:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((row, 1))
    return found
