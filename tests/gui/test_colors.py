"""The colours that people chose, in the theme."""

from PySide6.QtGui import QColor

from qtchat.client.updates import ColorsUpdate
from qtchat.gui.theme.tokens import LIGHT
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import FakeAccount


def tell(stand: Stand, account: FakeAccount, *colors: tuple[int, int]) -> None:
    account.tell(ColorsUpdate(colors, anew=True))
    stand.settle()


def shown(stand: Stand, user: int) -> QColor:
    return stand.desktop.theme.person_color(user)


def test_names_have_the_colour_that_was_chosen_on_the_server_that_is_shown(stand: Stand) -> None:
    first = stand.online()
    by_number = shown(stand, 2)
    tell(stand, first, (2, 5))
    assert shown(stand, 2) == QColor(LIGHT.people[4]) != by_number
    second = stand.join_other()
    assert shown(stand, 2) == by_number
    tell(stand, first, (2, 6))
    assert shown(stand, 2) == by_number
    tell(stand, second, (2, 7))
    assert shown(stand, 2) == QColor(LIGHT.people[6])
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    assert shown(stand, 2) == QColor(LIGHT.people[5])


def test_a_room_has_no_colour_of_a_person(stand: Stand) -> None:
    account = stand.online()
    before = stand.desktop.theme.person_color(-1)
    tell(stand, account, (1, 8 if before != QColor(LIGHT.people[7]) else 1))
    assert stand.desktop.theme.person_color(-1) == before


def test_a_colour_chosen_in_the_dialog_is_told_to_the_server_that_is_joined(stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.color_choice.swatches[4].click()
    stand.join()
    stand.account.go_online()
    stand.settle()
    assert (False, None, 4) in stand.account.called("set_presence")
    assert stand.desktop.file.settings.color == 4


def test_a_colour_chosen_in_the_settings_is_told_to_every_server(stand: Stand) -> None:
    first = stand.online()
    second = stand.join_other()
    stand.desktop.preferences.color_changed.emit(3)
    assert first.called("set_presence")[-1] == second.called("set_presence")[-1] == (False, None, 3)
