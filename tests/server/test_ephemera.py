"""What is told and not stored: presence, read marks, typing. Who hears it, how often, and in how many bytes."""

from qtchat.protocol.messages import (
    MAX_READERS,
    PRESENCE,
    READS,
    TYPING,
    Message,
    Person,
    Presence,
    Reads,
    Typing,
)
from qtchat.server.ephemera import Ephemera
from qtchat.server.state import State
from tests.helpers.hubs import CountingCodec, FakeLoop, FakePeer, make_state

LOBBY = 1


class Table:
    """People with devices around an Ephemera that tells after 10 s."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or make_state(("Ada", "Bob", "Cy"), rooms={"lobby": (1, 2, 3), "Lab": (1, 2)})
        self.ephemera = Ephemera(10.0)
        self.loop, self.codec = FakeLoop(), CountingCodec()
        self.peers: list[FakePeer] = []

    def device(self, user: int, *capabilities: str) -> FakePeer:
        peer = FakePeer(self.loop, self.codec, *(capabilities or (PRESENCE, READS, TYPING)))
        self.state.attach(user, peer)
        self.peers.append(peer)
        return peer

    def tell(self) -> int:
        self.ephemera.tell(self.state, self.peers)
        return self.loop.run()

    def type(self, peer: FakePeer, room: int) -> None:
        others = self.ephemera.typing(self.state, peer, room)
        self.ephemera.tell_typing([(others, Typing(room, peer.user or 0))])
        self.loop.run()


def heard(*peers: FakePeer) -> list[list[Message]]:
    return [peer.news_told() for peer in peers]


# -- presence -----------------------------------------------------------------------------------------


def test_it_is_due_an_interval_after_the_first_change() -> None:
    ephemera = Ephemera(10.0)
    assert ephemera.due is None
    ephemera.people_changed((), 100.0)
    ephemera.reads_changed({}, 100.0)
    assert ephemera.due is None
    ephemera.people_changed((1,), 100.0)
    ephemera.people_changed((2,), 105.0)
    ephemera.reads_changed({1: {1}}, 106.0)
    assert ephemera.due == 110.0


def test_presence_is_told_once_to_those_who_want_it() -> None:
    table = Table()
    ada, deaf = table.device(1), table.device(2, READS)
    table.ephemera.people_changed((2, 1, 2), 0.0)
    table.ephemera.people_changed((99,), 0.0)  # somebody who could not be stored
    table.tell()
    assert table.ephemera.due is None
    assert heard(ada, deaf) == [[Presence((Person(1, "Ada", True), Person(2, "Bob", True)))], []]
    table.tell()
    assert heard(ada, deaf) == [[], []]


# -- read marks ---------------------------------------------------------------------------------------


def test_read_marks_of_a_room_are_one_message_to_its_members() -> None:
    table = Table()
    ada, bob, cy, deaf = table.device(1), table.device(2), table.device(3), table.device(2, PRESENCE)
    table.state.rooms[2].members.update({1: 7, 2: 9})
    table.ephemera.reads_changed({2: {1}}, 0.0)
    table.ephemera.reads_changed({2: {2}}, 0.0)
    assert table.tell() == 1
    told = [Reads(2, ((1, 7), (2, 9)))]
    assert heard(ada, bob, cy, deaf) == [told, told, [], []]


def test_in_a_large_room_they_are_for_ones_own_devices() -> None:
    table = Table(make_state(tuple(f"p{number}" for number in range(MAX_READERS + 1))))
    desk, phone, other = table.device(1), table.device(1), table.device(2)
    table.state.rooms[LOBBY].members[1] = 5
    table.ephemera.reads_changed({LOBBY: {1, 3}}, 0.0)
    table.tell()
    assert heard(desk, phone, other) == [[Reads(LOBBY, ((1, 5),))], [Reads(LOBBY, ((1, 5),))], []]


def test_who_has_left_the_room_meanwhile_is_not_told_of() -> None:
    table = Table()
    ada = table.device(1)
    table.state.remove_member(2, 2)
    table.ephemera.reads_changed({2: {2}, 99: {1}}, 0.0)
    table.tell()
    assert heard(ada) == [[]]


# -- typing -------------------------------------------------------------------------------------------


def test_typing_is_told_to_the_others_in_the_room_at_once() -> None:
    table = Table()
    desk, phone, bob, cy, deaf = (
        table.device(1),
        table.device(1),
        table.device(2),
        table.device(3),
        table.device(2, PRESENCE),
    )
    table.type(desk, 2)
    assert heard(desk, phone, bob, cy, deaf) == [[], [], [Typing(2, 1)], [], []]


def test_typing_in_a_room_one_is_not_in_is_ignored() -> None:
    table = Table()
    cy, ada = table.device(3), table.device(1)
    table.type(cy, 2)
    table.type(cy, 99)
    assert heard(ada) == [[]]
    table.type(cy, LOBBY)
    assert heard(ada) == [[Typing(LOBBY, 3)]]


def test_each_loop_is_called_once_and_each_dialect_encoded_once() -> None:
    table = Table()
    near, far = table.device(2), FakePeer(FakeLoop(), table.codec, TYPING)
    table.state.attach(3, far)
    table.type(table.device(1), LOBBY)
    assert table.loop.run() == 0
    assert len(near.heard) == 1
    far_loop = far.loop
    assert isinstance(far_loop, FakeLoop)
    far_loop.run()
    assert near.heard[0] is far.heard[0]
