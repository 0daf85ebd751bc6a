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
    """Answer the sender that its request was not done, and why, in plain words."""

    code: ErrorCode
    text: str


@dataclass(frozen=True, slots=True)
class Append:
    """A new event at the end of a room's log, written by the sender.

    `acknowledge`: it is what the request was for; the sender gets an Ack with its seq.
    """

    room: int
    kind: str
    id: bytes
    text: str = ""
    acknowledge: bool = True


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
class AddMember:
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
class ReadHistory:
    """Let a reader thread answer; the write path does not wait for it."""

    request: GetHistory


Effect = Reply | Refuse | Append | AddUser | ClaimNick | AddRoom | AddMember | RemoveMember | ShowRoom | ReadHistory
