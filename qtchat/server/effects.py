"""What a handler wants to happen. Handlers only say it; the hub does it, in the order said."""

from dataclasses import dataclass

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MEMBER, GetAudit, GetHistory, Message, Sanction
from qtchat.server.records import BanRecord, MuteRecord, RoomRecord, UserRecord


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
    """A new event at the end of a room's log.

    `about`: see protocol.messages.Event. `acknowledge`: it is what the request was for; the sender gets an Ack with
    its seq. `author`: 0 for the sender.
    """

    room: int
    kind: str
    id: bytes
    text: str = ""
    about: int = 0
    acknowledge: bool = True
    author: int = 0


@dataclass(frozen=True, slots=True)
class Erase:
    """The text of a post goes, and that of its edits."""

    room: int
    seq: int


@dataclass(frozen=True, slots=True)
class AddUser:
    record: UserRecord


@dataclass(frozen=True, slots=True)
class DropUser:
    """A newcomer who was never let in is forgotten."""

    user: int


@dataclass(frozen=True, slots=True)
class StillWaits:
    """A newcomer has asked again to be let in."""

    user: int


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
    role: str = MEMBER


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
    """`away`: whether the device that asked is left alone; `status`: what the sender says about himself, `color`: the
    one chosen; None: as before."""

    away: bool
    status: str | None
    color: int | None = None


@dataclass(frozen=True, slots=True)
class ReadPage:
    """Let a reader thread answer; the write path does not wait for it. `newest`: the last seq, or act, that the sender
    may see: whoever is put out meanwhile reads nothing that came after."""

    request: GetHistory | GetAudit
    newest: int


@dataclass(frozen=True, slots=True)
class SetRole:
    """`room`: EVERYWHERE for the role on the server."""

    room: int
    user: int
    role: str


@dataclass(frozen=True, slots=True)
class ChangeRoom:
    """The room is as in `record` from now on, as far as SetRoom can change it."""

    record: RoomRecord


@dataclass(frozen=True, slots=True)
class SetBan:
    record: BanRecord


@dataclass(frozen=True, slots=True)
class LiftBan:
    user: int


@dataclass(frozen=True, slots=True)
class SetMute:
    record: MuteRecord


@dataclass(frozen=True, slots=True)
class LiftMute:
    room: int
    user: int


@dataclass(frozen=True, slots=True)
class ReleaseNick:
    """`key`: its folded form. `lost`: whoever owned it does not get it back."""

    key: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class LogAct:
    """An entry of the audit log, by the sender. `act`: the tag of the request. What the staff of a private room does
    there is only kept to know a repeated request: it is nobody else's business."""

    act: str
    room: int = 0
    user: int = 0
    detail: str = ""
    until: int = 0


@dataclass(frozen=True, slots=True)
class Tell:
    """To all devices of a user that want to hear such a message."""

    user: int
    message: Message


@dataclass(frozen=True, slots=True)
class TellSurely:
    """Tell a user what the sender did, behind the LogAct of it: at once, and again at each login until a device has
    shown that it read it."""

    user: int
    message: Sanction


@dataclass(frozen=True, slots=True)
class Told:
    """A user knows of these acts, and need not be told of them again. `acts`: their numbers."""

    user: int
    acts: frozenset[int]


@dataclass(frozen=True, slots=True)
class TellWaiting:
    """To those who may let newcomers in: how many wait."""


@dataclass(frozen=True, slots=True)
class End:
    """Put all devices of a user out, once everything in the batch is on disk."""

    user: int
    code: ErrorCode
    text: str


@dataclass(frozen=True, slots=True)
class EndFrom:
    """Put all devices at these addresses out, but for those to whom the lock of an address does not apply."""

    addresses: frozenset[str]
    code: ErrorCode
    text: str


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
    | ReadPage
    | SetRole
    | ChangeRoom
    | SetBan
    | LiftBan
    | SetMute
    | LiftMute
    | ReleaseNick
    | LogAct
    | Tell
    | TellSurely
    | Told
    | TellWaiting
    | End
    | EndFrom
    | DropUser
    | StillWaits
)
