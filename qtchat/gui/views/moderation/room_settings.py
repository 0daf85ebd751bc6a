"""The settings of a room: its name, who can join, who can write."""

from msgspec import Struct
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qtchat.client.state import RoomState
from qtchat.client.updates import Problem
from qtchat.gui.models.words import fill, room_title
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import Label, Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.moderation.told import Told
from qtchat.gui.views.moderation.words import SLOW, slow_words, translate
from qtchat.gui.views.settings.form import ComboBox, Switch
from qtchat.protocol.messages import LOBBY, MAX_ROOM_NAME, PRIVATE, PUBLIC


class RoomSettings(Struct, frozen=True):
    """All that can be changed of a room; `slow`: seconds between two messages of one member, 0 for no limit."""

    name: str
    private: bool = False
    announcement: bool = False
    frozen: bool = False
    slow: int = 0

    @classmethod
    def of(cls, room: RoomState) -> "RoomSettings":
        """As they are now."""
        return cls(room.name, room.kind == PRIVATE, room.announcement, room.frozen, room.slow_ms // 1000)

    def changed(self, after: "RoomSettings") -> list[tuple[str, str]]:
        """What to ask the server for so that these become `after`: pairs of a setting and its value."""
        flags = [
            ("private", self.private, after.private),
            ("announcement", self.announcement, after.announcement),
            ("frozen", self.frozen, after.frozen),
            ("slow_ms", self.slow * 1000, after.slow * 1000),
        ]
        name = [("name", after.name)] if after.name != self.name else []
        return name + [(setting, str(int(new))) for setting, old, new in flags if old != new]


class RoomSettingsDialog(FormDialog):
    """Asks: save_wanted(list of (setting, value)). Stays open, with the reason, when the server refuses."""

    save_wanted = Signal(list)

    def __init__(
        self, number: int, settings: RoomSettings, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        """`number`: of the room; the lobby keeps its name, and is open to everybody."""
        name = room_title(settings.name, PRIVATE if settings.private else PUBLIC)
        title = fill(translate("RoomSettingsDialog", "Settings of {room}"), room=name)
        super().__init__(theme, title, parent)
        self.setObjectName("room_settings_dialog")
        self._was = settings
        self.name_field = QLineEdit(settings.name, self, maxLength=MAX_ROOM_NAME)
        self.name_field.setObjectName("room_name_field")
        self.name_field.setAccessibleName(self.tr("Name"))
        self.private = Switch(theme, self.tr("Private: only people who are added can see it"), settings.private)
        self.announcement = Switch(
            theme, self.tr("Announcements: only owner and moderators write"), settings.announcement
        )
        self.frozen = Switch(theme, self.tr("Frozen: nobody writes for now"), settings.frozen)
        self.slow_box = ComboBox(theme, icons, self.tr("Slow mode"), self)
        self.slow_box.setObjectName("slow_box")
        for seconds in sorted({*SLOW, settings.slow}):
            self.slow_box.addItem(slow_words(seconds), seconds)
        self.slow_box.setCurrentIndex(self.slow_box.findData(settings.slow))
        self.told = Told(theme, "room_settings_told", self)
        self._lay_out(theme)
        if number == LOBBY:
            self._keep_open(theme)
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.save_button = self.add_button(self.tr("Save"), "save_button", "primary")
        self.save_button.setDefault(True)
        self.save_button.clicked.connect(self._save)
        self.name_field.textEdited.connect(self._judge)
        self.slow_box.activated.connect(self._judge)
        for switch in (self.private, self.announcement, self.frozen):
            switch.clicked.connect(self._judge)
        self.finish()
        self._judge()

    def _lay_out(self, theme: Theme) -> None:
        name = Label(theme, FontRole.NAME, text=self.tr("Name"))
        name.setBuddy(self.name_field)
        slow = Paragraph(theme, FontRole.NAME, text=self.tr("Slow mode: between two messages of one person"))
        slow.setBuddy(self.slow_box)
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(name)
        self.column.addWidget(self.name_field)
        self.column.addSpacing(SPACE_8)
        for switch in (self.private, self.announcement, self.frozen):
            self.column.addWidget(switch)
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(slow)
        self.column.addWidget(self.slow_box)
        self.column.addWidget(self.told)

    def _keep_open(self, theme: Theme) -> None:
        self.name_field.setEnabled(False)
        self.private.setEnabled(False)
        says = self.tr("Everybody is in this room: it keeps its name, and cannot be private.")
        self.column.insertWidget(1, Paragraph(theme, FontRole.BODY, "sub", says))

    @property
    def settings(self) -> RoomSettings:
        """What is chosen."""
        return RoomSettings(
            self.name_field.text().strip(),
            self.private.isChecked(),
            self.announcement.isChecked(),
            self.frozen.isChecked(),
            int(self.slow_box.currentData()),
        )

    def show_problem(self, problem: Problem) -> None:
        """It was refused; what was taken before it holds."""
        self.told.show_problem(problem)
        self.save_button.setEnabled(True)

    def taken(self, settings: RoomSettings) -> None:
        """The room is so now."""
        self._was = settings

    def _judge(self) -> None:
        self.told.hide()
        now = self.settings
        self.save_button.setEnabled(bool(now.name) and now != self._was)

    def _save(self) -> None:
        self.save_button.setEnabled(False)
        self.save_wanted.emit(self._was.changed(self.settings))
