"""Who may do what: every act of moderation through real windows, as whoever does it and whom it concerns see it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from qtchat.client import engine
from qtchat.client.line import now_ms
from qtchat.gui import session
from qtchat.gui.models.moderation import Act
from qtchat.gui.views.moderation.words import HOUR, act_words
from qtchat.protocol.messages import ADMIN, GUEST, MEMBER, MODERATOR, OWNER, PRIVATE
from qtchat.server.handlers import login
from tests.end_to_end.house import CLOCK, House, OpenWindow, Seat, hosted
from tests.helpers.servers import running_server


@pytest.fixture
def house(tmp_path: Path, open_window: OpenWindow) -> Iterator[House]:
    with hosted(tmp_path / "server", tmp_path / "Boss") as server:
        house = House(server, open_window)
        yield house
        house.quit()


# -- with somebody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mute", "unmute"), [(Act.ROOM_MUTE, Act.ROOM_UNMUTE), (Act.MUTE, Act.UNMUTE)])
def test_a_mute_and_its_end(house: House, mute: Act, unmute: Act) -> None:
    boss, ben = house.boss, house.ben
    where = " in # lobby" if mute is Act.ROOM_MUTE else ""
    boss.do(mute, "Ben", reason="too loud", seconds=HOUR)
    ben.until_told(rf"You were muted{where} until {CLOCK} by Boss: too loud")
    ben.until_silent(rf"You are muted until {CLOCK} by Boss: too loud")
    boss.until_logged(rf"Boss muted Ben{where} until {CLOCK}\n.* too loud")
    boss.do(unmute, "Ben")
    ben.until_told(rf"You were unmuted{where} by Boss\.")
    ben.until_heard(by=boss)
    boss.until_logged(rf"Boss let Ben write again{where}")


def test_being_put_out_of_a_room(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    boss.do(Act.ROOM_KICK, "Ben", reason="off topic")
    ben.until_told(r"You were removed from # den by Boss: off topic")
    ben.until(lambda: {room.name for room in ben.session.state.rooms.values()} == {"lobby"})
    boss.until(lambda: "kicked: Ben" in boss.lines)
    boss.until_logged(r"Boss put out Ben in # den\n.* off topic")
    ben.open_room("den")  # a public room can be joined again


def test_being_disconnected(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.do(Act.KICK, "Ben", reason="go to sleep")
    ben.until_refused(r"You were disconnected, and can join again\. You were put out by Boss: go to sleep")
    boss.until_logged(r"Boss put out Ben\n.* go to sleep")
    ben.come_again()
    ben.until_heard(by=boss, draft="awake")


def test_a_ban_and_its_end(house: House) -> None:
    boss, ben = house.boss, house.ben
    banned = rf"You cannot come in here now\. You were banned by Boss until {CLOCK}: spam"
    boss.do(Act.BAN, "Ben", reason="spam", seconds=HOUR)
    ben.until_refused(banned)
    ben.come_again()
    dialog = ben.desktop.joining.dialog
    ben.until(lambda: re.fullmatch(banned, dialog.error_label.text()) is not None)
    bans = boss.oversee("Bans…")
    boss.until(lambda: bans.model.rowCount() == 1)
    row = str(bans.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert re.fullmatch(rf"Ben\nby Boss, {CLOCK} · spam, until {CLOCK}", row)
    bans.act_buttons["lift"].click()
    boss.until(lambda: bans.model.rowCount() == 0)
    bans.reject()
    boss.until_logged(r"Boss lifted the ban of Ben")
    boss.until_logged(rf"Boss banned Ben until {CLOCK}\n.* spam")
    dialog.join_button.click()
    ben.until_heard(by=boss, draft="sorry")


def test_a_role_on_the_server(house: House) -> None:
    boss, ben = house.boss, house.ben
    carl = house.seat("Carl")
    assert (ben.acts_on("Carl"), ben.overseen()) == ([], [])
    boss.do(Act.ROLE, "Ben", role=ADMIN)
    ben.until_told(r"You were made admin of this server by Boss\.")
    ben.until(lambda: "Audit log…" in ben.overseen())
    assert act_words(Act.BAN) in ben.acts_on("Carl")
    ben.until_logged(r"Boss gave Ben the role of admin")
    ben.do(Act.ROLE, "Carl", role=GUEST)
    carl.until_told(r"You were made guest of this server by Ben\.")
    carl.until_silent(r"You are a guest here: you can read, but not write\.")
    ben.until(lambda: ben.role_of("Carl") == GUEST)
    ben.do(Act.ROLE, "Carl", role=MEMBER)
    carl.until_heard(by=ben)


def test_a_role_in_a_room(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    boss.do(Act.ROOM_ROLE, "Ben", role=MODERATOR)
    ben.until_told(r"You were made moderator in # den by Boss\.")
    ben.until(lambda: "changed: role moderator Ben" in ben.lines)
    boss.until_logged(r"Boss gave Ben the role of moderator in # den")
    dialog = ben.room_settings()
    dialog.frozen.click()
    ben.save(dialog)
    assert ben.overseen() == []


def test_a_name_is_released(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.do(Act.RELEASE_NICK, "Ben")
    ben.until_told(r"Your name was released for others by Boss\. You are called Ben 2 now\.")
    ben.until(lambda: ben.desktop.window.conversations.own_name.whole() == "Ben 2")
    boss.until_logged(r"Boss released the name that Ben 2 had")
    other = house.seat("Ben", profile="other")
    other.until_heard(by=boss, draft="now I am Ben")
    assert "Ben: now I am Ben" in boss.window.shown


def test_a_key_is_revoked(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.do(Act.REVOKE_KEY, "Ben", reason="stolen laptop")
    ben.until_refused(r"Your key is not accepted here any more: .* This key was revoked by Boss: stolen laptop")
    boss.until_logged(r"Boss revoked the key of Ben.*\n.* stolen laptop")
    ben.come_again()
    dialog = ben.desktop.joining.dialog
    ben.until(lambda: dialog.error_label.text().startswith("Your key is not accepted here any more"))
    again = house.seat("Ben", profile="new laptop")
    again.until_heard(by=boss, draft="with a new key")


def test_a_message_of_somebody_else_is_deleted(house: House) -> None:
    boss, ben = house.boss, house.ben
    ben.say("buy my watches")
    boss.until(lambda: "post: buy my watches" in boss.lines)
    boss.choose_of_message("buy my watches", "Delete…")
    question = boss.desktop.messages.question
    assert question is not None
    question.do_button.click()
    ben.until_told(r"A message of yours in # lobby was deleted by Boss\.")
    ben.until(lambda: "post: buy my watches" not in ben.lines)
    boss.until_logged(r"Boss deleted a message of Ben in # lobby")


# -- with a room -------------------------------------------------------------------------------------------------


def test_the_settings_of_a_room(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    dialog = boss.room_settings()
    dialog.name_field.setText("library")
    dialog.private.click()
    dialog.announcement.click()
    boss.save(dialog)
    ben.until_silent(r"Announcements only: the owner and the moderators of this room write here\.")
    ben.until(lambda: ben.room.name == "library" and ben.room.kind == PRIVATE)
    assert ben.desktop.window.top_bar.name_label.whole() == "library"
    assert [line for line in ben.lines if line.startswith("changed")] == [
        "changed: name library",
        "changed: private 1",
        "changed: announcement 1",
    ]
    boss.until_logged(r"Boss made this a room for announcements · library")
    dialog = boss.room_settings()
    dialog.announcement.click()
    dialog.frozen.click()
    boss.save(dialog)
    ben.until_silent(r"This room is frozen: nobody can write for now\.")
    boss.until_silent(r"This room is frozen: nobody can write for now\.")
    dialog = boss.room_settings()
    dialog.frozen.click()
    boss.save(dialog)
    ben.until_heard(by=boss)


def test_slow_mode_is_counted_down_and_keeps_what_is_written(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    composer = ben.desktop.window.composer
    boss.say("/slow 2")
    ben.until(lambda: composer.hint.text() == "Slow mode: one message in 2 seconds.")
    ben.say("first")
    boss.until(lambda: "post: first" in boss.lines)
    ben.say("second")
    assert re.fullmatch(r"Slow mode: you can send again in [12] seconds?\.", composer.hint.text())
    assert (composer.text(), composer.send_button.isEnabled()) == ("second", False)
    ben.open_room("lobby")
    ben.say("but here I can")
    boss.until(
        lambda: any(room.last_post is not None and room.last_post.text == "but here I can" for room in boss.rooms)
    )
    ben.open_room("den")
    assert composer.text() == "second"
    ben.until(composer.send_button.isEnabled)
    composer.send_button.click()
    boss.until(lambda: boss.lines[-2:] == ["post: first", "post: second"])
    boss.say("/slow 0")
    ben.until(composer.hint.isHidden)
    boss.until_logged(r"Boss turned slow mode off · # den")


def test_the_topic(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.desktop.window.set_details_shown(True)
    topic = boss.desktop.window.people_pane.topic
    topic.edit_button.click()
    topic.field.setText("Lunch at noon")
    topic.save_button.click()
    ben.until(lambda: "topic: Lunch at noon" in ben.lines)
    boss.say("/topic Lunch at one")
    ben.until(lambda: ben.room.topic == "Lunch at one")


def test_the_commands_do_the_same(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    boss.run("/mute Ben 10m too loud", r"Ben is muted here for 10 minutes\.")
    ben.until_told(rf"You were muted in # den until {CLOCK} by Boss: too loud")
    boss.run("/unmute Ben", r"Ben may write again\.")
    ben.until_told(r"You were unmuted in # den by Boss\.")
    boss.run("/role Ben moderator", r"Ben is moderator in # den now\.")
    ben.until_told(r"You were made moderator in # den by Boss\.")
    ben.say("/freeze")
    boss.until(lambda: boss.room.frozen)
    ben.desktop.window.composer.reason.button.click()
    boss.until(lambda: not boss.room.frozen)
    boss.run("/kick @Ben off topic", r"Ben was removed from # den\.")
    ben.until_told(r"You were removed from # den by Boss: off topic")
    boss.run("/ban Ben 1d spam", r"Ben is banned for 1 day\.")
    ben.until_refused(rf"You cannot come in here now\. You were banned by Boss until {CLOCK}: spam")
    boss.run("/unban Ben", r"Ben is not banned any more\.")
    ben.come_again()
    boss.until(lambda: boss.session.state.people[boss.user("Ben")].online)
    boss.until_logged(r"Boss lifted the ban of Ben")


def test_a_room_is_changed_by_commands_too(house: House) -> None:
    boss, ben = house.boss, house.ben
    house.meet_in("den")
    for command, line in (
        ("/rename cave", "changed: name cave"),
        ("/private", "changed: private 1"),
        ("/public", "changed: private 0"),
        ("/announce", "changed: announcement 1"),
        ("/announce", "changed: announcement 0"),
    ):
        boss.say(command)
        ben.until(lambda line=line: line in ben.lines)  # type: ignore[misc]
    ben.say("oops")
    boss.until(lambda: "post: oops" in boss.lines)
    ben.say("/delete")
    assert ben.desktop.messages.question is not None
    ben.desktop.messages.question.do_button.click()
    boss.until(lambda: "post: oops" not in boss.lines)


def test_names_and_mutes_everywhere_by_command(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.run("/mute Ben 1h", r"Ben is muted everywhere for 1 hour\.")
    ben.until_told(rf"You were muted until {CLOCK} by Boss\.")
    boss.run("/unmute Ben", r"Ben may write again\.")
    boss.run("/release Ben", r"Ben is a free name now\.")
    ben.until_told(r"Your name was released for others by Boss\..*")


@pytest.mark.parametrize("ahead", [HOUR * 1000, -HOUR * 1000])
def test_an_end_holds_though_the_clocks_differ(
    tmp_path: Path, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    """The server's clock is an hour off those of the windows."""
    for module in (engine, session):
        monkeypatch.setattr(module, "now_ms", lambda: now_ms() - ahead)
    with hosted(tmp_path / "server", tmp_path / "Boss") as server:
        house = House(server, open_window)
        boss, ben = house.boss, house.ben
        boss.run("/mute Ben 10m", r"Ben is muted everywhere for 10 minutes\.")
        ben.until_silent(rf"You are muted until {CLOCK} by Boss\.")
        until = ben.room.muted_until
        assert until == pytest.approx(now_ms() + 600_000, abs=60_000)
        house.quit()


# -- who may not -------------------------------------------------------------------------------------------------

REFUSED = "This is not allowed here. "
ROOM_MODERATORS = f"{REFUSED}Only the owner and the moderators of den, and moderators of this server, may do that."
ROOM_OWNER = f"{REFUSED}Only the owner of den, and moderators of this server, may do that."
MODERATORS = f"{REFUSED}Only the moderators and admins of this server may do that."
ADMINS = f"{REFUSED}Only the admins of this server may do that."
REFUSALS = {
    "den": {
        "/kick Boss": ROOM_MODERATORS,
        "/mute Boss 5m": ROOM_MODERATORS,
        "/unmute Boss": ROOM_MODERATORS,
        "/slow 10": ROOM_MODERATORS,
        "/freeze": ROOM_MODERATORS,
        "/role Boss member": ROOM_OWNER,
        "/rename cave": ROOM_MODERATORS,
        "/private": ROOM_MODERATORS,
        "/announce": ROOM_MODERATORS,
        "/ban Boss": MODERATORS,
        "/banaddress Boss": MODERATORS,
        "/release Boss": ADMINS,
        "/approve New": ADMINS,
        "/unban Boss": MODERATORS,
        "/claim ABCDE-FGHJK-LMNPQ-RSTUV": f"{REFUSED}This server has an owner already.",
    },
    "lobby": {"/kick Boss": MODERATORS, "/role Boss member": ADMINS},
}


@pytest.mark.parametrize("room", REFUSALS)
def test_a_member_is_offered_nothing_and_told_why_a_command_does_nothing(house: House, room: str) -> None:
    boss, ben = house.boss, house.ben
    if room != "lobby":
        house.meet_in(room)
    boss.say("mine")
    ben.until(lambda: "post: mine" in ben.lines)
    assert (ben.acts_on("Boss"), ben.overseen()) == ([], [])
    menu = ben.message_menu("mine")
    assert "Delete…" not in [action.text() for action in menu.actions()]
    menu.close()
    ben.desktop.window.set_details_shown(True)
    assert ben.desktop.window.people_pane.settings_button.isHidden()
    assert not {"kick", "mute", "ban", "slow", "freeze", "rename", "role", "approve", "claim"} & set(ben.proposed("/"))
    for command, sentence in REFUSALS[room].items():
        ben.run(command, re.escape(sentence))
    assert [line for line in boss.lines if not line.startswith(("post", "joined", "created"))] == []
    assert (boss.role_of("Boss"), boss.session.state.silence(boss.room.number, 0)) == (OWNER, None)


def test_nobody_acts_on_those_above(house: House) -> None:
    boss, ben = house.boss, house.ben
    boss.do(Act.ROLE, "Ben", role=ADMIN)
    ben.until(lambda: bool(ben.overseen()))
    assert ben.acts_on("Boss") == []
    above = f"{REFUSED}Boss has the same role as you, or a higher one: nobody acts on those."
    for command in ("/ban Boss 1h", "/mute Boss", "/kick Boss", "/role Boss guest"):
        ben.run(command, re.escape(above))


# -- whose server it is ------------------------------------------------------------------------------------------


def test_the_owner_is_whoever_has_the_token(tmp_path: Path, open_window: OpenWindow) -> None:
    with running_server(tmp_path / "server") as server:
        anna = Seat(open_window("Anna"), server.link, "Anna")
        assert "claim" in anna.proposed("/")
        anna.run("/claim ABCDE", re.escape(f"{REFUSED}That is not the token that the server shows when it starts."))
        anna.run(f"/claim {server.claim_token.lower()}", r"You are the owner of this server now\.")
        anna.until(lambda: "Newcomers…" in anna.overseen())
        anna.until_logged(r"Anna became the owner of this server")
        anna.until(lambda: "claim" not in anna.proposed("/"))
        anna.window.quit()


def test_newcomers_are_let_in_or_turned_away(
    tmp_path: Path, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login, "WAITING_RETRY_MS", 200)  # how often those who wait ask again
    with hosted(tmp_path / "server", tmp_path / "Boss", approve_newcomers=True) as server:
        boss = Seat(open_window("Boss"), server.link, "Boss")
        waiting = {nick: open_window(nick) for nick in ("Ben", "Eve", "Ida")}
        for nick, window in waiting.items():
            window.desktop.joining.dialog.nick_field.setText(nick)
            window.desktop.joining.dialog.address_field.setText(server.link)
            window.desktop.joining.dialog.show()
            window.desktop.joining.dialog.join_button.click()
            window.until(window.desktop.joining.dialog.waiting_label.isVisible)
        bar = boss.desktop.window.waiting_bar
        boss.until(lambda: bar.label.text() == "3 newcomers wait to be let in.")
        boss.run("/approve Ida", r"Ida was let in\.")
        boss.until_logged(r"Boss let Ida in")
        bar.show_button.click()
        dialog = boss.desktop.overseeing.dialog
        assert dialog is not None
        boss.until(lambda: dialog.model.rowCount() == 2)
        for nick, act in (("Ben", "accept"), ("Eve", "refuse")):
            dialog.list.field.setText(nick)
            dialog.act_buttons[act].click()
            boss.until(lambda nick=nick: all(record.name != nick for record in dialog.model.records))  # type: ignore[misc]
        dialog.reject()
        boss.until(bar.isHidden)
        ben, eve = waiting["Ben"].desktop, waiting["Eve"].desktop
        boss.until(lambda: ben.chat.room is not None and not ben.joining.dialog.isVisible())
        boss.until(lambda: "You were not let in" in eve.joining.dialog.error_label.text())
        boss.until_logged(r"Boss let Ben in")
        boss.until_logged(r"Boss turned away Eve")
        for window in (boss.window, *waiting.values()):
            window.quit()
