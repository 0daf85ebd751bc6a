"""The desktop program on a fake account."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.updates import ConnectionUpdate, Phase, Problem, RequestDoneUpdate, Update
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.program import Desktop
from qtchat.gui.theme.theme import Mode
from tests.helpers.fake_account import OTHER, FakeAccount, FakeServer
from tests.helpers.fake_notifier import FakeNotifier


class Stand:
    """A built program, the accounts it has made so far, and the server it would host."""

    def __init__(self, qtbot: QtBot, application: QApplication, profile: Path) -> None:
        self.qtbot, self.application, self.profile = qtbot, application, profile
        self.accounts: list[FakeAccount] = []
        self.server = FakeServer()
        self.notifier = FakeNotifier()
        self.desktop: Desktop = Desktop(
            application,
            profile,
            mode=Mode.LIGHT,
            make_account=self._account,
            make_server=self._server,
            examine=lambda link, stop: iter(()),
            make_integration=partial(Integration, notifier=self.notifier),
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
        sessions = self.desktop.sessions
        self.qtbot.waitUntil(lambda: all(session.settled for session in sessions.all))

    def online(self) -> FakeAccount:
        """Start with link and nick, and log in to a server with the room `lobby`."""
        self.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
        self.account.go_online()
        self.settle()
        return self.account

    def join_other(self) -> FakeAccount:
        """Join the server OTHER, too, by the nick dialog; it is shown then."""
        self.join("elsewhere")
        self.account.go_online(server=OTHER)
        self.settle()
        return self.account

    def answer(self, room: int = 0, problem: Problem | None = None, account: FakeAccount | None = None) -> None:
        """Answer the request that was made last."""
        asked = account or self.account
        asked.tell(RequestDoneUpdate(asked.last_request, room, problem))
        self.settle()

    def refuse(self, code: str, suggestion: str = "") -> None:
        """The last account needs a decision."""
        self.account.tell(ConnectionUpdate(Phase.REFUSED, Problem(code, "", suggestion)))
        self.settle()

    def join(self, address: str = "office", nick: str = "Anna", *, wait: bool = True) -> None:
        """Fill in the nick dialog and press its button; with `wait` until the account has begun."""
        dialog = self.desktop.joining.dialog
        dialog.nick_field.setText(nick)
        dialog.address_field.setText(address)
        with self.qtbot.waitSignal(dialog.join_wanted):
            dialog.join_button.click()
        if wait:
            self.qtbot.waitUntil(lambda: bool(self.accounts) and self.account.running)

    def quit(self) -> None:
        with self.qtbot.waitSignal(self.desktop.leaving.finished):
            self.desktop.leaving.quit_now()

    def close(self) -> None:
        """Free what the program held, at once: a theme styles all windows there are, those of the last test too."""
        self.desktop.close()
        self.desktop.window.deleteLater()
        QCoreApplication.sendPostedEvents(self.desktop.window, QEvent.Type.DeferredDelete.value)
        del self.desktop
