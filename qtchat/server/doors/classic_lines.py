"""What people with `nc` or telnet can ask: the commands of the dialect `lines`, and how answers look there."""

import os
import time
from typing import Final

from msgspec import structs

from qtchat.protocol.dialects import Dialect
from qtchat.protocol.messages import KIND_EDITED, KIND_POST, GetHistory, History, ListPeople, People, Request
from qtchat.server.doors.classic_codec import Speaker
from qtchat.server.handlers.plain import PlainLogin

ASK_NAME: Final = "Your name: "
SHORT_HISTORY: Final = 10
"""Entries that somebody who comes in looks at first."""
MAX_HISTORY: Final = 100
"""Entries that `/history` shows at most."""
HELP: Final = (
    "* Whatever you write is said in the room. Besides:",
    "*   /nick NAME     be called otherwise",
    "*   /who           who is here",
    "*   /history [N]   the last N messages",
    "*   /quit          leave",
)


def new_id() -> bytes:
    """16 bytes for a request or an event: 48 bits of time, then chance."""
    return int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)


def obey(line: str, room: int, room_name: str) -> Request | PlainLogin | tuple[str, ...] | None:
    """What a line that begins with / asks for: a request, or what to answer at once, or None: to leave."""
    word, _, rest = line.partition(" ")
    rest = rest.strip()
    match word:
        case "/quit":
            return None
        case "/who":
            return ListPeople(new_id(), room)
        case "/history":
            count = int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 6 else SHORT_HISTORY
            return GetHistory(new_id(), room, limit=max(1, min(count, MAX_HISTORY)))
        case "/nick" if rest:
            return PlainLogin(rest, b"", new_id(), room_name)
        case "/nick":
            return ("* Which name? Write /nick NAME.",)
        case "/help":
            return HELP
    return (f"* There is no command {word[:32]}. /help tells what there is.",)


def past(page: History, dialect: Dialect, *, only_messages: bool) -> list[str]:
    """A page of history as lines: posts as they read now."""
    speaker = Speaker(dialect)
    posts = {event.seq for event in page.events if event.kind == KIND_POST}
    edited = {event.about: event.text for event in page.events if event.kind == KIND_EDITED and event.text}
    lines = []
    for event in page.events:
        if event.kind in (KIND_POST, KIND_EDITED) and not event.text:  # it was deleted
            continue
        if event.kind == KIND_EDITED and event.about in posts:  # and is shown there
            continue
        if event.kind == KIND_POST and event.seq in edited:
            event = structs.replace(event, text=edited[event.seq])
        said = speaker.say(event)
        if said and (event.kind == KIND_POST or not only_messages):
            lines.append(f"[{time.strftime('%H:%M', time.localtime(event.ts / 1000))}] {said}")
    return lines


def who(page: People) -> str:
    """Those who are here now, in one line."""
    nicks = [person.nick for person in page.people if person.online]
    return f"* Here: {', '.join(nicks)}" + (" and others" if page.more else "")
