"""Reader threads: pages of history and of the audit log from their own read-only database connections. They
never delay a write, and users have their turns: who asks for much waits for it, and not the others."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_TIME, Audit, AuditEntry, Error, Event, GetAudit, GetHistory, History, Message
from qtchat.server.handlers.pages import fit
from qtchat.server.records import EventRecord
from qtchat.server.state import Peer
from qtchat.server.store import Reader, StoreError

logger = logging.getLogger(__name__)

RETRY_AFTER_MS: Final = 2_000

Job = tuple[Peer, GetHistory | GetAudit, int]
"""Who asked for what, up to where."""


class Readers:
    """A few threads that answer reads. `read` from the hub's thread; the answer goes straight to the peer's loop."""

    def __init__(self, open_reader: Callable[[], Reader], count: int) -> None:
        """`open_reader`: called once in each thread, for a connection of its own."""
        self._open_reader = open_reader
        self._jobs: dict[object, deque[Job]] = {}
        """What users have asked for that is not answered yet, by who they are. One at a time is answered of each, so
        that all of it comes in its order."""
        self._turns: deque[object] = deque()
        """Who of them is next. Whose job is being done stands again at the end, once it is."""
        self._stopping = False
        self._changed = threading.Condition()  # over the three above
        self._threads = [
            threading.Thread(target=self._run, name=f"qtchat-reader-{number}", daemon=True) for number in range(count)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> bool:
        """End after what was asked before. False if `timeout` seconds did not do."""
        started = [thread for thread in self._threads if thread.ident is not None]
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        deadline = time.monotonic() + timeout
        for thread in started:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in started)

    def read(self, peer: Peer, request: GetHistory | GetAudit, newest: int) -> None:
        """`newest`: the last seq, or act, that is told of: see effects.ReadPage."""
        who: object = peer if peer.user is None else peer.user
        with self._changed:
            if who not in self._jobs:
                self._jobs[who] = deque()
                self._turns.append(who)
            self._jobs[who].append((peer, request, newest))
            self._changed.notify()

    def _next(self) -> object:
        """Whose turn it is; None when everything is answered and no more will be asked."""
        with self._changed:
            self._changed.wait_for(lambda: self._turns or self._stopping)
            return self._turns.popleft() if self._turns else None

    def _had_a_turn(self, who: object) -> None:
        with self._changed:
            if self._jobs[who]:
                self._turns.append(who)
                self._changed.notify()
            else:
                del self._jobs[who]

    def _run(self) -> None:
        reader: Reader | None = None
        while (who := self._next()) is not None:
            with self._changed:
                peer, request, newest = self._jobs[who].popleft()
            try:
                reader = reader or self._open_reader()
                answer: Message
                if isinstance(request, GetHistory):
                    answer = read_page(reader, request, newest)
                else:
                    answer = read_acts(reader, request, newest)
            except StoreError as error:
                logger.error("the log could not be read: %s", error)
                answer = Error(request.id, ErrorCode.STORAGE, "The server cannot read its disk.", RETRY_AFTER_MS)
            except Exception:
                logger.exception("internal error in a reader")
                answer = Error(request.id, ErrorCode.STORAGE, "The server could not read that.")
            peer.loop.call_soon(peer.reply, peer.codec.encode([answer]), 1)
            self._had_a_turn(who)
        if reader is not None:
            reader.close()


def read_page(reader: Reader, request: GetHistory, newest: int) -> History:
    """One page of what is not newer than `newest`, cut so that it fits into a frame. Raises StoreError."""
    upwards = request.after is not None
    if request.after is not None:
        rows = reader.after(request.room, request.after, request.limit + 1)
        rows = [row for row in rows if row[0].seq <= newest]
    else:
        rows = reader.before(request.room, min(request.before or newest + 1, newest + 1), request.limit + 1)
    events, more = fit([_event(row, nick) for row, nick in rows], request.limit, keep_end=not upwards)
    # Read after the rows: whatever was committed in between is in `head`, so the client sees that more has come.
    return History(request.id, request.room, events, more, reader.head(request.room), reader.first(request.room))


def read_acts(reader: Reader, request: GetAudit, newest: int) -> Audit:
    """One page of the audit log up to act `newest`, cut so that it fits into a frame. Raises StoreError."""
    rows = reader.acts(min(request.before or newest + 1, newest + 1), request.limit + 1)
    entries = [
        AuditEntry(
            row.number,
            min(row.ts, MAX_TIME),
            by,
            row.act,
            row.room,
            row.user,
            nick,
            row.detail,
            min(row.until, MAX_TIME),
        )
        for row, by, nick in rows
    ]
    return Audit(request.id, *fit(entries, request.limit))


def _event(row: EventRecord, nick: str) -> Event:
    return Event(row.room, row.seq, row.id, min(row.ts, MAX_TIME), row.author, nick, row.kind, row.text, row.about)
