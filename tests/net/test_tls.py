"""The server's identity, the TLS contexts of both sides over a real handshake, and the server code."""

import os
import socket
import ssl
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from qtchat.net import tls
from qtchat.net.tls import (
    ALPHABET,
    CodeError,
    IdentityError,
    ServerIdentity,
    client_context,
    load_or_create_identity,
    parse_code,
    public_key_of,
    server_code,
    server_context,
)

TIMEOUT = 10.0


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> ServerIdentity:
    return load_or_create_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def folder(tmp_path: Path, identity: ServerIdentity) -> Path:
    """A folder of its own with a good key and certificate."""
    for file in (identity.key, identity.certificate):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    client, server = socket.socketpair()
    with client, server:
        client.settimeout(TIMEOUT)
        server.settimeout(TIMEOUT)
        yield client, server


def key_bytes(key: PrivateKeyTypes, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


# -- the identity -------------------------------------------------------------------------------------


def test_the_identity_is_made_once_and_stays(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    first = load_or_create_identity(folder)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(files) == {"server.key", "server.crt"}
    assert load_or_create_identity(folder) == first
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert first.code == server_code(first.public_key)
    if os.name == "posix":
        assert stat.S_IMODE(first.key.stat().st_mode) == 0o600


def test_the_certificate_is_of_the_promised_kind(identity: ServerIdentity) -> None:
    certificate = x509.load_pem_x509_certificate(identity.certificate.read_bytes())
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    assert public_key_of(certificate.public_bytes(Encoding.DER)) == identity.public_key
    certificate.verify_directly_issued_by(certificate)
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=3650) < left < timedelta(days=3653)
    assert certificate.not_valid_before_utc < datetime.now(UTC)


def test_servers_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        identities = list(pool.map(load_or_create_identity, [tmp_path] * 8))
    assert len({identity.public_key for identity in identities}) == 1


@pytest.mark.parametrize(("days_left", "renewed"), [(-5, True), (29, True), (31, False)])
def test_the_certificate_is_renewed_with_the_same_key(
    folder: Path, identity: ServerIdentity, days_left: int, renewed: bool
) -> None:
    key = load_pem_private_key(identity.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    old = tls._make_certificate(key, datetime.now(UTC) - tls.VALIDITY + timedelta(days=days_left))
    (folder / "server.crt").write_bytes(old)
    again = load_or_create_identity(folder)
    assert again.public_key == identity.public_key
    assert (again.certificate.read_bytes() != old) is renewed
    certificate = x509.load_pem_x509_certificate(again.certificate.read_bytes())
    assert certificate.not_valid_after_utc - datetime.now(UTC) > tls.RENEWAL


@pytest.mark.parametrize("content", [None, b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_bad_certificate_beside_a_good_key_is_made_again(
    folder: Path, identity: ServerIdentity, content: bytes | None
) -> None:
    (folder / "server.crt").unlink()
    if content is not None:
        (folder / "server.crt").write_bytes(content)
    again = load_or_create_identity(folder)
    assert again.public_key == identity.public_key
    server_context(again)


def test_a_certificate_of_another_key_is_made_again(folder: Path, identity: ServerIdentity, tmp_path: Path) -> None:
    other = load_or_create_identity(tmp_path / "other")
    (folder / "server.crt").write_bytes(other.certificate.read_bytes())
    again = load_or_create_identity(folder)
    assert again.public_key == identity.public_key
    server_context(again)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        key_bytes(ec.generate_private_key(ec.SECP256R1()))[:100],
        key_bytes(ec.generate_private_key(ec.SECP256R1()), b"password"),
        key_bytes(ec.generate_private_key(ec.SECP384R1())),
        key_bytes(ed25519.Ed25519PrivateKey.generate()),
    ],
    ids=["empty", "garbage", "cut", "encrypted", "other curve", "other kind"],
)
@pytest.mark.parametrize("with_certificate", [True, False])
def test_a_bad_key_is_reported_and_never_replaced(folder: Path, content: bytes, with_certificate: bool) -> None:
    (folder / "server.key").write_bytes(content)
    if not with_certificate:
        (folder / "server.crt").unlink()
    with pytest.raises(IdentityError, match=r"server\.key is damaged.*backup"):
        load_or_create_identity(folder)
    assert (folder / "server.key").read_bytes() == content


def test_no_changed_character_of_the_key_gives_another_identity(folder: Path, identity: ServerIdentity) -> None:
    content = identity.key.read_bytes()
    for place in range(content.index(b"\n") + 1, content.rindex(b"\n-----END")):
        damaged = bytearray(content)
        damaged[place] = ord("A") if damaged[place] != ord("A") else ord("B")
        (folder / "server.key").write_bytes(damaged)
        try:
            again = load_or_create_identity(folder)
        except IdentityError:
            continue
        assert again.public_key == identity.public_key


def test_a_lost_key_is_reported_and_never_replaced(folder: Path) -> None:
    (folder / "server.key").unlink()
    with pytest.raises(IdentityError, match=r"server\.key is missing.*backup"):
        load_or_create_identity(folder)
    assert not (folder / "server.key").exists()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(IdentityError, match="file"):
        load_or_create_identity(tmp_path / "file" / "folder")
    (tmp_path / "server.key").mkdir()
    with pytest.raises(IdentityError, match=r"server\.key"):
        load_or_create_identity(tmp_path)


def test_a_context_needs_files_that_fit(folder: Path, identity: ServerIdentity) -> None:
    (folder / "server.crt").write_bytes(b"garbage")
    with pytest.raises(IdentityError, match=r"server\.crt"):
        server_context(ServerIdentity(folder / "server.crt", folder / "server.key", identity.public_key))


# -- the handshake ------------------------------------------------------------------------------------


def test_a_real_handshake_shows_the_pinned_key(
    identity: ServerIdentity, pair: tuple[socket.socket, socket.socket]
) -> None:
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(server_context(identity).wrap_socket, pair[1], server_side=True)
        with closing(client_context().wrap_socket(pair[0])) as client, closing(accepted.result(TIMEOUT)) as server:
            certificate = client.getpeercert(binary_form=True)
            assert certificate is not None
            assert public_key_of(certificate) == identity.public_key
            assert client.version() == server.version() == "TLSv1.3"
            assert client.compression() is None
            server.sendall(b"hello")
            assert client.recv(100) == b"hello"
            assert client.session is None or not client.session.has_ticket


def test_an_older_client_is_refused(identity: ServerIdentity, pair: tuple[socket.socket, socket.socket]) -> None:
    old = client_context()
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(server_context(identity).wrap_socket, pair[1], server_side=True)
        with pytest.raises(ssl.SSLError):
            old.wrap_socket(pair[0])
        error = accepted.exception(TIMEOUT)
    assert isinstance(error, ssl.SSLError)
    assert error.reason == "UNSUPPORTED_PROTOCOL"


def test_an_older_server_is_refused(identity: ServerIdentity, pair: tuple[socket.socket, socket.socket]) -> None:
    old = server_context(identity)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with ThreadPoolExecutor(1) as pool:
        accepted = pool.submit(old.wrap_socket, pair[1], server_side=True)
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            client_context().wrap_socket(pair[0])
        assert isinstance(accepted.exception(TIMEOUT), ssl.SSLError)


def test_plain_text_is_refused(identity: ServerIdentity, pair: tuple[socket.socket, socket.socket]) -> None:
    pair[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with pytest.raises(ssl.SSLError):
        server_context(identity).wrap_socket(pair[1], server_side=True)


@pytest.mark.parametrize("certificate", [b"", b"garbage", bytes(1000)])
def test_the_key_of_an_unreadable_certificate_is_a_value_error(certificate: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        public_key_of(certificate)


# -- the server code ----------------------------------------------------------------------------------


def test_a_code_is_as_documented() -> None:
    # Computed from the docstring alone, with base64.b32encode and schoolbook multiplication.
    assert server_code(b"") == "4OYMB-IQUYQ-7QOB5-JGX3L-6TEJ3"


@given(st.binary(max_size=100))
def test_every_code_reads_back(key: bytes) -> None:
    code = server_code(key)
    assert parse_code(code) == code
    assert parse_code(code.lower().replace("-", " ")) == code


def test_every_wrong_character_is_found_and_its_group_named() -> None:
    code = server_code(b"some key")
    for place, right in enumerate(code):
        if right == "-":
            continue
        for wrong in ALPHABET:
            if wrong != right:
                with pytest.raises(CodeError, match=f"Group {place // 6 + 1} "):
                    parse_code(code[:place] + wrong + code[place + 1 :])


@given(st.binary(max_size=20))
def test_every_exchange_inside_a_group_and_of_groups_is_found(key: bytes) -> None:
    groups = server_code(key).split("-")
    for number, group in enumerate(groups):
        for left, right in combinations(range(5), 2):
            swapped = list(group)
            swapped[left], swapped[right] = swapped[right], swapped[left]
            if swapped != list(group):
                with pytest.raises(CodeError, match=f"Group {number + 1} "):
                    parse_code("-".join([*groups[:number], "".join(swapped), *groups[number + 1 :]]))
    for left, right in combinations(range(5), 2):
        exchanged = list(groups)
        exchanged[left], exchanged[right] = exchanged[right], exchanged[left]
        with pytest.raises(CodeError, match=f"Group {left + 1} "):
            parse_code("-".join(exchanged))


@given(st.binary(max_size=20))
def test_typing_is_forgiven(key: bytes) -> None:
    code = server_code(key)
    digits = code.translate(str.maketrans("OIB", "018"))
    assert parse_code(f"  {digits.replace('-', '').lower()}\n") == code
    assert parse_code(code.replace("-", " – ")) == code
    assert parse_code(" ".join(code)) == code


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "this one has 0"),
        ("AAAAA", "this one has 5"),
        ("AAAAA-AAAAA-AAAA-AAAAA-AAAAA", "Group 3 .* has 4 characters"),
        ("A" * 26, "this one has 26"),
        ("AAAAA-AA!AA-AAAAA-AAAAA-AAAAA", 'Group 2 .* contains "!"'),
        ("AAAAA-AAAAA-AAAAA-AAAAA-AAAA9", 'Group 5 .* contains "9"'),
        ("ÄAAAA", 'The server code contains "Ä"'),
        ("AAAA\u200bA", r"invisible character \(U\+200B\)"),
        ("ſ", "contains"),
    ],
)
def test_a_bad_code_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(CodeError, match=sentence):
        parse_code(text)


@given(st.text())
def test_any_text_gives_a_code_or_a_code_error(text: str) -> None:
    with suppress(CodeError):
        assert parse_code(parse_code(text)) == parse_code(text)
