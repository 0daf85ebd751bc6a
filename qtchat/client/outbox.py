"""What the user wrote and the server has not acknowledged: on disk before the first byte is sent."""

import secrets
import sqlite3
import threading

from msgspec import Struct

from qtchat.client.database import plain_errors, transaction

_RANDOM_BITS = 80
_MAX_MS = 2**48 - 1


class OutboxItem(Struct, frozen=True):
    """A message that waits, or, with a problem, one that was refused. `created`: ms since 1970, UTC.

    `reply_to`: the seq of the message that it answers, 0 for none."""

    id: bytes
    room: int
    text: str
    created: int
    problem_code: str | None = None
    problem_text: str | None = None
    reply_to: int = 0


class Outbox:
    """The unacknowledged messages of one profile to one server. Used by the thread that opened the database.

    Every method raises ProfileError if the disk does not take it; then nothing has changed.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def add(self, id: bytes, room: int, text: str, created: int, reply_to: int = 0) -> None:  # noqa: A002
        """Keep a message, behind all others. It survives power loss when this returns.

        `id`: from `new_id`; one that is already there is an error (sqlite3.IntegrityError).
        """
        with transaction(self._database, durable=True):
            self._database.execute(
                "INSERT INTO outbox (id, room, text, created, reply_to) VALUES (?, ?, ?, ?, ?)",
                (id, room, text, created, reply_to),
            )

    def remove(self, id: bytes, *, durable: bool = True) -> None:  # noqa: A002
        """Drop a message, if it is there.

        `durable=False` is for an acknowledged one and does not wait for the disk: should power loss bring it back,
        it is sent again, and the server recognises its id.
        """
        with transaction(self._database, durable=durable):
            self._database.execute("DELETE FROM outbox WHERE id = ?", (id,))

    def fail(self, id: bytes, code: str, text: str) -> None:  # noqa: A002
        """Mark a message, if it is there, as refused for good; `code` and `text` as in `updates.Problem`."""
        self._set_problem(id, code, text)

    def retry(self, id: bytes) -> None:  # noqa: A002
        """Let a refused message, if it is there, wait again, in its old place."""
        self._set_problem(id, None, None)

    def forget_replies(self) -> None:
        """The server's history is another one: what these messages answer is not in it."""
        with transaction(self._database, durable=True):
            self._database.execute("UPDATE outbox SET reply_to = 0")

    @plain_errors()
    def items(self) -> list[OutboxItem]:
        """All messages in the order in which they were added."""
        rows = self._database.execute(
            "SELECT id, room, text, created, problem_code, problem_text, reply_to FROM outbox ORDER BY position"
        )
        return [OutboxItem(*row) for row in rows]

    def _set_problem(self, id: bytes, code: str | None, text: str | None) -> None:  # noqa: A002
        with transaction(self._database, durable=True):
            self._database.execute(
                "UPDATE outbox SET problem_code = ?, problem_text = ? WHERE id = ?", (code, text, id)
            )


class _Ids:
    """Gives every id only once and each above the one before, whatever the clock does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def make(self, now_ms: int) -> bytes:
        ms = max(0, min(now_ms, _MAX_MS))
        wanted = ms << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            # In the same millisecond, or after the clock went back: a random step above the last one.
            self._last = wanted if wanted > self._last else self._last + 1 + secrets.randbits(32)
            return self._last.to_bytes(16, "big")


_ids = _Ids()


def new_id(now_ms: int) -> bytes:
    """A new message id, 16 bytes: 48 bits of time (ms since 1970, UTC; big-endian), then chance. From any thread.

    Within a process ids sort in the order in which they were made.
    """
    return _ids.make(now_ms)
