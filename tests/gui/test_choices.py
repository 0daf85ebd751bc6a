"""What is chosen in the settings takes effect."""

from qtchat.client.updates import Problem
from qtchat.gui.preferences import Preferences
from qtchat.gui.settings import Quiet, SettingsFile
from qtchat.gui.views.settings import Page
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, SERVER


def preferences(stand: Stand) -> Preferences:
    return stand.desktop.preferences


def test_a_new_name_is_asked_of_every_server(stand: Stand) -> None:
    first = stand.online()
    second = stand.join_other()
    preferences(stand).nick_wanted.emit("Marie")
    assert first.called("change_nick") == second.called("change_nick") == [("Marie",)]
    stand.answer(0, Problem("nick_taken", ""), first)
    assert "Somebody else has this name" in stand.desktop.window.notice.label.text()


def test_the_look_of_the_window_follows_at_once(stand: Stand) -> None:
    stand.online()
    preferences(stand).unread_first_changed.emit(True)
    assert stand.desktop.window.conversations.proxy.sourceModel().unread_first  # type: ignore[attr-defined]
    preferences(stand).enter_sends_changed.emit(False)
    assert "Ctrl" in stand.desktop.window.composer.send_button.toolTip()
    preferences(stand).quiet_wanted.emit(Quiet.HOUR)
    assert stand.desktop.file.settings.dnd_until > 0


def test_do_not_disturb_is_saved_at_once_and_its_end_is_shown(stand: Stand) -> None:
    stand.online()
    preferences(stand).open(Page.NOTIFICATIONS)
    dialog = preferences(stand).dialog
    assert dialog is not None
    page = dialog.notifications
    page.quiet_chosen.emit(Quiet.HOUR)
    assert page.quiet_box.currentText().startswith("Until ")
    stand.qtbot.waitUntil(lambda: SettingsFile(stand.profile).settings.dnd_until > 0)  # a crash does not lose it
    stand.desktop.file.settings.dnd_until = 1  # long over
    stand.desktop.integration.alerts._look_whether_over()
    assert page.quiet_box.currentText() == "Off"
    stand.qtbot.waitUntil(lambda: SettingsFile(stand.profile).settings.dnd_until == 0)


def test_a_forgotten_server_is_left(stand: Stand) -> None:
    first = stand.online()
    second = stand.join_other()
    preferences(stand).server_forgotten.emit(OTHER.server_id.hex())
    stand.qtbot.waitUntil(lambda: not second.running)
    assert first.running


def test_a_known_server_is_joined_from_the_settings(stand: Stand) -> None:
    stand.online()
    preferences(stand).join_wanted.emit("elsewhere")
    assert stand.account.link == "elsewhere"
    assert stand.account.nick == SERVER.nick


def test_no_account_runs_while_the_history_is_cleared(stand: Stand) -> None:
    first = stand.online()
    (stand.profile / "servers" / "x").mkdir(parents=True)
    preferences(stand).clear_history_wanted.emit()
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert not first.running
    assert stand.account.link == first.link
    assert stand.account.running
    assert stand.desktop.sessions.current is not None
    assert stand.desktop.sessions.current.account is stand.account


def test_without_a_server_the_history_is_cleared_as_well(stand: Stand) -> None:
    preferences(stand).clear_history_wanted.emit()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
