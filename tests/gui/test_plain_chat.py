"""A plain chat in the window: what it cannot do is said, and not offered."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from qtchat.client.updates import ConnectionUpdate, Phase, Problem, RoomUpdate
from qtchat.gui.views.shortcuts import Command
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import FIRST_PLAIN_USER, LOBBY, Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, PLAIN, FakeAccount, members, room

ANNA, ME = FIRST_PLAIN_USER + 1, FIRST_PLAIN_USER
LINK = "classic://10.0.0.5:55555?dialect=nick-en"
MESSAGE_MENU = ["Copy text", "Copy with name and time"]


def come_in(stand: Stand) -> FakeAccount:
    """Start on a plain chat with somebody else in it, who has said something."""
    stand.desktop.start(LINK, "Me")
    account = stand.account
    account.go_online(room(LOBBY, "10.0.0.5:55555"), server=PLAIN)
    account.tell(members(LOBBY, Person(ME, "Me", True), Person(ANNA, "Anna", True)))
    account.hear(LOBBY, "hello", ANNA)
    account.hear(LOBBY, "hi there", ME, "Me")
    stand.settle()
    return account


def test_it_says_once_and_in_the_details_for_good_what_it_cannot_do(stand: Stand) -> None:
    come_in(stand)
    window = stand.desktop.window
    assert window.plain_bar.isVisible()
    assert "not encrypted" in window.plain_bar.label.text()
    assert "edits, reactions or rooms" in window.plain_bar.label.text()
    window.plain_bar.close_button.click()
    assert window.plain_bar.isHidden()
    stand.account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert window.plain_bar.isHidden()
    window.toggle_details()
    assert window.people_pane.chat_label.isVisible()
    assert "nobody confirms" in window.people_pane.chat_label.text()
    assert "nothing is encrypted" in window.people_pane.readers_label.text()
    assert window.top_bar.about_label.whole() == "Plain text chat, not encrypted"


def test_nothing_is_offered_that_it_cannot_do(stand: Stand) -> None:
    come_in(stand)
    window = stand.desktop.window
    window.toggle_details()
    pane = window.people_pane
    assert not window.conversations.add_button.isEnabled()
    assert "only messages" in window.conversations.add_button.toolTip()
    assert pane.topic.isHidden()
    assert pane.add_button.isHidden()
    assert pane.leave_button.isHidden()
    stand.desktop.search.open()
    assert window.search_bar.everywhere.isHidden()
    stand.desktop.people.show_card(ANNA, QPoint(100, 100))
    card = stand.desktop.people.card
    assert card is not None
    assert card.message_button.isHidden()
    assert card.mention_button.isVisible()
    card.close()
    stand.desktop.switching.open_switcher()
    switcher = stand.desktop.switching.switcher
    assert switcher is not None
    assert switcher.view.model().rowCount() == 0
    switcher.close()


@pytest.mark.parametrize("command", [Command.NEW_MESSAGE, Command.NEW_ROOM, Command.BROWSE])
def test_a_key_that_does_nothing_there_says_why(stand: Stand, command: Command) -> None:
    account = come_in(stand)
    stand.desktop.actions()[command]()
    assert "only messages" in stand.desktop.window.notice.label.text()
    assert not account.called("list_rooms")
    assert stand.desktop.rooms.create_dialog is None
    assert stand.desktop.people.dialog is None


def test_the_command_join_says_why_it_goes_nowhere(stand: Stand) -> None:
    account = come_in(stand)
    field = stand.desktop.window.composer.field
    field.setPlainText("/join news")
    field.send_wanted.emit()
    assert "only messages" in stand.desktop.window.notice.label.text()
    assert not account.called("list_rooms")


def test_a_message_can_only_be_copied(stand: Stand) -> None:
    come_in(stand)
    timeline = stand.desktop.window.timeline
    for entry in timeline.model.entries:
        menu = MessageMenu(entry, stand.desktop.icons, timeline)
        menu.fill(QPoint(), "", None)
        sender = [] if entry.own else ["About the sender"]
        assert [action.text() for action in menu.actions() if action.text()] == [*sender, *MESSAGE_MENU]
        menu.deleteLater()


def test_up_in_an_empty_field_edits_nothing(stand: Stand) -> None:
    come_in(stand)
    composer = stand.desktop.window.composer
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.text() == ""


def test_the_keys_of_a_message_do_nothing(stand: Stand) -> None:
    come_in(stand)
    timeline = stand.desktop.window.timeline
    asked: list[object] = []
    for signal in (timeline.reply_wanted, timeline.edit_wanted, timeline.delete_wanted, timeline.react_wanted):
        signal.connect(lambda *said: asked.append(said))
    timeline.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(timeline, Qt.Key.Key_Up)
    for key in (Qt.Key.Key_R, Qt.Key.Key_E, Qt.Key.Key_Delete):
        QTest.keyClick(timeline, key)
    assert not asked


def test_who_speaks_becomes_known(stand: Stand) -> None:
    account = come_in(stand)
    asked = len(account.called("load_people"))
    account.hear(LOBBY, "it is me again", ANNA)
    stand.settle()
    assert len(account.called("load_people")) == asked
    account.hear(LOBBY, "hello all", ANNA + 1, "Boris")
    stand.settle()
    assert len(account.called("load_people")) == asked + 1


def test_whoever_is_clicked_has_a_card(stand: Stand) -> None:
    come_in(stand)
    view = stand.desktop.window.people_pane.view
    stand.desktop.window.toggle_details()
    names = []
    for row in range(view.model().rowCount()):
        QTest.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(row, 0)).center()
        )
        card = stand.desktop.people.card
        assert card is not None
        names.append(card.name_label.whole())
        card.mention_button.click()
    assert sorted(names) == ["Anna", "Me"]


def test_the_invitation_is_its_link_and_no_code(stand: Stand) -> None:
    come_in(stand)
    stand.desktop.servers.invite()
    dialog = stand.desktop.servers.invitation
    assert dialog is not None
    assert dialog.link_field.text() == LINK
    assert dialog.code_label is None
    assert dialog.qr is None
    dialog.copy_button.click()
    assert QGuiApplication.clipboard().text() == LINK
    dialog.close()


def test_everything_is_offered_again_on_a_qtchat_server(stand: Stand) -> None:
    come_in(stand)
    stand.desktop.joining.choose()
    stand.join("elsewhere")
    stand.account.go_online(server=OTHER)
    stand.settle()
    window = stand.desktop.window
    assert window.plain_bar.isHidden()
    assert window.conversations.add_button.isEnabled()
    assert not window.timeline.only_messages
    window.toggle_details()
    assert window.people_pane.chat_label.isHidden()
    assert not window.people_pane.topic.isHidden()
    stand.desktop.search.open()
    assert not window.search_bar.everywhere.isHidden()
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    assert window.plain_bar.isVisible()  # nobody has put it away


def test_it_is_offered_among_those_joined_before(stand: Stand) -> None:
    come_in(stand)
    stand.account.tell(RoomUpdate(room(LOBBY, "10.0.0.5:55555"), 0))
    stand.settle()
    dialog = stand.desktop.joining.dialog
    stand.desktop.joining.choose()
    assert [server.link for server in dialog.known.servers] == [LINK]
    assert "Plain text chat" in dialog.known.rows[0].accessibleName()
    dialog.reject()


def test_a_second_link_to_it_leads_to_the_one_that_is_open(stand: Stand) -> None:
    come_in(stand)
    sessions = stand.desktop.sessions
    assert sessions.find("classic://10.0.0.5:55555") is sessions.all[0]
    assert sessions.find("10.0.0.5:55555") is None  # a qtchat server there would be another chat
    assert sessions.find("classic://10.0.0.5:4040") is None


def test_a_wrong_link_is_explained_beside_the_field(stand: Stand) -> None:
    stand.desktop.start()
    stand.join("classic://10.0.0.5?dialect=klingon")
    stand.account.tell(
        ConnectionUpdate(Phase.REFUSED, Problem("bad_classic_link", "There is no dialect of that name."))
    )
    stand.settle()
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    assert (
        dialog.address_error.text() == "This link to a plain text chat leads nowhere. There is no dialect of that name."
    )
