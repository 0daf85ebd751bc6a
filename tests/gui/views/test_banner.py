"""The strips above everything."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.banner import PASSING_MS, ConnectionBanner, NoticeBar, Notices
from qtchat.gui.views.controls import Paragraph

HOSTILE = "<b>x</b>"
REASON = "The computer at this address is there, but no chat runs on it, at least not on this port"


@pytest.fixture
def notices(qtbot: QtBot, theme: Theme, icons: Icons) -> Iterator[Notices]:
    """In a window, beside something else that takes the keyboard."""
    window = QWidget()
    qtbot.addWidget(window)
    notices = Notices(theme, icons, window)
    elsewhere = QWidget(window, focusPolicy=Qt.FocusPolicy.StrongFocus)
    elsewhere.setMinimumSize(200, 100)
    layout = QVBoxLayout(window)
    layout.addWidget(notices)
    layout.addWidget(elsewhere)
    window.resize(420, 300)
    window.show()
    window.activateWindow()
    elsewhere.setFocus()
    yield notices
    window.close()


# -- the connection ----------------------------------------------------------------------------------------


def test_the_banner_says_that_messages_wait(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = ConnectionBanner(theme, icons)
    qtbot.addWidget(banner)
    banner.show_held("The disk is full.")
    assert banner.isVisible()
    assert banner.label.text() == "The disk is full."
    assert banner.try_button.isHidden()
    assert banner.choose_button.isHidden()


def test_the_banner_counts_down_and_offers_to_try_now(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = ConnectionBanner(theme, icons)
    qtbot.addWidget(banner)
    banner.resize(800, 32)
    banner.show_waiting(2.0, "Nobody answers")
    assert banner.label.text() == "Reconnecting in 2 s · Nobody answers"
    qtbot.waitUntil(lambda: "in 1 s" in banner.label.text())
    with qtbot.waitSignal(banner.try_now):
        banner.try_button.click()
    banner.show_connecting()
    assert banner.try_button.isHidden()
    assert banner.label.text() == "Connecting…"
    banner.show_stopped("Stop.")
    with qtbot.waitSignal(banner.choose_wanted):
        banner.choose_button.click()
    banner.clear()
    assert banner.isHidden()


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("width", [420, 700, 1920])
def test_no_reason_is_cut(qtbot: QtBot, theme: Theme, icons: Icons, width: int, scale: float) -> None:
    theme.set_text_scale(scale)
    banner = ConnectionBanner(theme, icons)
    qtbot.addWidget(banner)
    banner.show_waiting(2.0, REASON)

    def is_right() -> bool:
        banner.resize(width, banner.heightForWidth(width))
        label = banner.label
        unlimited = Paragraph(theme, FontRole.NAME, plain=True, text=label.text())
        unlimited.setContentsMargins(label.contentsMargins())
        is_below = banner.try_button.y() > label.geometry().bottom()
        is_whole = label.height() >= unlimited.heightForWidth(label.width())
        return is_whole and is_below == (width == 420 and scale == 1.5)

    qtbot.waitUntil(is_right)
    assert banner.try_button.width() >= banner.try_button.sizeHint().width()
    theme.set_text_scale(1.0)


def test_nothing_moves_while_it_tries_again(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    banner = ConnectionBanner(theme, icons)
    qtbot.addWidget(banner)
    banner.resize(420, 100)
    banner.show_waiting(0.0, REASON)
    words, place = banner.label.text(), banner.label.geometry()
    banner.show_connecting(REASON)
    assert banner.try_button.isHidden()
    QApplication.processEvents()
    assert (banner.label.text(), banner.label.geometry()) == (words, place)
    banner.show_held("It waits.")
    qtbot.waitUntil(lambda: banner.label.width() > place.width())


# -- notices -----------------------------------------------------------------------------------------------


def test_a_notice_is_as_tall_as_its_words(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    notice = NoticeBar(theme, icons)
    qtbot.addWidget(notice)
    notice.say("short")
    low = notice.heightForWidth(420)
    notice.say("It was put aside as /home/" + "somebody/" * 20)
    qtbot.waitUntil(lambda: notice.heightForWidth(420) > 3 * low // 2)
    assert notice.label.text().endswith("somebody/")


def test_a_notice_stays_until_it_is_put_away(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    notice = NoticeBar(theme, icons)
    qtbot.addWidget(notice)
    assert notice.isHidden()
    notice.say(HOSTILE)
    assert not notice.isHidden()
    notice.close_button.click()
    assert notice.isHidden()


def test_what_asks_for_nothing_goes_by_itself(qtbot: QtBot, notices: Notices) -> None:
    assert notices.timer.interval() == PASSING_MS
    notices.timer.setInterval(0)
    notices.say(HOSTILE)
    assert notices.isVisible()
    qtbot.waitUntil(notices.isHidden)


def test_a_newer_one_replaces_the_older(notices: Notices) -> None:
    notices.say("first")
    notices.say("second")
    assert notices.label.text() == "second"
    notices.close_button.click()
    assert notices.isHidden()


def test_what_must_not_be_missed_stays(qtbot: QtBot, notices: Notices) -> None:
    notices.timer.setInterval(0)
    notices.keep("The history was lost.")
    assert not notices.timer.isActive()
    notices.say("You are away now.")
    qtbot.waitUntil(lambda: notices.label.text() == "The history was lost.")
    assert notices.isVisible()
    notices.close_button.click()
    assert notices.isHidden()


def test_several_that_stay_are_put_away_one_by_one(notices: Notices) -> None:
    notices.keep("first")
    notices.keep("second")
    notices.keep("second")
    notices.say("by the way")
    for told in ("by the way", "second", "first"):
        assert (notices.isVisible(), notices.label.text()) == (True, told)
        notices.close_button.click()
    assert notices.isHidden()


def test_what_does_not_hold_any_more_is_taken_back(notices: Notices) -> None:
    notices.keep("first")
    notices.keep("second")
    notices.take_back("second")
    assert notices.label.text() == "first"
    notices.say("by the way")
    notices.take_back("first")
    assert notices.label.text() == "by the way"
    notices.take_back("by the way")
    assert notices.isHidden()


def test_it_waits_for_whoever_points_at_it(qtbot: QtBot, notices: Notices) -> None:
    notices.say("a moment")
    assert notices.timer.isActive()
    QApplication.sendEvent(notices, QEvent(QEvent.Type.Enter))
    assert not notices.timer.isActive()
    notices.say("and another")
    assert not notices.timer.isActive()
    QApplication.sendEvent(notices, QEvent(QEvent.Type.Leave))
    assert notices.timer.isActive()
    notices.close_button.setFocus()
    qtbot.waitUntil(lambda: not notices.timer.isActive())
    QTest.keyClick(notices.close_button, Qt.Key.Key_Tab)
    qtbot.waitUntil(notices.timer.isActive)


def test_it_waits_until_it_can_be_seen(notices: Notices) -> None:
    window = notices.window()
    window.hide()
    notices.say("while you were away")
    assert not notices.timer.isActive()
    window.show()
    assert notices.timer.isActive()
    notices.clear()
    assert not notices.timer.isActive()
