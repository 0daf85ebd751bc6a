"""The account's menu."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.account_menu import AccountMenu


def entries(menu: QMenu) -> list[QAction]:
    return [action for action in menu.actions() if not action.isSeparator()]


def test_each_entry_asks_for_one_thing(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    menu = AccountMenu(theme, icons, may_invite=True, hosting=True, away=False)
    asked: list[str] = []
    for name in ("profile", "invite", "hosting", "choose", "settings", "shortcuts", "quit"):
        getattr(menu, f"{name}_wanted").connect(lambda name=name: asked.append(name))
    menu.away_chosen.connect(lambda away: asked.append(f"away {away}"))
    for action in entries(menu):
        action.trigger()
    assert asked == ["profile", "away True", "invite", "hosting", "choose", "settings", "shortcuts", "quit"]
    menu.close()


def test_theme_and_text_size_show_what_is_in_force(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    menu = AccountMenu(theme, icons, may_invite=False, hosting=False, away=True)
    assert [action.text() for action in entries(menu) if not action.isEnabled()] == ["Invite people…"]
    modes, scales = [sub for action in entries(menu) if isinstance(sub := action.menu(), QMenu)]
    assert [action.isChecked() for action in modes.actions()] == [False, True, False]
    assert [action.text() for action in scales.actions() if action.isChecked()] == ["100 %"]
    with qtbot.waitSignal(menu.mode_chosen) as chosen:
        modes.actions()[2].trigger()
    assert chosen.args == [Mode.DARK]
    with qtbot.waitSignal(menu.scale_chosen) as chosen:
        scales.actions()[-1].trigger()
    assert chosen.args == [1.5]
    menu.close()
