"""Somebody with a role at the window of the program: in the lobby, and in a room with Anna and the boss."""

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import MembersUpdate
from qtchat.protocol.messages import MEMBER, OWNER, Person, Room
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, SERVER, FakeAccount

ANNA = Person(2, "Anna", online=True)
BOSS = Person(3, "Boss", online=True, role=OWNER)
NEWS = 4


def online(stand: Stand, role: str = MEMBER, room_role: str = MEMBER, room: int = NEWS) -> FakeAccount:
    """On a server as `role`, in the lobby and in the room NEWS as `room_role`; `room` is open."""
    stand.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
    account = stand.account
    rooms = (Room(1, "lobby", "", 0, 3), Room(NEWS, "news", "", 0, 3, role=room_role))
    account.go_online(*rooms, server=replace(SERVER, role=role))
    me = Person(OWN, "Me", online=True, role=role)
    for number in (1, NEWS):
        account.tell(MembersUpdate(number, (me, ANNA, BOSS)))
    stand.settle()
    stand.desktop.chat.open_room(room)
    return account


def run(stand: Stand, text: str) -> None:
    field = stand.desktop.window.composer.field
    field.setPlainText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    stand.settle()


def told(stand: Stand) -> str:
    return stand.desktop.window.notice.label.text()
