"""Who is in a room: state and request in, effects out."""

from qtchat.protocol.messages import MAX_FRAME, MAX_NICK, MAX_PAGE, MAX_READERS, ListPeople, People, Person
from qtchat.protocol.session import encode_all
from qtchat.server.doors.native import NativeCodec
from qtchat.server.effects import Reply
from qtchat.server.handlers import handle
from qtchat.server.records import UserRecord
from qtchat.server.state import State
from tests.helpers.hubs import FakeLoop, FakePeer, make_state
from tests.helpers.wire import new_id


def ask(state: State, request: ListPeople) -> People:
    (effect,) = handle(state, state.users[1], request, 5)
    assert isinstance(effect, Reply)
    assert isinstance(effect.message, People)
    return effect.message


def test_members_by_number_and_who_is_here() -> None:
    state = make_state(("Ada", "Bob", "Cy"), rooms={"lobby": (3, 1)})
    state.attach(3, FakePeer(FakeLoop(), NativeCodec()))
    request = ListPeople(new_id(), 1)
    assert ask(state, request) == People(
        request.id, 1, (Person(1, "Ada", online=False), Person(3, "Cy", online=True)), more=False, reads=(0, 0)
    )


def test_a_small_room_tells_how_far_each_has_read() -> None:
    state = make_state(tuple(f"p{number}" for number in range(MAX_READERS)))
    state.rooms[1].members[2] = 7
    page = ask(state, ListPeople(new_id(), 1, after=1))
    assert page.reads == (7, *[0] * (MAX_READERS - 2))
    state.add_user(UserRecord(999, "one more", None, 0))
    state.add_member(1, 999)
    assert ask(state, ListPeople(new_id(), 1)).reads == ()


def test_pages_lead_through_all_members_and_each_fits_a_frame() -> None:
    names = tuple(f"{number} ".ljust(MAX_NICK, "\U00020000") for number in range(1, 2 * MAX_PAGE + 2))
    state = make_state(names)
    seen: list[int] = []
    after, more = 0, True
    while more:
        page = ask(state, ListPeople(new_id(), 1, after))
        assert len(encode_all([page])) <= MAX_FRAME
        seen += [person.user for person in page.people]
        after, more = seen[-1], page.more
    assert seen == sorted(state.users)


def test_a_page_has_at_most_max_page_people() -> None:
    state = make_state(tuple(f"p{number}" for number in range(MAX_PAGE + 1)))
    page = ask(state, ListPeople(new_id(), 1))
    assert (len(page.people), page.more) == (MAX_PAGE, True)


def test_members_stay_in_order_while_they_come_and_go() -> None:
    state = make_state(("Ada", "Bob", "Cy", "Dan"), rooms={"lobby": (4, 2, 1)})
    state.add_member(1, 3)
    state.add_member(1, 3, read=5)
    state.remove_member(1, 2)
    state.remove_member(1, 2)
    assert state.rooms[1].order == sorted(state.rooms[1].members) == [1, 3, 4]
    assert [person.user for person in ask(state, ListPeople(new_id(), 1, after=1)).people] == [3, 4]


def test_after_the_last_one_the_page_is_empty() -> None:
    page = ask(make_state(), ListPeople(new_id(), 1, after=2))
    assert (page.people, page.more) == ((), False)
