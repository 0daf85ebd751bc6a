"""The account's menu: inviting, changing the chat, how everything looks, leaving."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme

TEXT_SCALES = (80, 90, 100, 110, 125, 150)
"""Percent."""


class AccountMenu(QMenu):
    """Asks: invite_wanted, choose_wanted (another chat), mode_chosen(Mode), scale_chosen(float), quit_wanted.

    It frees itself when it closes.
    """

    invite_wanted = Signal()
    choose_wanted = Signal()
    mode_chosen = Signal(Mode)
    scale_chosen = Signal(float)
    quit_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, *, may_invite: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme, self._icons = theme, icons
        invite = self.addAction(icons.icon("link", "text"), self.tr("Invite people…"), self.invite_wanted.emit)
        invite.setEnabled(may_invite)
        self.addAction(icons.icon("log-in", "text"), self.tr("Join another chat…"), self.choose_wanted.emit)
        self.addSeparator()
        self._add_modes()
        self._add_scales()
        self.addSeparator()
        self.addAction(icons.icon("log-out", "text"), self.tr("Quit"), self.quit_wanted.emit)

    def _add_modes(self) -> None:
        names = {Mode.SYSTEM: self.tr("As the system"), Mode.LIGHT: self.tr("Light"), Mode.DARK: self.tr("Dark")}
        icon = self._icons.icon("moon" if self._theme.dark else "sun", "text")
        menu = self.addMenu(icon, self.tr("Appearance"))
        group = QActionGroup(menu)
        for mode, name in names.items():
            action = group.addAction(menu.addAction(name, partial(self.mode_chosen.emit, mode)))
            action.setCheckable(True)
            action.setChecked(mode is self._theme.mode)

    def _add_scales(self) -> None:
        menu = self.addMenu(self._icons.icon("type", "text"), self.tr("Text size"))
        group = QActionGroup(menu)
        for percent in TEXT_SCALES:
            action = group.addAction(menu.addAction(f"{percent} %", partial(self.scale_chosen.emit, percent / 100)))
            action.setCheckable(True)
            action.setChecked(percent == round(self._theme.text_scale * 100))
