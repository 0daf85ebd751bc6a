"""One attempt to be on one server: an account, the bridge from its threads, and the state that it fills."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from qtchat.client.account import Account
from qtchat.client.state import ServerState
from qtchat.client.updates import Update
from qtchat.gui.bridge import Background, Bridge

AccountFactory = Callable[[Path, str, str, Callable[[Update], None]], Account]
"""(profile, link, nick, on_update) -> an account that was not started."""


class Session(QObject):
    """`changed(list[Change])` after each burst of news. Nothing comes after `close`."""

    changed = Signal(list)

    def __init__(self, make_account: AccountFactory, profile: Path, link: str, nick: str) -> None:
        super().__init__()
        self.link, self.nick = link, nick
        self.state = ServerState()
        self.was_online = False
        self._bridge = Bridge(self.state, self)
        self._bridge.changed.connect(self.changed)
        self.account = make_account(profile, link, nick, self._bridge.post)

    @property
    def server_key(self) -> str:
        """Under which name the settings keep what belongs to this server; "" until it is known."""
        return self.state.server.server_id.hex() if self.state.server else ""

    @property
    def settled(self) -> bool:
        """Have the views been told all that the account has said so far?"""
        return self._bridge.settled

    def start(self) -> None:
        self.account.start()

    def close(self, background: Background, then: Callable[[], None] | None = None) -> None:
        """Hear nothing more at once; stop the account on another thread, then call `then`."""
        self._bridge.close()
        background.run("qtchat-account-stop", self.account.stop, partial(self._closed, then))

    def _closed(self, then: Callable[[], None] | None, _result: object, failure: BaseException | None) -> None:
        if then is not None:
            then()
        if failure is not None:
            raise failure
