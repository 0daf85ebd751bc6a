"""What is on the network, as the nick dialog offers it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.found import Found
from qtchat.client.looks import looks_of
from qtchat.client.trust import Address, KnownServers
from qtchat.gui import looking
from qtchat.gui.bridge import Background
from qtchat.gui.looking import Before, Lookout, Round, offer, recall
from qtchat.gui.settings import RecentServer, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.net.tls import server_code

KEY = b"public key"
CODE, OTHER_CODE = server_code(KEY), server_code(b"other public key")
HERE = ("10.0.0.1", 47300)
KITCHEN = Found(CODE, "Kitchen", 3, "1.0", (HERE, ("fd00::1", 47300)))
PATIENCE = 10.0
BARE = "qtchat://10.0.0.1:47300,[fd00::1]:47300/"


class FakeLooker:
    """Tells what a test makes it tell, in a thread of its own."""

    def __init__(self, on_change: Callable[[tuple[Found, ...]], None]) -> None:
        self._on_change = on_change
        self.running = False

    def start(self) -> None:
        self.running = True

    def stop(self) -> bool:
        self.running = False
        return True

    def tell(self, *found: Found) -> None:
        thread = Thread(target=self._on_change, args=(found,))
        thread.start()
        thread.join()


def before(pins: dict[Address, str] | None = None, names: dict[str, str] | None = None) -> Before:
    """What was met before."""
    names = names or {}
    return Before(pins or {}, names, frozenset().union(*map(looks_of, names.values())))


class Scene:
    def __init__(self, qtbot: QtBot, theme: Theme, icons: Icons, profile: Path) -> None:
        self.qtbot = qtbot
        self.settings = Settings()
        self.dialog = NickDialog(theme, icons)  # not for qtbot, which would free it while a thread still works for it
        self.background = Background(self.dialog)
        self.lookers: list[FakeLooker] = []
        self.elsewhere: list[tuple[Address, ...]] = []
        self.lookout = Lookout(self._make, self.dialog, self.background, self.settings, profile)

    def _make(self, on_change: Callable[[tuple[Found, ...]], None], elsewhere: tuple[Address, ...]) -> FakeLooker:
        self.elsewhere.append(elsewhere)
        self.lookers.append(FakeLooker(on_change))
        return self.lookers[-1]

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.background.busy)
        QApplication.processEvents()

    def show(self) -> FakeLooker:
        """Open the dialog; gives who looks around for it, once that is under way."""
        self.dialog.show()
        self.settle()
        return self.lookers[-1]


@pytest.fixture
def scene(qtbot: QtBot, theme: Theme, icons: Icons, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(qtbot, theme, icons, tmp_path)
    yield scene
    scene.dialog.hide()
    scene.settle()
    scene.dialog.deleteLater()


def test_it_looks_while_the_dialog_is_open(scene: Scene) -> None:
    assert scene.lookers == []
    looker = scene.show()
    assert [each.running for each in scene.lookers] == [True]
    assert scene.dialog.found.looking
    looker.tell(KITCHEN)
    scene.qtbot.waitUntil(lambda: len(scene.dialog.found.servers) == 1)
    scene.dialog.hide()
    scene.settle()
    assert [each.running for each in scene.lookers] == [False]
    assert scene.dialog.found.servers == []
    scene.show()
    assert len(scene.lookers) == 2


def test_it_also_looks_where_the_settings_say(scene: Scene) -> None:
    scene.settings.elsewhere = "10.2.0.5:4000\nno address\nlab"
    scene.show()
    assert scene.elsewhere == [(("10.2.0.5", 4000), ("lab", 47300))]


def test_news_from_before_is_no_news(scene: Scene) -> None:
    earlier = scene.show()
    scene.dialog.hide()
    scene.show()
    earlier.tell(KITCHEN)
    scene.settle()
    assert scene.dialog.found.servers == []


def test_a_round_that_is_over_before_it_began_never_begins() -> None:
    lookers: list[FakeLooker] = []

    def make() -> FakeLooker:
        lookers.append(FakeLooker(lambda found: None))
        return lookers[-1]

    early = Round(make)
    early.stop()
    early.start()
    assert lookers == []


def test_that_nobody_hosts_is_said_after_a_while(scene: Scene) -> None:
    scene.show()
    scene.lookout._timer.setInterval(0)
    scene.qtbot.waitUntil(scene.dialog.found.why_button.isVisible)
    scene.lookers[0].tell(KITCHEN)
    scene.qtbot.waitUntil(lambda: len(scene.dialog.found.servers) == 1)


def test_without_one_who_looks_nothing_is_said_of_it(qtbot: QtBot, theme: Theme, icons: Icons, tmp_path: Path) -> None:
    dialog = NickDialog(theme, icons)
    qtbot.addWidget(dialog)
    Lookout(None, dialog, Background(dialog), Settings(), tmp_path)
    dialog.show()
    assert dialog.found.isHidden()


def test_a_pinned_server_is_known_without_being_recent(scene: Scene, tmp_path: Path) -> None:
    KnownServers(tmp_path).pin(HERE, KEY, "Kitchen")
    scene.show().tell(KITCHEN)
    scene.settle()
    scene.qtbot.waitUntil(lambda: [server.known for server in scene.dialog.found.servers] == [True])


def test_an_unknown_one_is_joined_with_the_code_it_shows() -> None:
    offered = offer(KITCHEN, before())
    assert (offered.name, offered.people, offered.code) == ("Kitchen", 3, CODE)
    assert offered.link == f"{BARE}#{CODE}"
    assert not offered.known
    assert not offered.disguised


def test_another_key_at_a_pinned_address_is_never_pinned_by_a_click() -> None:
    offered = offer(KITCHEN, before({HERE: OTHER_CODE}))
    assert offered.disguised
    assert offered.link == BARE  # without a code the pin decides: a hard stop


@pytest.mark.parametrize("name", ["Kitchen", "KITCHEN", "Kit\u0441hen", "K\u0456tchen", "\u039a\u0456tchen"])
def test_another_key_under_a_known_name_is_not_that_server(name: str) -> None:
    offered = offer(replace(KITCHEN, name=name), before(names={OTHER_CODE: "Kitchen"}))
    assert offered.disguised
    assert offered.link == BARE


def test_another_name_is_another_server() -> None:
    assert not offer(replace(KITCHEN, name="Kitten"), before(names={OTHER_CODE: "Kitchen"})).disguised


def test_a_known_server_that_has_moved_is_known() -> None:
    offered = offer(KITCHEN, before({("10.9.9.9", 47300): CODE, HERE: OTHER_CODE}, {CODE: "Kitchen"}))
    assert offered.known
    assert not offered.disguised


def test_recent_servers_are_known(scene: Scene) -> None:
    scene.settings.recent = [RecentServer("00", "Kitchen", "x", CODE, "Anna")]
    scene.show().tell(KITCHEN)
    scene.qtbot.waitUntil(lambda: [server.known for server in scene.dialog.found.servers] == [True])


def test_those_joined_before_stand_first(scene: Scene) -> None:
    scene.settings.recent = [RecentServer("00", "Kitchen", "x", CODE, "Anna")]
    scene.show().tell(Found(OTHER_CODE, "Attic", 1, "1.0", (("10.0.0.2", 47300),)), KITCHEN)
    scene.qtbot.waitUntil(lambda: [server.name for server in scene.dialog.found.servers] == ["Kitchen", "Attic"])


def test_one_that_says_nothing_of_itself_is_called_as_it_was_before() -> None:
    silent = Found(CODE, "10.0.0.1", None, "", (HERE,))
    assert offer(silent, before()).name == "10.0.0.1"
    offered = offer(silent, before({HERE: CODE}, {CODE: "Kitchen"}))
    assert (offered.name, offered.people, offered.known) == ("Kitchen", None, True)


# -- where Enter goes -------------------------------------------------------------------------------------------


def enter(scene: Scene, *found: Found) -> list[str]:
    """Where Enter in the first field leads, with these on the network."""
    asked: list[str] = []
    scene.dialog.join_wanted.connect(lambda _nick, link: asked.append(link))
    scene.dialog.nick_field.setText("Anna")
    scene.show().tell(*found)
    scene.qtbot.waitUntil(lambda: len(scene.dialog.found.servers) == len(found))
    QTest.keyClick(scene.dialog.nick_field, Qt.Key.Key_Return)
    return asked


def test_on_the_first_visit_enter_joins_the_only_one(scene: Scene) -> None:
    assert enter(scene, KITCHEN) == [KITCHEN.invitation]


def test_enter_joins_the_only_one_if_it_is_known(scene: Scene, tmp_path: Path) -> None:
    KnownServers(tmp_path).pin(HERE, KEY, "Kitchen")
    assert enter(scene, KITCHEN) == [KITCHEN.invitation]


def test_enter_never_joins_a_stranger_instead_of_a_server_joined_before(scene: Scene) -> None:
    scene.settings.recent = [RecentServer("00", "Attic", "x", OTHER_CODE, "Anna")]
    assert enter(scene, KITCHEN) == []
    assert scene.dialog.focusWidget() is scene.dialog.found.rows[0]


def test_enter_never_joins_a_stranger_though_what_was_joined_is_forgotten(scene: Scene, tmp_path: Path) -> None:
    servers = KnownServers(tmp_path)
    servers.pin(HERE, KEY, "Kitchen")
    servers.forget(HERE)
    assert enter(scene, KITCHEN) == []


def test_a_second_enter_joins_the_stranger(scene: Scene) -> None:
    scene.settings.recent = [RecentServer("00", "Attic", "x", OTHER_CODE, "Anna")]
    asked = enter(scene, KITCHEN)
    QTest.keyClick(scene.dialog.found.rows[0], Qt.Key.Key_Return)
    assert asked == [KITCHEN.invitation]


def test_nothing_is_offered_before_it_is_known_who_was_met(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = Event()

    def slowly(*given: object) -> Before:
        assert gate.wait(PATIENCE)
        return recall(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(looking, "recall", slowly)
    scene.dialog.show()
    scene.qtbot.waitUntil(lambda: bool(scene.lookers) and scene.lookers[-1].running)
    scene.lookers[-1].tell(KITCHEN)
    QApplication.processEvents()
    assert scene.dialog.found.servers == []
    gate.set()
    scene.qtbot.waitUntil(lambda: len(scene.dialog.found.servers) == 1)
