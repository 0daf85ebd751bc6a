"""Ten seconds from double-click to talking: one hosts, others find the chat, or are led there."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QWidget

from qtchat.gui import following
from qtchat.gui.settings import SettingsFile
from qtchat.gui.theme.theme import Mode
from qtchat.gui.views.host_panel import HostPanel
from qtchat.gui.views.invitation_dialog import InvitationDialog
from qtchat.gui.views.rename_dialog import RenameDialog
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.net import invitation
from qtchat.net.tls import server_code
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.end_to_end.conftest import Window
from tests.end_to_end.programs import KillableServer
from tests.helpers.programs import ServerProgram
from tests.helpers.quiet_network import LOOPBACK

OpenWindow = Callable[[str], Window]


class Hand:
    """Clicks and presses keys in a window, and counts them. Names and messages are typed, and not counted."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.clicks = self.keys = 0

    def click(self, button: QWidget) -> None:
        self.window.until(lambda: button.isVisible() and button.isEnabled())
        self.clicks += 1
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, key: Qt.Key) -> None:
        """Where the keyboard is."""
        self.keys += 1
        QTest.keyClick(self._focus(), key)

    def name(self, name: str) -> None:
        """Over the proposed one, which is selected."""
        field = self._focus()
        assert isinstance(field, QLineEdit)
        field.insert(name)  # QTest types no Cyrillic

    def _focus(self) -> QWidget:
        dialog = self.window.desktop.joining.dialog
        self.window.until(lambda: dialog.focusWidget() is not None)
        focus = dialog.focusWidget()
        assert isinstance(focus, QWidget)
        return focus

    def joined(self) -> bool:
        desktop = self.window.desktop
        return desktop.chat.room is not None and not self.window.offline and not desktop.joining.dialog.isVisible()


def host(hand: Hand, name: str) -> InvitationDialog:
    """From the first window to the invitation."""
    desktop = hand.window.desktop
    desktop.start()
    hand.name(name)
    hand.click(desktop.joining.dialog.host_button)
    hand.window.until(lambda: desktop.servers.invitation is not None)
    assert desktop.servers.invitation is not None
    return desktop.servers.invitation


def done_button(dialog: InvitationDialog) -> QPushButton:
    button = dialog.findChild(QPushButton, "done_button")
    assert isinstance(button, QPushButton)
    return button


def test_one_starts_a_chat_and_another_is_in_it_with_one_key(
    open_window: OpenWindow, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    hosted = host(anna, "Anna")
    assert hosted.code_label is not None
    hosted_code = hosted.code_label.text()
    anna.click(done_button(hosted))
    anna.window.until(anna.joined)

    dialog = ben.window.desktop.joining.dialog
    ben.window.desktop.start()
    ben.name("Борис")
    ben.window.until(lambda: bool(dialog.found.servers))
    assert dialog.found.servers[0].code == hosted_code
    ben.press(Qt.Key.Key_Return)
    ben.window.until(ben.joined)

    anna.window.say("hello")
    ben.window.until(lambda: ben.window.shown == ["Anna: hello"])
    ben.window.say("hello, Anna")
    anna.window.until(lambda: anna.window.shown == ["Anna: hello", "Борис: hello, Anna"])
    seconds = time.monotonic() - began
    record_property("seconds", round(seconds, 1))
    print(f"{anna.clicks} clicks and {anna.keys} keys to host, {ben.clicks} and {ben.keys} to join, {seconds:.1f} s")
    assert anna.clicks + anna.keys <= 3
    assert ben.clicks + ben.keys <= 2


def test_a_listed_server_is_joined_with_the_code_that_was_displayed_and_pinned(open_window: OpenWindow) -> None:
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    host(anna, "Anna").accept()
    desktop = ben.window.desktop
    desktop.start()
    ben.window.until(lambda: bool(desktop.joining.dialog.found.servers))
    ben.click(desktop.joining.dialog.found.rows[0])
    ben.window.until(ben.joined)
    desktop.joining.choose()
    ben.window.until(lambda: bool(desktop.joining.dialog.found.servers))
    assert desktop.joining.dialog.found.servers[0].known


def decoded(image: QImage) -> str:
    """What a reader of QR codes sees in a picture."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = memoryview(bytes(grey.constBits())).cast("B", (grey.height(), grey.bytesPerLine()))
    (code,) = zxingcpp.read_barcodes(rows)
    return str(code.text)


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_the_picture_of_the_invitation_leads_there(open_window: OpenWindow, mode: Mode) -> None:
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    anna.window.desktop.theme.set_mode(mode)
    link = decoded(host(anna, "Anna").grab().toImage())
    ben.window.join(link, "Ben")
    anna.window.until(lambda: ("joined", "Ben") in anna.window.events)


# -- led there by a link or an address ----------------------------------------------------------------


def type_address(hand: Hand, address: str, nick: str = "Ben") -> None:
    dialog = hand.window.desktop.joining.dialog
    hand.window.desktop.start()
    hand.name(nick)
    dialog.address_field.setText(address)
    hand.click(dialog.join_button)


@contextmanager
def ipv6_server(folder: Path) -> Iterator[Server]:
    with Server(ServerSettings(data=str(folder), host="::1", port=0)) as server:
        yield server


def accept_code(hand: Hand, code: str) -> None:
    """Compare the code and accept it."""
    dialog = hand.window.desktop.joining.dialog
    hand.window.until(dialog.accept_button.isVisible)
    assert dialog.code_label.text() == code
    hand.click(dialog.accept_button)
    hand.window.until(hand.joined)


def test_an_address_with_a_port(server: KillableServer, open_window: OpenWindow) -> None:
    ben = Hand(open_window("ben"))
    place, _, code = server.link.partition("#")
    type_address(ben, place.removeprefix("qtchat://").rstrip("/"))
    accept_code(ben, code)


def test_an_address_without_a_port(
    server: KillableServer, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual port stands for the one that this server has."""
    ben = Hand(open_window("ben"))
    place, _, code = server.link.partition("#")
    monkeypatch.setattr(invitation, "DEFAULT_PORT", int(place.rstrip("/").rpartition(":")[2]))
    type_address(ben, LOOPBACK)
    accept_code(ben, code)


def test_an_address_of_ipv6(tmp_path: Path, open_window: OpenWindow) -> None:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            pass
    except OSError:
        pytest.skip("there is no IPv6 here")
    with ipv6_server(tmp_path / "server") as server:
        ben = Hand(open_window("ben"))
        type_address(ben, f"[::1]:{server.port}")
        accept_code(ben, server.code)
        ben.window.quit()


def test_a_local_name(server: KillableServer, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether `kitchen.local` is known is the system's business; what it says is what counts."""
    resolve = socket.getaddrinfo

    def with_mdns(host: Any, *arguments: Any, **options: Any) -> Any:
        return resolve(LOOPBACK if host == "kitchen.local" else host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", with_mdns)
    ben = Hand(open_window("ben"))
    place, _, code = server.link.partition("#")
    type_address(ben, f"Kitchen.local:{place.rstrip('/').rpartition(':')[2]}")
    accept_code(ben, code)


def test_a_pasted_link_asks_nothing(server: KillableServer, open_window: OpenWindow) -> None:
    ben = Hand(open_window("ben"))
    type_address(ben, server.link)
    ben.window.until(ben.joined)


def test_a_wrong_code_is_refused_with_the_reason(server: KillableServer, open_window: OpenWindow) -> None:
    ben = Hand(open_window("ben"))
    type_address(ben, f"{server.link.partition('#')[0]}#{server_code(b'another key')}")
    dialog = ben.window.desktop.joining.dialog
    ben.window.until(dialog.address_error.isVisible)
    assert "code" in dialog.address_error.text()
    assert ben.window.desktop.chat.room is None


# -- the host -----------------------------------------------------------------------------------------


def test_a_door_is_opened_by_a_restart_and_everybody_comes_back(open_window: OpenWindow) -> None:
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    invited = host(anna, "Anna")
    link = invited.link_field.text()
    anna.click(done_button(invited))
    ben.window.join(link, "Ben")
    anna.window.say("before")
    desktop = anna.window.desktop
    desktop.host.open()
    panel = desktop.host.panel
    assert isinstance(panel, HostPanel)
    anna.window.until(lambda: panel.online.number.text() == "2")
    panel.doors_button.click()
    panel.door_boxes["lines:47301"].setChecked(True)
    panel.restart_button.click()
    anna.window.until(lambda: ben.window.offline)
    anna.window.until(lambda: not ben.window.offline and not anna.window.offline)
    anna.window.until(lambda: panel.stop_button.isEnabled())
    assert desktop.servers.hosted is not None
    panel.reject()
    ben.window.say("and after")
    anna.window.until(lambda: anna.window.shown == ["Anna: before", "Ben: and after"])
    assert desktop.file.settings.host_doors == ["lines:47301"]


def test_a_chat_is_called_after_its_host_and_everybody_sees_when_it_is_renamed(open_window: OpenWindow) -> None:
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    invited = host(anna, "Anna")
    link = invited.link_field.text()
    anna.click(done_button(invited))
    ben.window.join(link, "Ben")
    (session,) = ben.window.desktop.sessions.all
    assert session.name == "Anna's chat"
    desktop = anna.window.desktop
    desktop.host.open()
    panel = desktop.host.panel
    assert isinstance(panel, HostPanel)
    panel.rename_button.click()
    dialog = panel.findChild(RenameDialog)
    assert isinstance(dialog, RenameDialog)
    dialog.name_field.setText("Кухня")
    dialog.rename_button.click()
    ben.window.until(lambda: session.name == "Кухня" and not ben.window.offline)
    anna.window.until(lambda: "Кухня" in panel.about.whole() and not anna.window.offline)
    panel.reject()


@contextmanager
def moved_host(anna: Hand, open_window: OpenWindow) -> Iterator[Hand]:
    """Anna's program starts again, hosts as before, and finds that another program has taken its port."""
    port = anna.window.desktop.file.settings.host_port
    anna.window.quit()
    with socket.create_server((LOOPBACK, port)):  # takes connections, and says nothing
        again = Hand(open_window("anna"))
        again.window.desktop.start()
        again.window.until(again.joined)
        assert again.window.desktop.file.settings.host_port not in (0, port)
        yield again


@pytest.mark.parametrize("way", ["list", "link", "click", "start"])
def test_a_chat_that_comes_back_on_another_port_gets_what_waited(open_window: OpenWindow, way: str) -> None:
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    invited = host(anna, "Anna")
    link = invited.link_field.text()
    anna.click(done_button(invited))
    ben.window.join(link, "Ben")
    with moved_host(anna, open_window) as again:
        ben.window.until(lambda: ben.window.offline)
        ben.window.say("waiting")
        server = again.window.desktop.servers.hosted
        assert server is not None
        if way == "start":
            ben.window.quit()
            ben = Hand(open_window("ben"))
            ben.window.desktop.start(server.link)
        elif way == "click":
            ben.window.desktop.controller.follow(server.link)
        else:
            dialog = ben.window.desktop.joining.dialog
            ben.window.desktop.joining.choose()
            if way == "link":
                dialog.address_field.setText(server.link)
                ben.click(dialog.join_button)
            else:
                ben.window.until(lambda: bool(dialog.found.servers))
                ben.click(dialog.found.rows[0])
        ben.window.until(ben.joined)
        ben.window.say("and after")
        again.window.until(lambda: again.window.shown == ["Ben: waiting", "Ben: and after"])
        assert len(ben.window.desktop.sessions.all) == 1
        ben.window.quit()
        kept = SettingsFile(ben.window.folder).settings
        new_place = f":{again.window.desktop.file.settings.host_port}"
        assert new_place in kept.recent[0].link
        assert new_place in kept.open_servers[0].link


def test_a_chat_that_comes_back_on_another_port_is_found_by_itself(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PATIENCE_MS", "PAUSE_MS"):
        monkeypatch.setattr(following, name, 300)
    anna, ben = Hand(open_window("anna")), Hand(open_window("ben"))
    invited = host(anna, "Anna")
    link = invited.link_field.text()
    anna.click(done_button(invited))
    ben.window.join(link, "Ben")
    anna.window.quit()
    ben.window.until(lambda: ben.window.offline)
    ben.window.say("waiting")
    with moved_host(anna, open_window) as again:
        again.window.until(lambda: again.window.shown == ["Ben: waiting"])
        ben.window.until(ben.joined)
        ben.window.quit()
        new_place = f":{again.window.desktop.file.settings.host_port}"
        assert new_place in SettingsFile(ben.window.folder).settings.open_servers[0].link


def test_the_folder_of_a_hosted_chat_runs_on_a_box_as_the_same_server(open_window: OpenWindow, tmp_path: Path) -> None:
    anna = Hand(open_window("anna"))
    invited = host(anna, "Anna")
    code = invited.link_field.text().partition("#")[2]
    anna.click(done_button(invited))
    anna.window.say("hello")
    anna.window.until(lambda: anna.window.shown == ["Anna: hello"])
    anna.window.quit()

    moved = (tmp_path / "anna" / "hosted").rename(tmp_path / "box")
    with ServerProgram(moved, "--json") as program:
        ready = program.ready()
        assert ready["code"] == code
        ben = open_window("ben")
        ben.join(ready["link"], "Ben")
        ben.until(lambda: ben.shown == ["Anna: hello"])
        ben.quit()


def test_a_host_stops_hosting(open_window: OpenWindow) -> None:
    anna = Hand(open_window("anna"))
    host(anna, "Anna").accept()
    desktop = anna.window.desktop
    desktop.host.open()
    panel = desktop.host.panel
    assert isinstance(panel, HostPanel)
    panel.stop_button.click()
    question = panel.findChild(ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    question.do_button.click()
    anna.window.until(desktop.joining.dialog.isVisible)
    assert desktop.sessions.all == []
    assert not desktop.file.settings.hosting
