"""What the quick switcher can go to: rooms, people and servers, ranked by how well they match what was typed."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import Enum, IntEnum

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from qtchat.client.state import ServerState
from qtchat.gui.models.keyed_list import Index
from qtchat.gui.models.presence import Presence, presence_of
from qtchat.gui.models.words import one_line
from qtchat.gui.settings import RoomPrefs
from qtchat.protocol.messages import DIRECT, PUBLIC

MOST_SHOWN = 50
"""More targets than these are never offered at once; typing narrows."""
ROOT = QModelIndex()


class TargetKind(Enum):
    ROOM = "room"
    PERSON = "person"
    SERVER = "server"


class Target(Struct, frozen=True):
    """Somewhere to go. `server`: its key. `number`: of the room (also of a direct one) or the user; 0 for a server.

    `where`: the server's name, where there are several. `last`: when something was last said there, ms since 1970.
    """

    kind: TargetKind
    server: str
    number: int
    name: str
    where: str = ""
    room_kind: str = PUBLIC
    presence: Presence | None = None
    color_key: int = 0
    unread: int = 0
    mentions: int = 0
    quiet: bool = False
    last: int = 0


def targets_of(
    state: ServerState,
    server: str,
    server_name: str = "",
    prefs: Mapping[int, RoomPrefs] | None = None,
    *,
    without: Collection[int] = (),
) -> list[Target]:
    """The rooms of a server, and the people of it that we have no direct room with. `server`: its key.

    `server_name`: given where there are several, so that they are told apart. `without`: rooms to leave out.
    """
    kept = prefs or {}
    targets, met = [], set()
    for room in state.rooms.values():
        direct = room.kind == DIRECT
        if direct:
            met.add(room.other)
        if room.number in without:
            continue
        last = room.last_post
        targets.append(
            Target(
                kind=TargetKind.ROOM,
                server=server,
                number=room.number,
                name=one_line(room.name),
                where=server_name,
                room_kind=room.kind,
                presence=presence_of(state.people.get(room.other)) if direct else None,
                color_key=room.other if direct else -room.number,
                unread=room.unread,
                mentions=room.mentions,
                quiet=kept.get(room.number, RoomPrefs()).muted,
                last=last.ts if last is not None else 0,
            )
        )
    if state.server is not None and state.server.dialect:  # a plain chat: nobody can be written to alone
        return targets
    own = state.server.user if state.server else 0
    for person in state.people.values():
        if person.user not in met and person.user != own:
            targets.append(
                Target(
                    kind=TargetKind.PERSON,
                    server=server,
                    number=person.user,
                    name=one_line(person.nick),
                    where=server_name,
                    presence=presence_of(person),
                    color_key=person.user,
                )
            )
    return targets


def score(wanted: str, name: str) -> int | None:
    """How well `name` matches what was typed, both folded: less is better, None for not at all.

    0: they are the same; then names that begin with it, have a word that does, contain it; at last such as have its
    letters in this order, the closer together the better.
    """
    if wanted == name:
        return 0
    if name.startswith(wanted):
        return 1
    if any(word.startswith(wanted) for word in name.replace("-", " ").replace("_", " ").split()):
        return 2
    if wanted in name:
        return 3
    place, first, gaps = -1, -1, 0
    for letter in wanted.replace(" ", ""):
        found = name.find(letter, place + 1)
        if found < 0:
            return None
        first = found if first < 0 else first
        gaps += found - place - 1 if place >= 0 else 0
        place = found
    return 4 + gaps


def folded(text: str) -> str:
    """`text` without case and accents, for comparing."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def ranked(wanted: str, targets: Iterable[Target]) -> list[Target]:
    """Those of `targets` that match, the best first; with nothing typed all, what names us and is unread first."""
    typed = folded(wanted.lstrip("#@ "))
    if not typed:
        return sorted(targets, key=_importance)
    scored = [(score(typed, folded(target.name)), target) for target in targets]
    matching = [(points, target) for points, target in scored if points is not None]
    return [target for _, target in sorted(matching, key=lambda each: (each[0], _importance(each[1])))]


def _importance(target: Target) -> tuple[bool, bool, bool, int, int, str]:
    kinds = list(TargetKind)
    unread = bool(target.unread) and not target.quiet
    here = {Presence.ONLINE: 0, Presence.AWAY: 1}.get(target.presence or Presence.OFFLINE, 2)
    rank = kinds.index(target.kind) * 3 + (here if target.kind is TargetKind.PERSON else 0)
    return not target.mentions, not unread, not target.unread, rank, -target.last, target.name.casefold()


class TargetRole(IntEnum):
    TARGET = Qt.ItemDataRole.UserRole + 1  # Target


class TargetsModel(QAbstractListModel):
    """The targets that match what is typed, in their order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: Sequence[Target] = ()
        self._shown: list[Target] = []

    def show(self, targets: Sequence[Target]) -> None:
        """Offer these, all of them at first."""
        self._all = targets
        self.narrow("")

    def narrow(self, wanted: str) -> None:
        """Show what matches `wanted`."""
        self.beginResetModel()
        self._shown = ranked(wanted, self._all)[:MOST_SHOWN]
        self.endResetModel()

    def at(self, row: int) -> Target:
        return self._shown[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        target = self._shown[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return target.name
            case Qt.ItemDataRole.AccessibleTextRole:
                unread = self.tr("%n unread", "", target.unread) if target.unread else ""
                return ", ".join(part for part in (target.name, target.where, unread) if part)
            case TargetRole.TARGET:
                return target
        return None
