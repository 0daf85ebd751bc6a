"""What we do with people and rooms that others may not: the menus, dialogs and commands, and the requests they make.

What the server keeps for those who run it (newcomers, bans, the audit log) is in overseeing.py; what is done to us is
told by voice.py.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt

from qtchat.client.state import Change, ConnectionChanged, Entry, RequestDone, RoomChanged, RoomState, ServerChanged
from qtchat.gui.chat import Chat
from qtchat.gui.commands import Claim, GiveRole, Restrict, SetRoom
from qtchat.gui.models.moderation import IN_ROOM, Act, acts_on, may_change, role_word
from qtchat.gui.models.words import one_line, room_title
from qtchat.gui.people import People
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.menu import ActMenu
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettings, RoomSettingsDialog
from qtchat.gui.views.moderation.words import fill
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import LOBBY, MEMBER, OWNER

Order = Restrict | GiveRole | SetRoom | Claim
"""The commands of commands.py that are acts of moderation."""


class Moderation(QObject):
    """Offers only what the roles allow; what the server refuses all the same is said in its own words."""

    def __init__(
        self, window: MainWindow, sessions: Sessions, chat: Chat, people: People, theme: Theme, icons: Icons
    ) -> None:
        super().__init__(window)
        self._window, self._chat, self._people = window, chat, people
        self._theme, self._icons = theme, icons
        self._settings_of: tuple[Session, int] | None = None
        self.dialog: ActDialog | RoleDialog | None = None
        self.settings_dialog: RoomSettingsDialog | None = None
        self.menu: ActMenu | None = None
        sessions.told.connect(self._told)
        sessions.switched.connect(self._switched)
        chat.room_opened.connect(self._show_power)
        people.card_shown.connect(self._offer_acts)
        window.timeline.set_moderates(self._may_delete)
        window.conversations.set_changeable(self._may_change)
        window.conversations.settings_wanted.connect(self.open_settings)
        window.people_pane.settings_wanted.connect(self._open_settings_here)
        window.composer.reason.way_out_wanted.connect(self._unfreeze)

    # -- what may be done -----------------------------------------------------------------------------

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is not self._chat.session:
            return
        room = self._chat.room
        if any(change in changes for change in (ConnectionChanged(), ServerChanged())) or (
            room is not None and RoomChanged(room.number) in changes
        ):
            self._show_power()

    def _show_power(self) -> None:
        """What the open room lets us do."""
        session, room = self._chat.session, self._chat.room
        if session is None or room is None:
            return
        roles = (person.role for person in session.state.people.values())
        owned = session.state.role == OWNER or OWNER in roles
        self._window.composer.set_power(session.state.power(room.number), owned=owned)
        self._window.people_pane.set_changeable(may_change(session.state, room))

    def _may_change(self, number: int) -> bool:
        session = self._chat.session
        room = session.state.rooms.get(number) if session is not None else None
        return session is not None and room is not None and may_change(session.state, room)

    def _may_delete(self, entry: Entry) -> bool:
        """Somebody else's message in the open room?"""
        session, room = self._chat.session, self._chat.room
        if session is None or room is None or not may_change(session.state, room):
            return False
        return session.state.may_act_on(entry.author, room.number)

    def _switched(self) -> None:
        for dialog in (self.dialog, self.settings_dialog):
            if dialog is not None:
                dialog.close()

    # -- somebody -------------------------------------------------------------------------------------

    def _offer_acts(self, user: int) -> None:
        """The card of somebody is shown: let it open the menu of what we may do."""
        session, card = self._chat.session, self._people.card
        if session is None or card is None:
            return
        acts = acts_on(session.state, user, self._chat.room)
        card.set_moderated(partial(self.show_menu, user) if acts else None)

    def show_menu(self, user: int, place: QPoint) -> None:
        """All that we may do with somebody, at a point of the screen."""
        session = self._chat.session
        acts = acts_on(session.state, user, self._chat.room) if session is not None else ()
        if acts:
            self.menu = ActMenu(acts, self._icons, self._window)
            self.menu.act_wanted.connect(partial(self.act_on, user))
            self.menu.destroyed.connect(self._menu_gone)
            self.menu.popup(place)

    def _menu_gone(self) -> None:
        self.menu = None

    def act_on(self, user: int, act: Act) -> None:
        """Ask for the circumstances of an act, where it has some, then for the act."""
        session, room = self._chat.session, self._chat.room
        if session is None or self.dialog is not None:
            return
        number = room.number if room is not None and act in IN_ROOM else 0
        if act in (Act.UNMUTE, Act.ROOM_UNMUTE):
            says = fill(self.tr("{nick} may write again."), nick=self._nick(session, user))
            session.ask(session.account.unmute(number, user), partial(self._done, says))
        elif act in (Act.ROLE, Act.ROOM_ROLE):
            self._ask_for_role(session, number, user)
        else:
            dialog = ActDialog(
                act, self._nick(session, user), self._room_name(session, number), self._theme, self._icons, self._window
            )
            dialog.do_button.clicked.connect(partial(self._act, session, number, user, act))
            self._open(dialog)

    def _ask_for_role(self, session: Session, number: int, user: int) -> None:
        room = session.state.rooms.get(number)
        person = session.state.people.get(user)
        has = room.role_of(user) if room is not None else person.role if person is not None else MEMBER
        roles = session.state.assignable_roles(number)
        name = self._room_name(session, number)
        dialog = RoleDialog(self._nick(session, user), name, roles, has, self._theme, self._window)
        dialog.role_wanted.connect(partial(self._give_role, session, number, user))
        self._open(dialog)

    def _open(self, dialog: ActDialog | RoleDialog) -> None:
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def _act(self, session: Session, number: int, user: int, act: Act) -> None:
        dialog, account, nick = self.dialog, session.account, self._nick(session, user)
        if not isinstance(dialog, ActDialog):
            return
        dialog.do_button.setEnabled(False)  # until it is answered
        asked: dict[Act, Callable[[], bytes]] = {
            Act.ROOM_MUTE: partial(account.mute, number, user, dialog.until, dialog.reason),
            Act.MUTE: partial(account.mute, 0, user, dialog.until, dialog.reason),
            Act.ROOM_KICK: partial(account.kick, number, user, dialog.reason),
            Act.KICK: partial(account.kick, 0, user, dialog.reason),
            Act.BAN: partial(account.ban, user, dialog.until, dialog.reason, dialog.address),
            Act.RELEASE_NICK: partial(account.release_nick, nick),
            Act.REVOKE_KEY: partial(account.revoke_key, user, dialog.reason),
        }
        session.ask(asked[act](), self._answered)

    def _give_role(self, session: Session, number: int, user: int, role: str) -> None:
        session.ask(session.account.set_role(number, user, role), self._answered)

    def _answered(self, done: RequestDone) -> None:
        """The dialog that asked closes, or says why not."""
        if self.dialog is None:
            self._done("", done)
        elif done.problem is not None:
            self.dialog.show_problem(done.problem)
        else:
            self.dialog.accept()

    def _done(self, says: str, done: RequestDone) -> None:
        """There was no dialog: the window says what came of it."""
        sentence = says if done.problem is None else problem_sentence(done.problem)
        if sentence:
            self._window.notice.say(sentence)

    def _nick(self, session: Session, user: int) -> str:
        room = self._chat.room
        person = (room.members.get(user) if room is not None else None) or session.state.people.get(user)
        return one_line(person.nick) if person is not None else ""

    def _room_name(self, session: Session, number: int) -> str:
        room = session.state.rooms.get(number)
        return room_title(room.name, room.kind) if room is not None else ""

    # -- rooms ----------------------------------------------------------------------------------------

    def _open_settings_here(self) -> None:
        if self._chat.room is not None:
            self.open_settings(self._chat.room.number)

    def open_settings(self, number: int) -> None:
        """Let the settings of a room be changed."""
        session = self._chat.session
        room = session.state.rooms.get(number) if session is not None else None
        if session is None or room is None or self.settings_dialog is not None or not may_change(session.state, room):
            return
        self._settings_of = (session, number)
        self.settings_dialog = dialog = RoomSettingsDialog(
            number, RoomSettings.of(room), self._theme, self._icons, self._window
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.save_wanted.connect(self._save_settings)
        dialog.finished.connect(self._settings_closed)
        dialog.open()

    def _settings_closed(self) -> None:
        self.settings_dialog = self._settings_of = None

    def _save_settings(self, pairs: list[tuple[str, str]]) -> None:
        """One after the other, so that the first refusal is the one that is told."""
        if self._settings_of is None or self.settings_dialog is None:
            return
        session, number = self._settings_of
        if not pairs:
            self.settings_dialog.accept()
            return
        (setting, value), rest = pairs[0], pairs[1:]
        request = session.account.set_room(number, setting, value)
        session.ask(request, partial(self._setting_saved, self.settings_dialog, rest))

    def _setting_saved(self, asker: RoomSettingsDialog, rest: list[tuple[str, str]], done: RequestDone) -> None:
        if asker is not self.settings_dialog:
            self._done("", done)
        elif done.problem is None:
            self._save_settings(rest)
        else:
            asker.show_problem(done.problem)
            if self._settings_of is not None:
                session, number = self._settings_of
                room = session.state.rooms.get(number)
                if room is not None:
                    asker.taken(RoomSettings.of(room))

    def _unfreeze(self) -> None:
        """The open room, where no command can be typed meanwhile."""
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.ask(session.account.set_room(room.number, "frozen", "0"), self._tell)

    # -- commands -------------------------------------------------------------------------------------

    def run(self, session: Session, room: RoomState, order: Order) -> None:
        """Do what was typed. In the lobby, where everybody is, kick and role mean the whole server."""
        account = session.account
        match order:
            case SetRoom("frozen", ""):
                session.ask(account.set_room(room.number, "frozen", str(int(not room.frozen))), self._tell)
            case SetRoom(setting, value):
                session.ask(account.set_room(room.number, setting, value), self._tell)
            case Claim(token):
                says = self.tr("You are the owner of this server now.")
                session.ask(account.claim(token), partial(self._done, says))
            case Restrict() | GiveRole():
                self._run_on_somebody(session, room, order)

    def _run_on_somebody(self, session: Session, room: RoomState, order: Restrict | GiveRole) -> None:
        user = self._find(session, room, order.nick)
        if user is None:
            self._window.notice.say(
                fill(self.tr("Nobody called {nick} was ever on this server."), nick=one_line(order.nick))
            )
            return
        account, number = session.account, room.number if room.number != LOBBY else 0
        match order:
            case GiveRole(_, role):
                says = self.tr("{nick} is {role} in {room} now.") if number else self.tr("{nick} is {role} now.")
                name = self._room_name(session, number)
                says = fill(says, nick=one_line(order.nick), role=role_word(role), room=name)
                session.ask(account.set_role(number, user, role), partial(self._done, says))
            case Restrict("unban"):
                self._ask_restriction(session, account.unban(user), order)
            case Restrict("unmute"):
                self._ask_restriction(session, account.unmute(room.number, user), order)
            case Restrict("kick"):
                self._ask_restriction(session, account.kick(number, user, order.reason), order)
            case Restrict("ban"):
                self._ask_restriction(session, account.ban(user, _until(order.seconds), order.reason), order)
            case Restrict("mute"):
                request = account.mute(room.number, user, _until(order.seconds), order.reason)
                self._ask_restriction(session, request, order)

    def _ask_restriction(self, session: Session, request: bytes, order: Restrict) -> None:
        done = {
            "kick": self.tr("{nick} was put out."),
            "ban": self.tr("{nick} is banned."),
            "unban": self.tr("{nick} is not banned any more."),
            "mute": self.tr("{nick} is muted."),
            "unmute": self.tr("{nick} may write again."),
        }[order.act]
        session.ask(request, partial(self._done, fill(done, nick=one_line(order.nick))))

    def _tell(self, done: RequestDone) -> None:
        self._done("", done)

    def _find(self, session: Session, room: RoomState, nick: str) -> int | None:
        """The user called so, in the room first."""
        wanted = nick.casefold()
        for people in (room.members, session.state.people):
            for user, person in people.items():
                if person.nick.casefold() == wanted:
                    return user
        return None


def _until(seconds: int) -> int:
    """So long from now, ms since 1970, UTC; 0 for without an end."""
    return int((time.time() + seconds) * 1000) if seconds else 0
