"""TLS 1.3: the server's self-made key and certificate, the contexts of both sides, and the server code.

Nobody on a local network has a certificate that a public authority would sign. So a server makes a key of its
own, clients remember that key (client/trust.py decides), and people compare it by the server code.
"""

import hashlib
import importlib
import re
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from qtchat.net.files import create_file, replace_file

KEY_FILE: Final = "server.key"
CERTIFICATE_FILE: Final = "server.crt"
VALIDITY: Final = timedelta(days=3652)
"""How long a certificate is valid: ten years."""
RENEWAL: Final = timedelta(days=30)
"""A certificate is renewed, with the same key, when it is valid for less than this."""

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""The base32 alphabet of RFC 4648; a character's place is its value."""
GROUPS: Final = 5
GROUP_SIZE: Final = 5
"""Characters in one group of a server code, the check character included."""

_FORGIVEN = str.maketrans("abcdefghijklmnopqrstuvwxyz018", "ABCDEFGHIJKLMNOPQRSTUVWXYZOIB")
_SEPARATORS = re.compile(r"[\s\-\u2010-\u2015\u2212]+")  # spaces, and every dash that a word processor makes of "-"


class IdentityError(Exception):
    """The server's key or certificate cannot be used. The text names the file and says what to do."""


class CodeError(ValueError):
    """A server code was mistyped. The text is a sentence for people."""


@dataclass(frozen=True)
class ServerIdentity:
    """Where a server's certificate and key (PEM files) are, and its public key as DER SubjectPublicKeyInfo."""

    certificate: Path
    key: Path
    public_key: bytes

    @property
    def code(self) -> str:
        """What people compare, "ABCDE-FGHIJ-..."."""
        return server_code(self.public_key)


def load_or_create_identity(folder: Path) -> ServerIdentity:
    """The identity kept in `folder`; made at the first start, together with the folder.

    The key is the identity: a new one is made only where neither key nor certificate has ever been, since every
    client must stop at a changed key. The certificate is only its wrapping, and is made again from the same key
    when it is missing, damaged, of another key, or about to expire. Raises IdentityError.
    """
    key_file, certificate_file = folder / KEY_FILE, folder / CERTIFICATE_FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = _load_or_create_key(key_file, certificate_file)
        public_key = _spki(key.public_key())
        if not _is_fit(certificate_file, public_key, datetime.now(UTC)):
            replace_file(certificate_file, _make_certificate(key, datetime.now(UTC)))
    except OSError as error:
        raise IdentityError(
            f"{error.filename or folder} cannot be read or written: {error.strerror or error}. "
            f"Give this user access to the folder {folder}, and room on the disk."
        ) from error
    return ServerIdentity(certificate_file, key_file, public_key)


def server_context(identity: ServerIdentity) -> ssl.SSLContext:
    """For accepted connections. Raises IdentityError if the files do not fit each other any more."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3  # 1.3 has neither compression nor renegotiation
    context.verify_mode = ssl.CERT_NONE  # clients prove who they are by a signature, see protocol/README.md
    context.num_tickets = 0  # connections live for hours: resuming a TLS session would save nothing
    try:
        context.load_cert_chain(identity.certificate, identity.key)
    except OSError as error:  # ssl.SSLError is one too
        raise IdentityError(
            f"{identity.certificate} and {identity.key} cannot be used together: {error}. Start the server again."
        ) from error
    return context


def client_context() -> ssl.SSLContext:
    """For outgoing connections. Whoever uses it must compare `public_key_of` the peer's certificate.

    OpenSSL could only ask whether some authority vouches for a name. Here no authority does, and a server's name or
    address may change while it stays the same server. What counts is its public key: the handshake proves, also with
    CERT_NONE, that the peer holds the private half of the key it shows, and client/trust.py decides whether this is
    the right one before anything is sent.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def public_key_of(certificate: bytes) -> bytes:
    """The public key, as DER SubjectPublicKeyInfo, of a DER certificate as `SSLSocket.getpeercert(True)` gives it.

    Raises ValueError if the certificate or its key cannot be read.
    """
    try:
        return _spki(_x509().load_der_x509_certificate(certificate).public_key())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError(f"the server's certificate cannot be read: {error}") from error


# -- the server code ----------------------------------------------------------------------------------


def server_code(public_key: bytes) -> str:
    """The code of a server by its public key (DER SubjectPublicKeyInfo): "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY".

    The first 100 bits of the key's SHA-256 are 20 base32 characters; each group shows four of them and a fifth to
    check them. With the values d1..d4 of the four, computed in GF(32) with x^5 + x^2 + 1 and a = 2, in group number
    n = 1..5, the check value is n + a*d1 + a^2*d2 + a^3*d3 + a^4*d4. All weights differ, so one wrong character and
    two swapped ones in a group are always found; n finds groups that were swapped.
    """
    bits = int.from_bytes(hashlib.sha256(public_key).digest(), "big") >> (256 - 100)
    digits = [bits >> shift & 31 for shift in range(95, -1, -5)]
    groups = (digits[start : start + GROUP_SIZE - 1] for start in range(0, len(digits), GROUP_SIZE - 1))
    return _join([*group, _check_digit(number, group)] for number, group in enumerate(groups, 1))


def parse_code(text: str) -> str:
    """The canonical form of a server code that somebody typed or pasted.

    Upper or lower case, spaces, missing or other dashes do not matter, and 0, 1, 8 are read as O, I, B. Raises
    CodeError with a sentence that says, where it can be told, which group is wrong.
    """
    parts = [part for part in _SEPARATORS.split(text.translate(_FORGIVEN)) if part]
    joined = "".join(parts)
    for place, character in enumerate(joined):
        if character not in ALPHABET:
            where = f"Group {place // GROUP_SIZE + 1} of the server code" if len(parts) != 1 else "The server code"
            raise CodeError(
                f"{where} contains {_shown(character)}, but a code has only letters from A to Z and digits from 2 to 7."
            )
    if len(parts) == GROUPS:
        for number, part in enumerate(parts, 1):
            if len(part) != GROUP_SIZE:
                raise CodeError(
                    f"Group {number} of the server code has {len(part)} characters, it must have {GROUP_SIZE}."
                )
    if len(joined) != GROUPS * GROUP_SIZE:
        raise CodeError(
            f"A server code has {GROUPS} groups of {GROUP_SIZE} characters, {GROUPS * GROUP_SIZE} in all; "
            f"this one has {len(joined)}."
        )
    digits = [ALPHABET.index(character) for character in joined]
    groups = [digits[start : start + GROUP_SIZE] for start in range(0, len(digits), GROUP_SIZE)]
    for number, group in enumerate(groups, 1):
        if group[-1] != _check_digit(number, group[:-1]):
            raise CodeError(f"Group {number} of the server code is mistyped. Please compare it again.")
    return _join(groups)


def _check_digit(number: int, data: list[int]) -> int:
    total = 0
    for digit in reversed(data):
        total = (total ^ digit) << 1  # times a
        if total & 32:
            total ^= 0b100101
    return total ^ number


def _join(groups: Iterable[list[int]]) -> str:
    return "-".join("".join(ALPHABET[digit] for digit in group) for group in groups)


def _shown(character: str) -> str:
    return f'"{character}"' if character.isprintable() else f"an invisible character (U+{ord(character):04X})"


# -- the key and its certificate ----------------------------------------------------------------------


def _load_or_create_key(key_file: Path, certificate_file: Path) -> ec.EllipticCurvePrivateKey:
    # Asked first: another server that starts at this moment writes the key before the certificate.
    had_certificate = certificate_file.exists()
    if not key_file.exists():
        if had_certificate:
            raise IdentityError(
                f"{key_file} is missing, but its certificate {certificate_file} is still there. Bring the key back "
                f"from a backup. If it is lost for good, remove the certificate too; the server then makes itself a "
                f"new key, and everybody must accept its new server code."
            )
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            create_file(key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        except FileExistsError:
            pass  # another server made one at the same moment: that one counts
        else:
            return key
    try:
        loaded = load_pem_private_key(key_file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _damaged_key(key_file, certificate_file) from error
    if not isinstance(loaded, ec.EllipticCurvePrivateKey) or not isinstance(loaded.curve, ec.SECP256R1):
        raise _damaged_key(key_file, certificate_file)
    return loaded


def _damaged_key(key_file: Path, certificate_file: Path) -> IdentityError:
    return IdentityError(
        f"{key_file} is damaged: it does not hold an unencrypted P-256 key. Bring it back from a backup. If it is lost "
        f"for good, remove it and {certificate_file}; the server then makes itself a new key, and everybody must "
        f"accept its new server code."
    )


def _is_fit(certificate_file: Path, public_key: bytes, now: datetime) -> bool:
    try:
        certificate = _x509().load_pem_x509_certificate(certificate_file.read_bytes())
        lasting: timedelta = certificate.not_valid_after_utc - now
        return _spki(certificate.public_key()) == public_key and lasting > RENEWAL
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):
        return False


def _make_certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> bytes:
    x509 = _x509()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "qtchat server")])
    certificate: bytes = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks on a local network differ
        .not_valid_after(now + VALIDITY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    return certificate


def _spki(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _x509() -> Any:
    """cryptography.x509, late: it takes 25 ms of the start of the app, whose first window needs no certificate."""
    return importlib.import_module("cryptography.x509")
