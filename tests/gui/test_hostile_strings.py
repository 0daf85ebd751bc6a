"""Whatever somebody calls themselves or a room, or writes: each place shows it as plain text, and stays in bounds."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Problem, RoomUpdate, SanctionUpdate
from qtchat.gui.models.moderation import Act
from qtchat.gui.models.targets import targets_of
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.records import Record, RecordsDialog
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettings, RoomSettingsDialog
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.person_card import PersonCard
from qtchat.gui.views.server_changed import ServerChangedPage
from qtchat.protocol.messages import MAX_NICK, MEMBER, MODERATOR, Person, Room, Sanction
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, members

HOSTILE = {
    "bold": "<b>x</b>",
    "image": "<img src=file:///etc/passwd>",
    "override": "evil\u202egpj.exe",
    "joiner": "An\u200dna",
    "marks": "x" + "\u0301" * 10_000,
    "lookalike": "Аnnа",  # the first and the last letter are Cyrillic
    "amp": "&amp; &x %n {nick} [*]",
}
MOST_HIGH, MOST_WIDE = 1_000, 1_200
"""Pixels that no dialog needs for such words."""


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def words(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def check(widget: QWidget) -> None:
    """Every label in it is plain text, every tool tip escaped, and it fits on a screen."""
    for label in (*widget.findChildren(QLabel), *([widget] if isinstance(widget, QLabel) else [])):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label.objectName()
    for child in (widget, *widget.findChildren(QWidget)):
        check_tip(child.toolTip())
    assert widget.sizeHint().width() <= MOST_WIDE
    assert widget.sizeHint().height() <= MOST_HIGH
    image = widget.grab().toImage()
    assert isinstance(image, QImage)
    assert not image.isNull()


def check_tip(tip: str) -> None:
    """Nothing in it but our own <qt> and <br> is a tag."""
    assert "<" not in tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "")


Maker = Callable[[str, Theme, Icons], QWidget]


def records(words: str, theme: Theme, icons: Icons) -> QWidget:
    dialog = RecordsDialog(words, words, (("lift", "Lift", ""),), theme, icons)
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
    dialog.set_recent([RecentServer("00", words, "qtchat://a/", "ABCD", words)])
    dialog.show_problem(Problem("nick_taken", words, words))
    dialog.say(words)
    return dialog


def stopped(words: str, theme: Theme, icons: Icons) -> QWidget:
    page = ServerChangedPage(theme, icons)
    page.resize(420, 640)
    page.show_stop(words, Problem("server_changed", words, words[:40]), words[:40])
    return page


def refused(words: str, theme: Theme, icons: Icons) -> QWidget:
    dialog = ActDialog(Act.BAN, words, words, theme, icons)
    dialog.show_problem(Problem("forbidden", words[:1024]))
    return dialog


MAKERS: dict[str, Maker] = {
    "ban": refused,
    "role": lambda words, theme, _icons: RoleDialog(words, words, (MODERATOR, MEMBER), MEMBER, theme),
    "room": lambda words, theme, icons: RoomSettingsDialog(4, RoomSettings(words[:64]), theme, icons),
    "records": records,
    "card": card,
    "nick": joined_before,
    "stop": stopped,
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())
def test_a_dialog_shows_it_as_it_is(words: str, make: Maker, qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    widget = make(words, theme, icons)
    qtbot.addWidget(widget)
    check(widget)


@pytest.fixture
def hostile(stand: Stand, words: str) -> Stand:
    """Somebody of that name has said that in a room of that name, about that."""
    account = stand.online()
    nick, name = words[:MAX_NICK], words[:64]
    account.tell(RoomUpdate(Room(4, name, words[:256], 0, 2), 0))
    people = (Person(OWN, "Me", online=True), Person(2, nick, online=True, status=words[:80]))
    account.tell(members(1, *people), members(4, *people))
    account.hear(4, words[:8_000], 2, nick)
    account.tell(SanctionUpdate(Sanction("mute", 4, nick, words[:200])))
    stand.settle()
    stand.desktop.chat.open_room(4)
    stand.desktop.window.set_details_shown(True)
    return stand


def test_the_main_window_shows_it_as_it_is(hostile: Stand) -> None:
    window = hostile.desktop.window
    window.resize(1024, 720)
    check(window)
    window.resize(420, 480)
    check(window)
    assert window.size().width() == 420
    assert "[*]" not in window.windowTitle().replace("[*][*]", "")
    assert "\u202e" not in window.top_bar.name_label.whole()


def test_rows_and_titles_keep_out_what_turns_text_around(hostile: Stand) -> None:
    desktop = hostile.desktop
    listed = desktop.window.conversations.proxy
    rows = [listed.index(row, 0) for row in range(listed.rowCount())]
    people = desktop.window.people_pane.view.model()
    rows += [people.index(row, 0) for row in range(people.rowCount())]
    for index in rows:
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            text = str(index.data(role) or "")
            assert "\u202e" not in text
            assert "\n" not in text
            assert len(text) < 1_000
        check_tip(str(index.data(Qt.ItemDataRole.ToolTipRole) or ""))


def test_notifications_hold_plain_words(hostile: Stand) -> None:
    hostile.account.hear(1, "@Me <b>x</b>", 2, "<b>x</b>")
    hostile.settle()
    for notice in hostile.notifier.shown.values():
        assert "\n" not in notice.title
        assert len(notice.text) < 1_000


def test_the_quick_switcher_shows_it_as_it_is(hostile: Stand) -> None:
    desktop = hostile.desktop
    session = desktop.sessions.current
    assert session is not None
    assert targets_of(session.state, session.key)
    desktop.switching.open_switcher()
    popups = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
    for popup in popups:
        check(popup)
    for popup in popups:
        if popup is not desktop.window:
            popup.close()
