"""The room of a plain chat, as if a qtchat server kept it."""

import pytest

from qtchat.client.classic_room import KEPT, OWN, ClassicRoom
from qtchat.client.updates import ProblemCode
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    LOBBY,
    CreateRoom,
    Done,
    Error,
    Event,
    GetHistory,
    History,
    ListPeople,
    ListRooms,
    MarkRead,
    People,
    Post,
    Rooms,
    SetPresence,
)

ID = bytes(range(16))


@pytest.fixture
def room() -> ClassicRoom:
    room = ClassicRoom("box:8000", "")
    assert room.enter("Anna").head == 1
    return room


def history(room: ClassicRoom, **wish: int) -> History:
    page = room.answer(GetHistory(ID, LOBBY, **wish))
    assert isinstance(page, History)
    return page


def test_what_happens_is_numbered(room: ClassicRoom) -> None:
    events = [room.came("Bob"), room.said("Bob", "hi"), room.written(Post(ID, LOBBY, "ho")), room.went("Bob")]
    assert [(event.seq, event.kind, event.nick, event.text) for event in events] == [
        (2, "joined", "Bob", ""),
        (3, "post", "Bob", "hi"),
        (4, "post", "Anna", "ho"),
        (5, "left", "Bob", ""),
    ]
    assert events[2].id == ID
    assert history(room).events[1:] == tuple(events)


def test_a_name_has_the_same_number_every_day(room: ClassicRoom) -> None:
    bob = room.said("Bob", "hi").author
    assert FIRST_PLAIN_USER <= OWN < bob < 2**53
    assert bob == ClassicRoom("other:1", "").said("BOB", "hi").author
    assert bob != room.said("Bop", "hi").author
    assert room.said("Anna", "somebody else with our name").author != OWN


def test_the_log_goes_on_where_the_disk_ends() -> None:
    room = ClassicRoom("box:8000", "")
    kept = Event(LOBBY, 77, ID, 0, 5, "Bob", "post", "old")
    room.restore([kept])
    assert room.enter("Anna").head == 77
    assert room.said("Bob", "new").seq == 78
    assert history(room, after=76).events[0] == kept


def test_pages(room: ClassicRoom) -> None:
    for number in range(9):
        room.said("Bob", str(number))
    assert [event.seq for event in history(room, limit=3).events] == [8, 9, 10]
    page = history(room, after=4, limit=3)
    assert ([event.seq for event in page.events], page.more, page.head) == ([5, 6, 7], True, 10)
    assert not history(room, after=7, limit=3).more
    assert history(room, before=5).events == ()
    assert history(room, after=10).events == ()


def test_what_is_kept_is_bounded(room: ClassicRoom) -> None:
    for number in range(2 * KEPT):
        room.said("Bob", str(number))
    assert len(history(room, limit=500).events) == 500
    assert history(room, after=0, limit=500).events[0].seq == KEPT + 2


def test_people_are_those_who_were_heard_of(room: ClassicRoom) -> None:
    room.came("Bob")
    room.said("Eve", "hi")
    room.went("Bob")
    people = room.answer(ListPeople(ID, LOBBY))
    assert isinstance(people, People)
    assert [person.nick for person in people.people] == ["Anna", "Eve"]
    assert room.enter("Anne").members == 1  # after a new connection nobody knows


def test_other_answers(room: ClassicRoom) -> None:
    rooms = room.answer(ListRooms(ID))
    assert isinstance(rooms, Rooms)
    assert [(told.name, told.member) for told in rooms.rooms] == [("box:8000", True)]
    assert room.answer(MarkRead(ID, LOBBY, 1)) == room.answer(SetPresence(ID, away=True)) == Done(ID)
    refused = room.answer(CreateRoom(ID, "x"))
    assert isinstance(refused, Error)
    assert refused.code == ProblemCode.UNSUPPORTED


@pytest.mark.parametrize(
    ("post", "code"),
    [
        (Post(ID, LOBBY, "hi"), None),
        (Post(ID, LOBBY, " \u200b\n"), ErrorCode.TEXT_INVALID),
        (Post(ID, 2, "hi"), ErrorCode.ROOM_UNKNOWN),
    ],
)
def test_what_can_be_sent(room: ClassicRoom, post: Post, code: str | None) -> None:
    refusal = room.refusal(post)
    assert (refusal.code if refusal else None) == code
