"""Who is in a room."""

from collections.abc import Iterable

from qtchat.protocol.messages import MAX_PAGE, ListPeople, People
from qtchat.server.effects import Effect, Reply
from qtchat.server.handlers.pages import fit
from qtchat.server.state import State, User


def members(state: State, _sender: User, request: ListPeople, _now: int) -> Iterable[Effect]:
    numbers = sorted(number for number in state.rooms[request.room].members if number > request.after)
    people = [state.users[number].person for number in numbers[: MAX_PAGE + 1]]
    page, more = fit(people, MAX_PAGE)
    return (Reply(People(request.id, request.room, page, more)),)
