"""What we are told of while we do not look."""

import time
from collections.abc import Callable

from PySide6.QtCore import Signal

from qtchat.gui.desktop.tray import quiet_until
from qtchat.gui.settings import FOREVER, Quiet, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.settings.form import ComboBox, SettingsPage


class NotificationsPage(SettingsPage):
    """Asks: notify_chosen(bool), hide_text_chosen(bool), sound_chosen(bool), quiet_chosen(Quiet)."""

    notify_chosen = Signal(bool)
    hide_text_chosen = Signal(bool)
    sound_chosen = Signal(bool)
    quiet_chosen = Signal(Quiet)

    def __init__(self, settings: Settings, theme: Theme, icons: Icons, now: Callable[[], float] = time.time) -> None:
        super().__init__(theme, "notifications_page")
        self._settings, self._now = settings, now
        self.add_section(self.tr("On this desktop"))
        self.notify = self.add_switch(self.tr("Show notifications"), settings.notify, "notify")
        self.show_text = self.add_switch(self.tr("Show what was written"), not settings.notify_hide_text, "show_text")
        self.sound = self.add_switch(self.tr("Play a sound"), settings.notify_sound, "sound")
        self.add_note(
            self.tr(
                "Nothing is shown for the room that you are looking at, nor for what you have read on another device. "
                "Each room has its own choice in its details; direct messages and mentions are shown "
                "unless you chose nothing there."
            )
        )
        self.add_section(self.tr("Do not disturb"))
        self.quiet_box = ComboBox(theme, icons, self.tr("Do not disturb"))
        self.quiet_box.setObjectName("quiet_box")
        self.quiet_box.activated.connect(self._take_quiet)
        self.column.addWidget(self.quiet_box)
        self._quiet_note = self.add_note("")
        self.notify.clicked.connect(self._take_notify)
        self.show_text.clicked.connect(self._take_text)
        self.sound.clicked.connect(self.sound_chosen)
        self.finish()
        self.refresh()

    def refresh(self) -> None:
        """Show how the settings are now: the tray may have changed them."""
        settings = self._settings
        for switch in (self.show_text, self.sound):
            switch.setEnabled(settings.notify)
        self.notify.setChecked(settings.notify)
        until = quiet_until(settings, self._now())
        quiet = settings.quiet(self._now())
        names = {
            Quiet.OFF: self.tr("Off"),
            Quiet.HOUR: self.tr("For an hour"),
            Quiet.TOMORROW: self.tr("Until tomorrow morning"),
            Quiet.FOREVER: self.tr("Until I turn it off"),
        }
        self.quiet_box.clear()
        if until:
            self.quiet_box.addItem(self.tr("Until {time}").replace("{time}", until), None)
        for choice, says in names.items():
            self.quiet_box.addItem(says, choice)
        if not until:
            forever = settings.dnd_until == FOREVER
            self.quiet_box.setCurrentIndex(list(names).index(Quiet.FOREVER if forever else Quiet.OFF))
        self._quiet_note.setText(
            self.tr("Nothing is shown now, not even direct messages. It all waits in its room.")
            if quiet
            else self.tr("Then nothing is shown, not even direct messages.")
        )

    def _take_notify(self, on: bool) -> None:
        self.notify_chosen.emit(on)
        self.refresh()

    def _take_text(self, shown: bool) -> None:
        self.hide_text_chosen.emit(not shown)

    def _take_quiet(self, row: int) -> None:
        choice = self.quiet_box.itemData(row)
        if choice is not None:
            self.quiet_chosen.emit(choice)
        self.refresh()
