"""What a server keeps for those who run it: newcomers who wait at the door, bans, the audit log."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt

from qtchat.client.state import (
    AuditTold,
    BansTold,
    Change,
    ConnectionChanged,
    Power,
    RequestDone,
    ServerChanged,
    WaitingChanged,
    WaitingTold,
)
from qtchat.client.updates import Phase
from qtchat.gui.models.presence import presence_words
from qtchat.gui.models.words import fill, one_line, room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.records import Record, RecordsDialog
from qtchat.gui.views.moderation.words import audit_detail, audit_sentence, moment
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import AuditEntry, BanEntry, Person

REFUSE, ACCEPT, LIFT = "refuse", "accept", "lift"


class Overseeing(QObject):
    """Three lists, one at a time, and the bar that tells of newcomers."""

    def __init__(self, window: MainWindow, sessions: Sessions, theme: Theme, icons: Icons) -> None:
        super().__init__(window)
        self._window, self._sessions, self._theme, self._icons = window, sessions, theme, icons
        self._asked = b""
        self._decisions: dict[bytes, tuple[str, bool]] = {}
        """The lists of newcomers that were asked for to decide about one of them: their nick, and whether to let in."""
        self._audit: list[AuditEntry] = []
        self.dialog: RecordsDialog | None = None
        sessions.told.connect(self._told)
        sessions.switched.connect(self._switched)
        window.waiting_bar.show_wanted.connect(self.show_waiting)

    @property
    def power(self) -> Power:
        """Ours on the server shown; a member's while nobody knows."""
        session = self._sessions.current
        return session.state.power() if session is not None else Power.MEMBER

    def _switched(self) -> None:
        if self.dialog is not None:
            self.dialog.close()
        self._count()

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, WaitingTold) and (decision := self._decisions.pop(change.id, None)) is not None:
                self._decide(session, change.people, *decision)
        if session is not self._sessions.current:
            return
        if any(isinstance(change, WaitingChanged | ConnectionChanged | ServerChanged) for change in changes):
            self._count()
        for change in changes:
            match change:
                case WaitingTold(id=asked, people=people) if asked == self._asked:
                    self._show_people(people)
                case BansTold(id=asked, bans=bans) if asked == self._asked:
                    self._show_bans(bans)
                case AuditTold(id=asked, entries=entries, more=more) if asked == self._asked:
                    self._show_audit(session, entries, more=more)
                case WaitingChanged() if self.dialog is not None and ACCEPT in self.dialog.act_buttons:
                    self._ask(session, session.account.list_waiting())

    def _count(self) -> None:
        """The bar tells how many wait, to those who may let them in."""
        session = self._sessions.current
        online = session is not None and session.state.phase is Phase.ONLINE
        waiting = session.state.waiting if session is not None and online and self.power >= Power.ADMIN else 0
        self._window.waiting_bar.show_count(waiting)

    # -- newcomers ------------------------------------------------------------------------------------

    def show_waiting(self) -> None:
        """Who waits to be let in."""
        session = self._sessions.current
        sentence = self.tr("They see nothing of this server until somebody lets them in.")
        acts = ((REFUSE, self.tr("Turn away"), "danger"), (ACCEPT, self.tr("Let in"), "primary"))
        if session is not None and self._open(session, self.tr("Newcomers"), sentence, acts):
            self._ask(session, session.account.list_waiting())

    def _show_people(self, people: Sequence[Person]) -> None:
        if self.dialog is not None:
            records = [
                Record(person.user, person.nick, person.user, person.nick, presence_words(person)) for person in people
            ]
            self.dialog.show_records(records, self.tr("Nobody waits."))

    def decide(self, session: Session, nick: str, *, accept: bool) -> None:
        """Let the newcomer in who is called so, or turn them away."""
        request = session.account.list_waiting()
        self._decisions[request] = nick, accept
        session.ask(request, partial(self._tell, ""))

    def _decide(self, session: Session, people: Sequence[Person], nick: str, accept: bool) -> None:
        """`people`: who waits."""
        found = [person.user for person in people if person.nick.casefold() == nick.casefold()]
        says = self.tr("{nick} was let in.") if accept else self.tr("{nick} was turned away.")
        if len(found) == 1:
            request = session.account.approve(found[0], accept)
            session.ask(request, partial(self._tell, fill(says, nick=one_line(nick))))
            return
        says = self.tr("No newcomer called {nick} waits.")
        if found:
            says = self.tr("Several newcomers are called {nick}: choose one of them in the list of newcomers.")
        self._window.notice.say(fill(says, nick=one_line(nick)))

    def _tell(self, says: str, done: RequestDone) -> None:
        """What came of a command: `says`, or why it was refused."""
        self._decisions.pop(done.id, None)
        sentence = says if done.problem is None else problem_sentence(done.problem)
        if sentence:
            self._window.notice.say(sentence)

    # -- bans -----------------------------------------------------------------------------------------

    def show_bans(self) -> None:
        """Who is kept away."""
        session = self._sessions.current
        sentence = self.tr("They are not let in, until the time is over or the ban is lifted.")
        acts = ((LIFT, self.tr("Lift the ban"), "primary"),)
        if session is not None and self._open(session, self.tr("Bans"), sentence, acts):
            self._ask(session, session.account.list_bans())

    def _show_bans(self, bans: Sequence[BanEntry]) -> None:
        if self.dialog is not None:
            self.dialog.show_records([self._ban(ban) for ban in bans], self.tr("Nobody is banned."))

    def _ban(self, ban: BanEntry) -> Record:
        by = fill(self.tr("by {nick}, {time}"), nick=one_line(ban.by), time=moment(ban.since))
        address = self.tr("with the address") if ban.address else ""
        line = " · ".join(part for part in (by, address, ban.reason) if part)
        words = fill(self.tr("until {time}"), time=moment(ban.until)) if ban.until else self.tr("for good")
        return Record(ban.user, ban.nick, ban.user, ban.nick, line, words)

    # -- the audit log --------------------------------------------------------------------------------

    def show_audit(self) -> None:
        """Who has done what."""
        session = self._sessions.current
        sentence = self.tr(
            "Every act of moderation, the newest first, but for what the people of a private room do in it. Only "
            "admins can read it."
        )
        if session is not None and self._open(session, self.tr("Audit log"), sentence, ()):
            self._audit.clear()
            assert self.dialog is not None
            self.dialog.more_wanted.connect(self._more_audit)
            self._ask(session, session.account.get_audit())

    def _more_audit(self) -> None:
        session = self._sessions.current
        if session is not None and self._audit:
            self._ask(session, session.account.get_audit(self._audit[-1].number))

    def _show_audit(self, session: Session, entries: Sequence[AuditEntry], *, more: bool) -> None:
        self._audit += entries
        if self.dialog is not None:
            users = {person.nick: user for user, person in session.state.people.items()}
            records = []
            for entry in self._audit:
                room = session.state.rooms.get(entry.room)
                name = room_title(room.name, room.kind) if room is not None else self.tr("a room") if entry.room else ""
                says = audit_sentence(entry, name)
                line = " · ".join(filter(None, (moment(entry.ts), audit_detail(entry))))
                records.append(Record(entry.number, entry.by, users.get(entry.by, 0), says, line))
            self.dialog.show_records(records, self.tr("Nothing was done yet."), more=more)

    # -- the dialog -----------------------------------------------------------------------------------

    def _open(self, session: Session, title: str, sentence: str, acts: Sequence[tuple[str, str, str]]) -> bool:
        """False if one is open already."""
        if self.dialog is not None:
            return False
        dialog = self.dialog = RecordsDialog(title, sentence, acts, self._theme, self._icons, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.act_wanted.connect(partial(self._act, session, dialog))
        dialog.finished.connect(self._closed)
        dialog.open()
        return True

    def _closed(self) -> None:
        self.dialog, self._asked = None, b""
        self._audit.clear()

    def _ask(self, session: Session, request: bytes) -> None:
        self._asked = request
        session.ask(request, self._failed)

    def _failed(self, done: RequestDone) -> None:
        if self.dialog is not None and done.problem is not None and done.id == self._asked:
            self.dialog.show_records((), problem_sentence(done.problem))

    def _act(self, session: Session, dialog: RecordsDialog, user: int, act: str) -> None:
        request = session.account.unban(user) if act == LIFT else session.account.approve(user, act == ACCEPT)
        session.ask(request, partial(self._done, session, dialog, act))

    def _done(self, session: Session, asker: RecordsDialog, act: str, done: RequestDone) -> None:
        """It stands in the list no more, or the dialog says why it still does; where that is gone, the window does."""
        if asker is not self.dialog:
            self._tell("", done)
        elif done.problem is not None:
            asker.show_problem(done.problem)
        else:
            self._ask(session, session.account.list_bans() if act == LIFT else session.account.list_waiting())
