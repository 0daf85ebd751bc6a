"""The other computers of this network, as far as the system knows them: the router, and whoever was spoken to."""

import ipaddress
import re
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from qtchat.net.checks.tools import GLANCE, Run, run_tool

DOUBT: Final = 6.0
"""Seconds in which Linux finds out whether a computer that it knew is still there: 5 of hope, and 3 questions."""
FRESH: Final = 6
"""Seconds for which what Linux knows of a neighbour is news: an attempt to connect takes four."""

_HARDWARE_ADDRESS: Final = re.compile(r"\b[0-9a-f]{1,2}(?:[:-][0-9a-f]{1,2}){5}\b", re.IGNORECASE)
_IN_DOUBT: Final = frozenset({"INCOMPLETE", "STALE", "DELAY", "PROBE"})
_CONFIRMED: Final = re.compile(r" used \d+/(\d+)/\d+")


def gateway(*, platform: str = sys.platform, run: Run = run_tool, table: Path = Path("/proc/net/route")) -> str:
    """The address of the router, "" if there is none or it cannot be found."""
    if platform == "win32":
        found = re.search(r"^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([\d.]+)", run(["route", "print", "-4"]) or "", re.MULTILINE)
        return found[1] if found else ""
    if platform == "darwin":
        found = re.search(r"gateway:\s*([\d.]+)\s*$", run(["route", "-n", "get", "default"]) or "", re.MULTILINE)
        return found[1] if found else ""
    with suppress(OSError, ValueError):
        for line in table.read_text().splitlines()[1:]:
            _, destination, router, *_ = line.split()
            if int(destination, 16) == 0 and int(router, 16):
                return str(ipaddress.IPv4Address(int(router, 16).to_bytes(4, sys.byteorder)))
    return ""


def is_awake(
    address: str, stop: threading.Event, *, platform: str = sys.platform, run: Run = run_tool, patience: float = DOUBT
) -> bool | None:
    """Whether a computer in our network, spoken to just now, has told its hardware address; None: cannot be seen.

    That needs neither an open port nor a kind firewall, so whoever tells it is switched on and within reach. Blocks
    for `patience` seconds at most.
    """
    if platform in ("win32", "darwin"):
        if ":" in address:
            return None
        table = run(["arp", "-a" if platform == "win32" else "-n", address]) or ""  # it fails where it knows nothing
        lines = [line for line in table.splitlines() if re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.])", line)]
        return any(_HARDWARE_ADDRESS.search(line) for line in lines)
    deadline = time.monotonic() + patience
    while (known := run(["ip", "-s", "neigh", "show", address])) is not None:
        state = (known.split() or [""])[-1]
        if state not in _IN_DOUBT:
            confirmed = _CONFIRMED.search(known)
            stale = state == "REACHABLE" and confirmed is not None and int(confirmed[1]) > FRESH
            return None if stale else state not in ("", "FAILED")
        if time.monotonic() >= deadline or stop.wait(GLANCE):
            break
    return None
