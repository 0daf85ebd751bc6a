"""What this program is, and what to tell whoever is to mend it."""

import platform

import PySide6
from PySide6.QtCore import QLocale, QSysInfo, Qt, QTimer, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from qtchat import __version__
from qtchat.gui.licences import bundled_parts
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import Label, Paragraph
from qtchat.gui.views.settings.form import SettingsPage
from qtchat.gui.views.settings.licences import LicencesDialog

ICON = 64
COPIED_MS = 2_000
"""How long "Copied" stands on the button."""


class AboutPage(SettingsPage):
    """Version, licence, and the text for a bug report."""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__(theme, "about_page")
        self._icons = icons
        picture = QLabel()
        picture.setPixmap(icons.pixmap("qtchat", ICON, "accent", self.devicePixelRatioF()))
        self.column.addWidget(picture)
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(Label(theme, FontRole.PAGE, text="qtchat"))
        self.column.addWidget(
            Label(theme, FontRole.BODY, "sub", self.tr("Version {number}").replace("{number}", __version__))
        )
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(Paragraph(theme, text=self.tr("The chat for the people in one place.")))
        self.add_note(self.tr("Free software under the MIT License. Icons: Lucide, ISC License."))
        self._parts = bundled_parts()
        if self._parts:
            words = self.tr("This bundle contains the work of many others: {count} parts, each with its licence.")
            self.add_note(words.replace("{count}", str(len(self._parts))))
            self.licences_button = self.add_button(self.tr("Licences"), "licences_button")
            self.licences_button.clicked.connect(self._show_licences)
        self.add_section(self.tr("For a bug report"))
        self.facts_label = Paragraph(theme, FontRole.MONO, "sub", system_facts(theme))
        self.column.addWidget(self.facts_label)
        self.copy_button = self.add_button(self.tr("Copy"), "copy_facts_button")
        self.copy_button.clicked.connect(self._copy)
        self.add_note(self.tr("No names, addresses or messages are in it."))
        self._restore = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._restore.timeout.connect(self._uncopied)
        self.finish()

    def _show_licences(self) -> None:
        dialog = LicencesDialog(self.theme, self._icons, self._parts, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.facts_label.text())
        self.copy_button.setText(self.tr("Copied"))
        self._restore.start()

    def _uncopied(self) -> None:
        self.copy_button.setText(self.tr("Copy"))


def system_facts(theme: Theme) -> str:
    """What somebody who looks for a fault needs to know of this system; nothing about its user. English, always."""
    screens = QGuiApplication.screens()
    sizes = ", ".join(
        f"{screen.size().width()}x{screen.size().height()} @{screen.devicePixelRatio():g}" for screen in screens
    )
    return "\n".join(
        (
            f"qtchat {__version__}",
            f"Python {platform.python_version()}",
            f"PySide6 {PySide6.__version__}, Qt {qVersion()}",
            f"{QSysInfo.prettyProductName()}, {QSysInfo.currentCpuArchitecture()}",
            f"Platform {QGuiApplication.platformName()}, {QLocale().name()}",
            f"Screens {sizes}",
            f"Theme {'dark' if theme.dark else 'light'}, text {round(100 * theme.text_scale)} %",
        )
    )
