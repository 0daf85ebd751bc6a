"""The native door over real TLS: everything that people do to messages, rooms and themselves, from byte to byte."""

from pathlib import Path

from qtchat.net.signature import SigningKey
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    CAPABILITIES,
    DIRECT,
    LOBBY,
    PRIVATE,
    Ack,
    AddMember,
    Colors,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    GetHistory,
    History,
    ListPeople,
    ListRooms,
    MarkRead,
    OpenDirect,
    People,
    Person,
    Post,
    Presence,
    React,
    Reads,
    Room,
    Rooms,
    SetNick,
    SetPresence,
    SetTopic,
    Typing,
)
from tests.helpers.servers import running_server
from tests.helpers.wire import Connect, WireClient, new_id

ALL = tuple(CAPABILITIES)


def person(client: WireClient, user: int, **wanted: object) -> Person:
    """The first news of `user` that looks like this."""
    while True:
        for found in client.expect(Presence).people:
            if found.user == user and all(getattr(found, name) == value for name, value in wanted.items()):
                return found


def entered(client: WireClient, number: int) -> Room:
    """What is said of a room when it is entered."""
    while number not in client.rooms:
        client.expect(Room)
    return client.rooms[number]


def test_messages_about_messages(connect: Connect) -> None:
    ada, bob = connect("Ada"), connect("Bob")
    seq = ada.ask(Post(new_id(), LOBBY, "secret"), Ack).seq
    answer = bob.ask(Post(new_id(), LOBBY, "what?", seq), Ack).seq
    ada.ask(Edit(new_id(), LOBBY, seq, "no secret"), Ack)
    bob.ask(React(new_id(), LOBBY, seq, "👍"), Ack)
    assert bob.ask(React(new_id(), LOBBY, seq, "👍"), Ack).duplicate
    assert bob.ask(Edit(new_id(), LOBBY, seq, "not mine"), Error).code == ErrorCode.FORBIDDEN
    assert bob.ask(Post(new_id(), LOBBY, "x", 999), Error).code == ErrorCode.FORBIDDEN
    bob.ask(React(new_id(), LOBBY, seq, "👍", add=False), Ack)
    last = ada.ask(Delete(new_id(), LOBBY, seq), Ack).seq
    page = bob.ask(GetHistory(new_id(), LOBBY, after=seq - 1), History)
    assert [(event.seq, event.kind, event.text, event.about) for event in page.events] == [
        (seq, "post", "", 0),
        (answer, "post", "what?", seq),
        (seq + 2, "edited", "", seq),
        (seq + 3, "reacted", "👍", seq),
        (seq + 4, "unreacted", "👍", seq),
        (last, "deleted", "", seq),
    ]


def test_private_and_direct_rooms(connect: Connect) -> None:
    ada, bob, cy = connect("Ada"), connect("Bob"), connect("Cy")
    lab = ada.ask(CreateRoom(new_id(), "Lab", private=True), Ack).room
    ada.ask(AddMember(new_id(), lab, 2), Ack)
    assert entered(bob, lab).kind == PRIVATE
    bob.ask(SetTopic(new_id(), lab, "us two"), Ack)
    direct = bob.ask(OpenDirect(new_id(), 1), Ack).room
    shown = entered(ada, direct)
    assert (shown.name, shown.kind, shown.other) == ("Bob", DIRECT, 2)
    assert [room.room for room in cy.ask(ListRooms(new_id()), Rooms).rooms] == [LOBBY]
    for number in (lab, direct):
        assert cy.ask(Post(new_id(), number, "let me in"), Error).code == ErrorCode.ROOM_UNKNOWN
        assert cy.ask(GetHistory(new_id(), number), Error).code == ErrorCode.ROOM_UNKNOWN
        assert cy.ask(ListPeople(new_id(), number), Error).code == ErrorCode.ROOM_UNKNOWN
    assert [room.topic for room in ada.ask(ListRooms(new_id()), Rooms).rooms] == ["", "us two", ""]


def test_typing_reaches_the_others_and_needs_no_answer(connect: Connect) -> None:
    ada, bob, plain = connect("Ada", capabilities=ALL), connect("Bob", capabilities=ALL), connect("Plain")
    ada.send(Typing(LOBBY))
    assert bob.expect(Typing) == Typing(LOBBY, 1)
    ada.ask(Post(new_id(), LOBBY, "done"), Ack)
    plain.events(1)
    assert not [message for client in (ada, plain) for message in client.passed_over if isinstance(message, Typing)]


def test_read_marks_reach_the_others_and_another_device(connect: Connect) -> None:
    key = SigningKey.generate()
    ada, bob = connect("Ada", key, capabilities=ALL), connect("Bob", capabilities=ALL)
    seq = bob.ask(Post(new_id(), LOBBY, "hello"), Ack).seq
    request = MarkRead(new_id(), LOBBY, seq)
    assert ada.ask(request, Done).re == request.id
    for client in (ada, bob):
        assert client.expect(Reads) == Reads(LOBBY, ((1, seq),))
    people = bob.ask(ListPeople(new_id(), LOBBY), People)
    assert dict(zip([person.user for person in people.people], people.reads, strict=True))[1] == seq
    phone = connect("Ada", key)
    assert phone.rooms[LOBBY].read == seq


def test_presence_nicks_and_statuses(connect: Connect) -> None:
    ada, bob = connect("Ada"), connect("Bob")
    ada.ask(SetPresence(new_id(), True, "at lunch"), Done)
    assert person(bob, 1, away=True).status == "at lunch"
    ada.ask(SetNick(new_id(), "Countess"), Done)
    assert person(bob, 1, nick="Countess").online
    error = bob.ask(SetNick(new_id(), "ada"), Error)
    assert (error.code, error.suggestion) == (ErrorCode.NICK_TAKEN, "ada 2")
    assert bob.ask(SetNick(new_id(), "#bob"), Error).code == ErrorCode.NICK_INVALID
    ada.close()
    assert person(bob, 1, online=False).seen > 1_600_000_000_000


def test_colours_are_told_to_those_who_want_them(connect: Connect) -> None:
    key = SigningKey.generate()
    ada, bob, old = connect("Ada", key, capabilities=ALL), connect("Bob", capabilities=ALL), connect("Old")
    for client in (ada, bob):
        assert client.expect(Colors) == Colors((), anew=True)
    ada.ask(SetPresence(new_id(), False, color=3), Done)
    for client in (ada, bob):
        assert client.expect(Colors) == Colors(((1, 3),))
    assert connect("Eve", capabilities=ALL).expect(Colors) == Colors(((1, 3),), anew=True)
    ada.ask(SetPresence(new_id(), False, "out"), Done)  # leaves the colour as it is
    ada.ask(SetPresence(new_id(), False, color=0), Done)
    assert bob.expect(Colors) == Colors(((1, 0),))
    old.ask(Post(new_id(), LOBBY, "black and white"), Ack)
    assert not [message for message in old.passed_over if isinstance(message, Colors)]


def test_all_of_it_is_there_after_a_restart(tmp_path: Path) -> None:
    keys = {nick: SigningKey.generate() for nick in ("Ada", "Bob")}
    with (
        running_server(tmp_path) as server,
        WireClient(server.port, keys["Ada"]) as ada,
        WireClient(server.port, keys["Bob"]) as bob,
    ):
        ada.login("Ada")
        bob.login("Bob")
        lab = ada.ask(CreateRoom(new_id(), "Lab", "old", private=True), Ack).room
        ada.ask(AddMember(new_id(), lab, 2), Ack)
        ada.ask(SetTopic(new_id(), lab, "new"), Ack)
        direct = ada.ask(OpenDirect(new_id(), 2), Ack).room
        ada.ask(Post(new_id(), direct, "psst"), Ack)
        bob.ask(MarkRead(new_id(), direct, 2), Done)
        bob.ask(SetPresence(new_id(), False, "out", 2), Done)
        ada.ask(SetNick(new_id(), "Countess"), Done)
        before = {number: ada.ask(GetHistory(new_id(), number), History).events for number in (LOBBY, lab, direct)}
        first = ada.ask(OpenDirect(new_id(), 2), Ack)
    with running_server(tmp_path) as server, WireClient(server.port, keys["Bob"]) as bob:
        bob.login("Bob", capabilities=ALL)
        assert bob.expect(Colors) == Colors(((2, 2),), anew=True)
        assert bob.rooms == {
            LOBBY: Room(LOBBY, "lobby", "", 2, 2, read=1),
            lab: Room(lab, "Lab", "new", 3, 2, kind=PRIVATE, read=1),
            direct: Room(direct, "Countess", "", 2, 2, kind=DIRECT, read=2, other=1),
        }
        assert {number: bob.ask(GetHistory(new_id(), number), History).events for number in before} == before
        again = bob.ask(OpenDirect(new_id(), 1), Ack)
        assert (again.room, again.seq, again.ts, again.duplicate) == (direct, first.seq, first.ts, True)
        people = {person.nick: person for person in bob.ask(ListPeople(new_id(), LOBBY), People).people}
        assert people["Bob"].status == "out"
        assert people["Countess"].seen > 1_600_000_000_000
