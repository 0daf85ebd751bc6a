"""Lists that come in pages, until they are whole: rooms, members, bans, newcomers who wait."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from qtchat.client.line import Line, request_id
from qtchat.client.updates import BansUpdate, DirectoryUpdate, MembersUpdate, RequestDoneUpdate, WaitingUpdate
from qtchat.protocol.messages import (
    BanEntry,
    Bans,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    People,
    Person,
    Request,
    Room,
    Rooms,
)

MAX_ITEMS: Final = 100_000
"""Items of one list that are kept..."""
MAX_PAGES: Final = 1_000
"""...in at most so many pages: a server that never comes to an end is not asked for ever."""


class _List(Struct):
    """What has come so far. `asked`: the id of the first request, which is all that the owner knows."""

    asked: bytes
    pages: int = 0
    items: list[Any] = field(default_factory=list)
    reads: list[int] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return self.pages >= MAX_PAGES or len(self.items) >= MAX_ITEMS


class Lists:
    """Of one account. In its loop's thread only."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._begun: dict[bytes, _List] = {}

    def people(self, page: People, request: ListPeople) -> None:
        found = self._take(request, page.people, page.more, page.reads, page.roles)
        if found is not None:
            people = tuple(found.items)
            reads = tuple(found.reads) if len(found.reads) == len(people) else ()
            roles = tuple(found.roles) if len(found.roles) == len(people) else ()
            self._line.emit(MembersUpdate(request.room, people, reads, roles))

    def rooms(self, page: Rooms, request: ListRooms) -> None:
        found = self._take(request, page.rooms, page.more)
        if found is not None:
            self._line.emit(DirectoryUpdate(tuple(found.items)))

    def waiting(self, page: People, request: ListWaiting) -> None:
        found = self._take(request, page.people, page.more)
        if found is not None:
            self._line.emit(WaitingUpdate(found.asked, tuple(found.items)))
            self._line.emit(RequestDoneUpdate(found.asked, 0))

    def bans(self, page: Bans, request: ListBans) -> None:
        found = self._take(request, page.bans, page.more)
        if found is not None:
            self._line.emit(BansUpdate(found.asked, tuple(found.items)))
            self._line.emit(RequestDoneUpdate(found.asked, 0))

    def not_answered(self, request: Request) -> bytes:
        """A page will not come. Returns the id of the request with which its list began."""
        found = self._begun.pop(request.id, None)
        return found.asked if found is not None else request.id

    def _take(
        self,
        request: ListPeople | ListRooms | ListWaiting | ListBans,
        items: tuple[Person, ...] | tuple[Room, ...] | tuple[BanEntry, ...],
        more: bool,
        reads: Iterable[int] = (),
        roles: Iterable[str] = (),
    ) -> _List | None:
        """A page came. The list if it is whole now; None if its next page was asked for."""
        found = self._begun.pop(request.id, None) or _List(request.id)
        found.pages += 1
        found.items += items
        found.reads += reads
        found.roles += roles
        last = _number(items[-1]) if items else 0
        if not more or last <= request.after or found.full:
            return found
        following = replace(request, id=request_id(), after=last)
        self._begun[following.id] = found
        self._line.submit(following)
        return None


def _number(item: Person | Room | BanEntry) -> int:
    """By which the pages of a list are in order."""
    return item.room if isinstance(item, Room) else item.user
