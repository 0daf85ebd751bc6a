"""The controls of a settings page."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.settings.form import Choice, ComboBox, SettingsPage, Switch

LONG = "As many words as it takes to need more than one line of them in a window that is as narrow as can be"


def test_a_switch_is_a_check_box_to_keyboard_and_screen_reader(theme: Theme, qtbot: QtBot) -> None:
    switch = Switch(theme, "Play a sound", on=False)
    qtbot.addWidget(switch)
    switch.show()
    heard: list[bool] = []
    switch.clicked.connect(lambda on: heard.append(on))
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))  # at the words, far from the knob
    assert heard == [True, False]
    interface = QAccessible.queryAccessibleInterface(switch)
    assert interface.role() is QAccessible.Role.CheckBox
    assert interface.text(QAccessible.Text.Name) == "Play a sound"


def test_long_words_get_more_lines(theme: Theme, qtbot: QtBot) -> None:
    for control in (Switch(theme, LONG, on=True), Choice(theme, LONG, on=True)):
        qtbot.addWidget(control)
        assert control.heightForWidth(200) > control.heightForWidth(2000)
        assert control.minimumSizeHint().width() < 200


def test_each_state_is_seen_in_both_themes(theme: Theme, qtbot: QtBot) -> None:
    for control in (Switch(theme, "x", on=False), Choice(theme, "x", on=False)):
        qtbot.addWidget(control)
        control.resize(control.sizeHint())
        control.setAutoExclusive(False)
        pictures = []
        for mode in (Mode.LIGHT, Mode.DARK):
            theme.set_mode(mode)
            for on, enabled in ((False, True), (True, True), (True, False)):
                control.setChecked(on)
                control.setEnabled(enabled)
                pictures.append(control.grab().toImage())
        assert all(one != other for number, one in enumerate(pictures) for other in pictures[:number])


def test_the_focus_is_seen(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    box = ComboBox(theme, icons, "Page")
    box.addItems(["one", "two"])
    for control in (Switch(theme, "x", on=True), Choice(theme, "x", on=True), box):
        qtbot.addWidget(control)
        control.show()
        without = control.grab().toImage()
        control.activateWindow()
        control.setFocus()
        qtbot.waitUntil(control.hasFocus)
        assert control.grab().toImage() != without


def test_the_wheel_chooses_nothing(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    box = ComboBox(theme, icons, "Page")
    box.addItems(["one", "two"])
    qtbot.addWidget(box)
    box.show()
    wheel = QWheelEvent(
        QPointF(5, 5),
        QPointF(box.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(box, wheel)
    assert box.currentIndex() == 0
    assert not wheel.isAccepted()
    assert box.accessibleName() == "Page"


def test_a_page_is_as_tall_as_its_words_in_the_width_it_has(theme: Theme, qtbot: QtBot) -> None:
    page = SettingsPage(theme, "page")
    page.add_section("Section")
    note = page.add_note(LONG * 5)
    page.finish()
    qtbot.addWidget(page)
    page.resize(300, 200)
    page.show()
    assert note.height() >= note.heightForWidth(note.width())
    narrow = page.verticalScrollBar().maximum()
    assert narrow > 0
    page.resize(900, 200)
    qtbot.waitUntil(lambda: page.verticalScrollBar().maximum() < narrow)
    assert page.horizontalScrollBar().maximum() == 0
