"""How a room's rows move: events come, our own messages find their place, older history is put on top."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import attrgetter

from msgspec.structs import replace

from qtchat.client.state.amendments import AMENDMENTS, amend, amend_quote, quote_of
from qtchat.client.state.changes import (
    Change,
    RoomChanged,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    TimelineEndsChanged,
)
from qtchat.client.state.rows import ROW_KINDS, Delivery, Entry, Quote, RoomState, runs
from qtchat.client.updates import (
    AckedUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    OlderUpdate,
    PendingUpdate,
    QuotedUpdate,
)
from qtchat.protocol.messages import KIND_POST, Event

_by_seq = attrgetter("seq")


def take_events(room: RoomState, update: EventsUpdate, own: int) -> tuple[Change, ...]:
    """The next events of the log. `own`: our user number."""
    batch = _Batch(room, update.live, own)
    for event in update.events:
        batch.take(event)
    return batch.finish()


def take_older(room: RoomState, update: OlderUpdate, own: int) -> tuple[Change, ...]:
    """What lies right before the rows that are here; more than that may come again with it."""
    ends = TimelineEndsChanged(room.number)
    events = [event for event in update.events if not room.oldest or event.seq < room.oldest]
    if update.events and not events:
        return ()  # asked for twice, or the way to what somebody jumps to
    if events and room.oldest and events[-1].seq != room.oldest - 1:
        return (ends,)  # asked for before rows were trimmed
    room.at_start, room.gap = update.at_start, update.gap
    if not events:
        return (ends,)
    entries = _older_rows(room, events, update.amendments, own)
    room.oldest, room.newest = events[0].seq, max(room.newest, events[-1].seq)
    room.entries[:0] = entries
    room.numbered += len(entries)
    for row, entry in enumerate(entries):
        entries[row] = room.entries[row] = _with_quote(room, entry)
        _remember_quote(room, entry)
    if not entries:  # more is on its way, unless this was the end
        return (ends,) if room.at_start else ()
    quoting = [quoted for event in events for quoted in room.quoting.get(event.seq, ())]
    changed = _requote(room, (row for row in map(room.row_of, quoting) if row is not None and row >= len(entries)))
    return (RowsInserted(room.number, 0, tuple(entries)), *_replaced(room, changed), ends)


def take_quoted(room: RoomState, update: QuotedUpdate) -> tuple[Change, ...]:
    """Messages that have no row here, but are answered by some that have."""
    changed: list[int] = []
    for event in update.events:
        if room.row_of(event.seq) is not None:
            continue
        told = Quote(event.seq, event.nick, event.text, deleted=not event.text)
        quote = reduce(amend_quote, room.kept.get(event.seq, ()), told)
        for row in _rows_quoting(room, event.seq):
            if room.entries[row].quote != quote:
                room.entries[row] = replace(room.entries[row], quote=quote)
                changed.append(row)
    return tuple(_replaced(room, changed))


def take_outgoing(
    room: RoomState,
    update: PendingUpdate | AckedUpdate | FailedUpdate | DiscardedUpdate,
    own: int,
    nick: str,
) -> tuple[Change, ...]:
    """A message of ours waits, was stored, was refused, or was taken back."""
    row = room.waiting_row(update.id)
    if isinstance(update, PendingUpdate):
        return _pending(room, row, update, own, nick)
    if row is None:  # its event has already come
        return ()
    if isinstance(update, DiscardedUpdate) or (isinstance(update, AckedUpdate) and update.seq <= room.newest):
        # Taken back; or the server had it long ago, and its event is not told again.
        del room.entries[row]
        return (RowsRemoved(room.number, row, 1), RoomChanged(room.number))
    if isinstance(update, AckedUpdate):
        entry = replace(room.entries[row], ts=update.ts, delivery=Delivery.SENT, problem=None)
    else:
        entry = replace(room.entries[row], delivery=Delivery.FAILED, problem=update.problem)
    room.entries[row] = entry
    return (RowsReplaced(room.number, row, (entry,)), RoomChanged(room.number))


def set_read_by_all(room: RoomState, upto: int) -> tuple[Change, ...]:
    """All others have read up to this seq; it may go back, when somebody else comes in."""
    low, high = sorted((room.read_by_all, upto))
    room.read_by_all = upto
    changed = []
    for row in range(room.row_from(low + 1), room.row_from(high + 1)):
        entry = room.entries[row]
        if entry.own and entry.kind == KIND_POST:
            room.entries[row] = replace(entry, delivery=_delivery(room, entry))
            changed.append(row)
    # One change, though other rows lie between: a view follows it faster than hundreds.
    return _replaced(room, range(changed[0], changed[-1] + 1)) if changed else ()


def trim(room: RoomState, keep: int) -> tuple[Change, ...]:
    """Drop what is more than `keep` rows at the top."""
    count = room.excess(keep)
    if not count:
        return ()
    for entry in room.entries[:count]:
        answers = room.quoting.get(entry.reply_to)
        if answers is not None and entry.seq is not None:
            answers.discard(entry.seq)
            if not answers:
                del room.quoting[entry.reply_to]
    del room.entries[:count]
    room.numbered -= count
    room.oldest = (room.entries[0].seq if room.numbered else None) or room.newest + 1
    room.at_start = False
    return (RowsRemoved(room.number, 0, count), TimelineEndsChanged(room.number))


class _Batch:
    """Events that are taken in together. `run`: rows that are not inserted yet. `amended`: seqs of messages, of which
    those that had a row before are `changed`; `unheld`: amendments of messages without a row."""

    def __init__(self, room: RoomState, live: bool, own: int) -> None:
        self._room = room
        self._live = live
        self._own = own
        self._run: list[Entry] = []
        self._changes: list[Change] = []
        self._amended: set[int] = set()
        self._changed: set[int] = set()
        self._unheld: list[Event] = []

    def take(self, event: Event) -> None:
        self._room.oldest = self._room.oldest or event.seq
        self._room.newest = event.seq
        if event.kind in AMENDMENTS:
            self._amend(event)
        elif event.kind in ROW_KINDS:
            self._add(_entry(self._room, event, self._own))

    def finish(self) -> tuple[Change, ...]:
        room = self._room
        self._flush()
        room.head = max(room.head, room.newest)
        rows = {row for row in map(room.row_of, self._changed) if row is not None}
        for seq in self._amended:
            rows.update(_requote(room, _rows_quoting(room, seq)))
        for event in self._unheld:
            rows.update(_amend_quotes(room, event))
        return (*self._changes, *_replaced(room, rows))

    def _add(self, entry: Entry) -> None:
        room = self._room
        waiting = room.waiting_row(entry.id) if entry.own else None
        if waiting is None:
            place = _place(self._run, entry.reply_to)
            quoted = self._run[place] if place is not None else None
            self._run.append(_with_quote(room, entry, quoted))
        else:
            waiting += len(self._run)
            self._flush()
            self._confirm(waiting, _with_quote(room, entry))
        _remember_quote(room, entry)

    def _amend(self, event: Event) -> None:
        room, own = self._room, event.author == self._own
        place = _place(self._run, event.about)
        row = room.row_of(event.about)
        if place is not None:
            self._run[place] = amend(self._run[place], event, own)
            self._amended.add(event.about)
        elif row is not None:
            room.entries[row] = amend(room.entries[row], event, own)
            self._amended.add(event.about)
            self._changed.add(event.about)
        elif event.about < room.oldest:
            room.keep(event)
            self._unheld.append(event)

    def _flush(self) -> None:
        """Insert what has gathered."""
        room, run = self._room, self._run
        if run:
            first = room.numbered
            room.entries[first:first] = run
            room.numbered += len(run)
            self._changes.append(RowsInserted(room.number, first, tuple(run), self._live))
            self._run = []

    def _confirm(self, row: int, entry: Entry) -> None:
        """Our own waiting message got its place in the log: just behind everything that is numbered."""
        room = self._room
        first = room.numbered
        room.numbered += 1
        if row == first:
            room.entries[row] = entry
            self._changes.append(RowsReplaced(room.number, row, (entry,)))
            return
        del room.entries[row]
        room.entries.insert(first, entry)
        self._changes += (RowsRemoved(room.number, row, 1), RowsInserted(room.number, first, (entry,)))


# -- steps ------------------------------------------------------------------------------------------------


def _entry(room: RoomState, event: Event, own: int) -> Entry:
    post = event.kind == KIND_POST
    entry = Entry(
        event.id,
        event.seq,
        event.ts,
        event.author,
        event.nick,
        event.kind,
        event.text,
        own=own != 0 and event.author == own,
        reply_to=event.about if post else 0,
        deleted=post and not event.text,  # nobody can say nothing: it was erased
        about=event.about,
    )
    return replace(entry, delivery=Delivery.READ) if _delivery(room, entry) is Delivery.READ else entry


def _delivery(room: RoomState, entry: Entry) -> Delivery:
    """Of a numbered row."""
    read = entry.own and entry.kind == KIND_POST and entry.seq is not None and entry.seq <= room.read_by_all
    return Delivery.READ if read else Delivery.SENT


def _older_rows(room: RoomState, events: Sequence[Event], amendments: Iterable[Event], own: int) -> list[Entry]:
    """The rows of a page as they are now. `amendments`: what else is known of its messages."""
    entries = [_entry(room, event, own) for event in events if event.kind in ROW_KINDS]
    first, last = events[0].seq, events[-1].seq
    later = {event.seq: event for event in amendments if event.seq > last}
    for about in [about for about in room.kept if first <= about <= last]:
        later.update((event.seq, event) for event in room.kept.pop(about))
    inside = (event for event in events if event.kind in AMENDMENTS)
    for event in (*inside, *(later[seq] for seq in sorted(later))):
        place = _place(entries, event.about)
        if place is not None:
            entries[place] = amend(entries[place], event, event.author == own)
        elif event.about < first:
            room.keep(event)
    return entries


def _pending(room: RoomState, row: int | None, update: PendingUpdate, own: int, nick: str) -> tuple[Change, ...]:
    waiting = Entry(
        update.id,
        None,
        update.ts,
        own,
        nick,
        KIND_POST,
        update.text,
        own=True,
        delivery=Delivery.WAITING,
        reply_to=update.reply_to,
        about=update.reply_to,
    )
    entry = _with_quote(room, waiting)
    if row is not None:  # a retry
        room.entries[row] = entry
        return (RowsReplaced(room.number, row, (entry,)),)
    room.entries.append(entry)
    row = len(room.entries) - 1
    return (RowsInserted(room.number, row, (entry,), live=True), RoomChanged(room.number))


def _place(entries: Sequence[Entry], seq: int) -> int | None:
    """Where the row `seq` is in a list of numbered ones."""
    place = bisect_left(entries, seq, key=_by_seq)
    return place if place < len(entries) and entries[place].seq == seq else None


def _replaced(room: RoomState, rows: Iterable[int]) -> tuple[RowsReplaced, ...]:
    return tuple(
        RowsReplaced(room.number, first, tuple(room.entries[first : first + count]))
        for first, count in runs(sorted(set(rows)))
    )


# -- quotes -----------------------------------------------------------------------------------------------


def _with_quote(room: RoomState, entry: Entry, quoted: Entry | None = None) -> Entry:
    """The row with what it answers, if that is here. `quoted`: found elsewhere."""
    if not entry.reply_to:
        return entry
    quoted = quoted or room.post(entry.reply_to)
    return replace(entry, quote=quote_of(quoted)) if quoted is not None and quoted.kind == KIND_POST else entry


def _remember_quote(room: RoomState, entry: Entry) -> None:
    if entry.reply_to and entry.seq is not None:
        room.quoting.setdefault(entry.reply_to, set()).add(entry.seq)


def _rows_quoting(room: RoomState, seq: int) -> list[int]:
    """The rows that answer the message `seq`, those that wait too."""
    numbered = (room.row_of(answer) for answer in room.quoting.get(seq, ()))
    waiting = (row for row in range(room.numbered, len(room.entries)) if room.entries[row].reply_to == seq)
    return [*(row for row in numbered if row is not None), *waiting]


def _requote(room: RoomState, rows: Iterable[int]) -> list[int]:
    """Let these rows quote what stands here now; returns those that look different."""
    changed = []
    for row in rows:
        entry = _with_quote(room, room.entries[row])
        if entry != room.entries[row]:
            room.entries[row] = entry
            changed.append(row)
    return changed


def _amend_quotes(room: RoomState, event: Event) -> list[int]:
    """The same, after a message that has no row here was changed by `event`."""
    changed = []
    for row in _rows_quoting(room, event.about):
        entry = room.entries[row]
        quote = amend_quote(entry.quote, event) if entry.quote is not None else None
        if quote != entry.quote:
            room.entries[row] = replace(entry, quote=quote)
            changed.append(row)
    return changed
