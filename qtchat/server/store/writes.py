"""What one transaction stores."""

from dataclasses import dataclass, field

from qtchat.server.records import (
    ActRecord,
    BanRecord,
    EventRecord,
    LostNickRecord,
    MemberRecord,
    MuteRecord,
    NickRecord,
    NoticeRecord,
    RoomRecord,
    UserRecord,
)
from qtchat.server.targets import Place


@dataclass(slots=True)
class Writes:
    """What one transaction stores. Empty is false."""

    users: list[UserRecord] = field(default_factory=list)
    users_dropped: list[int] = field(default_factory=list)
    """Newcomers who were never let in, with their nicks. Done before `nicks`."""
    nicks: list[NickRecord] = field(default_factory=list)
    released: list[str] = field(default_factory=list)
    """Keys of nicks that nobody owns any more. Done before `nicks`."""
    lost_nicks: dict[str, LostNickRecord | None] = field(default_factory=dict)
    """key -> the nick that was taken from a user; None: it belongs to somebody again"""
    renames: list[tuple[int, str]] = field(default_factory=list)
    """(user, new current nick)"""
    rooms: list[RoomRecord] = field(default_factory=list)
    """New rooms. Their `head` is not looked at: a room starts at 0, and its events below raise it."""
    topics: list[tuple[int, str]] = field(default_factory=list)
    """(room, new topic)"""
    members_added: list[MemberRecord] = field(default_factory=list)
    members_removed: list[tuple[int, int]] = field(default_factory=list)
    """(room, user)"""
    statuses: dict[int, str] = field(default_factory=dict)
    """user -> what they say about themselves"""
    colors: dict[int, int] = field(default_factory=dict)
    """user -> colour of name and avatar"""
    seen: dict[int, int] = field(default_factory=dict)
    """user -> when their last device left"""
    roles: dict[int, str] = field(default_factory=dict)
    """user -> role on the server"""
    member_roles: dict[tuple[int, int], str] = field(default_factory=dict)
    """(room, user) -> role in the room. Done after members came and went."""
    settings: list[RoomRecord] = field(default_factory=list)
    """Rooms of which name, kind and settings are like this now. Done before `rooms`: one may free a name."""
    bans: dict[int, BanRecord | None] = field(default_factory=dict)
    """user -> the ban that holds now; None: no more"""
    mutes: dict[tuple[int, int], MuteRecord | None] = field(default_factory=dict)
    """(room, user) -> the mute that holds now; None: no more"""
    notices: dict[tuple[int, int], NoticeRecord | None] = field(default_factory=dict)
    """(user, number) -> what is told at the next login; None: it was told, or never will be"""
    acts: list[ActRecord] = field(default_factory=list)
    """New entries of the audit log."""
    events: list[EventRecord] = field(default_factory=list)
    """Per room without a gap from its head on; commit checks it."""
    reads: dict[tuple[int, int], int] = field(default_factory=dict)
    """(room, user) -> how far they have read it. Done after members came and went."""
    erased: list[Place] = field(default_factory=list)
    """Posts whose text goes, and that of their edits, those among `events` too."""

    def __bool__(self) -> bool:
        return self.any_conversation or self.any_people

    @property
    def any_conversation(self) -> bool:
        """What happens all the time."""
        return bool(self.events or self.reads or self.erased)

    @property
    def any_people(self) -> bool:
        """Whether it says anything of users, rooms and who is in them."""
        return bool(
            self.users
            or self.users_dropped
            or self.nicks
            or self.lost_nicks
            or self.renames
            or self.rooms
            or self.topics
            or self.members_added
            or self.members_removed
            or self.statuses
            or self.colors
            or self.seen
            or self.released
            or self.roles
            or self.member_roles
            or self.settings
            or self.bans
            or self.mutes
            or self.notices
            or self.acts
        )

    def change_room(self, changed: RoomRecord) -> None:
        """Change a room's settings, also of a room that the same transaction makes."""
        for place, room in enumerate(self.rooms):
            if room.id == changed.id:
                self.rooms[place] = changed
                return
        self.settings.append(changed)

    def release_nick(self, key: str) -> None:
        """Release, or undo a claim of the same transaction."""
        for nick in self.nicks:
            if nick.key == key:
                self.nicks.remove(nick)
                return
        self.released.append(key)

    def add_member(self, member: MemberRecord) -> None:
        """Add, or undo a removal of the same transaction: the two lists have no order between them."""
        place = (member.room, member.user)
        if place in self.members_removed:
            self.members_removed.remove(place)
            self.reads[place] = member.read
            self.member_roles[place] = member.role
        else:
            self.members_added.append(member)

    def remove_member(self, room: int, user: int) -> None:
        """Remove, or undo an addition of the same transaction."""
        self.reads.pop((room, user), None)
        self.member_roles.pop((room, user), None)
        for member in self.members_added:
            if (member.room, member.user) == (room, user):
                self.members_added.remove(member)
                return
        self.members_removed.append((room, user))
