"""The main window: layout only. Three columns, or one page at a time where there is no room for them."""

from enum import Enum
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_16
from qtchat.gui.views.banner import ConnectionBanner, NoticeBar, Notices
from qtchat.gui.views.composer import Composer
from qtchat.gui.views.controls import NO_LIMIT, ElidedLabel, EmptyState, Line, ground, restyle
from qtchat.gui.views.conversation_list import COLLAPSED_WIDTH, ConversationList
from qtchat.gui.views.moderation.waiting_bar import WaitingBar
from qtchat.gui.views.people_pane import PeoplePane
from qtchat.gui.views.search_bar import SearchBar
from qtchat.gui.views.server_changed import ServerChangedPage
from qtchat.gui.views.server_rail import ServerRail
from qtchat.gui.views.timeline.view import TimelineView
from qtchat.gui.views.top_bar import TopBar

MINIMUM = (420, 480)
DEFAULT = (1024, 720)
NARROW_BELOW = 700
"""Pixels of window width below which it shows one page at a time."""
SIDE_WIDTH = 300
SIDE_LEAST, SIDE_MOST = 260, 420
TIMELINE_LEAST = 380
DETAILS_WIDTH = 320
TYPING_HEIGHT = 20


class Page(Enum):
    """What a narrow window shows."""

    CONVERSATIONS = 0
    CHAT = 1
    DETAILS = 2


class MainWindow(QMainWindow):
    """Puts the views in their places. closing(): somebody wants to close it; it stays open, whoever listens decides."""

    closing = Signal()

    def __init__(
        self,
        conversations: ConversationsModel,
        people: PeopleModel,
        timeline: TimelineView,
        theme: Theme,
        icons: Icons,
    ) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setMinimumSize(*MINIMUM)
        self.resize(*DEFAULT)
        ground(self, "bg")
        self.page = Page.CONVERSATIONS
        self.details_shown = False
        self.side_width = SIDE_WIDTH
        self._theme, self._model = theme, conversations
        self._may_close = False
        self._stopped = False
        self._was_narrow = False
        self._arranging = False
        self.rail = ServerRail(theme, icons, self)
        self.conversations = ConversationList(conversations, theme, icons, self)
        self.people_pane = PeoplePane(people, theme, icons, self)
        self.top_bar = TopBar(theme, icons, self)
        self.timeline = timeline
        self.composer = Composer(theme, icons, self)
        self.search_bar = SearchBar(theme, icons, self)
        self.typing_line = ElidedLabel(theme, FontRole.META, "sub", parent=self)
        self.typing_line.setObjectName("typing_line")
        self.banner = ConnectionBanner(theme, icons, self)
        self.notice = Notices(theme, icons, self)
        self.waiting_bar = WaitingBar(theme, icons, self)
        self.stop_page = ServerChangedPage(theme, icons, self)
        self.stop_page.hide()
        self.plain_bar = NoticeBar(theme, icons, self)
        self.plain_bar.setObjectName("plain_bar")
        self.empty = EmptyState(theme, icons, "messages-square", self)
        self.empty.setObjectName("chat_empty")
        self._lay_out(self._chat_column())
        self._connect()
        changes = (conversations.dataChanged, conversations.rowsInserted, conversations.rowsRemoved)
        for signal in (*changes, conversations.modelReset):
            signal.connect(self._tell_unread)
        self._order_tabs()
        self._arrange()
        self.setFocus()  # not the first field there is

    def _chat_column(self) -> QWidget:
        column = QWidget(self)
        column.setMinimumWidth(TIMELINE_LEAST)
        ground(column, "chat")
        self.typing_line.setFixedHeight(TYPING_HEIGHT)
        empty_page = QWidget(column)
        ground(empty_page, "chat")
        centred = QVBoxLayout(empty_page)
        centred.addWidget(self.empty)
        self.body = QStackedLayout()
        self.body.addWidget(self.timeline)
        self.body.addWidget(empty_page)
        self._empty_page = empty_page
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.top_bar)
        layout.addWidget(Line())
        layout.addWidget(self.plain_bar)
        layout.addWidget(self.search_bar)
        layout.addLayout(self.body, 1)
        typing = QHBoxLayout()
        typing.setContentsMargins(SPACE_16, 0, SPACE_16, 0)
        typing.addWidget(self.typing_line)
        layout.addLayout(typing)
        layout.addWidget(Line())
        layout.addWidget(self.composer)
        return column

    def _lay_out(self, chat: QWidget) -> None:
        self._chat = chat
        self.splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        for column, stretch in ((self.conversations, 0), (chat, 1), (self.people_pane, 0)):
            self.splitter.addWidget(column)
            self.splitter.setStretchFactor(self.splitter.indexOf(column), stretch)
        body = QWidget(self)
        self.setCentralWidget(body)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.notice)
        layout.addWidget(self.waiting_bar)
        columns = QHBoxLayout()
        columns.setSpacing(0)
        columns.addWidget(self.rail)
        columns.addWidget(self.splitter, 1)
        columns.addWidget(self.stop_page, 1)
        layout.addLayout(columns, 1)

    def _connect(self) -> None:
        self.composer.end_wanted.connect(self.timeline.to_bottom)
        self.timeline.missed.connect(self.notice.say)
        self.top_bar.back_wanted.connect(self.go_back)
        self.top_bar.details_wanted.connect(self.toggle_details)
        self.people_pane.close_wanted.connect(self.toggle_details)
        self.splitter.splitterMoved.connect(self._side_dragged)
        self.rail.installEventFilter(self)
        self._theme.changed.connect(self._arrange)  # the details grow with the text

    def _order_tabs(self) -> None:
        """As the eye goes: the conversations, what is said in one, what one says, and who is there."""
        side, bar, pane = self.conversations, self.top_bar, self.people_pane
        order = (
            *(side.filter_field, side.view, side.add_button, side.menu_button),
            *(bar.back_button, bar.search_button, bar.details_button),
            *(self.timeline, self.composer.field, self.composer.emoji_button, self.composer.send_button),
            *(pane.close_button, pane.view, pane.leave_button),
        )
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    # -- what it shows --------------------------------------------------------------------------------

    @property
    def narrow(self) -> bool:
        return self.width() < NARROW_BELOW

    def show_chat(self, *, open_page: bool = True) -> None:
        """Show the timeline; with `open_page` a narrow window also turns to it."""
        self.body.setCurrentWidget(self.timeline)
        self._tell_unread()
        if open_page:
            self.turn_to(Page.CHAT)

    def show_empty(self, title: str, sentence: str, button: str = "", icon: str = "messages-square") -> None:
        """Show words instead of a timeline."""
        self.empty.say(title, sentence, button, icon)
        self.body.setCurrentWidget(self._empty_page)

    def _tell_unread(self) -> None:
        self.top_bar.set_unread(self._model.unread_beside(self.conversations.current))

    def set_compact(self, compact: bool) -> None:
        """Show messages with bubbles, or without them over the full width."""
        self.timeline.set_compact(compact)
        restyle(self._chat, "ground", "bg" if compact else "chat")

    def set_stopped(self, stopped: bool) -> None:
        """Show the page of a server that is not the one we know instead of the columns, or the columns."""
        self._stopped = stopped
        self.splitter.setVisible(not stopped)
        self.stop_page.setVisible(stopped)
        self._arrange()

    def set_details_shown(self, shown: bool) -> None:
        """Show or hide the right column."""
        self.details_shown = shown
        if not shown and self.page is Page.DETAILS:
            self.page = Page.CHAT
        elif shown and self.narrow:
            self.page = Page.DETAILS
        self._arrange()

    def close_for_good(self) -> None:
        """Close without asking anybody."""
        self._may_close = True
        self.hide()  # close() does nothing while a closeEvent is under way

    # -- events ---------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.closing.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What is typed over the messages and stands for nothing there is meant for the composer."""
        field = self.composer.field
        if self.timeline.hasFocus() and types(event) and field.isVisible() and field.isEnabled():
            field.setFocus()
            field.keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The rail came or went: the columns share what is left."""
        if watched is self.rail and event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent):
            self._arrange()
        return super().eventFilter(watched, event)

    # -- columns and pages ----------------------------------------------------------------------------

    def _arrange(self) -> None:
        """Decide which columns there is room for, and how wide the side is."""
        if self._arranging:
            return
        self._arranging = True
        try:
            self._share_width()
        finally:
            self._arranging = False

    def _share_width(self) -> None:
        narrow = self.narrow
        if narrow and not self._was_narrow and self.conversations.current is not None:
            self.page = Page.CHAT  # what was being read stays
        self._was_narrow = narrow
        self.rail.allow(not narrow or self._stopped or self.page is Page.CONVERSATIONS)
        width = self.width() - (0 if self.rail.isHidden() else self.rail.width())
        wanted = self._theme.room_for_text(DETAILS_WIDTH)
        tight = not narrow and width < SIDE_LEAST + TIMELINE_LEAST + wanted
        self.top_bar.set_narrow(narrow)
        self.top_bar.set_details_shown(self.details_shown)
        if narrow:
            self.conversations.setVisible(self.page is Page.CONVERSATIONS)
            self._chat.setVisible(self.page is Page.CHAT)
            self.people_pane.setVisible(self.page is Page.DETAILS)
            self._limit(self.conversations, COLLAPSED_WIDTH, NO_LIMIT)
            self._limit(self.people_pane, 0, NO_LIMIT)
            self.splitter.setSizes([width] * 3)
            return
        for column in (self.conversations, self._chat):
            column.show()
        self.people_pane.setVisible(self.details_shown)
        collapsed = self.details_shown and tight
        self._limit(self.conversations, COLLAPSED_WIDTH, COLLAPSED_WIDTH if collapsed else SIDE_MOST)
        details = min(wanted, width - COLLAPSED_WIDTH - TIMELINE_LEAST - 2)
        self._limit(self.people_pane, details, details)
        side = COLLAPSED_WIDTH if collapsed else self.side_width
        shown = details if self.details_shown else 0
        self.splitter.setSizes([side, width - side - shown, shown])

    def _limit(self, column: QWidget, least: int, most: int) -> None:
        column.setMinimumWidth(least)
        column.setMaximumWidth(most)

    def _side_dragged(self, position: int, handle: int) -> None:
        """The side is either wide enough to read, or one column of avatars."""
        if handle == self.splitter.indexOf(self._chat) and self.conversations.maximumWidth() == SIDE_MOST:
            self.side_width = max(SIDE_LEAST, position) if position > SIDE_LEAST / 2 else COLLAPSED_WIDTH
            self._arrange()

    def turn_to(self, page: Page) -> None:
        """Show this page where there is room for one only."""
        if self.page is not page:
            self.page = page
            self._arrange()

    def go_back(self) -> None:
        """To the page before this one."""
        if self.page is Page.DETAILS:
            self.set_details_shown(False)
        elif self.narrow:
            self.turn_to(Page.CONVERSATIONS)

    def toggle_details(self) -> None:
        """Show the right column, or hide it."""
        self.set_details_shown(not self.details_shown if not self.narrow else self.page is not Page.DETAILS)


def types(event: QKeyEvent) -> bool:
    """Does this key write something? With Ctrl and Alt together it may, as AltGr is sent on Windows."""
    modifier = Qt.KeyboardModifier
    held = event.modifiers() & (modifier.ControlModifier | modifier.AltModifier | modifier.MetaModifier)
    writes = not held or held == modifier.ControlModifier | modifier.AltModifier
    return writes and bool(event.text()) and event.text().isprintable()
