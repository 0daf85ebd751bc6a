"""What a host is shown of the chat on this computer, and can do with it."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.hosting import HostStatus
from qtchat.gui.models.words import fill
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_16, SPACE_24
from qtchat.gui.views.controls import CheckBox, ElidedLabel, Label, Line, Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.host_newcomers import HostNewcomers
from qtchat.gui.views.invitation_dialog import CopyButton
from qtchat.protocol.dialects import DIALECTS

DOORS: Final = tuple(f"{dialect.name}:{port}" for dialect in DIALECTS.values() for port in dialect.ports)
"""Every plain-text door that can be opened, as "dialect:port"."""
DOOR_COLUMNS: Final = 2
FIGURE_COLUMNS: Final = 3
"""Where there is little room; else they stand in one row."""


class Figure(QWidget):
    """A number, and under it what it counts."""

    def __init__(self, theme: Theme, says: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = Label(theme, FontRole.TITLE, text="–")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.number)
        self.says = Label(theme, FontRole.META, "sub", says)
        column.addWidget(self.says)


class HostPanel(FormDialog):
    """Asks: invite_wanted, backup_wanted, stop_wanted, doors_wanted(the doors to have from now on, as DOORS),
    again_chosen(bool: host again when the program starts), rename_wanted; and what HostNewcomers asks."""

    invite_wanted = Signal()
    backup_wanted = Signal()
    stop_wanted = Signal()
    doors_wanted = Signal(tuple)
    again_chosen = Signal(bool)
    rename_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("HostPanel", "Your chat"), parent, grows=True)
        self.setObjectName("host_panel")
        self._theme, self._icons = theme, icons
        self._open_doors: tuple[str, ...] = ()
        self._backup_said = False
        self.column.setSpacing(SPACE_4)
        self.about = ElidedLabel(theme, FontRole.BODY, "sub")
        self.rename_button = self._link(self.tr("Rename…"), "rename_button")
        self.rename_button.clicked.connect(self.rename_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.about, 1)
        row.addWidget(self.rename_button)
        self.column.addLayout(row)
        self.column.addSpacing(SPACE_8)
        self._add_figures()
        self._add_place()
        self._add_backup()
        self.column.addSpacing(SPACE_8)
        self.newcomers = HostNewcomers(theme, icons, self)
        self.column.addWidget(self.newcomers)
        self._add_doors()
        self.column.addSpacing(SPACE_8)
        self.again_box = CheckBox(theme, icons, self.tr("Host it again when qtchat starts"), self)
        self.again_box.toggled.connect(self.again_chosen)
        self.column.addWidget(self.again_box)
        self._add_buttons()
        self.finish()

    # -- what it shows --------------------------------------------------------------------------------

    def show_place(self, name: str, addresses: Sequence[str], code: str) -> None:
        """`addresses`: "host:port" for others, best first."""
        self.about.set_whole(self.tr("“{name}” is open on this computer.").replace("{name}", name))
        for (words, copy), value in ((self._addresses, "\n".join(addresses)), (self._code, code)):
            words.setText(value)
            copy.text_to_copy = value

    def show_status(self, status: HostStatus) -> None:
        """How it stands now."""
        locale, people = QLocale(), status.people
        for figure, number in (
            (self.online, locale.toString(people.online)),
            (self.known, locale.toString(people.known)),
            (self.rooms, locale.toString(people.rooms)),
            (self.entries, locale.toString(people.entries)),
            (self.disk, locale.formattedDataSize(status.disk, 1, QLocale.DataSizeFormat.DataSizeTraditionalFormat)),
        ):
            figure.number.setText(number)
        self.known.says.setText(self.tr("person") if people.known == 1 else self.tr("people"))
        self.rooms.says.setText(self.tr("room") if people.rooms == 1 else self.tr("rooms"))
        if not self._backup_said:
            self._say_last_backup(status.last_backup)

    def show_doors(self, doors: Sequence[str], trouble: str = "", *, locked: bool = False) -> None:
        """Which doors are open, and why others are not; `locked`: these are not either, for what newcomers meet. What
        was ticked since, and not confirmed, stays ticked."""
        pending = self._chosen_doors() != self._open_doors
        self._open_doors = tuple(doors)
        for door, box in self.door_boxes.items():
            if not pending:
                box.setChecked(door in doors)
        if locked:
            trouble = self.tr(
                "These doors stay shut for now: there, newcomers would need no password, wait for nobody and write."
            )
        self.door_trouble.set_tone("warn" if locked else "danger")
        self.door_trouble.setText(trouble)
        self.door_trouble.setVisible(bool(trouble))
        if doors or trouble:
            self._set_doors_shown(True)
        self._judge_doors()

    def show_busy(self, backing_up: bool) -> None:
        """A copy is being made, or not any more."""
        self.backup_button.setEnabled(not backing_up)
        if backing_up:
            self._say_of_backup(self.tr("Copying…"), "sub")

    def show_copy(self, place: str) -> None:
        """A copy was made there."""
        told = self.tr("Backed up to {place}. It holds the key of this server, too: keep it safe.")
        self._say_of_backup(told.replace("{place}", place), "ok")

    def show_failure(self, sentence: str) -> None:
        """There is no copy."""
        self._say_of_backup(sentence, "danger")

    def show_restarting(self) -> None:
        """It is closed and opened again; show_place, show_doors and HostNewcomers.show_rules follow."""
        self.about.set_whole(self.tr("Restarting… Everybody comes back by themselves."))
        self._enable(False)

    def show_running(self) -> None:
        self._enable(True)

    # -- how it is made -------------------------------------------------------------------------------

    def _add_figures(self) -> None:
        self.online, self.known, self.rooms, self.entries, self.disk = (
            Figure(self._theme, says)
            for says in (
                self.tr("online"),
                self.tr("people"),
                self.tr("rooms"),
                self.tr("in the log"),
                self.tr("on disk"),
            )
        )
        figures = (self.online, self.known, self.rooms, self.entries, self.disk)
        columns = FIGURE_COLUMNS if self.tight else len(figures)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_16)
        grid.setVerticalSpacing(SPACE_8)
        for place, figure in enumerate(figures):
            grid.addWidget(figure, place // columns, place % columns)
        grid.setColumnStretch(columns, 1)
        self.column.addLayout(grid)
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(Line())

    def _add_place(self) -> None:
        self._addresses = self._add_fact(self.tr("Addresses for others"))
        self._code = self._add_fact(self.tr("Server code"))

    def _add_fact(self, name: str) -> tuple[Paragraph, CopyButton]:
        self._add_heading(name)
        words, copy = Paragraph(self._theme, FontRole.MONO), CopyButton("", "link", self)
        copy.setAccessibleName(self.tr("Copy: {what}").replace("{what}", name))
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(words, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        return words, copy

    def _add_heading(self, text: str) -> None:
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(Paragraph(self._theme, FontRole.NAME, text=text))

    def _add_backup(self) -> None:
        self._add_heading(self.tr("Backup"))
        self.backup_label = Paragraph(self._theme, FontRole.NAME, "sub", plain=True)
        self.backup_label.setObjectName("backup_label")
        self.backup_button = self._link(self.tr("Back up now…"), "backup_button")
        self.backup_button.clicked.connect(self.backup_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.backup_label, 1)
        row.addWidget(self.backup_button, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self._say_last_backup(0)

    def _add_doors(self) -> None:
        self.column.addSpacing(SPACE_8)
        self.doors_button = self._link(self.tr("Let plain-text programs in…"), "doors_button")
        self.doors_button.clicked.connect(lambda: self._set_doors_shown(True))
        self.column.addWidget(self.doors_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._doors = QWidget(self)
        column = QVBoxLayout(self._doors)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(Paragraph(self._theme, FontRole.NAME, text=self.tr("Doors for plain-text programs")))
        warning = self.tr(
            "Not encrypted: whoever is on the same network can read and change what is said through them, and read "
            "everything said in the lobby. Who comes in that way has proved no name."
        )
        column.addWidget(Paragraph(self._theme, FontRole.NAME, "warn", warning, plain=True))
        grid = QGridLayout()
        grid.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        grid.setHorizontalSpacing(SPACE_24)
        grid.setVerticalSpacing(SPACE_8)
        self.door_boxes: dict[str, CheckBox] = {}
        columns = 1 if self.tight else DOOR_COLUMNS
        for place, door in enumerate(DOORS):
            dialect, _, port = door.partition(":")
            says = fill(self.tr("{kind} ({port})"), kind=dialect, port=port)
            box = self.door_boxes[door] = CheckBox(self._theme, self._icons, says)
            box.toggled.connect(self._judge_doors)
            grid.addWidget(box, place // columns, place % columns)
        column.addLayout(grid)
        self.door_trouble = Paragraph(self._theme, FontRole.NAME, "danger", plain=True)
        self.door_trouble.setObjectName("door_trouble")
        self.door_trouble.hide()
        column.addWidget(self.door_trouble)
        self.restart_button = QPushButton(self.tr("Restart with these doors"), self._doors)
        self.restart_button.setObjectName("restart_button")
        self.restart_button.setAutoDefault(False)
        self.restart_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.restart_button.clicked.connect(self._ask_for_restart)
        column.addWidget(self.restart_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self._doors)
        self._set_doors_shown(False)
        self._judge_doors()

    def _add_buttons(self) -> None:
        self.stop_button = QPushButton(self.tr("Stop hosting…"), self)
        self.stop_button.setObjectName("stop_hosting_button")
        self.stop_button.setProperty("kind", "danger")
        self.stop_button.setCursor(Qt.CursorShape.PointingHandCursor)
        if self.tight:
            self.column.addSpacing(SPACE_8)
            self.column.addWidget(self.stop_button, 0, Qt.AlignmentFlag.AlignLeft)
        else:
            self.buttons.insertWidget(0, self.stop_button)  # away from the others
        self.stop_button.clicked.connect(self.stop_wanted)
        self.close_button = self.add_button(self.tr("Close"), "close_button")
        self.close_button.clicked.connect(self.reject)
        self.invite_button = self.add_button(self.tr("Invite…"), "invite_button", "primary")
        self.invite_button.clicked.connect(self.invite_wanted)
        for button in (self.stop_button, self.close_button):
            button.setAutoDefault(False)
        self.invite_button.setDefault(True)

    def _link(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setProperty("kind", "link")
        button.setAutoDefault(False)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        return button

    # -- small decisions ------------------------------------------------------------------------------

    def _set_doors_shown(self, shown: bool) -> None:
        self.doors_button.setVisible(not shown)
        self._doors.setVisible(shown)

    def _chosen_doors(self) -> tuple[str, ...]:
        return tuple(door for door, box in self.door_boxes.items() if box.isChecked())

    def _judge_doors(self) -> None:
        chosen = self._chosen_doors()
        self.restart_button.setVisible(chosen != self._open_doors)
        self.newcomers.show_doors(bool(chosen))

    def _ask_for_restart(self) -> None:
        self._open_doors = self._chosen_doors()  # it is confirmed
        self.doors_wanted.emit(self._open_doors)

    def _say_of_backup(self, sentence: str, tone: str) -> None:
        """What stays until the panel is closed."""
        self._backup_said = True
        self.backup_label.set_tone(tone)
        self.backup_label.setText(sentence)

    def _say_last_backup(self, when: int) -> None:
        if not when:
            self.backup_label.setText(self.tr("None yet."))
            return
        moment = QLocale().toString(QDateTime.fromMSecsSinceEpoch(when), QLocale.FormatType.ShortFormat)
        self.backup_label.setText(self.tr("The last one: {moment}.").replace("{moment}", moment))

    def _enable(self, enabled: bool) -> None:
        controls: list[QWidget] = [
            *(self.stop_button, self.invite_button, self.backup_button, self.restart_button, self.rename_button),
        ]
        for control in (*controls, *self.door_boxes.values()):
            control.setEnabled(enabled)
        self.newcomers.enable(enabled)
