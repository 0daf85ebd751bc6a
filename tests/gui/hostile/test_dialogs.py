"""Dialogs, pages and cards, each by itself."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTextBrowser, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import (
    Problem,
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
from qtchat.protocol.messages import (
    MAX_NICK,
    MEMBER,
    MODERATOR,
    Person,
)
from tests.gui.hostile.checks import HOSTILE, baited, check, check_tip
from tests.helpers.lure import Lure


def test_the_lure_works(bait: Lure, qtbot: QtBot) -> None:
    browser = QTextBrowser()
    qtbot.addWidget(browser)
    browser.setHtml(f"<img src={bait.picture}>")
    browser.grab()
    assert bait.opened() or not bait.watches


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
