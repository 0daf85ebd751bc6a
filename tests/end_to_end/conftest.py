"""Real windows on a real server program."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.gui.app import ServerOfProfile, discovery, examine
from qtchat.gui.program import Desktop
from qtchat.protocol.messages import KIND_POST
from tests.end_to_end.programs import KillableServer, killable_server
from tests.helpers.quiet_network import LOOPBACK, only_broadcasts

PATIENCE_MS = 30_000


class Window:
    """A user in front of the desktop program: looks at the window, types, clicks."""

    def __init__(self, qtbot: QtBot, desktop: Desktop, folder: Path) -> None:
        self.desktop, self.folder = desktop, folder
        self.finished = False
        self._qtbot = qtbot
        desktop.leaving.finished.connect(self._finish)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the program run until `condition` holds."""
        self._qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    @property
    def shown(self) -> list[str]:
        """The messages in the timeline that the server has numbered, as "nick: text", from top to bottom."""
        entries = self.desktop.window.timeline.model.entries
        return [f"{entry.nick}: {entry.text}" for entry in entries if entry.kind == KIND_POST and entry.seq is not None]

    @property
    def events(self) -> list[tuple[str, str]]:
        """Everything in the timeline as (kind, nick)."""
        return [(entry.kind, entry.nick) for entry in self.desktop.window.timeline.model.entries]

    @property
    def people(self) -> list[str]:
        """Who is listed in the details of the open room."""
        model = self.desktop.window.people_pane.view.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    @property
    def offline(self) -> bool:
        return self.desktop.window.banner.isVisible()

    def say(self, text: str) -> None:
        """Type a text into the composer and press Enter."""
        field = self.desktop.window.composer.field
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    def quit(self) -> None:
        """Leave the program, as its menu does, and free what it held. Idempotent."""
        if not self.finished:
            self.desktop.leaving.quit_now()
            self.until(lambda: self.finished)
            self.desktop.close()
            self.desktop.window.deleteLater()
            QCoreApplication.sendPostedEvents(self.desktop.window, QEvent.Type.DeferredDelete.value)

    def _finish(self) -> None:
        self.finished = True

    def join(self, link: str, nick: str) -> None:
        self.desktop.start(link, nick)
        self.until(lambda: self.desktop.chat.room is not None and not self.offline)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[KillableServer]:
    with killable_server(tmp_path / "server") as program:
        yield program


@pytest.fixture
def open_window(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Window]]:
    """open_window(profile name): a desktop program of its own profile, taken down in order at the end."""
    only_broadcasts(monkeypatch)
    opened: list[Window] = []

    def make(profile: str) -> Window:
        folder = tmp_path / profile
        make_server = partial(ServerOfProfile, folder, 0, interface=LOOPBACK)
        desktop = Desktop(
            qapp,
            folder,
            make_server=make_server,
            make_looker=partial(discovery, LOOPBACK, ()),
            examine=partial(examine, folder, LOOPBACK),
        )
        opened.append(Window(qtbot, desktop, folder))
        return opened[-1]

    yield make
    for window in opened:
        window.quit()
    QGuiApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
