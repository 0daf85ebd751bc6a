"""What we are told of what was done to us, and for how long it stands there."""

import re
import time

import pytest

from qtchat.client.line import now_ms
from qtchat.client.updates import RoomGoneUpdate, RoomUpdate, SanctionUpdate, UnsentUpdate
from qtchat.gui import session
from qtchat.gui.views.moderation.words import moment
from qtchat.protocol.messages import MODERATOR, PRIVATE, PUBLIC, Room, Sanction
from tests.helpers.desktop import Stand

PLANS = 4


@pytest.mark.parametrize(("kind", "name"), [(PUBLIC, "# plans"), (PRIVATE, "plans")])
def test_a_sanction_stays_until_it_is_put_away(stand: Stand, kind: str, name: str) -> None:
    stand.desktop.window.move(200, 200)  # away from the pointer
    account, notice = stand.online(), stand.desktop.window.notice
    notice.timer.setInterval(0)
    account.tell(RoomUpdate(Room(PLANS, "plans", "", 0, 3, kind=kind), 0))
    account.tell(SanctionUpdate(Sanction("mute", PLANS, "Boss", "spam", 0)))
    stand.settle()
    assert notice.label.text() == f"You were muted in {name} by Boss: spam"
    assert not notice.timer.isActive()
    assert notice.isVisible()


def test_what_was_not_sent_where_we_are_no_more_is_said(stand: Stand) -> None:
    account = stand.online()
    account.tell(UnsentUpdate("plans", ("one\ntwo",)))
    stand.settle()
    assert "no more in plans: “one two”" in stand.desktop.window.notice.label.text()


def test_a_mute_that_is_lifted_is_taken_back(stand: Stand) -> None:
    stand.desktop.window.move(200, 200)  # away from the pointer
    account, notice = stand.online(), stand.desktop.window.notice
    notice.timer.setInterval(0)
    account.tell(SanctionUpdate(Sanction("mute", 1, "Boss", "spam", 0)))
    stand.settle()
    account.tell(SanctionUpdate(Sanction("unmute", 1, "Boss", "", 0)))
    stand.settle()
    assert notice.label.text().startswith("You were unmuted")
    stand.qtbot.waitUntil(notice.isHidden)


def test_where_it_was_done_is_said_if_another_server_is_shown(stand: Stand) -> None:
    account = stand.online()
    stand.join_other()
    account.tell(SanctionUpdate(Sanction("mute", 0, "Boss", "spam", 0)))
    stand.settle()
    assert stand.desktop.window.notice.label.text().startswith("Kitchen: You were muted")


def test_who_was_away_is_told_when_it_was_and_in_which_room(stand: Stand) -> None:
    account = stand.online()
    yesterday = int((time.time() - 86_400) * 1000)
    account.tell(SanctionUpdate(Sanction("kick", PLANS, "Boss", "spam", 0, "plans", yesterday)))
    stand.settle()
    told = stand.desktop.window.notice.label.text()
    assert re.fullmatch(r"While you were away, yesterday at \d\d:\d\d: You were removed from plans by Boss: spam", told)


def reason(stand: Stand) -> str:
    composer = stand.desktop.window.composer
    return "" if composer.reason.isHidden() else composer.reason.text()


def tell_plans(stand: Stand, **how: object) -> None:
    """How the open room stands now."""
    stand.account.tell(RoomUpdate(Room(PLANS, "plans", "", 0, 3, **how), None))  # type: ignore[arg-type]
    stand.settle()


@pytest.fixture
def plans(stand: Stand) -> Stand:
    """A room is open in which we may write."""
    stand.online()
    tell_plans(stand)
    stand.desktop.chat.open_room(PLANS)
    assert reason(stand) == ""
    return stand


def test_a_mute_is_told_with_its_circumstances_until_it_is_over(plans: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [now_ms()]
    monkeypatch.setattr(session, "now_ms", lambda: clock[0])
    until = clock[0] + 50
    plans.account.tell(SanctionUpdate(Sanction("mute", PLANS, "Boss", "spam", until)))
    plans.desktop.window.composer.set_text("what I wanted to say")
    tell_plans(plans, muted_until=until)
    assert reason(plans) == f"You are muted until {moment(until)} by Boss: spam"
    assert not plans.desktop.window.composer.field.isVisible()
    clock[0] = until
    plans.qtbot.waitUntil(lambda: reason(plans) == "")
    assert plans.desktop.window.composer.text() == "what I wanted to say"


def test_of_two_mutes_the_one_that_holds_is_told(plans: Stand) -> None:
    until = now_ms() + 3_600_000
    plans.account.tell(
        SanctionUpdate(Sanction("mute", PLANS, "Anna", "loud", until - 60_000)),
        SanctionUpdate(Sanction("mute", 0, "Boss", "spam", until)),
    )
    tell_plans(plans, muted_until=until)
    assert reason(plans).endswith("by Boss: spam")
    earlier = until - 120_000
    tell_plans(plans, muted_until=earlier)
    assert reason(plans) == f"You are muted until {moment(earlier)}.", "of this one nobody said why"


def test_a_frozen_room_can_be_unfrozen_by_those_who_may(plans: Stand) -> None:
    composer = plans.desktop.window.composer
    tell_plans(plans, frozen=True)
    assert "frozen" in reason(plans)
    assert composer.reason.button.isHidden()
    tell_plans(plans, frozen=True, role=MODERATOR)
    assert composer.reason.button.isVisible()
    composer.reason.button.click()
    assert plans.account.called("set_room") == [(PLANS, "frozen", "0")]
    tell_plans(plans, role=MODERATOR)
    assert reason(plans) == ""
    assert composer.field.isVisible()


def test_the_room_that_we_were_put_out_of_is_named(plans: Stand) -> None:
    plans.account.tell(RoomGoneUpdate(PLANS), SanctionUpdate(Sanction("kick", PLANS, "Boss", "off topic")))
    plans.settle()
    assert plans.desktop.window.notice.label.text() == "You were removed from # plans by Boss: off topic"
