"""Numbers instead of words: as large as the protocol lets them be."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import (
    BansUpdate,
    EventsUpdate,
    RoomUpdate,
)
from qtchat.protocol.messages import (
    KIND_POST,
    BanEntry,
    Event,
    Person,
    Room,
)
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import MIDDAY, OWN, members


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
