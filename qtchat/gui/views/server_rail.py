"""The servers one is on, as a thin column of pictures at the far left."""

from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QVBoxLayout, QWidget

from qtchat.gui.models.words import one_line
from qtchat.gui.theme.avatars import initial, ink_on
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import ClearScroll, IconButton, ground, set_plain_tip
from qtchat.gui.views.conversation_rows import counted

WIDTH = 56
BUTTON = 48
PICTURE = 40
RADIUS = 12
BADGE = 18
SHOWN_FROM = 2
"""Servers from which on the rail is worth its place."""
WITH_KEYS = 9
"""Servers that can be reached by Ctrl and a digit."""


class ServerItem(Struct, frozen=True):
    """One server as the rail shows it. `online`: connected now. `hosted`: the chat runs on this computer."""

    key: str
    name: str
    unread: int = 0
    mentions: int = 0
    online: bool = True
    hosted: bool = False


class ServerButton(QAbstractButton):
    """One server: a rounded square with its initial, a bar beside it when it is shown, a badge for what is unread."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.item = ServerItem("", "")
        self.setFixedSize(WIDTH, BUTTON)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_item(self, item: ServerItem, place: int) -> None:
        """`place`: 0 for the first one."""
        self.item = item
        name = one_line(item.name)
        unread = self.tr("%n unread", "", item.unread) if item.unread else ""
        words = [name, "" if item.online else self.tr("not connected"), unread]
        if item.mentions:
            words.append(self.tr("you are mentioned"))
        if item.hosted:
            words.append(self.tr("hosted on this computer"))
        says = ", ".join(word for word in words if word)
        self.setAccessibleName(says)
        set_plain_tip(self, f"{says} (Ctrl+{place + 1})" if place < WITH_KEYS else says)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(WIDTH, BUTTON)

    def nextCheckState(self) -> None:
        """Which one is shown is not the button's to say."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        edge = (self.height() - PICTURE) // 2
        place = QRectF((self.width() - PICTURE) / 2, edge, PICTURE, PICTURE)
        if self.isChecked() or self.underMouse():
            high = 24 if self.isChecked() else 10
            painter.setBrush(self._theme.color("accent" if self.isChecked() else "field_border"))
            painter.drawRoundedRect(QRectF(-3, (self.height() - high) / 2, 6, high), 3, 3)
        self._paint_picture(painter, place)
        if self.hasFocus():
            painter.setPen(self._theme.color("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(place.adjusted(-2.5, -2.5, 2.5, 2.5), RADIUS + 2, RADIUS + 2)
        if self.item.unread:
            self._paint_badge(painter, place)
        painter.end()

    def _paint_picture(self, painter: QPainter, place: QRectF) -> None:
        # By its key, so that a server looks the same after a change of its name.
        color = self._theme.person_color(-sum(self.item.key.encode()))
        painter.setOpacity(1.0 if self.item.online else 0.45)
        painter.setBrush(color)
        painter.drawRoundedRect(place, RADIUS, RADIUS)
        font = QFont(self.font())
        font.setPixelSize(round(PICTURE * 0.42))
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(ink_on(color))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, initial(self.item.name))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setOpacity(1.0)

    def _paint_badge(self, painter: QPainter, place: QRectF) -> None:
        font = self._theme.font(FontRole.META)
        font.setPixelSize(10)
        font.setWeight(QFont.Weight.Bold)
        text = "@" if self.item.mentions else counted(self.item.unread)
        width = max(BADGE, QFontMetrics(font).horizontalAdvance(text) + 8)
        pill = QRectF(min(place.right() + 5, self.width() - 1) - width, place.top() - 4, width, BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.palette.chat))
        painter.drawRoundedRect(pill.adjusted(-2, -2, 2, 2), BADGE / 2 + 2, BADGE / 2 + 2)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(pill, BADGE / 2, BADGE / 2)
        painter.setFont(font)
        painter.setPen(self._theme.color("on_accent"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, text)


class ServerRail(QWidget):
    """The servers one is on. It hides itself while there are fewer than two.

    Why a rail, and not one list with the rooms of all servers under headings: nearly everybody is on one server, and
    then there is nothing to see, while headings would stand there for nothing; a room's name means something only
    together with its server, so a mixed list invites a message to the wrong place; and connecting, inviting and
    leaving belong to a server, which needs something to click on. The price is one click (or Ctrl+1 to 9) between
    servers; the quick switcher finds rooms on all of them.

    Asks: server_chosen(str), add_wanted, and with the key of a server: invite_wanted, connect_wanted,
    disconnect_wanted, forget_wanted.
    """

    server_chosen = Signal(str)
    add_wanted = Signal()
    invite_wanted = Signal(str)
    connect_wanted = Signal(str)
    disconnect_wanted = Signal(str)
    forget_wanted = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("server_rail")
        self.setAccessibleName(self.tr("Servers"))
        self.setFixedWidth(WIDTH)
        ground(self, "chat")
        self._theme, self._icons = theme, icons
        self._current = ""
        self._allowed = True
        self.buttons: list[ServerButton] = []
        self.add_button = IconButton(theme, icons, "plus", self.tr("Join another chat"), parent=self)
        self.add_button.setObjectName("add_server_button")
        self.add_button.clicked.connect(self.add_wanted)
        self._lay_out()
        theme.changed.connect(self._repaint)
        self._decide()

    def _lay_out(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, SPACE_8, 0, SPACE_8)
        self._column.setSpacing(SPACE_8)
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addStretch()
        area = ClearScroll(content, self)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def show_servers(self, items: Sequence[ServerItem]) -> None:
        """Show these servers, in this order."""
        while len(self.buttons) > len(items):
            gone = self.buttons.pop()
            gone.hide()
            self._column.removeWidget(gone)
            gone.deleteLater()
        while len(self.buttons) < len(items):
            self._add()
        for place, (button, item) in enumerate(zip(self.buttons, items, strict=True)):
            button.show_item(item, place)
        self._mark()
        self._decide()

    def set_current(self, key: str) -> None:
        """Show the server with this key as the one whose rooms are shown. Emits nothing."""
        self._current = key
        self._mark()

    def choose(self, place: int) -> None:
        """As a click on the server at this place would; 0 for the first one. Nothing where there is none."""
        if place < len(self.buttons):
            self.server_chosen.emit(self.buttons[place].item.key)

    def allow(self, allowed: bool) -> None:
        """Is there room for the rail? Without, it is hidden, however many servers there are."""
        self._allowed = allowed
        self._decide()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Of the server under the pointer; asked for by key, of the one with the focus."""
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        target = self.focusWidget() if by_key else self.childAt(event.pos())
        if isinstance(target, ServerButton):
            menu = self.make_menu(target.item)
            menu.popup(target.mapToGlobal(QRect(target.rect()).center()) if by_key else event.globalPos())

    def make_menu(self, item: ServerItem) -> QMenu:
        """What can be done with a server. The menu frees itself when it closes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        icons, key = self._icons, item.key
        menu.addAction(icons.icon("link", "text"), self.tr("Invite people…"), lambda: self.invite_wanted.emit(key))
        if item.online:
            says, icon, wanted = self.tr("Disconnect"), "unplug", self.disconnect_wanted
        else:
            says, icon, wanted = self.tr("Connect now"), "plug", self.connect_wanted
        menu.addAction(icons.icon(icon, "text"), says, lambda: wanted.emit(key))
        menu.addSeparator()
        forget = menu.addAction(icons.icon("trash-2", "danger"), self.tr("Forget this server…"))
        forget.triggered.connect(lambda: self.forget_wanted.emit(key))
        forget.setEnabled(not item.hosted)
        return menu

    def _add(self) -> None:
        button = ServerButton(self._theme, self)
        button.clicked.connect(self._chosen)
        self._column.insertWidget(len(self.buttons), button)
        QWidget.setTabOrder(self.buttons[-1] if self.buttons else button, button)
        QWidget.setTabOrder(button, self.add_button)
        self.buttons.append(button)

    def _chosen(self) -> None:
        button = self.sender()
        if isinstance(button, ServerButton):
            self.server_chosen.emit(button.item.key)

    def _mark(self) -> None:
        for button in self.buttons:
            button.setChecked(button.item.key == self._current)

    def _decide(self) -> None:
        self.setVisible(self._allowed and len(self.buttons) >= SHOWN_FROM)

    def _repaint(self) -> None:
        for button in self.buttons:
            button.update()
