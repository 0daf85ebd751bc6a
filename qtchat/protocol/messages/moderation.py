"""Moderation: what not everybody may do with somebody, what is told of it, and what stands in the audit log."""

from typing import Annotated

import msgspec

from qtchat.protocol.messages.base import Message, Request
from qtchat.protocol.messages.values import (
    MAX_NICK,
    MAX_TOKEN,
    MAX_TOPIC,
    Count,
    Id,
    Limit,
    Nick,
    Number,
    Reason,
    Time,
    Word,
)


class SetRole(Request, frozen=True, tag="set_role"):
    """Give `user` a role: in `room` (Reply: Ack of the `changed` event), or on the whole server, `room` 0 (Done)."""

    room: Number
    user: Number
    role: Word


class Kick(Request, frozen=True, tag="kick"):
    """Put `user` out of `room` (Reply: Ack of the `kicked` event), or end all connections, where `room` is 0 (Done)."""

    room: Number
    user: Number
    reason: Reason = ""


class Ban(Request, frozen=True, tag="ban"):
    """Keep `user`'s key away from this server, and the addresses as well where `address` is true. Reply: Done.

    `until`: ms since 1970, UTC; 0: until somebody lifts it.
    """

    user: Number
    until: Time = 0
    reason: Reason = ""
    address: bool = False


class Unban(Request, frozen=True, tag="unban"):
    """Lift a ban. Reply: Done."""

    user: Number


class Mute(Request, frozen=True, tag="mute"):
    """Let `user` read only: in `room`, or everywhere where `room` is 0. `until` as in Ban. Reply: Done."""

    room: Number
    user: Number
    until: Time = 0
    reason: Reason = ""


class Unmute(Request, frozen=True, tag="unmute"):
    """Let `user` speak again. Reply: Done."""

    room: Number
    user: Number


class Approve(Request, frozen=True, tag="approve"):
    """Let a newcomer in who waits, or turn them away (`accept` = false). Reply: Done."""

    user: Number
    accept: bool = True


class ReleaseNick(Request, frozen=True, tag="release_nick"):
    """Let a nick be taken by anybody again. Reply: Done."""

    nick: Nick


class RevokeKey(Request, frozen=True, tag="revoke_key"):
    """Never accept `user`'s key again, and release the nicks: for a stolen profile. Reply: Done."""

    user: Number
    reason: Reason = ""


class Claim(Request, frozen=True, tag="claim"):
    """Become the server's owner by the token that it printed. Works once. Reply: Done."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TOKEN)]


class Sanction(Message, frozen=True, tag="sanction"):
    """To the person concerned: what was done, by whom, why, until when. Needs capability `moderation`.

    Told again at each login until a device of the user has answered the ping behind it. `act`: the tag of the request.
    `room`: 0 for the whole server. `detail`: the new role, for instance. `ts`: when it was done, ms since 1970, UTC;
    0: just now. `number`: of the act, by which a client knows what it was told before; 0: it is not told again, or,
    where it is a mute that holds, at each login.
    """

    act: Word
    room: Number
    by: Nick
    reason: Reason
    until: Time = 0
    detail: Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)] = ""
    ts: Time = 0
    number: Number = 0


class Waiting(Message, frozen=True, tag="waiting"):
    """To those who may let newcomers in: so many wait. Needs capability `moderation`."""

    count: Count


class ListWaiting(Request, frozen=True, tag="list_waiting"):
    """Newcomers who wait to be let in, by rising user number after `after`. Reply: People, of room 0."""

    after: Number = 0


class ListBans(Request, frozen=True, tag="list_bans"):
    """Who is banned, by rising user number after `after`. Reply: Bans."""

    after: Number = 0


class BanEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who is kept away: by whom, why, since when and until when (0: for ever), and whether the addresses are too."""

    user: Number
    nick: Nick
    by: Nick
    reason: Reason
    since: Time
    until: Time
    address: bool


class Bans(Message, frozen=True, tag="bans"):
    """A page of bans; `more`: ask again after the last one's user number."""

    re: Id
    bans: tuple[BanEntry, ...]
    more: bool


class GetAudit(Request, frozen=True, tag="get_audit"):
    """The newest acts of moderation below number `before` (0: of all). Reply: Audit."""

    before: Number = 0
    limit: Limit = 100


class AuditEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An act of moderation: `act` is the tag of its request; `room`, `user` and `until` are 0 where they say nothing.
    `nick`: the user's."""

    number: Number
    ts: Time
    by: Nick
    act: Word
    room: Number
    user: Number
    nick: Annotated[str, msgspec.Meta(max_length=MAX_NICK)]
    detail: Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)]
    until: Time


class Audit(Message, frozen=True, tag="audit"):
    """A page of the audit log, the newest first; `more`: ask again below the last one's number."""

    re: Id
    entries: tuple[AuditEntry, ...]
    more: bool
