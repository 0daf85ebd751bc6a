"""Every act of moderation, on a server with a real store: it is refused without the role, holds after a restart, stands
in the audit log, and is done once, however often it is asked."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    LOBBY,
    MEMBER,
    MODERATION,
    MODERATOR,
    OWNER,
    PRIVATE,
    SETTINGS,
    Ack,
    Approve,
    Audit,
    AuditEntry,
    Ban,
    Claim,
    CreateRoom,
    Delete,
    Done,
    Error,
    GetAudit,
    JoinRoom,
    Kick,
    Mute,
    Post,
    ReleaseNick,
    Request,
    RevokeKey,
    SetRole,
    SetRoom,
    Unban,
    Unmute,
)
from qtchat.protocol.names import fold
from qtchat.server.handlers import COMMANDS
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.roles import claim_hash
from qtchat.server.hub import Hub
from qtchat.server.readers import Readers
from qtchat.server.records import EVERYWHERE, REVOKED
from qtchat.server.state import Rules, State
from qtchat.server.store import RoomLog, StoreFull, open_store
from tests.helpers.hubs import Bench, FakeLoop, FakePeer, WatchedLog, key_of
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import PATIENCE, new_id

ADA, BOB, CY, EVE, DAN = 1, 2, 3, 4, 5
"""Ada owns the server, Bob made Lab and is acted on, Cy is there, Eve is banned and muted, Dan waits at the door."""
NAMES: Final = {ADA: "Ada", BOB: "Bob", CY: "Cy", EVE: "Eve", DAN: "Dan"}
LAB: Final = 2
SAID: Final = 4
"""The seq of what Bob said in Lab, after he had made it, and Cy and Eve had come."""
UNTIL: Final = 9_000_000
TOKEN = "AAAAA-BBBBB-CCCCC-DDDDD"
Open = Callable[[], AbstractContextManager[Bench]]


@dataclass(frozen=True)
class Act:
    """`make`: of an id. `holds`: whether the state shows its effect. `entry`: act, user, room, detail and until, as the
    audit log has them. `needs`: the least role on the server."""

    make: Callable[[bytes], Request]
    holds: Callable[[State], bool]
    entry: tuple[str, int, int, str, int]
    needs: str = MODERATOR


ACTS: Final = {
    "role on the server": Act(
        lambda i: SetRole(i, 0, BOB, MODERATOR),
        lambda s: s.users[BOB].role == MODERATOR,
        ("set_role", BOB, 0, MODERATOR, 0),
        ADMIN,
    ),
    "role in a room": Act(
        lambda i: SetRole(i, LAB, CY, MODERATOR),
        lambda s: s.rooms[LAB].role(CY) == MODERATOR,
        ("set_role", CY, LAB, MODERATOR, 0),
    ),
    "name": Act(
        lambda i: SetRoom(i, LAB, "name", "Office"),
        lambda s: s.rooms[LAB].name == "Office" and s.room_names.get(fold("Office")) == LAB,
        ("set_room", 0, LAB, "name Office", 0),
    ),
    "private": Act(
        lambda i: SetRoom(i, LAB, "private", "1"),
        lambda s: s.rooms[LAB].kind == PRIVATE and "lab" not in s.room_names,
        ("set_room", 0, LAB, "private 1", 0),
    ),
    "announcement": Act(
        lambda i: SetRoom(i, LAB, "announcement", "1"),
        lambda s: s.rooms[LAB].announcement,
        ("set_room", 0, LAB, "announcement 1", 0),
    ),
    "frozen": Act(
        lambda i: SetRoom(i, LAB, "frozen", "1"),
        lambda s: s.rooms[LAB].frozen,
        ("set_room", 0, LAB, "frozen 1", 0),
    ),
    "slow_ms": Act(
        lambda i: SetRoom(i, LAB, "slow_ms", "5000"),
        lambda s: s.rooms[LAB].slow_ms == 5000,
        ("set_room", 0, LAB, "slow_ms 5000", 0),
    ),
    "kick from a room": Act(
        lambda i: Kick(i, LAB, BOB, "loud"),
        lambda s: BOB not in s.rooms[LAB].members and LAB not in s.users[BOB].rooms,
        ("kick", BOB, LAB, "loud", 0),
    ),
    "kick": Act(
        lambda i: Kick(i, 0, BOB, "loud"),
        lambda s: BOB in s.rooms[LAB].members,  # whoever is put out may come back
        ("kick", BOB, 0, "loud", 0),
    ),
    "ban": Act(
        lambda i: Ban(i, BOB, UNTIL, "spam"),
        lambda s: (ban := s.ban_of(BOB)) is not None and (ban.by, ban.reason, ban.until) == (ADA, "spam", UNTIL),
        ("ban", BOB, 0, "spam", UNTIL),
    ),
    "ban with the address": Act(
        lambda i: Ban(i, BOB, 0, "spam", address=True),
        lambda s: (ban := s.ban_of(BOB)) is not None and ban.addresses == "192.0.2.102",
        ("ban", BOB, 0, "spam", 0),
    ),
    "unban": Act(lambda i: Unban(i, EVE), lambda s: s.ban_of(EVE) is None, ("unban", EVE, 0, "", 0)),
    "mute": Act(
        lambda i: Mute(i, 0, BOB, UNTIL, "sh"),
        lambda s: s.muted_until(BOB, LOBBY) == UNTIL,
        ("mute", BOB, 0, "sh", UNTIL),
    ),
    "mute in a room": Act(
        lambda i: Mute(i, LAB, BOB, 0, "sh"),
        lambda s: s.muted_until(BOB, LAB) == 0 and s.muted_until(BOB, LOBBY) is None,
        ("mute", BOB, LAB, "sh", 0),
    ),
    "unmute": Act(
        lambda i: Unmute(i, 0, EVE),
        lambda s: s.mute_of(EVE, EVERYWHERE) is None,
        ("unmute", EVE, 0, "", 0),
    ),
    "unmute in a room": Act(
        lambda i: Unmute(i, LAB, EVE),
        lambda s: s.mute_of(EVE, LAB) is None,
        ("unmute", EVE, LAB, "", 0),
    ),
    "delete": Act(
        lambda i: Delete(i, LAB, SAID),
        lambda s: s.rooms[LAB].head == SAID + 2,  # Ada has come before
        ("delete", BOB, LAB, str(SAID), 0),
    ),
    "let in": Act(
        lambda i: Approve(i, DAN),
        lambda s: s.users[DAN].role == MEMBER and DAN in s.rooms[LOBBY].members,
        ("approve", DAN, 0, "let in", 0),
        ADMIN,
    ),
    "turn away": Act(
        lambda i: Approve(i, DAN, accept=False),
        lambda s: s.ban_of(DAN) is not None and not s.waiting and "dan" not in s.nicks,
        ("approve", DAN, 0, "turned away", 0),
        ADMIN,
    ),
    "release a nick": Act(
        lambda i: ReleaseNick(i, "Bob"),
        lambda s: "bob" not in s.nicks and s.users[BOB].nick == "Bob 2",
        ("release_nick", BOB, 0, "Bob 2", 0),
        ADMIN,
    ),
    "revoke a key": Act(
        lambda i: RevokeKey(i, BOB, "stolen"),
        lambda s: s.users[BOB].role == REVOKED and not s.users[BOB].rooms and s.somebody(BOB) is None,
        ("revoke_key", BOB, 0, "stolen", 0),
        ADMIN,
    ),
}


@contextmanager
def running(folder: Path, *, approve: bool = True) -> Iterator[Bench]:
    with no_thread_left(), open_store(folder) as store:
        log, loop = WatchedLog(store.log), FakeLoop()
        readers = Readers(store.reader, 1)
        rules = Rules(claim=claim_hash(TOKEN), approve=approve)
        hub = Hub(cast(RoomLog, log), readers, "lobby", 60.0, clock=lambda: 1_000.0, rules=rules)
        hub.open()
        readers.start()
        try:
            yield Bench(hub, log, loop)
        finally:
            assert hub.stop(PATIENCE)
            assert readers.stop(PATIENCE)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a server on which everybody was once, see above. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("acts") / "place"
    with running(folder, approve=False) as bench:
        ada, bob, cy, eve = (come(bench, number) for number in (ADA, BOB, CY, EVE))
        done(bench, ada, Claim(new_id(), TOKEN))
        done(bench, bob, CreateRoom(new_id(), "Lab"))
        done(bench, cy, JoinRoom(new_id(), LAB))
        done(bench, eve, JoinRoom(new_id(), LAB))
        done(bench, bob, Post(new_id(), LAB, "something"))
        done(bench, ada, JoinRoom(new_id(), LAB), Mute(new_id(), 0, EVE), Mute(new_id(), LAB, EVE), Ban(new_id(), EVE))
    with running(folder) as bench:
        dan = tries(bench, DAN)
        assert dan.refused is not None
        assert dan.refused[0] == ErrorCode.WAITING
    return folder


@pytest.fixture
def open_place(tmp_path: Path, place: Path) -> Open:
    """open_place() runs a hub on the same copy of that data each time."""
    shutil.copytree(place, tmp_path / "data")
    return partial(running, tmp_path / "data")


def tries(bench: Bench, number: int) -> FakePeer:
    peer = bench.peer(MODERATION)
    peer.address = f"192.0.2.{100 + number}"
    bench.post((peer, Login(NAMES[number], key_of(number), new_id())))
    return peer


def come(bench: Bench, number: int) -> FakePeer:
    peer = tries(bench, number)
    assert peer.admitted is not None, peer.refused
    peer.told()
    return peer


def ask(bench: Bench, peer: FakePeer, request: Request) -> Ack | Done | Error:
    peer.told()
    bench.post((peer, request))
    (answer,) = [message for message in peer.told() if getattr(message, "re", None) == request.id]
    assert isinstance(answer, Ack | Done | Error)
    return answer


def done(bench: Bench, peer: FakePeer, *requests: Request) -> None:
    for request in requests:
        answer = ask(bench, peer, request)
        assert not isinstance(answer, Error), answer


def entries(bench: Bench, peer: FakePeer) -> list[AuditEntry]:
    """The newest first."""
    peer.told()
    bench.post_and_wait_for_a_call((peer, GetAudit(new_id())))
    (page,) = peer.told()
    assert isinstance(page, Audit)
    return list(page.entries)


def newest(bench: Bench, peer: FakePeer) -> tuple[str, int, int, str, int]:
    act = entries(bench, peer)[0]
    assert (act.by, act.ts) == ("Ada", 1_000_000)
    return act.act, act.user, act.room, act.detail, act.until


def test_every_act_is_in_the_list() -> None:
    made = [act.make(new_id()) for act in ACTS.values()]
    assert {type(request) for request in made} | {Claim} == {
        kind for kind, command in COMMANDS.items() if command.recorded
    }
    assert {request.setting for request in made if isinstance(request, SetRoom)} == set(SETTINGS)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_holds_after_a_restart_and_stands_in_the_audit_log(open_place: Open, name: str) -> None:
    act = ACTS[name]
    with open_place() as bench:
        ada, _ = come(bench, ADA), come(bench, BOB)
        assert name == "kick" or not bench.look(act.holds)
        done(bench, ada, act.make(new_id()))
        assert bench.look(act.holds)
        assert newest(bench, ada) == act.entry
    with open_place() as bench:
        assert bench.look(act.holds)
        assert newest(bench, come(bench, ADA)) == act.entry


@pytest.mark.parametrize("role", [GUEST, MEMBER, MODERATOR])
@pytest.mark.parametrize("name", ACTS)
def test_without_the_role_an_act_is_refused_and_leaves_nothing(open_place: Open, name: str, role: str) -> None:
    act = ACTS[name]
    if role == act.needs:
        role = MEMBER
    with open_place() as bench:
        ada, cy, _ = come(bench, ADA), come(bench, CY), come(bench, BOB)
        done(bench, ada, SetRole(new_id(), 0, CY, role))
        before = entries(bench, ada)
        refused = ask(bench, cy, act.make(new_id()))
        assert isinstance(refused, Error)
        assert refused.code == ErrorCode.FORBIDDEN
        assert refused.text.endswith(".")
        assert refused.retry_after_ms is None
        assert name == "kick" or not bench.look(act.holds)
        assert entries(bench, ada) == before


@pytest.mark.parametrize("name", ACTS)
def test_an_act_is_done_once_however_often_it_is_asked(open_place: Open, name: str) -> None:
    """The connection may break before the answer comes, and the server may be started anew."""
    request = ACTS[name].make(new_id())
    with open_place() as bench:
        ada, _ = come(bench, ADA), come(bench, BOB)
        bench.post((ada, request), (ada, request))
        assert ada.answered == 2
        assert not [message for message in ada.told() if isinstance(message, Error)]
        told = entries(bench, ada)
    with open_place() as bench:
        ada, bob = come(bench, ADA), tries(bench, BOB)
        done(bench, ada, request)
        assert bob.ended is None, "who has come back meanwhile is not put out again"
        assert [entry.number for entry in entries(bench, ada)] == [entry.number for entry in told]


def test_an_id_means_one_request(open_place: Open) -> None:
    """A hostile program may use one again: it harms nobody else in the batch."""
    one = new_id()
    with open_place() as bench:
        ada, bob, cy = come(bench, ADA), come(bench, BOB), come(bench, CY)
        post = Post(new_id(), LOBBY, "hello")
        requests = (Mute(one, 0, BOB), Kick(one, LAB, BOB), Delete(one, LAB, SAID), SetRoom(one, LAB, "frozen", "1"))
        bench.post(*((ada, request) for request in requests), (cy, post), (bob, Post(one, LAB, "what?")))
        assert [message for message in ada.told() if isinstance(message, Error)] == []
        assert any(isinstance(message, Ack) and message.re == post.id for message in cy.told())
        assert bench.look(lambda state: state.mute_of(BOB, 0) is not None and not state.rooms[LAB].frozen)


def test_what_could_not_be_written_is_not_taken_for_done(open_place: Open) -> None:
    request = Ban(new_id(), BOB)
    with open_place() as bench:
        ada = come(bench, ADA)
        bench.log.failures = [StoreFull(Path("x"))]
        assert isinstance(ask(bench, ada, request), Error)
        assert isinstance(ask(bench, ada, request), Done)
        assert bench.look(lambda state: state.ban_of(BOB) is not None)


def test_the_token_works_once_also_in_one_batch(tmp_path: Path, open_place: Open) -> None:
    with open_place() as bench:
        bob = come(bench, BOB)
        refused = ask(bench, bob, Claim(new_id(), TOKEN))
        assert isinstance(refused, Error)
        assert refused.code == ErrorCode.FORBIDDEN
    with open_store(tmp_path / "other") as store:
        log, loop = WatchedLog(store.log), FakeLoop()
        hub = Hub(cast(RoomLog, log), Readers(store.reader, 1), "lobby", 60.0, rules=Rules(claim=claim_hash(TOKEN)))
        hub.open()
        bench = Bench(hub, log, loop)
        ada, bob = come(bench, ADA), come(bench, BOB)
        bench.post((ada, Claim(new_id(), "wrong")), (bob, Claim(new_id(), TOKEN)), (ada, Claim(new_id(), TOKEN)))
        assert bench.look(lambda state: [user.role for user in state.users.values()]) == [MEMBER, OWNER]
        texts = [message.text for message in ada.told() if isinstance(message, Error)]
        assert texts == [
            "That is not the token that the server shows when it starts.",
            "This server has an owner already.",
        ]
        assert hub.stop(PATIENCE)


def test_what_the_owner_of_a_public_room_does_there_stands_in_the_audit_log(open_place: Open) -> None:
    with open_place() as bench:
        bob, ada = come(bench, BOB), come(bench, ADA)
        before = entries(bench, ada)
        done(bench, bob, Mute(new_id(), LAB, CY, 0, "sh"), Kick(new_id(), LAB, CY, "loud"))
        kick, mute, *rest = entries(bench, ada)
        assert [(act.by, act.act, act.room, act.user) for act in (mute, kick)] == [
            ("Bob", "mute", LAB, CY),
            ("Bob", "kick", LAB, CY),
        ]
        assert rest == before


def test_what_the_owner_of_a_private_room_does_there_does_not(open_place: Open) -> None:
    with open_place() as bench:
        bob, ada = come(bench, BOB), come(bench, ADA)
        done(bench, bob, SetRoom(new_id(), LAB, "private", "1"))
        before = entries(bench, ada)
        mute = Mute(new_id(), LAB, CY, 0, "sh")
        done(bench, bob, mute, SetRoom(new_id(), LAB, "frozen", "1"), SetRole(new_id(), LAB, CY, MODERATOR))
        assert entries(bench, ada) == before
        done(bench, bob, Unmute(new_id(), LAB, CY), mute)
        assert bench.look(lambda state: state.mute_of(CY, LAB)) is None, "a repeated request is known all the same"
        done(bench, ada, SetRoom(new_id(), LAB, "frozen", "0"))
        assert len(entries(bench, ada)) == len(before) + 1, "what the server's own staff does there stands in it"
