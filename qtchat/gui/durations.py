"""How long something holds, as people type it: 10m, 2 hours, 1h30m."""

import re
from typing import Final

_UNITS: Final = {
    1: ("s", "sec", "secs", "second", "seconds"),
    60: ("m", "min", "mins", "minute", "minutes"),
    3_600: ("h", "hr", "hrs", "hour", "hours"),
    86_400: ("d", "day", "days"),
    604_800: ("w", "week", "weeks"),
}
_SECONDS: Final = {name: seconds for seconds, names in _UNITS.items() for name in names}
_PART: Final = re.compile(
    rf"(\d{{1,6}})\s*({'|'.join(sorted(_SECONDS, key=len, reverse=True))})(?![^\W\d_])", re.IGNORECASE
)


def leading_duration(text: str) -> tuple[int, str] | None:
    """Seconds, and what stands behind them; 0 seconds where `text` begins with no number. None: it begins with a number
    that is no time."""
    text = text.lstrip()
    if not text[:1].isdecimal():
        return 0, text
    seconds = place = 0
    while found := _PART.match(text, place):
        seconds += int(found[1]) * _SECONDS[found[2].lower()]
        place = found.end()
        behind = text[place:].lstrip()
        if not behind[:1].isdecimal() or not _PART.match(behind):
            break
        place = len(text) - len(behind)
    rest = text[place:]
    return (seconds, rest.lstrip()) if seconds and rest[:1] in ("", " ", ",") else None
