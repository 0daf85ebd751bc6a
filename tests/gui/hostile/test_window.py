"""The main window, what pops up over it, and what the desktop shows of it."""

import time

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from qtchat.client.updates import (
    ConnectionUpdate,
    Phase,
    Problem,
    TypingUpdate,
)
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import (
    MAX_NICK,
)
from tests.gui.hostile.checks import HOSTILE, TURNING, check, check_rows, check_tip
from tests.gui.hostile.company import Company
from tests.helpers.fake_account import OTHER


def test_the_main_window_shows_it_as_it_is(company: Company) -> None:
    window = company.desktop.window
    for room, user, _ in company.named:
        company.desktop.chat.open_room(room)
        company.account.tell(TypingUpdate(room, user, time.monotonic() + 60))
        company.settle()
        for size in ((1024, 720), (420, 480)):
            window.resize(*size)
            check(window)
        assert window.size().width() == 420
        assert "[*]" not in window.windowTitle().replace("[*][*]", "")
        assert not set(window.top_bar.name_label.whole() + window.typing_line.whole()) & {*TURNING, "\n"}


def test_what_went_wrong_is_told_as_it_is(company: Company) -> None:
    window = company.desktop.window
    for words in company.words:
        for phase, code in ((Phase.OFFLINE, "unreachable"), (Phase.REFUSED, "banned"), (Phase.REFUSED, "new_to_us")):
            company.account.tell(ConnectionUpdate(phase, Problem(code, words[:1024]), 60.0))
            company.settle()
            window.notice.say(words)
            company.check_popups()
            assert not set(window.banner.label.text()) & set(TURNING)


def test_what_is_under_the_mouse_is_told_as_it_is(company: Company) -> None:
    timeline = company.desktop.window.timeline
    company.desktop.window.resize(1024, 720)
    for room, _, _ in company.named:
        company.desktop.chat.open_room(room)
        timeline.grab()
        told = []
        for placed in timeline.rows_in_sight:
            row = placed.row
            rects = [row.name_rect, row.meta, row.badge, *(pill.rect for pill in row.pills)]
            for rect in rects:
                if rect is not None:
                    spot = QPoint(round(rect.center().x()), round(rect.center().y()) + placed.y)
                    event = QHelpEvent(QEvent.Type.ToolTip, spot, timeline.viewport().mapToGlobal(spot))
                    QApplication.sendEvent(timeline.viewport(), event)
                    told.append(QToolTip.text())
                    check_tip(told[-1])
        assert any(told)
    QToolTip.hideText()


def test_the_menus_of_a_message_say_only_our_words_and_a_tame_address(company: Company) -> None:
    timeline = company.desktop.window.timeline
    for room, _, words in company.named:
        company.desktop.chat.open_room(room)
        for entry in timeline.model.entries:
            for link in ("", f"https://a.example/{words}"):
                menu = MessageMenu(entry, company.desktop.icons, timeline)
                menu.fill(QPoint(0, 0), link, lambda: None)
                check(menu)
                texts = [action.text() for action in menu.actions()]
                ours = [text for text in texts if "http" not in text]
                assert all(words not in text for text in ours)
                assert len(texts) - len(ours) <= 1
                assert all(text.isprintable() and text.count("&") % 2 == 0 for text in texts)
                menu.close()


def test_a_reply_shows_it_as_it_is(company: Company) -> None:
    composer = company.desktop.window.composer
    for room, _, _ in company.named:
        company.desktop.chat.open_room(room)
        company.desktop.window.timeline.reply_wanted.emit(1)
        assert composer.strip.isVisible()
        for label in (composer.strip.title, composer.strip.line):
            assert not set(label.whole()) & {*TURNING, "\n"}
        check(company.desktop.window)


def test_the_completion_shows_it_as_it_is(company: Company) -> None:
    composer = company.desktop.window.composer
    company.desktop.chat.open_room(1)
    QTest.keyClicks(composer.field, "@")
    popup = composer.completer.popup()
    assert popup is not None
    check(popup)
    check_rows(popup.view.model(), len(HOSTILE))


def test_the_tray_and_the_rail_show_it_as_it_is(company: Company) -> None:
    tray = company.desktop.integration.tray
    company.join_other()
    for words in company.words:
        tray.set_hosting(words[:64])
        menu = tray.icon.contextMenu()
        assert words[:64] in [action.text().replace("&&", "&") for action in menu.actions()]
        check(menu)
        check_tip(tray.icon.toolTip())
        company.account.tell(replace(OTHER, name=words[:64]))
        company.settle()
        check(company.desktop.window)


def test_notifications_hold_plain_words(company: Company) -> None:
    for _, user, words in company.named:
        company.account.hear(1, f"@Me {words[:8_000]}", user, words[:MAX_NICK])
        company.settle()
    assert company.notifier.log
    for notice in company.notifier.log:
        for text in (notice.title, notice.text):
            assert not set(text) & {*TURNING, "\n"}
            assert len(text) < 1_000
