"""Amendments: events of the log that have no row, but change the row of an earlier message."""

from typing import Final

from msgspec.structs import replace

from qtchat.client.state.rows import Entry, Quote, Reaction
from qtchat.client.updates import MAX_REACTORS
from qtchat.protocol import messages
from qtchat.protocol.messages import (
    KIND_DELETED,
    KIND_EDITED,
    KIND_REACTED,
    KIND_UNREACTED,
    MAX_REACTIONS,
    Event,
)

AMENDMENTS: Final = frozenset({KIND_EDITED, KIND_DELETED, KIND_REACTED, KIND_UNREACTED})
"""Kinds of events that change the message `Event.about`."""


def amend(entry: Entry, event: Event, own: bool) -> Entry:
    """The message as it is after `event`. They must come by rising seq. `own`: the event is ours."""
    if entry.deleted:
        return entry
    match event.kind:
        case messages.KIND_DELETED:
            return replace(entry, text="", deleted=True, reactions=())
        case messages.KIND_EDITED if event.text:  # the text of one that was deleted later is erased
            return replace(entry, text=event.text, edited=True)
        case messages.KIND_REACTED:
            return replace(entry, reactions=_with(entry.reactions, event.text, event.author, own))
        case messages.KIND_UNREACTED:
            return replace(entry, reactions=_without(entry.reactions, event.text, event.author, own))
    return entry


def quote_of(entry: Entry) -> Quote:
    """How a message is quoted now."""
    assert entry.seq is not None, "nothing waiting can be answered"
    return Quote(entry.seq, entry.nick, entry.text, entry.deleted)


def amend_quote(quote: Quote, event: Event) -> Quote:
    """The quote as it is after its message was changed by `event`."""
    if event.kind == KIND_DELETED:
        return replace(quote, text="", deleted=True)
    if event.kind == KIND_EDITED and event.text and not quote.deleted:
        return replace(quote, text=event.text)
    return quote


def _with(reactions: tuple[Reaction, ...], emoji: str, user: int, own: bool) -> tuple[Reaction, ...]:
    for index, reaction in enumerate(reactions):
        if reaction.emoji == emoji:
            if len(reaction.users) >= MAX_REACTORS or user in reaction.users:
                return reactions
            grown = Reaction(emoji, (*reaction.users, user), reaction.own or own)
            return (*reactions[:index], grown, *reactions[index + 1 :])
    if len(reactions) >= MAX_REACTIONS:  # the server takes no more
        return reactions
    return (*reactions, Reaction(emoji, (user,), own))


def _without(reactions: tuple[Reaction, ...], emoji: str, user: int, own: bool) -> tuple[Reaction, ...]:
    left: list[Reaction] = []
    for reaction in reactions:
        if reaction.emoji == emoji:
            users = tuple(other for other in reaction.users if other != user)
            if users:
                left.append(Reaction(emoji, users, reaction.own and not own))
        else:
            left.append(reaction)
    return tuple(left)
