"""A room's topic, and the field to change it in its place."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.models.words import one_line
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import IconButton, Label, Paragraph
from qtchat.protocol.messages import MAX_TOPIC

TOPIC_LINES = 5


class TopicEditor(QWidget):
    """Asks: topic_wanted(str). Escape in the field gives up."""

    topic_wanted = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._topic = ""
        self.label = Paragraph(theme, FontRole.BODY, "sub", most_lines=TOPIC_LINES)
        self.label.setObjectName("topic_label")
        self.edit_button = IconButton(theme, icons, "pencil", self.tr("Change the topic"), parent=self)
        self.edit_button.setObjectName("edit_topic_button")
        self.edit_button.clicked.connect(self._open)
        self.field = QLineEdit(self, maxLength=MAX_TOPIC)
        self.field.setObjectName("topic_field")
        self.field.setPlaceholderText(self.tr("What this room is about"))
        self.field.setAccessibleName(self.tr("Topic"))
        self.save_button = QPushButton(self.tr("Save"), self)
        self.save_button.setObjectName("save_topic_button")
        self.save_button.setProperty("kind", "primary")
        self.cancel_button = QPushButton(self.tr("Cancel"), self)
        self.problem_label = Paragraph(theme, FontRole.BODY, "danger")
        self.problem_label.setObjectName("topic_problem")
        self.field.returnPressed.connect(self._save)
        self.save_button.clicked.connect(self._save)
        self.cancel_button.clicked.connect(self._close)
        self._lay_out(theme)
        self.show_topic("")

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.addWidget(Label(theme, FontRole.NAME, text=self.tr("Topic")), 1)
        head.addWidget(self.edit_button)
        self._foot = QHBoxLayout()
        self._foot.setSpacing(SPACE_8)
        self._foot.addStretch()
        self._foot.addWidget(self.cancel_button)
        self._foot.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_8)
        layout.addLayout(head)
        layout.addWidget(self.label)
        layout.addWidget(self.field)
        layout.addWidget(self.problem_label)
        layout.addLayout(self._foot)

    def show_topic(self, topic: str) -> None:
        """Show this, and no field."""
        self._topic = topic
        self.label.setText(one_line(topic, len(topic)) or self.tr("No topic yet."))
        self._close()

    def follow(self, topic: str) -> None:
        """It may have been changed, by whomever. Who is writing a new one goes on."""
        if topic != self._topic:
            self._topic = topic
            self.label.setText(one_line(topic, len(topic)) or self.tr("No topic yet."))

    def show_problem(self, sentence: str) -> None:
        """What was wanted did not work."""
        self.problem_label.setText(sentence)
        self.problem_label.show()

    @property
    def editing(self) -> bool:
        return not self.field.isHidden()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.editing:
            self._close()
            self.edit_button.setFocus()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        self.field.setText(self._topic)
        self._show_field(shown=True)
        self.field.setFocus()
        self.field.selectAll()

    def _close(self) -> None:
        self._show_field(shown=False)

    def _show_field(self, *, shown: bool) -> None:
        self.problem_label.hide()
        editing: tuple[QWidget, ...] = (self.field, self.save_button, self.cancel_button)
        for widget in editing:
            widget.setVisible(shown)
        for widget in (self.label, self.edit_button):
            widget.setHidden(shown)

    def _save(self) -> None:
        text = self.field.text().strip()
        self._close()
        self.edit_button.setFocus()
        if text != self._topic:
            self.topic_wanted.emit(text)
