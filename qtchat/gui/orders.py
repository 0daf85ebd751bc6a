"""What the commands do that are acts of moderation; see commands/ for what they mean, moderation.py for the menus."""

from functools import partial

from PySide6.QtCore import QObject

from qtchat.client.state import Power, RoomState
from qtchat.gui.commands import Claim, GiveRole, ReleaseNick, Restrict, SetRoom
from qtchat.gui.models.moderation import Act, role_word
from qtchat.gui.models.words import fill, one_line
from qtchat.gui.moderation import Moderation, room_name
from qtchat.gui.session import Session
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import duration_words
from qtchat.protocol.messages import LOBBY

Order = Restrict | ReleaseNick | GiveRole | SetRoom | Claim


class Orders(QObject):
    """In the lobby, where everybody is, an order about somebody means the whole server."""

    def __init__(self, window: MainWindow, moderation: Moderation) -> None:
        super().__init__(window)
        self._window, self._moderation = window, moderation

    def run(self, session: Session, room: RoomState, order: Order) -> None:
        """Do what was typed in `room`; what came of it is said in the window."""
        account, tell = session.account, self._moderation.tell
        match order:
            case SetRoom(setting, value):
                value = value or str(int(not _is_on(room, setting)))
                session.ask(account.set_room(room.number, setting, value), partial(tell, ""))
            case ReleaseNick(nick):
                says = fill(self.tr("{nick} is a free name now."), nick=one_line(nick))
                session.ask(account.release_nick(nick), partial(tell, says))
            case Claim(token):
                says = self.tr("You are the owner of this server now.")
                session.ask(account.claim(token), partial(tell, says))
            case Restrict() | GiveRole():
                self._run_on_somebody(session, room, order)

    def _run_on_somebody(self, session: Session, room: RoomState, order: Restrict | GiveRole) -> None:
        user = _find(session, room, order.nick)
        if user is None:
            says = self.tr("Nobody called {nick} was ever on this server.")
            self._window.notice.say(fill(says, nick=one_line(order.nick)))
            return
        account, number = session.account, room.number if room.number != LOBBY else 0
        match order:
            case GiveRole(_, role):
                says = self.tr("{nick} is {role} in {room} now.") if number else self.tr("{nick} is {role} now.")
                name = room_name(session, number)
                says = fill(says, nick=one_line(order.nick), role=role_word(role), room=name)
                session.ask(account.set_role(number, user, role), partial(self._moderation.tell, says))
            case Restrict("revoke"):  # it cannot be undone, so it is asked for once more
                self._moderation.act_on(user, Act.REVOKE_KEY, order.reason)
            case Restrict():
                self._restrict(session, room, user, order)

    def _restrict(self, session: Session, room: RoomState, user: int, order: Restrict) -> None:
        account, until, reason = session.account, session.end_after(order.seconds), order.reason
        # Who moderates the lobby alone can let somebody be silent there.
        everywhere = room.number == LOBBY and session.state.power() >= Power.MODERATOR
        silent = 0 if everywhere else room.number
        duration = duration_words(order.seconds)
        how_long = (
            fill(self.tr("for {duration}"), duration=duration) if order.seconds else self.tr("until it is lifted")
        )
        match order.act:
            case "kick":
                request = account.kick(room.number if room.number != LOBBY else 0, user, reason)
                gone = self.tr("{nick} was removed from {room}."), self.tr("{nick} was disconnected.")
                says = gone[room.number == LOBBY]
            case "ban":
                request = account.ban(user, until, reason, order.address)
                says = self.tr("{nick} is banned {how_long}.")
            case "unban":
                request, says = account.unban(user), self.tr("{nick} is not banned any more.")
            case "mute":
                request = account.mute(silent, user, until, reason)
                muted = self.tr("{nick} is muted here {how_long}."), self.tr("{nick} is muted everywhere {how_long}.")
                says = muted[everywhere]
            case _:
                request = account.unmute(silent, user)
                says = self.tr("{nick} may write again.")
        where = room_name(session, room.number)
        says = fill(says, nick=one_line(order.nick), how_long=how_long, room=where)
        session.ask(request, partial(self._moderation.tell, says))


def _is_on(room: RoomState, setting: str) -> bool:
    """Of the settings that a command turns round."""
    return room.announcement if setting == "announcement" else room.frozen


def _find(session: Session, room: RoomState, nick: str) -> int | None:
    """The user called so, in the room first."""
    wanted = nick.casefold()
    for people in (room.members, session.state.people):
        for user, person in people.items():
            if person.nick.casefold() == wanted:
                return user
    return None
