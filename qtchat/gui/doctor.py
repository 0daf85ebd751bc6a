"""Runs the doctor off the GUI thread, and shows what it finds as it finds it."""

import logging
import threading
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from qtchat.client.findings import Finding
from qtchat.gui.bridge import Background
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.doctor_dialog import DoctorDialog

logger = logging.getLogger(__name__)

Examine = Callable[[str, threading.Event], Iterator[Finding]]
"""(address or invitation, when to end early) -> findings; blocks between them."""


class Diagnosis(QObject):
    """The dialog, while it is open, and the examination that it shows. Closing it ends the examination."""

    _found = Signal(object, object)
    """(stop: whose examination, Finding), from its thread."""

    def __init__(
        self, examine: Examine, background: Background, theme: Theme, icons: Icons, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._examine, self._background = examine, background
        self._theme, self._icons = theme, icons
        self._stop = threading.Event()
        self.dialog: DoctorDialog | None = None
        self._found.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def open(self, link: str = "", over: QWidget | None = None) -> None:
        """Look why nothing is seen, or what is between us and `link`. `over`: the window that the dialog belongs to."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        self.dialog = DoctorDialog(self._theme, self._icons, link, over)
        self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.dialog.examine_wanted.connect(self._begin)
        self.dialog.stop_wanted.connect(self._leave_off)
        self.dialog.finished.connect(self._closed)
        self.dialog.open()
        self._begin(link)

    def cancel(self) -> None:
        """End the examination under way; for the end of the program."""
        self._stop.set()

    def _leave_off(self) -> None:
        """Nothing that is found from now on is shown."""
        self._stop.set()
        self._stop = threading.Event()

    def _begin(self, link: str) -> None:
        self._stop.set()
        stop = self._stop = threading.Event()

        def work() -> None:
            for finding in self._examine(link, stop):
                self._found.emit(stop, finding)

        def done(_result: object, failure: BaseException | None) -> None:
            if failure is not None:
                logger.error("the doctor failed", exc_info=failure)
            if self._stop is stop and self.dialog is not None:
                self._end(failed=failure is not None)

        self._background.run("qtchat-doctor", work, done)

    def _end(self, *, failed: bool) -> None:
        assert self.dialog is not None
        if failed:
            self.dialog.fail(self.tr("The examination could not go on. The log has the details."))
        else:
            self.dialog.end()

    def _show(self, stop: threading.Event, finding: Finding) -> None:
        if stop is self._stop and self.dialog is not None:
            self.dialog.add(finding)

    def _closed(self) -> None:
        self._stop.set()
        self.dialog = None
