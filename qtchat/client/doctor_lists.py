"""A server can be reached. Does it appear in the list of servers by itself, and if not, what is blocked?"""

import threading
from collections.abc import Iterator, Sequence
from typing import Final

from qtchat.net.announcement import DISCOVERY_PORT, Network
from qtchat.net.checks import here
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, warning
from qtchat.net.checks.hearing import Heard, ask_one
from qtchat.net.checks.way import Attempt

ASK: Final = 1.5
"""Seconds that one server has to answer a question."""

QUESTION: Final = QT_TRANSLATE_NOOP("Doctor", "Question to the server alone")
LIST: Final = QT_TRANSLATE_NOOP("Doctor", "List of servers")

_BY_HAND: Final = QT_TRANSLATE_NOOP("Doctor", "Type its address, {address}, or paste the invitation.")


def check_lists(
    reached: Attempt,
    server_id: bytes,
    broadcast: Heard,
    mdns: Heard,
    places: Sequence[Network],
    stop: threading.Event,
) -> Iterator[Finding]:
    """`server_id`: empty if it is not known. `broadcast`, `mdns`: what was heard. `places`: our networks."""
    number = reached.number
    by_broadcast, by_mdns = (_is_among(heard, reached, server_id) for heard in (broadcast, mdns))
    if by_broadcast and by_mdns:
        sentence = QT_TRANSLATE_NOOP("Doctor", "It appears in the list: it is found by broadcast and by mDNS.")
        yield ok(LIST, sentence)
        return
    if ":" in number or not here.is_near(number, places):
        if not (by_broadcast or by_mdns):
            sentence = QT_TRANSLATE_NOOP(
                "Doctor",
                "It lies beyond this network, or was reached by IPv6, so it does not appear by itself.",
            )
            yield warning(LIST, sentence, _BY_HAND, address=reached)
        return
    alone = bool(ask_one(here.source_address(number), number, ASK, stop).servers)
    if alone:
        sentence = QT_TRANSLATE_NOOP("Doctor", "{number} answers it (UDP port {port}).")
        yield ok(QUESTION, sentence, number=number, port=DISCOVERY_PORT)
    else:
        yield warning(
            QUESTION,
            QT_TRANSLATE_NOOP("Doctor", "{number} does not answer it (UDP port {port})."),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Its firewall must let UDP port {port} in: Why can't I see it? on that computer, or qtchat-server"
                " doctor, shows the command.",
            ),
            number=number,
            port=DISCOVERY_PORT,
        )
    yield _blocked(str(reached), alone=alone, by_broadcast=by_broadcast, by_mdns=by_mdns)


def _is_among(heard: Heard, reached: Attempt, server_id: bytes) -> bool:
    """By its id, for it may have been heard of by another of its addresses."""
    return any(
        server.server_id == server_id or (host.partition("%")[0], port) == (reached.number, reached.port)
        for (host, port), server in heard.servers.items()
    )


def _blocked(address: str, *, alone: bool, by_broadcast: bool, by_mdns: bool) -> Finding:
    if by_broadcast:
        return warning(
            LIST,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "It is found by broadcast, so it appears in the list. Multicast (mDNS) is blocked on the way.",
            ),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Nothing needs to be done. If you like: whoever runs the access point or switch can let multicast"
                " through (client isolation, IGMP snooping or multicast filtering keep it back).",
            ),
        )
    if by_mdns and alone:
        return warning(
            LIST,
            QT_TRANSLATE_NOOP(
                "Doctor", "It is found by mDNS, so it appears in the list. Broadcasts are blocked on the way."
            ),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Nothing needs to be done. If you like: whoever runs the access point or switch can let broadcasts"
                " through (client isolation keeps them back), and so can the firewall of this computer.",
            ),
        )
    if by_mdns:
        return warning(
            LIST,
            QT_TRANSLATE_NOOP("Doctor", "It is found by mDNS, so it appears in the list. It answers no broadcast."),
            QT_TRANSLATE_NOOP("Doctor", "Nothing needs to be done."),
        )
    if alone:
        return failed(
            LIST,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Both ways are blocked, broadcast and multicast (mDNS): it cannot appear in the list by itself, but it"
                " can be reached.",
            ),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Type its address, {address}, or paste the invitation. Or ask whoever runs the access point or switch:"
                " client isolation must be off, and multicast and broadcasts let through (settings such as IGMP"
                " snooping or multicast filtering keep them back).",
            ),
            address=address,
        )
    return failed(
        LIST,
        QT_TRANSLATE_NOOP(
            "Doctor", "It can be reached, but does not announce itself: neither by broadcast nor by mDNS."
        ),
        QT_TRANSLATE_NOOP(
            "Doctor",
            "Type its address, {address}, or paste the invitation. Or switch on announcing at the server, and open its"
            " firewall for UDP port {port}.",
        ),
        address=address,
        port=DISCOVERY_PORT,
    )
