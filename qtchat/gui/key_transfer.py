"""Taking the key along: into a file that a passphrase seals, and from there into another profile."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from qtchat.client.errors import ProfileError
from qtchat.client.keyfile import export_key, import_key
from qtchat.gui.bridge import Background
from qtchat.gui.models.words import fill
from qtchat.gui.pause import Pause
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.passphrase_dialog import PassphraseDialog

SUFFIX = ".qtchat-key"


class KeyTransfer(QObject):
    """Asks for a file and a passphrase; the slow part is on a background thread. An import disconnects for a moment.

    Tells: replaced(), the profile has another key now; said(str), a sentence for whoever looks.
    """

    replaced = Signal()
    said = Signal(str)

    def __init__(self, profile: Path, pause: Pause, background: Background, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._profile, self._pause, self._background = profile, pause, background
        self._theme, self._window = theme, window
        self.files: QFileDialog | None = None
        self.dialog: PassphraseDialog | None = None

    # -- export ---------------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask where to, and by which passphrase."""
        files = self._ask_for_file(self.tr("Export the key to"), self._export_to)
        if files is not None:
            files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)  # it asks itself whether to replace a file
            files.setDefaultSuffix(SUFFIX)
            files.selectFile(f"qtchat{SUFFIX}")
            files.open()

    def _export_to(self, path: Path) -> None:
        sentence = self.tr(
            "Whoever has this file and the passphrase is you on every server. Keep them apart, and do not forget the "
            "passphrase: nobody can open the file without it."
        )
        dialog = self._open(
            PassphraseDialog(
                self.tr("Export your key"), sentence, self.tr("Export"), self._theme, self._window, chosen_now=True
            )
        )
        dialog.given.connect(partial(self._export, path))

    def _export(self, path: Path, passphrase: str) -> None:
        work = partial(export_key, self._profile, path, passphrase, replace=True)
        self._background.run("qtchat-key-export", work, partial(self._exported, path))

    def _exported(self, path: Path, _result: object, failure: BaseException | None) -> None:
        if self._done(failure):
            self.said.emit(fill(self.tr("Your key was exported to {file}."), file=str(path)))

    # -- import ---------------------------------------------------------------------------------------

    def import_(self) -> None:
        """Ask which file, and for its passphrase."""
        files = self._ask_for_file(self.tr("Import a key from"), self._import_from)
        if files is not None:
            files.setFileMode(QFileDialog.FileMode.ExistingFile)
            files.setNameFilters([f"{self.tr('Exported keys')} (*{SUFFIX})", f"{self.tr('All files')} (*)"])
            files.open()

    def _import_from(self, path: Path) -> None:
        sentence = self.tr(
            "You will be the person of this key, with their names and rooms, on every server that knows them. Your "
            "present key is put aside, not deleted. All chats are disconnected for a moment."
        )
        dialog = self._open(
            PassphraseDialog(
                self.tr("Import a key"), sentence, self.tr("Disconnect and import"), self._theme, self._window
            )
        )
        dialog.given.connect(partial(self._import, path))

    def _import(self, path: Path, passphrase: str) -> None:
        self._pause.run(partial(self._import_now, path, passphrase))

    def _import_now(self, path: Path, passphrase: str, go_on: Callable[[], None]) -> None:
        work = partial(import_key, self._profile, path, passphrase)
        self._background.run("qtchat-key-import", work, partial(self._imported, go_on))

    def _imported(self, go_on: Callable[[], None], aside: object, failure: BaseException | None) -> None:
        go_on()
        if self._done(failure):
            kept = fill(self.tr("The old one is kept as {file}."), file=str(aside)) if aside else ""
            self.said.emit(f"{self.tr('The key was imported.')} {kept}".strip())
            self.replaced.emit()

    # -- the dialogs ----------------------------------------------------------------------------------

    def _ask_for_file(self, title: str, then: Callable[[Path], None]) -> QFileDialog | None:
        """None while one is open."""
        if self.files is not None or self.dialog is not None:
            return None
        self.files = files = QFileDialog(self._window, title, str(Path.home()))
        files.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        files.finished.connect(self._files_closed)
        files.fileSelected.connect(lambda name: then(Path(name)))
        return files

    def _files_closed(self) -> None:
        self.files = None

    def _open(self, dialog: PassphraseDialog) -> PassphraseDialog:
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        dialog.open()
        return dialog

    def _closed(self) -> None:
        self.dialog = None

    def _done(self, failure: BaseException | None) -> bool:
        """Close the dialog if it worked; else it says why not, or the window does."""
        if failure is None:
            if self.dialog is not None:
                self.dialog.accept()
            return True
        if not isinstance(failure, ProfileError):
            raise failure
        if self.dialog is not None:
            self.dialog.show_failure(str(failure))
        else:
            self.said.emit(str(failure))
        return False
