"""What a handler wants to happen. Handlers only say it; the hub does it, in the order said."""

from dataclasses import dataclass

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import GetHistory, Message
from qtchat.server.records import RoomRecord, UserRecord


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer the sender, once everything in the batch is on disk."""

    message: Message


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the sender that its request was not done, and why, in plain words.

    `suggestion`: a nick that is free, where the nick was the trouble.
    """

    code: ErrorCode
    text: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Append:
    """A new event at the end of a room's log, written by the sender.

    `about`: see protocol.messages.Event. `acknowledge`: it is what the request was for; the sender gets an Ack with
    its seq.
    """

    room: int
    kind: str
    id: bytes
    text: str = ""
    about: int = 0
    acknowledge: bool = True


@dataclass(frozen=True, slots=True)
class Erase:
    """The text of a post goes, and that of its edits."""

    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class AddUser:
    record: UserRecord


@dataclass(frozen=True, slots=True)
class ClaimNick:
    user: int
    nick: str


@dataclass(frozen=True, slots=True)
class AddRoom:
    record: RoomRecord


@dataclass(frozen=True, slots=True)
class SetTopic:
    room: int
    topic: str


@dataclass(frozen=True, slots=True)
class AddMember:
    """What the room has said until now counts as read."""

    room: int
    user: int


@dataclass(frozen=True, slots=True)
class RemoveMember:
    room: int
    user: int


@dataclass(frozen=True, slots=True)
class ShowRoom:
    """Tell all devices of a user what a room is now, and whether the user is in it."""

    room: int
    user: int


@dataclass(frozen=True, slots=True)
class MarkRead:
    """The sender has read the room up to `seq`."""

    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class SetPresence:
    """`away`: whether the device that asked is left alone; `status`: what the sender says about himself."""

    away: bool
    status: str


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Let a reader thread answer; the write path does not wait for it."""

    request: GetHistory


Effect = (
    Reply
    | Refuse
    | Append
    | Erase
    | AddUser
    | ClaimNick
    | AddRoom
    | SetTopic
    | AddMember
    | RemoveMember
    | ShowRoom
    | MarkRead
    | SetPresence
    | ReadHistory
)
