"""Plain data that the hub's state and the store share: one frozen struct per row.

Times are integer milliseconds since 1970-01-01 UTC. The fields of each struct stand in the order of the
columns of its table in store/schema.py.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from qtchat.protocol.messages import MEMBER, PUBLIC

WAITING: Final = "waiting"
"""In the place of a role: a newcomer who was not let in yet."""
REVOKED: Final = "revoked"
"""In the place of a role: this key is never accepted again."""
EVERYWHERE: Final = 0
"""Stands for a room where an act of moderation holds for the whole server."""


class Record(msgspec.Struct, frozen=True, gc=False):
    """Base of every record: immutable, compared by value."""


class UserRecord(Record, frozen=True):
    """Somebody who was here at least once. `nick` is the current one; `key`: Ed25519 public key, or None.

    `status`: the line they say about themselves; `seen`: when their last device left, 0 if nobody knows. `role`: one of
    protocol.messages.SERVER_ROLES, WAITING or REVOKED. `color`: of name and avatar, 0 if none was chosen.
    """

    id: int
    nick: str
    key: bytes | None
    created: int
    status: str = ""
    seen: int = 0
    role: str = MEMBER
    color: int = 0


class NickRecord(Record, frozen=True):
    """Who owns a nick, which is written like `nick`. `key` is its folded form; a user may own several."""

    key: str
    user: int
    nick: str


class LostNickRecord(Record, frozen=True):
    """A nick that was taken from this user, who does not get it back. `key` and `nick` as in NickRecord."""

    key: str
    user: int
    nick: str


class RoomRecord(Record, frozen=True):
    """A room. `name_key` is the folded form of a public room's name, which nobody else may take; None in the others.

    `head`: the highest seq of its log, 0 if it is empty; `direct_key`: of a direct room, see `direct_key` below.
    A direct room has no name of its own. `announcement` and `frozen` are 0 or 1, `slow_ms` milliseconds: see
    protocol.messages.Room.
    """

    id: int
    name: str
    name_key: str | None
    topic: str
    created: int
    head: int
    kind: str = PUBLIC
    direct_key: str | None = None
    announcement: int = 0
    frozen: int = 0
    slow_ms: int = 0


class MemberRecord(Record, frozen=True):
    """This user is a member of this room, and has read it up to `read`. `role`: one of protocol.messages.ROOM_ROLES."""

    room: int
    user: int
    read: int = 0
    role: str = MEMBER


class EventRecord(Record, frozen=True):
    """One entry of a room's log. `id`: 16 bytes, of the request that made it, unique per author.

    `about`: see protocol.messages.Event. A post without text was deleted: none is stored without.
    """

    room: int
    seq: int
    id: bytes
    author: int
    ts: int
    kind: str
    text: str
    about: int = 0


class BanRecord(Record, frozen=True):
    """Whose key is kept away, by whom, why, since when, until when (0: until somebody lifts it).

    `addresses`: those that are kept away as well, with spaces between them.
    """

    user: int
    by: int
    reason: str
    since: int
    until: int
    addresses: str = ""


class MuteRecord(Record, frozen=True):
    """Who may only read in this room, or EVERYWHERE. The rest as in BanRecord."""

    room: int
    user: int
    by: int
    reason: str
    since: int
    until: int


class NoticeRecord(Record, frozen=True):
    """What `user` is told at each login until it was read, see protocol.messages.Sanction. `number`: that of its act in
    the audit log; `by`: number of the user who did it."""

    user: int
    number: int
    ts: int
    act: str
    room: int
    by: int
    reason: str
    until: int
    detail: str


class ActRecord(Record, frozen=True):
    """One entry of the audit log, see protocol.messages.AuditEntry. `by`, `user`: numbers of users; 0 for nobody.
    `request`: the id of the request, None for what was done without one. `local`: 0, or 1 for what the staff of a
    private room did there, which is only kept to know a repeated request."""

    number: int
    ts: int
    by: int
    act: str
    room: int
    user: int
    detail: str
    until: int
    request: bytes | None = None
    local: int = 0


class Contents(Record, frozen=True):
    """Everything that the hub's state starts from.

    `last_ts`: no stored time is later; `server_id`: 16 bytes, made with the database; `epoch`: raised when a
    backup is restored. `last_act`: number of the newest entry of the audit log.
    """

    server_id: bytes
    epoch: int
    last_ts: int
    users: Sequence[UserRecord]
    nicks: Sequence[NickRecord]
    rooms: Sequence[RoomRecord]
    members: Sequence[MemberRecord]
    bans: Sequence[BanRecord] = ()
    mutes: Sequence[MuteRecord] = ()
    notices: Sequence[NoticeRecord] = ()
    last_act: int = 0
    lost_nicks: Sequence[LostNickRecord] = ()


def direct_key(one: int, other: int) -> str:
    """What makes the direct room of two users the only one, whoever opened it."""
    return f"{min(one, other)}:{max(one, other)}"
