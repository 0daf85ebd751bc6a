"""The left column: its rows, its menus, its keys."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QStyle, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from qtchat.client.state import ServerState
from qtchat.client.updates import ConnectionUpdate, EventsUpdate, MembersUpdate, Phase, ReadsUpdate, RoomUpdate
from qtchat.gui.models.conversations import ConversationRole, ConversationsModel
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.conversation_list import COLLAPSED_WIDTH, ConversationList
from qtchat.gui.views.conversation_menu import AddMenu, ConversationMenu
from qtchat.protocol.messages import DIRECT, KIND_POST, PRIVATE, Event, Person, Room
from tests.helpers.fake_account import MIDDAY, OWN, SERVER, room


@pytest.fixture
def state() -> ServerState:
    state = ServerState()
    state.apply(SERVER)
    state.apply(ConnectionUpdate(Phase.ONLINE))
    told = (
        *(room(1, "lobby"), Room(2, "plans", "", 0, 2, True, PRIVATE), room(3, "W" * 64)),
        Room(4, "Anna", "", 0, 2, True, DIRECT, 0, 2),
    )
    for each in told:
        state.apply(RoomUpdate(each, 0))
    state.apply(MembersUpdate(4, (Person(2, "Anna", True),)))
    for number in (1, 3):
        text = "Hello @Me <b>x</b> " + "e\u0301" * 50
        event = Event(number, 1, number.to_bytes(16, "big"), MIDDAY - number, 2, "Anna", KIND_POST, text)
        state.apply(EventsUpdate(number, (event,), True))
    return state


@pytest.fixture
def model(state: ServerState) -> ConversationsModel:
    model = ConversationsModel()
    model.show(state)
    return model


@pytest.fixture
def side(qtbot: QtBot, model: ConversationsModel, theme: Theme, icons: Icons) -> ConversationList:
    side = ConversationList(model, theme, icons)
    qtbot.addWidget(side)
    side.resize(300, 600)
    side.show()
    return side


def menu_of(side: ConversationList, number: int) -> ConversationMenu:
    """The menu of a room, as a click with the right button opens it."""
    index = side.proxy.mapFromSource(side.proxy.sourceModel().index(side._model.row_of(number), 0))
    side.view.customContextMenuRequested.emit(side.view.visualRect(index).center())
    menu = side.findChildren(ConversationMenu)[-1]
    menu.close()
    return menu


def entry(menu: QMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def test_a_room_can_be_read_pinned_muted_and_left_from_its_menu(qtbot: QtBot, side: ConversationList) -> None:
    menu = menu_of(side, 3)
    asked: list[object] = []
    side.read_wanted.connect(lambda room: asked.append(("read", room)))
    side.pin_wanted.connect(lambda room, on: asked.append(("pin", room, on)))
    side.mute_wanted.connect(lambda room, on: asked.append(("mute", room, on)))
    side.leave_wanted.connect(lambda room: asked.append(("leave", room)))
    side.level_wanted.connect(lambda room, level: asked.append(("level", room, level)))
    for text in ("Mark as read", "Pin to the top", "Mute", "Leave room"):
        entry(menu, text).trigger()
    levels = entry(menu, "Notifications").menu()
    assert isinstance(levels, QMenu)
    assert [action.isChecked() for action in levels.actions()] == [True, False, False]
    entry(levels, "Mentions only").trigger()
    assert asked == [
        *(("read", 3), ("pin", 3, True), ("mute", 3, True), ("leave", 3)),
        ("level", 3, Level.MENTIONS),
    ]


def test_the_menu_says_how_it_is(side: ConversationList, model: ConversationsModel) -> None:
    model.set_prefs({3: RoomPrefs(pinned=True, muted=True, level=Level.NOTHING)})
    texts = [action.text() for action in menu_of(side, 3).actions()]
    assert {"Unpin", "Unmute"} <= set(texts)


def test_a_direct_conversation_and_the_lobby_are_not_left(side: ConversationList) -> None:
    assert not entry(menu_of(side, 1), "Leave room").isEnabled()
    menu = menu_of(side, 4)
    assert "Leave room" not in [action.text() for action in menu.actions()]
    levels = entry(menu, "Notifications").menu()
    assert isinstance(levels, QMenu)
    assert [action.text() for action in levels.actions()] == ["All messages", "Nothing"]


def test_what_is_read_can_be_marked_and_a_mark_taken_off(side: ConversationList, model: ConversationsModel) -> None:
    asked: list[tuple[str, int]] = []
    side.read_wanted.connect(lambda room: asked.append(("read", room)))
    side.unread_wanted.connect(lambda room: asked.append(("unread", room)))
    entry(menu_of(side, 4), "Mark as unread").trigger()
    model.set_prefs({4: RoomPrefs(marked=True)})
    entry(menu_of(side, 4), "Mark as read").trigger()
    assert asked == [("unread", 4), ("read", 4)]
    with pytest.raises(StopIteration):
        entry(menu_of(side, 3), "Mark as unread")  # it is unread


def test_a_direct_conversation_is_hidden_from_its_menu(qtbot: QtBot, side: ConversationList) -> None:
    with qtbot.waitSignal(side.hide_wanted) as wanted:
        entry(menu_of(side, 4), "Hide conversation").trigger()
    assert wanted.args == [4]
    assert "Hide conversation" not in [action.text() for action in menu_of(side, 3).actions()]


def test_what_is_marked_is_stepped_to_as_what_is_unread(side: ConversationList, model: ConversationsModel) -> None:
    model.set_prefs({2: RoomPrefs(marked=True)})
    chosen: list[int] = []
    side.room_chosen.connect(chosen.append)
    for _ in range(3):
        side.step_unread(1)
    assert sorted(chosen) == [1, 2, 3]


def test_open_in_the_menu_opens_to_write(qtbot: QtBot, side: ConversationList) -> None:
    menu = menu_of(side, 2)
    with qtbot.waitSignals([side.room_chosen, side.write_wanted]):
        entry(menu, "Open").trigger()
    assert side.current == 2


@pytest.mark.parametrize(
    "press",
    [
        lambda side: QTest.keyClick(side.view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier),
        lambda side: QApplication.sendEvent(
            side.view,
            QContextMenuEvent(
                QContextMenuEvent.Reason.Keyboard, side.view.visualRect(side.view.currentIndex()).center(), QPoint()
            ),
        ),
    ],
    ids=["shift-f10", "menu"],
)
def test_the_menu_opens_by_key(side: ConversationList, press: Callable[[ConversationList], object]) -> None:
    side.set_current(2)
    side.view.setFocus()
    press(side)
    menu = side.findChildren(ConversationMenu)[-1]
    assert entry(menu, "Leave room").isEnabled()  # not that of the lobby
    menu.close()


def test_the_plus_begins_something(qtbot: QtBot, side: ConversationList, model: ConversationsModel) -> None:
    model.set_unread_first(True)
    side.add_button.click()
    menu = side.findChildren(AddMenu)[-1]
    asked: list[object] = []
    side.message_wanted.connect(lambda: asked.append("message"))
    side.create_wanted.connect(lambda: asked.append("create"))
    side.browse_wanted.connect(lambda: asked.append("browse"))
    side.unread_first_wanted.connect(asked.append)
    for action in [action for action in menu.actions() if not action.isSeparator()]:
        action.trigger()
    assert asked == ["message", "create", "browse", False]
    menu.close()


def test_unread_ones_are_stepped_through_in_a_circle(side: ConversationList) -> None:
    chosen: list[int] = []
    side.room_chosen.connect(chosen.append)
    side.step_unread(1)
    side.step_unread(1)
    side.step_unread(1)
    side.step_unread(-1)
    assert chosen == [1, 3, 1, 3]


def test_with_nothing_unread_nothing_is_stepped_to(
    qtbot: QtBot, side: ConversationList, state: ServerState, model: ConversationsModel
) -> None:
    for number in (1, 3):
        state.mark_read(number)
    model.refresh({1, 3})
    with qtbot.assertNotEmitted(side.room_chosen):
        side.step_unread(1)


def test_the_filter_finds_people_too(side: ConversationList) -> None:
    side.filter_field.setText("@ann")
    assert side.proxy.rowCount() == 1
    QTest.keyClick(side.filter_field, Qt.Key.Key_Down)
    assert side.view.hasFocus()


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
@pytest.mark.parametrize("width", [72, 300])
def test_a_row_paints_nothing_beyond_itself(
    side: ConversationList, model: ConversationsModel, theme: Theme, mode: Mode, width: int
) -> None:
    theme.set_mode(mode)
    model.set_prefs({1: RoomPrefs(pinned=True, muted=True), 2: RoomPrefs(marked=True)})
    model.set_typing(3, ["Anna"])
    model.set_draft(4, "half a thought")
    delegate = side.view.itemDelegate()
    for state in (QStyle.StateFlag.State_None, QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver):
        for row in range(model.rowCount()):
            image = QImage(width, 64 + 80, QImage.Format.Format_ARGB32)
            image.fill(QColor("#FF00FF"))
            painter = QPainter(image)
            option = QStyleOptionViewItem()
            option.rect = QRect(0, 40, width, 64)
            option.state = state | QStyle.StateFlag.State_Enabled
            delegate.paint(painter, option, model.index(row))
            painter.end()
            outside = {image.pixel(x, y) for x in range(width) for y in (*range(40), *range(104, 144))}
            assert outside == {QColor("#FF00FF").rgb()}
            assert len({image.pixel(x, 72) for x in range(width)}) > 1
    theme.set_mode(Mode.LIGHT)


def test_the_whole_foot_opens_the_menu(qtbot: QtBot, side: ConversationList) -> None:
    side.show_own("Me", 7, "Office")
    for part in (side.own_avatar, side.own_name, side.server_name, side.menu_button):
        with qtbot.waitSignal(side.menu_wanted):
            QTest.mouseClick(part, Qt.MouseButton.LeftButton)
    with qtbot.assertNotEmitted(side.menu_wanted):
        QTest.mouseClick(side.own_name, Qt.MouseButton.RightButton)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_an_initial_can_be_read_beside_its_badge(
    side: ConversationList, model: ConversationsModel, state: ServerState, theme: Theme, scale: float
) -> None:
    theme.set_text_scale(scale)
    side.resize(COLLAPSED_WIDTH, 600)

    def avatar() -> QImage:
        """Its lower part, where the initial is."""
        row = side.view.visualRect(side.proxy.mapFromSource(model.index(model.row_of(1))))
        place = QRect(0, 0, 20, 26)
        place.moveCenter(row.center() + QPoint(0, 7))
        return side.view.viewport().grab(place).toImage()

    assert model.index(model.row_of(1)).data(ConversationRole.UNREAD)
    badged = avatar()
    state.apply(ReadsUpdate(1, ((OWN, 1),)))
    model.refresh([1])
    assert not model.index(model.row_of(1)).data(ConversationRole.UNREAD)
    assert avatar() == badged
    theme.set_text_scale(1.0)
