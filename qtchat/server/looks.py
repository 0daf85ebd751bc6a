"""What names look like: by the skeleton of Unicode Technical Standard 39, two names that look alike are one."""

from qtchat.net.confusables import skeleton
from qtchat.protocol.names import fold


def looks_of(name: str) -> frozenset[str]:
    """The skeletons of a name: as it is written, and as it is compared. Names with one in common look alike.

    Both, since capital I is taken for small L as it stands, and for small I where case does not matter.
    """
    return frozenset({skeleton(name), skeleton(fold(name))})
