"""How conversations are treated: read, muted, pinned, and who we are."""

from qtchat.client.updates import RoomUpdate
from qtchat.gui.models.conversations import ConversationRole
from qtchat.gui.settings import Level, RoomPrefs, SettingsFile
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, FakeAccount, room

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
