"""Which names look alike, by the rule for nicks of server/looks.py: somebody may pass for a server that we know."""

from qtchat.net.confusables import skeleton
from qtchat.protocol.names import fold


def looks_of(name: str) -> frozenset[str]:
    """What a name looks like, as it is written and as it is compared. Those with one in common look alike.

    The first call reads a file."""
    return frozenset({skeleton(name), skeleton(fold(name))})
