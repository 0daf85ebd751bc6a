"""What a dialog says when the server has refused what it asked for."""

from PySide6.QtWidgets import QWidget

from qtchat.client.updates import Problem
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.problems import problem_sentence

MOST_LINES = 8
"""However long a sentence the server has sent."""


class Told(Paragraph):
    """Hidden while there is nothing to say."""

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        """`name`: of the object."""
        super().__init__(theme, FontRole.BODY, "danger", most_lines=MOST_LINES, parent=parent)
        self.setObjectName(name)
        self.hide()

    def show_problem(self, problem: Problem) -> None:
        self.setText(problem_sentence(problem))
        self.show()
