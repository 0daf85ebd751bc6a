"""The servers that are known here, and how the program starts and stays."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.client.trust import KnownServer
from qtchat.gui.settings import RecentServer, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8
from qtchat.gui.views.controls import Avatar, ElidedLabel, IconButton
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.gui.views.settings.elsewhere import ElsewhereField
from qtchat.gui.views.settings.form import SettingsPage

AVATAR = 36


class NetworkPage(SettingsPage):
    """Asks: join_wanted(str: link), forget_wanted(str: server_id), unpin_wanted(str: server code) for a server that is
    only known by its key, elsewhere_chosen(str: addresses, one a line), start_hosting_chosen(bool),
    tray_chosen(bool)."""

    join_wanted = Signal(str)
    forget_wanted = Signal(str)
    unpin_wanted = Signal(str)
    elsewhere_chosen = Signal(str)
    start_hosting_chosen = Signal(bool)
    tray_chosen = Signal(bool)

    def __init__(self, settings: Settings, has_tray: bool, theme: Theme, icons: Icons) -> None:
        super().__init__(theme, "network_page")
        self._icons = icons
        self.add_section(self.tr("Known servers"))
        self._rows: dict[str, QWidget] = {}
        self._pin_rows: list[QWidget] = []
        self._servers: list[RecentServer] = []
        self._pins: list[KnownServer] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(SPACE_4)
        self.column.addLayout(self._list)
        self._nothing = self.add_note(self.tr("Servers that you have joined are listed here."))
        self.show_servers(settings.recent)
        self._add_elsewhere(settings)
        self.add_section(self.tr("Hosting"))
        self.start_hosting = self.add_switch(
            self.tr("Host my chat again when qtchat starts"), settings.start_hosting, "start_hosting"
        )
        self.start_hosting.clicked.connect(self.start_hosting_chosen)
        self.add_note(self.tr("Only if it was being hosted here when qtchat was closed."))
        self.add_section(self.tr("When the window is closed"))
        self.tray = self.add_switch(
            self.tr("Stay in the tray and receive messages"), has_tray and settings.close_to_tray, "close_to_tray"
        )
        self.tray.setEnabled(has_tray)
        self.tray.clicked.connect(self.tray_chosen)
        if not has_tray:
            self.add_note(self.tr("This desktop has no tray, so closing the window ends qtchat."))
        self.finish()

    def _add_elsewhere(self, settings: Settings) -> None:
        self.add_section(self.tr("Chats in other networks"))
        self.elsewhere = ElsewhereField(settings.elsewhere, self.theme)
        self.elsewhere.chosen.connect(self.elsewhere_chosen)
        self.column.addWidget(self.elsewhere)
        self.add_note(
            self.tr(
                "What lies behind a router is not found by itself. Name the computers that host there, one a line: a "
                "name or an address, with the port if it is not 47300. Whoever answers is listed with the others "
                "when you join a chat."
            )
        )

    def show_servers(self, servers: list[RecentServer]) -> None:
        """List these, the last joined first."""
        for row in self._rows.values():
            self._list.removeWidget(row)
            row.deleteLater()
        self._rows = {server.server_id: self._row(server) for server in servers}
        for row in self._rows.values():
            self._list.addWidget(row)
        self._servers = servers
        self.show_pins(self._pins)

    def show_pins(self, pins: list[KnownServer]) -> None:
        """Below them, list the servers whose keys are known here all the same."""
        self._pins = pins
        listed = {server.code for server in self._servers}
        others = {pin.code: pin for pin in reversed(pins) if pin.code not in listed}
        for row in self._pin_rows:
            self._list.removeWidget(row)
            row.deleteLater()
        self._pin_rows = [self._pin_row(pin) for pin in reversed(others.values())]
        for row in self._pin_rows:
            self._list.addWidget(row)
        self._nothing.setVisible(not self._rows and not self._pin_rows)

    def _pin_row(self, pin: KnownServer) -> QWidget:
        place = address_text(pin.address)
        row, layout = self._row_of(pin.name or place, f"{place} · {pin.code}")
        layout.addWidget(self._forget_button(pin.name or place, partial(self._ask_to_unpin, pin)))
        return row

    def _row(self, server: RecentServer) -> QWidget:
        row, layout = self._row_of(
            server.name, self.tr("as {nick}").replace("{nick}", server.nick) + f" · {server.code}"
        )
        join = QPushButton(self.tr("Join"))
        join.setCursor(Qt.CursorShape.PointingHandCursor)
        join.setAccessibleName(self.tr("Join {server}").replace("{server}", server.name))
        join.setObjectName("join_server_button")
        join.clicked.connect(partial(self.join_wanted.emit, server.link))
        layout.addWidget(join)
        layout.addWidget(self._forget_button(server.name, partial(self._ask, server)))
        return row

    def _row_of(self, title: str, line: str) -> tuple[QWidget, QHBoxLayout]:
        """Avatar and two lines; buttons can be added to the layout."""
        row = QWidget()
        avatar = Avatar(self.theme, AVATAR)
        avatar.show_name(title)
        name = ElidedLabel(self.theme, FontRole.NAME)
        name.set_whole(title)
        about = ElidedLabel(self.theme, FontRole.META, "sub")
        about.set_whole(line)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(name)
        words.addWidget(about)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        layout.setSpacing(SPACE_8)
        layout.addWidget(avatar)
        layout.addSpacing(SPACE_4)
        layout.addLayout(words, 1)
        return row, layout

    def _forget_button(self, server: str, ask: Callable[[], None]) -> IconButton:
        says = self.tr("Forget {server}").replace("{server}", server)
        forget = IconButton(self.theme, self._icons, "trash-2", says)
        forget.setObjectName("forget_server_button")
        forget.clicked.connect(ask)
        return forget

    def _ask(self, server: RecentServer) -> None:
        sentence = self.tr(
            "It leaves this list, with what was written there and not sent, and with its choices for rooms. Its "
            "messages stay on the server. To come back you need an invitation, or have to find it on the network. Its "
            "key is forgotten, too: without an invitation you compare the code again."
        )
        title = self.tr("Forget “{server}”?").replace("{server}", server.name)
        dialog = ConfirmDialog(self.theme, title, sentence, self.tr("Forget"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self.forget_wanted.emit, server.server_id))
        dialog.open()

    def _ask_to_unpin(self, pin: KnownServer) -> None:
        sentence = self.tr(
            "Its key is not known here any more: whatever answers at its address is met as a new server, and you "
            "compare the code again. If it has changed its key, forget it only when whoever runs it has told you why."
        )
        title = self.tr("Forget “{server}”?").replace("{server}", pin.name or address_text(pin.address))
        dialog = ConfirmDialog(self.theme, title, sentence, self.tr("Forget"), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self.unpin_wanted.emit, pin.code))
        dialog.open()


def address_text(address: tuple[str, int]) -> str:
    """Host and port in one word."""
    host, port = address
    return f"{host}:{port}"
