"""The left column: a filter, the conversations, and who we are here."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QListView, QStackedLayout, QVBoxLayout, QWidget

from qtchat.gui.models.conversations import ConversationRole, ConversationsModel
from qtchat.gui.settings import Level
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_12
from qtchat.gui.views.controls import Avatar, Bar, ElidedLabel, EmptyState, IconButton, Line, ground
from qtchat.gui.views.conversation_menu import AddMenu, ConversationMenu
from qtchat.gui.views.conversation_rows import COLLAPSED_BELOW, ConversationDelegate
from qtchat.gui.views.filtered_list import FilterField, prepare_list

COLLAPSED_WIDTH = 72


class RowView(QListView):
    """`walked(QModelIndex)`: the keyboard made another row current. Rows that come and go emit nothing.

    The menu key and Shift+F10 ask for the menu of the current row, as a click with the right button does.
    """

    walked = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self.customContextMenuRequested.emit(self.visualRect(self.currentIndex()).center())
            return
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before:
            self.walked.emit(self.currentIndex())


class Foot(Bar):
    """Who we are here; a click anywhere on it is pressed(). The keyboard has a button for it."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "side", parent)
        self.setObjectName("own_foot")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()


class ConversationList(QWidget):
    """Asks: room_chosen(int) as soon as somebody makes a row current, write_wanted (in that room: Enter on
    a row), menu_wanted(QPoint, global) for the account's menu.

    With a conversation: read_wanted(int), unread_wanted(int), mute_wanted(int, bool), pin_wanted(int, bool),
    level_wanted(int, Level), settings_wanted(int), leave_wanted(int), hide_wanted(int). With none: message_wanted,
    create_wanted, browse_wanted, unread_first_wanted(bool).
    """

    room_chosen = Signal(object)  # a room number may be more than an int of Qt holds
    write_wanted = Signal()
    menu_wanted = Signal(QPoint)
    read_wanted = Signal(object)
    unread_wanted = Signal(object)
    mute_wanted = Signal(object, bool)
    pin_wanted = Signal(object, bool)
    level_wanted = Signal(object, Level)
    settings_wanted = Signal(object)
    leave_wanted = Signal(object)
    hide_wanted = Signal(object)
    message_wanted = Signal()
    create_wanted = Signal()
    browse_wanted = Signal()
    unread_first_wanted = Signal(bool)

    def __init__(self, model: ConversationsModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversations")
        ground(self, "side")
        self._model, self._theme, self._icons = model, theme, icons
        self._current: int | None = None
        self._ready = False
        self._changeable: Callable[[int], bool] = lambda _room: False
        self.setMinimumWidth(COLLAPSED_WIDTH)

        self.filter_field = FilterField(theme, icons, self.tr("Filter conversations"), self)
        self.filter_field.setObjectName("filter_field")
        self.add_button = IconButton(theme, icons, "plus", "", parent=self)
        self.add_button.setObjectName("add_button")
        self.add_button.clicked.connect(self._show_add_menu)

        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(model)
        self.proxy.setFilterRole(ConversationRole.NAME)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.view = RowView(self)
        self.view.setObjectName("conversation_view")
        self.view.setModel(self.proxy)
        prepare_list(self.view, ConversationDelegate(theme, icons, self.view), self.tr("Conversations"))
        self.view.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click opens a room to write in
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._show_row_menu)
        self.view.clicked.connect(self._choose)
        self.view.walked.connect(self._choose)
        self.view.activated.connect(self.write_wanted)

        self.empty = EmptyState(theme, icons, "message-circle", self)
        self.empty.wanted.connect(self.browse_wanted)
        self._body = QStackedLayout()
        self._body.addWidget(self.view)
        self._body.addWidget(self.empty)
        self._lay_out()
        self.set_only_room("")

        self.filter_field.textChanged.connect(self._filter)
        self.filter_field.stepped.connect(self._into_list)
        self.filter_field.confirmed.connect(self._take_first)
        for signal in (self.proxy.rowsInserted, self.proxy.rowsRemoved, self.proxy.modelReset):
            signal.connect(self._choose_body)
        for signal in (self.proxy.modelReset, self.proxy.rowsInserted, self.proxy.rowsMoved, self.proxy.layoutChanged):
            signal.connect(self._mark_current)
        theme.changed.connect(self.view.doItemsLayout)  # rows grow with the text
        self._choose_body()

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.setContentsMargins(SPACE_12, 10, SPACE_8, 10)
        self._top.setSpacing(SPACE_8)
        self._top.addWidget(self.filter_field, 1)
        self._top.addWidget(self.add_button)
        self.own_avatar = Avatar(self._theme, 32)
        self.own_name = ElidedLabel(self._theme, FontRole.NAME)
        self.own_name.setObjectName("own_name")
        self.server_name = ElidedLabel(self._theme, FontRole.META, "sub")
        self.server_name.setObjectName("server_name")
        self.menu_button = IconButton(self._theme, self._icons, "settings", self.tr("Menu"), parent=self)
        self.menu_button.setObjectName("menu_button")
        self.menu_button.clicked.connect(self._ask_for_menu)
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addStretch()
        names.addWidget(self.own_name)
        names.addWidget(self.server_name)
        names.addStretch()
        self._foot = QHBoxLayout()
        self._foot.setContentsMargins(SPACE_12 + 4, 0, SPACE_8, 0)
        self._foot.setSpacing(SPACE_12)
        self._foot.addWidget(self.own_avatar)
        self._foot.addLayout(names, 1)
        self._foot.addWidget(self.menu_button)
        foot = Foot(self._theme, self)
        foot.setLayout(self._foot)
        foot.pressed.connect(self._ask_for_menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._top)
        layout.addLayout(self._body, 1)
        layout.addWidget(Line())
        layout.addWidget(foot)

    def show_own(self, nick: str, user: int | None, server: str) -> None:
        """Who we are and where, at the foot of the column."""
        self.own_avatar.show_name(nick, user)
        self.own_name.set_whole(nick)
        self.server_name.set_whole(server)
        self._show_names()

    def set_ready(self, ready: bool) -> None:
        """Have all rooms been told? Before, an empty list does not mean that there are none."""
        if ready != self._ready:
            self._ready = ready
            self._choose_body()

    def set_only_room(self, reason: str) -> None:
        """Nothing else can be begun on this server, and this says why; "" where it can."""
        says = reason or self.tr("New message or room")
        self.add_button.setEnabled(not reason)
        self.add_button.setToolTip(says)
        self.add_button.setAccessibleName(says)

    def set_changeable(self, changeable: Callable[[int], bool]) -> None:
        """Ask this whether we may change the settings of a room."""
        self._changeable = changeable

    def set_current(self, room: int | None) -> None:
        """Show `room` as the one that is open. Emits nothing."""
        self._current = room
        self._mark_current()

    @property
    def current(self) -> int | None:
        return self._current

    def step(self, by: int) -> None:
        """Choose the conversation `by` rows below the current one."""
        rows = self.proxy.rowCount()
        if rows:
            row = self.view.currentIndex().row() + by
            self._choose(self.proxy.index(min(rows - 1, max(0, row)), 0))

    def step_unread(self, by: int) -> None:
        """Choose the nearest conversation below (`by` = 1) or above (-1) that has unread messages, or is marked so,
        going round."""
        rows = self.proxy.rowCount()
        current = self.view.currentIndex().row()
        first = current if current >= 0 or by < 0 else rows - 1
        for away in range(1, rows + 1):
            index = self.proxy.index((first + by * away) % rows, 0)
            if index.data(ConversationRole.UNREAD) or index.data(ConversationRole.MARKED):
                self._choose(index)
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < COLLAPSED_BELOW
        self.filter_field.setVisible(not narrow)
        self._show_names()
        self._top.setContentsMargins(18 if narrow else SPACE_12, 10, 18 if narrow else SPACE_8, 10)
        self._foot.setContentsMargins(18 if narrow else SPACE_12 + 4, 0, 18 if narrow else SPACE_8, 0)
        self._choose_body()

    def _show_names(self) -> None:
        wide = self.width() >= COLLAPSED_BELOW
        self.own_avatar.setVisible(wide and bool(self.own_name.whole()))
        self.own_name.setVisible(wide)
        self.server_name.setVisible(wide and bool(self.server_name.whole()))

    def minimumSizeHint(self) -> QSize:
        return QSize(COLLAPSED_WIDTH, super().minimumSizeHint().height())

    def _filter(self, text: str) -> None:
        self.proxy.setFilterFixedString(text.strip().lstrip("#@").strip())
        self._choose_body()
        self._mark_current()

    def _choose_body(self) -> None:
        if self._model.rowCount() == 0:
            self.empty.say(
                self.tr("No rooms yet"),
                self.tr("Find a room to join, or make one."),
                self.tr("Browse rooms"),
                "message-circle",
            )
        else:
            self.empty.say("", self.tr("No conversation is called that."), icon="search")
        told = self._ready or self._model.rowCount() > 0
        nothing = told and self.proxy.rowCount() == 0 and self.width() >= COLLAPSED_BELOW
        self._body.setCurrentWidget(self.empty if nothing else self.view)

    def _mark_current(self) -> None:
        """The row of the open room, wherever it stands now, is the current one."""
        row = self._model.row_of(self._current) if self._current is not None else -1
        index = self.proxy.mapFromSource(self._model.index(row)) if row >= 0 else QModelIndex()
        selection = self.view.selectionModel()
        if selection.currentIndex() == index and selection.isSelected(index):
            return
        flag = QItemSelectionModel.SelectionFlag
        selection.setCurrentIndex(index, flag.ClearAndSelect if index.isValid() else flag.Clear)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self._current = int(index.data(ConversationRole.ROOM))
            self._mark_current()
            self.room_chosen.emit(self._current)

    def _into_list(self, by: int) -> None:
        """From the filter field down into the list."""
        if by > 0:
            self.view.setFocus()

    def _take_first(self) -> None:
        """Enter in the filter: open what stands on top, and show all again."""
        if self.proxy.rowCount():
            first = self.proxy.mapToSource(self.proxy.index(0, 0))
            self.filter_field.clear()  # first, so that whoever opens the room may take the keyboard
            self._choose(self.proxy.mapFromSource(first))

    def _show_add_menu(self) -> None:
        menu = AddMenu(self._icons, unread_first=self._model.unread_first, parent=self)
        menu.message_wanted.connect(self.message_wanted)
        menu.create_wanted.connect(self.create_wanted)
        menu.browse_wanted.connect(self.browse_wanted)
        menu.unread_first_wanted.connect(self.unread_first_wanted)
        menu.popup(self.add_button.mapToGlobal(QPoint(0, self.add_button.height() + 4)))

    def _show_row_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if not index.isValid():
            return
        room = int(index.data(ConversationRole.ROOM))
        menu = ConversationMenu(index, self._icons, self, changeable=self._changeable(room))
        menu.settings_wanted.connect(partial(self.settings_wanted.emit, room))
        menu.open_wanted.connect(partial(self._open, room))
        menu.read_wanted.connect(partial(self.read_wanted.emit, room))
        menu.unread_wanted.connect(partial(self.unread_wanted.emit, room))
        menu.mute_wanted.connect(partial(self.mute_wanted.emit, room))
        menu.pin_wanted.connect(partial(self.pin_wanted.emit, room))
        menu.level_wanted.connect(partial(self.level_wanted.emit, room))
        menu.leave_wanted.connect(partial(self.leave_wanted.emit, room))
        menu.hide_wanted.connect(partial(self.hide_wanted.emit, room))
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _open(self, room: int) -> None:
        self._choose(self.proxy.mapFromSource(self._model.index(self._model.row_of(room))))
        self.write_wanted.emit()

    def _ask_for_menu(self) -> None:
        self.menu_wanted.emit(self.menu_button.mapToGlobal(QPoint(0, 0)))
