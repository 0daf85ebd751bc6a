"""The lists of the program: rooms, people, what is found, and what a server keeps."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    DirectoryUpdate,
    SearchUpdate,
    Update,
    WaitingUpdate,
)
from qtchat.gui.models.moderation import Act
from qtchat.protocol.messages import (
    MAX_NICK,
    MAX_REASON,
    MAX_TOPIC,
    AuditEntry,
    BanEntry,
    Person,
    Room,
)
from tests.gui.hostile.checks import HOSTILE, check, check_rows
from tests.gui.hostile.company import Company
from tests.helpers.fake_account import MIDDAY


def test_the_lists_keep_out_what_turns_text_around(company: Company) -> None:
    desktop = company.desktop
    check_rows(desktop.window.conversations.proxy, len(HOSTILE))
    desktop.chat.open_room(1)
    check_rows(desktop.window.people_pane.view.model(), len(HOSTILE))


def test_people_are_shown_as_they_are(company: Company) -> None:
    desktop = company.desktop
    for room, user, _ in company.named:
        desktop.chat.open_room(room)
        desktop.people.show_card(user, QPoint(0, 0))
        company.check_popups()
        desktop.moderation.act_on(user, Act.ROOM_KICK)
        company.check_popups()
    desktop.people.choose_to_write()
    assert desktop.people.dialog is not None
    check_rows(desktop.people.dialog.list.proxy, len(HOSTILE))
    company.check_popups()


def test_rooms_are_shown_as_they_are(company: Company) -> None:
    desktop = company.desktop
    desktop.rooms.browse()
    assert desktop.rooms.browse_dialog is not None
    company.account.tell(DirectoryUpdate(tuple(Room(room, w[:64], w[:256], 0, 2) for room, _, w in company.named)))
    company.settle()
    check_rows(desktop.rooms.browse_dialog.list.proxy, len(HOSTILE))
    company.check_popups()
    for room, _, _ in company.named:
        desktop.rooms.leave(room)
        company.check_popups()
        desktop.moderation.open_settings(room)
        company.check_popups()


def test_what_is_found_is_shown_as_it_is(company: Company) -> None:
    account = company.account
    company.desktop.search.open()
    bar = company.desktop.window.search_bar
    bar.everywhere.setChecked(True)
    bar.field.setText("needle")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    found = [account.event(room, f"{w[:400]} needle {w[:400]}", user, w[:MAX_NICK]) for room, user, w in company.named]
    account.tell(SearchUpdate(account.last_request, tuple(found), complete=True))
    company.settle()
    check_rows(bar.view.model(), len(HOSTILE))
    check(company.desktop.window)


def test_what_a_server_keeps_is_shown_as_it_is(company: Company) -> None:
    overseeing, account = company.desktop.overseeing, company.account
    people, bans, entries = [], [], []
    for room, user, words in company.named:
        nick = words[:MAX_NICK]
        people.append(Person(user, nick, online=True, status=words[:80]))
        bans.append(BanEntry(user, nick, nick, words[:MAX_REASON], MIDDAY, 0, True))
        for act in ("ban", "set_role", "set_room", "release_nick", words[:64]):
            entries.append(AuditEntry(1, MIDDAY, nick, act, room, user, nick, words[:MAX_TOPIC], MIDDAY))
    answers: dict[Callable[[], None], Callable[[bytes], Update]] = {
        overseeing.show_waiting: lambda asked: WaitingUpdate(asked, tuple(people)),
        overseeing.show_bans: lambda asked: BansUpdate(asked, tuple(bans)),
        overseeing.show_audit: lambda asked: AuditUpdate(asked, tuple(entries), False),
    }
    for show, answer in answers.items():
        show()
        dialog = overseeing.dialog
        assert dialog is not None
        account.tell(answer(account.last_request))
        company.settle()
        check_rows(dialog.list.proxy, len(HOSTILE))
        company.check_popups()


def test_the_quick_switcher_shows_it_as_it_is(company: Company) -> None:
    desktop = company.desktop
    desktop.switching.open_switcher()
    assert desktop.switching.switcher is not None
    check_rows(desktop.switching.switcher.view.model(), 2 * len(HOSTILE))
    company.check_popups()
