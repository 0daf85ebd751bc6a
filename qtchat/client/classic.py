"""An account in a plain chat: the app as a client of somebody's small server. One room, a history of our own, and no
word on what became of a message but that it was written.

All of it is an ordinary Account; only what is at the other end of its connection is played by ClassicConnector.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from qtchat.client.account import Account
from qtchat.client.classic_connector import ClassicConnector
from qtchat.client.classic_link import is_classic, parse_classic_link
from qtchat.client.classic_room import ClassicRoom
from qtchat.client.engine import Engine, Told
from qtchat.client.profile import default_nick
from qtchat.client.updates import ConnectionUpdate, Phase, Problem, ProblemCode, ServerUpdate, Update
from qtchat.net.invitation import InvitationError

UNKNOWN: Final = "unknown"
"""Stands for the dialect of a server that was not met yet."""


class ClassicEngine(Engine):
    """`link`: see ClassicLink. What such a server cannot do is refused with ProblemCode.UNSUPPORTED."""

    def begin(self) -> None:
        """Find out which chat is meant; show what is known of it; connect."""
        try:
            link = parse_classic_link(self._link)
        except InvitationError as error:
            self.emit(ConnectionUpdate(Phase.REFUSED, Problem(ProblemCode.BAD_CLASSIC_LINK, str(error))))
            return
        place = f"{link.host}:{link.port}"
        server_id = hashlib.sha256(f"classic {place}".encode()).digest()[:16]
        self._room = ClassicRoom(place[:64], "")
        self._connector = self._classic = ClassicConnector(self._loop, self, link, server_id, self._room)
        self._connector.nick = self._wanted_nick or default_nick()
        self._open_storage(f"classic{server_id.hex()}")

    def _restore(self, told: Told) -> None:
        for room in told.rooms:
            self._room.restore(room.newest)
        super()._restore(told)

    def _tell_server(self) -> None:
        connector = self._classic
        dialect = connector.dialect.name if connector.dialect is not None else UNKNOWN
        server_id = self._history[0] if self._history else b""
        self.emit(ServerUpdate(server_id, self._server_name, "", self.user, self.nick, *connector.address, dialect))


def engine_for(link: str) -> type[Engine]:
    """What goes on behind an Account for this link: on a qtchat server, or in a plain chat."""
    return ClassicEngine if is_classic(link) else Engine


def open_account(profile: Path, link: str, nick: str, on_update: Callable[[Update], None]) -> Account:
    """The account that `link` asks for."""
    return Account(profile, link, nick, on_update, engine=engine_for(link))
