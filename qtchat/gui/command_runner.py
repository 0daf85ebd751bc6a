"""What the commands do that are typed where messages are written; see commands/ for what they mean."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from qtchat.client.state import RequestDone, RoomState
from qtchat.gui.chat import Chat
from qtchat.gui.commands import (
    ChangeNick,
    Claim,
    Command,
    Decide,
    DeleteMessage,
    GiveRole,
    GoAway,
    JoinRoom,
    Quit,
    ReleaseNick,
    Restrict,
    SendDirect,
    SetRoom,
    SetTopic,
)
from qtchat.gui.messages import Messages
from qtchat.gui.orders import Orders
from qtchat.gui.overseeing import Overseeing
from qtchat.gui.people import People
from qtchat.gui.presence import Presence
from qtchat.gui.rooms import Rooms
from qtchat.gui.session import Session
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence


class CommandRunner(QObject):
    """Asks: quit_wanted."""

    quit_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        chat: Chat,
        messages: Messages,
        rooms: Rooms,
        people: People,
        presence: Presence,
        orders: Orders,
        overseeing: Overseeing,
    ) -> None:
        super().__init__(window)
        self._window, self._chat, self._messages, self._rooms = window, chat, messages, rooms
        self._people, self._presence, self._orders, self._overseeing = people, presence, orders, overseeing
        window.composer.command_wanted.connect(self.run)

    def run(self, command: Command) -> None:
        """Do it; whatever goes wrong is said in the window."""
        session, room = self._chat.session, self._chat.room
        if session is None or room is None:
            return
        put_back = partial(self._put_back, session, room, self._window.composer.text())
        self._window.composer.set_text("")
        match command:
            case ChangeNick(nick):
                session.ask(session.account.change_nick(nick), partial(self._tell, put_back))
            case SetTopic(topic):
                session.ask(session.account.set_topic(room.number, topic), partial(self._tell, put_back))
            case JoinRoom(name):
                self._rooms.go_to(name)
            case SendDirect(nick, text):
                self._send(session, nick, text, put_back)
            case GoAway(status):
                self._presence.go_away(status)
                says = self.tr("You are away now.") if self._presence.away else self.tr("You are back.")
                self._window.notice.say(says)
            case DeleteMessage(seq):
                self._messages.delete(seq)
            case Restrict() | ReleaseNick() | GiveRole() | SetRoom() | Claim():
                self._orders.run(session, room, command)
            case Decide(nick, accept):
                self._overseeing.decide(session, nick, accept=accept)
            case Quit():
                self.quit_wanted.emit()

    def _send(self, session: Session, nick: str, text: str, put_back: Callable[[], None]) -> None:
        wanted = nick.casefold()
        user = next((user for user, person in session.state.people.items() if person.nick.casefold() == wanted), None)
        if user is not None:
            self._people.write_to(user, text, put_back)
        else:
            put_back()
            says = self.tr("Nobody called {nick} was ever on this server.").replace("{nick}", nick)
            self._window.notice.say(says)

    def _put_back(self, session: Session, room: RoomState, typed: str) -> None:
        """What was refused is there to be tried again, unless something else is being written."""
        if session is self._chat.session and room is self._chat.room and not self._window.composer.text():
            self._window.composer.set_text(typed)

    def _tell(self, put_back: Callable[[], None], done: RequestDone) -> None:
        if done.problem is not None:
            self._window.notice.say(problem_sentence(done.problem))
            put_back()
