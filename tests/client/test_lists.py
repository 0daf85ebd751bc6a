"""Lists that come in pages."""

import pytest

from qtchat.client import lists as module
from qtchat.client.lists import Lists
from qtchat.client.updates import BansUpdate, DirectoryUpdate, MembersUpdate, RequestDoneUpdate, WaitingUpdate
from qtchat.protocol.messages import (
    MEMBER,
    OWNER,
    BanEntry,
    Bans,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    People,
    Person,
    Room,
    Rooms,
)
from tests.helpers.lines import FakeLine


def number(n: int) -> bytes:
    return n.to_bytes(16, "big")


def people(first: int, last: int) -> tuple[Person, ...]:
    return tuple(Person(user, f"n{user}", online=True) for user in range(first, last + 1))


def test_lists_are_told_when_they_are_whole(line: FakeLine) -> None:
    lists = Lists(line)
    lists.people(People(number(1), 4, people(1, 2), True, (7, 8)), ListPeople(number(1), 4))
    (following,) = line.take_sent()
    assert (following.room, following.after) == (4, 2)
    lists.people(People(following.id, 4, people(3, 3), False, (9,)), following)
    rooms = tuple(Room(n, f"r{n}", "", 0, 1) for n in (1, 2, 3))
    lists.rooms(Rooms(number(2), rooms[:2], True), ListRooms(number(2)))
    (following,) = line.take_sent()
    lists.rooms(Rooms(following.id, rooms[2:], False), following)
    assert line.told == [MembersUpdate(4, people(1, 3), (7, 8, 9)), DirectoryUpdate(rooms)]


def test_a_list_that_breaks_off_is_forgotten_and_reads_are_told_whole_or_not(line: FakeLine) -> None:
    lists = Lists(line)
    lists.people(People(number(1), 4, people(1, 2), True, (7, 8)), ListPeople(number(1), 4))
    (following,) = line.take_sent()
    lists.not_answered(following)
    lists.people(People(following.id, 4, people(3, 4), False, (1,)), following)
    assert line.told == [MembersUpdate(4, people(3, 4))]


def test_roles_are_told_with_the_people_or_not(line: FakeLine) -> None:
    lists = Lists(line)
    lists.people(People(number(1), 4, people(1, 1), True, (), (OWNER,)), ListPeople(number(1), 4))
    (following,) = line.take_sent()
    lists.people(People(following.id, 4, people(2, 2), False, (), (MEMBER,)), following)
    lists.people(People(number(2), 4, people(1, 2), False, (), (MEMBER,)), ListPeople(number(2), 4))
    assert line.told == [MembersUpdate(4, people(1, 2), (), (OWNER, MEMBER)), MembersUpdate(4, people(1, 2))]


def test_bans_and_newcomers_are_told_under_the_id_that_was_asked(line: FakeLine) -> None:
    lists = Lists(line)
    bans = tuple(BanEntry(user, "n", "by", "", 1, 0, False) for user in (3, 5))
    lists.bans(Bans(number(1), bans[:1], True), ListBans(number(1)))
    lists.waiting(People(number(2), 0, people(1, 2), True), ListWaiting(number(2)))
    more_bans, more_people = line.take_sent()
    assert (more_bans.after, more_people.after) == (3, 2)
    lists.bans(Bans(more_bans.id, bans[1:], False), more_bans)
    assert lists.not_answered(more_people) == number(2)
    lists.waiting(People(number(4), 0, people(1, 1), False), ListWaiting(number(4)))
    assert line.told == [
        BansUpdate(number(1), bans),
        RequestDoneUpdate(number(1), 0),
        WaitingUpdate(number(4), people(1, 1)),
        RequestDoneUpdate(number(4), 0),
    ]


@pytest.mark.parametrize(("pages", "items"), [(3, 1_000), (1_000, 6)])
def test_a_list_that_never_ends_is_told_as_far_as_it_came(
    line: FakeLine, monkeypatch: pytest.MonkeyPatch, pages: int, items: int
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", pages)
    monkeypatch.setattr(module, "MAX_ITEMS", items)
    lists, request = Lists(line), ListPeople(number(1), 4)
    for turn in range(10):
        lists.people(People(request.id, 4, people(2 * turn + 1, 2 * turn + 2), True), request)
        sent = line.take_sent()
        if not sent:
            break
        (request,) = sent
    assert line.told == [MembersUpdate(4, people(1, 6))]
