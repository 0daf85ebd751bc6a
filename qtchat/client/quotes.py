"""What messages answer, where that was said longer ago than what is shown: the local history may know it."""

from collections.abc import Iterable

from qtchat.client.line import Line
from qtchat.client.updates import QuotedUpdate
from qtchat.protocol.messages import KIND_POST, Event


def answered_by(events: Iterable[Event]) -> set[int]:
    """The seqs of the messages that some of these answer and that are not among them."""
    events = tuple(events)
    return {event.about for event in events if event.kind == KIND_POST and event.about} - {e.seq for e in events}


def tell_quoted(line: Line, room: int, seqs: Iterable[int]) -> None:
    """Look these messages up and tell the owner of those that are there."""
    wanted = tuple(seqs)

    def found(posts: list[Event]) -> None:
        if posts:
            line.emit(QuotedUpdate(room, tuple(posts)))

    if wanted:
        line.read(lambda disk: disk.cache.posts(room, wanted), found, lambda _: None)
