from collections.abc import Iterable

import msgspec
import pytest

from qtchat.protocol.errors import ErrorCode, LocalProtocolError, RemoteProtocolError
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    ADMIN,
    CAPABILITIES,
    MAX_FRAME,
    MAX_HANDSHAKE_FRAME,
    Ack,
    AddMember,
    Approve,
    Audit,
    Authenticate,
    Authenticated,
    Ban,
    Bans,
    Claim,
    ClientMessage,
    Colors,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    Event,
    GetAudit,
    GetHistory,
    Hello,
    History,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Message,
    Mute,
    OpenDirect,
    People,
    Person,
    Ping,
    Pong,
    Post,
    Presence,
    React,
    Reads,
    Ready,
    ReleaseNick,
    RevokeKey,
    Room,
    Rooms,
    Sanction,
    ServerMessage,
    SetNick,
    SetPresence,
    SetRole,
    SetRoom,
    SetTopic,
    Typing,
    Unban,
    Unmute,
    Waiting,
    Welcome,
)
from qtchat.protocol.session import (
    HANDSHAKE_TIMEOUT,
    SILENCE_TIMEOUT,
    TRANSITIONS,
    Role,
    Session,
    State,
    encode_all,
    negotiate_version,
)

ID = bytes(16)
EVENT = Event(1, 1, ID, 0, 1, "anna", "post", "hello")
HELLO = Hello(1, 1, tuple(sorted(CAPABILITIES)), "test", bytes(32))
WELCOME = Welcome(1, tuple(sorted(CAPABILITIES)), ID, 1, "server", bytes(32))
AUTHENTICATE = Authenticate("anna", bytes(32), bytes(64))
AUTHENTICATED = Authenticated(1, "anna")

EXAMPLES: dict[type[Message], Message] = {
    type(message): message
    for message in (
        HELLO,
        WELCOME,
        AUTHENTICATE,
        AUTHENTICATED,
        Ready(),
        CreateRoom(ID, "general"),
        OpenDirect(ID, 2),
        AddMember(ID, 1, 2),
        JoinRoom(ID, 1),
        LeaveRoom(ID, 1),
        SetTopic(ID, 1, "this and that"),
        Post(ID, 1, "hello"),
        Edit(ID, 1, 1, "hello!"),
        Delete(ID, 1, 1),
        React(ID, 1, 1, "👍"),
        MarkRead(ID, 1, 1),
        SetPresence(ID, True),
        SetNick(ID, "anna maria"),
        SetRole(ID, 0, 2, ADMIN),
        SetRoom(ID, 1, "slow_ms", "5000"),
        Kick(ID, 1, 2),
        Ban(ID, 2),
        Unban(ID, 2),
        Mute(ID, 1, 2),
        Unmute(ID, 1, 2),
        Approve(ID, 2),
        ReleaseNick(ID, "anna"),
        RevokeKey(ID, 2),
        Claim(ID, "token"),
        ListBans(ID),
        ListWaiting(ID),
        GetAudit(ID),
        GetHistory(ID, 1),
        ListRooms(ID),
        ListPeople(ID, 1),
        Typing(1),
        Ack(ID, 1, 1, 0),
        Done(ID),
        EVENT,
        Room(1, "lobby", "", 0, 1),
        History(ID, 1, (EVENT,), False, 1),
        Rooms(ID, (), False),
        People(ID, 1, (), False),
        Presence((Person(1, "anna", True),)),
        Colors(((1, 2),)),
        Reads(1, ((1, 1),)),
        Bans(ID, (), False),
        Audit(ID, (), False),
        Sanction("mute", 1, "anna", "spam"),
        Waiting(1),
        Ping(),
        Pong(),
        Error(ID, ErrorCode.BUSY, "wait", 100),
    )
}
HANDSHAKE: tuple[tuple[Role, Message], ...] = (
    (Role.CLIENT, HELLO),
    (Role.SERVER, WELCOME),
    (Role.CLIENT, AUTHENTICATE),
    (Role.SERVER, AUTHENTICATED),
)
STATES = (State.HELLO, State.WELCOME, State.AUTHENTICATE, State.VERIFY, State.OPEN, State.CLOSING)
SENDABLE = {Role.CLIENT: ClientMessage.__args__, Role.SERVER: ServerMessage.__args__}
CASES = [(role, state, kind) for role in Role for state in STATES for kind in SENDABLE[role]]


def other(role: Role) -> Role:
    return Role.SERVER if role is Role.CLIENT else Role.CLIENT


def session_in(role: Role, state: State, now: float = 0.0) -> Session:
    """A session of `role` that came to `state` the proper way."""
    session = Session(role, now)
    for sender, message in HANDSHAKE[: STATES.index(min(state, State.OPEN, key=STATES.index))]:
        if sender is role:
            session.send(message)
        else:
            session.receive_data(encode_frame(message), now)
    if state is State.CLOSING:
        session.fail(RemoteProtocolError(ErrorCode.CLOSING, "the end"))
    session.data_to_send()
    assert session.state is state
    return session


def received(session: Session, messages: Iterable[Message], now: float = 0.0) -> list[Message]:
    return session.receive_data(encode_all(list(messages)), now)


def code_of(session: Session) -> ErrorCode | None:
    """Why the session ended, if it did."""
    return session.error.code if session.error else None


def said(session: Session, to: Role = Role.CLIENT) -> list[Message]:
    """What the session has to send, as its peer reads it."""
    reader = session_in(to, State.OPEN)
    return reader.receive_data(session.data_to_send(), 0.0)


def test_the_examples_are_complete() -> None:
    assert set(EXAMPLES) == {*ClientMessage.__args__, *ServerMessage.__args__}
    assert set(TRANSITIONS) == {(role, state) for role in Role for state in State}


# -- the table ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sender", "state", "kind"), CASES, ids=lambda value: getattr(value, "value", None))
def test_a_message_is_received_exactly_where_the_table_allows_it(
    sender: Role, state: State, kind: type[Message]
) -> None:
    session = session_in(other(sender), state)
    message = EXAMPLES[kind]
    taken = received(session, [message])
    moves = TRANSITIONS[sender, state]
    if state is State.CLOSING:
        assert taken == []
        assert session.state is State.CLOSING
        assert session.data_to_send() == b""
    elif kind in moves:
        assert taken == [message]
        assert session.error is None
        assert session.state is (moves[kind] or state)
    else:
        assert taken == []
        assert session.state is State.CLOSING
        assert session.error is not None
        assert session.error.code is ErrorCode.UNEXPECTED
        assert str(kind.__struct_config__.tag) in session.error.text
        assert state.value in session.error.text


@pytest.mark.parametrize(("sender", "state", "kind"), CASES, ids=lambda value: getattr(value, "value", None))
def test_a_message_is_sent_exactly_where_the_table_allows_it(sender: Role, state: State, kind: type[Message]) -> None:
    session = session_in(sender, state)
    session.peer_capabilities = CAPABILITIES
    message = EXAMPLES[kind]
    moves = TRANSITIONS[sender, state]
    if state is State.CLOSING:  # the peer may have ended it a moment before
        session.send(message)
        assert session.data_to_send() == b""
    elif kind in moves:
        session.send(message)
        assert session.data_to_send() == encode_frame(message)
        assert session.state is (moves[kind] or state)
    else:
        with pytest.raises(LocalProtocolError, match=f"{sender.value} may not send {kind.__name__} in {state.value}"):
            session.send(message)
        assert session.data_to_send() == b""
        assert session.state is state


def test_the_table_is_what_the_specification_says_of_the_handshake() -> None:
    both = {state: (TRANSITIONS[Role.CLIENT, state], TRANSITIONS[Role.SERVER, state]) for state in State}
    assert both[State.HELLO] == ({Hello: State.WELCOME}, {Error: None})
    assert both[State.WELCOME] == ({}, {Welcome: State.AUTHENTICATE, Error: None})
    assert both[State.AUTHENTICATE] == ({Authenticate: State.VERIFY}, {Error: None})
    assert both[State.VERIFY] == ({}, {Authenticated: State.OPEN, Error: None})
    assert both[State.CLOSING] == ({}, {})
    assert {Hello, Authenticate} & set(both[State.OPEN][0]) == set()
    assert {Welcome, Authenticated} & set(both[State.OPEN][1]) == set()


@pytest.mark.parametrize("state", STATES[:-1])
def test_an_error_without_re_ends_the_session_on_both_sides(state: State) -> None:
    server, client = session_in(Role.SERVER, state), session_in(Role.CLIENT, state)
    error = Error(b"", ErrorCode.NICK_TAKEN, "taken", suggestion="anna 2")
    server.send(error)
    assert client.receive_data(server.data_to_send(), 0.0) == [error]
    for session in (server, client):
        assert session.state is State.CLOSING
        assert session.error is not None
        assert (session.error.code, session.error.text) == (ErrorCode.NICK_TAKEN, "taken")
    assert client.data_to_send() == b""


def test_an_error_that_answers_a_request_ends_nothing() -> None:
    client = session_in(Role.CLIENT, State.OPEN)
    assert len(received(client, [Error(ID, ErrorCode.ROOM_UNKNOWN, "no"), EVENT])) == 2
    assert client.state is State.OPEN
    assert client.error is None


def test_a_whole_conversation() -> None:
    client, server = Session(Role.CLIENT, 0.0), Session(Role.SERVER, 0.0)
    sessions = {Role.CLIENT: client, Role.SERVER: server}
    for sender, message in HANDSHAKE:
        sessions[sender].send(message)
        assert sessions[other(sender)].receive_data(sessions[sender].data_to_send(), 0.0) == [message]
    post = Post(ID, 1, "hello")
    client.send(post)
    assert server.receive_data(client.data_to_send(), 1.0) == [post]
    server.send(Ack(ID, 1, 1, 0))
    server.send(EVENT)
    assert client.receive_data(server.data_to_send(), 1.0) == [Ack(ID, 1, 1, 0), EVENT]
    assert client.state is server.state is State.OPEN


# -- violations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", ErrorCode.BAD_FRAME),
        (b"\0\0\0\0", ErrorCode.BAD_FRAME),
        (b"\0\0\0\x01\xc1", ErrorCode.BAD_MESSAGE),
        ((MAX_FRAME + 1).to_bytes(4, "big"), ErrorCode.TOO_LARGE),
        (encode_frame(HELLO), ErrorCode.UNEXPECTED),
    ],
)
def test_a_violation_is_answered_once_and_then_there_is_silence(data: bytes, code: ErrorCode) -> None:
    session = session_in(Role.SERVER, State.OPEN)
    ping = Ping()
    assert session.receive_data(encode_frame(ping) + data + encode_frame(ping), 0.0) == [ping]
    assert session.state is State.CLOSING
    pong, error = said(session)
    assert pong == Pong()
    assert isinstance(error, Error)
    assert (error.re, error.code) == (b"", code)
    session.fail(RemoteProtocolError(ErrorCode.CLOSING, "again"))
    session.check(1e9)
    assert session.receive_data(encode_frame(ping) + data, 0.0) == []
    session.send(Pong())
    assert session.data_to_send() == b""
    assert code_of(session) is code


def test_a_client_says_nothing_about_a_violation() -> None:
    session = session_in(Role.CLIENT, State.OPEN)
    assert session.receive_data(b"\0\0\0\x01\xc1", 0.0) == []
    assert session.state is State.CLOSING
    assert session.error is not None
    assert session.data_to_send() == b""


def test_a_very_long_reason_is_cut_to_what_the_wire_takes() -> None:
    session = session_in(Role.SERVER, State.OPEN)
    session.fail(RemoteProtocolError(ErrorCode.CLOSING, "x" * 5000))
    (error,) = said(session)
    assert isinstance(error, Error)
    assert len(error.text) == 1024


def test_what_came_before_a_violation_in_one_chunk_cannot_be_answered_and_that_is_nobodys_bug() -> None:
    session = Session(Role.SERVER, 0.0)
    assert received(session, [HELLO, HELLO]) == [HELLO]
    session.send(WELCOME)
    (error,) = said(session)
    assert isinstance(error, Error)
    assert error.code == ErrorCode.UNEXPECTED


def test_unknown_messages_are_skipped_in_every_state_but_the_last() -> None:
    body = msgspec.msgpack.encode(["made_up_later", 1])
    for role in Role:
        for state in STATES[:-1]:
            session = session_in(role, state)
            assert session.receive_data(len(body).to_bytes(4, "big") + body, 0.0) == []
            assert (session.state, session.skipped, session.error) == (state, 1, None)


# -- frames -------------------------------------------------------------------------------------------


def padded(size: int) -> bytes:
    """A frame of `size` bytes that holds a Ping and a field that this version does not know."""
    body = msgspec.msgpack.encode(["ping", [], bytes(size - 10)])
    assert len(body) == size
    return size.to_bytes(4, "big") + body


def long_hello(size: int) -> bytes:
    wire = [*msgspec.msgpack.decode(msgspec.msgpack.encode(HELLO)), b""]
    wire[-1] = bytes(size - len(msgspec.msgpack.encode(wire)) - 1)
    body = msgspec.msgpack.encode(wire)
    assert len(body) == size
    return size.to_bytes(4, "big") + body


def test_before_the_session_is_open_frames_are_short() -> None:
    assert Session(Role.SERVER, 0.0).receive_data(long_hello(MAX_HANDSHAKE_FRAME), 0.0) == [HELLO]
    session = Session(Role.SERVER, 0.0)
    assert session.receive_data(long_hello(MAX_HANDSHAKE_FRAME + 1), 0.0) == []
    assert code_of(session) is ErrorCode.TOO_LARGE


def test_the_limit_rises_with_the_message_that_opens_the_session_even_within_one_chunk() -> None:
    session = session_in(Role.CLIENT, State.VERIFY)
    assert session.receive_data(encode_frame(AUTHENTICATED) + padded(MAX_FRAME), 0.0) == [AUTHENTICATED, Ping()]
    assert session.error is None


def test_the_limit_has_not_risen_before() -> None:
    session = session_in(Role.SERVER, State.AUTHENTICATE)
    assert session.receive_data(encode_frame(AUTHENTICATE) + padded(MAX_HANDSHAKE_FRAME + 1), 0.0) == [AUTHENTICATE]
    assert code_of(session) is ErrorCode.TOO_LARGE


def test_the_servers_limit_rises_when_it_opens_the_session() -> None:
    session = session_in(Role.SERVER, State.OPEN)
    assert session.receive_data(padded(MAX_FRAME), 0.0) == [Ping()]
    session.receive_data((MAX_FRAME + 1).to_bytes(4, "big"), 0.0)
    assert code_of(session) is ErrorCode.TOO_LARGE


# -- capabilities, versions ---------------------------------------------------------------------------


def test_what_needs_a_capability_is_not_sent_to_a_peer_that_did_not_announce_it() -> None:
    presence = Presence(())
    server = session_in(Role.SERVER, State.OPEN)
    server.send(presence)
    plain = Session(Role.SERVER, 0.0)
    received(plain, [Hello(1, 1, (), "plain", bytes(32))])
    plain.send(WELCOME)
    received(plain, [AUTHENTICATE])
    plain.send(AUTHENTICATED)
    plain.data_to_send()
    with pytest.raises(LocalProtocolError, match="presence"):
        plain.send(presence)
    assert plain.data_to_send() == b""


@pytest.mark.parametrize("role", Role)
def test_capabilities_are_those_of_the_peer_not_our_own(role: Role) -> None:
    session = session_in(role, State.OPEN)
    assert session.peer_capabilities == CAPABILITIES
    client = Session(Role.CLIENT, 0.0)
    client.send(HELLO)
    assert client.peer_capabilities == frozenset()


@pytest.mark.parametrize(("oldest", "newest", "version"), [(1, 1, 1), (1, 7, 1), (0, 1, 1)])
def test_the_newest_version_that_both_speak(oldest: int, newest: int, version: int) -> None:
    assert negotiate_version(Hello(oldest, newest, (), "x", bytes(32))) == version


@pytest.mark.parametrize(("oldest", "newest"), [(2, 7), (0, 0), (1, 0), (7, 1)])
def test_no_version_in_common(oldest: int, newest: int) -> None:
    with pytest.raises(RemoteProtocolError, match="needs an update") as refusal:
        negotiate_version(Hello(oldest, newest, (), "x", bytes(32)))
    assert refusal.value.code is ErrorCode.VERSION


@pytest.mark.parametrize("version", [0, 2])
def test_a_server_that_chooses_a_version_that_was_not_offered(version: int) -> None:
    session = session_in(Role.CLIENT, State.WELCOME)
    assert received(session, [Welcome(version, (), ID, 1, "server", bytes(32))]) == []
    assert code_of(session) is ErrorCode.VERSION


# -- time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("state", STATES[:4])
def test_a_login_that_takes_too_long(role: Role, state: State) -> None:
    session = session_in(role, state, now=100.0)
    session.receive_data(b"\0", 100.0 + HANDSHAKE_TIMEOUT)  # a byte now and then does not help
    session.check(100.0 + HANDSHAKE_TIMEOUT)
    assert session.state is state
    session.check(100.1 + HANDSHAKE_TIMEOUT)
    assert session.state is State.CLOSING
    assert code_of(session) is ErrorCode.TIMEOUT


@pytest.mark.parametrize("role", Role)
def test_the_silence_of_a_peer_that_is_not_asked(role: Role) -> None:
    session = session_in(role, State.OPEN, now=100.0)
    session.excuse(500.0)
    session.check(500.0 + SILENCE_TIMEOUT)
    assert code_of(session) is None
    session.check(500.1 + SILENCE_TIMEOUT)
    assert code_of(session) is ErrorCode.TIMEOUT


@pytest.mark.parametrize("role", Role)
def test_a_peer_that_has_fallen_silent(role: Role) -> None:
    session = session_in(role, State.OPEN, now=100.0)
    session.check(100.0 + SILENCE_TIMEOUT)
    assert session.state is State.OPEN
    session.receive_data(b"\0", 140.0)  # any byte is a sign of life
    session.check(140.0 + SILENCE_TIMEOUT)
    assert code_of(session) is None
    session.check(140.1 + SILENCE_TIMEOUT)
    assert code_of(session) is ErrorCode.TIMEOUT


@pytest.mark.parametrize("role", Role)
def test_a_ping_is_answered_at_once_and_told(role: Role) -> None:
    session = session_in(role, State.OPEN)
    assert received(session, [Ping(), Ping()]) == [Ping(), Ping()]
    assert session.data_to_send() == encode_frame(Pong()) * 2
    assert received(session, [Pong()]) == [Pong()]
    assert session.data_to_send() == b""


def test_data_to_send_gives_everything_once_and_in_order() -> None:
    session = session_in(Role.SERVER, State.OPEN)
    session.send(EVENT)
    session.send(Ready())
    assert session.data_to_send() == encode_all([EVENT, Ready()])
    assert session.data_to_send() == b""
