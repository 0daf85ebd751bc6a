"""Accounts against a real server: edits, reactions, answers, rooms of a few, what was read, who is there."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from qtchat.client.state import Delivery, Entry, Quote, Reaction
from qtchat.client.trust import KEY_FILE
from qtchat.client.updates import (
    ConnectionUpdate,
    MembersUpdate,
    Phase,
    Problem,
    ProblemCode,
    ReadsUpdate,
    RequestDoneUpdate,
    SearchUpdate,
    ServerUpdate,
    TypingUpdate,
)
from qtchat.protocol.messages import DIRECT, PRIVATE, Ack, Edit, Error, GetHistory, Hello, JoinRoom, Message, Room
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, User
from tests.helpers.fakes import Guest, fake_server


def say(user: User, text: str, room: int = LOBBY, reply_to: int = 0) -> int:
    """Returns the seq."""
    message = user.account.post(room, text, reply_to)
    user.wait(lambda: any(e.id == message and e.seq is not None for e in user.state.rooms[room].entries))
    return next(e.seq or 0 for e in user.state.rooms[room].entries if e.id == message)


def entry(user: User, seq: int, room: int = LOBBY) -> Entry:
    found = user.state.rooms[room].post(seq)
    assert found is not None
    return found


def wait_entry(user: User, seq: int, fits: Callable[[Entry], bool], room: int = LOBBY) -> Entry:
    def there() -> bool:
        found = user.state.rooms[room].post(seq) if room in user.state.rooms else None
        return found is not None and fits(found)

    user.wait(there)
    return entry(user, seq, room)


def done(user: User, request: bytes) -> RequestDoneUpdate:
    """It was carried out."""
    update = user.wait_for(RequestDoneUpdate, lambda update: update.id == request)
    assert update.problem is None, update.problem
    return update


def refused(user: User, request: bytes) -> Problem:
    problem = user.wait_for(RequestDoneUpdate, lambda update: update.id == request).problem
    assert problem is not None
    return problem


def number(user: User) -> int:
    assert user.state.server is not None
    return user.state.server.user


# -- messages ---------------------------------------------------------------------------------------------


def test_what_was_said_is_edited_answered_reacted_to_and_taken_back(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    first = say(ada, "frist")
    done(ada, ada.account.edit(LOBBY, first, "first"))
    wait_entry(bob, first, lambda e: e.text == "first" and e.edited)
    answer = say(bob, "indeed", reply_to=first)
    assert wait_entry(ada, answer, lambda e: e.quote is not None).quote == Quote(first, "Ada", "first")
    done(bob, bob.account.react(LOBBY, first, "👍", True))
    done(ada, ada.account.react(LOBBY, first, "👍", True))
    done(ada, ada.account.react(LOBBY, first, "❤", True))
    both = (number(bob), number(ada))
    wanted = (Reaction("👍", both, own=True), Reaction("❤", both[1:], own=False))
    assert wait_entry(bob, first, lambda e: len(e.reactions) == 2).reactions == wanted
    done(bob, bob.account.react(LOBBY, first, "👍", False))
    wait_entry(ada, first, lambda e: e.reactions[:1] == (Reaction("👍", both[1:], own=True),))
    assert refused(bob, bob.account.delete(LOBBY, first)).code == "forbidden"
    done(ada, ada.account.delete(LOBBY, first))
    gone = wait_entry(bob, first, lambda e: e.deleted)
    assert (gone.text, gone.reactions) == ("", ())
    assert entry(bob, answer).quote == Quote(first, "Ada", "", deleted=True)
    assert refused(ada, ada.account.edit(LOBBY, first, "again")).code == "forbidden"


def test_who_comes_later_or_back_sees_it_as_it_is_now(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    first, second = say(ada, "one"), say(ada, "two")
    bob.wait_texts(["one", "two"])
    bob.stop()
    done(ada, ada.account.edit(LOBBY, first, "eins"))
    done(ada, ada.account.react(LOBBY, first, "👍", True))
    done(ada, ada.account.delete(LOBBY, second))
    say(ada, "three", reply_to=second)
    for _ in range(2):  # from the server, then from the disk
        for user in (enter("Bob"), enter("Eve")):
            user.wait(lambda user=user: user.texts() == ["eins", "", "three"])  # type: ignore[misc]
            shown = [e for e in user.lobby.entries if e.kind == "post"]
            assert [(e.edited, e.deleted, len(e.reactions)) for e in shown] == [
                (True, False, 1),
                (False, True, 0),
                (False, False, 0),
            ]
            assert shown[2].quote == Quote(second, "Ada", "", deleted=True)
            user.stop()


def test_old_messages_are_amended_quoted_and_found(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    old = say(ada, "an old pear")
    gone = say(ada, "a rotten pear")
    for text in map(str, range(150)):
        ada.account.post(LOBBY, text)
    bob.wait(lambda: len(bob.texts()) == 152)
    bob.stop()
    done(ada, ada.account.edit(LOBBY, old, "an old apple"))
    done(ada, ada.account.react(LOBBY, old, "🍏", True))
    done(ada, ada.account.delete(LOBBY, gone))
    answer = say(ada, "that one", reply_to=old)
    bob = enter("Bob").online()  # holds the newest page only
    wait_entry(bob, answer, lambda e: e.quote == Quote(old, "Ada", "an old apple"))
    assert bob.lobby.post(old) is None
    bob.account.load_around(LOBBY, old)
    shown = wait_entry(bob, old, lambda e: e.edited)
    assert (shown.text, shown.reactions) == ("an old apple", (Reaction("🍏", (number(ada),), own=False),))
    assert entry(bob, gone).deleted
    assert search(bob, "PEAR") == []
    assert search(bob, "app old") == ["an old apple"]
    eve = enter("Eve").online()
    eve.wait(lambda: eve.lobby.numbered > 0)  # the newest page
    eve.account.load_around(LOBBY, old)
    assert wait_entry(eve, old, lambda e: e.edited).reactions == shown.reactions
    assert entry(eve, answer).quote == Quote(old, "Ada", "an old apple")


def search(user: User, text: str, room: int | None = None, deeper: int = 0) -> list[str]:
    return [event.text for event in searched(user, text, room, deeper).events]


def searched(user: User, text: str, room: int | None = None, deeper: int = 0) -> SearchUpdate:
    asked = user.account.search(room, text, deeper)
    return user.wait_for(SearchUpdate, lambda update: update.id == asked)


def test_a_newcomer_finds_what_was_said_long_ago(enter: Enter) -> None:
    ada = enter("Ada").online()
    say(ada, "an old pear")
    for text in map(str, range(250)):
        ada.account.post(LOBBY, text)
    ada.wait(lambda: "249" in ada.texts() and all(e.seq for e in ada.lobby.entries))
    eve = enter("Eve").online()
    eve.wait(lambda: eve.lobby.numbered > 0)  # the newest page
    rows = eve.lobby.numbered
    shallow = searched(eve, "pear")
    assert (shallow.events, shallow.complete) == ((), False)
    asked = [eve.account.search(LOBBY, words, deeper=1_000) for words in ("pear", "an old")]  # typing on
    for search_id in asked:
        update = eve.wait_for(SearchUpdate, lambda update, wanted=search_id: update.id == wanted)  # type: ignore[misc]
        assert ([event.text for event in update.events], update.complete) == (["an old pear"], True)
    assert eve.lobby.numbered == rows, "what is open stays as it is"
    eve.stop()
    assert searched(enter("Eve"), "pear", deeper=1_000).complete


def test_one_finds_what_was_said_also_while_offline(server: Server, enter: Enter) -> None:
    ada = enter("Ada").online()
    say(ada, "Завтра в ШЕСТЬ")
    tea = done(ada, ada.account.create_room("tea")).room
    ada.wait_room("tea")
    say(ada, "завтрак", room=tea)
    assert search(ada, "завтра") == ["завтрак", "Завтра в ШЕСТЬ"]
    assert search(ada, "завтра", room=LOBBY) == ["Завтра в ШЕСТЬ"]
    ada.stop()
    offline = enter("Ada", link=server.link.replace(str(server.port), "1"))
    offline.wait_for(ConnectionUpdate, lambda update: update.phase is Phase.OFFLINE)
    assert search(offline, "шесть") == ["Завтра в ШЕСТЬ"]


# -- rooms ------------------------------------------------------------------------------------------------


def test_two_talk_in_a_room_of_their_own(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    room = done(ada, ada.account.open_direct(number(bob))).room
    assert done(bob, bob.account.open_direct(number(ada))).room == room
    for user, other in ((ada, bob), (bob, ada)):
        user.wait(lambda user=user: room in user.state.rooms)  # type: ignore[misc]
        told = user.state.rooms[room]
        assert (told.kind, told.other) == (DIRECT, number(other))
    assert (ada.state.rooms[room].name, bob.state.rooms[room].name) == ("Bob", "Ada")
    say(ada, "@Bob, psst", room)
    bob.wait(lambda: bob.state.rooms[room].unread == 1)
    assert bob.state.rooms[room].mentions == 0
    notes = done(ada, ada.account.open_direct(number(ada))).room
    ada.wait(lambda: notes in ada.state.rooms)
    assert (ada.state.rooms[notes].name, ada.state.rooms[notes].other) == ("Ada", number(ada))


def test_what_one_is_told_in_private_while_away_is_unread(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    other = number(bob)
    bob.stop()
    direct = done(ada, ada.account.open_direct(other)).room
    private = done(ada, ada.account.create_room("surprise", "cake", private=True)).room
    ada.wait_room("surprise")
    say(ada, "before", private)
    done(ada, ada.account.add_member(private, other))
    say(ada, "hi", direct)
    say(ada, "@bob: after", private)
    for _ in range(2):
        bob = enter("Bob").online()
        for room in (direct, private):
            bob.wait(lambda bob=bob, room=room: bob.state.rooms[room].unread == 1)  # type: ignore[misc]
        told = bob.state.rooms[private]
        assert (told.kind, told.topic, told.mentions) == (PRIVATE, "cake", 1)
        first = told.post(told.first_unread)
        assert first is not None
        assert first.text == "@bob: after"
        bob.stop()
    eve = enter("Eve").online()
    assert refused(eve, eve.account.join_room(private)).code == "room_unknown"
    done(ada, ada.account.set_topic(private, "two cakes"))
    assert ada.state.rooms[private].topic == "two cakes"
    kinds = [e.kind for e in ada.state.rooms[private].entries]
    assert kinds == ["created", "post", "added", "post", "topic"]


# -- what was read ----------------------------------------------------------------------------------------


def same_key(tmp_path: Path, owner: str, device: str) -> str:
    """A second device: another profile with the same key."""
    (tmp_path / device).mkdir()
    shutil.copy2(tmp_path / owner / KEY_FILE, tmp_path / device)
    return device


def test_what_was_read_on_one_device_is_read_on_the_other(enter: Enter, tmp_path: Path) -> None:
    bob, ada = enter("Bob").online(), enter("Ada").online()
    second = same_key(tmp_path, "Ada", "phone")
    phone = enter("Ada", profile=second).online()
    for text in ("one", "@ada two", "three"):
        say(bob, text)
    for device in (ada, phone):
        device.wait(lambda device=device: (device.lobby.unread, device.lobby.mentions) == (3, 1))  # type: ignore[misc]
    first = ada.lobby.first_unread
    ada.account.mark_read(LOBBY, first + 1)
    phone.wait(lambda: (phone.lobby.unread, phone.lobby.mentions) == (1, 0))
    assert phone.lobby.read == first + 1
    phone.stop()
    ada.account.mark_read(LOBBY, first + 2)
    bob.account.load_people(LOBBY)
    wait_entry(bob, first + 2, lambda e: e.delivery is Delivery.READ)
    assert [person.nick for person in bob.state.readers(LOBBY, first)] == ["Ada"]
    later = say(bob, "four")
    phone = enter("Ada", profile=second).online()
    phone.wait(lambda: phone.lobby.unread == 1)
    assert phone.lobby.first_unread == later
    tablet = enter("Ada", profile=same_key(tmp_path, "Ada", "tablet")).online()  # was never here
    tablet.wait(lambda: tablet.lobby.unread == 1)
    assert entry(bob, later).delivery is Delivery.SENT


def test_what_was_read_without_a_connection_is_told_with_the_next(enter: Enter, server: Server) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    seq = say(bob, "one")
    ada.wait(lambda: ada.lobby.unread == 1)
    ada.stop()
    offline = enter("Ada", link=server.link.replace(str(server.port), "1"))
    offline.wait_for(ConnectionUpdate, lambda update: update.phase is Phase.OFFLINE)
    offline.account.mark_read(LOBBY, seq)
    offline.stop()
    enter("Ada").online()
    bob.wait_for(ReadsUpdate, lambda update: (number(ada), seq) in update.reads)


def test_everything_unread_is_counted_though_only_the_newest_page_is_held(enter: Enter, tmp_path: Path) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    for text in map(str, range(800)):
        bob.account.post(LOBBY, f"@Ada {text}" if text == "7" else text)
    bob.wait(lambda: not bob.waiting() and len(bob.texts()) == 800)
    ada.wait(lambda: (ada.lobby.unread, ada.lobby.mentions) == (800, 1))
    first = ada.lobby.first_unread
    ada.stop()
    again = enter("Ada")  # before it is connected, from the disk
    again.wait(lambda: (again.lobby.unread, again.lobby.mentions, again.lobby.first_unread) == (800, 1, first))
    assert again.lobby.numbered < 800
    again.online()
    assert again.lobby.unread == 800
    phone = enter("Ada", profile=same_key(tmp_path, "Ada", "phone"))  # must fetch more than it shows
    phone.wait(lambda: (phone.lobby.unread, phone.lobby.mentions, phone.lobby.first_unread) == (800, 1, first))
    assert phone.lobby.numbered < 800
    bob.account.delete(LOBBY, first)
    for device in (again, phone):
        device.wait(lambda device=device: device.lobby.unread == 799)  # type: ignore[misc]


# -- people -----------------------------------------------------------------------------------------------


def test_who_types_is_away_or_called_otherwise_is_told(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    for user in (ada, bob):
        user.account.load_people(LOBBY)
        user.wait_for(MembersUpdate)
    bob.account.typing(LOBBY)
    bob.account.typing(LOBBY)
    ada.wait(lambda: list(ada.lobby.typing) == [number(bob)])
    say(bob, "said")
    ada.wait(lambda: "said" in ada.texts())
    assert ada.lobby.typing == {}
    assert ada.counted(TypingUpdate) == 1
    bob.account.set_presence(True, "asleep")
    ada.wait(lambda: ada.lobby.members[number(bob)].away)
    assert ada.lobby.members[number(bob)].status == "asleep"
    done(bob, bob.account.change_nick(" Robert "))
    assert bob.state.server is not None
    assert bob.state.server.nick == "Robert"
    ada.wait(lambda: ada.lobby.members[number(bob)].nick == "Robert")
    assert refused(bob, bob.account.change_nick("Ada")).code == "nick_taken"
    bob.stop()
    again = enter("", profile="Bob").online()
    assert again.wait_for(ServerUpdate).nick == "Robert"


def test_another_device_learns_the_new_name_and_keeps_it(enter: Enter, tmp_path: Path) -> None:
    ada = enter("Ada").online()
    second = same_key(tmp_path, "Ada", "phone")
    phone = enter("Ada", profile=second).online()
    done(ada, ada.account.change_nick("Adele"))
    phone.wait(lambda: phone.state.server is not None and phone.state.server.nick == "Adele")
    phone.stop()
    again = enter("", profile=second).online()
    assert again.state.server is not None
    assert again.state.server.nick == "Adele"


# -- when the connection breaks ---------------------------------------------------------------------------


def test_what_was_asked_while_connected_survives_a_reconnect(enter: Enter, two_servers: Callable[..., Server]) -> None:
    server = two_servers("server")
    ada = enter("Ada", server.link).online()
    seq = say(ada, "one")
    ada.account.set_presence(True, "gone")
    server.stop()
    edit = ada.account.edit(LOBBY, seq, "two")  # the end is not known yet, or it is: both are allowed
    ada.wait_phase(Phase.OFFLINE)
    late = ada.account.edit(LOBBY, seq, "three")
    assert refused(ada, late).code == ProblemCode.OFFLINE
    two_servers("server", server.port)
    bob = enter("Bob", server.link).online()
    bob.account.load_people(LOBBY)
    ada.account.connect_now()
    outcome = ada.wait_for(RequestDoneUpdate, lambda update: update.id == edit)
    wait_entry(bob, seq, lambda e: e.text == ("two" if outcome.problem is None else "one"))
    bob.wait(lambda: bob.lobby.members.get(number(ada)) is not None and bob.lobby.members[number(ada)].away)
    assert ada.lobby.members == {}


def test_a_request_whose_answer_was_lost_is_asked_again_with_the_same_id(enter: Enter, tmp_path: Path) -> None:
    asked: list[Edit] = []

    def script(guest: Guest, number: int) -> None:
        guest.login(Room(LOBBY, "lobby", "", 0, 1))
        asked.append(guest.expect(Edit))
        if number < 2:  # the connection breaks before the answer, twice
            return
        guest.send(Ack(asked[-1].id, LOBBY, 5, 0, duplicate=True))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        request = ada.account.edit(LOBBY, 3, "new")
        for lost in (1, 2):
            ada.wait(lambda lost=lost: phases(ada).count(Phase.OFFLINE) >= lost)  # type: ignore[misc]
            ada.account.connect_now()
        assert done(ada, request).room == LOBBY
        assert asked == [Edit(request, LOBBY, 3, "new")] * 3
        ada.stop()


def phases(user: User) -> list[Phase]:
    return [update.phase for update in user.updates if isinstance(update, ConnectionUpdate)]


@pytest.mark.parametrize("why", ["another history", "a decision"])
def test_where_the_next_connection_leads_elsewhere_what_was_asked_fails(enter: Enter, tmp_path: Path, why: str) -> None:
    def script(guest: Guest, number: int) -> None:
        if number == 0:
            guest.login(Room(LOBBY, "lobby", "", 0, 1))
            guest.expect(Edit)
        elif why == "another history":
            guest.login(Room(LOBBY, "lobby", "", 0, 1), epoch=2)
            guest.stay()
        else:
            guest.expect(Hello)
            guest.send(Error(b"", "version", "Too old."))

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        request = ada.account.edit(LOBBY, 3, "new")
        ada.wait(lambda: Phase.OFFLINE in phases(ada))
        ada.account.connect_now()
        assert refused(ada, request).code == ProblemCode.OFFLINE
        ada.stop()


def test_an_older_server_is_not_asked_what_it_would_not_answer(enter: Enter, tmp_path: Path) -> None:
    heard: list[Message] = []

    def script(guest: Guest, number: int) -> None:
        guest.login(Room(LOBBY, "lobby", "", 3, 1), capabilities=("presence",))
        while True:
            heard.append(guest.next())
            if isinstance(heard[-1], JoinRoom):
                guest.send(Ack(heard[-1].id, LOBBY, 3, 0, duplicate=True))

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        ada.account.typing(LOBBY)
        ada.account.set_presence(True, "away")
        ada.account.mark_read(LOBBY, 9)
        assert refused(ada, ada.account.react(LOBBY, 1, "+", True)).code == "version"
        done(ada, ada.account.join_room(LOBBY))
        ada.stop()
    assert {type(message) for message in heard} == {GetHistory, JoinRoom}
