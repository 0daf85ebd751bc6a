"""How badges count."""

from qtchat.client.updates import RoomUpdate
from qtchat.gui.settings import RoomPrefs
from qtchat.gui.unread import Unread, unread_of
from qtchat.protocol.messages import DIRECT, Room
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import room


def test_what_counts_for_all_and_what_for_us(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0), RoomUpdate(Room(3, "Anna", "", 0, 2, kind=DIRECT, other=2), 0))
    account.hear(2, "one")
    account.hear(2, "@Me two")
    account.hear(3, "three")
    stand.settle()
    session, settings = stand.desktop.sessions.all[0], stand.desktop.file.settings
    assert unread_of(session, settings) == Unread(all=3, personal=2)
    assert unread_of(session, settings, seen=2) == Unread(all=1, personal=1)
    settings.set_room_prefs(session.server_key, 2, RoomPrefs(muted=True))
    settings.set_room_prefs(session.server_key, 3, RoomPrefs(muted=True))
    assert unread_of(session, settings) == Unread(all=1, personal=1)
