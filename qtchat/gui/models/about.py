"""What is told of the room that is open: the same facts for the bar above it and for the details beside it."""

from msgspec import Struct

from qtchat.client.state import RoomState, ServerState
from qtchat.client.updates import Phase
from qtchat.gui.models.presence import is_plain
from qtchat.gui.models.words import one_line
from qtchat.gui.settings import RoomPrefs
from qtchat.protocol.messages import DIRECT, LOBBY, Person

DEFAULTS = RoomPrefs()


class About(Struct, frozen=True):
    """The facts of one room. `online`: members who are here, 0 while there is no connection and nobody knows.

    `other`: in a direct room the other one, as far as known. `own`: a direct room with nobody but ourselves. `plain`:
    somebody in it came by a plain-text door. `announcement`, `frozen`: who may write, as in messages.Room; `slow`:
    seconds between two messages of one person, 0 for no limit. `dialect`: what a plain chat speaks, see ServerUpdate;
    empty elsewhere.
    """

    room: int
    kind: str
    name: str
    topic: str = ""
    members: int = 1
    online: int = 0
    other: Person | None = None
    own: bool = False
    plain: bool = False
    announcement: bool = False
    frozen: bool = False
    slow: int = 0
    connected: bool = True
    server: str = ""
    dialect: str = ""
    prefs: RoomPrefs = DEFAULTS

    @property
    def direct(self) -> bool:
        return self.kind == DIRECT

    @property
    def may_leave(self) -> bool:
        return not self.direct and self.room != LOBBY

    @property
    def color_key(self) -> int:
        """Whose colour the avatar has: the other's in a direct room."""
        return self.other.user if self.other is not None else -self.room


def about_of(room: RoomState, state: ServerState, prefs: RoomPrefs = DEFAULTS) -> About:
    """The facts of `room` on the server of `state`."""
    connected = state.phase is Phase.ONLINE
    other = None
    if room.kind == DIRECT:
        other = state.people.get(room.other) or room.members.get(room.other) or Person(room.other, room.name, False)
    return About(
        room=room.number,
        kind=room.kind,
        name=one_line(room.name),
        topic=room.topic,
        members=max(room.member_count, len(room.members)),
        online=sum(person.online for person in room.members.values()) if connected else 0,
        other=other,
        own=other is not None and state.server is not None and other.user == state.server.user,
        announcement=room.announcement,
        frozen=room.frozen,
        slow=room.slow_ms // 1000,
        plain=any(is_plain(user) for user in (*room.members, room.other)),
        connected=connected,
        server=state.server.name if state.server else "",
        dialect=state.server.dialect if state.server else "",
        prefs=prefs,
    )
