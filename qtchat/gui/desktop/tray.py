"""The icon in the system tray: what is unread, what is hosted, and a way back to the window."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QDateTime, QLocale, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from qtchat.gui.desktop.notifier import Notice, Notifier, Place
from qtchat.gui.settings import FOREVER, Quiet, Settings
from qtchat.gui.theme.avatars import ink_on
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme

SIZES: Final = (16, 22, 24, 32, 44, 48, 64)
"""Pixels; trays scale badly, so each has its own."""
BADGE_SHARE: Final = 0.62
"""Of the icon's width, for a badge with a number; a dot has half of it."""
BADGE_MOST: Final = 9
LEGIBLE: Final = 20
"""Pixels of an icon from which on its badge has room for two characters."""
QUIET_OPACITY: Final = 0.5
"""Of the icon while nobody wants to be disturbed."""


class Tray(QObject):
    """Asks: open_wanted, quiet_chosen(Quiet), hosting_wanted, settings_wanted, quit_wanted. It acts on nothing."""

    open_wanted = Signal()
    quiet_chosen = Signal(Quiet)
    hosting_wanted = Signal()
    settings_wanted = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        parent: QObject | None = None,
        *,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(parent)
        self._settings, self._theme, self._icons, self._now = settings, theme, icons, now
        self._unread = self._mentions = 0
        self._hosting = ""
        self._menu = QMenu()  # of no window: a tray outlives all of them
        self._menu.aboutToShow.connect(self._fill_menu)
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._activated)
        theme.changed.connect(self.refresh)
        self._fill_menu()  # some trays ask for the size of the menu before it is about to show
        self.refresh()

    @property
    def available(self) -> bool:
        """Is there a tray, and are we in it?"""
        return self.icon.isVisible() and QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def keeps_running(self) -> bool:
        """May closing the window hide it instead of ending the program?"""
        return self.available and self._settings.close_to_tray

    def start(self) -> None:
        """Appear; if the tray comes up only later, then."""
        self.icon.show()

    def stop(self) -> None:
        """Disappear, before the application ends: some trays keep what nobody has taken away."""
        self.icon.hide()
        self._menu.close()

    def set_unread(self, unread: int, mentions: int) -> None:
        """`mentions`: what is meant for us, shown as a number; the rest of `unread` is a dot."""
        if (unread, mentions) != (self._unread, self._mentions):
            self._unread, self._mentions = unread, mentions
            self.refresh()

    def set_hosting(self, sentence: str) -> None:
        """Say in the menu what is hosted here; "" if nothing is."""
        self._hosting = sentence
        self._fill_menu()

    def say_once(self, notifier: Notifier) -> None:
        """The window was closed, and the program goes on: say so, the first time."""
        if not self._settings.told_about_tray:
            self._settings.told_about_tray = True
            text = self.tr("Messages still arrive. To end qtchat, use the menu of its icon in the tray.")
            notifier.show(Notice(Place("", 0), self.tr("qtchat goes on in the background"), text))

    def refresh(self) -> None:
        """Draw the icon anew and say what it means: after the theme or do-not-disturb has changed."""
        icon = QIcon()
        for size in SIZES:
            icon.addPixmap(self._draw(size))
        self.icon.setIcon(icon)
        tip = "qtchat"
        if self._unread:
            tip += ": " + (self.tr("1 unread") if self._unread == 1 else self.tr("%n unread", "", self._unread))
        self.icon.setToolTip(tip)

    # -- the menu -------------------------------------------------------------------------------------

    def _fill_menu(self) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction(self.tr("Open qtchat"), self.open_wanted.emit)
        menu.addSeparator()
        if self._settings.quiet(self._now()):
            self._add(self.tr("Unmute ({until})").replace("{until}", self._until()), Quiet.OFF)
        else:
            self._add(self.tr("Mute for an hour"), Quiet.HOUR)
            self._add(self.tr("Mute until tomorrow morning"), Quiet.TOMORROW)
            self._add(self.tr("Mute until turned on again"), Quiet.FOREVER)
        menu.addSeparator()
        if self._hosting:
            menu.addAction(self._hosting.replace("&", "&&"), self.hosting_wanted.emit)
            menu.addSeparator()
        menu.addAction(self.tr("Settings…"), self.settings_wanted.emit)
        menu.addAction(self.tr("Quit"), self.quit_wanted.emit)

    def _add(self, text: str, choice: Quiet) -> QAction:
        return self._menu.addAction(text, partial(self.quiet_chosen.emit, choice))

    def _until(self) -> str:
        return quiet_until(self._settings, self._now()) or self.tr("muted")

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.open_wanted.emit()

    # -- the icon -------------------------------------------------------------------------------------

    def _draw(self, size: int) -> QPixmap:
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setOpacity(QUIET_OPACITY if self._settings.quiet(self._now()) else 1.0)
        painter.drawPixmap(0, 0, self._icons.pixmap("qtchat", size, "accent"))
        painter.setOpacity(1.0)
        if self._unread:
            paint_badge(painter, size, self._mentions, self._theme.color("danger"))
        painter.end()
        return pixmap


def paint_badge(painter: QPainter, size: int, number: int, color: QColor) -> None:
    """A badge at the top right of an icon `size` pixels wide: with `number`, or a dot for 0."""
    wide = size * (BADGE_SHARE if number else BADGE_SHARE / 2)
    place = QRectF(size - wide, 0, wide, wide)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
    painter.setPen(QPen(Qt.GlobalColor.transparent, max(1.0, size / 16)))
    painter.setBrush(Qt.GlobalColor.transparent)
    painter.drawEllipse(place)  # a gap between the badge and what lies under it
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    inset = max(0.5, size / 32)
    painter.drawEllipse(place.adjusted(inset, inset, -inset, -inset))
    if number:
        many = f"{BADGE_MOST}+" if size >= LEGIBLE else "+"
        text = str(number) if number <= BADGE_MOST else many
        font = QFont(painter.font())
        font.setPixelSize(max(7, round(wide * (0.72 if len(text) == 1 else 0.55))))
        font.setWeight(QFont.Weight.Bold)
        painter.setFont(font)
        painter.setPen(ink_on(color))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def quiet_until(settings: Settings, now: float) -> str:
    """The time of day, or day and time, at which do-not-disturb ends; "" while it is off or has no end."""
    if not settings.quiet(now) or settings.dnd_until == FOREVER:
        return ""
    end, today = QDateTime.fromSecsSinceEpoch(settings.dnd_until), QDateTime.fromSecsSinceEpoch(int(now)).date()
    short = QLocale.FormatType.ShortFormat
    locale = QLocale()
    return locale.toString(end.time(), short) if end.date() == today else locale.toString(end, short)
