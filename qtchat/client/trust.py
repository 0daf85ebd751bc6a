"""Whom a profile trusts and who it is: the pinned servers, and the profile's own key.

Why these verdicts. A server is its public key; an address is only where it was met. There are three kinds of
evidence, and the strongest that is there decides:

1. The code of an invitation. The user got it from somebody and pasted it, so it says which server is meant. A key
   that does not fit is WRONG_CODE, even if it is a known one: it is not the server that was asked for. A key that
   fits is that server, even if another one was pinned at this address before: the user has just said so. The caller
   pins it without a question (NEW, or KNOWN where it was pinned already). A link that somebody slipped to the user
   can thus lead to another server than yesterday's, but not to one that can read, relay or replay anything of
   yesterday's: a login is signed for one server key.
2. A pin. Without a code, a pinned address that shows another key is CHANGED: a hard stop until the user decides,
   since that is just what a man in the middle looks like. A pinned key at an address that is not pinned is KNOWN:
   only the same server can prove it, and servers on local networks move.
3. Neither: NEW. The code is shown to be compared, and the key is pinned if the user agrees.

If the list of pins was damaged, "no pin" no longer means "never met": what would have been CHANGED would now look
NEW, and the hard stop would vanish just when somebody damaged the file. So the verdict then is LOST, another
hard stop, for each address until it is pinned again; the mark is kept in the new list and survives restarts.
"""

import base64
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Final

import msgspec

from qtchat.client.errors import ProfileError
from qtchat.net.files import create_file, free_damaged_name, replace_file
from qtchat.net.invitation import MAX_ADDRESSES, Invitation, InvitationError, parse_invitation
from qtchat.net.locking import lock
from qtchat.net.signature import SigningKey
from qtchat.net.tls import server_code

KEY_FILE: Final = "identity.key"
SERVERS_FILE: Final = "servers.json"
VERSION: Final = 1
"""Of the format of servers.json."""

Address = tuple[str, int]
"""Host and port, as in `net.invitation.Invitation.addresses`."""


class Verdict(Enum):
    """What to make of a server that shows a certain key. See the module's docstring."""

    KNOWN = "known"  # go on
    NEW = "new"  # with a code in the invitation: pin and go on; without one: show the code, ask, then pin
    CHANGED = "changed"  # stop: this address had another key
    WRONG_CODE = "wrong_code"  # stop: not the server that the invitation names
    LOST = "lost"  # stop: the list of pins was damaged, so nobody can tell whether the key has changed


class KnownServer(msgspec.Struct, frozen=True):
    """A pinned server. `last_used`: when it was pinned or met last, ms since 1970, UTC."""

    address: Address
    code: str
    name: str
    last_used: int


class _Pin(msgspec.Struct, frozen=True):
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    public_key: Annotated[bytes, msgspec.Meta(min_length=1)]
    name: str
    last_used: int


class _File(msgspec.Struct, frozen=True):
    version: int
    servers: tuple[_Pin, ...]
    lost: str = ""
    """The name of the damaged list that was moved aside, if that ever happened."""


class _Versioned(msgspec.Struct, frozen=True):
    version: int


def load_or_create_key(profile: Path) -> SigningKey:
    """The key of the profile in this folder; made silently, together with the folder, at the first start.

    The key owns the user's nicks, so a damaged one is never replaced. Raises ProfileError.
    """
    path = profile / KEY_FILE
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            key = SigningKey.generate()
            try:
                create_file(path, key_content(key))
            except FileExistsError:
                pass  # another window made one at the same moment: that one counts
            else:
                return key
        return read_key(path)
    except ValueError as error:
        raise ProfileError(
            f"The key of this profile, {path}, is damaged. Bring it back from a backup. If it is lost for good, remove "
            f"the file: a new key is then made, and names that belong to the old one must be released by an admin."
        ) from error
    except OSError as error:
        raise _file_error(path, error) from error


def key_content(key: SigningKey) -> bytes:
    """What stands in KEY_FILE."""
    return base64.b64encode(key.to_bytes()) + b"\n"


def read_key(path: Path) -> SigningKey:
    """The key in a file that holds its `key_content`. Raises OSError, or ValueError if it is damaged."""
    return SigningKey.from_bytes(base64.b64decode(path.read_bytes().strip(), validate=True))


class KnownServers:
    """The pinned servers of a profile, kept in its servers.json. Used by one thread.

    `damaged`: where the damaged list was put, if this start found it so; tell the user.
    """

    def __init__(self, profile: Path, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        """Read the list, if there is one. Raises ProfileError if it cannot be read, or is of a newer version."""
        self._path = profile / SERVERS_FILE
        self._now_ms = now_ms
        self._pins: dict[Address, _Pin] = {}
        self._lost = ""
        self.damaged: Path | None = None
        try:
            profile.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._read()
        except OSError as error:
            raise _file_error(self._path, error) from error

    def check(self, address: Address, code: str | None, public_key: bytes) -> Verdict:
        """What to make of the server at `address` that shows `public_key` (DER SubjectPublicKeyInfo).

        `code`: the canonical server code of the invitation that led here, None if it had none.
        """
        pin = self._pins.get(_canonical(address))
        if code is not None and code != server_code(public_key):
            return Verdict.WRONG_CODE
        if pin and pin.public_key == public_key:
            return Verdict.KNOWN
        if code is not None:
            return Verdict.NEW
        if pin:
            return Verdict.CHANGED
        if any(other.public_key == public_key for other in self._pins.values()):
            return Verdict.KNOWN
        return Verdict.LOST if self._lost else Verdict.NEW

    def pin(self, address: Address, public_key: bytes, name: str) -> None:
        """From now on this key is the right one at `address`. Call it also after each login, for name and time.

        On the disk when it returns. Raises ProfileError, and changes nothing, if it cannot be written.
        """
        host, port = address = _canonical(address)
        with self._alone():
            self._write(self._pins | {address: _Pin(host, port, public_key, name, self._now_ms())})

    def forget(self, address: Address) -> None:
        """Unpin what is pinned at `address`, if anything is. Raises ProfileError like `pin`."""
        address = _canonical(address)
        with self._alone():
            if address in self._pins:
                self._write({key: pin for key, pin in self._pins.items() if key != address})

    def known(self) -> list[KnownServer]:
        """All pinned servers, the one used last first."""
        pins = sorted(self._pins.items(), key=lambda item: item[1].last_used, reverse=True)
        return [KnownServer(address, server_code(pin.public_key), pin.name, pin.last_used) for address, pin in pins]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Change the list as it is now: another window on this profile may have changed it since we read it."""
        try:
            descriptor = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                lock(descriptor, wait=True)
                self._read()
                yield
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _file_error(self._path, error) from error

    def _read(self) -> None:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return
        try:
            version = msgspec.json.decode(content, type=_Versioned).version
            if version > VERSION:
                raise ProfileError(f"{self._path} was written by a newer version of qtchat. Please update this one.")
            file = msgspec.json.decode(content, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._set_aside(content)
        else:
            self._pins = {(pin.host, pin.port): pin for pin in file.servers}
            self._lost = file.lost

    def _set_aside(self, content: bytes) -> None:
        # A copy first, then the new list over the old one: at no moment is there no list, which would mean that no
        # server was ever met.
        self.damaged = free_damaged_name(self._path)
        create_file(self.damaged, content)
        self._lost = self.damaged.name
        self._write({})

    def _write(self, pins: dict[Address, _Pin]) -> None:
        file = _File(VERSION, tuple(pins.values()), self._lost)
        try:
            replace_file(self._path, msgspec.json.format(msgspec.json.encode(file)) + b"\n")
        except OSError as error:
            raise _file_error(self._path, error) from error
        self._pins = pins


def pinned(profile: Path) -> dict[Address, str]:
    """The codes of the pinned servers of a profile, by address. Only reads: what cannot be read has no pins here, and
    is told of when a server is joined."""
    try:
        servers = msgspec.json.decode((profile / SERVERS_FILE).read_bytes(), type=_File).servers
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return {(pin.host, pin.port): server_code(pin.public_key) for pin in servers}


def invitation_to(code: str, addresses: Sequence[Address]) -> str:
    """The link that leads to the server with this code, at the first of these addresses that an invitation can hold."""
    return str(Invitation(tuple(addresses[:MAX_ADDRESSES]), code))


def who_is_meant(link: str) -> tuple[str, tuple[Address, ...]]:
    """Code ("" without one) and addresses of an invitation or a typed address; ("", ()) for anything else."""
    try:
        invitation = parse_invitation(link)
    except InvitationError:
        return "", ()
    return invitation.code or "", invitation.addresses


def _canonical(address: Address) -> Address:
    host, port = address
    return host.lower(), port


def _file_error(path: Path, error: OSError) -> ProfileError:
    return ProfileError(f"{path} cannot be read or written: {error.strerror or error}.")
