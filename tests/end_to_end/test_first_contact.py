"""Meeting a server for the first time, and meeting another one in its place: by the keyboard alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.end_to_end.conftest import Window
from tests.helpers.quiet_network import LOOPBACK
from tests.helpers.servers import no_thread_left

OpenWindow = Callable[[str], Window]


@contextmanager
def serving(folder: Path, port: int = 0) -> Iterator[Server]:
    server = Server(ServerSettings(data=str(folder), host=LOOPBACK, port=port, name="Kitchen"))
    server.start()
    try:
        yield server
    finally:
        assert server.stop(), "the server did not stop in time"


def press(key: Qt.Key) -> None:
    """On whatever has the keyboard."""
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key)


def tab_to(widget: QWidget) -> None:
    """As often as it takes."""
    for _ in range(50):
        if widget.hasFocus():
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"no way to {widget.objectName()}")


def activate(window: Window) -> None:
    window.desktop.window.activateWindow()
    window.until(window.desktop.window.isActiveWindow)


def choose(window: Window) -> None:
    """By the button of the page that stops everything."""
    activate(window)
    tab_to(window.desktop.window.stop_page.choose_button)
    press(Qt.Key.Key_Space)
    window.until(window.desktop.joining.dialog.isVisible)


def type_address(window: Window, address: str) -> None:
    """Into the open dialog, and press Enter there."""
    dialog = window.desktop.joining.dialog
    dialog.activateWindow()
    window.until(dialog.isActiveWindow)
    tab_to(dialog.address_field)
    dialog.address_field.selectAll()
    QTest.keyClicks(dialog.address_field, address)
    press(Qt.Key.Key_Return)


def test_a_code_is_compared_and_another_key_stops_everything(tmp_path: Path, open_window: OpenWindow) -> None:
    with no_thread_left():
        anna = open_window("anna")
        desktop = anna.desktop
        dialog, page = desktop.joining.dialog, desktop.window.stop_page
        with serving(tmp_path / "first") as first:
            address, code = f"{LOOPBACK}:{first.port}", first.code
            desktop.start()
            type_address(anna, address)
            anna.until(dialog.verify_card.isVisible)
            assert dialog.code_label.text() == code
            assert desktop.chat.room is None, "nothing was sent before somebody has compared"
            tab_to(dialog.accept_button)
            press(Qt.Key.Key_Space)
            anna.until(lambda: desktop.chat.room is not None and not dialog.isVisible())
        anna.until(lambda: anna.offline)
        with serving(tmp_path / "second", first.port) as second:
            desktop.sessions.all[0].account.connect_now()
            anna.until(page.isVisible)
            assert (page.known_code.text(), page.shown_code.text()) == (code, second.code)
            activate(anna)
            press(Qt.Key.Key_Escape)
            assert page.isVisible(), "no key takes it away"
            choose(anna)
            type_address(anna, address)
            anna.until(lambda: not dialog.isVisible())
            assert page.isVisible(), "the address alone leads nowhere"
            choose(anna)
            type_address(anna, second.link)
            anna.until(lambda: desktop.chat.room is not None and not page.isVisible())
            anna.quit()
