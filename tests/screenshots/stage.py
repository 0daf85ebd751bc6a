"""The desktop program in front of the camera."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from qtchat.client.account import Account
from qtchat.client.updates import Phase
from qtchat.gui.app import ServerOfProfile, examine
from qtchat.gui.program import Desktop
from qtchat.gui.session import Session
from qtchat.gui.theme.theme import Mode
from qtchat.gui.views.main_window import MainWindow, Page
from qtchat.protocol.messages import DIRECT
from tests.screenshots.camera import rest, until
from tests.screenshots.play import Play

LOOPBACK: Final = "127.0.0.1"
"""Nothing of the pictures leaves this computer."""


class Stage:
    """A program of its own profile, and the people it talks to."""

    def __init__(self, application: QApplication, folder: Path, play: Play) -> None:
        self.folder, self.play = folder, play
        profile = folder / "profile"
        self.finished = False
        self._plain: Session | None = None
        make_server = partial(ServerOfProfile, profile, 0, LOOPBACK)
        self.desktop = Desktop(
            application, profile, make_server=make_server, examine=partial(examine, profile, LOOPBACK)
        )
        self.desktop.leaving.finished.connect(self._finish)

    @property
    def window(self) -> MainWindow:
        return self.desktop.window

    def join(self, link: str, nick: str) -> None:
        """Start as with a command line, and wait until it is online."""
        self.desktop.start(link, nick)
        self.wait_online()

    def prepare(self) -> None:
        """Be in the rooms of the play and in a private one, and in a conversation with Anna."""
        session = self.desktop.sessions.current
        assert session is not None
        for number in self.play.rooms.values():
            if number not in session.state.rooms:
                session.account.join_room(number)
        until(lambda: set(self.play.rooms.values()) <= set(session.state.rooms), "all rooms")
        session.account.create_room("plans", "Not for everybody", True)
        until(lambda: any(room.name == "plans" for room in session.state.rooms.values()), "a private room")
        told = self.play.person("Anna").state.server
        assert told is not None
        self.desktop.people.write_to(told.user, "Hi Anna, lunch?")
        until(lambda: any(room.kind == DIRECT for room in session.state.rooms.values()), "a direct room")
        direct = next(room.number for room in session.state.rooms.values() if room.kind == DIRECT)
        self.play.say("Anna", "Yes! At noon, in front of the house 🍜", direct)
        self.desktop.conversations.pin(self.play.rooms["books"], pinned=True)
        self.open("lobby")

    def wait_online(self) -> None:
        """Until the server shown is online and one of its rooms is open."""
        until(lambda: self.phase is Phase.ONLINE and self.desktop.chat.room is not None, "being online")
        self.settle()

    @property
    def phase(self) -> Phase | None:
        session = self.desktop.sessions.current
        return session.state.phase if session is not None else None

    def open(self, name: str) -> None:
        """Open the room of this name, and wait until it has rows."""
        session = self.desktop.sessions.current
        assert session is not None
        until(lambda: any(room.name == name for room in session.state.rooms.values()), f"the room {name}")
        number = next(room.number for room in session.state.rooms.values() if room.name == name)
        self.desktop.chat.open_room(number)
        until(lambda: bool(self.window.timeline.model.entries), f"messages in {name}")
        self.settle()

    def seq_of(self, text: str) -> int:
        """The number of the newest message of the open room that contains `text`."""
        entries = self.window.timeline.model.entries
        return max(entry.seq or 0 for entry in entries if text in entry.text)

    def settle(self, milliseconds: int = 250) -> None:
        """Until all news is shown and nothing moves."""
        until(lambda: all(session.settled for session in self.desktop.sessions.all))
        rest(milliseconds)

    def size(self, width: int, height: int) -> None:
        """The window at the corner of the screen, this large."""
        self.window.move(QPoint(0, 0))
        self.window.resize(width, height)

    @property
    def account(self) -> Account:
        """Our own, on the server shown."""
        session = self.desktop.sessions.current
        assert session is not None
        return session.account

    def first_server(self) -> None:
        """Show the server of the play."""
        self.desktop.sessions.show(self.desktop.sessions.all[0])
        self.settle()

    def second_server(self) -> None:
        """Be on another server, too, and show it; it is hosted by somebody else, who says hello."""
        if len(self.desktop.sessions.all) < 2:
            other = self.play.other()
            self.desktop.controller.begin(other.link, "Maria")
            self.wait_online()
            other.say("Olga", "Welcome to the workshop!")
        self.desktop.sessions.show(self.desktop.sessions.all[1])
        self.settle()

    def plain_server(self) -> None:
        """Be in a plain chat, too, and show it."""
        if self._plain is None:
            self.desktop.controller.begin(self.play.plain(), "Maria")
            self.wait_online()
            self._plain = self.desktop.sessions.current
            self.play.say_plainly("hello, this is not encrypted")
        self.desktop.sessions.show(self._plain)
        until(lambda: any("encrypted" in entry.text for entry in self.window.timeline.model.entries), "the plain words")
        self.settle()

    def look(self, mode: Mode, scale: float) -> None:
        self.desktop.theme.set_mode(mode)
        self.desktop.theme.set_text_scale(scale)

    def tidy(self) -> None:
        """Back to the plain window: no dialog, no popup, nothing being written."""
        for widget in QApplication.topLevelWidgets():
            if widget is not self.window and widget.isVisible():
                widget.reject() if isinstance(widget, QDialog) else widget.close()
        window = self.window
        window.notice.clear()
        window.waiting_bar.show_count(0)
        window.search_bar.close_bar()
        window.composer.end_edit()
        window.composer.set_text("")
        window.set_details_shown(False)
        window.timeline.to_bottom()
        window.activateWindow()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.settle(50)

    def turn_to(self, page: Page) -> None:
        """In a narrow window; nothing changes in a wide one."""
        window = self.window
        if page is Page.DETAILS:
            window.set_details_shown(True)
        elif page is Page.CHAT:
            window.turn_to(Page.CHAT)
        else:
            window.turn_to(Page.CONVERSATIONS)

    def middle_of(self, widget: QWidget) -> QPoint:
        """On the screen."""
        return widget.mapToGlobal(widget.rect().center())

    def quit(self) -> None:
        """End the program in order."""
        self.desktop.leaving.quit_now()
        until(lambda: self.finished, "the end")
        self.desktop.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def _finish(self) -> None:
        self.finished = True
