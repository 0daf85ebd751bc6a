"""The account's menu: who one is, inviting, joining another chat, how everything looks, leaving."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.client.state import Power
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme

TEXT_SCALES = (80, 90, 100, 110, 125, 150)
"""Percent."""


class AccountMenu(QMenu):
    """Asks: profile_wanted (name and status), away_chosen(bool), invite_wanted, hosting_wanted (the chat that is
    hosted here), choose_wanted (another chat), waiting_wanted (newcomers), bans_wanted, audit_wanted,
    mode_chosen(Mode), scale_chosen(float), settings_wanted, shortcuts_wanted (the list of keys), quit_wanted.

    It frees itself when it closes.
    """

    profile_wanted = Signal()
    invite_wanted = Signal()
    hosting_wanted = Signal()
    choose_wanted = Signal()
    waiting_wanted = Signal()
    bans_wanted = Signal()
    audit_wanted = Signal()
    away_chosen = Signal(bool)
    mode_chosen = Signal(Mode)
    scale_chosen = Signal(float)
    settings_wanted = Signal()
    shortcuts_wanted = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        theme: Theme,
        icons: Icons,
        *,
        may_invite: bool,
        hosting: bool,
        away: bool,
        power: Power = Power.MEMBER,
        parent: QWidget | None = None,
    ) -> None:
        """`power`: ours on the server shown."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme, self._icons = theme, icons
        self.addAction(icons.icon("user", "text"), self.tr("Name and status…"), self.profile_wanted.emit)
        gone = self.addAction(self.tr("Away"))
        gone.setCheckable(True)
        gone.setChecked(away)
        gone.toggled.connect(self.away_chosen)
        self.addSeparator()
        invite = self.addAction(icons.icon("link", "text"), self.tr("Invite people…"), self.invite_wanted.emit)
        invite.setEnabled(may_invite)
        if hosting:
            self.addAction(icons.icon("radio-tower", "text"), self.tr("Hosting…"), self.hosting_wanted.emit)
        self.addAction(icons.icon("log-in", "text"), self.tr("Join another chat…"), self.choose_wanted.emit)
        if power >= Power.MODERATOR:
            self._add_overseeing(power)
        self.addSeparator()
        self._add_modes()
        self._add_scales()
        settings, keys = icons.icon("settings", "text"), icons.icon("keyboard", "text")
        self.addAction(settings, self.tr("Settings…"), self.settings_wanted.emit)
        self.addAction(keys, self.tr("Keyboard shortcuts…"), self.shortcuts_wanted.emit)
        self.addSeparator()
        self.addAction(icons.icon("log-out", "text"), self.tr("Quit"), self.quit_wanted.emit)

    def _add_overseeing(self, power: Power) -> None:
        icon = self._icons.icon
        menu = self.addMenu(icon("shield", "text"), self.tr("Moderation"))
        if power >= Power.ADMIN:
            menu.addAction(icon("user-plus", "text"), self.tr("Newcomers…"), self.waiting_wanted.emit)
        menu.addAction(icon("ban", "text"), self.tr("Bans…"), self.bans_wanted.emit)
        if power >= Power.ADMIN:
            menu.addAction(icon("history", "text"), self.tr("Audit log…"), self.audit_wanted.emit)

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
