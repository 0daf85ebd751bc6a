"""What the model of the fault matrix says of powers, names and locks, where the protocol's page leaves no doubt."""

import pytest

from qtchat.protocol.messages import ADMIN, DIRECT, GUEST, LOBBY, MEMBER, MODERATOR, OWNER, PRIVATE
from tests.faults.model_world import EVERYWHERE, WAITING, Lock, Log, Power, World


@pytest.fixture
def world() -> World:
    """Anna owns the server; Ben owns a private room, in which Cleo, an admin, and Dora, a guest, are members."""
    world = World()
    world.now = 1000
    for name, role in (("anna", OWNER), ("ben", MEMBER), ("cleo", ADMIN), ("dora", GUEST)):
        world.meet(name, name, role)
        world.rooms[LOBBY].add(name)
    room = world.rooms[2] = Log(2, "room", PRIVATE, roles={"ben": OWNER, "dora": MODERATOR})
    for name in ("ben", "cleo", "dora"):
        room.add(name)
    return world


def test_the_greater_power_counts(world: World) -> None:
    room = world.rooms[2]
    assert world.power("ben") is Power.MEMBER
    assert world.power("ben", room) is Power.ROOM_OWNER
    assert world.power("cleo", room) is Power.ADMIN
    assert world.power("dora", room) is Power.GUEST


def test_nobody_acts_on_somebody_of_the_same_or_greater_power(world: World) -> None:
    room = world.rooms[2]
    assert world.acting("ben", "dora", room, Power.ROOM_MODERATOR) == set()
    assert world.acting("ben", "cleo", room, Power.ROOM_MODERATOR) == {"forbidden"}
    assert world.acting("ben", "dora", None, Power.MODERATOR) == {"forbidden"}
    assert world.acting("anna", "ben", room, Power.ROOM_MODERATOR) == {"room_unknown"}
    assert world.acting("anna", "ben", None, Power.MODERATOR) == set()
    assert world.acting("anna", "", None, Power.MODERATOR) == {"forbidden"}


def test_nobody_acts_in_a_direct_room(world: World) -> None:
    direct = world.rooms[3] = Log(3, "", DIRECT, {"anna": 0, "ben": 0})
    assert world.acting("anna", "ben", direct, Power.MEMBER) == {"forbidden"}
    assert world.describe("anna", direct).name == "ben"


def test_locks_end(world: World) -> None:
    world.mutes[2, "ben"] = Lock("cleo", "", 2000, 1000)
    world.mutes[EVERYWHERE, "ben"] = Lock("cleo", "", 1500, 1000)
    assert world.describe("ben", world.rooms[2]).muted_until == 2000
    assert world.silent("ben", None)
    world.now = 1500
    assert not world.silent("ben", None)
    assert world.silent("ben", world.rooms[2])
    world.now = 2000
    assert world.describe("ben", world.rooms[2]).muted_until is None


@pytest.mark.parametrize(
    ("change", "silent"),
    [
        ({}, {"dora"}),
        ({"announcement": True}, {"dora"}),
        ({"frozen": True}, {"ben", "cleo", "dora"}),
    ],
)
def test_who_is_silent(world: World, change: dict[str, bool], silent: set[str]) -> None:
    room = world.rooms[2]
    for setting, value in change.items():
        setattr(room, setting, value)
    assert {name for name in room.members if world.silent(name, room)} == silent


def test_names(world: World) -> None:
    assert world.taken("аnna", "ben"), "it looks like Anna's"
    assert not world.taken("аnna", "anna")
    assert not world.taken("Gus", "ben")
    assert world.owns("anna", "Anna")


def test_who_was_turned_away_waits_no_more(world: World) -> None:
    world.meet("emil", "emil", WAITING)
    assert world.waiting == ["emil"]
    world.bans["emil"] = Lock("anna", "", 0, 0)
    assert world.waiting == []
