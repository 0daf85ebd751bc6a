"""The settings of a room."""

from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.moderation.room_settings import RoomSettings, RoomSettingsDialog


def test_only_what_differs_is_asked_for() -> None:
    before = RoomSettings("news", frozen=True)
    assert before.changed(before) == []
    after = RoomSettings("weather", private=True, slow=30)
    assert before.changed(after) == [("name", "weather"), ("private", "1"), ("frozen", "0"), ("slow_ms", "30000")]


def test_a_slow_mode_that_was_typed_can_be_kept(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    dialog = RoomSettingsDialog(4, RoomSettings("news", slow=7), theme, icons)
    qtbot.addWidget(dialog)
    assert dialog.settings == RoomSettings("news", slow=7)
    dialog.name_field.setText("")
    dialog.name_field.textEdited.emit("")
    assert not dialog.save_button.isEnabled()
