"""What the keys of the main window do; which they are, views/shortcuts.py says."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from qtchat.gui.views.shortcuts import KEYS, Command


def bind(place: QWidget, actions: Mapping[Command, Callable[[], object]]) -> None:
    """Let the keys of each command call its action while `place` is the active window."""
    for command, action in actions.items():
        for keys in KEYS[command]:
            QShortcut(QKeySequence(keys), place, action)


def bind_servers(place: QWidget, choose: Callable[[int], object]) -> None:
    """Let the keys of the servers call `choose` with a place in the rail, 0 for the first."""
    for number, keys in enumerate(KEYS[Command.SERVER]):
        QShortcut(QKeySequence(keys), place, partial(choose, number))
