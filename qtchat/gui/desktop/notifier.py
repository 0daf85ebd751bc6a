"""Telling somebody who does not look: one interface, and the ways in which a desktop can be told."""

import logging
import os
from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from qtchat.gui.desktop.bus import Answer, Bus, BusError, BusSignal, Call

logger = logging.getLogger(__name__)

SERVICE: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"
MAX_TITLE: Final = 120
MAX_TEXT: Final = 300
"""Characters of a notification; no desktop shows more."""
TRAY_MS: Final = 8_000
"""Milliseconds for which a tray balloon stands, where the system lets us say it."""
TOKEN: Final = "XDG_ACTIVATION_TOKEN"  # noqa: S105  # the name of a variable


class Place(Struct, frozen=True):
    """Where a notification leads: a message of a room of a server (server_id in hex). `seq` 0: the room's end."""

    server: str
    room: int
    seq: int = 0


class Notice(Struct, frozen=True):
    """What is told: plain text, whatever it looks like. A later one about the same room replaces it."""

    place: Place
    title: str
    text: str


Key = tuple[str, int]


def key_of(place: Place) -> Key:
    """What is about the same room is one notification."""
    return place.server, place.room


class Notifier(QObject):
    """The interface. activated(server, room, seq): somebody clicked a notification, and wants to be there."""

    activated = Signal(str, object, object)

    def start(self) -> None:
        """Get ready; notices that are shown before wait until it is."""

    def show(self, notice: Notice) -> None:
        """Tell of it, in the place of what was told of the same room before."""
        raise NotImplementedError

    def withdraw(self, server: str, room: int) -> None:
        """What was told of this room is read: take it away, where that is possible."""
        raise NotImplementedError

    def withdraw_all(self) -> None:
        """Take everything away."""
        raise NotImplementedError

    def stop(self) -> None:
        """End in order; nothing is emitted any more."""

    def _activate(self, place: Place) -> None:
        self.activated.emit(place.server, place.room, place.seq)


class NullNotifier(Notifier):
    """Where nothing can be told, or nothing is wanted."""

    def show(self, notice: Notice) -> None:
        """Nobody is told."""

    def withdraw(self, server: str, room: int) -> None:
        """Nothing was told."""

    def withdraw_all(self) -> None:
        """Nothing was told."""


class TrayNotifier(Notifier):
    """By the tray icon: Windows and macOS make notifications of their own of it. They cannot be taken back, and a
    click tells only that it was the last one."""

    def __init__(self, icon: QSystemTrayIcon, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._last: Place | None = None
        icon.messageClicked.connect(self._clicked)

    def show(self, notice: Notice) -> None:
        if self._icon.isVisible() and QSystemTrayIcon.supportsMessages():
            self._last = notice.place
            title, text = _short(notice.title, MAX_TITLE), _short(notice.text, MAX_TEXT)
            self._icon.showMessage(title, text, self._icon.icon(), TRAY_MS)

    def withdraw(self, server: str, room: int) -> None:
        if self._last is not None and key_of(self._last) == (server, room):
            self._last = Place(server, room)  # the balloon may still stand: then it leads to the room's end

    def withdraw_all(self) -> None:
        self._last = None

    def stop(self) -> None:
        self._icon.messageClicked.disconnect(self._clicked)

    def _clicked(self) -> None:
        if self._last is not None:
            self._activate(self._last)


class DBusNotifier(Notifier):
    """By the notification service of a Linux desktop; where there is none, by `fallback`.

    One notification per room: while its number is not known yet, the next notice about the room waits for it, so that
    it replaces the first and does not stand beside it.
    """

    def __init__(self, bus: Bus, fallback: Notifier, parent: QObject | None = None) -> None:
        """`bus` is started and stopped by whoever made it."""
        super().__init__(parent)
        self._bus, self._fallback = bus, fallback
        self._abilities: frozenset[str] | None = None
        self._broken = False
        self._ids: dict[Key, int] = {}
        self._places: dict[int, Place] = {}
        self._asked: set[Key] = set()
        self._waiting: dict[Key, Notice] = {}
        self._unwanted: set[Key] = set()
        bus.signalled.connect(self._signalled)
        fallback.activated.connect(self.activated)

    def start(self) -> None:
        self._fallback.start()
        self._bus.listen(SERVICE, SERVICE)
        self._bus.call(Call(SERVICE, PATH, SERVICE, "GetCapabilities"), self._able)

    def show(self, notice: Notice) -> None:
        key = key_of(notice.place)
        self._unwanted.discard(key)
        if self._broken:
            self._fallback.show(notice)
        elif self._abilities is None or key in self._asked:
            self._waiting[key] = notice
        else:
            self._asked.add(key)
            self._bus.call(self._notify(notice), partial(self._shown, notice))

    def withdraw(self, server: str, room: int) -> None:
        key = (server, room)
        self._waiting.pop(key, None)
        if key in self._asked:
            self._unwanted.add(key)
        else:
            self._close(key)
        self._fallback.withdraw(server, room)

    def withdraw_all(self) -> None:
        for server, room in {*self._ids, *self._asked, *self._waiting}:
            self.withdraw(server, room)
        self._fallback.withdraw_all()

    def stop(self) -> None:
        self._bus.signalled.disconnect(self._signalled)
        self._fallback.stop()

    # -- what the service answers ---------------------------------------------------------------------

    def _able(self, answer: Answer) -> None:
        if isinstance(answer, BusError):
            logger.info("no notification service, the tray is used instead: %s", answer)
            self._broken = True
        else:
            self._abilities = frozenset(str(word) for word in answer[0])
        self._show_waiting()

    def _show_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for notice in waiting.values():
            self.show(notice)

    def _shown(self, notice: Notice, answer: Answer) -> None:
        key = key_of(notice.place)
        self._asked.discard(key)
        wanted = key not in self._unwanted
        self._unwanted.discard(key)
        if isinstance(answer, BusError):
            logger.warning("a notification was not shown: %s", answer)
            if wanted:
                self._fallback.show(self._waiting.pop(key, notice))
            return
        number = int(answer[0])
        self._places.pop(self._ids.pop(key, 0), None)
        self._ids[key], self._places[number] = number, notice.place
        if not wanted:
            self._close(key)
        elif key in self._waiting:
            self.show(self._waiting.pop(key))

    def _signalled(self, told: BusSignal) -> None:
        if told.interface != SERVICE or not told.body or told.body[0] not in self._places:
            return
        number = told.body[0]
        match told.member:
            case "ActivationToken":
                os.environ[TOKEN] = str(told.body[1])  # where Qt's Wayland plugin looks when a window is raised
            case "ActionInvoked":
                self._activate(self._places[number])
            case "NotificationClosed":
                self._ids.pop(key_of(self._places.pop(number)), None)

    # -- what the service is asked --------------------------------------------------------------------

    def _notify(self, notice: Notice) -> Call:
        able = self._abilities or frozenset()
        title, text = _short(notice.title, MAX_TITLE), _short(notice.text, MAX_TEXT)
        if "body" not in able:
            title, text = _short(f"{title}: {text}" if text else title, MAX_TITLE), ""
        if "body-markup" in able:
            text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        actions = ["default", self.tr("Open")] if "actions" in able else []
        hints = {
            "category": ("s", "im.received"),
            "desktop-entry": ("s", "qtchat"),
            "suppress-sound": ("b", True),  # whether there is one is our own setting
        }
        replaced = self._ids.get(key_of(notice.place), 0)
        body = ("qtchat", replaced, "qtchat", title, text, actions, hints, -1)
        return Call(SERVICE, PATH, SERVICE, "Notify", "susssasa{sv}i", body)

    def _close(self, key: Key) -> None:
        number = self._ids.pop(key, None)
        if number is not None:
            self._places.pop(number, None)
            self._bus.call(Call(SERVICE, PATH, SERVICE, "CloseNotification", "u", (number,)))


def _short(text: str, most: int) -> str:
    """One line of at most `most` characters, without what no bus can carry."""
    text = " ".join(text.replace("\0", " ").split()).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= most else text[: most - 1] + "…"
