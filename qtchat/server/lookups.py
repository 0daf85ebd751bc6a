"""What must be known of the log before the requests of a batch are handled: the hub keeps no history in memory.

Three questions for all of them together, since one for each request would cost as much as storing it.
"""

from collections.abc import Callable, Iterable, Sequence

from qtchat.protocol.messages import Request
from qtchat.server.batch import Batch
from qtchat.server.handlers import COMMANDS, Command
from qtchat.server.letters import Turn
from qtchat.server.state import Peer
from qtchat.server.store import RoomLog
from qtchat.server.targets import Place

Asked = Sequence[tuple[Peer, Turn]]


def look_up(log: RoomLog, batch: Batch, asked: Asked) -> None:
    """Which requests were stored before, which stand in the audit log, and the messages they are about. Raises
    StoreError."""
    batch.stored = log.find(_ids(asked, lambda command: command.mutates))
    batch.acted = log.acted(_ids(asked, lambda command: command.recorded))
    batch.targets = log.targets(set(_places(asked)))


def _ids(asked: Asked, wanted: Callable[[Command], bool]) -> list[tuple[int, bytes]]:
    """(user, id) of the requests whose entry in the table is wanted."""
    return [
        (peer.user, request.id)
        for peer, request in asked
        if isinstance(request, Request) and peer.user is not None and wanted(COMMANDS[type(request)])
    ]


def _places(asked: Asked) -> Iterable[Place]:
    """Where the messages stand that the requests are about."""
    for _, request in asked:
        if isinstance(request, Request) and COMMANDS[type(request)].target:
            yield request.room, request.seq  # type: ignore[attr-defined]  # the table says that it has both
