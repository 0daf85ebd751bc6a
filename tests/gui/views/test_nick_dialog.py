"""The first window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Problem
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_32
from qtchat.gui.views.nick_dialog import NAME_INDENT, NickDialog
from qtchat.gui.views.server_rows import FoundServer, ServerRow

FOUND = FoundServer("Office", "qtchat://192.168.1.5:47300", "QQQQ-RRRR", 3)
KITCHEN = RecentServer("ab" * 16, "<b>Kitchen</b>", "qtchat://127.0.0.1/#K", "ABCD-EFGH", "Me")

OFFICE = RecentServer("cd" * 16, "Офис", "qtchat://127.0.0.1/#O", "BCDE-FGHJ", "Me")
ATTIC = RecentServer("ef" * 16, "Attic", "qtchat://127.0.0.1/#A", "CDEF-GHJK", "Me")


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, icons: Icons) -> NickDialog:
    dialog = NickDialog(theme, icons)
    qtbot.addWidget(dialog)
    dialog.nick_field.setText("Anna")
    dialog.show()
    return dialog


def test_enter_in_either_field_joins(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.address_field.setText("  office:1234 ")
    for field in (dialog.nick_field, dialog.address_field):
        with qtbot.waitSignal(dialog.join_wanted) as asked:
            QTest.keyClick(field, Qt.Key.Key_Return)
        assert asked.args == ["Anna", "office:1234"]
    assert dialog.isVisible()


def test_what_lacks_is_said_beside_its_field(qtbot: QtBot, dialog: NickDialog) -> None:
    with qtbot.assertNotEmitted(dialog.join_wanted):
        dialog.join_button.click()
    assert "Enter where to go" in dialog.error_label.text()
    assert dialog.error_label is dialog.address_error
    dialog.nick_field.clear()
    with qtbot.assertNotEmitted(dialog.host_wanted):
        dialog.host_button.click()
    assert dialog.error_label is dialog.nick_error
    dialog.nick_field.setText("A")
    assert dialog.nick_error.isHidden()


def test_one_enter_joins_the_only_server(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN])
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert asked.args == ["Anna", KITCHEN.link]


def test_known_servers_are_offered_instead_of_the_empty_state(qtbot: QtBot, dialog: NickDialog) -> None:
    assert not dialog.empty_label.isHidden()
    dialog.set_recent([KITCHEN])
    assert dialog.empty_label.isHidden()
    row = dialog.findChild(ServerRow)
    assert isinstance(row, ServerRow)
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    assert asked.args == ["Anna", KITCHEN.link]


def test_a_taken_nick_proposes_a_free_one_in_one_click(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.address_field.setText("office")
    dialog.show_connecting("office")
    assert dialog.busy
    assert not dialog.join_button.isEnabled()
    dialog.show_problem(Problem("nick_taken", "", "Anna & 2"))
    assert dialog.join_button.isEnabled()
    assert dialog.error_label is dialog.nick_error
    assert dialog.suggestion_button.text() == "Use “Anna && 2”"
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        dialog.suggestion_button.click()
    assert asked.args == ["Anna & 2", "office"]


@pytest.mark.parametrize("nick", ["W" * 32, "\u05d0" * 32, "Анна"])
def test_a_proposed_nick_is_no_wider_than_the_dialog(dialog: NickDialog, nick: str) -> None:
    dialog.show_problem(Problem("nick_taken", "", nick))
    button = dialog.suggestion_button
    assert button.sizeHint().width() <= dialog.width() - 2 * SPACE_32 - NAME_INDENT
    button.click()
    assert dialog.nick_field.text() == nick


def test_a_problem_of_the_address_stands_beside_the_address(dialog: NickDialog) -> None:
    dialog.address_field.setText("office")
    dialog.show_problem(Problem("connection_refused", ""))
    assert dialog.error_label is dialog.address_error
    assert "no chat runs on it" in dialog.error_label.text()
    assert dialog.suggestion_button.isHidden()
    dialog.address_field.setText("office2")
    assert dialog.address_error.isHidden()


def test_a_changed_server_offers_no_way_on(dialog: NickDialog) -> None:
    dialog.show_problem(Problem("server_changed", "", "CODE"))
    assert dialog.error_label.text().startswith("Stop:")
    assert dialog.verify_card.isHidden()


def test_an_unknown_server_shows_its_code_to_compare(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.show_problem(Problem("unverified", "", "ABCD-EFGH"))
    assert dialog.code_label.text() == "ABCD-EFGH"
    assert not dialog.verify_card.isHidden()
    with qtbot.waitSignal(dialog.accept_wanted):
        dialog.accept_button.click()
    dialog.show_connecting("office")
    assert dialog.verify_card.isHidden()


def test_escape_gives_up_the_attempt_first(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.show_connecting("office")
    with qtbot.waitSignal(dialog.cancel_wanted):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()
    dialog.show_idle()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_hosting_is_asked_for_with_the_name(qtbot: QtBot, dialog: NickDialog) -> None:
    with qtbot.waitSignal(dialog.host_wanted) as asked:
        dialog.host_button.click()
    assert asked.args == ["Anna"]
    dialog.show_starting()
    dialog.show_failure("The port is in use.")
    assert dialog.error_label.text() == "The port is in use."
    assert dialog.host_button.isEnabled()


def test_the_words_are_never_cut_off(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.show_problem(Problem("server_changed", ""))
    label = dialog.error_label
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > 40)


def test_enter_presses_the_button_that_has_the_focus(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.address_field.setText("office")
    dialog.show_problem(Problem("unverified", "", "ABCD-EFGH"))
    for button, signal in ((dialog.accept_button, dialog.accept_wanted), (dialog.host_button, dialog.host_wanted)):
        button.setFocus()
        with qtbot.waitSignal(signal):
            QTest.keyClick(button, Qt.Key.Key_Return)
    dialog.show_problem(Problem("nick_taken", "", "Anna2"))
    dialog.suggestion_button.setFocus()
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(dialog.suggestion_button, Qt.Key.Key_Enter)
    assert asked.args == ["Anna2", "office"]
    dialog.show_connecting("office")
    dialog.cancel_button.setFocus()
    with qtbot.waitSignal(dialog.cancel_wanted):
        QTest.keyClick(dialog.cancel_button, Qt.Key.Key_Return)


def test_enter_in_a_field_presses_no_button(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN, KITCHEN])
    with qtbot.assertNotEmitted(dialog.join_wanted):
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert "Choose one" in dialog.address_error.text()
    dialog.set_recent([])
    dialog.address_field.clear()
    QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert "Enter where to go" in dialog.address_error.text()
    dialog.set_looking(True)
    QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert "Wait a moment" in dialog.address_error.text()


def test_tab_goes_as_the_eye_goes(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN])
    dialog.show_problem(Problem("unverified", "", "ABCD-EFGH"))
    row = dialog.findChild(ServerRow)
    assert isinstance(row, ServerRow)
    qtbot.waitUntil(row.isVisible)
    chosen = dialog.color_choice.swatches[0]
    order: list[QWidget] = [dialog.nick_field, chosen, row, dialog.address_field, dialog.join_button]
    order += [dialog.accept_button, dialog.host_button]
    order[0].setFocus()
    for control in order:
        assert dialog.focusWidget() is control
        QTest.keyClick(control, Qt.Key.Key_Tab)


def test_what_happened_elsewhere_is_said_until_the_dialog_is_closed(dialog: NickDialog) -> None:
    dialog.say("The settings were damaged.")
    assert dialog.notice.isVisible()
    dialog.show_connecting("office")
    assert dialog.notice.text() == "The settings were damaged."
    dialog.accept()
    assert dialog.notice.text() == ""


def test_what_is_hosted_here_now_is_offered_first(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN])
    dialog.set_found([FOUND])
    assert [server.name for server in (*dialog.found.servers, *dialog.known.servers)] == ["Office", "<b>Kitchen</b>"]
    assert (
        dialog.found.rows[0].accessibleName() == "Office, 3 people here · new to you, its code:, server code QQQQ-RRRR"
    )


def test_enter_alone_goes_to_no_stranger(qtbot: QtBot, dialog: NickDialog) -> None:
    for recent in ([KITCHEN], []):
        dialog.set_recent(recent)
        dialog.set_found([FOUND])
        dialog.nick_field.setFocus()
        with qtbot.assertNotEmitted(dialog.join_wanted):
            QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
        assert dialog.focusWidget() is dialog.found.rows[0]
        assert dialog.address_error.text().startswith("This chat is new to you.")
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(dialog.found.rows[0], Qt.Key.Key_Return)
    assert asked.args == ["Anna", FOUND.link]


def test_enter_alone_goes_to_the_only_one_that_is_known_or_was_ever_met(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN])
    known = FoundServer("Kitchen", "qtchat://10.0.0.1/#K", KITCHEN.code, 1, known=True)
    dialog.set_found([known])
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert asked.args == ["Anna", known.link]
    dialog.set_recent([])
    dialog.set_found([FOUND], first_visit=True)
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert asked.args == ["Anna", FOUND.link]
    dialog.set_found([FOUND, known], first_visit=True)
    with qtbot.assertNotEmitted(dialog.join_wanted):
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert "Choose one" in dialog.address_error.text()


def test_one_that_does_not_say_how_many_are_there(dialog: NickDialog) -> None:
    dialog.set_found([FoundServer("lab", "qtchat://lab/#K", "K", None), FoundServer("x", "y", "z", None, known=True)])
    said = [row.accessibleName() for row in dialog.found.rows]
    assert said == ["lab, New to you, its code:, server code K", "x, Joined before"]


def test_a_known_server_that_is_there_stands_in_one_list(dialog: NickDialog) -> None:
    dialog.set_recent([KITCHEN])
    dialog.set_found([FoundServer("Kitchen", "qtchat://10.0.0.1/#K", KITCHEN.code, 1, known=True)])
    assert dialog.known.isHidden()
    assert dialog.found.rows[0].accessibleName() == "Kitchen, 1 person here · joined before"
    dialog.set_found([])
    assert not dialog.known.isHidden()
    assert dialog.found.isHidden()


def test_looking_around_is_said_and_so_is_that_nobody_was_found(qtbot: QtBot, dialog: NickDialog) -> None:
    assert dialog.found.isHidden()
    dialog.set_looking(True)
    assert dialog.empty_label.isHidden()
    assert dialog.found.progress.isVisible()
    assert dialog.found.nothing.text() == "Looking around…"
    assert dialog.found._scroll.isHidden()
    assert dialog.found.why_button.isHidden()
    dialog.set_looking(False)
    assert dialog.found.progress.isHidden()
    assert "Nobody is hosting" in dialog.found.nothing.text()
    with qtbot.waitSignal(dialog.why_wanted):
        dialog.found.why_button.click()
    dialog.set_found([FOUND])
    assert dialog.found.nothing.isHidden()


def test_the_row_with_the_keyboard_keeps_it(dialog: NickDialog) -> None:
    other = FoundServer("Lab", "qtchat://192.168.1.6:47300", "AAAA-BBBB", 1)
    dialog.set_found([FOUND])
    dialog.found.rows[0].setFocus()
    dialog.set_found([other, FOUND])
    assert dialog.focusWidget() is dialog.found.rows[1]


def test_servers_cannot_be_picked_while_an_attempt_is_under_way(dialog: NickDialog) -> None:
    dialog.set_found([FOUND])
    dialog.show_connecting("office")
    dialog.set_found([FOUND])
    assert not dialog.found.rows[0].isEnabled()
    dialog.show_idle()
    assert dialog.found.rows[0].isEnabled()


def test_enter_leads_to_several_servers_and_the_arrows_through_them(qtbot: QtBot, dialog: NickDialog) -> None:
    lab = FoundServer("Lab", "qtchat://192.168.1.6:47300", "AAAA-BBBB", 1)
    dialog.set_found([FOUND, lab])
    rows = dialog.found.rows
    qtbot.waitUntil(rows[0].isVisible)
    with qtbot.assertNotEmitted(dialog.join_wanted):
        QTest.keyClick(dialog.nick_field, Qt.Key.Key_Return)
    assert dialog.focusWidget() is rows[0]
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    assert dialog.focusWidget() is rows[1]
    QTest.keyClick(rows[1], Qt.Key.Key_Up)
    assert dialog.focusWidget() is rows[0]
    QTest.keyClick(rows[0], Qt.Key.Key_Up)
    swatch = dialog.color_choice.swatches[0]
    assert dialog.focusWidget() is swatch
    QTest.keyClick(swatch, Qt.Key.Key_Up)
    assert dialog.focusWidget() is dialog.nick_field
    QTest.keyClick(dialog.nick_field, Qt.Key.Key_Down)
    QTest.keyClick(swatch, Qt.Key.Key_Down)
    QTest.keyClick(rows[0], Qt.Key.Key_Down)
    with qtbot.waitSignal(dialog.join_wanted) as asked:
        QTest.keyClick(rows[1], Qt.Key.Key_Return)
    assert asked.args == ["Anna", lab.link]


def test_servers_found_grow_with_the_text(dialog: NickDialog, theme: Theme) -> None:
    dialog.set_found([FOUND])
    row = next(row for row in dialog.findChildren(ServerRow) if row.server == FOUND)
    usual = row.height()
    theme.set_text_scale(1.5)
    assert row.height() > usual
    theme.set_text_scale(1.0)
    assert row.height() == usual


def found(count: int) -> list[FoundServer]:
    return [FoundServer(f"Chat {number}", f"qtchat://10.0.0.{number}:47300", "A", 1) for number in range(count)]


@pytest.mark.parametrize("recent", [[], [KITCHEN], [KITCHEN, OFFICE], [KITCHEN, OFFICE, ATTIC]])
def test_nothing_moves_while_servers_come_and_go(
    qtbot: QtBot, dialog: NickDialog, theme: Theme, recent: list[RecentServer]
) -> None:
    dialog.set_recent(recent)
    dialog.set_looking(True)

    def places() -> tuple[int, ...]:
        for _ in range(4):  # from the list to its column, to the dialog and back
            QApplication.sendPostedEvents()
        below = (dialog.found, dialog.address_field, dialog.join_button, dialog.host_button)
        return dialog.height(), *(each.mapTo(dialog, QPoint(0, 0)).y() for each in below)

    here = [FoundServer(each.name, each.link, each.code, 2, known=True) for each in recent]
    for scale in (1.0, 1.5):
        theme.set_text_scale(scale)
        dialog.set_found([])
        dialog.set_looking(True)
        before = places()
        for servers in (found(1), [*here, *found(3)], found(20), here):
            dialog.set_found(servers)
            assert places() == before
        dialog.set_looking(False)
        assert places() == before
        dialog.set_found([])
        assert places() == before


def test_many_servers_scroll_to_the_one_with_the_keyboard(qtbot: QtBot, dialog: NickDialog) -> None:
    dialog.set_looking(False)
    dialog.set_found(found(20))
    rows = dialog.found.rows
    qtbot.waitUntil(rows[0].isVisible)
    assert rows[19].visibleRegion().isEmpty()
    rows[18].setFocus()
    QTest.keyClick(rows[18], Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: rows[19].visibleRegion().boundingRect().height() == rows[19].height())


def test_on_a_low_screen_it_scrolls_to_what_has_the_keyboard(
    qtbot: QtBot, dialog: NickDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog, "most_height", lambda: 300)
    dialog.hug()
    qtbot.waitUntil(lambda: dialog.body.height() == 300)
    assert dialog.join_button.visibleRegion().isEmpty()
    dialog.address_field.setText("office")
    dialog.show_problem(Problem("connection_refused", ""))
    qtbot.waitUntil(lambda: not dialog.join_button.visibleRegion().isEmpty())


def test_it_is_as_wide_as_its_text_needs_and_the_screen_has(dialog: NickDialog, theme: Theme) -> None:
    theme.set_text_scale(1.5)
    assert dialog.width() == min(660, dialog.screen().availableGeometry().width())
    theme.set_text_scale(1.0)
    assert dialog.width() == 440


def test_of_servers_that_are_called_alike_each_shows_its_code(dialog: NickDialog) -> None:
    first = FoundServer("Carl's chat", "qtchat://10.0.0.1:47300", "AAAA-BBBB", 1, known=True)
    second = FoundServer("CarI's chat", "qtchat://10.0.0.2:47300", "CCCC-DDDD", 1, known=True)  # a capital i
    other = FoundServer("Lab", "qtchat://10.0.0.3:47300", "EEEE-FFFF", 1, known=True)
    dialog.set_found([first, second, other])
    told = [row.accessibleName() for row in dialog.found.rows]
    assert [code in each for code, each in zip(("AAAA", "CCCC", "EEEE"), told, strict=True)] == [True, True, False]
    dialog.set_recent([RecentServer("aa" * 16, "Lab", "qtchat://10.0.0.4/#X", "GGGG-HHHH", "Me")])
    dialog.set_found([other])
    assert "EEEE-FFFF" in dialog.found.rows[0].accessibleName()
