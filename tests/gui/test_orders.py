"""Moderation by commands: whom and what they mean, and what is said of it."""

import pytest

from qtchat.client.updates import Problem, RoomUpdate, WaitingUpdate
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.protocol.messages import ADMIN, MEMBER, MODERATOR, Person, Room
from tests.helpers.desktop import Stand
from tests.helpers.newsroom import NEWS, online, run, told


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("/kick Anna too loud", ("kick", NEWS, 2, "too loud")),
        ("/ban Anna spam", ("ban", 2, 0, "spam", False)),
        ("/banaddress Anna spam", ("ban", 2, 0, "spam", True)),
        ("/unban Anna", ("unban", 2)),
        ("/mute Anna", ("mute", NEWS, 2, 0, "")),
        ("/unmute Anna", ("unmute", NEWS, 2)),
        ("/slow 10", ("set_room", NEWS, "slow_ms", "10000")),
        ("/freeze", ("set_room", NEWS, "frozen", "1")),
        ("/announce", ("set_room", NEWS, "announcement", "1")),
        ("/rename Evening news", ("set_room", NEWS, "name", "Evening news")),
        ("/private", ("set_room", NEWS, "private", "1")),
        ("/public", ("set_room", NEWS, "private", "0")),
        ("/release Anna", ("release_nick", "Anna")),
        ("/role Anna moderator", ("set_role", NEWS, 2, "moderator")),
        ("/claim ABCDE-FGHJK", ("claim", "ABCDE-FGHJK")),
    ],
)
def test_every_act_is_a_command_too(stand: Stand, text: str, call: tuple[object, ...]) -> None:
    account = online(stand)
    run(stand, text)
    assert account.calls[-1] == call
    stand.answer(0, Problem("forbidden", "Only the admins of this server may do that."))
    assert told(stand).endswith("Only the admins of this server may do that.")


def test_in_the_lobby_a_kick_ends_the_connections(stand: Stand) -> None:
    account = online(stand, MODERATOR, room=1)
    run(stand, "/kick Anna")
    assert account.called("kick") == [(0, 2, "")]
    stand.answer()
    assert told(stand) == "Anna was disconnected."


def test_nobody_of_that_name(stand: Stand) -> None:
    online(stand, MODERATOR)
    run(stand, "/ban Nobody")
    assert "Nobody called Nobody" in told(stand)


def test_a_switch_is_turned_round(stand: Stand) -> None:
    account = online(stand, room_role=MODERATOR)
    account.tell(RoomUpdate(Room(NEWS, "news", "", 0, 3, role=MODERATOR, announcement=True, frozen=False), None))
    stand.settle()
    run(stand, "/announce")
    run(stand, "/freeze")
    assert account.called("set_room") == [(NEWS, "announcement", "0"), (NEWS, "frozen", "1")]


@pytest.mark.parametrize(
    ("role", "number", "says"),
    [(MODERATOR, 0, "Anna is muted everywhere for 1 hour."), (MEMBER, 1, "Anna is muted here for 1 hour.")],
)
def test_in_the_lobby_a_mute_holds_everywhere_for_those_who_may(
    stand: Stand, role: str, number: int, says: str
) -> None:
    account = online(stand, role, room=1)
    run(stand, "/mute Anna 1h")
    stand.answer()
    assert told(stand) == says
    run(stand, "/unmute Anna")
    assert [call[:2] for call in account.called("mute") + account.called("unmute")] == [(number, 2)] * 2


def test_a_name_is_released(stand: Stand) -> None:
    account = online(stand, ADMIN)
    run(stand, "/release Gone {nick}")
    assert account.called("release_nick") == [("Gone {nick}",)]
    stand.answer()
    assert told(stand) == "Gone {nick} is a free name now."


def test_what_cannot_be_undone_is_asked_for_once_more(stand: Stand) -> None:
    account = online(stand, ADMIN)
    run(stand, "/revoke Anna lost laptop")
    dialog = stand.desktop.moderation.dialog
    assert isinstance(dialog, ActDialog)
    assert dialog.reason == "lost laptop"
    assert account.called("revoke_key") == []
    dialog.do_button.click()
    assert account.called("revoke_key") == [(2, "lost laptop")]
    stand.answer()
    assert stand.desktop.moderation.dialog is None


# -- newcomers ---------------------------------------------------------------------------------------------------

NEWCOMERS = (Person(9, "New", online=True), Person(10, "Twin", online=True), Person(11, "Twin", online=True))


def decide(stand: Stand, command: str) -> None:
    """Type it, and tell who waits."""
    run(stand, command)
    stand.account.tell(WaitingUpdate(stand.account.last_request, NEWCOMERS))
    stand.settle()


@pytest.mark.parametrize(
    ("command", "accept", "says"),
    [("/approve new", True, "new was let in."), ("/reject New", False, "New was turned away.")],
)
def test_a_newcomer_is_decided_about(stand: Stand, command: str, accept: bool, says: str) -> None:
    account = online(stand, ADMIN)
    decide(stand, command)
    assert account.called("approve") == [(9, accept)]
    stand.answer()
    assert told(stand) == says


@pytest.mark.parametrize(
    ("nick", "says"),
    [("Nobody", "No newcomer called Nobody waits."), ("Twin", "Several newcomers are called Twin: choose")],
)
def test_nobody_is_guessed(stand: Stand, nick: str, says: str) -> None:
    account = online(stand, ADMIN)
    decide(stand, f"/approve {nick}")
    assert account.called("approve") == []
    assert told(stand).startswith(says)


def test_a_newcomer_is_let_in_where_it_was_typed(stand: Stand) -> None:
    """Though another server is shown when the list of those who wait comes."""
    first = online(stand, ADMIN)
    run(stand, "/approve New")
    second = stand.join_other()
    first.tell(WaitingUpdate(first.last_request, NEWCOMERS))
    stand.settle()
    assert (first.called("approve"), second.called("approve")) == ([(9, True)], [])


def test_who_may_not_decide_is_told_so(stand: Stand) -> None:
    online(stand)
    run(stand, "/approve New")
    stand.answer(0, Problem("forbidden", "Only the admins of this server may do that."))
    assert told(stand).endswith("Only the admins of this server may do that.")
