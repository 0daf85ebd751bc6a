"""Looking around: servers appear by each of the two ways, tell how many are there, and go when they are gone.

Everything stays on loopback.
"""

import queue
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from zeroconf import ServiceInfo, Zeroconf

from qtchat.client import discovery, resolver
from qtchat.client.discovery import Discovery
from qtchat.client.found import Found
from qtchat.net import announcement
from qtchat.net.announcement import Announcement, to_txt
from qtchat.net.dial import Address, Dial
from qtchat.net.loop import IoLoop
from qtchat.net.mdns import Service, read_service
from qtchat.server import announcer
from qtchat.server.announcer import Announcer
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import PATIENCE

LOOPBACK = "127.0.0.1"
Seen = queue.SimpleQueue[tuple[Found, ...]]


@contextmanager
def looking(*elsewhere: Address, interface: str = LOOPBACK) -> Iterator[Seen]:
    seen: Seen = queue.SimpleQueue()
    with no_thread_left():
        watch = Discovery(seen.put, interface, elsewhere)
        watch.start()
        try:
            yield seen
        finally:
            assert watch.stop()


@contextmanager
def announced(
    port: int, *, name: str = "Kitchen", people: Callable[[], int] = lambda: 0, interface: str = LOOPBACK
) -> Iterator[Announcer]:
    server = Announcement(port.to_bytes(16, "big"), name, "ABCDE", 0, "1.0", port)
    told = Announcer(server, interface, lambda tell: tell(people()))
    told.start()
    try:
        yield told
    finally:
        assert told.stop(PATIENCE)


def until(seen: Seen, wanted: Callable[[tuple[Found, ...]], bool]) -> tuple[Found, ...]:
    while True:
        found = seen.get(timeout=PATIENCE)
        if wanted(found):
            return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "FRESH", 0.3)
    monkeypatch.setattr(discovery, "SLOWEST", 0.3)
    monkeypatch.setattr(discovery, "ASK_INTERVAL", 0.2)


@pytest.fixture(params=["broadcast", "mdns"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Only this way works: the other is not heard."""
    if request.param == "broadcast":
        monkeypatch.setattr(discovery, "ServiceBrowser", _silent)
        monkeypatch.setattr(announcer, "Zeroconf", _no_multicast)
    else:
        monkeypatch.setattr(discovery, "question", lambda _token: b"nobody answers this")
    return str(request.param)


def _silent(*_arguments: object, **_options: object) -> None:
    return None


def _no_multicast(*_arguments: object) -> None:
    raise OSError("multicast is blocked")


def test_a_server_appears_and_goes(tmp_path: Path, way: str) -> None:
    with running_server(tmp_path) as server, looking() as seen:
        with announced(server.port):
            (found,) = until(seen, bool)
            assert (found.name, found.code, found.version) == ("Kitchen", server.code, "1.0"), way
            assert found.addresses == ((LOOPBACK, server.port),)
            assert found.link == f"qtchat://{LOOPBACK}:{server.port}/"
        assert server.stop()
        assert until(seen, lambda found: not found) == ()


def test_the_number_of_people_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "REFRESH", 0.05)
    monkeypatch.setattr(discovery, "ASK_INTERVAL", 0.05)
    people = [3]
    with (
        running_server(tmp_path) as server,
        looking() as seen,
        announced(server.port, people=lambda: people[0]),
    ):
        until(seen, lambda found: bool(found) and found[0].people == 3)
        people[0] = 4
        until(seen, lambda found: bool(found) and found[0].people == 4)


def test_two_servers_of_one_name_are_two(tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "a") as one,
        running_server(tmp_path / "b") as other,
        looking() as seen,
        announced(one.port),
    ):
        with announced(other.port):
            both = until(seen, lambda found: len(found) == 2)
        assert {found.code for found in both} == {one.code, other.code}
        assert [found.name for found in both] == ["Kitchen", "Kitchen"]
        assert other.stop()
        (left,) = until(seen, lambda found: len(found) == 1)
        assert left.code == one.code


def test_what_does_not_answer_or_is_no_server_is_not_shown(tmp_path: Path, shut_port: int) -> None:
    with socket.create_server((LOOPBACK, 0)) as other, running_server(tmp_path) as server:
        said = threading.Event()

        def speak() -> None:
            peer, _ = other.accept()
            with peer:
                peer.sendall(b"220 this is something else\r\n")
                said.set()
                peer.recv(1000)

        thread = threading.Thread(target=speak)
        thread.start()
        with (
            looking() as seen,
            announced(shut_port, name="nobody"),
            announced(other.getsockname()[1], name="other"),
        ):
            assert said.wait(PATIENCE)
            thread.join(PATIENCE)
            with announced(server.port, name="real"):
                assert [found.name for found in until(seen, bool)] == ["real"]


def test_nobody_is_knocked_at_beyond_our_networks_and_old_junk_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "MAX_PLACES", 8)
    dialled: list[tuple[str, int]] = []

    def watched(loop: IoLoop, addresses: Sequence[Address], *callbacks: Any) -> Dial:
        dialled.extend(addresses)
        return Dial(loop, addresses, *callbacks)

    monkeypatch.setattr(discovery, "Dial", watched)
    seen: Seen = queue.SimpleQueue()
    with running_server(tmp_path) as server:
        watch = Discovery(seen.put, LOOPBACK)
        watch.start()
        try:
            with announced(server.port):
                until(seen, bool)

            def lie() -> None:
                for number in range(1, 40):
                    junk = Announcement(number.to_bytes(16, "big"), "junk", "ABCDE", 0, "1.0", number)
                    watch._said(junk, ("203.0.113.7", number))
                    watch._said(junk, ("127.0.0.9", number))

            watch._loop.call_soon(lie)
            done: queue.SimpleQueue[int] = queue.SimpleQueue()
            watch._loop.call_soon(lambda: done.put(len(watch._places)))
            assert done.get(timeout=PATIENCE) == 8
            watch._loop.call_soon(lambda: done.put(sum(place.shown for place in watch._places.values())))
            assert done.get(timeout=PATIENCE) == 1  # the real one was not pushed out
        finally:
            assert watch.stop()
    assert "203.0.113.7" not in {host for host, _port in dialled}


def test_a_strange_announcement_does_not_end_the_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange_read = threading.Event()

    def reading(zeroconf: Zeroconf, service_type: str, name: str) -> Service | None:
        service = read_service(zeroconf, service_type, name)
        if name.startswith("strange"):
            assert service is None
            strange_read.set()
        return service

    monkeypatch.setattr(discovery, "question", lambda _token: b"nobody answers this")
    monkeypatch.setattr(discovery, "read_service", reading)
    words = to_txt(Announcement(bytes(16), "strange", "ABCDE", 10**30, "1.0", 1))
    kind = announcement.SERVICE
    strange = ServiceInfo(kind, f"strange.{kind}", 1, properties=words, parsed_addresses=[LOOPBACK])
    with closing(Zeroconf([LOOPBACK])) as zeroconf, running_server(tmp_path) as server, looking() as seen:
        zeroconf.register_service(strange, cooperating_responders=True)
        assert strange_read.wait(PATIENCE)
        with announced(server.port):
            assert until(seen, bool)[0].name == "Kitchen"


def test_whoever_says_to_be_another_server_at_the_same_place_has_to_prove_it(tmp_path: Path) -> None:
    seen: Seen = queue.SimpleQueue()
    with running_server(tmp_path) as server, announced(server.port):
        watch = Discovery(seen.put, LOOPBACK)
        watch.start()
        try:
            until(seen, bool)
            place = (LOOPBACK, server.port)
            proven: queue.SimpleQueue[tuple[str, bool]] = queue.SimpleQueue()

            def lie() -> None:
                watch._said(Announcement(b"?" * 16, "Cellar", "ABCDE", 0, "1.0", server.port), place, alive=True)
                proven.put((watch._places[place].code, watch._places[place].shown))

            watch._loop.call_soon(lie)
            assert proven.get(timeout=PATIENCE) == ("", False)
        finally:
            assert watch.stop()


# -- in other networks --------------------------------------------------------------------------------


@pytest.fixture
def behind_a_router(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is ours: neither broadcast nor multicast leads to the server."""
    monkeypatch.setattr(discovery, "networks", lambda _interface: [])
    monkeypatch.setattr(discovery, "ServiceBrowser", _silent)
    monkeypatch.setattr(announcer, "Zeroconf", _no_multicast)


@pytest.mark.usefixtures("behind_a_router")
def test_a_named_server_says_its_name_and_who_is_there(
    tmp_path: Path, shut_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcer, "REFRESH", 0.05)
    people = [3]
    with (
        running_server(tmp_path) as server,
        announced(server.port, people=lambda: people[0]),
        looking((LOOPBACK, shut_port), (LOOPBACK, server.port)) as seen,
    ):
        (found,) = until(seen, lambda found: bool(found) and found[0].people == 3)
        assert (found.name, found.code, found.addresses) == ("Kitchen", server.code, ((LOOPBACK, server.port),))
        people[0] = 4
        until(seen, lambda found: bool(found) and found[0].people == 4)


@pytest.mark.usefixtures("behind_a_router")
def test_whoever_is_named_without_a_port_says_which_one_it_has(tmp_path: Path, shut_port: int) -> None:
    with running_server(tmp_path) as server, announced(server.port), looking((LOOPBACK, shut_port)) as seen:
        (found,) = until(seen, bool)
        assert found.addresses == ((LOOPBACK, server.port),)


@pytest.mark.usefixtures("behind_a_router")
def test_a_named_server_that_says_nothing_is_called_by_its_address(tmp_path: Path) -> None:
    with running_server(tmp_path) as server, looking((LOOPBACK, server.port)) as seen:
        (found,) = until(seen, bool)
        assert found == Found(server.code, f"{LOOPBACK}:{server.port}", None, "", ((LOOPBACK, server.port),))
        with announced(server.port):
            (found,) = until(seen, lambda found: bool(found) and found[0].name == "Kitchen")


@pytest.mark.usefixtures("behind_a_router")
def test_a_named_server_that_stops_leaves_and_comes_back(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        place = (LOOPBACK, server.port)
        with looking(place) as seen:
            until(seen, bool)
            assert server.stop()
            until(seen, lambda found: not found)
            with Server(ServerSettings(data=str(tmp_path), host=LOOPBACK, port=server.port)):
                (found,) = until(seen, bool)
                assert (found.code, found.addresses) == (server.code, (place,))


@pytest.mark.usefixtures("behind_a_router")
def test_a_named_server_of_ipv6(tmp_path: Path) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("there is no IPv6 here")
    with (
        Server(ServerSettings(data=str(tmp_path), host="::1", port=0)) as server,
        announced(server.port, interface="::1"),
        looking(("::1", server.port), interface="::1") as seen,
    ):
        (found,) = until(seen, lambda found: bool(found) and found[0].name == "Kitchen")
        assert found.addresses == (("::1", server.port),)


@pytest.mark.usefixtures("behind_a_router")
def test_a_name_that_moves_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, known = socket.getaddrinfo, {"lab.local": LOOPBACK}

    def look_up(host: str, port: int, **options: Any) -> Any:
        if host == "nobody.local" and not options.get("flags"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host if options.get("flags") else known.get(host, host), port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(resolver, "AGAIN", 0.1)
    with (
        running_server(tmp_path) as server,
        looking(("nobody.local", server.port), ("lab.local", server.port)) as seen,
    ):
        (found,) = until(seen, bool)
        assert (found.name, found.addresses) == (f"lab.local:{server.port}", ((LOOPBACK, server.port),))
        known["lab.local"] = "127.0.0.9"
        until(seen, lambda found: not found)  # nothing listens there
        known["lab.local"] = LOOPBACK
        until(seen, bool)


@pytest.mark.usefixtures("behind_a_router")
def test_many_named_addresses_that_say_nothing_hold_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They take the half of the probes that are for them; whoever answers a question has the other half."""

    def silent(loop: IoLoop, addresses: Sequence[Address], *callbacks: Any) -> Any:
        return Dial(loop, addresses, *callbacks) if addresses[0][0] == LOOPBACK else _NeverThere()

    monkeypatch.setattr(discovery, "Dial", silent)
    dead = [(f"127.1.0.{number}", 1) for number in range(1, 200)]
    with (
        running_server(tmp_path) as server,
        announced(server.port),
        looking(*dead, (LOOPBACK, server.port)) as seen,
    ):
        assert until(seen, bool)[0].name == "Kitchen"


class _NeverThere:
    """A dial that goes on for ever."""

    def cancel(self) -> None:
        """There is nothing to end."""
