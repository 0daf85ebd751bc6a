"""A known server that shows another key stops everything, until its key is forgotten in the settings."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtchat.client.trust import KnownServers
from qtchat.client.updates import ConnectionUpdate, Phase, Problem
from qtchat.gui.full_stop import forget_pins, read_pins
from qtchat.gui.views.settings import Page
from qtchat.net.tls import server_code
from tests.helpers.desktop import Stand

KEY = b"a public key"
CHANGED = ConnectionUpdate(Phase.REFUSED, Problem("server_changed", "", "ZYXW-VTSR"))


def changed(stand: Stand) -> None:
    """Online once, and then another key."""
    account = stand.online()
    account.tell(CHANGED)
    stand.settle()


def test_the_page_takes_the_place_of_everything(stand: Stand) -> None:
    changed(stand)
    window = stand.desktop.window
    assert not window.stop_page.isHidden()
    assert window.splitter.isHidden()
    assert "Kitchen" in window.stop_page.what.text()
    assert window.stop_page.shown_code.text() == "ZYXW-VTSR"
    assert window.stop_page.known_code.text() == "ABCD-EFGH-JKMN-PQRS-TVWX"
    assert window.banner.isHidden()
    assert not stand.desktop.joining.dialog.isVisible()


def test_it_cannot_be_clicked_away(stand: Stand) -> None:
    changed(stand)
    window = stand.desktop.window
    window.go_back()
    window.toggle_details()
    window.stop_page.choose_button.click()
    dialog = stand.desktop.joining.dialog
    assert not dialog.verify_card.isVisible()
    dialog.reject()
    assert not window.stop_page.isHidden()
    assert stand.account.called("accept_server") == []


def test_it_is_read_and_used_by_keys_alone(stand: Stand) -> None:
    changed(stand)
    window = stand.desktop.window
    window.resize(420, 480)
    window.activateWindow()
    page = window.stop_page
    stand.qtbot.waitUntil(page.scroll_area.hasFocus)
    assert page.scroll_area.accessibleName().startswith(
        "Stop: this is not the server you know. “Kitchen” shows another key"
    )
    QTest.keyClick(page.scroll_area, Qt.Key.Key_PageDown)
    assert page.scroll_area.verticalScrollBar().value() > 0
    for button in (page.choose_button, page.settings_button):
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert button.hasFocus()
        assert button.visibleRegion().boundingRect() == button.rect(), "it is scrolled into sight"
    QTest.keyClick(page.choose_button, Qt.Key.Key_Space)
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not page.isHidden()


def test_it_leads_to_the_known_servers(stand: Stand) -> None:
    changed(stand)
    stand.desktop.window.stop_page.settings_button.click()
    dialog = stand.desktop.preferences.dialog
    assert dialog is not None
    assert dialog.page is Page.NETWORK
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    dialog.reject()


def test_the_right_key_takes_it_away(stand: Stand) -> None:
    changed(stand)
    stand.account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert stand.desktop.window.stop_page.isHidden()
    assert not stand.desktop.window.splitter.isHidden()


def test_forgetting_the_server_takes_it_away(stand: Stand) -> None:
    servers = KnownServers(stand.profile)
    servers.pin(("127.0.0.1", 47300), KEY, "Kitchen")
    changed(stand)
    preferences = stand.desktop.preferences
    preferences.open(Page.NETWORK)
    assert preferences.dialog is not None
    with stand.qtbot.waitSignal(preferences.pins_forgotten):
        preferences.dialog.network.unpin_wanted.emit(server_code(KEY))
    assert stand.desktop.sessions.all == []
    assert stand.desktop.window.stop_page.isHidden()
    assert read_pins(stand.profile) == []
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    preferences.dialog.reject()


def test_a_server_whose_key_is_forgotten_is_left_also_while_it_is_online(stand: Stand) -> None:
    stand.online()
    stand.join_other()
    kept = stand.desktop.sessions.all[1]
    stand.desktop.full_stop.forgotten("ABCD", ["127.0.0.1:47300"])
    assert stand.desktop.sessions.all == [kept]


def test_a_server_is_forgotten_at_all_its_addresses(tmp_path: Path) -> None:
    servers = KnownServers(tmp_path)
    for host in ("a", "b"):
        servers.pin((host, 1), KEY, "Kitchen")
    servers.pin(("c", 1), b"another", "Workshop")
    assert sorted(forget_pins(tmp_path, server_code(KEY))) == ["a:1", "b:1"]
    assert [known.address for known in read_pins(tmp_path)] == [("c", 1)]
