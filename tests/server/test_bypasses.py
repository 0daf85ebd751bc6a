"""What somebody might try who was put out, muted or not let in, or who wants to know what is not theirs to know."""

from collections.abc import Iterator
from typing import Final

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ADMIN,
    CAPABILITIES,
    GUEST,
    LOBBY,
    MAX_REASON,
    MEMBER,
    MODERATION,
    MODERATOR,
    OWNER,
    PRESENCE,
    PRIVATE,
    Ack,
    AddMember,
    Audit,
    Ban,
    Bans,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    Event,
    GetAudit,
    GetHistory,
    History,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    MarkRead,
    Message,
    Mute,
    OpenDirect,
    Post,
    React,
    Reads,
    ReleaseNick,
    Request,
    RevokeKey,
    Room,
    Rooms,
    Sanction,
    SetNick,
    SetPresence,
    SetRole,
    SetRoom,
    SetTopic,
    Typing,
    Unban,
    Unmute,
)
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone, Typed
from tests.helpers.hubs import Bench, Clock, FakePeer, key_of
from tests.helpers.moderation import ADA, BOB, CY, Serve, ask, audit, come, own, refused, tries, unnumbered
from tests.helpers.wire import new_id

LAB: Final = 2
LIKE: Final = "\N{THUMBS UP SIGN}"


@pytest.fixture
def bench(serve: Serve) -> Iterator[Bench]:
    with serve() as running:
        yield running


@pytest.fixture
def ada(bench: Bench) -> FakePeer:
    """She owns the server and the room Lab."""
    peer = own(bench)
    ask(bench, peer, CreateRoom(new_id(), "Lab"))
    return peer


@pytest.fixture
def bob(bench: Bench, ada: FakePeer) -> FakePeer:
    """In Lab, where he said something: seq 3."""
    peer = bench.login("Bob", BOB, *CAPABILITIES)
    ask(bench, peer, JoinRoom(new_id(), LAB))
    ask(bench, peer, Post(new_id(), LAB, "something"))
    return peer


@pytest.fixture
def cy(bench: Bench, bob: FakePeer) -> FakePeer:
    return bench.login("Cy", CY, *CAPABILITIES)


def code(peer: FakePeer, request: Request) -> str:
    """Of the answer that this peer got in a batch; "" if it was done. What else it was told is forgotten."""
    (answer,) = [message for message in peer.told() if getattr(message, "re", None) == request.id]
    return answer.code if isinstance(answer, Error) else ""


def all_that_was_heard(peer: FakePeer) -> list[Message]:
    return [*peer.told(), *peer.news_told()]


# -- roles --------------------------------------------------------------------------------------------


def test_an_act_behind_the_loss_of_the_role_is_refused(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, SetRole(new_id(), 0, BOB, MODERATOR))
    cy, act = come(bench, "Cy", CY), Kick(new_id(), 0, CY)
    bob.told()
    bench.post((ada, SetRole(new_id(), 0, BOB, MEMBER)), (bob, act))
    assert code(bob, act) == ErrorCode.FORBIDDEN
    assert cy.ended is None


def test_an_act_on_somebody_who_was_made_more_before_is_refused(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    come(bench, "Cy", CY)
    ask(bench, ada, SetRole(new_id(), 0, BOB, MODERATOR))
    bob.told()
    act = Ban(new_id(), CY)
    bench.post((ada, SetRole(new_id(), 0, CY, MODERATOR)), (bob, act))
    assert code(bob, act) == ErrorCode.FORBIDDEN


def test_two_owners_who_step_down_at_once_leave_one(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, SetRole(new_id(), 0, BOB, OWNER))
    for peer in (ada, bob):
        peer.told()
    one, other = SetRole(new_id(), 0, ADA, MEMBER), SetRole(new_id(), 0, BOB, MEMBER)
    bench.post((ada, one), (bob, other))
    assert (code(ada, one), code(bob, other)) == ("", ErrorCode.FORBIDDEN)


@pytest.mark.parametrize(
    "act",
    [
        SetRole(new_id(), 0, ADA, MEMBER),
        Kick(new_id(), 0, ADA),
        Ban(new_id(), ADA),
        Mute(new_id(), 0, ADA),
        RevokeKey(new_id(), ADA),
        ReleaseNick(new_id(), "Ada"),
    ],
)
def test_an_owner_is_removed_by_nobody(bench: Bench, ada: FakePeer, bob: FakePeer, act: Request) -> None:
    ask(bench, ada, SetRole(new_id(), 0, BOB, OWNER))
    assert refused(bench, bob, act) == ErrorCode.FORBIDDEN


@pytest.mark.parametrize("above", [True, False])
def test_what_somebody_of_a_higher_role_did_is_not_undone_or_replaced(
    bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer, above: bool
) -> None:
    ask(bench, ada, SetRole(new_id(), 0, BOB, MODERATOR))
    who = ada if above else bob
    ask(bench, who, Mute(new_id(), 0, CY))
    ask(bench, who, Mute(new_id(), LOBBY, CY))
    ask(bench, who, Ban(new_id(), CY))
    attempts = (
        Mute(new_id(), 0, CY, 2_000_000),
        Unmute(new_id(), 0, CY),
        Unmute(new_id(), LOBBY, CY),
        Ban(new_id(), CY, 2_000_000),
        Unban(new_id(), CY),
    )
    for attempt in attempts:
        if above:
            assert refused(bench, bob, attempt) == ErrorCode.FORBIDDEN
        else:
            assert isinstance(ask(bench, bob, attempt), Done)


# -- private rooms ------------------------------------------------------------------------------------


def test_a_stranger_hears_nothing_of_a_private_room(bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer) -> None:
    secret = ask(bench, bob, CreateRoom(new_id(), "Secret", private=True))
    assert isinstance(secret, Ack)
    room = secret.room
    ask(bench, bob, AddMember(new_id(), room, ADA))
    bench.quiet(ada, bob, cy)
    said = ask(bench, bob, Post(new_id(), room, "pst"))
    assert isinstance(said, Ack)
    for peer, request in (
        (bob, Edit(new_id(), room, said.seq, "psst")),
        (ada, React(new_id(), room, said.seq, LIKE)),
        (ada, MarkRead(new_id(), room, said.seq)),
        (bob, SetTopic(new_id(), room, "hidden")),
        (bob, SetRoom(new_id(), room, "name", "More secret")),
        (bob, SetRole(new_id(), room, ADA, MODERATOR)),
        (bob, Delete(new_id(), room, said.seq)),
        (bob, Mute(new_id(), room, ADA)),
        (bob, Kick(new_id(), room, ADA)),
    ):
        bench.post((peer, request), Typed(peer, room))
    bench.look(lambda state: bench.hub._ephemera.tell(state, [ada, bob, cy]))
    bench.loop.run()
    kinds = (Event, Room, Typing, Reads, Sanction)
    assert not any(isinstance(message, kinds) for message in all_that_was_heard(cy))
    heard = {type(message) for message in all_that_was_heard(bob)}
    assert heard >= {Event, Room, Typing, Reads}, "those who are in it hear all of it"
    directory = ask(bench, cy, ListRooms(new_id()))
    assert isinstance(directory, Rooms)
    assert [found.name for found in directory.rooms] == ["lobby", "Lab"]


def test_a_stranger_who_types_in_a_private_room_is_not_heard(
    bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer
) -> None:
    secret = ask(bench, bob, CreateRoom(new_id(), "Secret", private=True))
    direct = ask(bench, bob, OpenDirect(new_id(), ADA))
    assert isinstance(secret, Ack)
    assert isinstance(direct, Ack)
    bench.quiet(bob)
    bench.post(Typed(cy, secret.room), Typed(cy, direct.room))
    assert not all_that_was_heard(bob)
    for room in (secret.room, direct.room):
        for request in (GetHistory(new_id(), room), ListPeople(new_id(), room), MarkRead(new_id(), room, 1)):
            assert refused(bench, cy, request) == ErrorCode.ROOM_UNKNOWN


def test_nobody_hears_of_a_private_room_by_being_muted_there(bench: Bench, bob: FakePeer, cy: FakePeer) -> None:
    secret = ask(bench, bob, CreateRoom(new_id(), "Secret", private=True))
    assert isinstance(secret, Ack)
    cy.told()
    assert refused(bench, bob, Mute(new_id(), secret.room, CY)) == ErrorCode.FORBIDDEN
    assert not cy.told()


def test_nobody_is_written_to_by_a_mute_in_a_room_that_they_are_not_in(
    bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer
) -> None:
    ask(bench, ada, SetRole(new_id(), LAB, BOB, MODERATOR))
    for by in (ada, bob):
        assert refused(bench, by, Mute(new_id(), LAB, CY, 0, "words")) == ErrorCode.FORBIDDEN
    assert not cy.told()
    ask(bench, cy, JoinRoom(new_id(), LAB))
    ask(bench, bob, Mute(new_id(), LAB, CY, 0, "spam"))
    ask(bench, cy, LeaveRoom(new_id(), LAB))
    cy.told()
    assert isinstance(ask(bench, ada, Mute(new_id(), LAB, CY, 0, "still")), Done), "one that holds can be changed"
    assert unnumbered(cy) == [Sanction("mute", LAB, "Ada", "still")], "and nobody is told to be in a room by it"
    ask(bench, cy, JoinRoom(new_id(), LAB))
    assert refused(bench, cy, Post(new_id(), LAB, "x")) == ErrorCode.MUTED


def test_the_audit_log_does_not_say_what_private_rooms_are_called(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    secret = ask(bench, bob, CreateRoom(new_id(), "Secret", private=True))
    assert isinstance(secret, Ack)
    ask(bench, bob, AddMember(new_id(), secret.room, CY))
    ask(bench, bob, AddMember(new_id(), secret.room, ADA))
    ask(bench, ada, SetRoom(new_id(), secret.room, "name", "Hidden"))
    assert audit(bench, ada)[-1] == ("Ada", "set_room", "", secret.room, "name", 0)


def test_a_page_ends_where_its_reader_was_put_out(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, SetRoom(new_id(), LAB, "private", "1"))
    bench.quiet(ada, bob)
    bench.post_and_wait_for_a_call(
        (bob, GetHistory(new_id(), LAB, after=0)),
        (ada, Kick(new_id(), LAB, BOB)),
        (ada, Post(new_id(), LAB, "now that he is gone")),
    )
    pages = [message for message in bob.told() if isinstance(message, History)]
    while not pages:
        bench.loop.called.clear()
        bench.settle()
        pages = [message for message in bob.told() if isinstance(message, History)]
    (page,) = pages
    assert [event.seq for event in page.events] == [1, 2, 3, 4]
    assert not page.more


# -- who may only read --------------------------------------------------------------------------------


SPEAKS: Final[tuple[Request, ...]] = (
    Post(new_id(), LAB, "x"),
    Edit(new_id(), LAB, 3, "x"),
    React(new_id(), LAB, 3, LIKE),
    SetTopic(new_id(), LAB, "x"),
    AddMember(new_id(), LAB, CY),
)
ELSEWHERE: Final[tuple[Request, ...]] = (
    CreateRoom(new_id(), "Loud"),
    OpenDirect(new_id(), ADA),
    SetPresence(new_id(), False, "loud"),
)


def is_heard_typing(bench: Bench, peer: FakePeer, by: FakePeer) -> bool:
    by.told(), by.news_told()
    bench.post(Typed(peer, LAB))
    return any(isinstance(message, Typing) for message in all_that_was_heard(by))


@pytest.mark.parametrize("room", [0, LAB])
def test_who_is_muted_says_nothing_in_any_way(
    bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer, room: int
) -> None:
    ask(bench, cy, JoinRoom(new_id(), LAB))
    ask(bench, ada, Mute(new_id(), room, BOB, 0, "sh"))
    phone = bench.login("Bob", BOB, *CAPABILITIES)
    everywhere = (*ELSEWHERE, SetNick(new_id(), "Ada is wrong")) if not room else ()
    for request in (*SPEAKS, *everywhere):
        for device in (bob, phone):
            assert refused(bench, device, request) == ErrorCode.MUTED, request
    assert not is_heard_typing(bench, bob, cy)
    assert isinstance(ask(bench, bob, Delete(new_id(), LAB, 3)), Ack), "saying less is not saying something"
    assert isinstance(ask(bench, bob, SetPresence(new_id(), True)), Done)


@pytest.mark.parametrize("room", [0, LAB])
def test_who_is_muted_does_not_speak_by_the_name_of_a_room(
    bench: Bench, ada: FakePeer, bob: FakePeer, room: int
) -> None:
    ask(bench, ada, SetRole(new_id(), LAB, BOB, MODERATOR))
    ask(bench, ada, Mute(new_id(), room, BOB, 0, "sh"))
    assert refused(bench, bob, SetRoom(new_id(), LAB, "name", "Ada is wrong")) == ErrorCode.MUTED
    assert isinstance(ask(bench, bob, SetRoom(new_id(), LAB, "frozen", "1")), Ack), "it says nothing"


def test_who_is_muted_does_not_speak_by_a_new_name_at_the_door(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, Mute(new_id(), 0, BOB, 0, "sh"))
    bench.post(Gone(bob))
    text = "Your name stays Bob now. You were muted by Ada: sh"
    assert tries(bench, BOB, "Ada is wrong").refused == (ErrorCode.NICK_INVALID, text, "Bob")
    assert tries(bench, BOB, "Bob").admitted == (BOB, "Bob")


def test_a_status_that_was_refused_does_not_keep_the_device_from_being_away(
    bench: Bench, ada: FakePeer, bob: FakePeer
) -> None:
    ask(bench, bob, SetPresence(new_id(), False, "here"))
    ask(bench, ada, Mute(new_id(), 0, BOB))
    assert refused(bench, bob, SetPresence(new_id(), True, "loud")) == ErrorCode.MUTED
    assert bench.look(lambda state: (state.users[BOB].person.away, state.users[BOB].status)) == (True, "here")
    assert isinstance(ask(bench, bob, SetPresence(new_id(), True, "here")), Done), "as it is"
    assert isinstance(ask(bench, bob, SetPresence(new_id(), True, "")), Done)


def test_a_guest_only_reads(bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer) -> None:
    ask(bench, cy, JoinRoom(new_id(), LAB))
    ask(bench, ada, SetRole(new_id(), 0, BOB, GUEST))
    for request in (*SPEAKS, *ELSEWHERE):
        assert refused(bench, bob, request) == ErrorCode.MUTED, request
    assert not is_heard_typing(bench, bob, cy)
    assert isinstance(ask(bench, bob, SetNick(new_id(), "Robert")), Done)


@pytest.mark.parametrize("setting", ["frozen", "announcement"])
def test_a_room_in_which_nobody_writes_is_quiet(
    bench: Bench, ada: FakePeer, bob: FakePeer, cy: FakePeer, setting: str
) -> None:
    ask(bench, cy, JoinRoom(new_id(), LAB))
    ask(bench, ada, SetRoom(new_id(), LAB, setting, "1"))
    for request in SPEAKS:
        assert refused(bench, bob, request) == ErrorCode.MUTED, request
    assert not is_heard_typing(bench, bob, cy)
    delete = Delete(new_id(), LAB, 3)
    if setting == "frozen":
        assert refused(bench, bob, delete) == ErrorCode.MUTED
        assert refused(bench, ada, Post(new_id(), LAB, "x")) == ErrorCode.MUTED
        assert isinstance(ask(bench, ada, Delete(new_id(), LAB, 3)), Ack), "who looks after it still can"
    else:
        assert isinstance(ask(bench, bob, delete), Ack)


@pytest.mark.parametrize("again", [Post(new_id(), LAB, "y"), Edit(new_id(), LAB, 3, "y"), SetTopic(new_id(), LAB, "y")])
@pytest.mark.parametrize("first", [Post(new_id(), LAB, "x"), Edit(new_id(), LAB, 3, "x"), SetTopic(new_id(), LAB, "x")])
def test_slow_mode_counts_whatever_is_said_by_whichever_device(
    clock: Clock, bench: Bench, ada: FakePeer, bob: FakePeer, first: Request, again: Request
) -> None:
    ask(bench, ada, SetRoom(new_id(), LAB, "slow_ms", "5000"))
    phone = bench.login("Bob", BOB, PRESENCE)
    bob.told()
    bench.post((bob, first), (phone, again))
    assert (code(bob, first), code(phone, again)) == ("", ErrorCode.BUSY)
    clock.now += 4
    assert refused(bench, phone, again) == ErrorCode.BUSY
    clock.now += 1
    assert isinstance(ask(bench, phone, again), Ack)


# -- names and keys ----------------------------------------------------------------------------------


def test_a_released_nick_goes_to_who_takes_it_first(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    ask(bench, ada, ReleaseNick(new_id(), "Bob"))
    bench.post(Gone(bob))
    assert tries(bench, CY, "Bob").admitted == (CY, "Bob")
    refusal = tries(bench, BOB, "Bob").refused
    assert refusal is not None
    assert refusal[0] == ErrorCode.NICK_TAKEN
    assert tries(bench, BOB, "Bob 2").admitted == (BOB, "Bob 2")


def test_a_revoked_key_ends_with_all_its_connections_at_once(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    phone, late = bench.login("Bob", BOB, *CAPABILITIES), bench.peer(MODERATION)
    bench.quiet(ada, bob, phone)
    post = Post(new_id(), LAB, "still here")
    bench.post(
        (ada, RevokeKey(new_id(), BOB, "stolen")),
        (bob, post),
        (phone, GetHistory(new_id(), LAB)),
        Typed(phone, LAB),
        (late, Login("Bob", key_of(BOB), new_id())),
    )
    for device in (bob, phone):
        assert device.ended == (ErrorCode.REVOKED, "This key was revoked by Ada: stolen")
    assert late.refused is not None
    assert late.refused[0] == ErrorCode.REVOKED
    assert not [message for message in ada.news_told() if isinstance(message, Event) and message.id == post.id]
    assert not any(isinstance(message, Ack | History) for message in (*bob.told(), *phone.told()))
    bench.post((bob, Post(new_id(), LAB, "and now")))
    assert not bob.told()


# -- the audit log, and what stands in it -------------------------------------------------------------


def test_the_audit_log_is_for_admins_and_comes_in_pages(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    for turn in range(5):
        ask(bench, ada, Mute(new_id(), LOBBY, BOB, 0, f"reason {turn}"))
    for role, allowed in ((MODERATOR, False), (ADMIN, True), (MEMBER, False)):
        ask(bench, ada, SetRole(new_id(), 0, BOB, role))
        if not allowed:
            assert refused(bench, bob, GetAudit(new_id())) == ErrorCode.FORBIDDEN
    numbers: list[int] = []
    ada.told()
    while True:
        bench.post_and_wait_for_a_call((ada, GetAudit(new_id(), before=numbers[-1] if numbers else 0, limit=3)))
        (page,) = ada.told()
        assert isinstance(page, Audit)
        numbers += [entry.number for entry in page.entries]
        if not page.more:
            break
        assert len(page.entries) == 3
    assert numbers == list(range(9, 0, -1))


HOSTILE: Final = (
    "x" * MAX_REASON,
    "\u202e" * MAX_REASON,
    "a\u0300" * (MAX_REASON // 2),
    "\n\r\t\0" * (MAX_REASON // 4),
    "<img src='file:///etc/passwd'>" * 6,
    "\N{GRINNING FACE}" * MAX_REASON,
    "\ufdfa" * MAX_REASON,  # one character that becomes eighteen where names are compared
)


@pytest.mark.parametrize("reason", HOSTILE)
def test_whatever_reason_is_given_it_is_one_line_that_fits(
    bench: Bench, ada: FakePeer, bob: FakePeer, reason: str
) -> None:
    ask(bench, ada, Mute(new_id(), LAB, BOB, 2_000_000, reason))
    (told,) = [message for message in bob.told() if isinstance(message, Sanction)]
    assert len(told.reason) <= MAX_REASON
    assert told.reason.isprintable() or not told.reason
    assert refused(bench, bob, Post(new_id(), LAB, "x")) == ErrorCode.MUTED
    assert audit(bench, ada)[-1][4] == told.reason
    ask(bench, ada, Ban(new_id(), BOB, 2_000_000, reason))
    bench.post(Gone(bob))
    at_the_door = tries(bench, BOB, "Bob").refused
    assert at_the_door is not None
    assert len(at_the_door[1]) <= 1024
    assert at_the_door[1].isprintable()
    bans = ask(bench, ada, ListBans(new_id()))
    assert isinstance(bans, Bans)
    assert bans.bans[0].reason == told.reason


def test_a_private_room_can_be_looked_after_by_those_in_it_only(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    secret = ask(bench, bob, CreateRoom(new_id(), "Secret", private=True))
    assert isinstance(secret, Ack)
    for request in (
        SetRoom(new_id(), secret.room, "private", "0"),
        SetRole(new_id(), secret.room, ADA, OWNER),
        Kick(new_id(), secret.room, BOB),
        JoinRoom(new_id(), secret.room),
        AddMember(new_id(), secret.room, ADA),
        Delete(new_id(), secret.room, 1),
    ):
        assert refused(bench, ada, request) == ErrorCode.ROOM_UNKNOWN, "not even the server's owner"
    assert bench.look(lambda state: state.rooms[secret.room].kind) == PRIVATE
