"""Who we are: name, status, key."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout

from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_16
from qtchat.gui.views.color_choice import ColorChoice
from qtchat.gui.views.controls import Avatar, ElidedLabel, IconButton, Label, Paragraph, restyle
from qtchat.gui.views.settings.form import ComboBox, SettingsPage
from qtchat.protocol.messages import MAX_NICK, MAX_STATUS
from qtchat.protocol.names import NameProblemError, clean_nick, clean_status

AWAY_MINUTES = (0, 1, 5, 10, 15, 30, 60)
AVATAR = 56


class ProfilePage(SettingsPage):
    """Asks: nick_chosen(str), color_chosen(int), status_chosen(str), away_chosen(int: minutes), export_wanted and
    import_wanted (the key), folder_wanted."""

    nick_chosen = Signal(str)
    color_chosen = Signal(int)
    status_chosen = Signal(str)
    away_chosen = Signal(int)
    export_wanted = Signal()
    import_wanted = Signal()
    folder_wanted = Signal()

    def __init__(self, settings: Settings, profile: Path, theme: Theme, icons: Icons) -> None:
        super().__init__(theme, "profile_page")
        self._nick, self._status = settings.nick, settings.status
        self._add_name(settings)
        self._add_presence(settings, icons)
        self._add_key(icons)
        self._add_folder(profile, icons)
        self.finish()

    def _add_name(self, settings: Settings) -> None:
        self.avatar = Avatar(self.theme, AVATAR)
        self.color_choice = ColorChoice(self.theme, settings.color)
        self.color_choice.chosen.connect(self._take_color)
        self._draw_avatar(settings.nick)
        self.nick_field = QLineEdit(settings.nick, maxLength=MAX_NICK)
        self.nick_field.setObjectName("nick_field")
        self.nick_field.setAccessibleName(self.tr("Name"))
        self.nick_field.textEdited.connect(self._judge_nick)
        self.nick_field.editingFinished.connect(self._take_nick)
        self.error_label = Paragraph(self.theme, FontRole.NAME, "danger", plain=True)
        self.error_label.hide()
        words = QVBoxLayout()
        words.setSpacing(SPACE_4)
        label = Label(self.theme, FontRole.NAME, text=self.tr("Name"))
        label.setBuddy(self.nick_field)
        words.addWidget(label)
        words.addWidget(self.nick_field)
        row = QHBoxLayout()
        row.setSpacing(SPACE_16)
        row.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignBottom)
        row.addLayout(words, 1)
        self.column.addLayout(row)
        self.column.addWidget(self.error_label)
        self.column.addWidget(self.color_choice)
        self.add_note(
            self.tr(
                "Your name on every chat that you join. Once you are in, it belongs to your key there: nobody else "
                "can take it."
            )
        )

    def _add_presence(self, settings: Settings, icons: Icons) -> None:
        self.status_field = QLineEdit(settings.status, maxLength=MAX_STATUS)
        self.status_field.setObjectName("status_field")
        self.status_field.setAccessibleName(self.tr("Status"))
        self.status_field.setPlaceholderText(self.tr("For example: in the library until four"))
        self.status_field.editingFinished.connect(self._take_status)
        self.column.addSpacing(SPACE_8)
        self.add_labelled(self.tr("Status"), self.status_field)
        self.away_box = ComboBox(self.theme, icons, self.tr("Show me as away"))
        self.away_box.setObjectName("away_box")
        for minutes in sorted({*AWAY_MINUTES, settings.away_minutes}, key=lambda minutes: (minutes == 0, minutes)):
            self.away_box.addItem(self._away_words(minutes), minutes)
        self.away_box.setCurrentIndex(self.away_box.findData(settings.away_minutes))
        self.away_box.activated.connect(self._take_away)
        self.column.addSpacing(SPACE_8)
        self.add_labelled(self.tr("Show me as away"), self.away_box)

    def _away_words(self, minutes: int) -> str:
        if minutes == 0:
            return self.tr("Never")
        return self.tr("After 1 minute without input") if minutes == 1 else self.tr("After %n minutes", "", minutes)

    def _add_key(self, icons: Icons) -> None:
        self.add_section(self.tr("Your key"))
        self.key_label = Paragraph(self.theme, FontRole.MONO, text=self.tr("Reading…"))
        self.key_label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.key_label.setAccessibleName(self.tr("Fingerprint of your key"))
        self.copy_button = IconButton(self.theme, icons, "copy", self.tr("Copy the fingerprint"))
        self.copy_button.setObjectName("copy_key_button")
        self.copy_button.setEnabled(False)
        self.copy_button.clicked.connect(self._copy_key)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.key_label, 1)
        row.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self.add_note(
            self.tr(
                "The key is what makes you the owner of your name. It leaves this computer only if you export it: into "
                "a file that a passphrase seals, to be the same person on another computer. If it is lost, an admin "
                "must release the name."
            )
        )
        # One below the other: side by side they are too wide for the smallest window.
        self.export_button = self.add_button(self.tr("Export the key…"), "export_key_button")
        self.import_button = self.add_button(self.tr("Import a key…"), "import_key_button")
        self.export_button.clicked.connect(self.export_wanted)
        self.import_button.clicked.connect(self.import_wanted)

    def _add_folder(self, profile: Path, icons: Icons) -> None:
        self.add_section(self.tr("Profile folder"))
        path = ElidedLabel(self.theme, FontRole.BODY)
        path.set_whole(str(profile))
        self.folder_button = IconButton(self.theme, icons, "folder-open", self.tr("Show in folder"))
        self.folder_button.setObjectName("folder_button")
        self.folder_button.clicked.connect(self.folder_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(path, 1)
        row.addWidget(self.folder_button)
        self.column.addLayout(row)
        self.add_note(self.tr("Key, history and settings. Copy this folder to keep them, or to take them along."))

    # -- what it shows --------------------------------------------------------------------------------

    def show_fingerprint(self, fingerprint: str, problem: str = "") -> None:
        """The key's fingerprint has been read; or a sentence says why not."""
        self.key_label.setText(fingerprint or problem)
        self.key_label.set_tone("" if fingerprint else "danger")
        self.copy_button.setEnabled(bool(fingerprint))

    def show_nick(self, nick: str) -> None:
        """This is what we are called from now on."""
        self._nick = nick
        self.nick_field.setText(nick)
        self._judge_nick(nick)

    def show_nick_problem(self, sentence: str) -> None:
        """A server refused the name."""
        self.error_label.setText(sentence)
        self.error_label.setVisible(bool(sentence))
        restyle(self.nick_field, "invalid", bool(sentence))

    # -- what is chosen -------------------------------------------------------------------------------

    def _judge_nick(self, text: str) -> None:
        self._draw_avatar(text)
        try:
            clean_nick(text)
        except NameProblemError as error:
            self.show_nick_problem(str(error))
        else:
            self.show_nick_problem("")

    def _draw_avatar(self, nick: str) -> None:
        color = self.color_choice.color
        self.avatar.show_name(nick, self.theme.color_key(color) if color else None)

    def _take_color(self, color: int) -> None:
        self._draw_avatar(self.nick_field.text())
        self.color_chosen.emit(color)

    def _take_nick(self) -> None:
        try:
            nick = clean_nick(self.nick_field.text())
        except NameProblemError as error:
            self.show_nick_problem(str(error))
            return
        if nick != self._nick:
            self._nick = nick
            self.nick_chosen.emit(nick)

    def _take_status(self) -> None:
        status = clean_status(self.status_field.text())
        if status != self._status:
            self._status = status
            self.status_chosen.emit(status)

    def _take_away(self, row: int) -> None:
        self.away_chosen.emit(self.away_box.itemData(row))

    def _copy_key(self) -> None:
        QGuiApplication.clipboard().setText(self.key_label.text())
