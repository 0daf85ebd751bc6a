"""Finding people: to write to them alone, to bring them into a room, to see who they are."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged, PeopleChanged, RequestDone
from qtchat.client.updates import Phase
from qtchat.gui.chat import Chat
from qtchat.gui.models.about import about_of
from qtchat.gui.models.plain_chat import plain_chat_reason
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import role_in
from qtchat.gui.views.people_dialog import PersonDialog, add_people_dialog, new_message_dialog
from qtchat.gui.views.person_card import PersonCard
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import LOBBY, PUBLIC, Person


class People(QObject):
    """Everybody is in the lobby, so its members are all that can be found.

    Asks: open_wanted(int) for a room to be shown as soon as it is there. Tells: card_shown(int), before the card of
    this user is.
    """

    open_wanted = Signal(int)
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

    # -- news -----------------------------------------------------------------------------------------

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        state = session.state
        if ConnectionChanged() in changes and state.phase is Phase.ONLINE and LOBBY in state.rooms:
            session.account.load_people(LOBBY)
        if session is self._chat.session and self.dialog is not None and PeopleChanged(LOBBY) in changes:
            self._fill(self.dialog)

    def _switched(self) -> None:
        if self.dialog is not None:
            self.dialog.close()

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
            about = about_of(room, session.state)
            name = f"# {about.name}" if room.kind == PUBLIC else about.name
            dialog = add_people_dialog(name, self._theme, self._icons, self._window)
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
        session = self._chat.session
        person = self._person(user)
        if session is None or person is None:
            return
        if self.card is None:
            self.card = PersonCard(self._theme, self._icons, self._window)
            self.card.message_wanted.connect(self.write_to)
            self.card.mention_wanted.connect(self._mention)
        room = self._chat.room
        here = room is not None and user in room.members
        self.card.set_writable(not session.plain)
        self.card_shown.emit(user)
        self.card.show_person(person, user == session.user, place, here=here, role=role_in(person, room))

    def _person(self, user: int) -> Person | None:
        session, room = self._chat.session, self._chat.room
        members = room.members if room is not None else {}
        return members.get(user) or (session.state.people.get(user) if session is not None else None)

    def _mention(self, nick: str) -> None:
        self._window.show_chat()
        self._window.composer.field.insertPlainText(f"@{nick} ")
        self._window.composer.field.setFocus()

    # -- requests -------------------------------------------------------------------------------------

    def write_to(self, user: int, text: str = "") -> None:
        """Open the conversation with this user; say `text` there, unless it is empty."""
        session = self._chat.session
        if session is not None:
            session.ask(session.account.open_direct(user), partial(self._directed, text))

    def _directed(self, text: str, done: RequestDone) -> None:
        session = self._chat.session
        if done.problem is None:
            if self.dialog is not None:
                self.dialog.accept()
            if text and session is not None:
                session.account.post(done.room, text)
            self.open_wanted.emit(done.room)
        elif self.dialog is not None:
            self.dialog.show_problem(done.problem)
        else:
            self._window.notice.say(problem_sentence(done.problem))

    def _add(self, room: int, user: int) -> None:
        session = self._chat.session
        if session is not None:
            session.ask(session.account.add_member(room, user), partial(self._added, user))

    def _added(self, user: int, done: RequestDone) -> None:
        if self.dialog is None:
            return
        if done.problem is not None:
            self.dialog.show_problem(done.problem)
        else:
            person = self._person(user)
            self.dialog.say_done(self.tr("{nick} is in.").replace("{nick}", person.nick if person else ""))
            self._fill(self.dialog)
