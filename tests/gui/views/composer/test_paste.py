"""A look at a long text before it is pasted."""

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui.models.markup import BlockKind, parse
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.composer.paste import MAX_PASTE, PasteDialog, code_block
from qtchat.protocol.messages import MAX_TEXT


def open_dialog(qtbot: QtBot, theme: Theme, text: str) -> PasteDialog:
    dialog = PasteDialog(theme, text)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_it_shows_the_text_literally_and_counts_it(qtbot: QtBot, theme: Theme) -> None:
    text = "<b>1</b>\n" * 1_000
    dialog = open_dialog(qtbot, theme, text)
    assert dialog.preview.toPlainText() == text
    assert dialog.preview.isReadOnly()
    assert dialog.count_label.text() == "1000 lines, 9\u202f000 characters"
    assert dialog.warning.isHidden()
    assert open_dialog(qtbot, theme, "x" * 2_500).count_label.text() == "1 line, 2\u202f500 characters"


@pytest.mark.parametrize("name", ["text_button", "code_button"])
def test_it_hands_over_the_text_or_a_block_of_code(qtbot: QtBot, theme: Theme, name: str) -> None:
    dialog = open_dialog(qtbot, theme, "a\nb\n")
    with qtbot.waitSignal(dialog.paste_wanted) as asked:
        getattr(dialog, name).click()
    assert asked.args == ["a\nb\n" if name == "text_button" else "```\na\nb\n```\n"]
    assert dialog.isHidden()


def test_cancel_hands_over_nothing(qtbot: QtBot, theme: Theme) -> None:
    dialog = open_dialog(qtbot, theme, "a")
    with qtbot.assertNotEmitted(dialog.paste_wanted):
        dialog.cancel_button.click()
    assert dialog.isHidden()


def test_a_block_of_code_is_one_in_the_timeline() -> None:
    (block,) = parse(code_block("def f():\n    pass").strip())
    assert (block.kind, block.text) == (BlockKind.CODE, "def f():\n    pass")


def test_what_would_end_a_block_in_its_middle_is_no_code(qtbot: QtBot, theme: Theme) -> None:
    assert open_dialog(qtbot, theme, "```\na\n```").code_button.isHidden()
    assert not open_dialog(qtbot, theme, "a ``` b").code_button.isHidden()


def test_more_than_a_message_holds_is_said_before(qtbot: QtBot, theme: Theme) -> None:
    dialog = open_dialog(qtbot, theme, "ж" * MAX_TEXT)
    assert dialog.warning.isVisible()
    assert dialog.text_button.isEnabled()
    dialog = open_dialog(qtbot, theme, "x" * (MAX_PASTE + 1))
    assert "far more" in dialog.warning.text()
    assert not dialog.text_button.isEnabled()
    assert not dialog.code_button.isEnabled()
    assert dialog.cancel_button.isEnabled()


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5])
def test_no_word_of_a_button_is_cut(qtbot: QtBot, theme: Theme, scale: float) -> None:
    theme.set_text_scale(scale)
    dialog = open_dialog(qtbot, theme, "a")
    for button in (dialog.cancel_button, dialog.code_button, dialog.text_button):
        assert button.width() >= button.sizeHint().width()
    theme.set_text_scale(1.0)
