"""What is chosen in the settings dialog takes effect on the servers and in the window."""

from PySide6.QtCore import QObject, Signal

from qtchat.client.state import RequestDone
from qtchat.gui.conversations import Conversations
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.full_stop import FullStop
from qtchat.gui.pause import Pause
from qtchat.gui.preferences import Preferences
from qtchat.gui.presence import Presence
from qtchat.gui.session import Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence


class Choices(QObject):
    """Asks: join_wanted(str), to be on the server of this link."""

    join_wanted = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        preferences: Preferences,
        presence: Presence,
        conversations: Conversations,
        integration: Integration,
        settings: Settings,
        pause: Pause,
        full_stop: FullStop,
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._preferences = window, sessions, preferences
        self._pause = pause
        preferences.nick_wanted.connect(self._change_nick)
        preferences.color_changed.connect(presence.set_color)
        preferences.status_changed.connect(presence.set_status)
        preferences.compact_changed.connect(window.set_compact)
        preferences.enter_sends_changed.connect(window.composer.set_enter_sends)
        preferences.unread_first_changed.connect(conversations.set_unread_first)
        preferences.away_minutes_changed.connect(integration.idle.set_minutes)
        preferences.notifications_changed.connect(integration.tray.refresh)
        preferences.quiet_wanted.connect(integration.alerts.be_quiet)
        integration.alerts.quiet_changed.connect(preferences.refresh)
        preferences.problem.connect(window.notice.keep)
        preferences.join_wanted.connect(self.join_wanted)
        preferences.server_forgotten.connect(self._forgotten)
        preferences.pins_forgotten.connect(full_stop.forgotten)
        preferences.clear_history_wanted.connect(self._clear_history)
        window.set_compact(settings.compact)
        window.composer.set_enter_sends(settings.enter_sends)

    def _change_nick(self, nick: str) -> None:
        for session in self._sessions.all:
            session.nick = nick
            session.ask(session.account.change_nick(nick), self._nick_changed)

    def _nick_changed(self, done: RequestDone) -> None:
        if done.problem is not None:
            self._preferences.show_nick_problem(problem_sentence(done.problem))

    def _forgotten(self, server_id: str) -> None:
        session = self._sessions.by_key(server_id)
        if session is not None:
            self._sessions.close(session)

    def _clear_history(self) -> None:
        """No account may run while it is removed."""
        self._pause.run(self._preferences.clear_history)
