"""What is said in a room: its log, who has read it, and who is writing."""

from typing import Final

from qtchat.protocol.messages.base import Message, Request
from qtchat.protocol.messages.values import MAX_TEXT, Emoji, Id, Limit, Nick, Number, Time, Word

KIND_POST: Final = "post"
KIND_CREATED: Final = "created"
KIND_JOINED: Final = "joined"
KIND_LEFT: Final = "left"
KIND_ADDED: Final = "added"
KIND_TOPIC: Final = "topic"
KIND_EDITED: Final = "edited"
KIND_DELETED: Final = "deleted"
KIND_REACTED: Final = "reacted"
KIND_UNREACTED: Final = "unreacted"
KIND_KICKED: Final = "kicked"
KIND_CHANGED: Final = "changed"


class Event(Message, frozen=True, tag="event"):
    """One entry of a room's log. `seq` counts from 1 without gaps and is the same for everybody.

    `kind`: one of KIND_*; whoever does not know a kind still counts its seq. `about`: the seq of the event that this
    one answers or changes, or the user number of whom it concerns; 0: none.
    """

    room: Number
    seq: Number
    id: Id
    ts: Time
    author: Number
    nick: Nick
    kind: Word
    text: str = ""
    about: Number = 0


class Post(Request, frozen=True, tag="post"):
    """Say something in a room. Reply: Ack, sent only after the message is on the server's disk."""

    room: Number
    text: str
    reply_to: Number = 0
    """The seq of the message that this one answers; 0: none."""

    def __post_init__(self) -> None:
        _check_text(self.text)


class Edit(Request, frozen=True, tag="edit"):
    """Say something else in a message of one's own. Reply: Ack of the `edited` event."""

    room: Number
    seq: Number
    text: str

    def __post_init__(self) -> None:
        _check_text(self.text)


class Delete(Request, frozen=True, tag="delete"):
    """Take a message of one's own back; its text is erased. Reply: Ack of the `deleted` event."""

    room: Number
    seq: Number


class React(Request, frozen=True, tag="react"):
    """Put a reaction under a message, or take it back (`add` = false). Reply: Ack of the `reacted` or `unreacted` event
    (duplicate=true if it stands there already, or does not)."""

    room: Number
    seq: Number
    emoji: Emoji
    add: bool = True


class GetHistory(Request, frozen=True, tag="get_history"):
    """Read a room's log. Reply: History.

    With `after` = n: the events n+1, n+2, ... upwards. Without it: the newest events below `before`, or the
    newest of all when `before` is 0.
    """

    room: Number
    after: Number | None = None
    before: Number = 0
    limit: Limit = 100


class History(Message, frozen=True, tag="history"):
    """A page of a room's log, by rising seq, without gaps.

    `more`: there is more in the direction asked. `head`: the room's newest seq when the page was read.
    `first`: the oldest seq the server still has; a client that asked for what lies below it must show the
    gap, never hide it.
    """

    re: Id
    room: Number
    events: tuple[Event, ...]
    more: bool
    head: Number
    first: Number = 1


class MarkRead(Request, frozen=True, tag="mark_read"):
    """Everything up to `seq` was on the sender's screen. Never goes back. Reply: Done."""

    room: Number
    seq: Number


class Reads(Message, frozen=True, tag="reads"):
    """Pairs of user number and seq: how far they have read `room`. A user's own devices are always told of the user,
    the others in rooms up to MAX_READERS. Has no seq and may be dropped. Needs capability `reads`."""

    room: Number
    reads: tuple[tuple[Number, Number], ...]


class Typing(Message, frozen=True, tag="typing"):
    """Client: its user is writing in `room`; no reply. Server: `user` is writing there. Needs capability `typing`."""

    room: Number
    user: Number = 0


def _check_text(text: str) -> None:
    # One character is at most four bytes, so most texts need no encoding to be measured.
    if len(text) * 4 > MAX_TEXT and len(text.encode()) > MAX_TEXT:
        raise ValueError(f"a message text may have at most {MAX_TEXT} bytes")
