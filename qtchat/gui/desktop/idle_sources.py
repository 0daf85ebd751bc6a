"""What each system knows of when somebody last touched keyboard or mouse."""

import ctypes
import ctypes.util
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from qtchat.gui.desktop.bus import Answer, Bus, BusError, Call

Told = Callable[[float | None], None]

MUTTER: Final = Call(
    "org.gnome.Mutter.IdleMonitor",
    "/org/gnome/Mutter/IdleMonitor/Core",
    "org.gnome.Mutter.IdleMonitor",
    "GetIdletime",
    wake=False,
)
"""GNOME. Milliseconds."""
SCREEN_SAVER: Final = Call(
    "org.freedesktop.ScreenSaver",
    "/org/freedesktop/ScreenSaver",
    "org.freedesktop.ScreenSaver",
    "GetSessionIdleTime",
    wake=False,
)
"""KDE on X11: milliseconds, whatever its documentation says. Some others have the method, and always answer 0."""


class LinuxIdle:
    """Asks the services of the desktop, and remembers which of them knew."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._left: Sequence[Call] = (MUTTER, SCREEN_SAVER)

    def ask(self, then: Told) -> None:
        """See IdleSource."""
        if not self._left:
            then(None)
            return
        self._bus.call(self._left[0], partial(self._answered, then))

    def _answered(self, then: Told, answer: Answer) -> None:
        if isinstance(answer, BusError) or (answer[0] == 0 and self._left[0] is SCREEN_SAVER):
            self._left = self._left[1:]
            self.ask(then)
        else:
            then(answer[0] / 1000)


if sys.platform == "win32":

    class _LastInput(ctypes.Structure):
        _fields_ = (("cbSize", ctypes.c_uint), ("dwTime", ctypes.c_uint))

    class WindowsIdle:
        """GetLastInputInfo: a count of milliseconds in 32 bits, which begins anew after 49 days."""

        def ask(self, then: Told) -> None:
            """See IdleSource."""
            last = _LastInput(ctypes.sizeof(_LastInput), 0)
            if ctypes.windll.user32.GetLastInputInfo(ctypes.byref(last)):
                now = ctypes.windll.kernel32.GetTickCount()
                then(((now - last.dwTime) & 0xFFFFFFFF) / 1000)
            else:
                then(None)


if sys.platform == "darwin":

    class MacIdle:
        """Quartz counts the seconds since the last event of any kind."""

        _COMBINED_SESSION: Final = 0
        _ANY_INPUT: Final = 0xFFFFFFFF

        def __init__(self) -> None:
            """Raises OSError where Quartz is missing."""
            services = ctypes.CDLL(ctypes.util.find_library("ApplicationServices"))
            self._since = services.CGEventSourceSecondsSinceLastEventType
            self._since.argtypes = (ctypes.c_int32, ctypes.c_uint32)
            self._since.restype = ctypes.c_double

        def ask(self, then: Told) -> None:
            """See IdleSource."""
            then(self._since(self._COMBINED_SESSION, self._ANY_INPUT))
