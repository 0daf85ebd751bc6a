"""The menu of all that we may do with somebody."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.gui.models.moderation import IN_ROOM, Act
from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.moderation.words import act_icon, act_words

_HARSH = frozenset({Act.ROOM_KICK, Act.KICK, Act.BAN, Act.REVOKE_KEY})


class ActMenu(QMenu):
    """Asks: act_wanted(Act). It frees itself when it closes."""

    act_wanted = Signal(Act)

    def __init__(self, acts: Sequence[Act], icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for before, act in zip((None, *acts), acts, strict=False):
            if before in IN_ROOM and act not in IN_ROOM:
                self.addSeparator()
            icon = icons.icon(act_icon(act), "danger" if act in _HARSH else "text")
            self.addAction(icon, act_words(act), partial(self.act_wanted.emit, act))
