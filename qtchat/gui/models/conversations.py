"""The conversation list: the rooms and direct messages of one server.

Pinned ones stand first, then the last active; those where nothing was said since we came in stand by when that was.
Hidden ones have no row.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import IntEnum

from msgspec import Struct
from PySide6.QtCore import QObject, Qt

from qtchat.client.state import Delivery, Entry, RoomState, ServerState
from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.gui.models.markup import preview
from qtchat.gui.models.presence import Presence, presence_of, typing_words
from qtchat.gui.models.words import PREVIEW_CHARACTERS, one_line, short_time
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.protocol.messages import DIRECT, KIND_ADDED, KIND_CREATED, KIND_JOINED, KIND_POST, PRIVATE, Person


class ConversationRole(IntEnum):
    """What a delegate may ask for."""

    ROOM = Qt.ItemDataRole.UserRole + 1  # int
    NAME = Qt.ItemDataRole.UserRole + 2  # str, without the leading "# "
    LEAD = Qt.ItemDataRole.UserRole + 3  # str: who said it, "You" or "Draft"; "" for none
    PREVIEW = Qt.ItemDataRole.UserRole + 4  # str, one line
    TIME = Qt.ItemDataRole.UserRole + 5  # str, for people
    UNREAD = Qt.ItemDataRole.UserRole + 6  # int
    DRAFT = Qt.ItemDataRole.UserRole + 7  # bool: the preview is what was not sent yet
    DELIVERY = Qt.ItemDataRole.UserRole + 8  # Delivery of the last message if it is ours, else None
    KIND = Qt.ItemDataRole.UserRole + 9  # str: PUBLIC, PRIVATE or DIRECT
    PRESENCE = Qt.ItemDataRole.UserRole + 10  # Presence of the other one in a direct room, else None
    COLOR_KEY = Qt.ItemDataRole.UserRole + 11  # int: whose colour the avatar has
    MENTIONS = Qt.ItemDataRole.UserRole + 12  # int: unread messages that name us
    PREFS = Qt.ItemDataRole.UserRole + 13  # RoomPrefs
    QUIET = Qt.ItemDataRole.UserRole + 14  # bool: unread messages are not worth a look right now
    PINNED = Qt.ItemDataRole.UserRole + 15  # bool
    MUTED = Qt.ItemDataRole.UserRole + 16  # bool
    TYPING = Qt.ItemDataRole.UserRole + 17  # str: who is writing there now, as a sentence; "" for nobody
    NEW = Qt.ItemDataRole.UserRole + 18  # bool: somebody has brought us in, and we have not looked yet
    MARKED = Qt.ItemDataRole.UserRole + 19  # bool: as unread, by hand


class _Row(Struct, frozen=True):
    """What is shown of a room, computed once per change instead of once per paint. `text`: the beginning of the last
    message, as it was written; only of those in sight it is put into a line, see _said. `coming`: instead of it, how we
    came in; `said`: when that was, or the last message."""

    name: str
    kind: str
    other: int
    presence: Presence | None
    author: str
    own: bool
    text: str
    coming: str
    said: int
    unread: int
    mentions: int
    delivery: Delivery | None
    new: bool


class ConversationsModel(KeyedListModel):
    """Keys are room numbers. Call `show` for another server and `refresh` for the rooms that a change names."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state: ServerState | None = None
        self._rows: dict[int, _Row] = {}
        self._drafts: dict[int, str] = {}
        self._prefs: dict[int, RoomPrefs] = {}
        self._typing: dict[int, str] = {}
        self._unread_first = False

    # -- what its owner says --------------------------------------------------------------------------

    def show(self, state: ServerState | None) -> None:
        """Show the rooms of `state`, or none. Forgets drafts, preferences and who is typing."""
        self._state = state
        for told in (self._drafts, self._prefs, self._typing):
            told.clear()
        self._rows = {number: self._row(room) for number, room in state.rooms.items()} if state else {}
        self.restart(self._order())

    def refresh(self, rooms: Collection[int]) -> None:
        """These rooms were added, changed or removed."""
        assert self._state is not None
        for number in rooms:
            room = self._state.rooms.get(number)
            if room is None:
                self._rows.pop(number, None)
            else:
                self._rows[number] = self._row(room)
        self.arrange(self._order(), rooms)

    def refresh_people(self) -> None:
        """Somebody came, went, is away or changed the nick: that is seen at direct messages."""
        if self._state is not None:
            before = {number: row for number, row in self._rows.items() if row.kind == DIRECT}
            told = {number: self._state.rooms[number] for number in before.keys() & self._state.rooms.keys()}
            self.refresh([number for number, room in told.items() if self._row(room) != before[number]])

    def set_draft(self, room: int, text: str) -> None:
        """What was written in `room` and not sent; "" for nothing."""
        if text.strip():
            self._drafts[room] = text
        else:
            self._drafts.pop(room, None)
        self._touch(room)

    def set_prefs(self, prefs: Mapping[int, RoomPrefs]) -> None:
        """How the rooms of this server are treated; what is not named has the defaults."""
        touched = {room for room in self._prefs | dict(prefs) if self._prefs_of(room) != prefs.get(room, RoomPrefs())}
        self._prefs = dict(prefs)
        self.arrange(self._order(), touched)

    def set_typing(self, room: int, nicks: Sequence[str]) -> None:
        """Who is writing in `room` now; nobody if `nicks` is empty."""
        row = self._rows.get(room)
        alone = row is not None and row.kind == DIRECT
        words = self.tr("typing…") if alone and nicks else typing_words(nicks)
        if words != self._typing.get(room, ""):
            self._typing[room] = words
            self._touch(room)

    def set_unread_first(self, wanted: bool) -> None:
        """Let conversations with unread messages stand before the others, behind the pinned ones."""
        if wanted != self._unread_first:
            self._unread_first = wanted
            self.arrange(self._order())

    # -- what others ask ------------------------------------------------------------------------------

    @property
    def unread_first(self) -> bool:
        return self._unread_first

    @property
    def unread(self) -> int:
        """Unread messages in all rooms; of those that are muted only such as name us."""
        return self.unread_beside(None)

    def unread_beside(self, room: int | None) -> int:
        """The same without those in `room`."""
        rows = ((number, row) for number, row in self._rows.items() if number != room)
        return sum(row.mentions if self._prefs_of(number).muted else row.unread for number, row in rows)

    @property
    def mentions(self) -> int:
        """Unread messages that name us, in all rooms."""
        return sum(row.mentions for row in self._rows.values())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        number = self.key_at(index.row())
        row, draft, prefs = self._rows.get(number), self._drafts.get(number, ""), self._prefs_of(number)
        if row is None:  # it is about to go
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole | ConversationRole.NAME:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(number)
            case ConversationRole.ROOM:
                return number
            case ConversationRole.LEAD:
                return self._lead(row, draft)
            case ConversationRole.PREVIEW:
                return self._said(row, draft)
            case ConversationRole.TIME:
                return short_time(row.said, datetime.now().astimezone().date()) if row.said else ""
            case ConversationRole.UNREAD:
                return row.unread
            case ConversationRole.DRAFT:
                return bool(draft)
            case ConversationRole.DELIVERY:
                return row.delivery if row.own else None
            case ConversationRole.KIND:
                return row.kind
            case ConversationRole.PRESENCE:
                return row.presence
            case ConversationRole.COLOR_KEY:
                return row.other or -number
            case ConversationRole.MENTIONS:
                return row.mentions
            case ConversationRole.PREFS:
                return prefs
            case ConversationRole.QUIET:
                return prefs.muted or prefs.level is not Level.ALL
            case ConversationRole.PINNED:
                return prefs.pinned
            case ConversationRole.MUTED:
                return prefs.muted or prefs.level is Level.NOTHING
            case ConversationRole.TYPING:
                return self._typing.get(number, "")
            case ConversationRole.NEW:
                return row.new
            case ConversationRole.MARKED:
                return prefs.marked
        return None

    # -- rows -----------------------------------------------------------------------------------------

    def _row(self, room: RoomState) -> _Row:
        last, came = _newest(room, self._own_user())
        new = came is not None and came.kind == KIND_ADDED and (came.seq or 0) > room.read
        author, own, text, coming, ts, delivery = "", False, "", "", 0, None
        if came is not None and (last is None or came.kind == KIND_ADDED):
            coming, ts = "" if room.kind == DIRECT else self._coming(came), came.ts
        elif last is not None:
            author, own, ts, delivery = one_line(last.nick), last.own, last.ts, None if last.deleted else last.delivery
            text = self.tr("Message deleted") if last.deleted else last.text[:PREVIEW_CHARACTERS]
        return _Row(
            one_line(room.name),
            room.kind,
            room.other,
            self._presence(room),
            author,
            own,
            text,
            coming,
            ts,
            room.unread,
            room.mentions,
            delivery,
            new,
        )

    def _coming(self, entry: Entry) -> str:
        """How we came into a room."""
        words = {
            KIND_ADDED: self.tr("You were added by {nick}"),
            KIND_CREATED: self.tr("You created the room"),
            KIND_JOINED: self.tr("You joined"),
        }
        return words[entry.kind].replace("{nick}", one_line(entry.nick))

    def _own_user(self) -> int:
        return self._state.server.user if self._state is not None and self._state.server else 0

    def _presence(self, room: RoomState) -> Presence | None:
        if room.kind != DIRECT or self._state is None or room.other == self._own_user():
            return None
        person: Person | None = self._state.people.get(room.other)
        return presence_of(person)

    def _lead(self, row: _Row, draft: str) -> str:
        if draft:
            return self.tr("Draft")
        if row.own:
            return self.tr("You")
        return "" if row.kind == DIRECT else row.author  # there it can only be one

    def _said(self, row: _Row, draft: str) -> str:
        """One line: a draft as it stands in the field, else the last message as the timeline shows it."""
        return one_line(draft) or row.coming or preview(row.text)

    def _spoken(self, number: int) -> str:
        row, draft, prefs = self._rows[number], self._drafts.get(number, ""), self._prefs_of(number)
        lead, text = self._lead(row, draft), self._said(row, draft)
        said = f"{lead}: {text}" if lead else text
        presence = {Presence.ONLINE: self.tr("online"), Presence.AWAY: self.tr("away")}
        parts = (
            row.name,
            self.tr("private") if row.kind == PRIVATE else "",
            presence.get(row.presence, self.tr("offline")) if row.presence is not None else "",
            self.tr("%n unread", "", row.unread) if row.unread else "",
            self.tr("you are mentioned") if row.mentions else "",
            self.tr("new") if row.new else "",
            self.tr("marked as unread") if prefs.marked and not row.unread else "",
            self.tr("pinned") if prefs.pinned else "",
            self.tr("muted") if prefs.muted else "",
            self._typing.get(number, "") or said,
        )
        return ", ".join(part for part in parts if part)

    def _prefs_of(self, number: int) -> RoomPrefs:
        return self._prefs.get(number, RoomPrefs())

    def _touch(self, room: int) -> None:
        row = self.row_of(room)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _order(self) -> list[int]:
        return sorted((number for number in self._rows if self._prefs_of(number).hidden is None), key=self._place)

    def _place(self, number: int) -> tuple[bool, bool, int, int]:
        row = self._rows[number]
        prefs = self._prefs_of(number)
        waits = self._unread_first and (bool(row.unread) or prefs.marked)
        return not prefs.pinned, not waits, -row.said, number


def _newest(room: RoomState, user: int) -> tuple[Entry | None, Entry | None]:
    """The last message, and how we, whose number is `user`, came in since; None where there is none."""
    came = None
    for entry in reversed(room.entries):
        if entry.kind == KIND_POST:
            return entry, came
        if entry.about == user if entry.kind == KIND_ADDED else entry.own and entry.kind in (KIND_CREATED, KIND_JOINED):
            came = came or entry
    return None, came
