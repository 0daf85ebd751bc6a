"""What is done to us: a notice that says what, by whom, why and until when; and in place of the composer why we cannot
write."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer

from qtchat.client.state import Change, RoomAdded, RoomChanged, SanctionTold, ServerChanged, Silence, UnsentTold
from qtchat.gui.chat import Chat
from qtchat.gui.models.moderation import may_change
from qtchat.gui.models.words import day_and_time, fill, local_time, one_line, room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.moderation.words import sanction_sentence, silence_sentence
from qtchat.protocol.messages import Sanction

LONGEST_WAIT_MS = 3_600_000
"""A timer asks again after this at the latest: it must not trust the clock for days, nor overflow."""
WELCOME = ("unmute", "set_role")
"""Sanctions that need not stand there until somebody has read them."""


class Voice(QObject):
    """Remembers the mutes it was told of, so that the composer can say by whom and why."""

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat = window, sessions, chat
        self._mutes: dict[tuple[Session, int], tuple[Sanction, str]] = {}  # with what was said of each
        self._titles: dict[tuple[Session, int], str] = {}
        """What rooms are called: one that we were put out of is gone when we are told."""
        self._over = QTimer(self, singleShot=True)
        self._over.timeout.connect(self._show)
        sessions.told.connect(self._told)
        sessions.closed.connect(self._forget)
        chat.room_opened.connect(self._show)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, RoomAdded | RoomChanged) and (room := session.state.rooms.get(change.room)):
                self._titles[session, change.room] = room_title(room.name, room.kind)
            elif isinstance(change, SanctionTold):
                self._take(session, change.sanction)
            elif isinstance(change, UnsentTold):
                self._tell_unsent(change)
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        sanctioned = any(isinstance(change, SanctionTold) for change in changes)
        if sanctioned or RoomChanged(room.number) in changes or ServerChanged() in changes:
            self._show()

    def _take(self, session: Session, told: Sanction) -> None:
        key = (session, told.room)
        gone = one_line(told.detail) if told.act == "kick" else ""  # a room that we do not see any more
        name = self._titles.get(key) or gone or self.tr("a room") if told.room else ""
        says = sanction_sentence(told, name)
        if told.ts and told.act != "mute":  # a mute is told at each login; all else with a time, only who was away
            when = day_and_time(told.ts, local_time(session.server_time).date())
            says = fill(self.tr("While you were away, {when}: {says}"), when=when, says=says)
        if session is not self._sessions.current:
            says = f"{one_line(session.name)}: {says}"
        notice = self._window.notice
        if told.act in ("mute", "unmute") and key in self._mutes:
            _, said = self._mutes.pop(key)
            notice.take_back(said)  # it does not hold any more
        if told.act == "mute":
            self._mutes[key] = told, says
        (notice.say if told.act in WELCOME else notice.keep)(says)

    def _tell_unsent(self, unsent: UnsentTold) -> None:
        says = self.tr("Not sent, as you are no more in {room}: “{text}”. It is kept, and back when you are.")
        for text in unsent.texts:
            self._window.notice.keep(fill(says, room=one_line(unsent.name), text=one_line(text)))

    def _show(self) -> None:
        """Why nothing can be written in the open room, if so; asked again when a mute is over."""
        session, room = self._chat.session, self._chat.room
        self._over.stop()
        if session is None or room is None:
            self._window.composer.set_disabled_reason("")
            return
        now = session.server_time
        silence = session.state.silence(room.number, now)
        until = room.muted_until or 0
        mutes = (self._mutes.get((session, number)) for number in (room.number, 0))
        told = next((mute[0] for mute in mutes if mute is not None and mute[0].until == until), None)
        thaw = silence is Silence.FROZEN and may_change(session.state, room)
        self._window.composer.set_disabled_reason(
            silence_sentence(silence, until, told) if silence else "", self.tr("Unfreeze") if thaw else ""
        )
        if until > now:
            self._over.start(min(until - now + 1, LONGEST_WAIT_MS))

    def _forget(self, session: Session) -> None:
        self._mutes = {key: told for key, told in self._mutes.items() if key[0] is not session}
        self._titles = {key: title for key, title in self._titles.items() if key[0] is not session}
