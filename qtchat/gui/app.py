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
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSocketNotifier
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from qtchat import __version__
from qtchat.client.elsewhere import address_option, own_address
from qtchat.client.errors import ProfileError
from qtchat.client.findings import Finding
from qtchat.client.found import Found
from qtchat.client.profile import default_profile
from qtchat.client.profile_lock import ProfileInUseError
from qtchat.client.trust import Address, load_or_create_key
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.garbage import GarbageCollector
from qtchat.gui.hosting import HostStatus, Newcomers
from qtchat.gui.leaving import Leaving
from qtchat.gui.logs import Logs
from qtchat.gui.looking import Looker
from qtchat.gui.program import Desktop
from qtchat.gui.single_instance import LinkEvents, SingleInstance, only_start
from qtchat.gui.smoke import smoke_test
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Mode, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.main_window import MainWindow
from qtchat.protocol.messages import DEFAULT_PORT, GUEST, MEMBER

logger = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.001
"""Seconds a busy thread may keep Python to itself; at the default of 0.005 frames beside a busy network come late."""
EVERYWHERE = "0.0.0.0"  # noqa: S104 (a plain-text door that a host opens is for the others)
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)


class ServerOfProfile:
    """A chat server of this profile, see HostedServer, for everybody on the network: where it was the last time, else
    on the usual port, else on any free one.

    Use it off the GUI thread. The server is loaded when somebody hosts, and not with the app: its database libraries
    take as long to load as all the rest of the app.
    """

    def __init__(self, profile: Path, port: int = DEFAULT_PORT, interface: str = "") -> None:
        """`port`: the usual one. `interface`: address of this computer that nothing may go beyond; empty: all."""
        self._profile, self._usual_port, self._interface = profile, port, interface
        self._folder = profile / "hosted"
        self._server: Any = None
        self.port = 0
        self.classic: tuple[str, ...] = ()
        self.newcomers = Newcomers()
        self.link = self.code = self.name = ""
        self.first_name = ""
        self.again = False
        self.addresses: tuple[str, ...] = ()
        self.has_password = self.locked_doors = False
        self.closed_doors = ""

    def start(self) -> None:
        """Accepting connections when it returns. Raises what qtchat.server.app.Server raises, and ProfileError.

        A door that cannot be opened keeps nobody from the chat: then all of them stay shut.
        """
        database = self._folder / importlib.import_module("qtchat.server.store.open").DATABASE_NAME
        if self.again and not database.exists():
            # To those who know it a new one at the same place would be an impostor.
            raise ProfileError(
                f"Its folder {self._folder} is gone. If it was moved, join the chat where it is now; Start a chat here "
                "begins a new one."
            )
        if self.first_name and not importlib.import_module("qtchat.server.naming").read_name(self._folder):
            self.rename(self.first_name)
        self.has_password = bool(importlib.import_module("qtchat.server.passwords").read_password(self._folder))
        server = self._server = self._opened()
        self.port = server.port  # those who are connected come back to it after a restart
        self.link, self.code, self.name = server.link, server.code, server.name
        self.addresses = tuple(f"{_bracketed(host)}:{self.port}" for host in server.addresses)
        self.locked_doors = any(door.shut for door in server.plain_doors)

    def stop(self) -> object:
        """Close in order; see qtchat.server.app.Server.stop."""
        return self._server.stop() if self._server is not None else True

    def status(self) -> HostStatus:
        """See qtchat.server.app.Server.status."""
        status: HostStatus = self._server.status()
        return status

    def rename(self, name: str) -> None:
        """From the next start on. Raises OSError."""
        importlib.import_module("qtchat.server.naming").write_name(self._folder, name)

    def set_password(self, password: str) -> None:
        """From the next start on. Raises OSError."""
        importlib.import_module("qtchat.server.passwords").write_password(self._folder, password)

    def firewall(self) -> str:
        """See qtchat.server.status.closed_firewall."""
        return str(importlib.import_module("qtchat.server.status").closed_firewall(self.port))

    def back_up(self, into: Path) -> Path:
        """See qtchat.server.backup.back_up."""
        copy: Path = self._server.back_up(into)
        return copy

    def _opened(self) -> Any:
        """The server, opened in the first way that works."""
        listen_error: type[Exception] = importlib.import_module("qtchat.server.listener").ListenError
        place = _bracketed(self._interface or EVERYWHERE)
        doors = tuple(
            f"{dialect}@{place}:{port}" for dialect, _, port in (door.partition(":") for door in self.classic)
        )
        problem: Exception | None = None
        ports = dict.fromkeys((self.port or self._usual_port, self._usual_port, 0))
        for port, classic in dict.fromkeys((port, classic) for port in ports for classic in (doors, ())):
            try:
                server = self._started(port, classic)
            except listen_error as error:
                logger.warning("the chat cannot be opened in this way: %s", error)
                problem = error
            else:
                self.closed_doors = "" if classic == doors else str(problem)
                return server
        assert problem is not None
        raise problem

    def _started(self, port: int, classic: tuple[str, ...]) -> Any:
        settings = importlib.import_module("qtchat.server.config").ServerSettings(
            data=str(self._folder),
            port=port,
            interface=self._interface,
            classic=classic,
            approve_newcomers=self.newcomers.wait,
            newcomer_role=GUEST if self.newcomers.only_read else MEMBER,
        )
        owner_key = load_or_create_key(self._profile).public_key  # whoever hosts is the owner of the chat
        server = importlib.import_module("qtchat.server.app").Server(settings, owner_key=owner_key)
        server.start()
        return server


def discovery(
    interface: str,
    also: Sequence[Address],
    on_change: Callable[[tuple[Found, ...]], None],
    elsewhere: Sequence[Address],
) -> Looker:
    """See qtchat.client.discovery.Discovery. `also`: addresses of the command line, besides those of the settings.

    Its libraries take a tenth of the time to the first window, so they are loaded when the nick dialog is open. Use it
    off the GUI thread.
    """
    looker: Looker = importlib.import_module("qtchat.client.discovery").Discovery(
        on_change, interface, tuple(dict.fromkeys((*also, *elsewhere)))
    )
    return looker


def examine(profile: Path, interface: str, link: str, stop: threading.Event) -> Iterator[Finding]:
    """See qtchat.client.doctor.Doctor; it is loaded when somebody asks it, for the same reason."""
    doctor = importlib.import_module("qtchat.client.doctor").Doctor(profile, link, interface, stop)
    findings: Iterator[Finding] = doctor.examine()
    return findings


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def parser() -> argparse.ArgumentParser:
    """The command line of `qtchat`."""
    options = argparse.ArgumentParser(prog="qtchat", description="The chat for the people in one place.")
    options.add_argument("link", nargs="?", default="", metavar="LINK", help="a clicked invitation: ask before joining")
    options.add_argument("--profile", type=Path, metavar="DIR", help="folder for key, history and settings")
    options.add_argument("--join", default="", metavar="LINK", help="invitation or address to join at once")
    options.add_argument("--nick", default="", metavar="NAME", help="name to join with")
    options.add_argument(
        "--interface", default="", type=own_address, metavar="ADDRESS", help="address here that nothing goes beyond"
    )
    options.add_argument(
        "--also",
        action="append",
        default=[],
        type=address_option,
        metavar="ADDRESS",
        help="look for a chat there, too: a computer in another network; repeatable",
    )
    options.add_argument("--theme", choices=[Mode.LIGHT.value, Mode.DARK.value], help="instead of the setting")
    options.add_argument("--smoke-test", action="store_true", help="paint one window, check the libraries, and exit")
    options.add_argument("--version", action="version", version=f"qtchat {__version__}")
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desktop program; returns the exit status."""
    options = parser().parse_args(argv)
    profile = (options.profile or default_profile()).expanduser().absolute()
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
    application.setQuitOnLastWindowClosed(False)  # first everything is stopped, see Leaving.quit_now
    only = contextlib.nullcontext(True) if options.smoke_test else only_start(profile, options.join or options.link)
    try:
        with only as ours:
            if not ours:
                return 0
            with Logs(profile) as logs:
                return _run(application, profile, options, logs.path)
    except ProfileInUseError:
        _say_in_use(application, profile)
        return 1


def _run(application: QApplication, profile: Path, options: argparse.Namespace, log: Path) -> int:
    """From the first window to the last; returns the exit status."""
    desktop = Desktop(
        application,
        profile,
        make_server=partial(ServerOfProfile, profile, interface=options.interface),
        make_looker=None if options.smoke_test else partial(discovery, options.interface, options.also),
        examine=partial(examine, profile, options.interface),
        mode=Mode(options.theme) if options.theme else None,
        make_integration=partial(Integration, real=not options.smoke_test),
    )
    application.setWindowIcon(_window_icon(desktop.icons))
    if options.smoke_test:
        smoke_test(desktop.window, desktop.icons)
        desktop.close()
        return 0
    with (
        _exceptions_shown(desktop.window, log),
        signals_obeyed(desktop.leaving.quit_now),
        links_heard(application, profile, desktop),
        quits_in_order(application, desktop.leaving),
    ):
        desktop.leaving.finished.connect(application.quit)
        clicked = not (options.join or options.nick)  # so the system calls us when somebody clicks a link
        desktop.start(options.join or options.link, options.nick, clicked=clicked)
        GarbageCollector(application)
        status = application.exec()
        desktop.close()
    return status


@contextlib.contextmanager
def links_heard(application: QApplication, profile: Path, desktop: Desktop) -> Iterator[None]:
    """`desktop` takes what later starts on this profile, and macOS, hand over, until it quits: what starts then waits
    until it has, and goes on by itself."""
    instance, events = SingleInstance(profile), LinkEvents()
    instance.link_received.connect(desktop.take_link)
    events.link_received.connect(desktop.take_link)
    desktop.leaving.leaving.connect(instance.close)
    application.installEventFilter(events)
    try:
        yield
    finally:
        application.removeEventFilter(events)
        instance.close()


class QuitEvents(QObject):
    """The system asks the whole program to quit: the Dock, its menu, the end of the session."""

    def __init__(self, leaving: Leaving) -> None:
        super().__init__()
        self._leaving = leaving
        self._over = False
        leaving.finished.connect(self._finish)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Quit and not self._over:
            event.ignore()
            self._leaving.quit()
            return True
        return super().eventFilter(watched, event)

    def _finish(self) -> None:
        self._over = True


@contextlib.contextmanager
def quits_in_order(application: QApplication, leaving: Leaving) -> Iterator[None]:
    """However the program is told to quit, it asks what it has to ask, and stops everything first."""
    events = QuitEvents(leaving)
    application.installEventFilter(events)
    try:
        yield
    finally:
        application.removeEventFilter(events)


def _say_in_use(application: QApplication, profile: Path) -> None:
    """Another qtchat has this profile, and does not answer."""
    title = application.translate("Start", "qtchat is open already")
    text = application.translate("Start", "Its window may stand behind others, or its icon in the tray.")
    print(f"qtchat: {title} with the profile {profile}. {text}", file=sys.stderr)  # noqa: T201
    if application.platformName() == "offscreen":
        return
    theme = Theme(application)
    dialog = FormDialog(theme, title, None)
    dialog.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", text))
    dialog.add_button(application.translate("Start", "Close"), "close_button").clicked.connect(dialog.accept)
    dialog.finish()
    dialog.exec()


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
        window.notice.keep(text.replace("{file}", str(log)))

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
