"""A server that has moved is found by itself, and nobody looks around while all are there."""

from collections.abc import Callable

import pytest
from msgspec import structs

from qtchat.client.found import Found
from qtchat.client.trust import Address
from qtchat.client.updates import ConnectionUpdate, Phase, Problem, ProblemCode
from qtchat.gui import following
from qtchat.gui.following import Following
from qtchat.net.tls import server_code
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import PLAIN, SERVER, FakeAccount

CODE = server_code(b"key")
OLD, NEW = ("127.0.0.1", 47300), ("127.0.0.1", 50000)
LINK = f"qtchat://127.0.0.1:47300/#{CODE}"
LOST = ConnectionUpdate(Phase.OFFLINE, Problem(ProblemCode.UNREACHABLE, ""), 1.0)


class FakeLooker:
    """Finds what it was given, in the thread that starts it."""

    def __init__(self, scene: "Scene", on_change: Callable[[tuple[Found, ...]], None]) -> None:
        self._scene, self._on_change = scene, on_change
        self.running = False

    def start(self) -> None:
        self.running = True
        self._on_change(self._scene.there)

    def stop(self) -> None:
        self.running = False


class Scene:
    """One server is online; `there`: what can be found on the network."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.there: tuple[Found, ...] = ()
        self.looks: list[FakeLooker] = []
        self.elsewhere: list[tuple[Address, ...]] = []
        desktop = stand.desktop
        Following(self._make, desktop.sessions, desktop.background, desktop.file.settings, desktop.window)
        desktop.start(LINK, "Me")
        self.account.go_online(server=structs.replace(SERVER, code=CODE))
        stand.settle()

    def _make(self, on_change: Callable[[tuple[Found, ...]], None], elsewhere: tuple[Address, ...]) -> FakeLooker:
        self.elsewhere.append(elsewhere)
        self.looks.append(FakeLooker(self, on_change))
        return self.looks[-1]

    @property
    def account(self) -> FakeAccount:
        return self.stand.accounts[0]

    @property
    def told(self) -> list[tuple[object, ...]]:
        """The addresses of which the account was told."""
        return self.account.called("also_at")

    def lose(self) -> None:
        self.account.tell(LOST)
        self.stand.settle()

    def idle(self) -> None:
        self.stand.qtbot.waitUntil(lambda: not self.stand.desktop.background.busy)


@pytest.fixture
def scene(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> Scene:
    for name in ("PATIENCE_MS", "LOOK_MS", "PAUSE_MS"):
        monkeypatch.setattr(following, name, 20)
    return Scene(stand)


def found(code: str, *places: Address) -> Found:
    return Found(code, "Kitchen", 1, "1.0", places)


def test_a_server_that_has_moved_is_sought_where_it_was_found(scene: Scene) -> None:
    scene.there = (found(server_code(b"other"), ("127.0.0.1", 1)), found(CODE, OLD, NEW))
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: bool(scene.told))
    assert scene.told == [(OLD, NEW)]
    scene.stand.qtbot.waitUntil(lambda: len(scene.looks) > 2)
    assert scene.told == [(OLD, NEW)]  # it is not told again of what it knows


def test_one_that_is_where_it_was_is_left_to_its_account(scene: Scene) -> None:
    scene.there = (found(CODE, OLD),)
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: len(scene.looks) > 1)
    assert scene.told == []


def test_the_addresses_of_the_settings_are_looked_at_too(scene: Scene) -> None:
    scene.stand.desktop.file.settings.elsewhere = "lab:4000"
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: bool(scene.looks))
    assert scene.elsewhere[0] == (("lab", 4000),)


def test_it_ends_when_the_server_is_back(scene: Scene) -> None:
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: bool(scene.looks))
    scene.account.tell(ConnectionUpdate(Phase.ONLINE))
    scene.stand.settle()
    scene.idle()
    looks = len(scene.looks)
    assert not any(look.running for look in scene.looks)
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: len(scene.looks) > looks)


def test_it_ends_when_the_server_is_not_wanted_any_more(scene: Scene) -> None:
    scene.lose()
    scene.stand.qtbot.waitUntil(lambda: bool(scene.looks))
    sessions = scene.stand.desktop.sessions
    sessions.close(sessions.all[0])
    scene.idle()
    assert not any(look.running for look in scene.looks)


@pytest.mark.parametrize("phase", [Phase.ONLINE, Phase.REFUSED])
def test_whoever_is_there_or_needs_a_decision_is_not_sought(scene: Scene, phase: Phase) -> None:
    scene.account.tell(ConnectionUpdate(phase, Problem(ProblemCode.SERVER_CHANGED, "")))
    scene.stand.settle()
    (follower,) = scene.stand.desktop.window.findChildren(Following)[-1:]
    assert not follower._timer.isActive()


def test_a_plain_chat_is_its_address(scene: Scene) -> None:
    scene.account.tell(PLAIN)
    scene.lose()
    (follower,) = scene.stand.desktop.window.findChildren(Following)[-1:]
    assert not follower._timer.isActive()
