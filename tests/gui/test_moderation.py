"""Moderation from the app: menus and dialogs; what is done to us; what a server keeps for those who run it."""

import time

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.client.state import Power
from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    NewcomersUpdate,
    PresenceUpdate,
    Problem,
    RequestDoneUpdate,
    RoomUpdate,
    SanctionUpdate,
    WaitingUpdate,
)
from qtchat.gui.models.moderation import Act, acts_on
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.menu import ActMenu
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettingsDialog
from qtchat.gui.views.moderation.words import HOUR
from qtchat.protocol.messages import (
    ADMIN,
    MEMBER,
    MODERATOR,
    OWNER,
    AuditEntry,
    BanEntry,
    Person,
    Room,
    Sanction,
)
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import MIDDAY, OWN, SERVER
from tests.helpers.newsroom import BOSS, NEWS, online, run, told


def acts(stand: Stand, user: int = 2) -> set[Act]:
    session = stand.desktop.sessions.current
    assert session is not None
    return set(acts_on(session.state, user, stand.desktop.chat.room))


def test_a_member_is_offered_nothing(stand: Stand) -> None:
    online(stand)
    assert acts(stand) == set()
    stand.desktop.people.show_card(2, QPoint(0, 0))
    card = stand.desktop.people.card
    assert card is not None
    assert card.acts_button.isHidden()
    card.close()
    assert stand.desktop.window.people_pane.settings_button.isHidden()


def test_each_power_is_offered_its_own_acts(stand: Stand) -> None:
    online(stand, room_role=MODERATOR)
    assert acts(stand) == {Act.ROOM_MUTE, Act.ROOM_UNMUTE, Act.ROOM_KICK}
    assert acts(stand, OWN) == set()
    assert acts(stand, BOSS.user) == set()


def test_an_admin_is_offered_the_server_too(stand: Stand) -> None:
    online(stand, ADMIN)
    assert {Act.BAN, Act.KICK, Act.ROLE, Act.RELEASE_NICK, Act.REVOKE_KEY, Act.ROOM_ROLE} <= acts(stand)
    assert not stand.desktop.window.people_pane.settings_button.isHidden()
    assert acts(stand, BOSS.user) == set()


def test_the_card_leads_to_the_menu(stand: Stand) -> None:
    online(stand, MODERATOR)
    stand.desktop.people.show_card(2, QPoint(0, 0))
    card = stand.desktop.people.card
    assert card is not None
    card.acts_button.click()
    menu = stand.desktop.moderation.menu
    assert menu is not None
    assert "Ban…" in [action.text() for action in menu.actions()]
    menu.close()


def test_a_ban_is_asked_for_with_its_circumstances(stand: Stand) -> None:
    account = online(stand, MODERATOR)
    stand.desktop.moderation.act_on(2, Act.BAN)
    dialog = stand.desktop.moderation.dialog
    assert isinstance(dialog, ActDialog)
    dialog.reason_field.setText("spam")
    dialog.address_box.setChecked(True)
    dialog.do_button.click()
    assert account.called("ban") == [(2, 0, "spam", True)]
    stand.answer(0, Problem("forbidden", "Anna has the same role as you."))
    assert "same role" in dialog.told.text()
    dialog.do_button.click()
    stand.answer()
    assert stand.desktop.moderation.dialog is None


@pytest.mark.parametrize(
    ("act", "method", "first"),
    [
        (Act.ROOM_MUTE, "mute", (NEWS, 2)),
        (Act.MUTE, "mute", (0, 2)),
        (Act.ROOM_KICK, "kick", (NEWS, 2)),
        (Act.KICK, "kick", (0, 2)),
        (Act.RELEASE_NICK, "release_nick", ("Anna",)),
        (Act.REVOKE_KEY, "revoke_key", (2,)),
    ],
)
def test_every_act_of_the_menu_asks_the_server(stand: Stand, act: Act, method: str, first: tuple[object, ...]) -> None:
    account = online(stand, ADMIN)
    stand.desktop.moderation.act_on(2, act)
    dialog = stand.desktop.moderation.dialog
    assert isinstance(dialog, ActDialog)
    dialog.do_button.click()
    [call] = account.called(method)
    assert call[: len(first)] == first
    if method == "mute":
        assert isinstance(call[2], int)
        assert call[2] > time.time() * 1000
    stand.answer()


@pytest.mark.parametrize("ahead", [0, 3_600_000, -3_600_000])
def test_an_end_is_meant_by_the_clock_of_the_server(stand: Stand, ahead: int) -> None:
    account = online(stand, ADMIN)
    account.tell(replace(SERVER, role=ADMIN, ahead=ahead))
    stand.settle()
    stand.desktop.moderation.act_on(2, Act.MUTE)
    dialog = stand.desktop.moderation.dialog
    assert isinstance(dialog, ActDialog)
    assert dialog.seconds == HOUR
    dialog.do_button.click()
    stand.answer()
    run(stand, "/mute Anna 10m")
    run(stand, "/ban Anna 10m")
    now = time.time() * 1000 + ahead
    ends = [account.called("mute")[0][2], account.called("mute")[1][2], account.called("ban")[0][1]]
    assert ends == pytest.approx([now + HOUR * 1000, now + 600_000, now + 600_000], abs=60_000)


def test_a_mute_is_over_by_the_clock_of_the_server(stand: Stand) -> None:
    account, reason = online(stand), stand.desktop.window.composer.reason
    until = int(time.time() * 1000) + 600_000
    account.tell(RoomUpdate(Room(NEWS, "news", "", 0, 3, muted_until=until), None))
    stand.settle()
    assert not reason.isHidden()
    account.tell(replace(SERVER, ahead=3_600_000))
    stand.settle()
    assert reason.isHidden()


def test_unmuting_needs_no_dialog(stand: Stand) -> None:
    account = online(stand, MODERATOR)
    stand.desktop.moderation.act_on(2, Act.ROOM_UNMUTE)
    assert account.called("unmute") == [(NEWS, 2)]
    stand.answer()
    assert told(stand) == "Anna may write again."


def test_a_role_is_given(stand: Stand) -> None:
    account = online(stand, ADMIN)
    stand.desktop.moderation.act_on(2, Act.ROLE)
    dialog = stand.desktop.moderation.dialog
    assert isinstance(dialog, RoleDialog)
    assert OWNER not in dialog.choices
    dialog.choices[MODERATOR].click()
    dialog.do_button.click()
    assert account.called("set_role") == [(0, 2, MODERATOR)]
    stand.answer(0, Problem("forbidden", "Only a role below your own can be given."))
    assert "below your own" in dialog.told.text()
    dialog.choices[MEMBER].click()
    dialog.reject()


def test_the_settings_of_a_room_are_changed_one_by_one(stand: Stand) -> None:
    account = online(stand, room_role=MODERATOR)
    stand.desktop.window.people_pane.settings_button.click()
    dialog = stand.desktop.moderation.settings_dialog
    assert dialog is not None
    assert not dialog.save_button.isEnabled()
    dialog.name_field.setText("weather")
    dialog.frozen.click()
    dialog.save_button.click()
    assert account.called("set_room") == [(NEWS, "name", "weather")]
    stand.answer(NEWS)
    assert account.called("set_room")[1:] == [(NEWS, "frozen", "1")]
    stand.answer(NEWS, Problem("forbidden", "No."))
    assert "No." in dialog.told.text()
    dialog.reject()


def test_the_lobby_keeps_its_name(stand: Stand) -> None:
    online(stand, MODERATOR, room=1)
    stand.desktop.moderation.open_settings(1)
    dialog = stand.desktop.moderation.settings_dialog
    assert dialog is not None
    assert not dialog.name_field.isEnabled()
    assert not dialog.private.isEnabled()
    dialog.reject()


def test_commands_are_proposed_to_those_who_may(stand: Stand) -> None:
    online(stand)
    completer = stand.desktop.window.composer.completer
    assert completer.power is Power.MEMBER
    assert completer.owned, "the boss is known, so there is nothing to claim"


def test_deleting_the_message_of_somebody_else(stand: Stand) -> None:
    account = online(stand, room_role=MODERATOR)
    account.hear(NEWS, "spam", 2, "Anna")
    account.hear(NEWS, "mine", 3, "Boss")
    stand.settle()
    room = stand.desktop.chat.room
    assert room is not None
    timeline = stand.desktop.window.timeline
    assert [timeline.may_delete(entry) for entry in room.entries] == [True, False]
    timeline.delete_wanted.emit(1)
    question = stand.desktop.messages.question
    assert question is not None
    question.accept()
    assert account.called("delete") == [(NEWS, 1)]


# -- another server, another dialog ------------------------------------------------------------------------------


def test_the_menu_the_dialog_and_the_settings_go_with_their_server(stand: Stand) -> None:
    first, moderation = online(stand, ADMIN), stand.desktop.moderation
    moderation.act_on(2, Act.BAN)
    moderation.open_settings(NEWS)
    moderation.show_menu(2, QPoint(0, 0))
    kinds = {ActMenu, ActDialog, RoomSettingsDialog}

    def shown() -> set[type[QWidget]]:
        widgets = stand.desktop.window.findChildren(QWidget)
        return {type(widget) for widget in widgets if type(widget) in kinds and widget.isVisible()}

    assert shown() == kinds
    second = stand.join_other()
    assert shown() == set()
    assert (moderation.dialog, moderation.settings_dialog) == (None, None)
    assert (first.called("ban"), second.called("ban")) == ([], [])


def test_a_menu_acts_where_it_was_opened(stand: Stand) -> None:
    account, moderation = online(stand, ADMIN), stand.desktop.moderation
    moderation.show_menu(2, QPoint(0, 0))
    menu = moderation.menu
    assert menu is not None
    stand.desktop.chat.open_room(1)
    menu.act_wanted.emit(Act.ROOM_UNMUTE)
    assert account.called("unmute") == [(NEWS, 2)]
    menu.close()


def test_a_late_answer_leaves_another_dialog_alone(stand: Stand) -> None:
    account, moderation = online(stand, ADMIN), stand.desktop.moderation
    moderation.act_on(2, Act.BAN)
    assert isinstance(moderation.dialog, ActDialog)
    moderation.dialog.do_button.click()
    banned = account.last_request
    moderation.dialog.reject()
    moderation.act_on(2, Act.MUTE)
    second = moderation.dialog
    account.tell(RequestDoneUpdate(banned, 0))
    stand.settle()
    assert isinstance(second, ActDialog)
    assert moderation.dialog is second
    assert second.isVisible()
    second.do_button.click()
    muted = account.last_request
    second.reject()
    moderation.act_on(2, Act.ROLE)
    third = moderation.dialog
    assert isinstance(third, RoleDialog)
    account.tell(RequestDoneUpdate(muted, 0, Problem("forbidden", "Not so.")))
    stand.settle()
    assert third.told.text() == ""
    assert "Not so." in told(stand), "so that nobody believes it was done"
    third.reject()


def test_a_name_is_released_as_it_stood_in_the_question(stand: Stand) -> None:
    account, moderation = online(stand, ADMIN), stand.desktop.moderation
    moderation.act_on(2, Act.RELEASE_NICK)
    assert isinstance(moderation.dialog, ActDialog)
    account.tell(PresenceUpdate((Person(2, "Renamed", online=True),)))
    stand.settle()
    moderation.dialog.do_button.click()
    assert account.called("release_nick") == [("Anna",)]
    stand.answer()


def test_a_list_is_filled_and_acted_on_by_its_own_answers(stand: Stand) -> None:
    account, overseeing = online(stand, ADMIN), stand.desktop.overseeing
    overseeing.show_bans()
    bans = overseeing.dialog
    assert bans is not None
    asked = account.last_request
    account.tell(BansUpdate(asked, (BanEntry(5, "Carl", "Boss", "spam", MIDDAY, 0, False),)))
    stand.settle()
    bans.act_buttons["lift"].click()
    lifted = account.last_request
    bans.reject()
    overseeing.show_waiting()
    newcomers = overseeing.dialog
    assert newcomers is not None
    waiting = account.last_request
    account.tell(RequestDoneUpdate(lifted, 0), BansUpdate(asked, (BanEntry(5, "Carl", "", "", 0, 0, False),)))
    account.tell(RequestDoneUpdate(asked, 0, Problem("offline", "")))
    stand.settle()
    assert account.last_request == waiting, "the bans were not asked for again"
    assert newcomers.model.rowCount() == 0
    account.tell(WaitingUpdate(waiting, (Person(9, "New", online=True),)))
    stand.settle()
    assert [record.title for record in newcomers.model.records] == ["New"]
    newcomers.reject()


# -- what is done to us ------------------------------------------------------------------------------------------


def test_we_are_told_what_by_whom_why_and_until_when(stand: Stand) -> None:
    account = online(stand)
    until = int(time.time() * 1000) + 3_600_000
    account.tell(
        SanctionUpdate(Sanction("mute", NEWS, "Boss", "spam", until)),
        RoomUpdate(Room(NEWS, "news", "", 0, 3, muted_until=until), None),
    )
    stand.settle()
    assert told(stand).startswith("You were muted in # news until ")
    assert told(stand).endswith("by Boss: spam")
    reason = stand.desktop.window.composer.reason
    assert not reason.isHidden()
    assert reason.text().startswith("You are muted until ")
    assert reason.text().endswith("by Boss: spam")
    account.tell(RoomUpdate(Room(NEWS, "news", "", 0, 3), None))
    stand.settle()
    assert reason.isHidden()


def test_a_mute_ends_by_itself(stand: Stand) -> None:
    account = online(stand)
    until = int(time.time() * 1000) + 300
    account.tell(RoomUpdate(Room(NEWS, "news", "", 0, 3, muted_until=until), None))
    stand.settle()
    reason = stand.desktop.window.composer.reason
    stand.qtbot.waitUntil(reason.isHidden)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (Room(NEWS, "news", "", 0, 3, frozen=True), "frozen"),
        (Room(NEWS, "news", "", 0, 3, announcement=True), "Announcements only"),
    ],
)
def test_why_one_cannot_write(stand: Stand, room: Room, words: str) -> None:
    account = online(stand)
    account.tell(RoomUpdate(room, None))
    stand.settle()
    assert words in stand.desktop.window.composer.reason.text()
    marks = stand.desktop.window.top_bar.heading.marks
    assert marks["snowflake"].isHidden() is not room.frozen
    assert marks["megaphone"].isHidden() is not room.announcement


def test_a_guest_can_only_read(stand: Stand) -> None:
    online(stand, "guest")
    assert "guest" in stand.desktop.window.composer.reason.text()


# -- what a server keeps -----------------------------------------------------------------------------------------


def test_newcomers_are_let_in(stand: Stand) -> None:
    account = online(stand, ADMIN)
    account.tell(NewcomersUpdate(2))
    stand.settle()
    bar = stand.desktop.window.waiting_bar
    assert not bar.isHidden()
    assert bar.label.text() == "2 newcomers wait to be let in."
    bar.show_button.click()
    dialog = stand.desktop.overseeing.dialog
    assert dialog is not None
    account.tell(WaitingUpdate(account.last_request, (Person(9, "<b>New</b>", online=True),)))
    stand.settle()
    assert dialog.model.rowCount() == 1
    dialog.act_buttons["accept"].click()
    assert account.called("approve") == [(9, True)]
    stand.answer()
    account.tell(WaitingUpdate(account.last_request, ()))
    stand.settle()
    assert dialog.model.rowCount() == 0
    dialog.reject()


def test_a_ban_is_lifted(stand: Stand) -> None:
    account = online(stand, MODERATOR)
    stand.desktop.overseeing.show_bans()
    dialog = stand.desktop.overseeing.dialog
    assert dialog is not None
    account.tell(BansUpdate(account.last_request, (BanEntry(5, "Carl", "Boss", "spam", MIDDAY, 0, True),)))
    stand.settle()
    dialog.act_buttons["lift"].click()
    assert account.called("unban") == [(5,)]
    stand.answer(0, Problem("forbidden", "No."))
    assert "No." in dialog.told.text()
    dialog.reject()


def test_the_audit_log_is_read_in_pages(stand: Stand) -> None:
    account = online(stand, ADMIN)
    stand.desktop.overseeing.show_audit()
    dialog = stand.desktop.overseeing.dialog
    assert dialog is not None
    entry = AuditEntry(12, MIDDAY, "Boss", "ban", 0, 5, "Carl", "spam", 0)
    account.tell(AuditUpdate(account.last_request, (entry,), True))
    stand.settle()
    assert dialog.model.index(0).data() is not None
    assert "Boss banned Carl" in str(dialog.model.index(0).data())
    dialog.more_button.click()
    assert account.called("get_audit") == [(0, 100), (12, 100)]
    account.tell(AuditUpdate(account.last_request, (), False))
    stand.settle()
    assert dialog.more_button.isHidden()
    dialog.reject()


def test_a_refused_list_says_why(stand: Stand) -> None:
    online(stand, ADMIN)
    stand.desktop.overseeing.show_audit()
    dialog = stand.desktop.overseeing.dialog
    assert dialog is not None
    stand.answer(0, Problem("version", ""))
    assert "versions" in dialog.list.empty.sentence.text()
    dialog.reject()


def test_the_menu_of_those_who_run_it(stand: Stand) -> None:
    online(stand, MODERATOR)
    menu = stand.desktop.controller.make_menu()
    [moderation] = [found for found in menu.findChildren(QMenu) if found.title() == "Moderation"]
    assert [action.text() for action in moderation.actions()] == ["Bans…"]
    menu.deleteLater()
