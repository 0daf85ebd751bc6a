"""Who is in a room."""

from bisect import bisect_right
from collections.abc import Iterable

from qtchat.protocol.messages import MAX_PAGE, MAX_READERS, ListPeople, People
from qtchat.server.effects import Effect, Reply
from qtchat.server.handlers.pages import fit
from qtchat.server.state import State, User


def members(state: State, _sender: User, request: ListPeople, _now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    start = bisect_right(room.order, request.after)
    people = [state.users[number].person for number in room.order[start : start + MAX_PAGE + 1]]
    page, more = fit(people, MAX_PAGE)
    small = len(room.members) <= MAX_READERS
    reads = tuple(room.members[person.user] for person in page) if small else ()
    roles = tuple(room.role(person.user) for person in page) if room.roles else ()
    return (Reply(People(request.id, room.id, page, more, reads, roles)),)
