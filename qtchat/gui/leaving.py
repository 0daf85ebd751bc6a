"""Closing the window, quitting in order, and keeping the settings."""

import logging
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.gui.bridge import Background
from qtchat.gui.hosting import Hosting
from qtchat.gui.session import Sessions
from qtchat.gui.settings import Content, SettingsFile
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.room_dialogs import ConfirmDialog

logger = logging.getLogger(__name__)


class Leaving(QObject):
    """Asks: choose_wanted, somebody stays after all and needs a window; notice_wanted(str).

    hidden(): the window was closed, and the program goes on. keeping(): put into the settings what is to be kept.
    leaving(): give up whatever takes time. finished(): everything is stopped and saved; leave now.
    """

    choose_wanted = Signal()
    notice_wanted = Signal(str)
    hidden = Signal()
    keeping = Signal()
    leaving = Signal()
    finished = Signal()

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        hosting: Hosting,
        background: Background,
        file: SettingsFile,
        theme: Theme,
        keeps_running: Callable[[], bool],
    ) -> None:
        """`keeps_running`: may closing the window hide it instead of quitting?"""
        super().__init__(window)
        self._window, self._sessions, self._hosting = window, sessions, hosting
        self._background, self._file, self._theme = background, file, theme
        self._keeps_running = keeps_running
        self.quitting = False
        self._question: ConfirmDialog | None = None
        window.closing.connect(self.close)

    def close(self) -> None:
        """Somebody closes the window."""
        if self._keeps_running() and not self.quitting:
            self.keeping.emit()
            self.save()
            self._window.hide()
            self.hidden.emit()
        else:
            self.quit()

    def quit(self) -> None:
        """Leave, in order; while a chat is hosted here, ask first."""
        if self._hosting.server is None or self.quitting:
            self.quit_now()
            return
        if self._question is not None:
            self._question.activateWindow()
            return
        dialog = self._question = ConfirmDialog(
            self._theme,
            self.tr("Stop hosting?"),
            self.tr(
                "This computer hosts the chat. If you quit, it ends for everybody until you start qtchat again; "
                "nothing that was written is lost."
            ),
            self.tr("Stop and quit"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._answered)
        dialog.accepted.connect(self.quit_now)
        dialog.rejected.connect(self._stay)
        dialog.open()

    def quit_now(self) -> None:
        """Stop all accounts, then the hosted server, save the settings; `finished` when all of it is done."""
        if self.quitting:
            return
        self.quitting = True
        self.keeping.emit()
        self.leaving.emit()
        self._hosting.cancel()
        self._sessions.close_all()
        self._window.close_for_good()
        if self._background.busy:
            self._background.idle.connect(self._last_steps, Qt.ConnectionType.SingleShotConnection)
        else:
            self._last_steps()

    def save(self) -> None:
        """Write the settings soon, on a thread of its own."""
        self._background.run("qtchat-settings", partial(self._file.write, self._file.content()), self._saved)

    def _answered(self) -> None:
        self._question = None

    def _stay(self) -> None:
        """There must be a window to go on with."""
        if not self._window.isVisible():
            self.choose_wanted.emit()

    def _last_steps(self) -> None:
        self._background.run("qtchat-last-steps", partial(self._stop_and_save, self._file.content()), self._all_done)

    def _stop_and_save(self, content: Content) -> None:
        """On a thread of its own."""
        try:
            if self._hosting.server is not None:
                self._hosting.server.stop()
        finally:
            self._file.write(content)

    def _all_done(self, _result: object, failure: BaseException | None) -> None:
        self.finished.emit()
        if isinstance(failure, OSError):  # nobody is left to tell it to
            logger.error("the settings could not be saved: %s", failure)
        elif failure is not None:
            raise failure

    def _saved(self, _result: object, failure: BaseException | None) -> None:
        if isinstance(failure, OSError):
            text = self.tr("The settings could not be saved, so the next start may not know them: {why}")
            self.notice_wanted.emit(text.replace("{why}", str(failure)))
        elif failure is not None:
            raise failure
