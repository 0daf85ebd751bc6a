"""Who has read a message."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QListView, QWidget

from qtchat.gui.models.people import PeopleModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.filtered_list import prepare_list
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.rows import PersonDelegate
from qtchat.protocol.messages import Person

MOST_HEIGHT = 340


class ReadersDialog(FormDialog):
    """The people who have seen it; nobody can be chosen."""

    def __init__(self, people: Sequence[Person], theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, _title(len(people)), parent)
        self.setObjectName("readers_dialog")
        model = PeopleModel(self)
        model.show_people(people)
        self.view = QListView(self)
        self.view.setModel(model)
        prepare_list(self.view, PersonDelegate(theme, icons, self.view, surface="bg"), self.tr("Who has read it"))
        self.view.setSelectionMode(QListView.SelectionMode.NoSelection)
        rows = sum(self.view.sizeHintForRow(row) for row in range(model.rowCount()))
        self.view.setFixedHeight(min(MOST_HEIGHT, rows))
        self.view.setVisible(bool(people))
        says = self.tr("It is told in rooms of up to 64 people, by programs that tell it.")
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", says))
        self.column.addWidget(self.view)
        self.add_button(self.tr("Close"), "close_button").clicked.connect(self.accept)
        self.finish()


def _title(count: int) -> str:
    tr = QCoreApplication.translate
    if not count:
        return tr("ReadersDialog", "Read by nobody yet")
    return (
        tr("ReadersDialog", "Read by 1 person") if count == 1 else tr("ReadersDialog", "Read by %n people", "", count)
    )
