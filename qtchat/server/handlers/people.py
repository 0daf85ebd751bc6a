"""Who is in a room."""

from collections.abc import Iterable

from qtchat.protocol.messages import MAX_PAGE, MAX_READERS, ListPeople, People
from qtchat.server.effects import Effect, Reply
from qtchat.server.handlers.pages import fit
from qtchat.server.state import State, User


def members(state: State, _sender: User, request: ListPeople, _now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    numbers = sorted(number for number in room.members if number > request.after)
    people = [state.users[number].person for number in numbers[: MAX_PAGE + 1]]
    page, more = fit(people, MAX_PAGE)
    small = len(room.members) <= MAX_READERS
    reads = tuple(room.members[person.user] for person in page) if small else ()
    return (Reply(People(request.id, room.id, page, more, reads)),)
