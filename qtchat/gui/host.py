"""The chat that is hosted here, from its host's side: the panel, who comes in, backups, and the end of it."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from qtchat.gui.hosting import HostedServer, Hosting, HostStatus, Newcomers
from qtchat.gui.servers import Servers
from qtchat.gui.session import Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.host_panel import DOORS, HostPanel
from qtchat.gui.views.host_password_dialog import HostPasswordDialog
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.rename_dialog import RenameDialog
from qtchat.gui.views.room_dialogs import ConfirmDialog

LOOK_MS = 3_000
"""Between two looks at how the chat stands, while the panel is open: what it shows changes without a signal."""


class Host(QObject):
    """Asks: save_wanted, the settings have changed; choose_wanted, the chat has ended and there is no other.

    hosting_told(str): what the tray says of it, "" for nothing.
    """

    save_wanted = Signal()
    choose_wanted = Signal()
    hosting_told = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        servers: Servers,
        hosting: Hosting,
        settings: Settings,
        theme: Theme,
        icons: Icons,
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._servers, self._hosting = window, sessions, servers, hosting
        self._settings, self._theme, self._icons = settings, theme, icons
        self.panel: HostPanel | None = None
        self._backing_up = False
        self._asking = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        hosting.doors = tuple(door for door in settings.host_doors if door in DOORS)
        hosting.newcomers = Newcomers(settings.host_newcomers_wait, settings.host_newcomers_only_read)
        hosting.port = settings.host_port
        hosting.started.connect(self._started)
        hosting.failed.connect(self._failed)
        hosting.stopped.connect(self._stopped)

    def open(self) -> None:
        """Show the panel, if a chat is hosted here."""
        server = self._hosting.server
        if server is None:
            return
        if self.panel is not None:
            self.panel.raise_()
            self.panel.activateWindow()
            return
        panel = self.panel = HostPanel(self._theme, self._icons, self._window)
        panel.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        panel.again_box.setChecked(self._settings.start_hosting)
        panel.finished.connect(self._closed)
        panel.invite_wanted.connect(self._invite)
        panel.backup_wanted.connect(self._choose_folder)
        panel.stop_wanted.connect(self._ask_whether_to_stop)
        panel.doors_wanted.connect(self._set_doors)
        panel.newcomers.rules_wanted.connect(self._set_newcomers)
        panel.newcomers.password_wanted.connect(self._ask_for_password)
        panel.newcomers.no_password_wanted.connect(self._ask_whether_without_password)
        panel.rename_wanted.connect(self._ask_for_name)
        panel.again_chosen.connect(self._host_again)
        self._fill(panel, server)
        panel.show_busy(self._backing_up)
        panel.open()
        self._look()
        self._timer.start()

    def _fill(self, panel: HostPanel, server: HostedServer) -> None:
        panel.show_place(server.name, server.addresses, server.code)
        doors = () if server.closed_doors else server.classic
        panel.show_doors(doors, server.closed_doors, locked=server.locked_doors)
        panel.newcomers.show_rules(server.newcomers, password=server.has_password)

    def _closed(self) -> None:
        self._timer.stop()
        self.panel = None

    def cancel(self) -> None:
        """Ask nothing more; for the end of the program."""
        self._timer.stop()

    # -- how it stands --------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._hosting.server is not None and not self._asking:
            self._asking = True
            self._hosting.ask_status(self._known)

    def _known(self, result: object, failure: BaseException | None) -> None:
        self._asking = False
        if failure is not None and not isinstance(failure, TimeoutError):  # it has much to do, or ends
            raise failure
        if failure is None and self.panel is not None:
            status: HostStatus = result  # type: ignore[assignment]  # Background carries any result as an object
            self.panel.show_status(status)

    # -- what a host does -----------------------------------------------------------------------------

    def _invite(self) -> None:
        session = self._servers.hosted
        if session is not None and self.panel is not None:
            self.panel.accept()
            self._sessions.show(session)
            self._servers.invite()

    def _host_again(self, again: bool) -> None:
        self._settings.start_hosting = again
        self.save_wanted.emit()

    def _set_doors(self, doors: tuple[str, ...]) -> None:
        self._settings.host_doors = list(doors)
        self.save_wanted.emit()
        self._hosting.doors = doors
        self._restart()

    def _set_newcomers(self, newcomers: Newcomers) -> None:
        self._settings.host_newcomers_wait = newcomers.wait
        self._settings.host_newcomers_only_read = newcomers.only_read
        self.save_wanted.emit()
        self._hosting.newcomers = newcomers
        self._restart()

    def _ask_for_password(self) -> None:
        dialog = HostPasswordDialog(self._theme, self.panel)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.password_chosen.connect(self._set_password)
        dialog.open()

    def _ask_whether_without_password(self) -> None:
        question = ConfirmDialog(
            self._theme,
            self.tr("Remove the password?"),
            self.tr(
                "Newcomers need none from now on. The chat restarts for a moment; everybody comes back by themselves."
            ),
            self.tr("Remove it"),
            self.panel,
        )
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.accepted.connect(partial(self._set_password, ""))
        question.open()

    def _set_password(self, password: str) -> None:
        if self._hosting.server is not None:
            self._hosting.set_password(password, self._password_set)

    def _password_set(self, _result: object, failure: BaseException | None) -> None:
        self._changed(self.tr("The password could not be changed: {why}"), failure)

    def _changed(self, trouble: str, failure: BaseException | None) -> None:
        """Something is kept for the next start. `trouble`: what to say if it is not, with {why}."""
        if failure is None:
            self._restart()
        elif isinstance(failure, OSError):
            self._window.notice.keep(trouble.replace("{why}", str(failure)))
        else:
            raise failure

    def _restart(self) -> None:
        if self.panel is not None:
            self.panel.show_restarting()
        self._hosting.restart()

    def _ask_for_name(self) -> None:
        server = self._hosting.server
        if server is not None:
            dialog = RenameDialog(server.name, self._theme, self.panel)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.rename_wanted.connect(self._rename)
            dialog.open()

    def _rename(self, name: str) -> None:
        if self._hosting.server is not None:
            self._hosting.rename(name, self._renamed)

    def _renamed(self, _result: object, failure: BaseException | None) -> None:
        self._changed(self.tr("The chat could not be renamed: {why}"), failure)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self.panel, self.tr("Where to put the copy"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._back_up)
        dialog.open()

    def _back_up(self, folder: str) -> None:
        if self._hosting.server is None or self._backing_up:
            return
        self._backing_up = True
        if self.panel is not None:
            self.panel.show_busy(True)
        self._hosting.back_up(Path(folder), self._backed_up)

    def _backed_up(self, result: object, failure: BaseException | None) -> None:
        self._backing_up = False
        if self.panel is None:
            if failure is not None:
                self._window.notice.keep(str(failure))
            return
        self.panel.show_busy(False)
        if failure is None:
            self.panel.show_copy(str(result))
        else:
            self.panel.show_failure(str(failure))

    def _ask_whether_to_stop(self) -> None:
        question = ConfirmDialog(
            self._theme,
            self.tr("Stop hosting?"),
            self.tr(
                "The chat ends for everybody. Nothing that was written is lost: it is all there when you host again."
            ),
            self.tr("Stop hosting"),
            self.panel,
        )
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.accepted.connect(self._stop)
        question.open()

    def _stop(self) -> None:
        self._settings.hosting = False
        self.save_wanted.emit()
        session = self._servers.hosted
        if session is not None:
            self._sessions.close(session)
        if self.panel is not None:
            self.panel.accept()
        self.hosting_told.emit("")
        self._hosting.stop()

    # -- what became of it ----------------------------------------------------------------------------

    def _started(self) -> None:
        server = self._hosting.server
        assert server is not None
        self.hosting_told.emit(self.tr("Hosting “{name}”…").replace("{name}", server.name))
        if self._settings.host_port != server.port:
            self._settings.host_port = server.port
            self.save_wanted.emit()
        if self.panel is not None:
            self._fill(self.panel, server)
            self.panel.show_running()

    def _failed(self, _why: str) -> None:
        self.hosting_told.emit("")
        if self.panel is not None:
            self.panel.reject()

    def _stopped(self) -> None:
        if not self._sessions.all:
            self.choose_wanted.emit()
