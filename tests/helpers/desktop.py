"""The desktop program on a fake account."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Update
from qtchat.gui.app import Desktop, build
from qtchat.gui.theme.theme import Mode
from tests.helpers.fake_account import FakeAccount, FakeServer


class Stand:
    """A built program, the accounts it has made so far, and the server it would host."""

    def __init__(self, qtbot: QtBot, application: QApplication, profile: Path) -> None:
        self.qtbot, self.profile = qtbot, profile
        self.accounts: list[FakeAccount] = []
        self.server = FakeServer()
        self.desktop: Desktop = build(
            application, profile, mode=Mode.LIGHT, make_account=self._account, make_server=self._server
        )

    def _account(self, profile: Path, link: str, nick: str, on_update: Callable[[Update], None]) -> FakeAccount:
        self.accounts.append(FakeAccount(profile, link, nick, on_update))
        return self.accounts[-1]

    def _server(self) -> FakeServer:
        return self.server

    @property
    def account(self) -> FakeAccount:
        return self.accounts[-1]

    def settle(self) -> None:
        """Until all news has reached the views."""
        session = self.desktop.controller.session
        if session is not None:
            self.qtbot.waitUntil(lambda: session.settled)

    def online(self) -> FakeAccount:
        """Start with link and nick, and log in to a server with the room `lobby`."""
        self.desktop.controller.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
        self.account.go_online()
        self.settle()
        return self.account

    def quit(self) -> None:
        with self.qtbot.waitSignal(self.desktop.controller.finished):
            self.desktop.controller.quit_now()

    def close(self) -> None:
        """Free what the program held, on this thread: a controller knows its stand, so it would be left to the garbage
        collector, which runs on any thread, and a widget freed on another thread than its own ends the process."""
        self.desktop.close()
        self.desktop.window.deleteLater()
        del self.desktop
