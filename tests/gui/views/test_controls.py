"""The small controls."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.models.presence import Presence
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.banner import ConnectionBanner
from qtchat.gui.views.controls import (
    Avatar,
    CheckBox,
    ElidedLabel,
    EmptyState,
    HuggingDialog,
    Label,
    Paragraph,
    plain_tip,
)

HOSTILE = "<b>x</b>"


def test_labels_show_somebodys_words_as_they_are(qtbot: QtBot, theme: Theme) -> None:
    label = Label(theme, text=HOSTILE)
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_long_name_is_elided_and_told_whole(qtbot: QtBot, theme: Theme) -> None:
    label = ElidedLabel(theme)
    qtbot.addWidget(label)
    label.resize(60, 20)
    label.show()
    label.set_whole(f"{HOSTILE} and much more than there is room for")
    assert label.text().endswith("…")
    assert label.accessibleName().endswith("room for")
    assert "&lt;b&gt;" in label.toolTip()
    label.resize(900, 20)
    qtbot.waitUntil(lambda: label.text() == label.whole())
    assert label.toolTip() == ""


def test_a_tool_tip_shows_tags_literally() -> None:
    assert plain_tip("<img src=x> & y") == "<qt>&lt;img src=x&gt; &amp; y</qt>"


def described(widget: QWidget) -> str:
    """What a screen reader hears besides the name."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Description)


def test_a_screen_reader_is_told_the_words_of_a_tool_tip_as_they_are(qtbot: QtBot, theme: Theme) -> None:
    name, sentence = ElidedLabel(theme), Paragraph(theme, text=HOSTILE, most_lines=1)
    for label in (name, sentence):
        qtbot.addWidget(label)
    name.resize(20, 20)
    name.show()
    name.set_whole(f"{HOSTILE} & more")
    assert described(name) == f"{HOSTILE} & more"
    assert described(sentence) == HOSTILE
    name.set_whole("")
    assert described(name) == ""


def test_labels_follow_the_text_size(qtbot: QtBot, theme: Theme) -> None:
    label = Label(theme, FontRole.BODY)
    qtbot.addWidget(label)
    theme.set_text_scale(1.5)
    assert label.font().pixelSize() == 21
    theme.set_text_scale(1.0)


def test_a_paragraph_breaks_a_word_that_is_too_long(qtbot: QtBot, theme: Theme) -> None:
    label = Paragraph(theme, text="W" * 200)
    qtbot.addWidget(label)
    line = label.fontMetrics().height()
    assert label.minimumSizeHint().width() == 0
    assert label.heightForWidth(300) > 5 * line
    label.setText("short")
    assert label.heightForWidth(300) < 2 * line


def test_a_paragraph_has_no_more_lines_than_it_may(qtbot: QtBot, theme: Theme) -> None:
    label = Paragraph(theme, text="😀 W\n" * 50, most_lines=3)
    qtbot.addWidget(label)
    line = label.fontMetrics().height()
    assert 2 * line < label.heightForWidth(300) < 5 * line
    assert label.toolTip() != ""


def test_labels_that_were_never_shown_follow_the_text_size(qtbot: QtBot, theme: Theme) -> None:
    label = Label(theme, FontRole.PAGE, text="x")
    window = QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(label)
    assert label.font().pixelSize() == 20
    theme.set_text_scale(1.5)
    window.show()
    assert label.font().pixelSize() == 30
    theme.set_text_scale(1.0)


def test_a_paragraph_paints_all_its_lines(qtbot: QtBot, theme: Theme) -> None:
    label = Paragraph(theme, text="W" * 100)
    qtbot.addWidget(label)
    label.resize(200, label.heightForWidth(200))
    image = label.grab().toImage()
    last = range(label.height() - label.fontMetrics().height(), label.height())
    assert len({image.pixel(x, y) for y in last for x in range(60)}) > 1


def test_an_empty_state_leaves_out_what_it_has_not(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    empty = EmptyState(theme, icons, "hash")
    qtbot.addWidget(empty)
    empty.say("", "Nothing here.")
    assert empty.button.isHidden()
    assert empty.title.isHidden()
    empty.say("Empty", "Nothing here.", "Do something")
    assert not empty.button.isHidden()
    with qtbot.waitSignal(empty.wanted):
        empty.button.click()


def test_a_dialog_is_as_tall_as_its_words(qtbot: QtBot, theme: Theme) -> None:
    dialog = HuggingDialog(300)
    qtbot.addWidget(dialog)
    label = Paragraph(theme, text="short")
    QVBoxLayout(dialog).addWidget(label)
    dialog.show()
    short = dialog.height()
    label.setText("a long sentence " * 30)
    qtbot.waitUntil(lambda: dialog.height() > short * 3)
    assert label.height() >= label.heightForWidth(label.width())


def test_a_box_is_ticked_by_click_and_by_key(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    box = CheckBox(theme, icons, "Everywhere")
    qtbot.addWidget(box)
    box.resize(box.sizeHint())
    box.show()
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=box.rect().center())
    assert box.isChecked()
    assert box.grab().toImage().pixelColor(4, box.height() // 2 - 6).name().upper() == theme.palette.accent
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert not box.isChecked()


def test_the_words_of_a_box_take_the_lines_they_need(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    dialog = HuggingDialog(160)
    qtbot.addWidget(dialog)
    box = CheckBox(theme, icons, "Host it again when the program starts")
    QVBoxLayout(dialog).addWidget(box)
    dialog.show()
    assert box.heightForWidth(box.width()) > box.sizeHint().height()
    assert box.height() >= box.heightForWidth(box.width())


def test_an_avatar_shows_with_a_dot_who_is_here(qtbot: QtBot, theme: Theme) -> None:
    avatar = Avatar(theme, 40)
    qtbot.addWidget(avatar)
    avatar.show_name("Anna", 1)

    def dot() -> str:
        return avatar.grab().toImage().pixelColor(35, 35).name().upper()

    plain = dot()
    avatar.show_presence(Presence.ONLINE)
    assert dot() == theme.palette.ok
    avatar.show_presence(Presence.AWAY)
    assert dot() == theme.palette.bg  # a ring
    avatar.show_presence(None)
    assert dot() == plain


def test_no_label_guesses_at_rich_text(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = ConnectionBanner(theme, icons)
    qtbot.addWidget(banner)
    words = [label for label in banner.findChildren(QLabel) if label.text()]
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in words)
    assert QApplication.instance() is not None
