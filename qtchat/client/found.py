"""What looking around on the network finds."""

from msgspec import Struct

from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation


class Found(Struct, frozen=True):
    """A server that is there now. `code`: of the key that it showed. `addresses`: where, the first heard of first.

    Name, people and version are what it says of itself. If it says nothing, `name` is its address, `people` is None,
    and `version` is empty.
    """

    code: str
    name: str
    people: int | None
    version: str
    addresses: tuple[Address, ...]

    @property
    def link(self) -> str:
        """Leads there, and verifies nothing: the code has to be compared, or to be known already."""
        return str(Invitation(self.addresses[:4], None))

    @property
    def invitation(self) -> str:
        """Leads there, and to nobody with another key than the one that was shown."""
        return str(Invitation(self.addresses[:4], self.code))
