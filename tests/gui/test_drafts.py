"""What is being written outlives a power cut."""

import pytest

from qtchat.client.updates import RoomUpdate
from qtchat.gui.drafts import SAVE_AFTER
from qtchat.gui.settings import SettingsFile
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, room

KEY = SERVER.server_id.hex()


def saved(stand: Stand) -> dict[int, str]:
    """The drafts on the disk."""
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    return SettingsFile(stand.profile).settings.drafts.get(KEY, {})


def test_a_draft_is_on_the_disk_soon(stand: Stand) -> None:
    stand.online()
    drafts, field = stand.desktop.chat.drafts, stand.desktop.window.composer.field
    drafts._timer.setInterval(1)
    with stand.qtbot.waitSignal(drafts.save_wanted):
        field.setPlainText("half a thought")
    assert saved(stand) == {1: "half a thought"}
    with stand.qtbot.waitSignal(drafts.save_wanted):
        field.setPlainText(" ")
    assert saved(stand) == {}


def test_it_is_not_written_for_each_letter(stand: Stand) -> None:
    stand.online()
    drafts, field = stand.desktop.chat.drafts, stand.desktop.window.composer.field
    assert drafts._timer.interval() == SAVE_AFTER
    with stand.qtbot.assertNotEmitted(drafts.save_wanted):
        for letter in "half":
            field.insertPlainText(letter)
    assert drafts._timer.isActive()
    assert stand.desktop.file.settings.drafts[KEY] == {1: "half"}


@pytest.mark.parametrize("text", ["", "half a thought"])
def test_going_to_a_room_changes_no_draft(stand: Stand, text: str) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    stand.desktop.window.composer.field.setPlainText(text)
    drafts = stand.desktop.chat.drafts
    drafts._timer.stop()
    for number in (2, 1, 2, 1):
        stand.desktop.chat.open_room(number)
    assert not drafts._timer.isActive()
    assert stand.desktop.window.composer.text() == text
