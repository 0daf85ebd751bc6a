"""Whatever somebody calls themselves or a room, or writes: each place shows it as plain text, stays in bounds, and
opens nothing that it names."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QAbstractItemModel, QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QTextBrowser, QTextEdit, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import (
    AuditUpdate,
    BansUpdate,
    ConnectionUpdate,
    DirectoryUpdate,
    EventsUpdate,
    Phase,
    Problem,
    RoomUpdate,
    SanctionUpdate,
    SearchUpdate,
    TypingUpdate,
    Update,
    WaitingUpdate,
)
from qtchat.gui.models.moderation import Act
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.host_panel import HostPanel
from qtchat.gui.views.invitation_dialog import InvitationDialog
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.records import Record, RecordsDialog
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettings, RoomSettingsDialog
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.person_card import PersonCard
from qtchat.gui.views.readers_dialog import ReadersDialog
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.gui.views.server_changed import ServerChangedPage
from qtchat.gui.views.server_rows import FoundServer
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import (
    ADMIN,
    KIND_CHANGED,
    KIND_KICKED,
    KIND_POST,
    KIND_REACTED,
    KIND_TOPIC,
    MAX_EMOJI,
    MAX_NICK,
    MAX_REASON,
    MAX_TOPIC,
    MEMBER,
    MODERATOR,
    AuditEntry,
    BanEntry,
    Event,
    Person,
    Room,
    Sanction,
)
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import MIDDAY, OTHER, OWN, SERVER, members
from tests.helpers.lure import Lure, lure

HOSTILE = {
    "bold": "<b>x</b>",
    "picture": "<img src={picture}>",
    "address": "<img src=http://{address}>",
    "override": "evil\u202egpj.exe",
    "joiner": "An\u200dna",
    "marks": "x" + "\u0301" * 10_000,
    "lookalike": "Аnnа",  # the first and the last letter are Cyrillic; nobody but her key is Anna
    "endless": "W" * 4_000,
    "lines": "one\ntwo\r\nthree\u2028four\u2029five\x0bsix\tseven\x1b[31meight\0",
    "amp": "&amp; &x %n {nick} [*]",
}
MOST_HIGH, MOST_WIDE = 1_000, 1_200
"""Pixels that no dialog needs for such words."""
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067"
"""What turns text around that comes behind it."""


@pytest.fixture(scope="module")
def bait() -> Iterator[Lure]:
    with lure() as made:
        yield made


@pytest.fixture(autouse=True)
def _nothing_is_loaded(bait: Lure) -> Iterator[None]:
    yield
    assert not bait.opened(), "a file that a text names was opened"
    assert not bait.called(), "an address that a text names was called"


def baited(words: str, bait: Lure) -> str:
    """They name what nobody may open."""
    return words.replace("{picture}", str(bait.picture)).replace("{address}", bait.address)


def test_the_lure_works(bait: Lure, qtbot: QtBot) -> None:
    browser = QTextBrowser()
    qtbot.addWidget(browser)
    browser.setHtml(f"<img src={bait.picture}>")
    browser.grab()
    assert bait.opened() or not bait.watches


def check(widget: QWidget) -> None:
    """Every label in it is plain text, every tool tip escaped, and it fits on a screen."""
    assert not widget.findChildren(QTextEdit), "only a QPlainTextEdit takes nothing for HTML"
    for label in (*widget.findChildren(QLabel), *([widget] if isinstance(widget, QLabel) else [])):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label.objectName()
    for child in (widget, *widget.findChildren(QWidget)):
        check_tip(child.toolTip())
    for title in (widget.windowTitle(), widget.accessibleName()):
        assert not set(title) & {*TURNING, "\n"}
    assert widget.sizeHint().width() <= MOST_WIDE
    assert widget.sizeHint().height() <= MOST_HIGH
    image = widget.grab().toImage()
    assert isinstance(image, QImage)
    assert not image.isNull()


def check_tip(tip: str) -> None:
    """Nothing in it but our own <qt> and <br> is a tag; where it is shown as Qt does it, nothing is loaded."""
    assert "<" not in tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "")
    if tip:
        label = QLabel(tip)
        label.grab()
        label.deleteLater()


def check_rows(model: QAbstractItemModel, least: int = 1) -> None:
    """What the rows of a list say to eyes, ears and the mouse stays on its line, and turns nothing around."""
    assert model.rowCount() >= least
    for row in range(model.rowCount()):
        display, spoken, tip = (str(model.index(row, 0).data(role) or "") for role in ROLES)
        assert not set(display + spoken) & set(TURNING)
        assert "\n" not in display
        assert len(display) < 1_000
        check_tip(tip)


# -- dialogs and cards by themselves -----------------------------------------------------------------------------

Maker = Callable[[str, Theme, Icons], QWidget]


def records(words: str, theme: Theme, icons: Icons) -> QWidget:
    dialog = RecordsDialog(words, words[:200], (("lift", "Lift", ""),), theme, icons)
    dialog.show_records([Record(1, words, 2, words, words, "until 14:05")], words)
    check_tip(str(dialog.model.index(0).data(Qt.ItemDataRole.ToolTipRole)))
    dialog.show_problem(Problem("forbidden", words))
    return dialog


def card(words: str, theme: Theme, icons: Icons) -> QWidget:
    card = PersonCard(theme, icons)
    card.show_person(Person(4, words, online=True, status=words), False, QPoint(0, 0))
    return card


def joined_before(words: str, theme: Theme, icons: Icons) -> QWidget:
    dialog = NickDialog(theme, icons)
    dialog.set_recent([RecentServer("00", words[:64], "qtchat://a/", "ABCD", words[:64])])
    dialog.set_found([FoundServer(words[:64], "qtchat://10.0.0.1:47300/", "ABCDE", 2)])
    dialog.show_problem(Problem("nick_taken", words[:1024], words[:MAX_NICK]))
    dialog.say(words[:200])
    return dialog


def stopped(words: str, theme: Theme, icons: Icons) -> QWidget:
    page = ServerChangedPage(theme, icons)
    page.resize(420, 640)
    page.show_stop(words[:64], Problem("server_changed", words[:1024], words[:40]), words[:40])
    return page


def refused(words: str, theme: Theme, icons: Icons) -> QWidget:
    dialog = ActDialog(Act.BAN, words, words, theme, icons)
    dialog.show_problem(Problem("forbidden", words[:1024]))
    return dialog


def hosted(words: str, theme: Theme, icons: Icons) -> QWidget:
    panel = HostPanel(theme, icons)
    panel.show_place(words[:64], ("192.168.1.5:47300",), "ABCDE")
    panel.show_failure(words[:200])
    return panel


def invited(words: str, theme: Theme, _icons: Icons) -> QWidget:
    dialog = InvitationDialog(theme, "qtchat://127.0.0.1:47300/#ABCD", "ABCD")
    dialog.show_firewall(words[:200])
    return dialog


def read_by(words: str, theme: Theme, icons: Icons) -> QWidget:
    return ReadersDialog([Person(4, words[:MAX_NICK], online=True, status=words[:80])], theme, icons)


MAKERS: dict[str, Maker] = {
    "ban": refused,
    "role": lambda words, theme, _icons: RoleDialog(words, words, (MODERATOR, MEMBER), MEMBER, theme),
    "room": lambda words, theme, icons: RoomSettingsDialog(4, RoomSettings(words[:64]), theme, icons),
    "leave": lambda words, theme, _icons: ConfirmDialog(theme, words, words[:64], "Leave"),
    "records": records,
    "card": card,
    "nick": joined_before,
    "stop": stopped,
    "host": hosted,
    "invitation": invited,
    "readers": read_by,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_a_dialog_shows_it_as_it_is(make: Maker, qtbot: QtBot, theme: Theme, icons: Icons, bait: Lure) -> None:
    for words in HOSTILE.values():
        widget = make(baited(words, bait), theme, icons)
        qtbot.addWidget(widget)
        check(widget)


# -- the whole program -------------------------------------------------------------------------------------------


class Company(Stand):
    """A program whose server is full of such people, rooms and words: one of each for each kind of words."""

    words: tuple[str, ...] = ()

    @property
    def named(self) -> list[tuple[int, int, str]]:
        """The number of a room, of somebody in it, and the words by which both are called."""
        return [(10 + place, 100 + place, words) for place, words in enumerate(self.words)]

    def fill(self, kinds: tuple[str, ...]) -> None:
        """They say such things, and do such things to each other."""
        self.words = kinds
        self.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
        self.account.go_online(server=replace(SERVER, role=ADMIN))
        me = Person(OWN, "Me", online=True)
        people = [Person(user, words[:MAX_NICK], online=True, status=words[:80]) for _, user, words in self.named]
        self.account.tell(members(1, me, *people))
        for (room, user, words), person in zip(self.named, people, strict=True):
            self.account.tell(RoomUpdate(Room(room, words[:64], words[:256], 0, 2), 0), members(room, me, person))
            self.account.tell(EventsUpdate(room, tuple(self._events(room, user, words))))
            self.account.tell(SanctionUpdate(Sanction("kick", room, person.nick, words[:MAX_REASON])))
        self.settle()
        self.desktop.window.set_details_shown(True)

    def _events(self, room: int, user: int, words: str) -> Iterator[Event]:
        nick = words[:MAX_NICK]
        for text, kind, about in (
            (words[:8_000], KIND_POST, 0),
            (f"{words[:8_000]} again", KIND_POST, 1),
            (words[:MAX_EMOJI], KIND_REACTED, 1),
            (nick, KIND_KICKED, 3),
            (words[:MAX_TOPIC], KIND_TOPIC, 0),
            (f"name {words[:64]}", KIND_CHANGED, 0),
            (f"role {nick} {nick}", KIND_CHANGED, user),
        ):
            yield self.account.event(room, text, user, nick, kind, about)

    def check_popups(self) -> None:
        """Everything that stands on the screen, which is then closed but for the main window."""
        for popup in QApplication.topLevelWidgets():
            if popup.isVisible():
                check(popup)
                if popup is not self.desktop.window:
                    popup.close()


@pytest.fixture
def company(qtbot: QtBot, qapp: QApplication, tmp_path: Path, bait: Lure) -> Iterator[Company]:
    company = Company(qtbot, qapp, tmp_path)
    company.fill(tuple(baited(words, bait) for words in HOSTILE.values()))
    yield company
    company.quit()
    company.close()


def test_the_main_window_shows_it_as_it_is(company: Company) -> None:
    window = company.desktop.window
    for room, user, _ in company.named:
        company.desktop.chat.open_room(room)
        company.account.tell(TypingUpdate(room, user, time.monotonic() + 60))
        company.settle()
        for size in ((1024, 720), (420, 480)):
            window.resize(*size)
            check(window)
        assert window.size().width() == 420
        assert "[*]" not in window.windowTitle().replace("[*][*]", "")
        assert not set(window.top_bar.name_label.whole() + window.typing_line.whole()) & {*TURNING, "\n"}


def test_the_lists_keep_out_what_turns_text_around(company: Company) -> None:
    desktop = company.desktop
    check_rows(desktop.window.conversations.proxy, len(HOSTILE))
    desktop.chat.open_room(1)
    check_rows(desktop.window.people_pane.view.model(), len(HOSTILE))


def test_what_went_wrong_is_told_as_it_is(company: Company) -> None:
    window = company.desktop.window
    for words in company.words:
        for phase, code in ((Phase.OFFLINE, "unreachable"), (Phase.REFUSED, "banned"), (Phase.REFUSED, "new_to_us")):
            company.account.tell(ConnectionUpdate(phase, Problem(code, words[:1024]), 60.0))
            company.settle()
            window.notice.say(words)
            company.check_popups()
            assert not set(window.banner.label.text()) & set(TURNING)


def test_what_is_under_the_mouse_is_told_as_it_is(company: Company) -> None:
    timeline = company.desktop.window.timeline
    company.desktop.window.resize(1024, 720)
    for room, _, _ in company.named:
        company.desktop.chat.open_room(room)
        timeline.grab()
        told = []
        for placed in timeline.rows_in_sight:
            row = placed.row
            rects = [row.name_rect, row.meta, row.badge, *(pill.rect for pill in row.pills)]
            for rect in rects:
                if rect is not None:
                    spot = QPoint(round(rect.center().x()), round(rect.center().y()) + placed.y)
                    event = QHelpEvent(QEvent.Type.ToolTip, spot, timeline.viewport().mapToGlobal(spot))
                    QApplication.sendEvent(timeline.viewport(), event)
                    told.append(QToolTip.text())
                    check_tip(told[-1])
        assert any(told)
    QToolTip.hideText()


def test_the_menus_of_a_message_say_only_our_words(company: Company) -> None:
    timeline = company.desktop.window.timeline
    for room, _, words in company.named:
        company.desktop.chat.open_room(room)
        for entry in timeline.model.entries:
            menu = MessageMenu(entry, company.desktop.icons, timeline)
            menu.fill(QPoint(0, 0), words, lambda: None)
            check(menu)
            assert all(words not in action.text() for action in menu.actions())
            menu.close()


def test_a_reply_shows_it_as_it_is(company: Company) -> None:
    composer = company.desktop.window.composer
    for room, _, _ in company.named:
        company.desktop.chat.open_room(room)
        company.desktop.window.timeline.reply_wanted.emit(1)
        assert composer.strip.isVisible()
        for label in (composer.strip.title, composer.strip.line):
            assert not set(label.whole()) & {*TURNING, "\n"}
        check(company.desktop.window)


def test_the_completion_shows_it_as_it_is(company: Company) -> None:
    composer = company.desktop.window.composer
    company.desktop.chat.open_room(1)
    QTest.keyClicks(composer.field, "@")
    popup = composer.completer.popup()
    assert popup is not None
    check(popup)
    check_rows(popup.view.model(), len(HOSTILE))


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
    account.tell(SearchUpdate(account.last_request, tuple(found)))
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


def test_the_tray_and_the_rail_show_it_as_it_is(company: Company) -> None:
    tray = company.desktop.integration.tray
    company.join_other()
    for words in company.words:
        tray.set_hosting(words[:64])
        menu = tray.icon.contextMenu()
        assert words[:64] in [action.text().replace("&&", "&") for action in menu.actions()]
        check(menu)
        check_tip(tray.icon.toolTip())
        company.account.tell(replace(OTHER, name=words[:64]))
        company.settle()
        check(company.desktop.window)


def test_notifications_hold_plain_words(company: Company) -> None:
    for _, user, words in company.named:
        company.account.hear(1, f"@Me {words[:8_000]}", user, words[:MAX_NICK])
        company.settle()
    assert company.notifier.log
    for notice in company.notifier.log:
        for text in (notice.title, notice.text):
            assert not set(text) & {*TURNING, "\n"}
            assert len(text) < 1_000


def test_the_quick_switcher_shows_it_as_it_is(company: Company) -> None:
    desktop = company.desktop
    desktop.switching.open_switcher()
    assert desktop.switching.switcher is not None
    check_rows(desktop.switching.switcher.view.model(), 2 * len(HOSTILE))
    company.check_popups()


# -- numbers -----------------------------------------------------------------------------------------------------


def test_numbers_are_as_large_as_a_server_likes(stand: Stand) -> None:
    account, huge = stand.online(), 2**53
    event = Event(huge - 1, huge - 1, bytes(16), MIDDAY, huge - 2, "Anna", KIND_POST, "hi")
    anna = Person(huge - 2, "Anna", online=True)
    account.tell(
        RoomUpdate(Room(huge - 1, "den", "", huge - 2, 2), 0), members(huge - 1, anna, Person(OWN, "Me", online=True))
    )
    account.tell(EventsUpdate(huge - 1, (event,)))
    stand.settle()
    desktop = stand.desktop
    desktop.window.conversations.room_chosen.emit(huge - 1)
    assert desktop.chat.name == "# den"
    desktop.window.timeline.reply_wanted.emit(huge - 1)
    desktop.window.composer.field.setPlainText("hello")
    QTest.keyClick(desktop.window.composer.field, Qt.Key.Key_Return)
    assert account.called("post") == [(huge - 1, "hello", huge - 1)]
    desktop.window.timeline.react_wanted.emit(huge - 1, "👍", True)
    assert account.called("react") == [(huge - 1, huge - 1, "👍", True)]
    desktop.window.timeline.who_read_wanted.emit(huge - 1)
    desktop.people.show_card(huge - 2, QPoint(0, 0))
    desktop.window.conversations.mute_wanted.emit(huge - 1, True)
    desktop.window.conversations.pin_wanted.emit(huge - 1, True)
    desktop.window.search_bar.result_chosen.emit(huge - 1, huge - 1)
    desktop.overseeing.show_bans()
    assert desktop.overseeing.dialog is not None
    account.tell(BansUpdate(account.last_request, (BanEntry(huge - 2, "Eve", "Boss", "", MIDDAY, 0, False),)))
    stand.settle()
    desktop.overseeing.dialog.act_buttons["lift"].click()
    assert account.called("unban") == [(huge - 2,)]
    desktop.overseeing.dialog.reject()
