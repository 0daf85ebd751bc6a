"""README.md next to the protocol is normative: here it is held against the code, table by table."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import inspect

import qtchat.protocol
from qtchat.net.signature import SigningKey, verify
from qtchat.net.tls import server_code
from qtchat.protocol import messages, session
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import HEADER_SIZE
from qtchat.protocol.messages import (
    CAPABILITIES,
    REQUIRES,
    Ack,
    AuditEntry,
    Authenticate,
    Authenticated,
    BanEntry,
    ClientMessage,
    Done,
    Edit,
    Error,
    Event,
    GetHistory,
    Hello,
    History,
    MarkRead,
    Message,
    Person,
    Ping,
    Pong,
    Post,
    Presence,
    Reads,
    Ready,
    Room,
    ServerMessage,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import TRANSITIONS, Role, Session, State

README = (Path(qtchat.protocol.__file__).parent / "README.md").read_text(encoding="utf-8")
MESSAGES: tuple[type[Message], ...] = tuple(dict.fromkeys((*ClientMessage.__args__, *ServerMessage.__args__)))

SERVER_KEY = (
    ec.derive_private_key(1, ec.SECP256R1()).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
)
KEY = SigningKey.from_bytes(
    bytes(range(32)) + bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
)
CLIENT_NONCE = bytes(range(32))
SERVER_NONCE = bytes(range(32, 64))
NICK = "Anna"


# -- reading the document -----------------------------------------------------------------------------


def section(title: str) -> str:
    """The text under a heading of any level, up to the next heading of the same or a higher one."""
    found = re.search(rf"^(#+) {re.escape(title)}$", README, re.MULTILINE)
    assert found, f"README.md has no section {title}"
    rest = README[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The cells of the first table in a text, without its heading; backquotes are dropped."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines[2:]]


def block(text: str) -> str:
    """The first fenced block of a text."""
    found = re.search(r"^```\w*\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


# -- how the document writes things -------------------------------------------------------------------


def span(least: int | None, most: int | None) -> str:
    return f" {least or 0}..{most}" if most is not None else ""


def type_name(info: inspect.Type) -> str:
    match info:
        case inspect.IntType():
            names = {(0, 2**53): "number", (0, messages.MAX_TIME): "time", (0, 2**31 - 1): "count"}
            return names.get((info.ge or 0, info.le or 0), f"number {info.ge}..{info.le}")
        case inspect.BoolType():
            return "bool"
        case inspect.NoneType():
            return "nil"
        case inspect.StrType():
            return "text" + span(info.min_length, info.max_length)
        case inspect.BytesType():
            same = info.min_length is not None and info.min_length == info.max_length
            return f"bytes {info.max_length}" if same else "bytes" + span(info.min_length, info.max_length)
        case inspect.VarTupleType():
            most = f", at most {info.max_length}" if info.max_length else ""
            return f"list of {type_name(info.item_type)}{most}"
        case inspect.TupleType():
            return f"[{', '.join(map(type_name, info.item_types))}]"
        case inspect.UnionType():
            return " or ".join(map(type_name, info.types))
        case inspect.StructType():
            return str(info.tag or info.cls.__name__.lower())
        case _:
            raise AssertionError(f"the document has no name for {info}")


def diagnostic(value: object) -> str:
    """MessagePack for people."""
    match value:
        case None | True | False:
            return {None: "nil", True: "true", False: "false"}[value]
        case bytes():
            return f"h'{value.hex()}'"
        case str():
            return msgspec.json.encode(value).decode()
        case list() | tuple():
            return f"[{', '.join(map(diagnostic, value))}]"
        case _:
            return str(value)


def default_name(field: inspect.Field) -> str:
    return "" if field.required else diagnostic(field.default)


def tag(kind: type[Message]) -> str:
    return str(kind.__struct_config__.tag)


def fields_of(kind: type[Any]) -> list[list[str]]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return [[field.name, type_name(field.type), default_name(field)] for field in info.fields]


# -- tables -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MESSAGES, ids=tag)
def test_every_message_is_described_field_by_field(kind: type[Message]) -> None:
    text = section(f"`{tag(kind)}`")
    assert [row[:3] for row in rows(text)] == fields_of(kind)
    assert all(row[3] for row in rows(text)), "a field has no meaning"
    client, server = kind in ClientMessage.__args__, kind in ServerMessage.__args__
    sender = "Either side." if client and server else "Client." if client else "Server."
    assert text.strip().startswith(f"*{sender}*")


def test_no_message_is_described_that_does_not_exist() -> None:
    assert set(re.findall(r"^### `(\w+)`$", section("Messages"), re.MULTILINE)) == {tag(kind) for kind in MESSAGES}


@pytest.mark.parametrize(
    ("title", "kind"), [("A person", Person), ("A ban", BanEntry), ("An entry of the audit log", AuditEntry)]
)
def test_the_parts_of_messages_are_described(title: str, kind: type[Any]) -> None:
    assert [row[:3] for row in rows(section(title))] == fields_of(kind)


def test_every_limit_is_given() -> None:
    named = {name: value for name, value in vars(messages).items() if name.isupper() and isinstance(value, int)}
    timeouts = {name: getattr(session, name) for name in ("HANDSHAKE_TIMEOUT", "SILENCE_TIMEOUT")}
    written = {name: value.replace(" ", "") for name, value, *_ in rows(section("Limits"))}
    assert written == {
        name: f"{value:g}" if name in timeouts else str(value) for name, value in (named | timeouts).items()
    }


def test_the_states_and_who_may_speak() -> None:
    def spoken(role: Role, state: State) -> str:
        moves = TRANSITIONS[role, state]
        return ", ".join(
            tag(kind) + (f" -> {to.name}" if to else "") for kind, to in moves.items() if kind is not Error
        )

    written = {state: (client, server) for state, client, server in rows(section("States"))}
    assert written == {state.name: (spoken(Role.CLIENT, state), spoken(Role.SERVER, state)) for state in State}
    assert [state for state, *_ in rows(section("States"))] == [state.name for state in State]
    for state in State:
        assert (Error in TRANSITIONS[Role.SERVER, state]) is (state is not State.CLOSING)
        assert Error not in TRANSITIONS[Role.CLIENT, state]


def test_every_error_code_is_explained() -> None:
    table = rows(section("Error codes"))
    assert [row[0] for row in table] == [code.value for code in ErrorCode]
    for code, when, ends, repeat in table:
        assert when, code
        assert ends in ("yes", "no"), code
        assert repeat, code


def test_every_capability_is_explained() -> None:
    table = rows(section("Capabilities"))
    assert {row[0] for row in table} == CAPABILITIES
    assert {row[1]: row[0] for row in table} == {tag(kind): needed for kind, needed in REQUIRES.items()}


def test_every_kind_of_event_is_explained() -> None:
    kinds = {value for name, value in vars(messages).items() if name.startswith("KIND_")}
    assert {row[0] for row in rows(section("Kinds of events"))} == kinds


def test_every_request_is_listed_with_its_errors() -> None:
    table = rows(section("Requests and replies"))
    requests = {tag(kind) for kind in ClientMessage.__args__ if issubclass(kind, messages.Request)}
    assert {row[0] for row in table} == requests
    for _, reply, errors in table:
        assert set(reply.split(" or ")) <= {tag(kind) for kind in MESSAGES if "re" in kind.__struct_fields__}
        assert {word for word in errors.split(", ") if word} <= {code.value for code in ErrorCode}


def test_the_document_stands_alone_and_its_links_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
    anchors = {"#" + heading.lower().replace("`", "").replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(([^)]*)\)", README)) <= anchors


# -- vectors ------------------------------------------------------------------------------------------


def vectors() -> dict[str, str]:
    content = signed_content(SERVER_KEY, CLIENT_NONCE, SERVER_NONCE, NICK)
    signature = KEY.sign(content)
    assert verify(KEY.public_key, content, signature)
    return {
        "server public key": SERVER_KEY.hex(),
        "server code": server_code(SERVER_KEY),
        "client seed": bytes(range(32)).hex(),
        "client public key": KEY.public_key.hex(),
        "client nonce": CLIENT_NONCE.hex(),
        "server nonce": SERVER_NONCE.hex(),
        "nick": NICK,
        "signed content": content.hex(),
        "signature": signature.hex(),
    }


def vector_block() -> str:
    lines = []
    for name, value in vectors().items():
        first, *rest = textwrap.wrap(value, 88)
        lines.append(f"{name + ':':<20}{first}")
        lines.extend(" " * 20 + line for line in rest)
    return "\n".join(lines) + "\n"


def test_the_signature_vector() -> None:
    assert block(section("Test vector")) == vector_block()


def conversation() -> Iterator[tuple[Role, Message]]:
    """What one device would see: a login, a post and what becomes of it, the ping, history, a refusal, the end."""
    user, room, first, second = 7, 1, bytes.fromhex("0193b1f2a000") + bytes(10), bytes(range(16, 32))
    reaction, change, other = bytes(range(64, 80)), bytes(range(80, 96)), 3
    joined = Event(room, 41, first, 1_767_225_600_000, user, NICK, "joined")
    said = Event(room, 42, second, 1_767_225_600_250, user, NICK, "post", "Hello, Вика!")
    content = signed_content(SERVER_KEY, CLIENT_NONCE, SERVER_NONCE, NICK)
    yield Role.CLIENT, Hello(1, 1, ("presence", "reads"), "example 1.0", CLIENT_NONCE)
    capabilities, now = ("moderation", "presence", "reads", "typing"), 1_767_225_599_750
    yield Role.SERVER, Welcome(1, capabilities, bytes(range(16)), 1, "living room", SERVER_NONCE, now)
    yield Role.CLIENT, Authenticate(NICK, KEY.public_key, KEY.sign(content))
    yield Role.SERVER, Authenticated(user, NICK)
    yield Role.SERVER, Room(room, "lobby", "", 41, 2, read=40)
    yield Role.SERVER, Ready()
    yield Role.SERVER, joined
    yield Role.SERVER, Presence((Person(user, NICK, True),))
    yield Role.CLIENT, Post(second, room, "Hello, Вика!")
    yield Role.SERVER, Ack(second, room, 42, said.ts)
    yield Role.SERVER, said
    yield Role.CLIENT, Post(second, room, "Hello, Вика!")
    yield Role.SERVER, Ack(second, room, 42, said.ts, duplicate=True)
    yield Role.SERVER, Event(room, 43, reaction, said.ts + 900, other, "Вика", "reacted", "👍", about=42)
    yield Role.SERVER, Reads(room, ((other, 42),))
    yield Role.CLIENT, MarkRead(bytes(range(96, 112)), room, 43)
    yield Role.SERVER, Done(bytes(range(96, 112)))
    yield Role.CLIENT, Edit(change, room, 42, "Hello, Вика! How are you?")
    yield Role.SERVER, Ack(change, room, 44, said.ts + 5000)
    yield (
        Role.SERVER,
        Event(room, 44, change, said.ts + 5000, user, NICK, "edited", "Hello, Вика! How are you?", about=42),
    )
    yield Role.SERVER, Ping(((room, 44),))
    yield Role.CLIENT, Pong()
    yield Role.CLIENT, GetHistory(bytes(range(32, 48)), room, after=40, limit=2)
    yield Role.SERVER, History(bytes(range(32, 48)), room, (joined, said), True, 44)
    yield Role.CLIENT, Post(bytes(range(48, 64)), 9, "Is anybody there?")
    yield Role.SERVER, Error(bytes(range(48, 64)), ErrorCode.ROOM_UNKNOWN, "There is no such room.")
    yield Role.SERVER, Error(b"", ErrorCode.CLOSING, "the server is shutting down")


def example_block() -> str:
    """The conversation as two sessions produce it."""
    sessions = {role: Session(role, 0.0) for role in Role}
    lines = []
    for sender, message in conversation():
        receiver = sessions[Role.SERVER if sender is Role.CLIENT else Role.CLIENT]
        if not isinstance(message, Pong):  # the session has answered by itself
            sessions[sender].send(message)
        frame = sessions[sender].data_to_send()
        assert receiver.receive_data(frame, 0.0) == [message]
        said = f"{sender.value}: {diagnostic(msgspec.msgpack.decode(frame[HEADER_SIZE:]))}"
        lines.extend(textwrap.wrap(said, 112, subsequent_indent=" " * 8, break_on_hyphens=False))
        wire = f"{frame[:HEADER_SIZE].hex()} {frame[HEADER_SIZE:].hex()}"
        lines.extend(textwrap.wrap(wire, 108, initial_indent="    ", subsequent_indent="    "))
    assert {one.state for one in sessions.values()} == {State.CLOSING}
    return "\n".join(lines) + "\n"


def test_the_example_conversation() -> None:
    assert block(section("An example conversation")) == example_block()
