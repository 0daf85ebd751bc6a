"""The settings dialog, and what becomes of what is chosen in it: it is in the settings and in force at once."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from qtchat.client.errors import ProfileError
from qtchat.client.housekeeping import clear_history, history_size, key_fingerprint
from qtchat.client.trust import KnownServer
from qtchat.gui.bridge import Background
from qtchat.gui.full_stop import forget_pins, read_pins
from qtchat.gui.settings import Quiet, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.settings import Facts, Page, SettingsDialog


class Preferences(QObject):
    """Opens the dialog, and writes what is chosen to the settings before it tells of it.

    Tells: nick_wanted(str), color_changed(int), status_changed(str), compact_changed(bool), enter_sends_changed(bool),
    unread_first_changed(bool), notifications_changed, away_minutes_changed(int), server_forgotten(str: server_id),
    pins_forgotten(str: server code, list of "host:port"), when its key is not known here any more.
    Asks: export_key_wanted, import_key_wanted, quiet_wanted(Quiet),
    join_wanted(str: link), clear_history_wanted (then stop the accounts and call
    `clear_history`), save_wanted after each change, problem(str) for a sentence that somebody should read.
    """

    nick_wanted = Signal(str)
    color_changed = Signal(int)
    status_changed = Signal(str)
    compact_changed = Signal(bool)
    enter_sends_changed = Signal(bool)
    unread_first_changed = Signal(bool)
    notifications_changed = Signal()
    away_minutes_changed = Signal(int)
    server_forgotten = Signal(str)
    pins_forgotten = Signal(str, list)
    export_key_wanted = Signal()
    import_key_wanted = Signal()
    quiet_wanted = Signal(Quiet)
    join_wanted = Signal(str)
    clear_history_wanted = Signal()
    save_wanted = Signal()
    problem = Signal(str)

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        window: QWidget,
        background: Background,
        profile: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings, self._theme, self._icons = settings, theme, icons
        self._window, self._background, self._profile = window, background, profile
        self.dialog: SettingsDialog | None = None

    def open(self, page: Page = Page.PROFILE) -> None:
        """Show the dialog at this page; the one that is open turns to it."""
        if self.dialog is None:
            facts = Facts(self._profile, QSystemTrayIcon.isSystemTrayAvailable())
            self.dialog = SettingsDialog(self._settings, facts, self._theme, self._icons, self._window)
            self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.dialog.finished.connect(self._closed)
            self._connect(self.dialog)
            self.read_key()
            self._measure()
            self._read_pins()
        self.dialog.show_page(page)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def show_nick_problem(self, sentence: str) -> None:
        """A server refused the name that was chosen."""
        if self.dialog is not None:
            self.dialog.profile.show_nick_problem(sentence)
        else:
            self.problem.emit(sentence)

    def read_key(self) -> None:
        """Show the fingerprint of the key as it is now."""
        if self.dialog is not None:
            self._background.run("qtchat-key", partial(key_fingerprint, self._profile), self._fingerprint_read)

    def refresh(self) -> None:
        """The settings were changed by somebody else: the tray, or a server that was joined."""
        if self.dialog is not None:
            self.dialog.notifications.refresh()
            self.dialog.network.show_servers(self._settings.recent)

    def clear_history(self, done: Callable[[], None]) -> None:
        """Remove the local history of all servers, then call `done`. No account may run until then."""
        self._background.run("qtchat-clear", partial(clear_history, self._profile), partial(self._cleared, done))

    # -- the dialog -----------------------------------------------------------------------------------

    def _connect(self, dialog: SettingsDialog) -> None:
        dialog.profile.nick_chosen.connect(self._set_nick)
        dialog.profile.color_chosen.connect(self.color_changed)
        dialog.profile.status_chosen.connect(self._set_status)
        dialog.profile.away_chosen.connect(self._set_away)
        dialog.profile.folder_wanted.connect(self._show_folder)
        dialog.appearance.mode_chosen.connect(self._set_mode)
        dialog.appearance.scale_chosen.connect(self._set_scale)
        dialog.appearance.compact_chosen.connect(self._set_compact)
        dialog.appearance.unread_first_chosen.connect(self._set_unread_first)
        dialog.appearance.enter_sends_chosen.connect(self._set_enter_sends)
        dialog.notifications.notify_chosen.connect(self._set_notify)
        dialog.notifications.hide_text_chosen.connect(self._set_hide_text)
        dialog.notifications.sound_chosen.connect(self._set_sound)
        dialog.notifications.quiet_chosen.connect(self.quiet_wanted)
        dialog.network.join_wanted.connect(self._join)
        dialog.network.forget_wanted.connect(self._forget)
        dialog.network.unpin_wanted.connect(self._unpin)
        dialog.profile.export_wanted.connect(self.export_key_wanted)
        dialog.profile.import_wanted.connect(self.import_key_wanted)
        dialog.network.elsewhere_chosen.connect(self._set_elsewhere)
        dialog.network.start_hosting_chosen.connect(self._set_start_hosting)
        dialog.network.tray_chosen.connect(self._set_tray)
        dialog.files.clear_wanted.connect(self._clear)

    def _closed(self) -> None:
        self.dialog = None

    def _fingerprint_read(self, result: object, failure: BaseException | None) -> None:
        if failure is not None and not isinstance(failure, ProfileError):
            raise failure
        if self.dialog is not None:
            self.dialog.profile.show_fingerprint(str(result) if failure is None else "", str(failure or ""))

    def _measure(self) -> None:
        self._background.run("qtchat-measure", partial(history_size, self._profile), self._measured)

    def _measured(self, result: object, failure: BaseException | None) -> None:
        if failure is not None and not isinstance(failure, OSError):
            raise failure
        if self.dialog is not None and isinstance(result, int):
            self.dialog.files.show_size(result)

    # -- what is chosen -------------------------------------------------------------------------------

    def _set_nick(self, nick: str) -> None:
        self._settings.nick = nick
        self.nick_wanted.emit(nick)
        self.save_wanted.emit()

    def _set_status(self, status: str) -> None:
        self._settings.status = status
        self.status_changed.emit(status)
        self.save_wanted.emit()

    def _set_away(self, minutes: int) -> None:
        self._settings.away_minutes = minutes
        self.away_minutes_changed.emit(minutes)
        self.save_wanted.emit()

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._profile)))

    def _set_mode(self, mode: Mode) -> None:
        self._settings.theme = mode
        self._theme.set_mode(mode)
        self.save_wanted.emit()

    def _set_scale(self, scale: float) -> None:
        self._settings.text_scale = scale
        self._theme.set_text_scale(scale)
        self.save_wanted.emit()

    def _set_compact(self, compact: bool) -> None:
        self._settings.compact = compact
        self.compact_changed.emit(compact)
        self.save_wanted.emit()

    def _set_unread_first(self, first: bool) -> None:
        self._settings.unread_first = first
        self.unread_first_changed.emit(first)
        self.save_wanted.emit()

    def _set_enter_sends(self, sends: bool) -> None:
        self._settings.enter_sends = sends
        self.enter_sends_changed.emit(sends)
        self.save_wanted.emit()

    def _set_notify(self, wanted: bool) -> None:
        self._settings.notify = wanted
        self._notifications_changed()

    def _set_hide_text(self, hidden: bool) -> None:
        self._settings.notify_hide_text = hidden
        self._notifications_changed()

    def _set_sound(self, wanted: bool) -> None:
        self._settings.notify_sound = wanted
        self._notifications_changed()

    def _notifications_changed(self) -> None:
        self.notifications_changed.emit()
        self.save_wanted.emit()

    def _join(self, link: str) -> None:
        if self.dialog is not None:
            self.dialog.accept()
        self.join_wanted.emit(link)

    def _forget(self, server_id: str) -> None:
        code = next((known.code for known in self._settings.recent if known.server_id == server_id), "")
        self._settings.forget_server(server_id)
        self.refresh()
        if code:
            self._unpin(code)
        self.server_forgotten.emit(server_id)
        self.save_wanted.emit()

    def _read_pins(self) -> None:
        self._background.run("qtchat-pins", partial(read_pins, self._profile), self._pins_read)

    def _pins_read(self, result: object, failure: BaseException | None) -> None:
        if failure is not None and not isinstance(failure, ProfileError):
            raise failure
        if failure is not None:
            self.problem.emit(str(failure))
        elif self.dialog is not None and isinstance(result, list):
            pins: list[KnownServer] = result
            self.dialog.network.show_pins(pins)

    def _unpin(self, code: str) -> None:
        self._background.run("qtchat-unpin", partial(forget_pins, self._profile, code), partial(self._unpinned, code))

    def _unpinned(self, code: str, addresses: object, failure: BaseException | None) -> None:
        if failure is not None and not isinstance(failure, ProfileError):
            raise failure
        if failure is not None:
            self.problem.emit(str(failure))
        elif isinstance(addresses, list):
            self.pins_forgotten.emit(code, addresses)
            if self.dialog is not None:
                self._read_pins()

    def _set_elsewhere(self, addresses: str) -> None:
        self._settings.elsewhere = addresses
        self.save_wanted.emit()

    def _set_start_hosting(self, wanted: bool) -> None:
        self._settings.start_hosting = wanted
        self.save_wanted.emit()

    def _set_tray(self, stays: bool) -> None:
        self._settings.close_to_tray = stays
        self.save_wanted.emit()

    def _clear(self) -> None:
        if self.dialog is not None:
            self.dialog.files.show_clearing()
        self.clear_history_wanted.emit()

    def _cleared(self, done: Callable[[], None], _result: object, failure: BaseException | None) -> None:
        self._measure()
        done()
        if isinstance(failure, ProfileError):
            self.problem.emit(str(failure))
        elif failure is not None:
            raise failure
