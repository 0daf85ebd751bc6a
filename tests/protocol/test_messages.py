from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from qtchat.net.signature import SigningKey, verify
from qtchat.protocol.errors import ErrorCode, RemoteProtocolError
from qtchat.protocol.framing import HEADER_SIZE, encode_frame
from qtchat.protocol.messages import (
    CAPABILITIES,
    MAX_EMOJI,
    MAX_FRAME,
    MAX_PAGE,
    MAX_PASSWORD,
    MAX_REASON,
    MAX_STATUS,
    MAX_TEXT,
    MEMBER,
    REQUIRES,
    Authenticated,
    Ban,
    ClientMessage,
    Colors,
    CreateRoom,
    Error,
    Event,
    Hello,
    Message,
    People,
    Person,
    Ping,
    Pong,
    Post,
    Presence,
    React,
    Reads,
    Request,
    Room,
    Sanction,
    ServerMessage,
    Typing,
    Waiting,
    signed_content,
)
from qtchat.protocol.session import Role, decode

CLIENT_MESSAGES: tuple[type[Message], ...] = ClientMessage.__args__
SERVER_MESSAGES: tuple[type[Message], ...] = ServerMessage.__args__
MESSAGES = tuple(dict.fromkeys((*CLIENT_MESSAGES, *SERVER_MESSAGES)))
ID = bytes(range(16))


def defined_messages(base: type[Message] = Message) -> set[type[Message]]:
    found = {base} - {Message, Request}
    return found.union(*(defined_messages(kind) for kind in base.__subclasses__()))


def receiver(kind: type[Message]) -> Role:
    return Role.SERVER if kind in CLIENT_MESSAGES else Role.CLIENT


def tag(kind: type[Message]) -> str:
    return str(kind.__struct_config__.tag)


def values(info: inspect.Type) -> st.SearchStrategy[Any]:
    """Everything that a field of this type may hold; lists are kept short."""
    match info:
        case inspect.IntType():
            return st.integers(info.ge, info.le)
        case inspect.BoolType():
            return st.booleans()
        case inspect.NoneType():
            return st.none()
        case inspect.StrType():
            return st.text(st.characters(codec="utf-8"), min_size=info.min_length or 0, max_size=info.max_length or 100)
        case inspect.BytesType():
            return st.binary(min_size=info.min_length or 0, max_size=info.max_length or 100)
        case inspect.VarTupleType():
            return st.lists(values(info.item_type), max_size=3).map(tuple)
        case inspect.TupleType():
            return st.tuples(*map(values, info.item_types))
        case inspect.UnionType():
            return st.one_of(*map(values, info.types))
        case inspect.StructType():
            return st.builds(info.cls, **{field.name: values(field.type) for field in info.fields})
        case _:
            raise AssertionError(f"no values are known for {info}")


any_message: st.SearchStrategy[Message] = st.one_of([values(inspect.type_info(kind)) for kind in MESSAGES])


# -- the registry -------------------------------------------------------------------------------------


def test_every_message_class_is_said_by_somebody_and_by_its_own_tag() -> None:
    assert defined_messages() == set(MESSAGES)
    assert len({tag(kind) for kind in MESSAGES}) == len(MESSAGES)


def test_every_request_comes_from_the_client_and_every_reply_names_it_first() -> None:
    for kind in MESSAGES:
        if issubclass(kind, Request):
            assert kind in CLIENT_MESSAGES
            assert kind not in SERVER_MESSAGES
            assert kind.__struct_fields__[0] == "id"
        if "re" in kind.__struct_fields__:
            assert kind in SERVER_MESSAGES
            assert kind.__struct_fields__[0] == "re"


def test_what_needs_a_capability_needs_a_known_one() -> None:
    assert set(REQUIRES.values()) <= CAPABILITIES
    assert {
        Presence: "presence",
        Typing: "typing",
        Colors: "colors",
        Reads: "reads",
        Sanction: "moderation",
        Waiting: "moderation",
    } == REQUIRES


# -- the codec ----------------------------------------------------------------------------------------


@given(any_message)
@settings(max_examples=150)
def test_every_message_round_trips(message: Message) -> None:
    assert decode(receiver(type(message)), encode_frame(message)[HEADER_SIZE:]) == message


@given(any_message, st.lists(st.none() | st.integers(0, 9) | st.text(max_size=3) | st.just([[{}]]), min_size=1))
@settings(max_examples=50)
def test_fields_that_a_later_version_appended_are_skipped(message: Message, extra: list[Any]) -> None:
    wire = [*msgspec.msgpack.decode(msgspec.msgpack.encode(message)), *extra]
    assert decode(receiver(type(message)), msgspec.msgpack.encode(wire)) == message


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (["create_room", ID, "general"], CreateRoom(ID, "general", "")),
        (["create_room", ID, "general", "topic"], CreateRoom(ID, "general", "topic", private=False)),
        (["post", ID, 1, "hello"], Post(ID, 1, "hello", 0)),
        (["react", ID, 1, 2, "👍"], React(ID, 1, 2, "👍", add=True)),
        (["event", 1, 2, ID, 3, 4, "anna", "joined"], Event(1, 2, ID, 3, 4, "anna", "joined", "", 0)),
        (["room", 1, "lobby", "", 0, 1], Room(1, "lobby", "", 0, 1, True, "public", 0, 0)),
        (["presence", [[1, "anna", True]]], Presence((Person(1, "anna", True, False, "", 0),))),
        (["people", ID, 1, [], False], People(ID, 1, (), False, (), ())),
        (["authenticated", 1, "anna"], Authenticated(1, "anna", MEMBER)),
        (["ban", ID, 2], Ban(ID, 2, 0, "", address=False)),
        (["error", b"", "busy", "wait"], Error(b"", "busy", "wait", None, "")),
        (["ping"], Ping(())),
        (["pong"], Pong()),
    ],
)
def test_trailing_fields_that_an_older_version_does_not_send_have_their_defaults(
    wire: list[Any], message: Message
) -> None:
    assert decode(receiver(type(message)), msgspec.msgpack.encode(wire)) == message


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("wire", [["made_up_later"], ["made_up_later", {"a": [1]}, b"x"]])
def test_messages_that_this_version_does_not_know_are_skipped(role: Role, wire: list[Any]) -> None:
    assert decode(role, msgspec.msgpack.encode(wire)) is None


def test_a_message_that_never_travels_in_this_direction_is_skipped_like_an_unknown_one() -> None:
    assert decode(Role.SERVER, encode_frame(Room(1, "a", "", 0, 0))[HEADER_SIZE:]) is None
    assert decode(Role.CLIENT, encode_frame(Post(ID, 1, "a"))[HEADER_SIZE:]) is None


def attempt(role: Role, frame: bytes) -> RemoteProtocolError | None:
    """What `decode` refuses this frame with, if it does. Any other exception fails the test."""
    try:
        decode(role, frame)
    except RemoteProtocolError as error:
        problem = error
    else:
        return None
    assert problem.code is ErrorCode.BAD_MESSAGE
    assert len(problem.text) < 300
    return problem


@given(st.sampled_from(Role), st.binary(max_size=200))
def test_arbitrary_bytes_are_at_worst_a_bad_message(role: Role, frame: bytes) -> None:
    attempt(role, frame)


@given(any_message, st.integers(0), st.binary(min_size=1, max_size=4))
def test_damaged_messages_are_at_worst_a_bad_message(message: Message, place: int, damage: bytes) -> None:
    body = bytearray(encode_frame(message)[HEADER_SIZE:])
    start = place % len(body)
    body[start : start + len(damage)] = damage
    attempt(receiver(type(message)), bytes(body))


json_like = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=5) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([tag(kind) for kind in MESSAGES]), st.lists(json_like, max_size=8), st.sampled_from(Role))
def test_known_tags_with_arbitrary_fields_are_at_worst_a_bad_message(name: str, fields: list[Any], role: Role) -> None:
    attempt(role, msgspec.msgpack.encode([name, *fields]))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1a", b"\x92\xa4ping\x91", b"\x92\xa5other\x91", b"\xdc\xff\xff"])
def test_deep_nesting_does_no_harm(role: Role, opening: bytes) -> None:
    nested = opening + opening[-1:] * (MAX_FRAME - len(opening) - 1) + b"\xc0"
    attempt(role, nested)


@pytest.mark.parametrize(
    "frame",
    [
        b"\xc1",  # never used by MessagePack
        b"\x91",  # cut off
        b"\x90",  # no tag
        b"\x91\x01",  # the tag is no string
        b"\x91\xa2\xff\xfe",  # the tag is no UTF-8
        b"\x80",  # a map
        b"GET / HTTP/1.1",
        msgspec.msgpack.encode(["pong"]) + b"\x00",  # something behind the message
        msgspec.msgpack.encode(["post", ID, 1]),  # a field is missing
        msgspec.msgpack.encode(["post", ID, "1", "text"]),  # a field is of another type
        msgspec.msgpack.encode(["post", ID, 1, b"text"]),  # bytes where text belongs
        msgspec.msgpack.encode(["post", ID[:-1], 1, "text"]),
        msgspec.msgpack.encode(["post", ID, -1, "text"]),
        msgspec.msgpack.encode(["post", ID, 2**53 + 1, "text"]),
        b"\x94\xa4post\xc4\x10" + ID + b"\x01\xa1\xff",  # a text that is no UTF-8
        msgspec.msgpack.encode(["get_history", ID, 1, None, 0, 0]),
        msgspec.msgpack.encode(["get_history", ID, 1, None, 0, MAX_PAGE + 1]),
        msgspec.msgpack.encode(["create_room", ID, ""]),
        msgspec.msgpack.encode(["react", ID, 1, 2, ""]),
        msgspec.msgpack.encode(["react", ID, 1, 2, "👍" * (MAX_EMOJI + 1)]),
        msgspec.msgpack.encode(["set_presence", ID, False, "x" * (MAX_STATUS + 1)]),
        msgspec.msgpack.encode(["set_topic", ID, 1]),
        msgspec.msgpack.encode(["ban", ID, 1, 0, "x" * (MAX_REASON + 1)]),
        msgspec.msgpack.encode(["mute", ID, 1, 2, -1]),
        msgspec.msgpack.encode(["authenticate", "anna", bytes(32), bytes(64), "x" * (MAX_PASSWORD + 1)]),
    ],
)
def test_what_does_not_fit_is_a_bad_message(frame: bytes) -> None:
    assert attempt(Role.SERVER, frame) is not None


def test_the_error_names_the_message_but_shows_nothing_of_its_content() -> None:
    error = attempt(Role.SERVER, msgspec.msgpack.encode(["post", ID, "secret", "also secret"]))
    assert error is not None
    assert "post" in error.text
    assert "secret" not in error.text


@pytest.mark.parametrize("text", ["x" * MAX_TEXT, "\u0436" * (MAX_TEXT // 2), "\U0001f600" * (MAX_TEXT // 4)])
def test_a_text_is_measured_in_bytes(text: str) -> None:
    post = Post(ID, 1, text)
    assert decode(Role.SERVER, encode_frame(post)[HEADER_SIZE:]) == post
    with pytest.raises(ValueError, match="at most 16384 bytes"):
        Post(ID, 1, text + "y")
    assert attempt(Role.SERVER, msgspec.msgpack.encode(["post", ID, 1, text + "y"])) is not None
    assert attempt(Role.SERVER, msgspec.msgpack.encode(["edit", ID, 1, 2, text])) is None
    assert attempt(Role.SERVER, msgspec.msgpack.encode(["edit", ID, 1, 2, text + "y"])) is not None


# -- the login's signature ----------------------------------------------------------------------------


def test_the_signed_content_cannot_be_read_in_two_ways() -> None:
    assert signed_content(b"k", b"a", b"b", "n") == (
        b"\0\0\0\x15qtchat authenticate 1" + b"\0\0\0\1k" + b"\0\0\0\1a" + b"\0\0\0\1b" + b"\0\0\0\1n"
    )
    assert signed_content(b"k", b"ab", b"c", "n") != signed_content(b"k", b"a", b"bc", "n")


def test_a_signature_holds_for_one_server_one_connection_and_one_nick() -> None:
    key = SigningKey.generate()
    good = (b"server", b"a" * 32, b"b" * 32, "anna")
    signature = key.sign(signed_content(*good))
    assert verify(key.public_key, signed_content(*good), signature)
    for other in ((b"other", *good[1:]), (good[0], b"x" * 32, *good[2:]), (*good[:3], "Anna")):
        assert not verify(key.public_key, signed_content(*other), signature)


def test_messages_cannot_be_changed_and_hello_keeps_the_order_of_its_capabilities() -> None:
    hello = Hello(1, 1, ("b", "a"), "x", bytes(32))
    assert hello.capabilities == ("b", "a")
    with pytest.raises(AttributeError):
        hello.agent = "y"  # type: ignore[misc]
