"""How a running server stands, in numbers: what its host is shown."""

import os
from dataclasses import dataclass
from pathlib import Path

from qtchat.net.checks.findings import Outcome
from qtchat.net.checks.firewall import check_firewall, find_firewalls
from qtchat.protocol.messages import DIRECT
from qtchat.server.state import State


@dataclass(frozen=True, slots=True)
class People:
    """What the hub's state tells. `online`: people connected now; `known`: everybody who was ever here; `rooms`:
    without the direct ones; `entries`: messages and events in all logs."""

    online: int
    known: int
    rooms: int
    entries: int


@dataclass(frozen=True, slots=True)
class Status:
    """`disk`: bytes that the data folder takes; `last_backup`: ms since 1970, UTC, 0 if there was none; `doors`: the
    plain-text ones that are open, as they are written in the options."""

    people: People
    disk: int
    last_backup: int
    doors: tuple[str, ...]


def count(state: State) -> People:
    """In the hub's thread."""
    rooms = state.rooms.values()
    return People(
        state.online,
        len(state.users),
        sum(1 for room in rooms if room.kind != DIRECT),
        sum(room.head for room in rooms),
    )


def folder_size(folder: Path) -> int:
    """Bytes of all files in it. A file that is just going away counts for nothing."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += (Path(place) / name).stat().st_size
            except OSError:
                continue
    return size


def closed_firewall(port: int) -> str:
    """Why the firewall of this computer may keep people out, and what to do about it; "" if it does not, as far as is
    known. Asks tools of the system, some seconds. `port`: of the chat, TCP."""
    finding = check_firewall(find_firewalls(port))
    if finding.outcome not in (Outcome.WARNING, Outcome.FAILED):
        return ""
    told = finding.told()
    return "\n".join(filter(None, (f"{told.step}: {told.sentence}", told.fix, finding.command)))
