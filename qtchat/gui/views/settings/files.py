"""What lies on this computer, and who can read what."""

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.controls import ElidedLabel, Paragraph
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.gui.views.settings.form import SettingsPage


class FilesPage(SettingsPage):
    """Asks: clear_wanted, after it has asked whether it is meant."""

    clear_wanted = Signal()

    def __init__(self, history: Path, theme: Theme) -> None:
        """`history`: the folder in which the local history is."""
        super().__init__(theme, "files_page")
        self.add_section(self.tr("Local history"))
        self.add_note(
            self.tr(
                "What you have read is kept on this computer, so that you can read and search it without a connection."
            )
        )
        place = ElidedLabel(theme, FontRole.BODY)
        place.set_whole(str(history))
        self.column.addWidget(place)
        self.size_label = Paragraph(theme, FontRole.BODY, "sub", self.tr("Measuring…"))
        self.column.addWidget(self.size_label)
        self.clear_button = self.add_button(self.tr("Clear local history…"), "clear_button", "danger")
        self.clear_button.clicked.connect(self._ask)
        self.add_section(self.tr("Who can read"))
        self.column.addWidget(
            Paragraph(
                theme,
                text=self.tr(
                    "Everything travels encrypted, so nobody else on the network can read it. The server stores the "
                    "messages, and whoever runs it can read them, private rooms and direct messages too: there is no "
                    "end-to-end encryption."
                ),
            )
        )
        self.add_section(self.tr("Read marks"))
        self.column.addWidget(
            Paragraph(
                theme,
                text=self.tr(
                    "In small rooms and direct messages the others see how far you have read. When you type, they see "
                    "that you are typing, but not what."
                ),
            )
        )
        self.finish()

    def show_size(self, size: int) -> None:
        """So many bytes of it are there."""
        self.clear_button.setEnabled(size > 0)
        told = QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
        self.size_label.setText(told if size else self.tr("There is none."))

    def show_clearing(self) -> None:
        """It is being cleared."""
        self.clear_button.setEnabled(False)
        self.size_label.setText(self.tr("Clearing…"))

    def _ask(self) -> None:
        dialog = ConfirmDialog(
            self.theme,
            self.tr("Clear the local history?"),
            self.tr(
                "All messages that are kept on this computer are removed. Servers still have theirs, and what they "
                "have is fetched again when you join. What waits to be sent is kept."
            ),
            self.tr("Clear"),
            self,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self.clear_wanted)
        dialog.open()
