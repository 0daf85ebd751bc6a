"""Making a room, finding one, and inviting others: three small dialogs."""

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.updates import Problem
from qtchat.gui.models.directory import DirectoryModel, DirectoryRole
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from qtchat.gui.views.controls import ElidedLabel, EmptyState, HuggingDialog, Label, Paragraph, plain_title, restyle
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.rows import MARGIN, DirectoryDelegate
from qtchat.protocol.messages import MAX_ROOM_NAME, MAX_TOPIC

WIDTH = 420
DIRECTORY_HEIGHT = 320
COPIED_MS = 2_000
"""How long "Copied" stands on the button."""


class _Dialog(HuggingDialog):
    """A title, a column of content, a row of buttons at the right."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None) -> None:
        super().__init__(WIDTH, parent)
        self.setWindowTitle(plain_title(title))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_24)
        self.column.setSpacing(SPACE_8)
        heading = ElidedLabel(theme, FontRole.PAGE)  # a room's name may be long
        heading.set_whole(title)
        self.column.addWidget(heading)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(SPACE_8)
        self.buttons.addStretch()

    def add_button(self, text: str, name: str, kind: str = "") -> QPushButton:
        """A button in the row at the foot."""
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            button.setProperty("kind", kind)
        self.buttons.addWidget(button)
        return button

    def finish(self) -> None:
        """Put the buttons at the foot."""
        self.column.addSpacing(SPACE_8)
        self.column.addLayout(self.buttons)


class CreateRoomDialog(_Dialog):
    """Asks: create_wanted(name, topic). Stays open, with the reason, when the server refuses."""

    create_wanted = Signal(str, str)

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
        about = Paragraph(theme, FontRole.BODY, "sub", self.tr("Everybody on this server can find and join it."))
        self.column.addSpacing(SPACE_4)
        self.column.addWidget(about)
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.create_button = self.add_button(self.tr("Create"), "create_button", "primary")
        self.create_button.setDefault(True)
        self.create_button.clicked.connect(self._create)
        self.name_field.textChanged.connect(self._judge)
        self.finish()
        self._judge()

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
        self.create_wanted.emit(self.name_field.text().strip(), self.topic_field.text().strip())


class BrowseRoomsDialog(_Dialog):
    """Asks: join_wanted(int), open_wanted(int) for a room we are in, create_wanted."""

    join_wanted = Signal(int)
    open_wanted = Signal(int)
    create_wanted = Signal()

    def __init__(self, model: DirectoryModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("BrowseRoomsDialog", "Browse rooms"), parent)
        self.setObjectName("browse_rooms_dialog")
        self._model = model
        self.view = QListView(self)
        self.view.setObjectName("directory_view")
        self.view.setModel(model)
        self.view.setItemDelegate(DirectoryDelegate(theme, icons, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(self.tr("Rooms of this server"))
        self.view.doubleClicked.connect(self._take)  # Enter presses the button
        self.empty = EmptyState(theme, icons, "hash", self)
        self.empty.say(
            "",
            self.tr("No rooms are listed. They appear here as soon as the server has told them."),
            self.tr("Create a room…"),
        )
        self.empty.wanted.connect(self.create_wanted)
        self._body = QStackedLayout()
        self._body.addWidget(self.view)
        self._body.addWidget(self.empty)
        self.error_label = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.error_label.hide()
        directory = QWidget(self)
        directory.setLayout(self._body)
        directory.setFixedHeight(DIRECTORY_HEIGHT)
        outdented = QVBoxLayout()  # the rows' grounds reach a little beyond the words above them
        outdented.setContentsMargins(-MARGIN, 0, -MARGIN, 0)
        outdented.addWidget(directory)
        self.column.addLayout(outdented)
        self.column.addWidget(self.error_label)
        self.add_button(self.tr("Close"), "close_button").clicked.connect(self.reject)
        self.join_button = self.add_button(self.tr("Join"), "join_room_button", "primary")
        self.join_button.setDefault(True)
        self.join_button.clicked.connect(self._take_current)
        self.view.selectionModel().currentChanged.connect(self._judge)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.dataChanged):
            signal.connect(self._judge)
        self.finish()
        self._judge()

    def show_problem(self, problem: Problem) -> None:
        """The server refused."""
        self.error_label.setText(problem_sentence(problem))
        self.error_label.show()

    def _judge(self) -> None:
        if not self.view.currentIndex().isValid() and self._model.rowCount():
            self.view.setCurrentIndex(self._model.index(0))
        index = self.view.currentIndex()
        self.error_label.hide()
        self.join_button.setEnabled(index.isValid())
        member = index.isValid() and bool(index.data(DirectoryRole.MEMBER))
        self.join_button.setText(self.tr("Open") if member else self.tr("Join"))
        self._body.setCurrentWidget(self.view if self._model.rowCount() else self.empty)

    def _take_current(self) -> None:
        self._take(self.view.currentIndex())

    def _take(self, index: QModelIndex) -> None:
        room = int(index.data(DirectoryRole.ROOM))
        (self.open_wanted if index.data(DirectoryRole.MEMBER) else self.join_wanted).emit(room)


class InvitationDialog(_Dialog):
    """The link that brings others here, and the code by which they can tell that they reached the right server."""

    def __init__(self, theme: Theme, link: str, code: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("InvitationDialog", "Invite people"), parent)
        self.setObjectName("invitation_dialog")
        self.link_field = QLineEdit(link, self, readOnly=True)
        self.link_field.setObjectName("link_field")
        self.link_field.setAccessibleName(self.tr("Invitation link"))
        self.link_field.setCursorPosition(0)
        self.copy_button = QPushButton(self.tr("Copy"), self)
        self.copy_button.setObjectName("copy_button")
        self.copy_button.setProperty("kind", "primary")
        self.copy_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.copy_button.clicked.connect(self._copy)
        self._fix_copy_width()
        self.code_label = Label(theme, FontRole.MONO, text=code)
        self.code_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.link_field, 1)
        row.addWidget(self.copy_button)
        say = self.tr("Send this link to people on the same network. They paste it where qtchat asks for an address.")
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", say))
        self.column.addSpacing(SPACE_8)
        self.column.addLayout(row)
        self.column.addSpacing(SPACE_12)
        self.column.addWidget(Label(theme, FontRole.NAME, text=self.tr("Server code")))
        self.column.addWidget(self.code_label)
        compare = self.tr(
            "Whoever joins by address alone can compare this code: the same here and there is the same "
            "server, with nobody in between."
        )
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", compare))
        self.column.addSpacing(SPACE_16 - SPACE_8)
        self.add_button(self.tr("Done"), "done_button").clicked.connect(self.accept)
        self.finish()
        self._restore = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._restore.timeout.connect(self._uncopied)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.link_field.text())
        self.copy_button.setText(self.tr("Copied"))
        self._restore.start()

    def _fix_copy_width(self) -> None:
        """Wide enough for both words that it shows, so that nothing moves."""
        button, widths = self.copy_button, []
        button.ensurePolished()
        for word in (self.tr("Copied"), self.tr("Copy")):
            button.setText(word)
            widths.append(button.sizeHint().width())
        button.setFixedWidth(max(widths))

    def _uncopied(self) -> None:
        self.copy_button.setText(self.tr("Copy"))


class ConfirmDialog(_Dialog):
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
