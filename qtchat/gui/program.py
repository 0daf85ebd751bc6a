"""The desktop program put together: every part is made here, and here the parts are connected."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from qtchat.client.classic import open_account
from qtchat.gui.attention import Attention
from qtchat.gui.bridge import Background
from qtchat.gui.chat import Chat
from qtchat.gui.choices import Choices
from qtchat.gui.colors import Colors
from qtchat.gui.command_runner import CommandRunner
from qtchat.gui.connection import Connection
from qtchat.gui.controller import Controller
from qtchat.gui.conversations import Conversations
from qtchat.gui.desktop.alerts import Looking
from qtchat.gui.desktop.integration import Integration
from qtchat.gui.details import Details
from qtchat.gui.doctor import Diagnosis, Examine
from qtchat.gui.following import Following
from qtchat.gui.full_stop import FullStop
from qtchat.gui.host import Host
from qtchat.gui.hosting import HostFactory, Hosting
from qtchat.gui.joining import Joining
from qtchat.gui.key_transfer import KeyTransfer
from qtchat.gui.keys import bind, bind_servers
from qtchat.gui.leaving import Leaving
from qtchat.gui.looking import LookerFactory, Lookout
from qtchat.gui.messages import Messages
from qtchat.gui.midnight import Midnight
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.moderation import Moderation
from qtchat.gui.orders import Orders
from qtchat.gui.overseeing import Overseeing
from qtchat.gui.pace import Pace
from qtchat.gui.pause import Pause
from qtchat.gui.people import People
from qtchat.gui.plain_chat import PlainChat
from qtchat.gui.preferences import Preferences
from qtchat.gui.presence import Presence
from qtchat.gui.rooms import Rooms
from qtchat.gui.search import Search
from qtchat.gui.servers import Servers
from qtchat.gui.session import AccountFactory, Sessions
from qtchat.gui.settings import Settings, SettingsFile
from qtchat.gui.switching import Switching
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.settings import Page
from qtchat.gui.views.shortcuts import Command
from qtchat.gui.views.timeline import TimelineView
from qtchat.gui.voice import Voice

IntegrationFactory = Callable[[Settings, Theme, Icons, Looking, QObject], Integration]


class Desktop:
    """The program for the profile in one folder: all its parts, made and connected, without a window open yet.

    Keep it as long as it runs; `close` it when `leaving.finished` has come.
    """

    def __init__(
        self,
        application: QApplication,
        profile: Path,
        *,
        make_server: HostFactory,
        examine: Examine,
        mode: Mode | None = None,
        make_account: AccountFactory = open_account,
        make_integration: IntegrationFactory = Integration,
        make_looker: LookerFactory | None = None,
    ) -> None:
        """`mode`: the theme, instead of the one in the settings. Without `make_looker` nobody looks around on the
        network."""
        self.file = SettingsFile(profile)
        settings = self.file.settings
        self.theme = theme = Theme(application, settings.theme, settings.text_scale)
        theme.set_mode(mode or settings.theme)
        self.icons = icons = Icons(theme)
        listed, people, timeline = ConversationsModel(), PeopleModel(), TimelineModel()
        self.window = window = MainWindow(listed, people, TimelineView(timeline, theme, icons), theme, icons)
        for model in (listed, people, timeline):
            model.setParent(window)
        self.background = background = Background(window)
        self.sessions = sessions = Sessions(make_account, profile, background, window)
        self.hosting = hosting = Hosting(make_server, background, window)
        dialog = NickDialog(theme, icons, window)
        # Each hears of news after those that stand before it.
        self.conversations = Conversations(window, listed, sessions, settings)
        self.chat = chat = Chat(window, listed, timeline, sessions, settings)
        self.details = Details(window, people, sessions, chat, self.conversations)
        self.presence = Presence(window, sessions, chat, settings)
        self.messages = Messages(window, sessions, chat, settings, theme, icons)
        self.rooms = Rooms(window, sessions, chat, theme, icons)
        self.people = People(window, sessions, chat, theme, icons)
        self.moderation = Moderation(window, sessions, chat, self.people, theme, icons)
        self.overseeing = Overseeing(window, sessions, theme, icons)
        self.voice = Voice(window, sessions, chat)
        self.pace = Pace(window, sessions, chat)
        self.orders = Orders(window, self.moderation)
        self.commands = CommandRunner(
            window, chat, self.messages, self.rooms, self.people, self.presence, self.orders, self.overseeing
        )
        self.search = Search(window, sessions, chat)
        self.plain_chat = PlainChat(window, sessions)
        self.connection = Connection(window, dialog, sessions)
        self.full_stop = FullStop(window, sessions, settings)
        self.servers = Servers(window, sessions, hosting, settings, theme)
        self.switching = Switching(window, sessions, self.servers, chat, self.people, settings, theme, icons)
        self.joining = Joining(dialog, window, sessions, hosting, settings)
        self.integration = integration = make_integration(settings, theme, icons, chat.looking_at, window)
        self.lookout = Lookout(make_looker, dialog, background, settings, profile)
        self.following = Following(make_looker, sessions, background, settings, window)
        self.host = Host(window, sessions, self.servers, hosting, settings, theme, icons)
        self.diagnosis = Diagnosis(examine, background, theme, icons, window)
        self.leaving = Leaving(
            window, sessions, hosting, background, self.file, theme, lambda: integration.tray.keeps_running
        )
        self.colors = Colors(sessions, theme, window)
        self.midnight = Midnight(window)
        self.attention = Attention(window, sessions, chat, self.integration, settings)
        self.preferences = Preferences(settings, theme, icons, window, background, profile, window)
        self.pause = Pause(sessions, window)
        self.key_transfer = KeyTransfer(profile, self.pause, background, theme, window)
        self.choices = Choices(
            window,
            sessions,
            self.preferences,
            self.presence,
            self.conversations,
            self.integration,
            settings,
            self.pause,
            self.full_stop,
        )
        self.controller = Controller(
            window, sessions, hosting, self.joining, self.presence, self.overseeing, settings, theme, icons
        )
        self._connect()
        self._bind_keys()

    def _connect(self) -> None:
        """The parts know nothing of each other but what stands here."""
        chat, joining, leaving, servers = self.chat, self.joining, self.leaving, self.servers
        joining.hosted.connect(servers.hosted_here)
        self.host.hosting_told.connect(self.integration.tray.set_hosting)
        self.host.choose_wanted.connect(joining.choose)
        self.integration.tray.hosting_wanted.connect(self._show_hosting)
        joining.given_up.connect(leaving.quit)
        joining.dialog.why_wanted.connect(self._diagnose)
        joining.dialog.color_chosen.connect(self.presence.set_color)
        leaving.choose_wanted.connect(joining.choose)
        leaving.notice_wanted.connect(self.connection.say)
        leaving.keeping.connect(self._keep)
        leaving.leaving.connect(joining.dialog.hide)
        leaving.leaving.connect(self.pause.cancel)
        leaving.leaving.connect(self.diagnosis.cancel)
        leaving.leaving.connect(self.host.cancel)
        leaving.hidden.connect(self._say_that_it_goes_on)
        chat.choose_wanted.connect(joining.choose)
        chat.read_wanted.connect(self.conversations.mark_read)
        chat.room_opened.connect(self.conversations.opened)
        self.conversations.hidden.connect(chat.turn_from)
        self.rooms.open_wanted.connect(chat.open_when_there)
        self.people.open_wanted.connect(chat.open_when_there)
        self.commands.quit_wanted.connect(leaving.quit)
        self.window.banner.choose_wanted.connect(joining.choose)
        self.window.rail.add_wanted.connect(joining.choose)
        self.integration.tray.quit_wanted.connect(leaving.quit)
        self.integration.idle.away_changed.connect(self.presence.set_idle)
        self.integration.tray.settings_wanted.connect(self._show_settings)
        self.integration.alerts.quiet_changed.connect(leaving.save)
        self.conversations.prefs_changed.connect(self.attention.refresh)
        self.choices.join_wanted.connect(self.controller.begin)
        self.window.stop_page.choose_wanted.connect(joining.choose)
        self.window.stop_page.settings_wanted.connect(self._show_known_servers)
        self.preferences.export_key_wanted.connect(self.key_transfer.export)
        self.preferences.import_key_wanted.connect(self.key_transfer.import_)
        self.key_transfer.said.connect(self.connection.say)
        self.key_transfer.replaced.connect(self.preferences.read_key)
        self.key_transfer.replaced.connect(self.hosting.restart)  # it knows its owner by the key
        self.pause.begins.connect(servers.keep)
        controller = self.controller
        controller.invite_wanted.connect(servers.invite)
        controller.settings_wanted.connect(self.preferences.open)
        controller.hosting_wanted.connect(self.host.open)
        controller.quit_wanted.connect(leaving.quit)
        servers.save_wanted.connect(self.preferences.refresh)
        self.midnight.new_day.connect(self._show_new_day)
        self.integration.alerts.quiet_changed.connect(leaving.save)
        changing = (servers, self.switching, self.conversations, self.messages, self.preferences, self.host)
        for part in (*changing, chat.drafts, controller):
            part.save_wanted.connect(leaving.save)

    def actions(self) -> dict[Command, Callable[[], object]]:
        """What each key of the window does, but those of the servers."""
        window, listed = self.window, self.window.conversations
        return {
            Command.SWITCH: self.switching.open_switcher,
            Command.SEARCH: self.search.open,
            Command.PREVIOUS: partial(listed.step, -1),
            Command.NEXT: partial(listed.step, 1),
            Command.PREVIOUS_UNREAD: partial(listed.step_unread, -1),
            Command.NEXT_UNREAD: partial(listed.step_unread, 1),
            Command.BACK: window.go_back,
            Command.MARK_READ: self.chat.mark_read,
            Command.DETAILS: window.toggle_details,
            Command.NEW_MESSAGE: self.people.choose_to_write,
            Command.NEW_ROOM: self.rooms.create,
            Command.BROWSE: self.rooms.browse,
            Command.SETTINGS: self.preferences.open,
            Command.SHORTCUTS: self.controller.show_shortcuts,
            Command.QUIT: self.leaving.quit,
        }

    def _bind_keys(self) -> None:
        window = self.window
        bind(window, self.actions())
        bind_servers(window, window.rail.choose)
        bind(self.joining.dialog, {Command.QUIT: self.leaving.quit})

    def _show_new_day(self) -> None:
        """Times and days are put into words when they are painted."""
        for area in self.window.findChildren(QAbstractScrollArea):
            area.viewport().update()
        self.details.refresh()

    def _say_that_it_goes_on(self) -> None:
        self.integration.tray.say_once(self.integration.notifier)

    def _show_hosting(self) -> None:
        self.attention.show_window()
        self.host.open()

    def _show_known_servers(self) -> None:
        self.preferences.open(Page.NETWORK)

    def _show_settings(self) -> None:
        self.attention.show_window()
        self.preferences.open()

    def start(self, link: str = "", nick: str = "", *, clicked: bool = False) -> None:
        """Open the first window. See Controller.start."""
        self._restore()
        self.integration.start()
        self.controller.start(link, nick, clicked=clicked)

    def close(self) -> None:
        """Join what is left of the threads; after this nothing touches a Qt object any more."""
        self.integration.stop()
        self.background.join()

    def take_link(self, link: str) -> None:
        """Come to the front, and go where `link` leads, if it is not empty; but not any more once it quits."""
        if self.leaving.quitting:
            return
        dialog = self.joining.dialog
        if self.window.isVisible() or not dialog.isVisible():
            self.attention.show_window()
        if link:
            self.controller.follow(link)
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()

    def _diagnose(self) -> None:
        dialog = self.joining.dialog
        self.diagnosis.open(dialog.address_field.text().strip(), dialog)

    def _restore(self) -> None:
        """Window and columns as they were, and what became of settings that could not be read."""
        window, file = self.window, self.file
        if file.settings.geometry:
            window.restoreGeometry(QByteArray(file.settings.geometry))
        window.side_width = file.settings.side_width
        window.set_details_shown(file.settings.details_shown)
        kept = str(file.moved_to) if file.moved_to else window.tr("its place")
        if file.trouble:
            text = window.tr("The settings could not be read and begin anew; the old ones are kept in {place}.")
            self.connection.say(text.replace("{place}", kept))
        elif file.wrong:
            text = window.tr("Some settings could not be read and have their default again: {names}.")
            self.connection.say(text.replace("{names}", ", ".join(file.wrong)))

    def _keep(self) -> None:
        """Put into the settings what the next start should find as it is now."""
        if not self.pause.active:  # then there are none at the moment, and they were kept before
            self.servers.keep()
        settings = self.file.settings
        settings.geometry = bytes(self.window.saveGeometry().data())
        settings.side_width = self.window.side_width
        settings.details_shown = self.window.details_shown
