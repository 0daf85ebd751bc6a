"""Several servers at once: the rail, what goes on behind the one that is shown, and the quick switcher."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import ConnectionUpdate, EventsUpdate, Phase, Problem, RoomUpdate
from qtchat.gui.chat import CLOSED_ROWS, CLOSED_TRIM_AT
from qtchat.gui.settings import SettingsFile
from qtchat.protocol.messages import Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, SERVER, members, room

KITCHEN, WORKSHOP = SERVER.server_id.hex(), OTHER.server_id.hex()


def name(stand: Stand) -> str:
    session = stand.desktop.sessions.current
    return session.name if session is not None else ""


def texts(stand: Stand) -> list[str]:
    return [entry.text for entry in stand.desktop.window.timeline.model.entries]


def test_the_rail_comes_with_the_second_server_and_leads_to_each(stand: Stand) -> None:
    stand.online()
    rail = stand.desktop.window.rail
    assert rail.isHidden()
    stand.join_other()
    assert rail.isVisible()
    assert [button.item.name for button in rail.buttons] == ["Kitchen", "Workshop"]
    assert name(stand) == "Workshop"
    rail.buttons[0].click()
    assert name(stand) == "Kitchen"
    assert [button.isChecked() for button in rail.buttons] == [True, False]
    QTest.keyClick(stand.desktop.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert name(stand) == "Workshop"


def test_what_is_said_behind_the_one_shown_is_counted_and_notified(stand: Stand) -> None:
    first = stand.online()
    stand.join_other()
    first.hear(1, "Dinner?")
    stand.settle()
    assert texts(stand) == []
    assert stand.desktop.window.windowTitle() == "(1) # lobby – qtchat"
    assert [button.item.unread for button in stand.desktop.window.rail.buttons] == [1, 0]
    assert stand.notifier.shown[KITCHEN, 1].text == "Dinner?"
    stand.notifier.click(KITCHEN, 1)
    assert name(stand) == "Kitchen"
    assert texts(stand) == ["Dinner?"]


def test_each_server_keeps_its_drafts_and_its_room(stand: Stand) -> None:
    first = stand.online()
    first.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    chat, composer = stand.desktop.chat, stand.desktop.window.composer
    chat.open_room(2)
    composer.field.setPlainText("for the kitchen")
    second = stand.join_other()
    second.tell(RoomUpdate(room(2, "tools"), 0))
    stand.settle()
    assert composer.text() == ""
    composer.field.setPlainText("for the workshop")
    stand.desktop.switching.show(KITCHEN)
    assert chat.name == "# news"
    assert composer.text() == "for the kitchen"
    stand.desktop.switching.show(WORKSHOP)
    assert chat.name == "# lobby"
    assert composer.text() == "for the workshop"
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert second.called("post") == [(1, "for the workshop")]
    assert first.called("post") == []


def test_a_room_behind_the_one_shown_does_not_grow_without_end(stand: Stand) -> None:
    first = stand.online()
    second = stand.join_other()
    second.hear(1, "on the screen")
    first.tell(EventsUpdate(1, tuple(first.event(1, "x") for _ in range(CLOSED_ROWS + CLOSED_TRIM_AT)), live=False))
    stand.settle()
    assert len(stand.desktop.sessions.all[0].state.rooms[1].entries) == CLOSED_ROWS
    assert texts(stand) == ["on the screen"]


def test_the_open_servers_are_opened_again_and_the_shown_one_is_shown(stand: Stand) -> None:
    stand.online()
    stand.join_other()
    stand.desktop.switching.show(KITCHEN)
    stand.quit()
    settings = SettingsFile(stand.profile).settings
    links = [server.link for server in settings.open_servers]
    assert links == ["qtchat://127.0.0.1:47300/#ABCD", f"qtchat://10.0.0.9:47300/#{OTHER.code}"]
    assert settings.shown_server == links[0]
    again = Stand(stand.qtbot, stand.application, stand.profile)
    again.desktop.start()
    assert [account.link for account in again.accounts] == links
    assert [account.running for account in again.accounts] == [True, True]
    assert again.desktop.sessions.current is again.desktop.sessions.all[0]
    assert again.desktop.window.isVisible()
    again.quit()
    again.close()
    assert [server.link for server in SettingsFile(stand.profile).settings.open_servers] == links  # none was reached


def test_all_accounts_end_when_the_program_does(stand: Stand) -> None:
    first, second = stand.online(), stand.join_other()
    stand.quit()
    assert not first.running
    assert not second.running


def test_a_server_can_be_left_alone_and_joined_again(stand: Stand) -> None:
    first = stand.online()
    second = stand.join_other()
    stand.desktop.window.rail.disconnect_wanted.emit(WORKSHOP)
    assert name(stand) == "Kitchen"
    stand.qtbot.waitUntil(lambda: not second.running)
    assert first.running
    assert [server.link for server in stand.desktop.file.settings.open_servers] == ["qtchat://127.0.0.1:47300/#ABCD"]
    assert [server.name for server in stand.desktop.file.settings.recent] == ["Workshop", "Kitchen"]


def test_forgetting_a_server_is_confirmed(stand: Stand) -> None:
    stand.online()
    second = stand.join_other()
    stand.desktop.window.rail.forget_wanted.emit(WORKSHOP)
    question = stand.desktop.switching.question
    assert question is not None
    assert question.windowTitle() == "Forget Workshop?"
    question.do_button.click()
    stand.qtbot.waitUntil(lambda: not second.running)
    assert [server.name for server in stand.desktop.file.settings.recent] == ["Kitchen"]


def test_a_server_that_lost_its_connection_is_asked_to_try_now(stand: Stand) -> None:
    first = stand.online()
    stand.join_other()
    first.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    assert not stand.desktop.window.rail.buttons[0].item.online
    assert stand.desktop.window.banner.isHidden()
    stand.desktop.window.rail.connect_wanted.emit(KITCHEN)
    assert first.called("connect_now") == [()]


def test_the_rail_makes_room_for_itself(stand: Stand) -> None:
    stand.online()
    window = stand.desktop.window
    window.resize(420, 600)
    stand.join_other()
    window.show_chat()
    assert window.rail.isHidden()
    window.go_back()
    assert window.rail.isVisible()
    stand.qtbot.waitUntil(lambda: window.conversations.width() == 420 - window.rail.width())
    window.resize(1024, 600)
    stand.qtbot.waitUntil(lambda: window.splitter.width() == 1024 - window.rail.width())
    assert window.conversations.width() == 300


def test_the_switcher_finds_rooms_and_people_of_all_servers(stand: Stand) -> None:
    first = stand.online()
    first.tell(RoomUpdate(room(2, "news"), 0), members(1, Person(2, "Anna", online=True)))
    stand.join_other()
    stand.desktop.switching.open_switcher()
    switcher = stand.desktop.switching.switcher
    assert switcher is not None
    QTest.keyClicks(switcher.field, "new")
    QTest.keyClick(switcher.field, Qt.Key.Key_Return)
    assert stand.desktop.chat.name == "# news"
    assert name(stand) == "Kitchen"
    stand.desktop.switching.open_switcher()
    QTest.keyClicks(switcher.field, "anna")
    QTest.keyClick(switcher.field, Qt.Key.Key_Return)
    assert first.called("open_direct") == [(2,)]
