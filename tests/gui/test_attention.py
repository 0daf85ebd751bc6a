"""What reaches somebody who does not look at the window."""

from qtchat.client.updates import RoomUpdate
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, room

KITCHEN = SERVER.server_id.hex()


def test_what_is_before_the_eyes_is_not_notified(stand: Stand) -> None:
    account, window = stand.online(), stand.desktop.window
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    window.activateWindow()
    stand.qtbot.waitUntil(window.isActiveWindow)
    account.hear(1, "seen")
    account.hear(2, "not seen")
    stand.settle()
    assert list(stand.notifier.shown) == [(KITCHEN, 2)]
    stand.desktop.chat.open_room(2)
    stand.qtbot.waitUntil(lambda: not stand.notifier.shown)


def test_a_notification_leads_to_its_room(stand: Stand) -> None:
    account, window = stand.online(), stand.desktop.window
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(2, "come here")
    stand.settle()
    window.hide()
    stand.notifier.click(KITCHEN, 2)
    assert window.isVisible()
    assert stand.desktop.chat.name == "# news"


def test_a_muted_room_counts_nowhere(stand: Stand) -> None:
    account, window = stand.online(), stand.desktop.window
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(2, "noise")
    stand.settle()
    assert window.windowTitle() == "(1) # lobby – qtchat"
    stand.desktop.conversations.mute(2, muted=True)
    assert window.windowTitle() == "# lobby – qtchat"
    account.hear(2, "@Me this matters")
    stand.settle()
    assert window.windowTitle() == "(1) # lobby – qtchat"
    stand.qtbot.waitUntil(lambda: "@Me this matters" in stand.notifier.shown[KITCHEN, 2].text)
