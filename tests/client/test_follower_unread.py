"""What was not read: looked back for, and counted."""

from qtchat.client.cache import CachedRoom
from qtchat.client.follower import ROOMS_AT_ONCE, Follower, StoredRoom, read_rooms
from qtchat.client.older import PAGE
from qtchat.client.updates import OlderUpdate, UnreadUpdate
from qtchat.protocol.messages import KIND_REACTED, MAX_PAGE, Event, GetHistory, History
from tests.client.following import asked, event, events, held, lobby, page
from tests.helpers.lines import FakeLine


def test_what_is_unread_before_the_newest_page_is_fetched_and_counted(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(1000, read=150))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    for first, last in ((401, 900), (1, 400)):
        (request,) = line.take_sent()
        assert request == GetHistory(request.id, 1, None, last + 1, MAX_PAGE)
        follower.history(History(request.id, 1, events(first, last), first > 1, 1000), request)
        line.run_disk()
    assert line.sent == []
    assert line.told[-1] == UnreadUpdate(1, tuple((seq, False) for seq in range(151, 901)))
    assert not any(isinstance(update, OlderUpdate) for update in line.told)
    assert held(line) == (1, 1000)
    follower.ready()  # once is enough
    follower.pump()
    line.run_disk()
    assert line.sent == []


def test_when_the_connection_breaks_while_it_looks_back_it_counts_what_it_has_and_begins_again(
    line: FakeLine, follower: Follower
) -> None:
    follower.room(lobby(1000, read=150))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    (request,) = line.take_sent()
    follower.lost()
    follower.not_answered(request)
    line.run_disk()
    assert line.told[-1] == UnreadUpdate(1, ())
    follower.room(lobby(1000, read=950))  # read elsewhere meanwhile
    follower.ready()
    follower.pump()
    line.run_disk()
    assert looked_back(line) == []
    follower.lost()
    follower.reset()
    follower.room(lobby(1000, read=800))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    assert asked(line) == [(1, None, 901, MAX_PAGE)]


def test_of_many_rooms_with_something_unread_a_few_are_looked_at_at_a_time(line: FakeLine, follower: Follower) -> None:
    for number in range(1, 6):
        stored = lobby(300, number, read=9)
        follower.restore(StoredRoom(CachedRoom(stored, 9), (201, 300), events(201, 300, number), ()))
    line.online = False
    follower.authenticated()
    for number in range(1, 6):
        follower.room(lobby(300, number, read=9))
    follower.ready()
    follower.pump()
    line.run_disk()
    assert looked_back(line) == []
    line.online = True
    follower.pump()
    line.run_disk()
    assert len(looked_back(line)) == ROOMS_AT_ONCE


def looked_back(line: FakeLine) -> list[GetHistory]:
    return [request for request in line.take_sent() if request.before]


def test_the_disk_tells_what_is_unread_though_only_the_newest_page_is_shown(line: FakeLine) -> None:
    line.disk.cache.put_room(lobby(400))
    line.disk.cache.set_read(1, 100)
    line.disk.cache.append(1, events(1, 400))
    (stored,) = read_rooms(line.disk, 7, "Me")
    assert stored.newest == events(301, 400)
    assert stored.unread == tuple((seq, False) for seq in range(101, 301))
    assert (stored.held, stored.cached.read) == ((1, 400), 100)


def test_where_the_newest_events_have_no_rows_more_are_shown(line: FakeLine) -> None:
    line.disk.cache.put_room(lobby(400))
    reactions = tuple(Event(1, seq, event(seq).id, 0, 2, "Bob", KIND_REACTED, "+", 3) for seq in range(51, 401))
    line.disk.cache.append(1, events(1, 50) + reactions)
    (stored,) = read_rooms(line.disk, 7, "Me")
    assert stored.newest == events(1, 50) + reactions
    assert stored.unread == ()


def test_a_newest_page_without_a_row_is_followed_by_older_ones(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(200))
    follower.pump()
    (request,) = line.take_sent()
    reactions = tuple(Event(1, seq, event(seq).id, 0, 2, "Bob", KIND_REACTED, "+", 3) for seq in range(101, 201))
    follower.history(History(request.id, 1, reactions, True, 200), request)
    line.run_disk()
    assert asked(line) == [(1, None, 101, PAGE)]
