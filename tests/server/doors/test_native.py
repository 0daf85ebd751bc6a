"""The native door over real TLS: logins, and the end."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from qtchat.net.signature import SigningKey
from qtchat.net.tls import public_key_of, server_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    Authenticate,
    GetHistory,
    History,
    ListPeople,
    People,
    Ping,
    Pong,
    Presence,
    Welcome,
)
from qtchat.server.app import Server
from tests.helpers.logs import LogWatch
from tests.helpers.visits import LOBBY, farewell, say
from tests.helpers.wire import PATIENCE, Connect, new_id

# -- logins ----------------------------------------------------------------------------------------------


def test_a_whole_visit(server: Server, connect: Connect, log: LogWatch) -> None:
    ada = connect()
    assert server_code(ada.server_key) == server.code
    ada.hello()
    welcome = ada.expect(Welcome)
    assert welcome.version == 1
    assert welcome.name == server.settings.shown_name
    assert welcome.epoch == 1
    assert abs(welcome.time / 1000 - time.time()) < PATIENCE
    ada._server_nonce = welcome.nonce
    ada.send(ada.claim("Ada"))
    first, room, ready = ada.next(), ada.next(), ada.next()
    assert [type(message).__name__ for message in (first, room, ready)] == ["Authenticated", "Room", "Ready"]
    assert (ada.rooms[LOBBY].name, ada.rooms[LOBBY].head, ada.rooms[LOBBY].members) == ("lobby", 1, 1)

    bob = connect("Bob")
    ack = say(bob, "hello")
    assert [(event.seq, event.nick, event.text) for event in ada.events(1)] == [(ack.seq, "Bob", "hello")]
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada", "Bob"]
    assert [event.text for event in ada.ask(GetHistory(new_id(), LOBBY), History).events] == ["", "", "hello"]
    bob.close()
    log.wait_for("Bob from 127.0.0.1 left: the peer closed the connection")


def test_the_same_key_is_the_same_user(connect: Connect) -> None:
    key = SigningKey.generate()
    desk, phone = connect(key=key), connect(key=key)
    first, second = desk.login("Ada"), phone.login("Ada")
    assert first.user == second.user
    say(phone, "from the phone")
    assert desk.events(1)[0].author == first.user


def test_a_taken_nick_is_refused_with_a_free_one(connect: Connect) -> None:
    connect("Ada")
    other = connect()
    other.introduce("ADA")
    error = farewell(other)
    assert (error.code, error.suggestion) == (ErrorCode.NICK_TAKEN, "ADA 2")
    assert error.text == "The name ADA belongs to somebody else here."
    assert connect().login(error.suggestion).nick == "ADA 2"


@pytest.mark.parametrize("nick", ["#root", "a:b", "a\u200bb", "   "])
def test_a_forbidden_nick_is_refused_in_words(connect: Connect, nick: str) -> None:
    client = connect()
    client.introduce(nick)
    error = farewell(client)
    assert error.code == ErrorCode.NICK_INVALID
    assert error.text.startswith("A name ")


def test_a_login_must_be_signed_for_this_connection(connect: Connect, log: LogWatch) -> None:
    first, second = connect(), connect()
    first.hello()
    first._server_nonce = first.expect(Welcome).nonce
    relayed = first.claim("Ada")  # correct, but for the other connection
    second.hello()
    second.expect(Welcome)
    second.send(relayed)
    assert farewell(second).code == ErrorCode.AUTH_FAILED
    log.wait_for("127.0.0.1 left: the signature does not fit this connection")
    first.send(relayed)
    assert first.next() is not None


def test_a_name_cannot_be_swapped_under_a_signature(connect: Connect) -> None:
    client = connect()
    client.hello()
    client._server_nonce = client.expect(Welcome).nonce
    claim = client.claim("Ada")
    client.send(Authenticate("Eve", claim.key, claim.signature))
    assert farewell(client).code == ErrorCode.AUTH_FAILED


def test_a_version_that_is_not_spoken_is_refused_in_words(connect: Connect) -> None:
    client = connect()
    client.hello(oldest=7, newest=9)
    error = farewell(client)
    assert error.code == ErrorCode.VERSION
    assert "versions 1 to 1, the client 7 to 9" in error.text


def test_a_newer_client_is_spoken_to_in_the_version_both_know(connect: Connect) -> None:
    client = connect()
    client.hello(newest=99)
    assert client.expect(Welcome).version == 1


def test_presence_is_for_those_who_asked(connect: Connect) -> None:
    deaf = connect()
    deaf.login("Deaf", capabilities=())
    ada, bob = connect("Ada"), connect("Bob")
    while not any(person.nick == "Bob" for person in ada.expect(Presence).people):
        pass
    say(bob, "hello")
    deaf.events(1)
    assert not [message for message in deaf.passed_over if isinstance(message, Presence)]


def test_a_ping_is_answered(connect: Connect) -> None:
    ada = connect("Ada")
    ada.send(Ping())
    assert ada.expect(Pong) == Pong()


# -- the end ---------------------------------------------------------------------------------------------


def test_everybody_is_told_that_the_server_closes(server: Server, connect: Connect) -> None:
    clients = [connect("Ada"), connect("Bob"), connect()]
    with ThreadPoolExecutor(len(clients)) as pool:
        farewells = pool.map(farewell, clients)
        assert server.stop()
        errors = list(farewells)
    assert {(error.code, error.text) for error in errors} == {(ErrorCode.CLOSING, "the server is shutting down")}


def test_a_certificate_of_this_server_is_shown(server: Server, connect: Connect) -> None:
    certificate = connect().sock.getpeercert(binary_form=True)
    assert certificate
    assert server_code(public_key_of(certificate)) == server.code
