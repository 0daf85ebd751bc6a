"""Somebody at a window, with all that moderation means to them, and the house where they meet."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from qtchat.client.state import RoomState
from qtchat.client.trust import load_or_create_key
from qtchat.gui.models.moderation import Act
from qtchat.gui.session import Session
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.records import RecordsDialog
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettingsDialog
from qtchat.gui.views.moderation.words import act_words
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import OWNER
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.end_to_end.conftest import Window
from tests.helpers.quiet_network import LOOPBACK
from tests.helpers.servers import no_thread_left

OpenWindow = Callable[[str], Window]
DRAFT = "let me speak"
CLOCK = r"(.* )?\d\d:\d\d"
"""A moment as it is told: the time, with the day where that is not today."""


class Seat:
    """Somebody at a window: what they see, and what they can do with others."""

    def __init__(self, window: Window, link: str, nick: str) -> None:
        self.window, self.nick, self._link = window, nick, link
        self.desktop = window.desktop
        self.until = window.until
        self.say = window.say
        window.join(link, nick)

    @property
    def session(self) -> Session:
        assert self.desktop.sessions.current is not None
        return self.desktop.sessions.current

    @property
    def room(self) -> RoomState:
        """The one that is open."""
        assert self.desktop.chat.room is not None
        return self.desktop.chat.room

    @property
    def rooms(self) -> list[RoomState]:
        return list(self.session.state.rooms.values())

    @property
    def notice(self) -> str:
        """What the window says on top."""
        return self.desktop.window.notice.label.text()

    @property
    def lines(self) -> list[str]:
        """Everything said or done in the open room, one text each."""
        return [f"{entry.kind}: {entry.text}" for entry in self.desktop.window.timeline.model.entries]

    @property
    def reason(self) -> str:
        """Why one cannot write in the open room; "" if one can."""
        composer = self.desktop.window.composer
        assert composer.reason.isHidden() is not composer.field.isHidden()
        return "" if composer.reason.isHidden() else composer.reason.text()

    def run(self, command: str, pattern: str) -> None:
        """Type a command, and wait until the window says what came of it."""
        self.desktop.window.notice.label.setText("")
        self.say(command)
        self.until_told(pattern)

    def until_told(self, pattern: str) -> None:
        self.until(lambda: re.fullmatch(pattern, self.notice) is not None)

    def until_silent(self, pattern: str) -> None:
        """Wait until the composer says so: what is being written stays there, and cannot be sent."""
        composer = self.desktop.window.composer
        composer.set_text(DRAFT)
        self.until(lambda: re.fullmatch(pattern, self.reason) is not None)
        assert not composer.send_button.isVisible()
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
        assert composer.text() == DRAFT

    def until_heard(self, by: "Seat", draft: str = "") -> None:
        """Wait until the composer is back, send what stood there all the time, or this, and wait until it is read."""
        self.until(lambda: self.desktop.chat.room is not None and not self.window.offline and not self.reason)
        self.say(draft)
        by.until(lambda: f"post: {draft or DRAFT}" in by.lines)

    def user(self, nick: str) -> int:
        people = self.session.state.people
        self.until(lambda: any(person.nick == nick for person in people.values()))
        return next(user for user, person in people.items() if person.nick == nick)

    def role_of(self, nick: str) -> str:
        return self.session.state.people[self.user(nick)].role

    def open_room(self, name: str) -> None:
        """Open the room of this name; join it first, or make it."""
        if name not in {room.name for room in self.session.state.rooms.values()}:
            self.say(f"/join {name}")
        else:
            number = next(room.number for room in self.session.state.rooms.values() if room.name == name)
            self.desktop.chat.open_room(number)
        self.until(lambda: self.desktop.chat.room is not None and self.room.name == name)

    def make_room(self, name: str) -> None:
        self.desktop.rooms.create()
        dialog = self.desktop.rooms.create_dialog
        assert dialog is not None
        dialog.name_field.setText(name)
        dialog.create_button.click()
        self.until(lambda: self.desktop.chat.room is not None and self.room.name == name)

    def room_settings(self) -> RoomSettingsDialog:
        """The settings of the open room, from its details."""
        self.desktop.window.set_details_shown(True)
        self.until(self.desktop.window.people_pane.settings_button.isVisible)
        self.desktop.window.people_pane.settings_button.click()
        dialog = self.desktop.moderation.settings_dialog
        assert dialog is not None
        return dialog

    def save(self, dialog: RoomSettingsDialog) -> None:
        dialog.save_button.click()
        self.until(lambda: self.desktop.moderation.settings_dialog is None)

    def until_refused(self, pattern: str) -> None:
        """Wait until the banner says why we are not let in."""
        banner = self.desktop.window.banner
        self.until(lambda: banner.isVisible() and re.fullmatch(pattern, banner.label.text()) is not None)

    def come_again(self) -> None:
        """By the button of the banner, and the dialog that it opens."""
        self.desktop.window.banner.choose_button.click()
        dialog = self.desktop.joining.dialog
        self.until(dialog.isVisible)
        dialog.join_button.click()

    # -- what can be done with others -------------------------------------------------------------------

    def acts_on(self, nick: str) -> list[str]:
        """What the card of somebody offers; nothing, where it has no such button."""
        menu = self._menu(nick)
        if menu is None:
            return []
        words = [action.text() for action in menu.actions() if not action.isSeparator()]
        menu.close()
        return words

    def choose(self, act: Act, nick: str) -> ActDialog | RoleDialog | None:
        """Choose an act in the menu of somebody's card; the dialog that asks for its circumstances, if it does."""
        self.until(lambda: act_words(act) in self.acts_on(nick))
        menu = self._menu(nick)
        assert menu is not None
        next(action for action in menu.actions() if action.text() == act_words(act)).trigger()
        menu.close()
        return self.desktop.moderation.dialog

    def do(self, act: Act, nick: str, *, reason: str = "", seconds: int = -1, role: str = "") -> None:
        """Choose an act, say how it is meant, and wait until the server has done it."""
        dialog = self.choose(act, nick)
        if isinstance(dialog, ActDialog):
            dialog.reason_field.setText(reason)
            if seconds >= 0:
                dialog.duration_box.setCurrentIndex(dialog.duration_box.findData(seconds))
        elif isinstance(dialog, RoleDialog):
            dialog.choices[role].click()
        if dialog is not None:
            dialog.do_button.click()
            self.until(lambda: self.desktop.moderation.dialog is None)

    def _menu(self, nick: str) -> QMenu | None:
        people, moderation = self.desktop.people, self.desktop.moderation
        people.show_card(self.user(nick), QPoint(0, 0))
        assert people.card is not None
        if people.card.acts_button.isHidden():
            people.card.close()
            return None
        people.card.acts_button.click()
        return moderation.menu

    def message_menu(self, text: str) -> MessageMenu:
        """What can be done with a message."""
        timeline = self.desktop.window.timeline
        entry = next(entry for entry in timeline.model.entries if entry.text == text)
        menu = MessageMenu(entry, self.desktop.icons, timeline)
        menu.fill(QPoint(0, 0), "", None)
        return menu

    def choose_of_message(self, text: str, words: str) -> None:
        menu = self.message_menu(text)
        next(action for action in menu.actions() if action.text() == words).trigger()
        menu.close()

    def proposed(self, word: str) -> list[str]:
        """The commands that are completed."""
        composer = self.desktop.window.composer
        composer.set_text("")
        QTest.keyClicks(composer.field, word)
        popup = composer.completer.popup()
        assert popup is not None
        names = [suggestion.title.split()[0].lstrip("/") for suggestion in popup.suggestions]
        composer.set_text("")
        return names

    # -- what a server keeps ----------------------------------------------------------------------------

    def overseen(self) -> list[str]:
        """What the menu of the account offers to those who run the server."""
        menu = self.desktop.controller.make_menu()
        words = [action.text() for found in self._moderation_menus(menu) for action in found.actions()]
        menu.deleteLater()
        return words

    def oversee(self, words: str) -> RecordsDialog:
        """Open one of these lists."""
        menu = self.desktop.controller.make_menu()
        [found] = self._moderation_menus(menu)
        next(action for action in found.actions() if action.text() == words).trigger()
        menu.deleteLater()
        dialog = self.desktop.overseeing.dialog
        assert dialog is not None
        return dialog

    def _moderation_menus(self, menu: QMenu) -> list[QMenu]:
        return [found for found in menu.findChildren(QMenu) if found.title() == "Moderation"]

    def until_logged(self, pattern: str) -> None:
        """Look into the audit log: its newest entries, and what stands in the line below them."""
        dialog = self.oversee("Audit log…")
        self.until(lambda: dialog.model.rowCount() > 0)
        rows = [str(dialog.model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(3)]
        dialog.reject()
        assert any(re.match(pattern, row) for row in rows), rows


class House:
    """A server, whoever owns it, and somebody who is a mere member."""

    def __init__(self, server: Server, open_window: OpenWindow) -> None:
        self.server, self._open_window = server, open_window
        self._seats: list[Seat] = []
        self.boss = self.seat("Boss")
        self.boss.until(lambda: self.boss.session.state.role == OWNER)
        self.ben = self.seat("Ben")
        self.ben.user("Boss")

    def seat(self, nick: str, profile: str = "") -> Seat:
        self._seats.append(Seat(self._open_window(profile or nick), self.server.link, nick))
        return self._seats[-1]

    def quit(self) -> None:
        """All go, so that the server leaves no thread behind."""
        for seat in self._seats:
            seat.window.quit()

    def meet_in(self, name: str) -> None:
        """Both are in a room that Boss has made."""
        self.boss.make_room(name)
        self.ben.open_room(name)
        self.boss.until(lambda: self.ben.session.user in self.boss.room.members)


@contextmanager
def hosted(folder: Path, host: Path, **options: Any) -> Iterator[Server]:
    """A server in this process that belongs to whoever has the profile `host`. `options`: of ServerSettings."""
    host.mkdir()
    with no_thread_left():
        settings = ServerSettings(data=str(folder), host=LOOPBACK, port=0, **options)
        server = Server(settings, owner_key=load_or_create_key(host).public_key)
        server.start()
        try:
            yield server
        finally:
            assert server.stop(), "the server did not stop in time"
