"""Finding people: to write to them alone, to bring them into a room, to see who they are."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged, PeopleChanged, RequestDone
from qtchat.client.updates import Phase, Problem
from qtchat.gui.chat import Chat
from qtchat.gui.models.plain_chat import plain_chat_reason
from qtchat.gui.models.words import room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import role_in
from qtchat.gui.views.people_dialog import PersonDialog, add_people_dialog, new_message_dialog
from qtchat.gui.views.person_card import PersonCard
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import DIRECT, LOBBY, Person


class People(QObject):
    """Everybody is in the lobby, so its members are all that can be found.

    Asks: open_wanted(int) for a room to be shown as soon as it is there. Tells: card_shown(int), before the card of
    this user is.
    """

    open_wanted = Signal(object)  # a room number may be more than an int of Qt holds
    card_shown = Signal(object)  # a plain user number is more than an int of Qt holds

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat, theme: Theme, icons: Icons) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat = window, sessions, chat
        self._theme, self._icons = theme, icons
        self._adding_to = 0
        self.dialog: PersonDialog | None = None
        self.card: PersonCard | None = None
        sessions.told.connect(self._told)
        sessions.switched.connect(self._switched)
        window.conversations.message_wanted.connect(self.choose_to_write)
        window.people_pane.add_wanted.connect(self._choose_to_add)
        window.people_pane.person_wanted.connect(self.show_card)
        window.timeline.person_wanted.connect(self._show_sender)

    # -- news -----------------------------------------------------------------------------------------

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        state = session.state
        if ConnectionChanged() in changes and state.phase is Phase.ONLINE and LOBBY in state.rooms:
            session.account.load_people(LOBBY)
        if session is self._chat.session and self.dialog is not None and PeopleChanged(LOBBY) in changes:
            self._fill(self.dialog)

    def _switched(self) -> None:
        """Who was to be chosen, and whose card this was, goes with their server."""
        for shown in (self.dialog, self.card):
            if shown is not None:
                shown.close()

    def _fill(self, dialog: PersonDialog) -> None:
        """With all that may be chosen, as far as it is known."""
        session = self._chat.session
        lobby = session.state.rooms.get(LOBBY) if session is not None else None
        if session is None or lobby is None or not lobby.members:
            return
        there = session.state.rooms.get(self._adding_to)
        left_out = there.members.keys() if there is not None else {session.user}
        nobody = self.tr("Everybody on this server is here already.") if there is not None else ""
        people = [person for person in lobby.members.values() if person.user not in left_out]
        dialog.show_people(people, session.user, nobody=nobody)

    # -- dialogs --------------------------------------------------------------------------------------

    def choose_to_write(self) -> None:
        """Ask whom to write to."""
        session = self._chat.session
        if session is not None and session.plain:
            self._window.notice.say(plain_chat_reason())
        elif self.dialog is None and session is not None:
            dialog = new_message_dialog(self._theme, self._icons, self._window)
            dialog.person_chosen.connect(self.write_to)
            self._open(dialog, 0)

    def _choose_to_add(self) -> None:
        """Ask whom to bring into the open room."""
        session, room = self._chat.session, self._chat.room
        if self.dialog is None and session is not None and room is not None:
            dialog = add_people_dialog(room_title(room.name, room.kind), self._theme, self._icons, self._window)
            dialog.person_chosen.connect(partial(self._add, room.number))
            self._open(dialog, room.number)

    def _open(self, dialog: PersonDialog, adding_to: int) -> None:
        self.dialog, self._adding_to = dialog, adding_to
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._closed)
        self._fill(dialog)
        dialog.open()

    def _closed(self) -> None:
        self.dialog = None

    def show_card(self, user: int, place: QPoint) -> None:
        """Who somebody is, beside what was clicked."""
        person = self._person(user)
        if person is not None:
            self._show_card(person, place)

    def _show_sender(self, user: int, nick: str, place: QPoint) -> None:
        """Who has written a message: perhaps somebody of whom nothing else is known."""
        self._show_card(self._person(user) or Person(user, nick, online=False), place)

    def _show_card(self, person: Person, place: QPoint) -> None:
        session = self._chat.session
        if session is None:
            return
        if self.card is None:
            self.card = PersonCard(self._theme, self._icons, self._window)
            self.card.message_wanted.connect(self.write_to)
            self.card.mention_wanted.connect(self._mention)
        room = self._chat.room
        here = room is not None and person.user in room.members
        self.card.set_writable(not session.plain)
        self.card_shown.emit(person.user)
        self.card.show_person(person, person.user == session.user, place, here=here, role=role_in(person, room))

    def _person(self, user: int) -> Person | None:
        session, room = self._chat.session, self._chat.room
        members = room.members if room is not None else {}
        return members.get(user) or (session.state.people.get(user) if session is not None else None)

    def _mention(self, nick: str) -> None:
        self._window.show_chat()
        self._window.composer.field.insertPlainText(f"@{nick} ")
        self._window.composer.field.setFocus()

    # -- requests -------------------------------------------------------------------------------------

    def write_to(self, user: int, text: str = "", refused: Callable[[], None] = lambda: None) -> None:
        """Open the conversation with this user; say `text` there, unless it is empty. `refused` is called if there can
        be none."""
        session = self._chat.session
        if session is None:
            return
        rooms = session.state.rooms.values()
        known = next((room.number for room in rooms if room.kind == DIRECT and room.other == user), None)
        if known is not None:  # what is said there waits if need be
            self._directed(session, self.dialog, text, known)
        else:
            then = partial(self._answered, session, self.dialog, text, refused)
            session.ask(session.account.open_direct(user), then)

    def _answered(
        self,
        session: Session,
        dialog: PersonDialog | None,
        text: str,
        refused: Callable[[], None],
        done: RequestDone,
    ) -> None:
        """`session`: who was asked, perhaps minutes ago; `dialog`: from where."""
        if done.problem is not None:
            self._tell(dialog, done.problem)
            refused()
        else:
            self._directed(session, dialog, text, done.room)

    def _directed(self, session: Session, dialog: PersonDialog | None, text: str, room: int) -> None:
        if text:
            session.account.post(room, text)
        if dialog is not None and dialog is self.dialog:
            dialog.accept()
        if session is self._chat.session:
            self.open_wanted.emit(room)

    def _add(self, room: int, user: int) -> None:
        session = self._chat.session
        if session is not None:
            session.ask(session.account.add_member(room, user), partial(self._added, session, self.dialog, user))

    def _added(self, session: Session, dialog: PersonDialog | None, user: int, done: RequestDone) -> None:
        if done.problem is not None:
            self._tell(dialog, done.problem)
        elif dialog is not None and dialog is self.dialog:
            person = session.state.people.get(user)
            dialog.say_done(self.tr("{nick} is in.").replace("{nick}", person.nick if person else ""))
            self._fill(dialog)

    def _tell(self, dialog: PersonDialog | None, problem: Problem) -> None:
        """In the dialog from which it was asked, if that is still there."""
        if dialog is not None and dialog is self.dialog:
            dialog.show_problem(problem)
        else:
            self._window.notice.say(problem_sentence(problem))
