"""Which part is told what the server says, and what the owner hears of it."""

import time

import pytest

from qtchat.client.inbox import Inbox
from qtchat.client.presence import TYPING_LASTS
from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    ColorsUpdate,
    DirectoryUpdate,
    MembersUpdate,
    NewcomersUpdate,
    OlderUpdate,
    PresenceUpdate,
    Problem,
    ProblemCode,
    ReadsUpdate,
    RequestDoneUpdate,
    SanctionUpdate,
    TypingUpdate,
    WaitingUpdate,
)
from qtchat.protocol.messages import (
    ADMIN,
    GUEST,
    MODERATOR,
    OWNER,
    Ack,
    AddMember,
    Audit,
    AuditEntry,
    Ban,
    BanEntry,
    Bans,
    Claim,
    Colors,
    Done,
    Error,
    GetAudit,
    GetHistory,
    Kick,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Mute,
    OpenDirect,
    People,
    Person,
    Ping,
    Presence,
    Reads,
    Room,
    Rooms,
    Sanction,
    SetNick,
    SetPresence,
    Typing,
    Waiting,
)
from tests.helpers.lines import FakeLine

NAMED = bytes(15) + b"\1"


@pytest.fixture
def known() -> list[tuple[int, str]]:
    return []


@pytest.fixture
def inbox(line: FakeLine, known: list[tuple[int, str]], monkeypatch: pytest.MonkeyPatch) -> Inbox:
    inbox = Inbox(line, lambda user, nick: known.append((user, nick)), lambda role: known.append((0, role)))
    monkeypatch.setattr(line, "submit", inbox.requests.submit)
    line.on_pump = inbox.requests.pump
    line.on_send = inbox.requests.sent
    inbox.take(Room(1, "lobby", "", 9, 2, read=4))
    line.take_told()
    return inbox


def test_who_is_here_is_passed_on_and_what_concerns_ourselves_is_kept(
    line: FakeLine, inbox: Inbox, known: list[tuple[int, str]]
) -> None:
    people = (Person(2, "Bob", online=True, role=OWNER), Person(line.user, "Myself", online=True, role=ADMIN))
    inbox.take(Presence(people))
    assert line.told == [PresenceUpdate(people)]
    assert known == [(line.user, "Myself"), (0, ADMIN)]


def test_colours_are_passed_on_and_kept(line: FakeLine, inbox: Inbox) -> None:
    inbox.take(Colors(((2, 5), (line.user, 1)), anew=True))
    assert line.told == [ColorsUpdate(((2, 5), (line.user, 1)), anew=True)]
    line.run_disk()
    assert line.disk.cache.colors() == sorted([(2, 5), (line.user, 1)])


def test_who_types_is_passed_on_with_its_end(line: FakeLine, inbox: Inbox) -> None:
    before = time.monotonic()
    inbox.take(Typing(1, 2))
    (update,) = line.told
    assert isinstance(update, TypingUpdate)
    assert (update.room, update.user) == (1, 2)
    assert before + TYPING_LASTS <= update.until <= time.monotonic() + TYPING_LASTS


def test_who_has_read_is_passed_on_and_our_own_mark_is_kept(line: FakeLine, inbox: Inbox) -> None:
    inbox.take(Reads(1, ((2, 9), (line.user, 6))))
    assert line.told == [ReadsUpdate(1, ((2, 9), (line.user, 6)))]
    assert inbox.marks.read(1) == 6


def test_a_request_is_done_or_refused_in_words(line: FakeLine, inbox: Inbox, known: list[tuple[int, str]]) -> None:
    for request in (OpenDirect(NAMED, 2), AddMember(bytes(16), 1, 2)):
        inbox.requests.submit(request)
    inbox.take(Ack(NAMED, 8, 1, 0))
    inbox.take(Error(bytes(16), "not_member", "You are not there."))
    inbox.requests.submit(SetNick(NAMED, " Some  body "))
    inbox.take(Done(NAMED))
    inbox.requests.submit(SetNick(NAMED, "Bob"))
    inbox.take(Error(NAMED, "nick_taken", "It is taken.", suggestion="Bob 2"))
    assert line.told == [
        RequestDoneUpdate(NAMED, 8),
        RequestDoneUpdate(bytes(16), 1, Problem("not_member", "You are not there.")),
        RequestDoneUpdate(NAMED, 0),
        RequestDoneUpdate(NAMED, 0, Problem("nick_taken", "It is taken.", "Bob 2")),
    ]
    assert known == [(line.user, "Some body")]


def test_what_the_program_asked_by_itself_is_done_in_silence(line: FakeLine, inbox: Inbox) -> None:
    inbox.marks.mark(1, 7)
    inbox.marks.pump()
    (mark,) = line.take_sent()
    inbox.take(Done(mark.id))
    inbox.presence.set(False, "there")
    (presence,) = line.take_sent()
    inbox.take(Done(presence.id))
    inbox.presence.ready()
    assert line.take_sent() == []
    for request in (MarkRead(NAMED, 1, 8), SetPresence(bytes(16), away=True)):
        line.send(request)
        inbox.take(Error(request.id, "busy", "Later.", 5000))
    assert line.told == []


def test_lists_and_pages_go_where_they_were_asked_for(line: FakeLine, inbox: Inbox) -> None:
    bob, tea = Person(2, "Bob", online=True), Room(2, "tea", "", 0, 1, member=False)
    for request in (ListPeople(NAMED, 1), ListRooms(bytes(16))):
        inbox.requests.submit(request)
    inbox.take(People(NAMED, 1, (bob,), False))
    inbox.take(Rooms(bytes(16), (tea,), False))
    inbox.follower.older.load(1, 5)
    line.run_disk()
    (page,) = (request for request in line.take_sent() if isinstance(request, GetHistory))
    inbox.take(Error(page.id, "busy", "Later."))
    assert line.told == [MembersUpdate(1, (bob,)), DirectoryUpdate((tea,)), OlderUpdate(1, (), at_start=False)]


def test_what_cannot_be_asked_now_fails_each_in_its_way(line: FakeLine, inbox: Inbox) -> None:
    line.online = False
    for request in (ListPeople(NAMED, 1), ListRooms(NAMED), MarkRead(NAMED, 1, 8), AddMember(NAMED, 1, 2)):
        inbox.requests.submit(request)
    (update,) = line.told
    assert isinstance(update, RequestDoneUpdate)
    assert update.problem is not None
    assert (update.room, update.problem.code) == (1, ProblemCode.OFFLINE)


def test_a_heartbeat_tells_of_a_lost_tail(line: FakeLine, inbox: Inbox) -> None:
    inbox.follower.pump()
    line.take_sent()
    inbox.follower.lost()
    inbox.take(Ping(((1, 30), (99, 5))))
    inbox.follower.pump()
    assert [request.room for request in line.take_sent()] == [1]


def test_acts_of_moderation_are_done_or_refused(line: FakeLine, inbox: Inbox, known: list[tuple[int, str]]) -> None:
    for request in (Kick(number(1), 1, 2), Mute(number(2), 1, 2), Ban(number(3), 2), Claim(number(4), "x")):
        inbox.requests.submit(request)
    inbox.take(Ack(number(1), 1, 5, 0))
    inbox.take(Done(number(2)))
    inbox.take(Error(number(3), "forbidden", "Only admins."))
    inbox.take(Done(number(4)))
    assert line.told == [
        RequestDoneUpdate(number(1), 1),
        RequestDoneUpdate(number(2), 1),
        RequestDoneUpdate(number(3), 0, Problem("forbidden", "Only admins.")),
        RequestDoneUpdate(number(4), 0),
    ]
    assert known == [(0, OWNER)]


def test_what_only_moderators_are_told_comes_before_the_end_of_its_request(line: FakeLine, inbox: Inbox) -> None:
    for request in (ListBans(number(1)), ListWaiting(number(2)), GetAudit(number(3)), ListBans(number(4))):
        inbox.requests.submit(request)
    line.take_sent()
    ban, bob = BanEntry(2, "Bob", "Me", "", 5, 0, False), Person(2, "Bob", online=False)
    act = AuditEntry(9, 5, "Me", "ban", 0, 2, "Bob", "", 0)
    inbox.take(Bans(number(1), (ban,), True))
    (following,) = line.take_sent()
    inbox.take(Error(following.id, "forbidden", "Not any more."))
    inbox.take(People(number(2), 0, (bob,), False))
    inbox.take(Audit(number(3), (act,), True))
    inbox.take(Bans(number(4), (), False))
    assert line.told == [
        RequestDoneUpdate(number(1), 0, Problem("forbidden", "Not any more.")),
        WaitingUpdate(number(2), (bob,)),
        RequestDoneUpdate(number(2), 0),
        AuditUpdate(number(3), (act,), True),
        RequestDoneUpdate(number(3), 0),
        BansUpdate(number(4), ()),
        RequestDoneUpdate(number(4), 0),
    ]


def test_what_was_done_about_us_is_passed_on_and_a_role_is_kept(
    line: FakeLine, inbox: Inbox, known: list[tuple[int, str]]
) -> None:
    muted = Sanction("mute", 1, "Bob", "Enough.", 99)
    in_room, here = Sanction("set_role", 1, "Bob", "", 0, OWNER), Sanction("set_role", 0, "Bob", "", 0, MODERATOR)
    earlier = Sanction("set_role", 0, "Bob", "", 0, GUEST, ts=99)
    for told in (muted, in_room, here, earlier, Waiting(3)):
        inbox.take(told)
    assert line.told == [*map(SanctionUpdate, (muted, in_room, here, earlier)), NewcomersUpdate(3)]
    assert known == [(0, MODERATOR)]


def number(n: int) -> bytes:
    return n.to_bytes(16, "big")
