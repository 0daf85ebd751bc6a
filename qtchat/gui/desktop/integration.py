"""Everything of this package, put together for the desktop that the program runs on."""

import logging
import sys

from PySide6.QtCore import QObject, Signal

from qtchat.gui.desktop.alerts import Alerts, Looking
from qtchat.gui.desktop.badge import show_badge
from qtchat.gui.desktop.bus import Bus
from qtchat.gui.desktop.idle import IdleSource, IdleWatch
from qtchat.gui.desktop.notifier import DBusNotifier, Notifier, NullNotifier, TrayNotifier
from qtchat.gui.desktop.tray import Tray
from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme

if sys.platform == "win32":
    from qtchat.gui.desktop.idle_sources import WindowsIdle
elif sys.platform == "darwin":
    from qtchat.gui.desktop.idle_sources import MacIdle
else:
    from qtchat.gui.desktop.idle_sources import LinuxIdle
    from qtchat.gui.desktop.session_bus import SessionBus

logger = logging.getLogger(__name__)


class Integration(QObject):
    """Tray, notifications, badge and presence. activated(server, room, seq): a notification was clicked.

    Made like this it touches nothing outside of the program, for tests; `for_this_desktop` makes the real one.
    """

    activated = Signal(str, object, object)

    def __init__(
        self,
        settings: Settings,
        theme: Theme,
        icons: Icons,
        looking: Looking,
        parent: QObject | None = None,
        *,
        real: bool = False,
        notifier: Notifier | None = None,
    ) -> None:
        """`looking`: see Alerts. `real`: use what this desktop has. `notifier`: instead of it."""
        super().__init__(parent)
        self._real = real
        self._bus: Bus | None = None
        self.tray = Tray(settings, theme, icons, self)
        source = self._idle_source() if real else None
        self.notifier = notifier or (self._make_notifier() if real else NullNotifier(self))
        self.alerts = Alerts(settings, self.notifier, looking, self)
        self.idle = IdleWatch(source, settings.away_minutes, self)
        self.notifier.activated.connect(self.activated)
        self.tray.quiet_chosen.connect(self.alerts.be_quiet)
        self.alerts.quiet_changed.connect(self.tray.refresh)

    def start(self) -> None:
        """Appear on the desktop."""
        if self._bus is not None:
            self._bus.start()
        if self._real:
            self.tray.start()
        self.notifier.start()
        self.idle.start()

    def stop(self) -> None:
        """Take everything away again, in order; call it before the application ends."""
        self.idle.stop()
        self.alerts.stop()
        self.notifier.withdraw_all()
        self.notifier.stop()
        self.tray.stop()
        if self._real:
            show_badge(0)
        if self._bus is not None:
            self._bus.stop()

    def set_unread(self, unread: int, mentions: int) -> None:
        """Over all servers, muted rooms left out. `mentions`: what is meant for us, direct messages included."""
        self.tray.set_unread(unread, mentions)
        if self._real:
            show_badge(mentions or unread)

    # -- what this system has -------------------------------------------------------------------------

    def _idle_source(self) -> IdleSource | None:
        if sys.platform == "win32":
            return WindowsIdle()
        elif sys.platform == "darwin":  # noqa: RET505  # mypy follows a platform only so
            try:
                return MacIdle()
            except (OSError, AttributeError) as error:
                logger.warning("nobody knows when there was input: %s", error)
                return None
        else:
            self._bus = SessionBus(parent=self)
            return LinuxIdle(self._bus)

    def _make_notifier(self) -> Notifier:
        by_tray = TrayNotifier(self.tray.icon, self)
        return by_tray if self._bus is None else DBusNotifier(self._bus, by_tray, self)
