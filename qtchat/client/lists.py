"""Lists that come in pages, until they are whole: rooms, members, bans, newcomers who wait."""

from typing import Any, Final

from msgspec import Struct, field

from qtchat.client.line import Line, request_id
from qtchat.client.updates import BansUpdate, DirectoryUpdate, MembersUpdate, RequestDoneUpdate, WaitingUpdate
from qtchat.protocol.messages import Bans, ListBans, ListPeople, ListRooms, ListWaiting, People, Request, Rooms

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
        found = self._take(request, page.people)
        found.reads += page.reads
        found.roles += page.roles
        last = page.people[-1].user if page.people else 0
        if page.more and last > request.after and not found.full:
            self._ask(found, ListPeople(request_id(), request.room, last))
            return
        people = tuple(found.items)
        reads = tuple(found.reads) if len(found.reads) == len(people) else ()
        roles = tuple(found.roles) if len(found.roles) == len(people) else ()
        self._line.emit(MembersUpdate(request.room, people, reads, roles))

    def waiting(self, page: People, request: ListWaiting) -> None:
        found = self._take(request, page.people)
        last = page.people[-1].user if page.people else 0
        if page.more and last > request.after and not found.full:
            self._ask(found, ListWaiting(request_id(), last))
        else:
            self._line.emit(WaitingUpdate(found.asked, tuple(found.items)))
            self._line.emit(RequestDoneUpdate(found.asked, 0))

    def rooms(self, page: Rooms, request: ListRooms) -> None:
        found = self._take(request, page.rooms)
        last = page.rooms[-1].room if page.rooms else 0
        if page.more and last > request.after and not found.full:
            self._ask(found, ListRooms(request_id(), last))
        else:
            self._line.emit(DirectoryUpdate(tuple(found.items)))

    def bans(self, page: Bans, request: ListBans) -> None:
        found = self._take(request, page.bans)
        last = page.bans[-1].user if page.bans else 0
        if page.more and last > request.after and not found.full:
            self._ask(found, ListBans(request_id(), last))
        else:
            self._line.emit(BansUpdate(found.asked, tuple(found.items)))
            self._line.emit(RequestDoneUpdate(found.asked, 0))

    def not_answered(self, request: Request) -> bytes:
        """A page will not come. Returns the id of the request with which its list began."""
        found = self._begun.pop(request.id, None)
        return found.asked if found is not None else request.id

    def _take(self, request: Request, items: tuple[Any, ...]) -> _List:
        found = self._begun.pop(request.id, None) or _List(request.id)
        found.pages += 1
        found.items += items
        return found

    def _ask(self, found: _List, following: Request) -> None:
        self._begun[following.id] = found
        self._line.submit(following)
