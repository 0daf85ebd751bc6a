"""The load generator: many TLS clients in one thread, made so that it is not the limit.

`Crowd` logs clients in, `Load` lets them talk. A few clients are observers: they decrypt what they get and count the
marks in it (see dialects.MARK), and the latencies are theirs. The others only look at the headers of the TLS records
and divide the bytes in them by the size of a message, which all have in common. Nothing is decoded. The server cannot
tell the difference; but in Python, a small record costs 2.6 microseconds to decrypt, and 0.3 to measure.
"""

import os
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tests.bench.dialects import ACK, MARK, NUMBER_SIZE, Dialect, Login
from tests.bench.machine import usage

BUFFER: Final = 256 * 1024
RECORD: Final = 16 * 1024
"""Bytes of one TLS record at most: a read gives no more."""
RECORD_HEADER: Final = 5
RECORD_TRAILER: Final = 17
"""Bytes that TLS 1.3 adds to the content of a record, besides its header."""
PRELUDE: Final = 3
"""Messages with which a load begins, to find out their size."""
OBSERVERS: Final = 10
"""Clients that decrypt what they get, about."""
SAMPLE_EVERY: Final = 7
"""Of the observers' reads, one in so many gives a latency; prime, so that all have a turn."""
SEAM: Final = len(MARK) - 1
"""Bytes that are kept between two reads: a mark may have begun in them."""
WARM_UP: Final = 0.3
"""Seconds of load before the measurement begins."""
PATIENCE: Final = 15.0
"""Seconds without any progress until a benchmark is given up."""


class StuckError(Exception):
    """The server stopped answering, or refused; the text says what was missing."""


@dataclass(slots=True, eq=False)
class Client:
    """One connection."""

    sock: socket.socket
    """Encrypted as soon as it is connected."""
    number: int
    began: float = field(default_factory=time.perf_counter)
    login: Login | None = None
    sent: int = 0
    unanswered: int = 0
    waiting: bytearray = field(default_factory=bytearray)
    """What the socket has not taken yet."""
    sealed: bool = False
    """Whether what it gets is no longer decrypted."""
    tail: bytes = bytes(SEAM)
    """The end of what was read before, where a mark may have begun."""
    received: int = 0
    """Bytes, without what TLS adds."""
    arrived: int = 0
    """Messages that were counted by those bytes."""
    skip: int = 0
    """Bytes that are still to come of a TLS record of which the header was seen."""
    header: bytes = b""
    """The beginning of a header that was cut."""

    def flush(self) -> None:
        try:
            while self.waiting:
                del self.waiting[: self.sock.send(self.waiting)]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            pass


def acknowledge(sock: socket.socket) -> None:
    """Let the system acknowledge what it has received now. It does not last, says tcp(7)."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class Crowd:
    """Clients of one server. Close it.

    `acknowledge_at_once`: for every read. Servers that leave Nagle's algorithm on otherwise wait up to 40 ms between
    two messages, as they do with real clients, too.
    """

    def __init__(self, dialect: Dialect, port: int, server_key: bytes, *, acknowledge_at_once: bool = False) -> None:
        self.dialect = dialect
        self.acknowledge_at_once = acknowledge_at_once
        self.clients: list[Client] = []
        self.login_times: list[float] = []
        """Seconds each login took, from its first packet."""
        self._address = ("127.0.0.1", port)
        self._server_key = server_key
        self._poll = select.epoll()
        self._arriving: dict[int, Client] = {}

    def connect(self, numbers: Iterable[int], at_once: int = 32, receive_buffer: int = 0) -> list[float]:
        """Log clients in, `at_once` at a time; returns when each was in, seconds after the beginning.

        `receive_buffer`: SO_RCVBUF, bytes; 0 for the usual. Raises StuckError.
        """
        start = time.perf_counter()
        times: list[float] = []
        waiting = deque(numbers)
        while waiting or self._arriving:
            while waiting and len(self._arriving) < at_once:
                self._begin(waiting.popleft(), receive_buffer)
            ready = self._poll.poll(PATIENCE)
            if not ready:
                raise StuckError(f"{len(self._arriving)} logins are not answered")
            for descriptor, _ in ready:
                if self._step(self._arriving[descriptor]):
                    times.append(time.perf_counter() - start)
        return times

    def drop(self) -> None:
        """End the connections of those who are logged in."""
        for client in self.clients:
            client.sock.close()
        self.clients.clear()

    def close(self) -> None:
        for client in (*self.clients, *self._arriving.values()):
            client.sock.close()
        self.clients.clear()
        self._poll.close()

    def _begin(self, number: int, receive_buffer: int) -> None:
        raw = socket.socket()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        # Several source addresses, so that the ports suffice, with those of earlier runs still being kept.
        raw.bind((f"127.0.0.{number % 8 + 1}", 0))
        raw.setblocking(False)
        raw.connect_ex(self._address)
        client = Client(raw, number)
        self._arriving[raw.fileno()] = client
        self._poll.register(raw, select.EPOLLOUT)

    def _step(self, client: Client) -> bool:
        """Go on with a login as far as possible; whether it is complete."""
        try:
            if not isinstance(client.sock, ssl.SSLSocket):
                client.sock = self.dialect.context.wrap_socket(client.sock, do_handshake_on_connect=False)
                self._poll.modify(client.sock, select.EPOLLIN)
            if client.login is None:
                client.sock.do_handshake()
                client.login = self.dialect.login(client.number, self._server_key)
                client.waiting += next(client.login)
            else:
                data = client.sock.recv(BUFFER)
                acknowledge(client.sock)
                if not data:
                    raise StuckError(f"the server closed the connection of client {client.number}")
                client.waiting += client.login.send(data)
            client.flush()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except StopIteration:
            self._poll.unregister(client.sock)
            del self._arriving[client.sock.fileno()]
            self.clients.append(client)
            self.login_times.append(time.perf_counter() - client.began)
            return True
        except OSError as error:
            raise StuckError(f"client {client.number} could not log in: {error}") from error
        return False


@dataclass(slots=True)
class Figures:
    """What a load has measured. `latencies`: seconds from sending to delivery, sorted. Shares are of one core."""

    deliveries_per_s: float
    messages_per_s: float
    latencies: list[float]
    load_cpu: float = 0.0
    server_cpu: float = 0.0
    waited: float = 0.0
    """Share of the time in which one of the two was ready, but other programs had its core."""

    def microseconds(self, share: float) -> float:
        """The latency that this share (0.5: half) of the deliveries do not exceed."""
        return round(self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1e6, 1)


class Load:
    """Lets the clients of a Crowd talk in their room, and counts what arrives.

    Deliveries are those to others: a protocol's echo to the sender is read, but not counted.
    """

    def __init__(self, crowd: Crowd, listeners: Sequence[Client] | None = None, observers: int = OBSERVERS) -> None:
        """`listeners`: who is read from, and talks in turn; all unless given. The others are left to stall."""
        self._observers = observers
        self._dialect = crowd.dialect
        self._acknowledge = crowd.acknowledge_at_once
        self._clients = list(listeners if listeners is not None else crowd.clients)
        others = len(self._clients) - 1
        self._copies = others + self._dialect.echo
        """Times each message arrives."""
        self._counted = others / self._copies
        self._poll = select.epoll()
        self._by_descriptor = {client.sock.fileno(): client for client in self._clients}
        for descriptor in self._by_descriptor:
            self._poll.register(descriptor, select.EPOLLIN)
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._sent: list[tuple[float, Client]] = []
        """When and by whom each message was sent, by its number."""
        self._arrived = 0
        self._latencies: list[float] = []
        self.sample_every = SAMPLE_EVERY
        self._sample_in = 0
        self._talking: set[Client] = set()
        self._payload = 0
        self._message_size = self._answer_size = 0

    def close(self) -> None:
        self._poll.close()

    def closed_loop(self, in_flight: int, payload: int, seconds: float, server: int = 0) -> Figures:
        """Keep `in_flight` messages under way, all clients sending in turn. `server`: its process id."""
        senders = deque(self._clients)

        self._prepare(payload)

        def fill() -> float:
            for _ in range(in_flight - self._under_way()):
                sender = self._next_sender(senders)
                if sender is None:
                    break
                self._say(sender, payload, time.perf_counter())
            return 0.5

        return self._run(fill, seconds, server)

    def open_loop(
        self, rate: float, payload: int, seconds: float, server: int = 0, senders: Sequence[Client] | None = None
    ) -> Figures:
        """Send `rate` messages a second, whatever arrives. The time of a message is when it was due."""
        self._prepare(payload)
        turn = deque(senders or self._clients)
        due = time.perf_counter()

        def fill() -> float:
            nonlocal due
            now = time.perf_counter()
            while due <= now:
                sender = self._next_sender(turn)
                if sender is None:
                    break
                self._say(sender, payload, due)
                due += 1 / rate
            return max(0.0, due - now - 0.002)  # epoll counts in milliseconds, so the last two are spent polling

        return self._run(fill, seconds, server)

    def keep_alive(self) -> None:
        """Show the server that all are still there, while others have their turn."""
        for client in self._clients:
            client.waiting += self._dialect.alive
            client.flush()

    def exactly(self, count: int, payload: int, in_flight: int = 256) -> None:
        """Say so many things, and see each of them arrive everywhere."""
        self._prepare(payload)
        senders = deque(self._clients)
        left = count - PRELUDE
        while left > 0:
            for _ in range(min(left, in_flight - self._under_way())):
                sender = self._next_sender(senders)
                if sender is None:
                    break
                self._say(sender, payload, time.perf_counter())
                left -= 1
            self._flush()
            self._take(0.5)
        self._drain()

    # -- counting by size -----------------------------------------------------------------------------

    def _prepare(self, payload: int) -> None:
        """At first, all decrypt: so that what came before is out of the way, and the sizes become known."""
        if self._payload:
            assert payload == self._payload, "the size of a message is counted with"
            return
        self._payload = payload
        observers = set(self._clients[:: max(1, len(self._clients) // self._observers)])
        for sender in (self._clients * PRELUDE)[:PRELUDE]:
            for client in self._clients:
                client.received = 0
            self._say(sender, payload, time.perf_counter())
            self._drain()
            sizes = {client.received for client in self._clients if client is not sender}
        if len(sizes) != 1:
            raise StuckError(f"one message came in different sizes: {sizes}")
        self._message_size = sizes.pop()
        self._answer_size = sender.received - self._message_size * self._dialect.echo
        for client in self._clients:
            client.received = client.sent = 0
            client.sealed = client not in observers

    def _measure(self, client: Client) -> None:
        """Count messages by the sizes of the TLS records."""
        buffer, kept = self._buffer, len(client.header)
        buffer[:kept] = client.header
        try:
            size = kept + socket.socket.recv_into(client.sock, self._view[kept:] if kept else self._view)
        except BlockingIOError:
            return
        if size == kept:
            raise StuckError(f"the server closed the connection of client {client.number}")
        at = client.skip
        while at + RECORD_HEADER <= size:
            length = buffer[at + 3] << 8 | buffer[at + 4]
            client.received += length - RECORD_TRAILER
            at += RECORD_HEADER + length
        client.header = bytes(buffer[at:size]) if at < size else b""
        client.skip = max(0, at - size)
        arrived = (client.received - client.sent * self._answer_size) // self._message_size
        self._arrived += arrived - client.arrived
        client.arrived = arrived

    # -- the loop -------------------------------------------------------------------------------------

    def _run(self, fill: Callable[[], float], seconds: float, server: int) -> Figures:
        me = os.getpid()
        self._go_on(fill, WARM_UP)
        self._latencies = []
        arrived, sent, before, server_before = self._arrived, len(self._sent), usage(me), usage(server or me)
        self._go_on(fill, seconds)
        mine, theirs = usage(me).since(before), usage(server or me).since(server_before)
        figures = Figures(
            deliveries_per_s=round((self._arrived - arrived) * self._counted / mine.clock),
            messages_per_s=round((len(self._sent) - sent) / mine.clock),
            latencies=sorted(self._latencies),
            load_cpu=round(mine.ran, 3),
            server_cpu=round(theirs.ran, 3),
            waited=round(mine.waited + theirs.waited, 3),
        )
        self._drain()
        return figures

    def _go_on(self, fill: Callable[[], float], seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            timeout = fill()
            self._flush()
            self._take(timeout)

    def _drain(self) -> None:
        """Take what is still under way."""
        end = time.perf_counter() + PATIENCE
        while self._under_way() or any(client.unanswered for client in self._clients):
            self._flush()
            self._take(0.1)
            if time.perf_counter() > end:
                wanted = len(self._sent) * self._copies
                raise StuckError(f"of {wanted} deliveries only {self._arrived} came")
        self._sent.clear()
        self._arrived = 0

    def _under_way(self) -> int:
        """Messages, the first of which counts until it has arrived everywhere."""
        return len(self._sent) - self._arrived // self._copies

    def _next_sender(self, senders: deque[Client]) -> Client | None:
        """Whose turn it is, of those who may still send."""
        limit = self._dialect.in_flight
        for _ in range(len(senders)):
            sender = senders[0]
            senders.rotate(-1)
            if not limit or sender.unanswered < limit:
                return sender
        return None

    def _say(self, sender: Client, payload: int, when: float) -> None:
        sender.waiting += self._dialect.post(len(self._sent), payload)
        sender.sent += 1
        if self._dialect.ack and not sender.sealed:
            sender.unanswered += 1
        self._sent.append((when, sender))
        self._talking.add(sender)

    def _flush(self) -> None:
        for client in tuple(self._talking):
            client.flush()
            if not client.waiting:
                self._talking.discard(client)

    def _take(self, timeout: float) -> None:
        by_descriptor = self._by_descriptor
        for descriptor, _ in self._poll.poll(timeout):
            client = by_descriptor[descriptor]
            if client.sealed:
                self._measure(client)
            else:
                self._read(client)
            if self._acknowledge:
                acknowledge(client.sock)

    def _read(self, client: Client) -> None:
        size = RECORD
        while size == RECORD:
            try:
                size = client.sock.recv_into(self._buffer)
            except ssl.SSLWantReadError:
                return
            if not size:
                raise StuckError(f"the server closed the connection of client {client.number}")
            self._count(client, size)

    def _count(self, client: Client, size: int) -> None:
        """Count the marks in the buffer, and those that began in what was read before."""
        buffer = self._buffer
        client.received += size
        seam = client.tail + buffer[: min(size, SEAM)]
        client.tail = bytes(buffer[size - SEAM : size] if size >= SEAM else seam[-SEAM:])
        arrived = buffer.count(MARK, 0, size) + seam.count(MARK)  # a seam is too short to hold a whole one on one side
        self._arrived += arrived
        if client.unanswered:
            reach = len(ACK) - 1
            client.unanswered -= buffer.count(ACK, 0, size) + seam.count(ACK, SEAM - reach, SEAM + reach)
        self._sample_in -= 1
        if arrived and self._sample_in <= 0:
            self._sample(client, size)

    def _sample(self, client: Client, size: int) -> None:
        """The latency of the first or the last message in the buffer, in turn."""
        now = time.perf_counter()
        at = (self._buffer.rfind if len(self._latencies) & 1 else self._buffer.find)(MARK, 0, size)
        if at >= NUMBER_SIZE:
            when, sender = self._sent[int(self._buffer[at - NUMBER_SIZE : at])]
            if sender is not client:
                self._latencies.append(now - when)
                self._sample_in = self.sample_every
