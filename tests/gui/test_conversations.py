"""How conversations are treated: read, muted, pinned, hidden, and who we are."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import RoomUpdate
from qtchat.gui.models.conversations import ConversationRole
from qtchat.gui.settings import Level, RoomPrefs, SettingsFile
from qtchat.gui.views.conversation_menu import ConversationMenu
from qtchat.protocol.messages import DIRECT, Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, FakeAccount, members, room

KITCHEN = SERVER.server_id.hex()


def two_rooms(stand: Stand) -> FakeAccount:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(2, "one")
    stand.settle()
    return account


def names(stand: Stand) -> list[str]:
    model = stand.desktop.window.conversations.proxy
    return [model.index(row, 0).data(ConversationRole.NAME) for row in range(model.rowCount())]


def test_a_room_is_marked_read_without_being_opened(stand: Stand) -> None:
    account = two_rooms(stand)
    stand.desktop.window.conversations.read_wanted.emit(2)
    assert account.called("mark_read") == [(2, 1)]
    assert stand.desktop.window.windowTitle() == "# lobby – qtchat"


def test_how_a_room_is_treated_is_kept(stand: Stand) -> None:
    two_rooms(stand)
    side = stand.desktop.window.conversations
    assert names(stand) == ["news", "lobby"]
    side.pin_wanted.emit(1, True)
    assert names(stand) == ["lobby", "news"]
    side.level_wanted.emit(2, Level.MENTIONS)
    side.mute_wanted.emit(2, True)
    stand.quit()
    prefs = SettingsFile(stand.profile).settings.rooms[KITCHEN]
    assert prefs == {1: RoomPrefs(pinned=True), 2: RoomPrefs(muted=True, level=Level.MENTIONS)}


def test_the_level_is_chosen_beside_the_room(stand: Stand) -> None:
    two_rooms(stand)
    stand.desktop.window.people_pane.level_chosen.emit(Level.NOTHING)
    assert stand.desktop.conversations.prefs(1).level is Level.NOTHING


def test_unread_first_is_kept(stand: Stand) -> None:
    two_rooms(stand)
    stand.desktop.window.conversations.unread_first_wanted.emit(True)
    assert stand.desktop.file.settings.unread_first
    assert names(stand) == ["news", "lobby"]


def test_without_a_server_nothing_is_changed(stand: Stand) -> None:
    stand.desktop.conversations.mark_read(1)
    stand.desktop.conversations.pin(1, pinned=True)
    assert stand.desktop.file.settings.rooms == {}


# -- hiding ------------------------------------------------------------------------------------------


def direct(stand: Stand, read: int = 0) -> FakeAccount:
    """Online, with a conversation with Anna in which she said something. `read`: up to where we have read it."""
    account = stand.online()
    account.tell(members(1, Person(2, "Anna", True)), RoomUpdate(room(5, "Anna", kind=DIRECT, other=2), read))
    account.hear(5, "Hello")
    stand.settle()
    return account


def hide(stand: Stand, number: int = 5) -> None:
    """By the menu of its row."""
    side = stand.desktop.window.conversations
    index = side.proxy.mapFromSource(side._model.index(side._model.row_of(number)))
    side.view.customContextMenuRequested.emit(side.view.visualRect(index).center())
    menu = side.findChildren(ConversationMenu)[-1]
    next(action for action in menu.actions() if action.text() == "Hide conversation").trigger()
    menu.close()


def test_a_hidden_conversation_counts_as_read_and_comes_back_with_the_next_message(stand: Stand) -> None:
    account = direct(stand)
    assert stand.desktop.window.windowTitle() == "(1) # lobby – qtchat"
    hide(stand)
    assert names(stand) == ["lobby"]
    assert account.called("mark_read") == [(5, 1)]
    assert stand.desktop.window.windowTitle() == "# lobby – qtchat"
    account.hear(5, "Are you there?")
    stand.settle()
    assert names(stand) == ["Anna", "lobby"]
    assert stand.desktop.window.windowTitle() == "(1) # lobby – qtchat"
    assert stand.desktop.conversations.prefs(5) == RoomPrefs()


def test_a_conversation_stays_hidden_over_a_restart_until_something_is_said(stand: Stand) -> None:
    direct(stand)
    hide(stand)
    stand.quit()
    again = Stand(stand.qtbot, stand.application, stand.profile)
    account = direct(again, read=1)
    assert names(again) == ["lobby"]
    account.hear(5, "And now?")
    again.settle()
    assert names(again) == ["Anna", "lobby"]
    again.quit()
    again.close()


def test_what_was_said_on_a_hidden_server_brings_its_conversation_back(stand: Stand) -> None:
    account = direct(stand)
    hide(stand)
    stand.join_other()
    account.hear(5, "Are you there?")
    stand.settle()
    stand.desktop.switching.show(KITCHEN)
    assert names(stand) == ["Anna", "lobby"]


def open_by_switcher(stand: Stand) -> None:
    stand.desktop.switching.open_switcher()
    assert stand.desktop.switching.switcher is not None
    QTest.keyClicks(stand.desktop.switching.switcher.field, "ann")
    QTest.keyClick(stand.desktop.switching.switcher.field, Qt.Key.Key_Return)


def write_again(stand: Stand) -> None:
    stand.desktop.people.write_to(2)
    stand.answer(5)


@pytest.mark.parametrize("reopen", [open_by_switcher, write_again])
def test_a_hidden_conversation_is_listed_again_when_it_is_opened(
    stand: Stand, reopen: Callable[[Stand], object]
) -> None:
    direct(stand)
    hide(stand)
    reopen(stand)
    assert stand.desktop.chat.name == "Anna"
    assert names(stand) == ["Anna", "lobby"]


def test_from_the_open_conversation_that_is_hidden_one_comes_to_the_first(stand: Stand) -> None:
    account = direct(stand)
    stand.desktop.chat.open_room(5)
    stand.desktop.window.composer.field.setPlainText("half a thought")
    hide(stand)
    assert stand.desktop.chat.name == "# lobby"
    assert names(stand) == ["lobby"]
    account.hear(5, "So?")
    stand.settle()
    stand.desktop.chat.open_room(5)
    assert stand.desktop.window.composer.text() == "half a thought"


def test_what_was_not_sent_cannot_be_hidden(stand: Stand) -> None:
    account = direct(stand)
    account.post(5, "Mine")
    stand.settle()
    hide(stand)
    assert "Anna" in names(stand)


def test_a_restored_server_counts_anew_and_hides_nothing(stand: Stand) -> None:
    account = direct(stand)
    hide(stand)
    conversations, settings = stand.desktop.conversations, stand.desktop.file.settings
    settings.set_room_prefs(KITCHEN, 5, RoomPrefs(hidden=100))
    account.hear(5, "After the backup")
    stand.settle()
    assert conversations.prefs(5).hidden is None
    assert "Anna" in names(stand)


def test_with_every_conversation_hidden_none_is_opened(stand: Stand) -> None:
    stand.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
    stand.desktop.file.settings.set_room_prefs(KITCHEN, 5, RoomPrefs(hidden=0))
    stand.account.go_online(room(5, "Anna", kind=DIRECT, other=2))
    stand.settle()
    assert names(stand) == []
    assert stand.desktop.chat.room is None


# -- marking as unread -------------------------------------------------------------------------------


def marked(stand: Stand, number: int) -> object:
    model = stand.desktop.window.conversations._model
    return model.index(model.row_of(number)).data(ConversationRole.MARKED)


def test_a_room_is_marked_as_unread_until_it_is_opened(stand: Stand) -> None:
    direct(stand, read=1)
    side = stand.desktop.window.conversations
    side.unread_wanted.emit(5)
    assert marked(stand, 5)
    assert stand.desktop.window.windowTitle() == "# lobby – qtchat"  # nothing was said there that nobody has read
    index = side._model.index(side._model.row_of(5))
    assert "marked as unread" in str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    stand.quit()
    again = Stand(stand.qtbot, stand.application, stand.profile)
    direct(again, read=1)
    assert marked(again, 5)
    again.desktop.chat.open_room(5)
    assert not marked(again, 5)
    again.quit()
    again.close()


def test_the_mark_of_the_open_room_goes_with_a_click_and_with_mark_as_read(stand: Stand) -> None:
    stand.online()
    side = stand.desktop.window.conversations
    for take_off in (side.room_chosen, side.read_wanted):
        side.unread_wanted.emit(1)
        assert marked(stand, 1)
        take_off.emit(1)
        assert not marked(stand, 1)
