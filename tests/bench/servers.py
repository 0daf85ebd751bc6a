"""The servers that are measured: qtchat, and for comparison ngircd and InspIRCd as Debian packages them.

Each runs as a process of its own on 127.0.0.1, with TLS, and ends with its `with` block.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from qtchat.net.tls import load_or_create_identity
from qtchat.protocol.names import fold
from qtchat.server.records import EventRecord, MemberRecord, NickRecord, RoomRecord, UserRecord
from qtchat.server.store import Writes, open_store
from tests.bench.dialects import CIRCLE, ROOM, Dialect, Irc, Native, nick, text
from tests.bench.load import Crowd
from tests.bench.machine import SERVER_CORE, pin

START_PATIENCE: Final = 30.0
"""Seconds a server may take to start."""
CAPACITY: Final = 12_000
"""Connections that each server is allowed."""


class MissingError(Exception):
    """A server is not installed; the text says what to install."""


@dataclass(frozen=True)
class Running:
    """A server that accepts connections. `start_s`: seconds it took until then. `link`: qtchat's invitation. `doors`:
    ports of its plain-text doors."""

    name: str
    dialect: Dialect
    port: int
    pid: int
    server_key: bytes
    folder: Path
    start_s: float = 0.0
    link: str = ""
    doors: tuple[int, ...] = ()

    def crowd(self, dialect: Dialect | None = None, *, acknowledge_at_once: bool = False) -> Crowd:
        """Clients for this server. `dialect`: unless it is the usual one."""
        return Crowd(dialect or self.dialect, self.port, self.server_key, acknowledge_at_once=acknowledge_at_once)


# -- qtchat -------------------------------------------------------------------------------------------


FIRST_USER: Final = 1000
"""With more than 65 535 messages and user numbers from here to 65 535, all events take the same number of bytes."""


def furnish(folder: Path, users: int, events: int = 70_000, circle: int = 0) -> None:
    """Make a database in which clients 0 to `users` - 1 are known members of the room, with `events` messages.

    `circle`: so many of them, the first, are also members of the room CIRCLE; the messages are there then.
    """
    with open_store(folder) as store:
        people = Writes(rooms=[RoomRecord(ROOM, "lobby", fold("lobby"), "", 0, 0)])
        for number in range(users):
            name = nick(number)
            people.users.append(UserRecord(FIRST_USER + number, name, Native.key(number).public_key, 0))
            people.nicks.append(NickRecord(fold(name), FIRST_USER + number, name))
            people.members_added.append(MemberRecord(ROOM, FIRST_USER + number))
        people.rooms.append(RoomRecord(CIRCLE, "circle", fold("circle"), "", 0, 0))
        people.members_added += [MemberRecord(CIRCLE, FIRST_USER + number) for number in range(circle)]
        store.log.commit(people)
        for first in range(1, events + 1, 10_000):
            seqs = range(first, min(first + 10_000, events + 1))
            rows = [
                EventRecord(
                    CIRCLE if circle else ROOM,
                    seq,
                    b"furnish!" + seq.to_bytes(8, "big"),
                    FIRST_USER + seq % users,
                    seq,
                    "post",
                    text(seq, 64).decode(),
                )
                for seq in seqs
            ]
            store.log.commit(Writes(events=rows))


def public_key(folder: Path) -> bytes:
    """Of the server that has its data in `folder`, DER."""
    return load_or_create_identity(folder).public_key


@contextmanager
def qtchat(folder: Path, *, durable: bool = True, **options: int | list[str]) -> Iterator[Running]:
    """qtchat-server with its data in `folder`. `durable=False`: synchronous=NORMAL, for comparison only.

    `options`: of ServerSettings; unless given, there is no limit to what a user may send.
    """
    folder.mkdir(exist_ok=True)
    config = folder / "bench.toml"
    options = {"max_connections": CAPACITY, "messages_per_second": 0, **options}
    config.write_text("".join(f"{name} = {value}\n" for name, value in options.items()), encoding="utf-8")
    module = "qtchat.server.cli" if durable else "tests.bench.relaxed_server"
    command = [
        sys.executable,
        "-P",
        "-m",
        module,
        "--data",
        str(folder),
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--json",
    ]
    name = "qtchat" if durable else "qtchat, synchronous=NORMAL"
    begin = time.perf_counter()
    log = folder / "server.log"
    with (
        log.open("wb") as errors,
        _process([*command, "--config", str(config)], stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        assert process.stdout is not None
        line = process.stdout.readline()
        took = time.perf_counter() - begin
        if not line:
            raise RuntimeError(f"qtchat-server did not start: {log.read_text(encoding='utf-8')}")
        ready = json.loads(line)
        port = int(ready["native"].rpartition(":")[2])
        key = public_key(folder)
        doors = tuple(int(door.partition(":")[2]) for door in ready["classic"])
        yield Running(name, Native(), port, process.pid, key, folder, took, ready["link"], doors)


# -- the others ---------------------------------------------------------------------------------------

NGIRCD: Final = """\
[Global]
Name = bench.example
Info = bench
Listen = 127.0.0.1
Ports = {plain_port}
MotdPhrase = bench
PidFile =
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 16
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
IncludeDir = {folder}/none
[SSL]
CertFile = {folder}/server.crt
KeyFile = {folder}/server.key
Ports = {port}
"""

INSPIRCD: Final = """\
<server name="bench.example" description="bench" network="Bench">
<admin name="bench" nick="bench" email="bench@bench.example">
<module name="ssl_gnutls">
<sslprofile name="bench" provider="gnutls" certfile="{folder}/server.crt" keyfile="{folder}/server.key">
<bind address="127.0.0.1" port="{port}" type="clients" sslprofile="bench">
<connect name="main" allow="*" timeout="60" threshold="100000000" commandrate="100000000" fakelag="no" pingfreq="3600"
    hardsendq="67108864" softsendq="67108864" recvq="1048576" localmax="100000" globalmax="100000" maxconnwarn="no"
    limit="100000" resolvehostnames="no" useident="no" maxchans="100">
<class name="none" commands=""><type name="none" classes="none">
<dns server="127.0.0.1" timeout="1">
<pid file="{folder}/inspircd.pid">
<options nosnoticestack="yes">
<performance softlimit="100000" clonesonconnect="no" somaxconn="1024" netbuffersize="65534" timeskipwarn="0s">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="{folder}/inspircd.log">
"""


@contextmanager
def ngircd(folder: Path) -> Iterator[Running]:
    """ngircd with no limits. Raises MissingError."""
    program = _program("ngircd", "ngircd")
    with _irc("ngircd", folder, NGIRCD, lambda config: [program, "--nodaemon", "--config", str(config)]) as running:
        yield running


@contextmanager
def inspircd(folder: Path) -> Iterator[Running]:
    """InspIRCd with no limits. Raises MissingError."""
    program = _program("inspircd", "inspircd")
    with _irc("inspircd", folder, INSPIRCD, lambda config: [program, "--nofork", "--config", str(config)]) as running:
        yield running


RIVALS: Final[dict[str, Callable[[Path], AbstractContextManager[Running]]]] = {"ngircd": ngircd, "inspircd": inspircd}


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not found:
        raise MissingError(f"{name} is skipped: it is not installed (Debian: apt-get install {package})")
    return found


@contextmanager
def _irc(name: str, folder: Path, template: str, command: Callable[[Path], list[str]]) -> Iterator[Running]:
    folder.mkdir(exist_ok=True)
    identity = load_or_create_identity(folder)  # the same kind of key for all
    port, plain_port = _free_port(), _free_port()
    config = folder / f"{name}.conf"
    config.write_text(template.format(folder=folder, port=port, plain_port=plain_port), encoding="utf-8")
    owner = _unprivileged_user()
    if owner:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
    log = folder / "output.log"
    begin = time.perf_counter()
    with log.open("wb") as output, _process(command(config), stdout=output, stderr=output, user=owner) as process:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError as error:
                if process.poll() is not None or time.perf_counter() - begin > START_PATIENCE:
                    raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace')}") from error
                time.sleep(0.05)
        yield Running(name, Irc(), port, process.pid, identity.public_key, folder)


def _unprivileged_user() -> str | None:
    """Whom to run as instead of root; None if we are somebody else already."""
    if os.geteuid() != 0:
        return None
    for name in ("irc", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@contextmanager
def _process(
    command: list[str], *, stdout: int | IO[bytes], stderr: int | IO[bytes], user: str | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process on the server's core, that has ended when the block is left, whatever happens."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        preexec_fn=lambda: pin(SERVER_CORE),
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        cwd="/" if user else None,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
