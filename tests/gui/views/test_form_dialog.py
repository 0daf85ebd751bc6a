"""What all small dialogs have in common."""

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_24
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import WIDTH, FormDialog


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme) -> FormDialog:
    dialog = FormDialog(theme, "A title", None)
    qtbot.addWidget(dialog)
    dialog.add_button("Done", "done_button")
    dialog.finish()
    return dialog


def test_it_grows_with_its_words(qtbot: QtBot, theme: Theme, dialog: FormDialog) -> None:
    words = Paragraph(theme, text="short")
    dialog.column.addWidget(words)
    dialog.show()
    layout = dialog.layout()
    assert layout is not None
    qtbot.waitUntil(lambda: dialog.height() == layout.totalHeightForWidth(dialog.width()))
    low = dialog.height()
    words.setText("a long sentence " * 10)
    qtbot.waitUntil(lambda: dialog.height() > low and words.height() >= words.heightForWidth(words.width()))
    assert dialog.body.focusPolicy() is Qt.FocusPolicy.NoFocus
    words.setText("short")
    qtbot.waitUntil(lambda: dialog.height() == low)


def test_it_needs_no_words_that_wrap(qtbot: QtBot, dialog: FormDialog) -> None:
    field = QLineEdit()
    dialog.column.addWidget(field)
    dialog.show()
    assert field.height() >= field.sizeHint().height()
    assert not dialog.body.verticalScrollBar().maximum()
    assert field.mapTo(dialog, QPoint(0, field.height())).y() <= dialog.body.geometry().bottom() + 1


class Brittle(QWidget):
    """Much taller as soon as it is a little narrower, as words are that break."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 200)

    def heightForWidth(self, width: int) -> int:
        return 20 if width >= WIDTH - 2 * SPACE_24 else 200


def test_no_bar_is_left_where_there_is_room(qtbot: QtBot, theme: Theme, dialog: FormDialog) -> None:
    words = Paragraph(theme, text="short")
    dialog.column.addWidget(Brittle())
    dialog.column.addWidget(words)
    dialog.show()
    words.setText("a long sentence " * 20)
    qtbot.waitUntil(lambda: words.height() >= words.heightForWidth(words.width()) > words.fontMetrics().height())
    assert not dialog.body.verticalScrollBar().isVisible()
    assert words.width() == WIDTH - 2 * SPACE_24
    content = dialog.column.parentWidget()
    assert content is not None
    assert content.size() == dialog.body.viewport().size()


def test_on_a_low_screen_it_scrolls_and_keeps_its_buttons(qtbot: QtBot, theme: Theme, dialog: FormDialog) -> None:
    dialog.column.addWidget(Paragraph(theme, text="a long sentence " * 500))
    dialog.show()
    button = dialog.findChild(QPushButton, "done_button")
    assert isinstance(button, QPushButton)
    qtbot.waitUntil(lambda: dialog.height() == dialog.most_height())
    qtbot.waitUntil(lambda: dialog.body.verticalScrollBar().maximum() > 0)
    assert dialog.height() < dialog.screen().availableGeometry().height()
    assert button.height() >= button.sizeHint().height()
    assert button.geometry().bottom() < dialog.height()
    assert dialog.body.focusPolicy() is Qt.FocusPolicy.TabFocus
