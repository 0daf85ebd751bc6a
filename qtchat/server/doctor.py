"""Does this server work, and can others find it? Looks at data, port, firewall and announcement, and sends itself a
message from end to end.

It asks the server that runs on the data folder; where none runs, it starts one for as long as it looks.
"""

import logging
import os
import shutil
import socket
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

from qtchat import __version__
from qtchat.net.announcement import DISCOVERY_PORT, networks
from qtchat.net.checks import here
from qtchat.net.checks.findings import Finding, failed, ok, skipped, warning
from qtchat.net.checks.firewall import MDNS_PORT, check_firewall, find_firewalls
from qtchat.net.checks.hearing import Heard, ask_broadcast, ask_mdns
from qtchat.net.checks.peer import PATIENCE, Peer, Way, find, reach
from qtchat.net.checks.tools import NEVER
from qtchat.net.signature import SigningKey
from qtchat.net.tls import IdentityError, ServerIdentity, load_or_create_identity, server_code
from qtchat.protocol.messages import (
    KIND_POST,
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Ack,
    Authenticate,
    Authenticated,
    Error,
    Event,
    GetHistory,
    Hello,
    History,
    Message,
    OpenDirect,
    Post,
    Ready,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import Role, Session
from qtchat.server.addresses import reachable_addresses
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.doctor_key import load_or_create_doctor_key
from qtchat.server.listener import ListenError
from qtchat.server.running import is_running, read_running
from qtchat.server.store import StoreError

logger = logging.getLogger(__name__)

NICK: Final = "doctor"
"""What it would like to be called; the server gives it a free name like that."""
LISTEN: Final = 4.0
"""Seconds that the announcement has to be heard: by mDNS it takes two from the start."""
LITTLE_ROOM: Final = 0.1
"""Part of the disk below which there is a warning."""
LOOPBACK: Final = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (only compared with)
"""Where a server that listens on all addresses can be asked."""

DATA: Final = "Data folder"
RUNNING: Final = "Server"
IDENTITY: Final = "Key and server code"
PORT: Final = "Port"
ADDRESSES: Final = "Addresses for others"
ENCRYPTION: Final = "Encryption"
MESSAGE: Final = "Message to itself"
PLAIN_DOORS: Final = "Plain-text doors"
BROADCAST: Final = "Announced by broadcast"
MDNS: Final = "Announced by mDNS"

Reply = TypeVar("Reply", bound=Message)


class TroubleError(Exception):
    """The server does not do what it should; the text is a sentence."""


class Doctor:
    """One examination of the server with these settings. `examine` may be called once, and blocks between findings."""

    def __init__(self, settings: ServerSettings) -> None:
        self._settings = settings
        self._host = LOOPBACK.get(settings.listen_on, settings.listen_on)
        self._port = settings.port
        self._server_id = b""

    def examine(self) -> Generator[Finding, None, None]:
        folder = self._settings.folder
        yield _check_room(folder)
        with ExitStack() as stack:
            made = _has_content(folder)
            if not made:  # a doctor leaves nothing behind, and the folder may be a slip of the pen
                sentence = "There is no server in {folder} yet, so one without any data is tried in its place."
                yield warning(IDENTITY, sentence, "If there should be one, say where by --data.", folder=folder)
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="qtchat-doctor-")))
                self._settings = replace(self._settings, data=str(folder))
            try:
                identity = load_or_create_identity(folder)
                if made:
                    yield ok(IDENTITY, "The server code is {code}.", code=identity.code)
                running = is_running(folder)
                if running:
                    self._ask_where()
                else:
                    server = stack.enter_context(Server(self._settings))
                    self._port = server.port
            except (IdentityError, StoreError, ListenError) as error:
                yield failed(
                    RUNNING, "It cannot start: {problem}", "Mend that, then ask the doctor again.", problem=error
                )
                return
            if running:
                yield ok(RUNNING, "It runs on {folder}, and is asked.", folder=folder)
            else:
                yield ok(RUNNING, "It was not running, so it was started to be asked; it stops at the end.")
            yield from self._look_at(identity)
            yield from _check_plain_doors(folder)

    def _ask_where(self) -> None:
        """The server that runs knows better than the options where it listens."""
        running = read_running(self._settings.folder)
        if running is not None:
            self._settings = replace(
                self._settings,
                host=running.host,
                interface=running.interface,
                port=running.port,
                discoverable=running.discoverable,
            )
            self._host = LOOPBACK.get(self._settings.listen_on, self._settings.listen_on)
            self._port = running.port

    def _look_at(self, identity: ServerIdentity) -> Iterator[Finding]:
        if not self._port:
            yield skipped(PORT, "The server took any free port, so it is not known which.", "Say which by --port.")
            return
        targets = find(self._host, self._port, NEVER)
        way, sock = reach(targets[0], NEVER) if targets else (Way.NO_ROUTE, None)
        if sock is None:
            yield failed(
                PORT,
                "Nothing takes connections at {host} port {port} ({way}).",
                "Give the doctor the options that the server was started with: --config, or --host and --port.",
                host=self._host,
                port=self._port,
                way=way.value,
            )
            return
        yield ok(PORT, "{host} takes connections at port {port}.", host=self._host, port=self._port)
        yield from self._talk(sock, identity)
        yield self._check_addresses()
        yield check_firewall(find_firewalls(self._port))
        yield from self._listen()

    def _check_addresses(self) -> Finding:
        addresses = reachable_addresses(self._settings.listen_on)
        shown = ", ".join(f"{address} port {self._port}" for address in addresses)
        if all(address in ("127.0.0.1", "::1") for address in addresses):
            return warning(
                ADDRESSES,
                "{addresses}: only this computer can get there.",
                "Connect this computer to a network, and let the server listen on all addresses (--host '').",
                addresses=shown,
            )
        return ok(ADDRESSES, "{addresses}", addresses=shown)

    # -- does it work? ----------------------------------------------------------------------------------------

    def _talk(self, sock: socket.socket, identity: ServerIdentity) -> Iterator[Finding]:
        try:
            peer = Peer(sock, NEVER)
        except (OSError, ValueError) as error:
            sentence = "What answers there does not speak TLS 1.3: {problem}."
            yield failed(ENCRYPTION, sentence, "Is the port right?", problem=error)
            return
        with peer:
            shown = server_code(peer.public_key)
            if shown != identity.code:
                yield failed(
                    ENCRYPTION,
                    "The server at that port has the code {code}: it is another one.",
                    "Two servers want one port, or --data is not the folder of the one that runs.",
                    code=shown,
                )
                return
            yield ok(ENCRYPTION, "TLS 1.3, with the key of this folder.")
            try:
                began = time.monotonic()
                talk = _Talk(peer)
                self._server_id = talk.server_id
                talk.login(load_or_create_doctor_key(self._settings.folder))
                talk.send_to_itself()
            except (TroubleError, OSError, ValueError) as error:
                yield failed(
                    MESSAGE, "That did not work: {problem}", "The log of the server tells more.", problem=error
                )
            else:
                took = (time.monotonic() - began) * 1000
                sentence = "Sent, stored, told and read again in {took} ms, as the user {nick}."
                yield ok(MESSAGE, sentence, took=round(took), nick=talk.nick)

    # -- can it be found? -------------------------------------------------------------------------------------

    def _listen(self) -> Iterator[Finding]:
        if not self._server_id:
            yield skipped(BROADCAST, "It is not known what to listen for, since the server did not answer.")
            return
        if not self._settings.announced:
            why = "only this computer can reach it" if self._settings.discoverable else "discoverable = false"
            yield skipped(BROADCAST, "The server does not announce itself: {why}.", why=why)
            return
        listening = self._settings.listen_on
        interface = "" if listening in LOOPBACK else listening

        def enough(heard: Heard) -> bool:
            return any(server.server_id == self._server_id for server in heard.servers.values())

        with ThreadPoolExecutor(2, "qtchat-doctor") as pool:
            broadcast = pool.submit(ask_broadcast, networks(interface), LISTEN, NEVER, enough)
            mdns = pool.submit(ask_mdns, interface, LISTEN, NEVER, enough)
            heard_by = {BROADCAST: broadcast.result(), MDNS: mdns.result()}
        permission = here.check_permission(heard_by[BROADCAST].refused and not heard_by[BROADCAST].sent)
        if permission is not None:
            yield permission
        for step, heard in heard_by.items():
            if enough(heard):
                yield ok(step, "The server hears itself.")
            elif heard.problem and not heard.sent:
                yield warning(step, "This way does not work here ({problem}).", _BY_HAND, problem=heard.problem)
            else:
                yield warning(
                    step,
                    "The server does not hear itself.",
                    f"Does another program have UDP port {{port}}? {_BY_HAND}",
                    port=DISCOVERY_PORT if step == BROADCAST else MDNS_PORT,
                )


_BY_HAND: Final = "Until then people join by the invitation."


class _Talk:
    """A login, and then requests with their replies. Every call may raise TroubleError and OSError."""

    def __init__(self, peer: Peer) -> None:
        self._peer, self._session = peer, Session(Role.CLIENT, time.monotonic())
        self._arrived: list[Message] = []
        self._nonce = os.urandom(NONCE_SIZE)
        self._user = 0
        self.nick = NICK
        self._send(Hello(OLDEST_VERSION, PROTOCOL_VERSION, (), f"qtchat doctor {__version__}"[:64], self._nonce))
        self._welcome = self._expect(Welcome)
        self.server_id = self._welcome.server_id

    def login(self, key: SigningKey) -> None:
        content = signed_content(self._peer.public_key, self._nonce, self._welcome.nonce, self.nick)
        self._send(Authenticate(self.nick, key.public_key, key.sign(content)))
        admitted = self._expect(Authenticated)
        self._user, self.nick = admitted.user, admitted.nick
        self._expect(Ready)

    def send_to_itself(self) -> None:
        """A message into the direct room that the doctor has with itself, and the way back by both roads."""
        opened = OpenDirect(os.urandom(16), self._user)
        self._send(opened)
        room = self._expect(Ack, lambda ack: ack.re == opened.id).room
        post = Post(os.urandom(16), room, "The doctor was here.")
        self._send(post)
        acked, told = False, False
        while not (acked and told):
            message = self._next()
            acked = acked or (isinstance(message, Ack) and message.re == post.id)
            told = told or (isinstance(message, Event) and message.id == post.id)
        page = GetHistory(os.urandom(16), room, limit=10)
        self._send(page)
        found = self._expect(History, lambda history: history.re == page.id).events
        if not any(event.id == post.id and event.kind == KIND_POST and event.text == post.text for event in found):
            raise TroubleError("what was acknowledged does not stand in the history.")

    def _send(self, message: Message) -> None:
        self._session.send(message)
        self._peer.send(self._session.data_to_send())

    def _expect(self, kind: type[Reply], fits: Callable[[Reply], bool] = lambda _: True) -> Reply:
        while True:
            message = self._next()
            if isinstance(message, kind) and fits(message):
                return message

    def _next(self) -> Message:
        deadline = time.monotonic() + PATIENCE
        while not self._arrived:
            data = self._peer.receive(deadline)
            self._arrived += self._session.receive_data(data, time.monotonic())
            if not data and not self._arrived:
                raise TroubleError("the server closed the connection.")
            self._peer.send(self._session.data_to_send())
        message = self._arrived.pop(0)
        if isinstance(message, Error):
            raise TroubleError(message.text)
        return message


def _check_plain_doors(folder: Path) -> Iterator[Finding]:
    """Of the server that runs there; nothing if it has none."""
    running = read_running(folder)
    for door in running.plain_doors if running is not None else ():
        if door.shut:
            yield warning(
                PLAIN_DOORS,
                "{door} stays shut, for people who come in there {without}.",
                "Let it listen on 127.0.0.1, or say classic_unlocked = true if that is meant.",
                door=door.entrance,
                without=door.without,
            )
        elif door.without:
            yield warning(
                PLAIN_DOORS,
                "{door} is open and not encrypted, and people who come in there {without}.",
                "Leave it out of the option classic, if nobody should come in like that.",
                door=door.entrance,
                without=door.without,
            )
        else:
            yield ok(PLAIN_DOORS, "{door} is open. What is said through it is not encrypted.", door=door.entrance)


def _has_content(folder: Path) -> bool:
    """Also one that cannot be looked into: the trouble with it is told by whoever uses it."""
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _check_room(folder: Path) -> Finding:
    place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())
    try:
        usage = shutil.disk_usage(place)
    except OSError as error:
        sentence, fix = "{place} cannot be looked at: {problem}.", "Choose another folder with --data."
        return failed(DATA, sentence, fix, place=place, problem=error.strerror)
    if not os.access(place, os.W_OK | os.X_OK):
        sentence, fix = "{place} cannot be written.", "Give this user the folder {folder}, or choose another."
        return failed(DATA, sentence, fix, place=place, folder=folder)
    shown = f"{folder}, {usage.free / 1e9:.1f} GB free ({usage.free / usage.total:.0%} of the disk)"
    if usage.free < LITTLE_ROOM * usage.total:
        return warning(DATA, "{room}.", "Make room: without any, no message can be stored.", room=shown)
    return ok(DATA, "{room}.", room=shown)
