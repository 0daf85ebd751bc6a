"""Choosing somebody of the server: to write to, or to bring into a room."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QModelIndex, Signal
from PySide6.QtWidgets import QWidget

from qtchat.client.updates import Problem
from qtchat.gui.models.people import PeopleModel, PersonRole
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.filtered_list import FilteredList
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.rows import PersonDelegate
from qtchat.protocol.messages import Person

LIST_HEIGHT = 340


class PersonDialog(FormDialog):
    """Asks: person_chosen(int). Stays open until its owner closes it; `show_problem` and `say_done` tell the answer."""

    person_chosen = Signal(object)  # a plain user number is more than an int of Qt holds

    def __init__(
        self, title: str, sentence: str, answer: str, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        """`sentence`: what choosing somebody means. `answer`: what the button says."""
        super().__init__(theme, title, parent)
        self.setObjectName("person_dialog")
        self._model = PeopleModel(self)
        delegate = PersonDelegate(theme, icons, self, surface="bg", margin=0)
        self.list = FilteredList(self._model, delegate, theme, icons, self.tr("People on this server"), self)
        self.list.setFixedHeight(LIST_HEIGHT)
        self.list.say_nothing_here(self.tr("Asking the server who is there…"), icon="users")
        self.told = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.told.setObjectName("person_dialog_told")
        self.told.hide()
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        self.column.addSpacing(SPACE_4)
        self.column.addWidget(self.list)
        self.column.addWidget(self.told)
        self.add_button(self.tr("Close"), "close_button").clicked.connect(self.reject)
        self.choose_button = self.add_button(answer, "choose_person_button", "primary")
        self.choose_button.setDefault(True)
        self.choose_button.clicked.connect(self._choose_current)
        self.list.taken.connect(self._choose)
        self.list.current_changed.connect(self._judge)
        self.list.field.textEdited.connect(self.told.hide)
        self.finish()
        self._judge()
        self.list.field.setFocus()

    def show_people(self, people: Iterable[Person], own: int = 0, *, nobody: str = "") -> None:
        """Offer these people, as the server has told them. `own`: our user number. `nobody`: said if there are none."""
        self._model.show_people(people, own)
        self.list.say_nothing_here(nobody or self.tr("Nobody else was here yet."), icon="users")

    def show_problem(self, problem: Problem) -> None:
        """The server refused."""
        self._say(problem_sentence(problem), "danger")

    def say_done(self, sentence: str) -> None:
        """It worked, and somebody else may be chosen; a second Enter chooses nobody."""
        self._say(sentence, "ok")
        self.list.start_over()
        self.list.field.setFocus()

    def _say(self, sentence: str, tone: str) -> None:
        self.told.set_tone(tone)
        self.told.setText(sentence)
        self.told.show()
        self._judge()

    def _judge(self) -> None:
        self.choose_button.setEnabled(self.list.current().isValid())

    def _choose_current(self) -> None:
        self._choose(self.list.current())

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and self.choose_button.isEnabled():
            self.choose_button.setEnabled(False)  # until it is answered, or somebody else is chosen
            self.person_chosen.emit(int(index.data(PersonRole.USER)))


def new_message_dialog(theme: Theme, icons: Icons, parent: QWidget | None = None) -> PersonDialog:
    """Whom to write to."""
    tr = QCoreApplication.translate
    return PersonDialog(
        tr("PersonDialog", "New message"),
        tr("PersonDialog", "Only the two of you see it here. Whoever runs the server can read what it stores."),
        tr("PersonDialog", "Write"),
        theme,
        icons,
        parent,
    )


def add_people_dialog(room: str, theme: Theme, icons: Icons, parent: QWidget | None = None) -> PersonDialog:
    """Whom to bring into the room called `room`."""
    tr = QCoreApplication.translate
    return PersonDialog(
        tr("PersonDialog", "Add people to {room}").replace("{room}", room),
        tr("PersonDialog", "Whoever is added can read the room from its beginning."),
        tr("PersonDialog", "Add"),
        theme,
        icons,
        parent,
    )
