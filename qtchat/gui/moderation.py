"""What we do with people and rooms that others may not: the menus and dialogs, and the requests they make.

What is typed instead is in orders.py, what the server keeps for those who run it (newcomers, bans, the audit log) in
overseeing.py; what is done to us is told by voice.py.
"""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt

from qtchat.client.state import Change, ConnectionChanged, Entry, RequestDone, RoomChanged, ServerChanged
from qtchat.gui.chat import Chat
from qtchat.gui.models.moderation import IN_ROOM, Act, acts_on, may_change
from qtchat.gui.models.words import fill, one_line, room_title
from qtchat.gui.people import People
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.act_dialog import ActDialog
from qtchat.gui.views.moderation.menu import ActMenu
from qtchat.gui.views.moderation.role_dialog import RoleDialog
from qtchat.gui.views.moderation.room_settings import RoomSettings, RoomSettingsDialog
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import MEMBER, OWNER


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
        for shown in (self.dialog, self.settings_dialog, self.menu):
            if shown is not None:
                shown.close()

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
        session, room = self._chat.session, self._chat.room
        acts = acts_on(session.state, user, room) if session is not None else ()
        if session is not None and acts:
            self.menu = ActMenu(acts, self._icons, self._window)
            self.menu.act_wanted.connect(partial(self._act_on, session, room.number if room is not None else 0, user))
            self.menu.destroyed.connect(self._menu_gone)
            self.menu.popup(place)

    def _menu_gone(self) -> None:
        self.menu = None

    def act_on(self, user: int, act: Act, reason: str = "") -> None:
        """Ask for the circumstances of an act, where it has some, then for the act: in the open room, or on the server
        that is shown. `reason`: where one may be given, what is proposed."""
        session, room = self._chat.session, self._chat.room
        if session is not None:
            self._act_on(session, room.number if room is not None else 0, user, act, reason)

    def _act_on(self, session: Session, room: int, user: int, act: Act, reason: str = "") -> None:
        if self.dialog is not None:
            return
        number = room if act in IN_ROOM else 0
        if act in (Act.UNMUTE, Act.ROOM_UNMUTE):
            says = fill(self.tr("{nick} may write again."), nick=_nick(session, user, number))
            session.ask(session.account.unmute(number, user), partial(self.tell, says))
        elif act in (Act.ROLE, Act.ROOM_ROLE):
            self._ask_for_role(session, number, user)
        else:
            nick, name = _nick(session, user, number), room_name(session, number)
            dialog = ActDialog(act, nick, name, self._theme, self._icons, self._window)
            dialog.reason_field.setText(reason)
            dialog.do_button.clicked.connect(partial(self._act, dialog, session, number, user))
            self._open(dialog)

    def _ask_for_role(self, session: Session, number: int, user: int) -> None:
        room = session.state.rooms.get(number)
        person = session.state.people.get(user)
        has = room.role_of(user) if room is not None else person.role if person is not None else MEMBER
        roles = session.state.assignable_roles(number)
        nick, name = _nick(session, user, number), room_name(session, number)
        dialog = RoleDialog(nick, name, roles, has, self._theme, self._window)
        dialog.role_wanted.connect(partial(self._give_role, dialog, session, number, user))
        self._open(dialog)

    def _open(self, dialog: ActDialog | RoleDialog) -> None:
        self.dialog = dialog
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def _act(self, dialog: ActDialog, session: Session, number: int, user: int) -> None:
        account, until = session.account, session.end_after(dialog.seconds)
        dialog.do_button.setEnabled(False)  # until it is answered
        asked: dict[Act, Callable[[], bytes]] = {
            Act.ROOM_MUTE: partial(account.mute, number, user, until, dialog.reason),
            Act.MUTE: partial(account.mute, 0, user, until, dialog.reason),
            Act.ROOM_KICK: partial(account.kick, number, user, dialog.reason),
            Act.KICK: partial(account.kick, 0, user, dialog.reason),
            Act.BAN: partial(account.ban, user, until, dialog.reason, dialog.address),
            Act.RELEASE_NICK: partial(account.release_nick, dialog.nick),
            Act.REVOKE_KEY: partial(account.revoke_key, user, dialog.reason),
        }
        session.ask(asked[dialog.act](), partial(self._answered, dialog))

    def _give_role(self, dialog: RoleDialog, session: Session, number: int, user: int, role: str) -> None:
        session.ask(session.account.set_role(number, user, role), partial(self._answered, dialog))

    def _answered(self, asker: ActDialog | RoleDialog, done: RequestDone) -> None:
        """The dialog that asked closes, or says why not. Where it is gone, the window says so."""
        if asker is not self.dialog:
            self.tell("", done)
        elif done.problem is not None:
            asker.show_problem(done.problem)
        else:
            asker.accept()

    def tell(self, says: str, done: RequestDone) -> None:
        """Let the window say what came of a request: `says`, unless it is empty, or why it was refused."""
        sentence = says if done.problem is None else problem_sentence(done.problem)
        if sentence:
            self._window.notice.say(sentence)

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
            self.tell("", done)
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
            session.ask(session.account.set_room(room.number, "frozen", "0"), partial(self.tell, ""))


def _nick(session: Session, user: int, number: int) -> str:
    """What somebody is called, in a room or on the whole server (0)."""
    room = session.state.rooms.get(number)
    person = (room.members.get(user) if room is not None else None) or session.state.people.get(user)
    return one_line(person.nick) if person is not None else ""


def room_name(session: Session, number: int) -> str:
    """What a room is called; "" for the whole server (0)."""
    room = session.state.rooms.get(number)
    return room_title(room.name, room.kind) if room is not None else ""
