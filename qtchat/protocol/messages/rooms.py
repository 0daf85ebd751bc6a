"""Rooms: making, entering, leaving and changing them, and what they are."""

from typing import Annotated, Final

import msgspec

from qtchat.protocol.messages.base import Message, Request
from qtchat.protocol.messages.people import MEMBER
from qtchat.protocol.messages.values import MAX_ROOM_NAME, Count, Id, Number, RoomName, Time, Topic, Word

PUBLIC: Final = "public"
PRIVATE: Final = "private"
DIRECT: Final = "direct"

SETTINGS: Final = ("name", "private", "announcement", "frozen", "slow_ms")
"""What SetRoom may change: the name; "0" or "1" for the next three; milliseconds between two posts of one member."""


class Room(Message, frozen=True, tag="room"):
    """What a room is now. Sent for each room after Authenticated, whenever the user enters one, and when it changes.

    `kind`: PUBLIC, PRIVATE or DIRECT. `read`: how far the user has read it, on whatever device. `other`: in a direct
    room the number of the other one, whose nick `name` is. `role`: the user's in this room. In an `announcement` room
    only its owner and moderators speak, in a `frozen` one nobody does. `muted_until`: the user may only read; None: may
    speak, as after a time that has passed; 0: until somebody lifts it.
    """

    room: Number
    name: RoomName
    topic: Topic
    head: Number
    members: Count
    member: bool = True
    kind: Word = PUBLIC
    read: Number = 0
    other: Number = 0
    role: Word = MEMBER
    announcement: bool = False
    frozen: bool = False
    slow_ms: Count = 0
    muted_until: Time | None = None


class CreateRoom(Request, frozen=True, tag="create_room"):
    """Make a room and be its first member. Reply: Ack of the room's first event.

    `private`: only members see it, and only a member can add others.
    """

    name: RoomName
    topic: Topic = ""
    private: bool = False


class OpenDirect(Request, frozen=True, tag="open_direct"):
    """Make the direct room of the sender and `user`. Reply: Ack of its first event, duplicate=true if there was one."""

    user: Number


class AddMember(Request, frozen=True, tag="add_member"):
    """Bring `user` into a room that the sender is in; not into a direct one. Reply: Ack of the `added` event."""

    room: Number
    user: Number


class JoinRoom(Request, frozen=True, tag="join_room"):
    """Become a member. Reply: Ack of the `joined` event (duplicate=true for somebody who already is one)."""

    room: Number


class LeaveRoom(Request, frozen=True, tag="leave_room"):
    """Stop being a member. Reply: Ack of the `left` event (duplicate=true for somebody who is none)."""

    room: Number


class SetTopic(Request, frozen=True, tag="set_topic"):
    """Change a room's topic. Reply: Ack of the `topic` event."""

    room: Number
    topic: Topic


class SetRoom(Request, frozen=True, tag="set_room"):
    """Change one setting of a room, see SETTINGS; the value is written as text. Reply: Ack of the `changed` event
    (duplicate=true if it is so already)."""

    room: Number
    setting: Word
    value: Annotated[str, msgspec.Meta(max_length=MAX_ROOM_NAME)]


class ListRooms(Request, frozen=True, tag="list_rooms"):
    """All public rooms and those the user is in, by rising room number after `after`. Reply: Rooms."""

    after: Number = 0


class Rooms(Message, frozen=True, tag="rooms"):
    """A page of rooms; `more`: ask again after the last one's number."""

    re: Id
    rooms: tuple[Room, ...]
    more: bool
