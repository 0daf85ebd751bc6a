"""The right column: what a room is about, who can read it, who is in it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListView, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.models.people import PeopleModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import (
    Avatar,
    Bar,
    ElidedLabel,
    HuggingScroll,
    IconButton,
    Label,
    Line,
    Paragraph,
    ground,
)
from qtchat.gui.views.rows import PERSON_HEIGHT, PersonDelegate
from qtchat.protocol.messages import LOBBY

TOPIC_LINES = 5
ABOUT_LEAST = 120
VIEW_LEAST = 2 * PERSON_HEIGHT
"""Pixels of height for what is told of the room, and for its people, before either scrolls."""


class PeoplePane(QWidget):
    """Asks: close_wanted, leave_wanted."""

    close_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, model: PeopleModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("people_pane")
        ground(self, "side")
        self._model = model
        self.close_button = IconButton(theme, icons, "x", self.tr("Close details"), parent=self)
        self.close_button.setObjectName("close_details_button")
        self.close_button.clicked.connect(self.close_wanted)
        self.avatar = Avatar(theme, 72)
        self.name_label = ElidedLabel(theme, FontRole.PAGE)
        self.name_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.topic_label = Paragraph(theme, FontRole.BODY, "sub", most_lines=TOPIC_LINES)
        self.topic_label.setObjectName("topic_label")
        self.topic_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.readers_label = Paragraph(theme, FontRole.BODY, "sub")
        self.readers_label.setObjectName("readers_label")
        self.people_label = Label(theme, FontRole.NAME)
        self.people_label.setObjectName("people_label")
        self.view = QListView(self)
        self.view.setObjectName("people_view")
        self.view.setModel(model)
        self.view.setMinimumHeight(VIEW_LEAST)
        self.view.setItemDelegate(PersonDelegate(theme, icons, self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.view.setAccessibleName(self.tr("People in this room"))
        self.leave_button = QPushButton(self.tr("Leave this room"), self)
        self.leave_button.setObjectName("leave_button")
        self.leave_button.setProperty("kind", "danger")
        self.leave_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.leave_button.clicked.connect(self.leave_wanted)
        self._lay_out(theme)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged):
            signal.connect(self._count)
        theme.changed.connect(self.view.doItemsLayout)  # rows grow with the text

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_16, 0, SPACE_12, 0)
        head.addWidget(Label(theme, FontRole.TITLE, text=self.tr("Details")), 1)
        head.addWidget(self.close_button)
        bar = Bar(theme, "bg", self)
        bar.setLayout(head)
        content = QWidget()
        about = QVBoxLayout(content)
        about.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        about.setSpacing(SPACE_8)
        about.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        about.addWidget(self.name_label)
        about.addWidget(self.topic_label)
        about.addSpacing(SPACE_8)
        about.addWidget(Label(theme, FontRole.NAME, text=self.tr("Who can read this")))
        about.addWidget(self.readers_label)
        about.addSpacing(SPACE_8)
        about.addWidget(self.people_label)
        foot = QVBoxLayout()
        foot.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_16)
        foot.addWidget(self.leave_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(Line())
        layout.addWidget(HuggingScroll(content, ABOUT_LEAST, self))
        layout.addWidget(self.view, 1)
        layout.addSpacing(SPACE_4)
        layout.addLayout(foot)

    def show_room(self, room: int | None, name: str, topic: str, members: int, server: str) -> None:
        """What the room is, and in words who can read what is written in it."""
        self.avatar.show_name(name, room)
        self.name_label.set_whole(f"# {name}" if room is not None else "")
        self.topic_label.setText(topic)
        self.topic_label.setVisible(bool(topic))
        self.leave_button.setVisible(room not in (None, LOBBY))
        people = self.tr("The one person here") if members == 1 else self.tr("The %n people here", "", members)
        template = self.tr(
            "{people}, everyone who joins later, and whoever runs the server {server}, which stores the messages. "
            "On their way they are encrypted."
        )
        self.readers_label.setText(template.replace("{people}", people).replace("{server}", server))

    def _count(self) -> None:
        count = self._model.rowCount()
        people = self.tr("1 person") if count == 1 else self.tr("%n people", "", count)
        online = self.tr("%n online", "", self._model.online)
        self.people_label.setText(f"{people}, {online}" if count else self.tr("People"))
