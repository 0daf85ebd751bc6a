"""The servers we are on: for each an account, the bridge from its threads, and the state that it fills.

All of them go on at once; one is shown, see Sessions.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from qtchat.client.account import Account
from qtchat.client.classic_link import is_classic, same_place
from qtchat.client.line import now_ms
from qtchat.client.state import (
    AuditTold,
    BansTold,
    Change,
    RequestDone,
    ServerChanged,
    ServerState,
    WaitingTold,
)
from qtchat.client.trust import invitation_to, who_is_meant
from qtchat.client.updates import Phase, Update
from qtchat.gui.bridge import Background, Bridge
from qtchat.protocol.messages import MAX_TIME

AccountFactory = Callable[[Path, str, str, Callable[[Update], None]], Account]
"""(profile, link, nick, on_update) -> an account that was not started."""
Answer = Callable[[RequestDone], None]
STOP_SECONDS = 5.0
"""How long all accounts together may take to end."""


class Session(QObject):
    """`changed(Session, list[Change])` after each burst of news. Nothing comes after `close`."""

    changed = Signal(object, list)

    def __init__(self, make_account: AccountFactory, profile: Path, link: str, nick: str) -> None:
        super().__init__()
        self.link, self.nick = link, nick
        self.state = ServerState()
        self.was_online = False
        self.restored = False
        """It was open at the last time, too, so it is kept even if it was not reached."""
        self._waiting: dict[bytes, Answer] = {}
        self._bridge = Bridge(self.state, self)
        self._bridge.changed.connect(self._told)
        self.account = make_account(profile, link, nick, self._bridge.post)

    @property
    def server_key(self) -> str:
        """Under which name the settings keep what belongs to this server; "" until it is known."""
        return self.state.server.server_id.hex() if self.state.server else ""

    @property
    def key(self) -> str:
        """What the server is called among the open ones: its server_key, its link until that is known."""
        return self.server_key or self.link

    @property
    def name(self) -> str:
        """What the server is called; its link until that is known."""
        return self.state.server.name if self.state.server and self.state.server.name else self.link

    @property
    def plain(self) -> bool:
        """Is it somebody's plain chat? Then there is one room, nothing is encrypted, and messages are only sent."""
        return bool(self.state.server.dialect) if self.state.server else is_classic(self.link)

    @property
    def way_back(self) -> str:
        """The link that leads here the next time."""
        # An invitation may name several addresses: better than the one that answered. An address lacks the code.
        return self.link if "#" in self.link or self.state.server is None else self.state.server.link

    @property
    def user(self) -> int:
        """Our user number there, 0 until it is known."""
        return self.state.server.user if self.state.server else 0

    @property
    def own_nick(self) -> str:
        """What we are called there."""
        return self.state.server.nick if self.state.server else self.nick

    @property
    def server_time(self) -> int:
        """What the server's clock shows now, by which the ends of bans and mutes are meant; ms since 1970, UTC. Ours as
        long as it was not compared."""
        return now_ms() + (self.state.server.ahead if self.state.server else 0)

    def end_after(self, seconds: int) -> int:
        """When something is over that begins now, by the server's clock; 0 seconds, and so 0: without an end."""
        return min(self.server_time + seconds * 1000, MAX_TIME) if seconds else 0

    @property
    def settled(self) -> bool:
        """Have the views been told all that the account has said so far?"""
        return self._bridge.settled

    def start(self) -> None:
        self.account.start()

    def also_at(self, link: str) -> None:
        """`link` is said to lead here, too: unless we are online, look for the server there first, and at once.

        Only while `state.server` is known. What waits to be sent stays with the account, and goes when it is there.
        """
        assert self.state.server is not None
        if self.state.phase is Phase.ONLINE:
            return
        _, addresses = who_is_meant(link)
        if link == self.link or self.plain or not addresses:
            self.account.connect_now()
            return
        _, known = who_is_meant(self.link)
        places = tuple(dict.fromkeys((*addresses, *known)))
        self.link = invitation_to(self.state.server.code, places)
        self.account.also_at(addresses)

    def ask(self, request: bytes, then: Answer) -> None:
        """Call `then` when the request of this id, just made of the account, is answered; if it asked for a list of
        moderation, when it is refused."""
        self._waiting[request] = then

    def close(self, background: Background, deadline: float, then: Callable[[], None] | None = None) -> None:
        """Hear nothing more at once; stop the account on another thread, then call `then`.

        `deadline`: when that has to be over, by the monotonic clock.
        """
        self._bridge.close()
        self._waiting.clear()
        stop = partial(self._stop, deadline)
        background.run("qtchat-account-stop", stop, partial(self._closed, then))

    def _stop(self, deadline: float) -> None:
        """On a thread of its own."""
        self.account.stop(max(0.0, deadline - time.monotonic()))

    def _closed(self, then: Callable[[], None] | None, _result: object, failure: BaseException | None) -> None:
        if then is not None:
            then()
        if failure is not None:
            raise failure

    def _told(self, changes: Sequence[Change]) -> None:
        self.changed.emit(self, changes)
        for change in changes:
            if isinstance(change, RequestDone) and (then := self._waiting.pop(change.id, None)) is not None:
                then(change)
            elif isinstance(change, WaitingTold | BansTold | AuditTold):  # the list itself, for whoever listens
                self._waiting.pop(change.id, None)


class Sessions(QObject):
    """Every server we are on, or are trying to be, in the order in which they were opened; at most one is shown.

    opened(Session), before anything is heard of it; closed(Session), when nothing more will be; switched(Session or
    None): what is shown from now on; told(Session, list[Change]): news of one of them, shown or not; all_ended(): no
    account that was told to end runs any more.

    An account begins only when those that were told to end have ended, for they may use the same files.
    """

    opened = Signal(object)
    closed = Signal(object)
    switched = Signal(object)
    told = Signal(object, list)
    all_ended = Signal()

    def __init__(
        self, make_account: AccountFactory, profile: Path, background: Background, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._make_account, self._profile, self._background = make_account, profile, background
        self._unstarted: list[Session] = []
        self._ending = 0
        self.all: list[Session] = []
        self.current: Session | None = None

    def open(self, link: str, nick: str) -> Session:
        """Be on the server that `link` leads to, too. It is not shown yet."""
        session = Session(self._make_account, self._profile, link, nick)
        self.all.append(session)
        session.changed.connect(self._told)
        self.opened.emit(session)
        self._unstarted.append(session)
        self._start_next()
        return session

    def reach(self, link: str, nick: str) -> Session:
        """The one that `link` leads to, by this link, too, for the server may have moved; opened if there is none."""
        session = self.find(link)
        if session is None:
            return self.open(link, nick)
        if session.state.server is not None:
            session.also_at(link)
        elif session.link != link:  # it has shown nothing yet, so it may as well begin anew
            old, session = session, self.open(link, nick)
            session.restored = old.restored
            self.close(old)
        return session

    def show(self, session: Session | None) -> None:
        """Show this one of them, or nothing."""
        if session is not self.current:
            self.current = session
            self.switched.emit(session)

    def close(self, session: Session) -> None:
        """Be on this server no more; if it was the one shown, show another."""
        if session in self.all:
            self._end(session, time.monotonic() + STOP_SECONDS)

    def close_all(self) -> None:
        """Be nowhere, and on the way to nowhere; all have the same time to end."""
        deadline = time.monotonic() + STOP_SECONDS
        self.show(None)
        for session in list(self.all):
            self._end(session, deadline)

    def by_key(self, key: str) -> Session | None:
        """The one that is called `key`, see Session.key."""
        return next((session for session in self.all if key in (session.key, session.link)), None)

    def find(self, link: str) -> Session | None:
        """The one that `link` leads to, as far as that can be said without asking the network."""
        return next((session for session in self.all if leads_to(link, session)), None)

    def _end(self, session: Session, deadline: float) -> None:
        place = self.all.index(session)
        self.all.remove(session)
        if session is self.current:
            self.show(self.all[min(place, len(self.all) - 1)] if self.all else None)
        self.closed.emit(session)
        if session in self._unstarted:
            self._unstarted.remove(session)
        self._ending += 1
        session.close(self._background, deadline, self._ended)

    def _ended(self) -> None:
        self._ending -= 1
        if not self._ending:
            self.all_ended.emit()
        self._start_next()

    def _start_next(self) -> None:
        while self._unstarted and not self._ending:
            self._unstarted.pop(0).start()

    def _told(self, session: Session, changes: list[Change]) -> None:
        twin = self._twin(session) if ServerChanged() in changes else None
        if twin is None:
            self.told.emit(session, changes)
            return
        first, second = sorted((session, twin), key=self.all.index)
        if first is session:  # the later one was the first to know which server it is
            self.told.emit(session, changes)
        wanted = second in (session, self.current)
        first.also_at(second.link)
        self.close(second)
        if wanted:
            self.show(first)

    def _twin(self, session: Session) -> Session | None:
        """The same server by two addresses is one server: the one that was there first stays, and takes the other's
        address."""
        code = session.state.server.code if session.state.server else ""
        for other in self.all:
            server = other.state.server
            if code and other is not session and server is not None and server.code == code:
                return other
        return None


def leads_to(link: str, session: Session) -> bool:
    """Is `link` the session's own, or one of the same server by its code or address?"""
    server = session.state.server
    if link == session.link:
        return True
    if is_classic(link) or session.plain:  # without a code, and another chat than a qtchat server at the same address
        return same_place(link, session.link)
    code = _code(link)
    if code:
        return code == _code(session.link) or (server is not None and code == plain_code(server.code))
    return server is not None and link in (server.host, f"{server.host}:{server.port}")


def _code(link: str) -> str:
    """The server code in an invitation; "" in an address."""
    return plain_code(link.partition("#")[2])


def plain_code(code: str) -> str:
    """A server code, to compare with others of this form."""
    return code.replace("-", "").upper()
