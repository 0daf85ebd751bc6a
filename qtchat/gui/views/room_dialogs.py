"""Making a room, finding one, and asking whether something is really meant: small dialogs."""

from PySide6.QtCore import QCoreApplication, QModelIndex, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QListView, QRadioButton, QWidget

from qtchat.client.updates import Problem
from qtchat.gui.models.directory import DirectoryModel, DirectoryRole
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_24
from qtchat.gui.views.controls import EmptyState, Label, Paragraph, restyle
from qtchat.gui.views.filtered_list import FilteredList
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.rows import DirectoryDelegate
from qtchat.protocol.messages import MAX_ROOM_NAME, MAX_TOPIC

DIRECTORY_HEIGHT = 360


class CreateRoomDialog(FormDialog):
    """Asks: create_wanted(name, topic, private). Stays open, with the reason, when the server refuses."""

    create_wanted = Signal(str, str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("CreateRoomDialog", "Create a room"), parent)
        self.setObjectName("create_room_dialog")
        self.name_field = QLineEdit(self, maxLength=MAX_ROOM_NAME)
        self.name_field.setObjectName("room_name_field")
        self.topic_field = QLineEdit(self, maxLength=MAX_TOPIC)
        self.topic_field.setObjectName("room_topic_field")
        self.error_label = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.error_label.hide()
        for field, says in ((self.name_field, self.tr("Name")), (self.topic_field, self.tr("Topic (optional)"))):
            field.setAccessibleName(says)
            label = Label(theme, FontRole.NAME, text=says)
            label.setBuddy(field)
            self.column.addSpacing(SPACE_8)
            self.column.addWidget(label)
            self.column.addWidget(field)
            if field is self.name_field:
                self.column.addWidget(self.error_label)
        self._add_kinds(theme)
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.create_button = self.add_button(self.tr("Create"), "create_button", "primary")
        self.create_button.setDefault(True)
        self.create_button.clicked.connect(self._create)
        self.name_field.textChanged.connect(self._judge)
        self.finish()
        self._judge()

    def _add_kinds(self, theme: Theme) -> None:
        self.column.addSpacing(SPACE_8)
        self.column.addWidget(Label(theme, FontRole.NAME, text=self.tr("Who can join")))
        kinds = QButtonGroup(self)
        self.public_button, self.private_button = QRadioButton(self.tr("Public")), QRadioButton(self.tr("Private"))
        for button, about in (
            (self.public_button, self.tr("Everybody on this server can find it, join it and read all of it.")),
            (self.private_button, self.tr("Only people who are added can see and read it; members add others.")),
        ):
            kinds.addButton(button)
            button.setAccessibleDescription(about)
            words = Paragraph(theme, FontRole.NAME, "sub", about, plain=True)
            words.setContentsMargins(SPACE_24, 0, 0, 0)
            self.column.addWidget(button)
            self.column.addWidget(words)
        self.public_button.setChecked(True)

    def show_problem(self, problem: Problem) -> None:
        """The server refused."""
        self._judge()
        self.error_label.setText(problem_sentence(problem))
        self.error_label.show()
        restyle(self.name_field, "invalid", True)
        self.name_field.setFocus()

    def _judge(self) -> None:
        self.error_label.hide()
        restyle(self.name_field, "invalid", False)
        self.create_button.setEnabled(bool(self.name_field.text().strip()))

    def _create(self) -> None:
        self.create_button.setEnabled(False)  # until it is answered or the name is edited
        private = self.private_button.isChecked()
        self.create_wanted.emit(self.name_field.text().strip(), self.topic_field.text().strip(), private)


class BrowseRoomsDialog(FormDialog):
    """Asks: join_wanted(int), open_wanted(int) for a room we are in, create_wanted."""

    join_wanted = Signal(object)  # a room number may be more than an int of Qt holds
    open_wanted = Signal(object)
    create_wanted = Signal()

    def __init__(self, model: DirectoryModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("BrowseRoomsDialog", "Browse rooms"), parent)
        self.setObjectName("browse_rooms_dialog")
        delegate = DirectoryDelegate(theme, icons, self, surface="bg", margin=0)
        self.list = FilteredList(model, delegate, theme, icons, self.tr("Rooms of this server"), self)
        self.list.setFixedHeight(DIRECTORY_HEIGHT)
        self.list.say_nothing_here(
            self.tr("No rooms are listed. They appear here as soon as the server has told them."),
            self.tr("Create a room…"),
            "hash",
        )
        self.list.empty.wanted.connect(self.create_wanted)
        self.error_label = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.error_label.hide()
        self.column.addSpacing(SPACE_4)
        self.column.addWidget(self.list)
        self.column.addWidget(self.error_label)
        self.add_button(self.tr("Close"), "close_button").clicked.connect(self.reject)
        self.join_button = self.add_button(self.tr("Join"), "join_room_button", "primary")
        self.join_button.setDefault(True)
        self.join_button.clicked.connect(self._take_current)
        self.list.taken.connect(self._take)
        self.list.current_changed.connect(self._judge)
        model.dataChanged.connect(self._judge)
        self.finish()
        self._judge()
        self.list.field.setFocus()

    @property
    def view(self) -> QListView:
        return self.list.view

    @property
    def empty(self) -> EmptyState:
        return self.list.empty

    def show_problem(self, problem: Problem) -> None:
        """The server refused."""
        self.error_label.setText(problem_sentence(problem))
        self.error_label.show()

    def _judge(self) -> None:
        index = self.list.current()
        self.error_label.hide()
        self.join_button.setEnabled(index.isValid())
        member = index.isValid() and bool(index.data(DirectoryRole.MEMBER))
        self.join_button.setText(self.tr("Open") if member else self.tr("Join"))

    def _take_current(self) -> None:
        self._take(self.list.current())

    def _take(self, index: QModelIndex) -> None:
        room = int(index.data(DirectoryRole.ROOM))
        (self.open_wanted if index.data(DirectoryRole.MEMBER) else self.join_wanted).emit(room)


class ConfirmDialog(FormDialog):
    """A question with its consequence, and two answers; accepted() for the one that does it."""

    def __init__(self, theme: Theme, title: str, sentence: str, answer: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, title, parent)
        self.setObjectName("confirm_dialog")
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        self.keep_button = self.add_button(self.tr("Cancel"), "keep_button")
        self.keep_button.setDefault(True)
        self.keep_button.clicked.connect(self.reject)
        self.do_button = self.add_button(answer, "do_button", "danger")
        self.do_button.clicked.connect(self.accept)
        self.finish()
