"""From the first window on: where to begin, and what belongs to no server: the menu, how everything looks."""

import getpass
import os

from PySide6.QtCore import QObject, QPoint, Qt, Signal

from qtchat.client.trust import who_is_meant
from qtchat.gui.hosting import Hosting
from qtchat.gui.joining import Joining
from qtchat.gui.overseeing import Overseeing
from qtchat.gui.presence import Presence
from qtchat.gui.session import Session, Sessions, plain_code
from qtchat.gui.settings import OpenServer, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.account_menu import AccountMenu
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.shortcuts_dialog import ShortcutsDialog
from qtchat.protocol.messages import MAX_NICK


class Controller(QObject):
    """Begins with what the command line and the settings say. Asks: invite_wanted, hosting_wanted, settings_wanted,
    save_wanted, quit_wanted."""

    invite_wanted = Signal()
    settings_wanted = Signal()
    hosting_wanted = Signal()
    save_wanted = Signal()
    quit_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        sessions: Sessions,
        hosting: Hosting,
        joining: Joining,
        presence: Presence,
        overseeing: Overseeing,
        settings: Settings,
        theme: Theme,
        icons: Icons,
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._hosting = window, sessions, hosting
        self._joining, self._presence, self._overseeing = joining, presence, overseeing
        self._settings, self._theme, self._icons = settings, theme, icons
        self.shortcuts: ShortcutsDialog | None = None
        window.conversations.menu_wanted.connect(self._show_menu)

    @property
    def session(self) -> Session | None:
        """The server shown."""
        return self._sessions.current

    def start(self, link: str = "", nick: str = "", *, clicked: bool = False) -> None:
        """Open the first window. `link`, `nick`: from the command line; what lacks comes from the last time. `clicked`:
        the link comes from another program, see follow."""
        if clicked and link and not self._joined_before(link):
            self.start("", nick)
            self.follow(link)
            return
        settings = self._settings
        known_nick = nick or settings.nick
        dialog = self._joining.dialog
        dialog.nick_field.setText(known_nick or user_name())
        if known_nick:
            self._open_again(link, known_nick)
        if self._sessions.all or self._hosting.starting:
            self._window.show()
        else:
            dialog.address_field.setText(link)
            self._joining.choose()
            dialog.address_field.setText(link)

    def begin(self, link: str, nick: str = "") -> None:
        """Be on the server that `link` leads to, and show it."""
        nick = nick or self._settings.nick or user_name()
        self._sessions.show(self._sessions.reach(link, nick))

    def follow(self, link: str) -> None:
        """Somebody clicked a link outside of this program. Go there in the dialog: who clicked sees where it leads and
        what comes of it, and can cancel.

        To a chat that is new to us it goes only when they say so: a web page can click, too, and whoever is at the
        other end learns our name, key and address.
        """
        dialog, session = self._joining.dialog, self._sessions.find(link)
        if session is not None and session.was_online:
            self._sessions.show(self._sessions.reach(link, session.nick))
            return
        self._joining.choose()
        if not dialog.busy:
            dialog.address_field.setText(link)
            if self._settings.nick and self._joined_before(link):
                self._joining.join(self._settings.nick, link)
            elif dialog.nick_field.text():
                dialog.join_button.setFocus()

    def _joined_before(self, link: str) -> bool:
        """Whether the link leads to a chat that was joined before; if another answers there, its key stops us."""
        code, addresses = who_is_meant(link)
        for known in self._settings.recent:
            if known.link == link or (code and plain_code(known.code) == plain_code(code)):
                return True
            if not code and set(addresses) & set(who_is_meant(known.link)[1]):
                return True
        return False

    def _open_again(self, link: str, nick: str) -> None:
        """All servers of the last time; the one of the command line is shown, else the one that was shown."""
        settings = self._settings
        hosting = settings.hosting and settings.start_hosting and not link
        recent = [OpenServer(known.link, nick) for known in settings.recent[:1]]
        for server in settings.open_servers or (recent if not link and not hosting else []):
            session = self._sessions.open(server.link, server.nick or nick)
            session.restored = True
            if server.link == settings.shown_server:
                self._sessions.show(session)
        if link:
            self.begin(link, nick)
        elif hosting:
            self._hosting.start(again=True)
        if self._sessions.current is None and self._sessions.all:
            self._sessions.show(self._sessions.all[0])

    def show_shortcuts(self) -> None:
        """All keys in words."""
        if self.shortcuts is None:
            self.shortcuts = ShortcutsDialog(self._theme, self._window)
            self.shortcuts.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.shortcuts.finished.connect(self._shortcuts_closed)
            self.shortcuts.open()

    def _shortcuts_closed(self) -> None:
        self.shortcuts = None

    # -- the menu -------------------------------------------------------------------------------------

    def _show_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        menu.popup(place - QPoint(0, menu.sizeHint().height()))

    def make_menu(self) -> AccountMenu:
        """The account's menu, new each time it is shown."""
        known = self.session is not None and self.session.state.server is not None
        menu = AccountMenu(
            self._theme,
            self._icons,
            may_invite=known,
            hosting=self._hosting.server is not None,
            away=self._presence.away,
            power=self._overseeing.power,
            parent=self._window,
        )
        menu.invite_wanted.connect(self.invite_wanted)
        menu.choose_wanted.connect(self._joining.choose)
        menu.away_chosen.connect(self._presence.set_away)
        menu.waiting_wanted.connect(self._overseeing.show_waiting)
        menu.bans_wanted.connect(self._overseeing.show_bans)
        menu.audit_wanted.connect(self._overseeing.show_audit)
        menu.settings_wanted.connect(self.settings_wanted)
        menu.hosting_wanted.connect(self.hosting_wanted)
        menu.profile_wanted.connect(self.settings_wanted)
        menu.shortcuts_wanted.connect(self.show_shortcuts)
        menu.mode_chosen.connect(self._set_mode)
        menu.scale_chosen.connect(self._set_scale)
        menu.quit_wanted.connect(self.quit_wanted)
        return menu

    def _set_mode(self, mode: Mode) -> None:
        self._settings.theme = mode
        self._theme.set_mode(mode)
        self.save_wanted.emit()

    def _set_scale(self, scale: float) -> None:
        self._settings.text_scale = scale
        self._theme.set_text_scale(scale)
        self.save_wanted.emit()


def user_name() -> str:
    """The name of whoever uses this computer, as a first proposal; "" where the system does not tell."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = os.environ.get("USERNAME", "")
    return "".join(character for character in name if character.isprintable()).strip()[:MAX_NICK].capitalize()
