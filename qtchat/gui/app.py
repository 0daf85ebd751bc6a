"""The composition root of the desktop program: builds everything, connects it, runs it, takes it down in order.

The only module of gui that may import the server, for *Start a chat here*.
"""

import argparse
import contextlib
import importlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType

import platformdirs
from PySide6.QtCore import QSocketNotifier
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from qtchat import __version__
from qtchat.client.account import Account
from qtchat.gui.bridge import Background
from qtchat.gui.chat import Chat
from qtchat.gui.controller import Controller
from qtchat.gui.hosting import HostedServer, HostFactory, Hosting
from qtchat.gui.logs import Logs
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.rooms import Rooms
from qtchat.gui.session import AccountFactory
from qtchat.gui.settings import SettingsFile
from qtchat.gui.smoke import smoke_test
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.timeline import TimelineView
from qtchat.protocol.messages import DEFAULT_PORT

logger = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.001
"""Seconds a busy thread may keep Python to itself; at the default of 0.005 frames beside a busy network come late."""
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)


@dataclass(frozen=True)
class Desktop:
    """The built program. Keep it as long as it runs; `close` it when `controller.finished` has come."""

    theme: Theme
    icons: Icons
    window: MainWindow
    controller: Controller
    chat: Chat
    rooms: Rooms
    hosting: Hosting
    background: Background
    file: SettingsFile

    def close(self) -> None:
        """Join what is left of the threads; after this nothing touches a Qt object any more."""
        self.background.join()


class ServerOfProfile:
    """A chat server of this profile, for everybody on the network: on the usual port, or on any free one.

    Use it off the GUI thread. The server is loaded when somebody hosts, and not with the app: its database libraries
    take as long to load as all the rest of the app.
    """

    def __init__(self, profile: Path, port: int = DEFAULT_PORT) -> None:
        self._folder, self._port = profile / "hosted", port
        self._server: HostedServer | None = None
        self.link = ""
        self.code = ""

    def start(self) -> None:
        """Accepting connections when it returns. Raises what qtchat.server.app.Server raises."""
        listen_error: type[Exception] = importlib.import_module("qtchat.server.listener").ListenError
        try:
            self._server = self._started(self._port)
        except listen_error as error:
            logger.warning("any free port is taken instead: %s", error)
            self._server = self._started(0)
        self.link, self.code = self._server.link, self._server.code

    def stop(self) -> object:
        """Close in order; see qtchat.server.app.Server.stop."""
        return self._server.stop() if self._server is not None else True

    def _started(self, port: int) -> HostedServer:
        server_settings = importlib.import_module("qtchat.server.config").ServerSettings
        server: HostedServer = importlib.import_module("qtchat.server.app").Server(
            server_settings(data=str(self._folder), port=port)
        )
        server.start()
        return server


def build(
    application: QApplication,
    profile: Path,
    *,
    mode: Mode | None = None,
    make_account: AccountFactory = Account,
    make_server: HostFactory | None = None,
) -> Desktop:
    """Build the program for the profile in this folder, without opening a window yet.

    `mode`: the theme, instead of the one in the settings.
    """
    file = SettingsFile(profile)
    settings = file.settings
    theme = Theme(application, settings.theme, settings.text_scale)
    theme.set_mode(mode or settings.theme)
    icons = Icons(theme)
    conversations, people, timeline = ConversationsModel(), PeopleModel(), TimelineModel()
    window = MainWindow(conversations, people, TimelineView(timeline, theme, icons), theme, icons)
    for model in (conversations, people, timeline):
        model.setParent(window)
    background = Background(window)
    hosting = Hosting(make_server or partial(ServerOfProfile, profile), background, window)
    chat = Chat(window, conversations, people, timeline, settings, window)
    rooms = Rooms(window, theme, icons, window)
    controller = Controller(window, chat, rooms, hosting, background, file, profile, make_account, theme, icons)
    return Desktop(theme, icons, window, controller, chat, rooms, hosting, background, file)


def parser() -> argparse.ArgumentParser:
    """The command line of `qtchat`."""
    options = argparse.ArgumentParser(prog="qtchat", description="The chat for the people in one place.")
    options.add_argument("--profile", type=Path, metavar="DIR", help="folder for key, history and settings")
    options.add_argument("--join", default="", metavar="LINK", help="invitation or address to join at once")
    options.add_argument("--nick", default="", metavar="NAME", help="name to join with")
    options.add_argument("--theme", choices=[Mode.LIGHT.value, Mode.DARK.value], help="instead of the setting")
    options.add_argument("--smoke-test", action="store_true", help="paint one window, check the libraries, and exit")
    options.add_argument("--version", action="version", version=f"qtchat {__version__}")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desktop program; returns the exit status."""
    options = parser().parse_args(argv)
    profile = (options.profile or platformdirs.user_data_path("qtchat", appauthor=False)).expanduser().absolute()
    sys.setswitchinterval(SWITCH_INTERVAL)
    if not _has_display():
        if not options.smoke_test:
            print("qtchat: there is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set).", file=sys.stderr)  # noqa: T201
            return 1
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication([sys.argv[0]])
    application.setApplicationName("qtchat")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("qtchat")
    application.setQuitOnLastWindowClosed(False)  # first everything is stopped, see Controller.quit_now
    with Logs(profile) as logs:
        desktop = build(application, profile, mode=Mode(options.theme) if options.theme else None)
        application.setWindowIcon(_window_icon(desktop.icons))
        if options.smoke_test:
            smoke_test(desktop.window, desktop.icons)
            desktop.close()
            return 0
        with _exceptions_shown(desktop.window, logs.path), signals_obeyed(desktop.controller.quit_now):
            desktop.controller.finished.connect(application.quit)
            desktop.controller.start(options.join, options.nick)
            status = application.exec()
            desktop.close()
    return status


def _has_display() -> bool:
    """Without a screen Qt would end the process in the middle of a word."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return sys.platform != "linux" or any(os.environ.get(name) for name in names)


def _window_icon(icons: Icons) -> QIcon:
    icon = QIcon()
    for size in ICON_SIZES:
        icon.addPixmap(icons.pixmap("qtchat", size, "accent"))
    return icon


@contextlib.contextmanager
def _exceptions_shown(window: MainWindow, log: Path) -> Iterator[None]:
    """An exception in a slot is our own bug: log it and say so, instead of going on as if nothing had been."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        logger.critical("an error in the program itself", exc_info=(kind, error, trace))
        text = window.tr("Something went wrong inside qtchat. What you wrote is kept. Details are in {file}")
        window.notice.say(text.replace("{file}", str(log)))

    before, sys.excepthook = sys.excepthook, hook
    try:
        yield
    finally:
        sys.excepthook = before


@contextlib.contextmanager
def signals_obeyed(leave: Callable[[], None]) -> Iterator[None]:
    """Ctrl+C in the terminal and a polite kill end the program in order.

    Python runs a signal handler between any two of its own instructions, in the middle of whatever the program is
    doing, and none while Qt's loop waits. So the handler does nothing: a signal also writes a byte to a socket that
    the loop watches, and it is the loop that leaves.
    """

    def handler(_number: int, _frame: FrameType | None) -> None:
        """Stands in the place of the action by default."""

    def told(*_: object) -> None:
        with contextlib.suppress(BlockingIOError):
            reading.recv(64)
        leave()

    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        writing.setblocking(False)
        notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(told)
        wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        numbers = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(number, handler) for number in numbers]
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, old in zip(numbers, before, strict=True):
                signal.signal(number, old)
            notifier.setEnabled(False)
