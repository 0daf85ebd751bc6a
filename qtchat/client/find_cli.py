"""`qtchat-cli find`: who hosts on this network."""

import argparse
import json
import queue
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from qtchat.client.discovery import Discovery
from qtchat.client.elsewhere import MAX_ELSEWHERE, address_option, own_address
from qtchat.client.found import Found


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0 somebody was found, 1 nobody, 2 wrong usage."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if len(options.also) > MAX_ELSEWHERE:
        parser.error(f"--also: at most {MAX_ELSEWHERE} addresses")
    seen: queue.SimpleQueue[tuple[Found, ...] | None] = queue.SimpleQueue()

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        seen.put(None)

    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGTERM, interrupt)
    discovery = Discovery(seen.put, options.interface, options.also)
    discovery.start()
    try:
        found = _watch(seen, options.seconds)
    finally:
        discovery.stop()
    for server in found:
        print(_facts(server) if options.json else _line(server), flush=True)  # noqa: T201
    if not found:
        print("qtchat-cli: Nobody was found. To see why, run: qtchat-cli doctor", file=sys.stderr)  # noqa: T201
    return 0 if found else 1


def _watch(seen: "queue.SimpleQueue[tuple[Found, ...] | None]", seconds: float) -> tuple[Found, ...]:
    """What is there after so many seconds, or when somebody interrupts."""
    found: tuple[Found, ...] = ()
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            news = seen.get(timeout=min(left, 0.5))  # on Windows a longer wait would not notice Ctrl+C
        except queue.Empty:
            continue
        if news is None:
            break
        found = news
    return found


def _line(server: Found) -> str:
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in server.name)
    people = "?" if server.people is None else server.people
    return f"{name}\t{people}\t{server.code}\t{server.link}"


def _facts(server: Found) -> str:
    """`link` verifies nothing: compare the code, and put it behind the link. `people` is null where nobody says it."""
    facts = {
        "name": server.name,
        "people": server.people,
        "code": server.code,
        "version": server.version,
        "addresses": [{"host": host, "port": port} for host, port in server.addresses],
        "link": server.link,
    }
    return json.dumps(facts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="qtchat-cli find",
        description="List who hosts a chat on this network: name, people online, server code, address. "
        "Compare the code with the one that the host sees before you join.",
    )
    parser.add_argument("--seconds", type=float, default=3.0, metavar="S", help="How long to look (default 3).")
    parser.add_argument(
        "--interface",
        default="",
        type=own_address,
        metavar="ADDRESS",
        help="Address here that nothing goes beyond.",
    )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        type=address_option,
        metavar="ADDRESS",
        help="Look there, too: a computer in another network, with its port if that is not the usual one. Repeatable.",
    )
    parser.add_argument("--json", action="store_true", help="Print one JSON object a line.")
    return parser
