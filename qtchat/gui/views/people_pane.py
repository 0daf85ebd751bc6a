"""The right column: what a room is about, who can read it, what is told of it, who is in it."""

from itertools import pairwise

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.updates import Problem
from qtchat.gui.models.about import About
from qtchat.gui.models.people import PeopleModel, PersonRole
from qtchat.gui.models.plain_chat import plain_chat_words
from qtchat.gui.models.presence import is_plain, presence_of, presence_words
from qtchat.gui.models.words import one_line, people_count, room_title
from qtchat.gui.settings import Level
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24
from qtchat.gui.views.controls import Avatar, Bar, ClearScroll, ElidedLabel, IconButton, Label, Line, Paragraph, ground
from qtchat.gui.views.conversation_menu import level_words
from qtchat.gui.views.people_view import PeopleView
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.readers import readers_words
from qtchat.gui.views.topic_editor import TopicEditor
from qtchat.protocol.messages import PRIVATE


class PeoplePane(QWidget):
    """Asks: close_wanted, leave_wanted, settings_wanted (the room's), topic_wanted(str), add_wanted (people, to this
    room), level_chosen(Level),
    person_wanted(int user, QPoint global): whoever was clicked or chosen by Enter, and where.
    """

    close_wanted = Signal()
    leave_wanted = Signal()
    settings_wanted = Signal()
    topic_wanted = Signal(str)
    add_wanted = Signal()
    level_chosen = Signal(Level)
    person_wanted = Signal(object, QPoint)  # a plain user number is more than an int of Qt holds

    def __init__(self, model: PeopleModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("people_pane")
        ground(self, "side")
        self._model = model
        self._about: About | None = None
        self._make_controls(theme, icons)
        self._lay_out(theme)
        self.close_button.clicked.connect(self.close_wanted)
        self.leave_button.clicked.connect(self.leave_wanted)
        self.settings_button.clicked.connect(self.settings_wanted)
        self.add_button.clicked.connect(self.add_wanted)
        self.topic.topic_wanted.connect(self.topic_wanted)
        self.view.clicked.connect(self._ask_for)
        self.view.activated.connect(self._ask_for)
        self.view.customContextMenuRequested.connect(self._ask_at)
        self.view.selectionModel().currentChanged.connect(self._show_row)
        for signal in (model.modelReset, model.rowsInserted, model.rowsRemoved, model.dataChanged):
            signal.connect(self._count)
        self._order_tabs()
        self._count()
        self.show_about(None)

    # -- what it shows --------------------------------------------------------------------------------

    def show_about(self, about: About | None) -> None:
        """What the room is, in words who can read what is written in it, and what is told of it."""
        same = about is not None and self._about is not None and about.room == self._about.room
        self._about = about
        self.area.setVisible(about is not None)
        self.leave_button.setVisible(about is not None and about.may_leave)
        self._show_foot()
        if about is None:
            return
        self.avatar.show_name(about.name, about.color_key)
        self.name_label.set_whole(room_title(about.name, about.kind))
        self._show_other(about)
        (self.topic.follow if same else self.topic.show_topic)(about.topic)
        self.readers_label.setText(readers_words(about))
        self.chat_label.setVisible(bool(about.dialect))
        self.topic.setVisible(not about.direct and not about.dialect)
        for widget in (self.people_label, self.view):
            widget.setVisible(not about.direct)
        self.add_button.setVisible(not about.direct and not about.dialect)
        for level, button in self.level_buttons.items():
            button.setVisible(level in level_words(direct=about.direct))
        self.level_buttons[about.prefs.level].setChecked(True)
        self._count()
        if not same:
            self.area.verticalScrollBar().setValue(0)

    def set_changeable(self, changeable: bool) -> None:
        """May we change the settings of this room?"""
        self.settings_button.setVisible(changeable)
        self._show_foot()

    def _show_foot(self) -> None:
        """Only with something in it: else it would cut off what is scrolled above it."""
        self._foot.setHidden(self.settings_button.isHidden() and self.leave_button.isHidden())

    def show_topic_problem(self, problem: Problem) -> None:
        """The server did not take the topic."""
        self.topic.show_problem(problem_sentence(problem))

    def _show_other(self, about: About) -> None:
        other = about.other if about.direct and not about.own else None
        self.avatar.show_presence(presence_of(other) if other is not None and about.connected else None)
        status = one_line(other.status) if other is not None else ""
        words = " · ".join(self._kinds(about))
        if about.own:
            words = self.tr("Notes to yourself")
        elif other is not None:
            words = presence_words(other)
        self.presence_label.set_whole(words)
        self.presence_label.setVisible(bool(words))
        self.status_label.setText(status)
        self.status_label.setVisible(bool(status))
        self.plain_label.setVisible(other is not None and is_plain(other.user))

    def _kinds(self, about: About) -> list[str]:
        """What is special about the room."""
        marks = (
            (about.kind == PRIVATE, self.tr("Private room")),
            (about.announcement, self.tr("Announcements")),
            (about.frozen, self.tr("Frozen")),
            (about.slow > 0, self.tr("Slow mode")),
        )
        return [says for is_so, says in marks if is_so]

    def _count(self) -> None:
        count = self._model.rowCount()
        if self._about is not None and self._about.dialect:
            self.people_label.setText(self.tr("People heard of here"))
            return
        self.people_label.setText(people_count(count) if count else self.tr("People"))

    # -- what it asks for -----------------------------------------------------------------------------

    def _ask_for(self, index: QModelIndex) -> None:
        self._ask_at(self.view.visualRect(index).center())

    def _ask_at(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        if index.isValid():
            self.person_wanted.emit(int(index.data(PersonRole.USER)), self.view.viewport().mapToGlobal(place))

    def _choose_level(self, button: QRadioButton) -> None:
        level = next(level for level, each in self.level_buttons.items() if each is button)
        self.level_chosen.emit(level)

    def _show_row(self, index: QModelIndex) -> None:
        """Scroll to the row that the keyboard has come to."""
        if index.isValid() and self.view.hasFocus():
            row = self.view.visualRect(index)
            place = self.view.mapTo(self._content, row.center())
            self.area.ensureVisible(place.x(), place.y(), 0, row.height())

    # -- how it looks ---------------------------------------------------------------------------------

    def _make_controls(self, theme: Theme, icons: Icons) -> None:
        self.close_button = IconButton(theme, icons, "x", self.tr("Close details"), parent=self)
        self.close_button.setObjectName("close_details_button")
        self.avatar = Avatar(theme, 72, surface="side")
        self.name_label = ElidedLabel(theme, FontRole.PAGE)
        self.name_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.presence_label = ElidedLabel(theme, FontRole.BODY, "sub", plain=True)
        self.presence_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.status_label = Paragraph(theme, FontRole.BODY)
        self.status_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        words = self.tr("Plain text: came without a key and without encryption. Anybody may use this name.")
        self.plain_label = Paragraph(theme, FontRole.BODY, "warn", words)
        self.plain_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.chat_label = Paragraph(theme, FontRole.BODY, "sub", plain_chat_words())
        self.chat_label.setObjectName("plain_chat_label")
        self.chat_label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.topic = TopicEditor(theme, icons)
        self.readers_label = Paragraph(theme, FontRole.BODY, "sub")
        self.readers_label.setObjectName("readers_label")
        self._levels = QButtonGroup(self)
        self.level_buttons = {level: QRadioButton(says) for level, says in level_words().items()}
        for button in self.level_buttons.values():
            self._levels.addButton(button)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # large text widens nothing
        self._levels.buttonClicked.connect(self._choose_level)
        self.people_label = Label(theme, FontRole.NAME)
        self.people_label.setObjectName("people_label")
        self.add_button = IconButton(theme, icons, "user-plus", self.tr("Add people"), parent=self)
        self.add_button.setObjectName("add_people_button")
        self.view = PeopleView(self._model, theme, icons)
        self._foot = QWidget(self)
        self.settings_button = QPushButton(self.tr("Room settings…"), self)
        self.settings_button.setObjectName("room_settings_button")
        self.settings_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.settings_button.hide()
        self.leave_button = QPushButton(self.tr("Leave this room"), self)
        self.leave_button.setObjectName("leave_button")
        self.leave_button.setProperty("kind", "danger")
        self.leave_button.setCursor(Qt.CursorShape.PointingHandCursor)

    def _lay_out(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_16, 0, SPACE_12, 0)
        head.addWidget(Label(theme, FontRole.TITLE, text=self.tr("Details")), 1)
        head.addWidget(self.close_button)
        bar = Bar(theme, "bg", self)
        bar.setLayout(head)
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, SPACE_16, 0, SPACE_16)
        column.setSpacing(SPACE_24)
        for section in (self._who(), self._about_it(theme), self._people()):
            column.addLayout(section)
        column.addStretch()
        self.area = ClearScroll(self._content, self)
        self.area.setObjectName("details_area")
        self.area.setAccessibleName(self.tr("Details"))
        self.area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons = QVBoxLayout()
        buttons.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_16)
        buttons.setSpacing(SPACE_8)
        buttons.addWidget(self.settings_button)
        buttons.addWidget(self.leave_button)
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        foot.addWidget(Line())
        foot.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(Line())
        layout.addWidget(self.area, 1)
        layout.addWidget(self._foot)

    def _order_tabs(self) -> None:
        topic = self.topic
        editing = (topic.edit_button, topic.field, topic.cancel_button, topic.save_button)
        rest = (*self.level_buttons.values(), self.add_button, self.view, self.settings_button, self.leave_button)
        for first, second in pairwise((self.close_button, self.area, *editing, *rest)):
            QWidget.setTabOrder(first, second)

    def _who(self) -> QVBoxLayout:
        who = QVBoxLayout()
        who.setContentsMargins(SPACE_16, 0, SPACE_16, 0)
        who.setSpacing(SPACE_4)
        who.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignHCenter)
        who.addSpacing(SPACE_8)
        who.addWidget(self.name_label)
        for label in (self.presence_label, self.status_label, self.plain_label, self.chat_label):
            who.addWidget(label)
        return who

    def _about_it(self, theme: Theme) -> QVBoxLayout:
        readers, levels = QVBoxLayout(), QVBoxLayout()
        readers.setSpacing(SPACE_4)
        readers.addWidget(Label(theme, FontRole.NAME, text=self.tr("Who can read this")))
        readers.addWidget(self.readers_label)
        levels.setSpacing(SPACE_8)
        levels.addWidget(Label(theme, FontRole.NAME, text=self.tr("Notify me of")))
        for button in self.level_buttons.values():
            levels.addWidget(button)
        about = QVBoxLayout()
        about.setContentsMargins(SPACE_16, 0, SPACE_16, 0)
        about.setSpacing(SPACE_24)
        about.addWidget(self.topic)
        about.addLayout(readers)
        about.addLayout(levels)
        return about

    def _people(self) -> QVBoxLayout:
        head = QHBoxLayout()
        head.setContentsMargins(SPACE_16, 0, SPACE_12, 0)
        head.addWidget(self.people_label, 1)
        head.addWidget(self.add_button)
        people = QVBoxLayout()
        people.setContentsMargins(0, 0, 0, 0)
        people.setSpacing(SPACE_4)
        people.addLayout(head)
        people.addWidget(self.view)
        return people
