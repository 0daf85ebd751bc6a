"""The icon in the tray, and its menu."""

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from qtchat.gui.desktop.tray import Tray, quiet_until
from qtchat.gui.settings import FOREVER, Quiet, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from tests.helpers.fake_notifier import FakeNotifier

NOW = 1_000.0


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def tray(settings: Settings, theme: Theme, icons: Icons, qtbot: QtBot) -> Tray:
    return Tray(settings, theme, icons, now=lambda: NOW)


def words(tray: Tray) -> list[str]:
    tray._menu.aboutToShow.emit()
    return [action.text() for action in tray._menu.actions() if action.text()]


def choose(tray: Tray, text: str) -> None:
    tray._menu.aboutToShow.emit()
    (action,) = (action for action in tray._menu.actions() if action.text().startswith(text))
    action.trigger()


def picture(tray: Tray) -> QImage:
    return tray.icon.icon().pixmap(64).toImage()


def test_the_menu_asks(tray: Tray, qtbot: QtBot) -> None:
    for text, signal in (
        ("Open", tray.open_wanted),
        ("Settings", tray.settings_wanted),
        ("Quit", tray.quit_wanted),
    ):
        with qtbot.waitSignal(signal):
            choose(tray, text)
    for text, choice in (
        ("Mute for an hour", Quiet.HOUR),
        ("Mute until tomorrow", Quiet.TOMORROW),
        ("Mute until turned", Quiet.FOREVER),
    ):
        with qtbot.waitSignal(tray.quiet_chosen) as chosen:
            choose(tray, text)
        assert chosen.args == [choice]


def test_while_it_is_quiet_the_menu_offers_the_end_of_it(tray: Tray, settings: Settings, qtbot: QtBot) -> None:
    settings.dnd_until = Quiet.HOUR.until(NOW)
    assert not any(text.startswith("Mute") for text in words(tray))
    with qtbot.waitSignal(tray.quiet_chosen) as chosen:
        choose(tray, "Unmute")
    assert chosen.args == [Quiet.OFF]


def test_until_when_it_is_quiet(settings: Settings, qtbot: QtBot) -> None:
    assert quiet_until(settings, NOW) == ""
    settings.dnd_until = FOREVER
    assert quiet_until(settings, NOW) == ""
    settings.dnd_until = Quiet.HOUR.until(NOW)
    today = quiet_until(settings, NOW)
    settings.dnd_until = Quiet.TOMORROW.until(NOW)
    assert 0 < len(today) < len(quiet_until(settings, NOW))


def test_the_menu_says_what_is_hosted(tray: Tray) -> None:
    assert not any("Hosting" in text for text in words(tray))
    tray.set_hosting("Hosting “A & B”: 3 people")
    assert "Hosting “A && B”: 3 people" in words(tray)
    tray.set_hosting("")
    assert not any("Hosting" in text for text in words(tray))


def test_the_icon_tells_mentions_from_the_rest(tray: Tray, theme: Theme) -> None:
    danger = theme.color("danger").name()
    pictures = [picture(tray)]
    for unread, mentions in ((3, 0), (3, 2), (30, 12)):
        tray.set_unread(unread, mentions)
        pictures.append(picture(tray))
    places = [sum(image.pixelColor(x, y).name() == danger for x in range(64) for y in range(64)) for image in pictures]
    assert places[0] == 0
    assert 0 < places[1] < places[2]
    assert pictures[2] != pictures[3]
    assert tray.icon.toolTip() == "qtchat: 30 unread"
    tray.set_unread(1, 0)
    assert tray.icon.toolTip() == "qtchat: 1 unread"
    tray.set_unread(0, 0)
    assert picture(tray) == pictures[0]
    assert tray.icon.toolTip() == "qtchat"


def test_the_icon_follows_the_theme_and_the_quiet(tray: Tray, theme: Theme, settings: Settings) -> None:
    tray.set_unread(1, 1)
    light = picture(tray)
    theme.set_mode(Mode.DARK)
    dark = picture(tray)
    assert light != dark
    settings.dnd_until = FOREVER
    tray.refresh()
    assert picture(tray) != dark


def test_a_click_opens_the_window(tray: Tray, qtbot: QtBot) -> None:
    with qtbot.waitSignal(tray.open_wanted):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    with qtbot.assertNotEmitted(tray.open_wanted):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Context)


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", extend=True)  # true of the offscreen platform
def test_closing_keeps_it_running_only_with_a_tray(
    tray: Tray, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    kept = [tray.keeps_running]  # it does not stand there yet
    tray.start()
    kept.append(tray.keeps_running)
    settings.close_to_tray = False
    kept.append(tray.keeps_running)
    tray.stop()
    settings.close_to_tray = True
    kept.append(tray.keeps_running)
    assert kept == [False, True, False, False]


def test_that_it_goes_on_is_said_once(tray: Tray, settings: Settings) -> None:
    notifier = FakeNotifier()
    tray.say_once(notifier)
    tray.say_once(notifier)
    assert [notice.title for notice in notifier.log] == ["qtchat goes on in the background"]
    assert settings.told_about_tray
