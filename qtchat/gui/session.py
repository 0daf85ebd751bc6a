"""One attempt to be on one server: an account, the bridge from its threads, and the state that it fills.

There is one at a time, see Sessions.
"""

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


class Sessions(QObject):
    """One session at a time: the next begins only when the last account has ended, for they use the same files.

    `switched(Session | None)`: what is shown from now on, before anything is heard of it. None: nothing for now.
    """

    switched = Signal(object)

    def __init__(
        self, make_account: AccountFactory, profile: Path, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make_account, self._profile, self._background = make_account, profile, background
        self._next: tuple[str, str] | None = None
        self._closing = False
        self.current: Session | None = None

    def begin(self, link: str, nick: str) -> None:
        """Be on the server that `link` leads to, and no more on another one."""
        self.drop()
        self._next = (link, nick)
        self._begin_next()

    def drop(self) -> None:
        """Be nowhere, and on the way to nowhere."""
        session, self.current, self._next = self.current, None, None
        self.switched.emit(None)
        if session is not None:
            self._closing = True
            session.close(self._background, self._closed)

    def _closed(self) -> None:
        self._closing = False
        self._begin_next()

    def _begin_next(self) -> None:
        if self._next is None or self._closing:
            return
        (link, nick), self._next = self._next, None
        session = self.current = Session(self._make_account, self._profile, link, nick)
        self.switched.emit(session)
        session.start()
