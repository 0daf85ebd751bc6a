"""What is told about a server on the network: both forms carry all of it, and nothing else is taken for one."""

import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.net import announcement
from qtchat.net.announcement import (
    DATAGRAM,
    TOKEN_SIZE,
    Announcement,
    answer,
    from_txt,
    instance_name,
    networks,
    question,
    read_answer,
    read_question,
    to_txt,
)

TOKEN = os.urandom(TOKEN_SIZE)
SERVER = Announcement(bytes(range(16)), "Wohnküche 1.2 🦊", "ABCDE", 3, "1.0", 47300)
LONGEST = Announcement(b"\xff" * 16, "я" * 64, "A" * 8, 2**53, "v" * 64, 65_535)


def as_heard(texts: dict[str, str]) -> dict[bytes, bytes | None]:
    return {key.encode(): value.encode() for key, value in texts.items()}


@pytest.mark.parametrize("server", [SERVER, LONGEST])
def test_a_question_is_answered_with_no_more_bytes_than_it_had(server: Announcement) -> None:
    asked = question(TOKEN)
    assert len(asked) == DATAGRAM
    assert read_question(asked) == TOKEN
    told = answer(TOKEN, server)
    assert len(told) <= DATAGRAM
    assert read_answer(told, TOKEN) == server


def test_an_answer_that_nobody_asked_for_is_none() -> None:
    assert read_answer(answer(TOKEN, SERVER), bytes(TOKEN_SIZE)) is None


def test_a_short_question_is_not_answered() -> None:
    assert read_question(question(TOKEN)[:-1]) is None
    assert read_question(msgspec.msgpack.encode(["qtchat?", TOKEN, b""])) is None


@given(st.binary(max_size=DATAGRAM))
def test_any_datagram_is_read_without_a_fault(datagram: bytes) -> None:
    padded = datagram + bytes(DATAGRAM - len(datagram))
    assert read_question(padded) is None or padded.startswith(b"\x93\xa7qtchat?")
    assert read_answer(datagram, TOKEN) is None


@pytest.mark.parametrize("server", [SERVER, LONGEST])
def test_a_txt_record_carries_it_all(server: Announcement) -> None:
    assert from_txt(as_heard(to_txt(server)), server.port) == server
    assert all(len(key) + len(value.encode()) < 255 for key, value in to_txt(server).items())


@pytest.mark.parametrize(
    "change",
    [
        {"id": "xyz"},
        {"id": "00"},
        {"people": "-1"},
        {"people": "many"},
        {"people": str(2**53 + 1)},
        {"people": "9" * 30},
        {"people": "9" * 5_000},
        {"name": ""},
        {"name": "x" * 65},
        {"hint": "x" * 9},
    ],
)
def test_a_strange_txt_record_is_none(change: dict[str, str]) -> None:
    assert from_txt(as_heard(to_txt(SERVER) | change), 47300) is None


def test_a_txt_record_without_a_field_a_port_or_with_broken_text_is_none() -> None:
    whole = as_heard(to_txt(SERVER))
    assert from_txt({key: value for key, value in whole.items() if key != b"hint"}, 47300) is None
    assert from_txt(whole, None) is None
    assert from_txt(whole | {b"name": b"\xff"}, 47300) is None
    assert from_txt(whole | {b"name": None}, 47300) is None


@pytest.mark.parametrize("name", ["Kitchen", "a.b.c", "я" * 64, "\u202eevil", "🦊" * 40])
def test_the_name_of_the_service_is_one_label(name: str) -> None:
    full = instance_name(Announcement(bytes(16), name, "ABCDE", 0, "1", 1))
    label = full.removesuffix(f".{announcement.SERVICE}")
    assert label.endswith(" ABCDE")
    assert "." not in label
    assert len(label.encode()) <= 63
    assert label.isprintable()


def test_networks_can_be_confined_to_one_address() -> None:
    (own,) = networks("127.0.0.1")
    assert (own.address, own.broadcast, own.loopback) == ("127.0.0.1", "127.255.255.255", True)
    (other,) = networks("127.3.2.1")
    assert other.loopback
    assert networks("203.0.113.99") == []
    assert networks()
