"""Every option of the server, declared once: name, type, unit, default, meaning.

The command line flags, the TOML file, its documented sample and the checks all derive from `ServerSettings`.
"""

import dataclasses
import difflib
import ipaddress
import json
import socket
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, get_origin, get_type_hints

import platformdirs

from qtchat.net.connection import DEFAULT_LIMITS, Limits
from qtchat.net.portable import portable_data
from qtchat.protocol.messages import DEFAULT_PORT, GUEST, MAX_IN_FLIGHT, MEMBER, PING_INTERVAL_MS
from qtchat.protocol.names import NameProblemError, clean_room_name
from qtchat.protocol.session import HANDSHAKE_TIMEOUT, SILENCE_TIMEOUT
from qtchat.server.doors.entrance import Entrance, EntranceError, parse_entrance


class ConfigError(Exception):
    """An option is wrong; the text says which, why, and what is allowed."""


def option(default: Any, meaning: str, *, least: int | None = None, most: int | None = None) -> Any:
    """A field of ServerSettings. `meaning` names the unit; `least` and `most` bound a number."""
    return field(default=default, metadata={"meaning": meaning, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What may be set. Everything has a default: a server needs no configuration.

    What both sides of the wire must agree on (sizes of frames, texts, names and pages, the window, the ping interval)
    stands in protocol/messages/ and is no option.
    """

    name: str = option("", "Name that people see. Empty: the one that the app gave it, or the name of this computer.")
    host: str = option("", "Address to listen on. Empty: all addresses of this computer.")
    interface: str = option(
        "", "Address of this computer beyond which nothing goes, neither listening nor announcing. Empty: all."
    )
    discoverable: bool = option(
        True, "Whether this server tells the network that it is there. One that only this computer reaches never does."
    )
    port: int = option(DEFAULT_PORT, "TCP port to listen on; 0: any free one.", least=0, most=65_535)
    data: str = option("", "Folder for database, key and certificate. Empty: the system's place for such data.")
    lobby: str = option("lobby", "Name of the room that everybody joins at the first visit.")
    io_loops: int = option(1, "Threads that serve connections.", least=1, most=64)
    readers: int = option(2, "Threads that read history pages.", least=1, most=64)
    classic: tuple[str, ...] = option(
        (),
        "Plain-text doors, not encrypted: DIALECT[@ADDRESS][:PORT][/ROOM] each, on 127.0.0.1 unless told otherwise.",
    )
    classic_unlocked: bool = option(
        False,
        "Whether plain-text doors on the network open although there is a password, approval, or newcomers only read: "
        "none of that holds there. Those on 127.0.0.1 always open.",
    )
    handout_folder: str = option(
        "", "Folder whose files, the app for each system, are offered at http://HOST:PORT/get. Empty: no such page."
    )
    handout_port: int = option(8080, "TCP port of that page; 0: any free one.", least=0, most=65_535)
    approve_newcomers: bool = option(
        False, "Whether an admin has to let newcomers in. Neither this nor the next holds at plain-text doors."
    )
    newcomer_role: str = option("member", "What newcomers are: member, or guest, who only reads.")
    max_nicks: int = option(5, "Names that one key may own.", least=1, most=1000)
    newcomers_per_hour: int = option(
        120, "Newcomers an hour from one address, 0: any number; loopback is exempt.", least=0, most=1_000_000
    )
    newcomer_burst: int = option(
        40, "Newcomers from one address at once before that rate holds.", least=1, most=1_000_000
    )
    max_connections: int = option(10_000, "Connections at one time.", least=1, most=1_000_000)
    max_connections_per_address: int = option(
        64, "Connections at one time from one address; loopback is exempt.", least=1, most=1_000_000
    )
    connections_per_second: int = option(
        50, "New connections a second from one address, 0: any number; loopback is exempt.", least=0, most=1_000_000
    )
    messages_per_second: int = option(
        20, "Changes a second (messages, rooms) that one user may go on making, 0: any number.", least=0, most=1_000_000
    )
    message_burst: int = option(
        200, "Changes that one user may make at once before that rate holds.", least=1, most=1_000_000
    )
    lists_per_second: int = option(
        20,
        "Pages of rooms and people a second that one user may go on asking for, 0: any number.",
        least=0,
        most=1_000_000,
    )
    list_burst: int = option(200, "Such pages at once before that rate holds.", least=1, most=1_000_000)
    hard_window: int = option(
        8 * MAX_IN_FLIGHT,
        f"Unanswered requests at which a client is cut off; from {MAX_IN_FLIGHT} on they are refused.",
        least=MAX_IN_FLIGHT,
        most=100_000,
    )
    batch_limit: int = option(
        4096, "Requests in one transaction at most; more wait for the next one.", least=1, most=1_000_000
    )
    soft_outbox: int = option(
        256 * 1024,
        "Bytes waiting for a slow reader above which it is sent no news until it catches up from the log.",
        least=1024,
        most=64 * 1024 * 1024,
    )
    hard_outbox: int = option(
        256 * 1024,
        "Bytes waiting for a client above which nothing more is read from it until it takes some.",
        least=1024,
        most=64 * 1024 * 1024,
    )
    login_timeout: int = option(
        round(HANDSHAKE_TIMEOUT), "Seconds from the connection to the login.", least=1, most=600
    )
    silence_timeout: int = option(
        round(SILENCE_TIMEOUT),
        f"Seconds without a sign of life until a client counts as gone; it is pinged every {PING_INTERVAL_MS // 1000}.",
        least=2 * PING_INTERVAL_MS // 1000,
        most=3600,
    )
    stall_timeout: int = option(
        round(DEFAULT_LIMITS.stall_timeout),
        "Seconds that a client may take none of what waits for it, or leave what was sent unacknowledged.",
        least=1,
        most=3600,
    )
    linger: int = option(
        round(DEFAULT_LIMITS.linger), "Seconds that a closed connection has to take the last words.", least=1, most=60
    )
    listen_backlog: int = option(
        1024, "Connections that the system keeps waiting to be accepted; it may keep fewer.", least=1, most=65_535
    )
    descriptor_reserve: int = option(
        32,
        "Open files kept free of connections: for database, logs, and those who are being turned away.",
        least=16,
        most=10_000,
    )
    presence_interval_ms: int = option(
        200, "Milliseconds over which comings and goings are gathered into one message.", least=0, most=60_000
    )

    def __post_init__(self) -> None:
        for item in dataclasses.fields(self):
            _check(item, getattr(self, item.name))
        try:
            clean_room_name(self.lobby)
        except NameProblemError as problem:
            raise ConfigError(f"lobby: {problem}") from problem
        if self.interface and not _is_address(self.interface):
            raise ConfigError(f"interface: {self.interface} is not an IP address")
        try:
            _ = self.entrances
        except EntranceError as error:
            raise ConfigError(f"classic: {error}") from error
        if self.newcomer_role not in (MEMBER, GUEST):
            raise ConfigError(f"newcomer_role: {MEMBER} or {GUEST}, not {self.newcomer_role!r}")
        if len(self.name) > 64:
            raise ConfigError("name: at most 64 characters")
        for option_name in ("data", "handout_folder"):
            _check_folder(option_name, getattr(self, option_name))

    @property
    def entrances(self) -> tuple[Entrance, ...]:
        """The plain-text doors."""
        return tuple(parse_entrance(text) for text in self.classic)

    @property
    def listen_on(self) -> str:
        """The address to listen on; empty for all."""
        return self.host or self.interface

    @property
    def announced(self) -> bool:
        """Whether the network is told: not by a server that nobody else could reach, unless that was asked for."""
        place = self.listen_on
        local = place == "localhost" or (_is_address(place) and ipaddress.ip_address(place).is_loopback)
        return self.discoverable and (bool(self.interface) or not local)

    @property
    def folder(self) -> Path:
        """Where the data is."""
        if self.data:
            return Path(self.data).expanduser()
        portable = portable_data()
        return portable / "server" if portable else platformdirs.user_data_path("qtchat-server", False)

    @property
    def handout(self) -> Path | None:
        """The folder that is handed out; None if there is none."""
        return Path(self.handout_folder).expanduser() if self.handout_folder else None

    @property
    def connection_limits(self) -> Limits:
        """Those of one connection."""
        return Limits(self.hard_outbox, float(self.stall_timeout), float(self.linger))

    @property
    def shown_name(self) -> str:
        """The name that people see, unless another is kept with the data; see Server.name."""
        return self.name.strip() or (socket.gethostname().strip() or "qtchat")[:64]


TYPES: Final[dict[str, type]] = {
    name: get_origin(hint) or hint for name, hint in get_type_hints(ServerSettings).items()
}
"""Each option's name and type: int, bool, str, or tuple for a list of texts."""
_KINDS: Final = {int: "a whole number", bool: "true or false", str: "a text", tuple: "a list of texts"}


def _check(item: "dataclasses.Field[Any]", value: object) -> None:
    expected = TYPES[item.name]
    fits = isinstance(value, expected) and isinstance(value, bool) == (expected is bool)
    if not fits or (isinstance(value, tuple) and not all(isinstance(text, str) for text in value)):
        raise ConfigError(f"{item.name}: {value!r} is not {_KINDS[expected]}")
    least, most = item.metadata["least"], item.metadata["most"]
    if expected is int and isinstance(value, int) and not least <= value <= most:
        raise ConfigError(f"{item.name}: {value} is not between {least} and {most}")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _check_folder(name: str, value: str) -> None:
    if "\0" in value:
        raise ConfigError(f"{name}: a folder's name cannot contain a zero byte")
    try:
        Path(value).expanduser()
    except RuntimeError as error:  # a "~user" that this computer does not know
        raise ConfigError(f"{name}: {value} is not a folder: there is no such user") from error


def read_file(path: Path) -> dict[str, Any]:
    """The options of a TOML file. ConfigError for a file that cannot be read, or an option that does not exist."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    for name in values:
        if name not in TYPES:
            near = difflib.get_close_matches(name, TYPES, n=1)
            raise ConfigError(f"{path}: there is no option {name!r}" + (f"; is {near[0]!r} meant?" if near else ""))
    return values


def make_settings(file: Path | None, flags: dict[str, Any]) -> ServerSettings:
    """Defaults, overridden by the file, overridden by flags (those that are not None)."""
    values = read_file(file) if file else {}
    if values:
        try:
            _settings(values)
        except ConfigError as error:
            raise ConfigError(f"{file}: {error}") from error
    values.update({name: value for name, value in flags.items() if value is not None})
    return _settings(values)


def _settings(values: dict[str, Any]) -> ServerSettings:
    lists = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return ServerSettings(**values | lists)


def sample(settings: ServerSettings) -> str:
    """A TOML file that holds `settings` and explains every option."""
    lines = ["# qtchat-server: every option, with the value in force. Pass the file with --config.", ""]
    for item in dataclasses.fields(settings):
        value = getattr(settings, item.name)
        default = item.default
        lines.append(f"# {item.metadata['meaning']}")
        if TYPES[item.name] is int:
            lines.append(f"# {item.metadata['least']} to {item.metadata['most']}, default {default}")
        else:
            lines.append(f"# default {_toml(default)}")
        lines += [f"{item.name} = {_toml(value)}", ""]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, int):
        return str(value).lower()
    # TOML takes JSON's escapes, and wants one more character escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
