"""Putting people out and keeping them away."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_KICKED,
    LOBBY,
    MEMBER,
    MODERATOR,
    Ban,
    Bans,
    Done,
    Kick,
    ListBans,
    Mute,
    Sanction,
    Unban,
)
from qtchat.server.doors.native import NativeCodec
from qtchat.server.effects import (
    Append,
    End,
    LiftBan,
    LogAct,
    Refuse,
    RemoveMember,
    Reply,
    SetBan,
    ShowRoom,
    Tell,
)
from qtchat.server.records import BanRecord, UserRecord
from qtchat.server.state import State
from tests.helpers.acts import ADA, BOB, CY, ID, LAB, NOW, ask, refusal, unheard, world
from tests.helpers.hubs import FakeLoop, FakePeer


def test_putting_somebody_out_of_a_room() -> None:
    assert ask(world(MEMBER, MODERATOR), Kick(ID, LAB, BOB, "so\nloud")) == [
        Append(LAB, KIND_KICKED, ID, "Bob", BOB),
        RemoveMember(LAB, BOB),
        ShowRoom(LAB, BOB),
        LogAct("kick", LAB, BOB, "so loud"),
        *unheard(Sanction("kick", LAB, "Ada", "so loud", detail="Lab")),
    ]


def test_nobody_is_put_out_of_the_lobby_or_where_they_are_not() -> None:
    state = world()
    assert "Everybody stays" in refusal(state, Kick(ID, LOBBY, BOB)).text
    state.remove_member(LAB, BOB)
    assert refusal(state, Kick(ID, LAB, BOB)).text == "Bob is not in Lab."


def test_somebody_without_a_key_is_put_out_for_good() -> None:
    state = world()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Eve", None, 0))
    state.add_member(LOBBY, FIRST_PLAIN_USER)
    assert End(FIRST_PLAIN_USER, ErrorCode.KICKED, "You were put out by Ada.") in ask(
        state, Kick(ID, LOBBY, FIRST_PLAIN_USER)
    )


def test_putting_somebody_off_the_server() -> None:
    assert ask(world(MODERATOR), Kick(ID, 0, BOB, "enough")) == [
        LogAct("kick", 0, BOB, "enough"),
        Tell(BOB, Sanction("kick", 0, "Ada", "enough")),
        End(BOB, ErrorCode.KICKED, "You were put out by Ada: enough"),
        Reply(Done(ID)),
    ]


def test_a_ban_with_a_time() -> None:
    until = 1_767_225_600_000
    assert ask(world(MODERATOR), Ban(ID, BOB, until, "spam")) == [
        SetBan(BanRecord(BOB, ADA, "spam", NOW, until)),
        LogAct("ban", 0, BOB, "spam", until),
        *unheard(Sanction("ban", 0, "Ada", "spam", until)),
        End(BOB, ErrorCode.BANNED, "You were banned by Ada until 2026-01-01 00:00 UTC: spam"),
        Reply(Done(ID)),
    ]
    state = world()
    state.clock = NOW
    for request in (Ban(ID, BOB, NOW), Mute(ID, 0, BOB, NOW)):
        assert "is over" in refusal(state, request).text


def connected(state: State, user: int, address: str) -> None:
    peer = FakePeer(FakeLoop(), NativeCodec())
    peer.address = address
    state.attach(user, peer)


def test_the_addresses_of_a_ban() -> None:
    state = world(MODERATOR)
    connected(state, BOB, "192.0.2.7")
    connected(state, BOB, "2001:db8::7")
    connected(state, CY, "192.0.2.7")  # bad luck
    (ban, *_) = ask(state, Ban(ID, BOB, address=True))
    assert ban == SetBan(BanRecord(BOB, ADA, "", NOW, 0, "192.0.2.7 2001:db8::7"))
    connected(state, ADA, "2001:db8::7")
    assert refusal(state, Ban(ID, BOB, address=True)).text == "Ada comes from the same address as Bob."
    assert not isinstance(ask(state, Ban(ID, BOB))[0], Refuse)


def test_the_servers_own_computer_is_never_kept_away() -> None:
    state = world()
    connected(state, BOB, "127.0.0.1")
    assert "own computer" in refusal(state, Ban(ID, BOB, address=True)).text


def test_people_without_a_key_are_banned_by_address() -> None:
    state = world()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Eve", None, 0))
    assert "is not connected" in refusal(state, Ban(ID, FIRST_PLAIN_USER)).text
    connected(state, FIRST_PLAIN_USER, "192.0.2.9")
    (ban, *_) = ask(state, Ban(ID, FIRST_PLAIN_USER))
    assert ban == SetBan(BanRecord(FIRST_PLAIN_USER, ADA, "", NOW, 0, "192.0.2.9"))


def test_bans_are_listed_while_they_hold_and_lifted() -> None:
    state = world()
    state.bans = {BOB: BanRecord(BOB, ADA, "spam", 5, 0, "192.0.2.7"), CY: BanRecord(CY, ADA, "", 5, NOW)}
    (reply,) = ask(state, ListBans(ID))
    assert isinstance(reply, Reply)
    assert isinstance(reply.message, Bans)
    assert [(ban.nick, ban.by, ban.until, ban.address) for ban in reply.message.bans] == [
        ("Bob", "Ada", 0, True),
        ("Cy", "Ada", NOW, False),
    ]
    state.clock = NOW
    (reply,) = ask(state, ListBans(ID))
    assert isinstance(reply, Reply)
    assert len(reply.message.bans) == 1  # type: ignore[attr-defined]
    assert ask(state, Unban(ID, BOB))[0] == LiftBan(BOB)
    assert ask(state, Unban(ID, ADA)) == [Reply(Done(ID))]
