"""All messages, by who may send them."""

from typing import Final

from qtchat.protocol.messages.base import Ack, Done, Error, Message, Ping, Pong
from qtchat.protocol.messages.login import (
    COLORS,
    MODERATION,
    PRESENCE,
    READS,
    TYPING,
    Authenticate,
    Authenticated,
    Hello,
    Ready,
    Welcome,
)
from qtchat.protocol.messages.moderation import (
    Approve,
    Audit,
    Ban,
    Bans,
    Claim,
    GetAudit,
    Kick,
    ListBans,
    ListWaiting,
    Mute,
    ReleaseNick,
    RevokeKey,
    Sanction,
    SetRole,
    Unban,
    Unmute,
    Waiting,
)
from qtchat.protocol.messages.people import Colors, ListPeople, People, Presence, SetNick, SetPresence
from qtchat.protocol.messages.rooms import (
    AddMember,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    OpenDirect,
    Room,
    Rooms,
    SetRoom,
    SetTopic,
)
from qtchat.protocol.messages.talk import Delete, Edit, Event, GetHistory, History, MarkRead, Post, React, Reads, Typing

ClientMessage = (
    Hello
    | Authenticate
    | CreateRoom
    | OpenDirect
    | AddMember
    | JoinRoom
    | LeaveRoom
    | SetTopic
    | Post
    | Edit
    | Delete
    | React
    | MarkRead
    | SetPresence
    | SetNick
    | SetRole
    | SetRoom
    | Kick
    | Ban
    | Unban
    | Mute
    | Unmute
    | Approve
    | ReleaseNick
    | RevokeKey
    | Claim
    | ListBans
    | ListWaiting
    | GetAudit
    | GetHistory
    | ListRooms
    | ListPeople
    | Typing
    | Ping
    | Pong
)
"""All that a client may send."""
ServerMessage = (
    Welcome
    | Authenticated
    | Ready
    | Ack
    | Done
    | Event
    | Room
    | History
    | Rooms
    | People
    | Presence
    | Colors
    | Typing
    | Reads
    | Bans
    | Audit
    | Sanction
    | Waiting
    | Ping
    | Pong
    | Error
)
"""All that a server may send."""
REQUIRES: Final[dict[type[Message], str]] = {
    Presence: PRESENCE,
    Typing: TYPING,
    Reads: READS,
    Sanction: MODERATION,
    Waiting: MODERATION,
    Colors: COLORS,
}
"""Messages that may be sent only to a peer that announced the capability."""
