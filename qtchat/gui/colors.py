"""The colours that people chose for their names, as the server that is shown tells them."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from qtchat.client.state import Change, ColorsChanged
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.theme import Theme


class Colors(QObject):
    """Keeps the theme in step with the current server: user numbers mean somebody else on another one."""

    def __init__(self, sessions: Sessions, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._sessions, self._theme = sessions, theme
        sessions.switched.connect(self._show)
        sessions.told.connect(self._told)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is self._sessions.current and ColorsChanged() in changes:
            self._show()

    def _show(self) -> None:
        current = self._sessions.current
        self._theme.set_person_colors(current.state.colors if current is not None else {})
