"""What a tool tip says about the part of a message under the mouse."""

from collections.abc import Callable, Sequence

from qtchat.client.state import Delivery, Entry, Reaction
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.timeline.hit import Hit, Part
from qtchat.gui.views.timeline.words import clean_name, delivery_text, stamp_text, translate

_MOST_NAMES = 20


def nobody_known(_seq: int) -> Sequence[str]:
    """Where nobody tells who has read what."""
    return ()


def nameless(user: int) -> str:
    """Where nobody tells the name of a user."""
    return f"#{user}"


class Tips:
    """`readers`: the names of those who have read the message with this seq; `name_of`: the nick of a user number."""

    def __init__(self) -> None:
        self.readers: Callable[[int], Sequence[str]] = nobody_known
        self.name_of: Callable[[int], str] = nameless

    def text(self, found: Hit) -> str:
        """In plain text; "" where there is nothing to say."""
        if found.placed is None:
            return ""
        entry = found.placed.row.entry
        if found.part is Part.RETRY or (found.part is Part.META and entry.delivery is Delivery.FAILED):
            told = entry.problem and problem_sentence(entry.problem)
            return told or translate("Timeline", "This message was not sent.")
        if found.part is Part.META:
            return self._stamp(entry)
        if found.part is Part.LINK:
            return found.link
        if found.part is Part.PILL and found.pill is not None:
            return self._reaction(found.pill.reaction)
        if found.part is Part.BADGE:
            return translate(
                "Timeline", "Came by the door for plain-text programs: without a key, so anybody may use such a name."
            )
        if found.part is Part.PERSON:
            return clean_name(entry.nick)
        if found.part is Part.STRIP:
            return translate("Timeline", "Go to this message")
        return ""

    def _stamp(self, entry: Entry) -> str:
        lines = [stamp_text(entry.ts)]
        names = self.readers(entry.seq) if entry.own and entry.seq is not None else ()
        if names:
            lines.append(translate("Timeline", "Read by {names}").replace("{names}", _list(names)))
        elif state := delivery_text(entry):
            lines.append(state[:1].upper() + state[1:])
        return "\n".join(lines)

    def _reaction(self, reaction: Reaction | None) -> str:
        if reaction is None:
            return translate("Timeline", "Add a reaction")
        return f"{reaction.emoji}  {_list([self.name_of(user) for user in reaction.users])}"


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(clean_name(name) for name in names[:_MOST_NAMES])
    rest = len(names) - _MOST_NAMES
    return f"{shown} {translate('Timeline', 'and %n others', None, rest)}" if rest > 0 else shown
