"""The banner and the notices."""

from qtchat.client.updates import ConnectionUpdate, HeldUpdate, Phase, Problem, StorageUpdate
from tests.helpers.desktop import Stand

PATIENCE = 10.0


def test_the_banner_tells_of_a_lost_connection_and_tries_now(stand: Stand) -> None:
    account, banner = stand.online(), stand.desktop.window.banner
    assert banner.isHidden()
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    assert banner.isVisible()
    assert banner.label.text().startswith("Reconnecting in 5 s")
    assert stand.desktop.window.composer.isEnabled()
    banner.try_button.click()
    assert account.called("connect_now") == [()]
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert banner.isHidden()
    assert not stand.desktop.joining.dialog.isVisible()


def test_a_disk_that_takes_nothing_is_said(stand: Stand) -> None:
    account = stand.online()
    account.tell(StorageUpdate(Problem("profile", "The disk is full.")))
    stand.settle()
    assert "The disk is full." in stand.desktop.window.notice.label.text()


def test_what_the_account_tells_of_its_files_is_told_as_it_is(stand: Stand) -> None:
    account = stand.online()
    account.tell(StorageUpdate(Problem("profile", "The local history was damaged. It was put aside as /x/y.")))
    stand.settle()
    assert stand.desktop.window.notice.label.text() == "The local history was damaged. It was put aside as /x/y."


def test_a_server_that_can_store_nothing_is_said_until_it_can(stand: Stand) -> None:
    account, banner = stand.online(), stand.desktop.window.banner
    account.tell(HeldUpdate(Problem("storage", "full")))
    stand.settle()
    assert banner.isVisible()
    assert "cannot store" in banner.label.text()
    account.tell(HeldUpdate(None))
    stand.settle()
    assert banner.isHidden()


def test_a_disk_that_works_again_takes_the_notice_back(stand: Stand) -> None:
    account, notice = stand.online(), stand.desktop.window.notice
    account.tell(StorageUpdate(Problem("profile", "The disk is full.")))
    stand.settle()
    assert notice.isVisible()
    account.tell(StorageUpdate(None))
    stand.settle()
    assert notice.isHidden()


def test_what_was_lost_stays_until_it_is_put_away(stand: Stand) -> None:
    stand.desktop.window.move(200, 200)  # away from the pointer
    account, notice = stand.online(), stand.desktop.window.notice
    notice.timer.setInterval(0)
    account.tell(StorageUpdate(Problem("profile", "The disk is full.")))
    stand.settle()
    notice.say("You are away now.")
    stand.qtbot.waitUntil(lambda: notice.label.text() == "The disk is full.")
    notice.close_button.click()
    assert notice.isHidden()


def test_the_reason_stands_there_until_there_is_a_connection(stand: Stand) -> None:
    account, banner = stand.online(), stand.desktop.window.banner
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    account.tell(ConnectionUpdate(Phase.CONNECTING))
    stand.settle()
    assert banner.label.text() == "Reconnecting… · Nobody answers at this address"
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    account.tell(ConnectionUpdate(Phase.CONNECTING))
    stand.settle()
    assert banner.label.text() == "Connecting…"


def test_the_banner_is_of_the_server_shown(stand: Stand) -> None:
    first = stand.online()
    stand.join_other()
    first.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    banner = stand.desktop.window.banner
    assert banner.isHidden()
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    assert "Reconnecting" in banner.label.text()
    stand.desktop.sessions.show(stand.desktop.sessions.all[1])
    assert banner.isHidden()


def test_the_reason_can_be_read_in_a_small_window(stand: Stand) -> None:
    account, window = stand.online(), stand.desktop.window
    window.resize(420, 640)
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("connection_refused", ""), 5.0))
    stand.settle()
    label = window.banner.label
    stand.qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > label.fontMetrics().height())
    assert "no chat runs on it" in label.text()
