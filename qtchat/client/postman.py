"""Postman: brings what the user wrote to the server, exactly once and in order. Disk first, then the screen, then
the wire; out of the outbox only when the server has stored it."""

import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from msgspec.structs import replace

from qtchat.client.errors import ProfileError
from qtchat.client.line import MIN_RETRY_AFTER, Line, retry_after
from qtchat.client.outbox import OutboxItem
from qtchat.client.quotes import tell_quoted
from qtchat.client.sender import Sender
from qtchat.client.storage import Disk
from qtchat.client.updates import (
    AckedUpdate,
    DiscardedUpdate,
    FailedUpdate,
    HeldUpdate,
    PendingUpdate,
    Problem,
    ProblemCode,
    UnsentUpdate,
)
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, MEMBER, Ack, Error, Post, Room

LONGEST_PAUSE: Final = 3600.0
"""Seconds that a server can make us wait with a message: the slowest of rooms in slow mode."""


class Postman:
    """The outgoing messages of one account."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sender = Sender()
        self._failed: dict[bytes, OutboxItem] = {}
        self._being_kept: set[bytes] = set()
        self._held: Problem | None = None
        self._meant: dict[int, Room | None] = {}
        self._left: dict[int, str] = {}
        """The names of rooms that we were in before."""
        self._alarms: set[float] = set()

    def restore(self, item: OutboxItem) -> None:
        """Show a message that was left in the outbox; send it when we are online, unless it had been refused."""
        if item.problem_code is None:
            self._sender.add(item)
        else:
            self._failed[item.id] = item
        self._show(item)

    def history_replaced(self, rooms: dict[int, Room]) -> None:
        """The server's history is another one. `rooms`: those that we were in, some of which messages wait for.

        What they answer has another number now, or is not there."""
        items = (*self._sender.waiting(), *self._failed.values())
        self._meant = {item.room: rooms.get(item.room) for item in items}
        self._left.clear()
        self._sender.change(lambda item: replace(item, reply_to=0))
        self._failed = {key: replace(item, reply_to=0) for key, item in self._failed.items()}
        self._line.write(lambda disk: disk.outbox.forget_replies())

    def room_told(self, room: Room) -> None:
        """The owner has just learnt of this room: what waits for it, or was refused, belongs into it.

        After the history was replaced another room may have this number: then somebody must look first.
        """
        self._left.pop(room.room, None)
        replaced = room.room in self._meant and not _is_same(self._meant.pop(room.room), room)
        for item in (*self._sender.waiting(), *self._failed.values()):
            if item.room != room.room:
                continue
            self._show(item)
            if replaced and self._sender.done(item.id):
                text = f"It was meant for another room than {room.name}."
                self._fail_for_good(item, Problem(ProblemCode.ROOM_REPLACED, text))

    def room_left(self, room: Room) -> None:
        """We are not in it any more, so nothing of what waits there, or was refused, can be seen: the owner is told.

        What is under way is answered yet. The rest is sent only if somebody says so, should we be there again.
        """
        self._left[room.room] = room.name
        under_way = self._sender.under_way
        items = [item for item in (*self._sender.waiting(), *self._failed.values()) if item.room == room.room]
        self._tell_unsent([item for item in items if item.id not in under_way])

    def _tell_unsent(self, items: Sequence[OutboxItem]) -> None:
        """Of one room, which we have left."""
        if not items:
            return
        name = self._left[items[0].room]
        for item in items:
            if self._sender.done(item.id):
                self._fail_for_good(item, Problem(ErrorCode.NOT_MEMBER, f"You are no longer in the room {name}."))
        self._line.emit(UnsentUpdate(name, tuple(item.text for item in items)))

    def room_changed(self, room: Room) -> None:
        """A room in slow mode that is quicker now, or in which we need not wait any more, takes what waits sooner."""
        pause = room.slow_ms / 1000 if room.role == MEMBER else 0.0
        self._sender.hasten(room.room, time.monotonic() + max(pause, MIN_RETRY_AFTER))

    def lost(self) -> None:
        """The connection is gone: what was under way is sent again with the next."""
        self._tell_held(None)
        self._sender.connection_lost()

    # -- what the user does -------------------------------------------------------------------------------

    def post(self, item: OutboxItem) -> None:
        self._keep(item, again=False)

    def retry(self, message_id: bytes) -> None:
        item = self._failed.pop(message_id, None)
        if item is not None:
            self._keep(replace(item, problem_code=None, problem_text=None), again=True)

    def discard(self, message_id: bytes, room: int) -> None:
        """Without effect on a message that is on its way to the server."""
        if message_id in self._sender.under_way:
            return
        self._failed.pop(message_id, None)
        self._being_kept.discard(message_id)
        self._sender.done(message_id)
        self._line.write(lambda disk: disk.outbox.remove(message_id))
        self._line.emit(DiscardedUpdate(message_id, room))
        self._line.pump()

    # -- what the server says -----------------------------------------------------------------------------

    def stored(self, message_id: bytes) -> None:
        """The server has it; the outbox may forget it, at leisure."""
        if self._sender.done(message_id):
            self._line.write(lambda disk: disk.outbox.remove(message_id, durable=False))

    def acknowledged(self, ack: Ack) -> None:
        self.stored(ack.re)
        self._tell_held(None)
        self._line.emit(AckedUpdate(ack.re, ack.room, ack.seq, ack.ts))

    def refused(self, error: Error) -> None:
        item = self._sender.get(error.re)
        if item is not None and item.room in self._left:
            if error.retry_after_ms is not None:  # the server waits for it, and only a new connection can end that
                self._sender.refused(error.re, time.monotonic())
            self._tell_unsent([item])
        elif error.retry_after_ms is not None:
            if error.code == ErrorCode.STORAGE:
                self._tell_held(Problem(error.code, error.text))
            self._sender.refused(error.re, time.monotonic() + retry_after(error, LONGEST_PAUSE))
        elif item is not None:
            self._sender.done(item.id)
            self._fail_for_good(item, Problem(error.code, error.text))

    # -- sending ------------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Send what may be sent now."""
        if not self._line.online:
            return
        if self._sender.stuck:
            self._line.give_up("the message that the server wanted first was discarded")
            return
        for item in self._sender.next(time.monotonic(), self._line.free):
            self._line.send(Post(item.id, item.room, item.text, item.reply_to))
        resume_at = self._sender.resume_at
        if resume_at is not None and all(alarm > resume_at for alarm in self._alarms):
            self._alarms.add(resume_at)
            self._line.call_later(max(0.0, resume_at - time.monotonic()), partial(self._resume, resume_at))

    def _tell_held(self, problem: Problem | None) -> None:
        if problem != self._held:
            self._held = problem
            self._line.emit(HeldUpdate(problem))

    def _resume(self, alarm: float) -> None:
        self._alarms.discard(alarm)
        self._line.pump()

    def _keep(self, item: OutboxItem, *, again: bool) -> None:
        def kept(_: object) -> None:
            if self._is_wanted(item):
                self._sender.add(item)
                self._show(item)
                self._line.pump()

        def not_kept(error: ProfileError) -> None:
            if self._is_wanted(item):
                # It stays on the screen, to be retried; it is never sent unsaved.
                self._line.emit(_pending(item))
                self._fail(item, Problem(ProblemCode.PROFILE, str(error)))

        self._being_kept.add(item.id)
        self._line.read(lambda disk: _keep(disk, item, again=again), kept, not_kept)

    def _is_wanted(self, item: OutboxItem) -> bool:
        """The disk has answered: whether it was not discarded in the meantime."""
        wanted = item.id in self._being_kept
        self._being_kept.discard(item.id)
        return wanted

    def _fail_for_good(self, item: OutboxItem, problem: Problem) -> None:
        """Also after a restart it waits for somebody's decision."""
        self._line.write(lambda disk: disk.outbox.fail(item.id, problem.code, problem.text))
        self._fail(item, problem)

    def _fail(self, item: OutboxItem, problem: Problem) -> None:
        self._failed[item.id] = replace(item, problem_code=problem.code, problem_text=problem.text)
        self._line.emit(FailedUpdate(item.id, item.room, problem))

    def _show(self, item: OutboxItem) -> None:
        self._line.emit(_pending(item))
        if item.reply_to:
            tell_quoted(self._line, item.room, (item.reply_to,))
        if item.problem_code is not None:
            self._line.emit(FailedUpdate(item.id, item.room, Problem(item.problem_code, item.problem_text or "")))


def _is_same(meant: Room | None, room: Room) -> bool:
    """Whether a room of the new history is surely the one that was meant. Of the other one in a direct room only the
    name is known, and somebody else may be called so now."""
    return (
        meant is not None
        and DIRECT not in (meant.kind, room.kind)
        and (meant.name, meant.kind) == (room.name, room.kind)
    )


def _pending(item: OutboxItem) -> PendingUpdate:
    return PendingUpdate(item.id, item.room, item.text, item.created, item.reply_to)


def _keep(disk: Disk, item: OutboxItem, *, again: bool) -> None:
    """Let a message wait, whether or not the disk had taken it the first time."""
    if again and any(kept.id == item.id for kept in disk.outbox.items()):
        disk.outbox.retry(item.id)
    else:
        disk.outbox.add(item.id, item.room, item.text, item.created, item.reply_to)
