"""Why can't I see it? The findings of the doctor, one by one, each with what to do."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.findings import CONTEXT, Finding, Outcome, report_text
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import IconButton, Label, Paragraph
from qtchat.gui.views.form_dialog import FormDialog

HEIGHT = 320
"""Pixels of the list."""
ICON = 18
MAX_ADDRESS = 4096
LOOKS = {
    Outcome.OK: ("check", "ok"),
    Outcome.WARNING: ("circle-alert", "warn"),
    Outcome.FAILED: ("x", "danger"),
    Outcome.SKIPPED: ("info", "sub"),
}
"""Icon and tone."""


def _translated(template: str) -> str:
    return QCoreApplication.translate(CONTEXT, template)


class FindingRow(QWidget):
    """An icon and a word for the outcome, the sentence, and what to do; a command for it can be copied."""

    def __init__(self, finding: Finding, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        self.told = told = finding.told(_translated)
        self._theme, self._icons = theme, icons
        self._icon, self._tone = LOOKS[finding.outcome]
        self.picture = QLabel(self)
        self.word = Label(theme, FontRole.META, self._tone, outcome_word(finding.outcome))
        head = QHBoxLayout()
        head.setSpacing(SPACE_8)
        head.addWidget(Paragraph(theme, FontRole.NAME, text=told.step), 1)
        head.addWidget(self.word, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(SPACE_4)
        words.addLayout(head)
        words.addWidget(Paragraph(theme, FontRole.BODY, "sub", told.sentence))
        if told.fix:
            words.addWidget(self._fix(told.fix, finding.command))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_12)
        row.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        spoken = (f"{told.step}: {self.word.text()}.", told.sentence, told.fix, finding.command)
        self.setAccessibleName(" ".join(filter(None, spoken)))
        self._draw()
        theme.changed.connect(self._draw)

    def _fix(self, text: str, command: str) -> QFrame:
        card = QFrame(self)
        card.setProperty("kind", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(SPACE_12, SPACE_8, SPACE_12, SPACE_8)
        inside.setSpacing(SPACE_4)
        self.fix = Paragraph(self._theme, FontRole.BODY, text=text)
        inside.addWidget(self.fix)
        if command:
            inside.addLayout(self._typed(command))
        return card

    def _typed(self, command: str) -> QHBoxLayout:
        """What to type, to be selected or copied whole."""
        self.command = Label(self._theme, FontRole.MONO, text=command)
        self.command.setWordWrap(True)
        self.command.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy_button = IconButton(self._theme, self._icons, "copy", self.tr("Copy"))
        self.copy_button.clicked.connect(self._copy)
        line = QHBoxLayout()
        line.setSpacing(SPACE_4)
        line.addWidget(self.command, 1)
        line.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.finding.command)

    def _draw(self) -> None:
        side = self._theme.room_for_text(ICON)
        self.picture.setFixedSize(side, side)
        self.picture.setPixmap(self._icons.pixmap(self._icon, side, self._tone, self.devicePixelRatioF()))


class DoctorDialog(FormDialog):
    """Asks: examine_wanted(str), look again, with this address or invitation; stop_wanted, while it is looked; and is
    `finished` when it is closed."""

    examine_wanted = Signal(str)
    stop_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, link: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("DoctorDialog", "Why can't I see it?"), parent, grows=True)
        self.setObjectName("doctor_dialog")
        self._theme, self._icons = theme, icons
        self.rows: list[FindingRow] = []
        self._worst: FindingRow | None = None
        about = self.tr("This looks at your computer, its network and the way to the chat. Nothing is changed.")
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", about))
        self.address_field = QLineEdit(link, self, maxLength=MAX_ADDRESS)
        self.address_field.setObjectName("doctor_address")
        self.address_field.setCursorPosition(0)  # the address is to be seen, not the end of a code
        self.address_field.setPlaceholderText(self.tr("Address or invitation, if you have it"))
        self.address_field.setAccessibleName(self.tr("Address or invitation"))
        self.address_field.returnPressed.connect(self._again)
        self.again_button = QPushButton(self)
        self.again_button.setObjectName("again_button")
        self.again_button.setAutoDefault(False)
        self.again_button.clicked.connect(self._again_or_stop)
        asked = QHBoxLayout()
        asked.setSpacing(SPACE_8)
        asked.addWidget(self.address_field, 1)
        asked.addWidget(self.again_button)
        self.column.addLayout(asked)
        self._make_list()
        self.progress = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self.progress.setAccessibleName(self.tr("Looking"))
        policy = self.progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(policy)
        self.summary = Paragraph(theme, FontRole.NAME)
        self.summary.setObjectName("doctor_summary")
        self.column.addWidget(self.progress)
        self.column.addWidget(self.summary)
        self.copy_button = self.add_button(self.tr("Copy report"), "copy_report_button")
        self.copy_button.clicked.connect(self._copy)
        self.close_button = self.add_button(self.tr("Close"), "close_button", "primary")
        self.close_button.clicked.connect(self.reject)
        self.finish()
        self.begin()

    def _make_list(self) -> None:
        content = QWidget()
        self._list = QVBoxLayout(content)
        self._list.setContentsMargins(0, SPACE_8, SPACE_12, SPACE_8)
        self._list.setSpacing(SPACE_16)
        self._list.addStretch()
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFixedHeight(HEIGHT)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setAccessibleName(self.tr("What was found"))
        self.area.setWidget(content)
        self.area.verticalScrollBar().rangeChanged.connect(self._follow)
        for filled in (self.area.viewport(), content):
            filled.setAutoFillBackground(False)
        self.column.addWidget(self.area)

    # -- what it shows --------------------------------------------------------------------------------

    def begin(self) -> None:
        """An examination is under way; what an earlier one found is gone."""
        for row in self.rows:
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows, self._worst = [], None
        self._set_looking(looking=True)
        self.summary.setText(self.tr("Looking…"))

    def add(self, finding: Finding) -> None:
        row = FindingRow(finding, self._theme, self._icons)
        self.rows.append(row)
        self._list.insertWidget(self._list.count() - 1, row)

    def end(self) -> None:
        """It is done; show what matters most."""
        self._set_looking(looking=False)
        self.summary.setText(self._conclusion([row.finding for row in self.rows]))
        order = (Outcome.FAILED, Outcome.WARNING)
        self._worst = next((row for outcome in order for row in self.rows if row.finding.outcome is outcome), None)
        QTimer.singleShot(0, self, self._follow)

    def stop(self) -> None:
        """Somebody has seen enough."""
        self.end()
        self.summary.setText(self.tr("Stopped. This was found so far."))

    def fail(self, sentence: str) -> None:
        """It could not go on."""
        self._set_looking(looking=False)
        self.summary.setText(sentence)

    def _set_looking(self, *, looking: bool) -> None:
        self._looking = looking
        self.progress.setVisible(looking)
        self.again_button.setText(self.tr("Stop") if looking else self.tr("Look again"))
        self.copy_button.setDisabled(looking)

    def _conclusion(self, findings: Sequence[Finding]) -> str:
        failures = sum(finding.outcome is Outcome.FAILED for finding in findings)
        warnings = sum(finding.outcome is Outcome.WARNING for finding in findings)
        if failures:
            return self.tr("1 problem found") if failures == 1 else self.tr("%n problems found", "", failures)
        if warnings:
            return self.tr("No problem found, but see the remarks.")
        return self.tr("No problem found.")

    def _follow(self) -> None:
        """While it is looked on, what was found last can be read, and at the end what matters most. Called again
        whenever the layout has made up its mind how tall the rows are."""
        if self._looking:
            bar = self.area.verticalScrollBar()
            bar.setValue(bar.maximum())
        elif self._worst is not None:
            self.area.verticalScrollBar().setValue(self._worst.y() - SPACE_8)  # and the reasons below it

    # -- what it does ---------------------------------------------------------------------------------

    def _again(self) -> None:
        self.begin()
        self.examine_wanted.emit(self.address_field.text().strip())

    def _again_or_stop(self) -> None:
        if self._looking:
            self.stop()
            self.stop_wanted.emit()
        else:
            self._again()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(report_text([row.finding for row in self.rows]))
        self.copy_button.setText(self.tr("Copied"))


def outcome_word(outcome: Outcome) -> str:
    """The outcome for whoever does not see the colour."""
    return {
        Outcome.OK: QCoreApplication.translate("DoctorDialog", "Good"),
        Outcome.WARNING: QCoreApplication.translate("DoctorDialog", "Remark"),
        Outcome.FAILED: QCoreApplication.translate("DoctorDialog", "Problem"),
        Outcome.SKIPPED: QCoreApplication.translate("DoctorDialog", "Not tested"),
    }[outcome]
