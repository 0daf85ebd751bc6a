"""Everything together: a program that touches nothing outside, and one on a desktop without anything."""

import pytest
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from qtchat.gui.desktop.badge import show_badge
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.desktop.notifier import Notice, NullNotifier, Place
from qtchat.gui.settings import Quiet, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from tests.helpers.fake_notifier import FakeNotifier


def nowhere(_server: str, _room: int) -> bool:
    return False


def test_by_default_nothing_outside_is_touched(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    integration = Integration(Settings(), theme, icons, nowhere)
    integration.start()
    assert isinstance(integration.notifier, NullNotifier)
    assert not integration.tray.icon.isVisible()
    integration.set_unread(3, 1)
    assert integration.tray.icon.toolTip() == "qtchat: 3 unread"
    integration.stop()


def test_what_belongs_together_is_connected(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    settings, notifier = Settings(), FakeNotifier()
    integration = Integration(settings, theme, icons, nowhere, notifier=notifier)
    integration.start()
    running = [notifier.running]
    integration.tray.quiet_chosen.emit(Quiet.FOREVER)
    assert settings.dnd_until
    notifier.show(Notice(Place("aa", 1, 2**40), "", ""))
    with qtbot.waitSignal(integration.activated) as activated:
        notifier.click("aa", 1)
    assert activated.args == ["aa", 1, 2**40]
    notifier.show(Notice(Place("aa", 1), "", ""))
    integration.stop()
    running.append(notifier.running)
    assert running == [True, False]
    assert not notifier.shown


def test_the_icon_is_as_before_when_the_quiet_has_ended_by_itself(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    settings = Settings()
    integration = Integration(settings, theme, icons, nowhere)

    def picture() -> QImage:
        return integration.tray.icon.icon().pixmap(64).toImage()

    before = picture()
    integration.alerts.be_quiet(Quiet.HOUR)
    assert picture() != before
    settings.dnd_until = 1  # long over
    integration.alerts._look_whether_over()
    assert picture() == before
    integration.stop()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # true of the offscreen platform
def test_a_desktop_without_a_bus_is_one_too(
    theme: Theme, icons: Icons, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/no/such/bus")
    badges: list[int] = []
    monkeypatch.setattr(QGuiApplication, "setBadgeNumber", lambda _self, number: badges.append(number))
    integration = Integration(Settings(), theme, icons, nowhere, real=True)
    integration.start()
    stood = integration.tray.icon.isVisible()
    integration.notifier.show(Notice(Place("aa", 1), "title", "text"))
    integration.set_unread(3, 0)
    integration.set_unread(3, 2)
    integration.idle.look()
    integration.stop()
    assert badges == [3, 2, 0]
    assert (stood, integration.tray.icon.isVisible()) == (True, False)


def test_the_badge_is_shown_where_there_is_one(qtbot: QtBot) -> None:
    show_badge(3)
    show_badge(0)
