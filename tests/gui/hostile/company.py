"""A program in which everybody and everything is called by such words."""

from collections.abc import Iterator

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from qtchat.client.updates import (
    EventsUpdate,
    RoomUpdate,
    SanctionUpdate,
)
from qtchat.protocol.messages import (
    ADMIN,
    KIND_CHANGED,
    KIND_KICKED,
    KIND_POST,
    KIND_REACTED,
    KIND_TOPIC,
    MAX_EMOJI,
    MAX_NICK,
    MAX_REASON,
    MAX_TOPIC,
    Event,
    Person,
    Room,
    Sanction,
)
from tests.gui.hostile.checks import check
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, SERVER, members


class Company(Stand):
    """A program whose server is full of such people, rooms and words: one of each for each kind of words."""

    words: tuple[str, ...] = ()

    @property
    def named(self) -> list[tuple[int, int, str]]:
        """The number of a room, of somebody in it, and the words by which both are called."""
        return [(10 + place, 100 + place, words) for place, words in enumerate(self.words)]

    def fill(self, kinds: tuple[str, ...]) -> None:
        """They say such things, and do such things to each other."""
        self.words = kinds
        self.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
        self.account.go_online(server=replace(SERVER, role=ADMIN))
        me = Person(OWN, "Me", online=True)
        people = [Person(user, words[:MAX_NICK], online=True, status=words[:80]) for _, user, words in self.named]
        self.account.tell(members(1, me, *people))
        for (room, user, words), person in zip(self.named, people, strict=True):
            self.account.tell(RoomUpdate(Room(room, words[:64], words[:256], 0, 2), 0), members(room, me, person))
            self.account.tell(EventsUpdate(room, tuple(self._events(room, user, words))))
            self.account.tell(SanctionUpdate(Sanction("kick", room, person.nick, words[:MAX_REASON])))
        self.settle()
        self.desktop.window.set_details_shown(True)

    def _events(self, room: int, user: int, words: str) -> Iterator[Event]:
        nick = words[:MAX_NICK]
        for text, kind, about in (
            (words[:8_000], KIND_POST, 0),
            (f"{words[:8_000]} again", KIND_POST, 1),
            (words[:MAX_EMOJI], KIND_REACTED, 1),
            (nick, KIND_KICKED, 3),
            (words[:MAX_TOPIC], KIND_TOPIC, 0),
            (f"name {words[:64]}", KIND_CHANGED, 0),
            (f"role {nick} {nick}", KIND_CHANGED, user),
        ):
            yield self.account.event(room, text, user, nick, kind, about)

    def check_popups(self) -> None:
        """Everything that stands on the screen, which is then closed but for the main window."""
        for popup in QApplication.topLevelWidgets():
            if popup.isVisible():
                check(popup)
                if popup is not self.desktop.window:
                    popup.close()
