"""Whether a message names somebody: `@nick`, in whatever case, as a word of its own."""

import re
from functools import lru_cache

from qtchat.protocol.names import fold


def mentions(text: str, nick: str) -> bool:
    return "@" in text and bool(nick) and _pattern(nick).search(fold(text)) is not None


@lru_cache(maxsize=16)
def _pattern(nick: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)@{re.escape(fold(nick))}(?!\w)")
