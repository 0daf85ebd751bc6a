"""What somebody does with messages in the open room: write, answer, edit, delete, react, ask who has read."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, QRect, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu

from qtchat.client.state import Change, Entry, RequestDone, RoomState, RowsReplaced
from qtchat.gui.chat import Chat
from qtchat.gui.models.plain_chat import plain_chat_reason
from qtchat.gui.models.words import one_line
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.emoji import EmojiPicker
from qtchat.gui.views.emoji.picker import place_popup
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.readers_dialog import ReadersDialog
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.protocol.messages import KIND_POST, PUBLIC


class Messages(QObject):
    """Listens to the composer and the timeline, and asks the account. Asks: save_wanted."""

    save_wanted = Signal()

    def __init__(
        self, window: MainWindow, sessions: Sessions, chat: Chat, settings: Settings, theme: Theme, icons: Icons
    ) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat, self._settings = window, sessions, chat, settings
        self._theme, self._icons = theme, icons
        self._reacting_to: tuple[Session, int, int] | None = None  # with room and seq
        self._edits: set[tuple[Session, int, int, str]] = set()  # with room, seq and text; not answered yet
        self.question: ConfirmDialog | None = None
        self.readers: ReadersDialog | None = None
        self.picker: EmojiPicker | None = None
        sessions.switched.connect(self._switched)
        sessions.told.connect(self._told)
        chat.room_opened.connect(self._opened)
        self._connect()

    def _connect(self) -> None:
        composer, timeline = self._window.composer, self._window.timeline
        composer.submitted.connect(self._submit)
        composer.edit_submitted.connect(self._submit_edit)
        composer.edit_last_wanted.connect(self._edit_last)
        composer.recent_changed.connect(self._keep_recent)
        composer.notice.connect(self._window.notice.say)
        composer.set_recent_emoji(self._settings.recent_emoji)
        timeline.reply_wanted.connect(self._reply)
        timeline.edit_wanted.connect(self._edit)
        timeline.delete_wanted.connect(self._ask_to_delete)
        timeline.react_wanted.connect(self._react)
        timeline.emoji_wanted.connect(self._pick_reaction)
        timeline.who_read_wanted.connect(self._show_readers)
        timeline.retry_wanted.connect(self._retry)
        timeline.discard_wanted.connect(self._discard)
        timeline.link_activated.connect(self._open_link)

    def _switched(self) -> None:
        """What is asked about a message goes with its server."""
        self._edits = {edit for edit in self._edits if edit[0] in self._sessions.all}
        self._close_menus()
        for shown in (self.question, self.readers, self.picker):
            if shown is not None:
                shown.close()

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is self._chat.session and any(isinstance(change, RowsReplaced) for change in changes):
            self._look_at_answered()

    def _opened(self) -> None:
        self._close_menus()
        self._look_at_answered()

    def _look_at_answered(self) -> None:
        """The words of a message that was deleted are nowhere to be seen."""
        room, composer = self._chat.room, self._window.composer
        answered = composer.unfinished
        if room is None or answered is None or answered.written is not None:
            return
        if any(entry.seq == answered.seq and entry.deleted for entry in room.entries):
            composer.forget_text()

    def _close_menus(self) -> None:
        """A menu goes with what it was opened on: what it does, it does where we are."""
        for menu in self._window.findChildren(QMenu):
            if menu.isVisible():
                menu.close()

    def _entry(self, seq: int) -> Entry | None:
        """The post of the open room with this number, if it is held and was not taken back."""
        room = self._chat.room
        held = room.entries[: room.numbered] if room is not None else ()
        posts = (entry for entry in held if entry.seq == seq and entry.kind == KIND_POST and not entry.deleted)
        return next(posts, None)

    # -- writing --------------------------------------------------------------------------------------

    def _submit(self, text: str, reply_to: int) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.account.post(room.number, text, reply_to)
            self._window.composer.set_text("")
            self._window.timeline.to_bottom()

    def _reply(self, seq: int) -> None:
        if (entry := self._entry(seq)) is not None:
            self._window.composer.start_reply(seq, entry.nick, entry.text)

    def _edit(self, seq: int) -> None:
        if (entry := self._entry(seq)) is not None and entry.own:
            self._window.composer.start_edit(seq, entry.text)

    def _edit_last(self) -> None:
        """Up in an empty field."""
        session = self._chat.session
        if session is None or session.plain:
            return
        if (seq := self._own_last()) and (entry := self._entry(seq)) is not None:
            self._window.composer.start_edit(seq, entry.text)

    def _own_last(self) -> int:
        """The number of what we said last in the open room, as far as it is held; 0 for nothing."""
        room = self._chat.room
        for entry in reversed(room.entries if room is not None else ()):
            if entry.own and entry.kind == KIND_POST and not entry.deleted and entry.seq is not None:
                return entry.seq
        return 0

    def _submit_edit(self, seq: int, text: str) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            edit = session, room.number, seq, text
            if edit not in self._edits:  # else Enter was hit twice
                self._edits.add(edit)
                session.ask(session.account.edit(room.number, seq, text), partial(self._edited, *edit))

    def _edited(self, session: Session, room: int, seq: int, text: str, done: RequestDone) -> None:
        """Something else may be in the field by now."""
        self._edits.discard((session, room, seq, text))
        if done.problem is not None:
            self._tell(done)  # what was written stays in the field
        else:
            self._chat.drafts.edit_taken(session.server_key, room, seq, text)

    def _tell(self, done: RequestDone) -> None:
        if done.problem is not None:
            self._window.notice.say(problem_sentence(done.problem))

    # -- taking back ----------------------------------------------------------------------------------

    def delete(self, seq: int) -> None:
        """Ask whether this message of the open room is to be deleted; 0: the last one of ours."""
        session = self._chat.session
        if session is not None and session.plain:
            self._window.notice.say(plain_chat_reason())
        elif self._entry(seq or self._own_last()) is None:
            self._window.notice.say(self.tr("There is nothing here that you could delete."))
        else:
            self._ask_to_delete(seq or self._own_last())

    def _ask_to_delete(self, seq: int) -> None:
        session, room, entry = self._chat.session, self._chat.room, self._entry(seq)
        if session is None or room is None or entry is None or self.question is not None:
            return
        self.question = dialog = ConfirmDialog(
            self._theme,
            self.tr("Delete this message?") if entry.own else self.tr("Delete somebody else's message?"),
            self._consequence(entry, room),
            self.tr("Delete"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._answered)
        dialog.accepted.connect(partial(self._delete, session, room.number, seq))
        dialog.open()

    def _consequence(self, entry: Entry, room: RoomState) -> str:
        says = self.tr("Its text is erased on the server and for everybody here. That it was there stays to be seen.")
        if entry.own:
            return says
        told = self.tr("{nick} is told that you did it, and it stands in the audit log.")
        if room.kind != PUBLIC:  # what its own people do in it does not
            told = self.tr("{nick} is told that you did it.")
        return f"{says} {told.replace('{nick}', one_line(entry.nick))}"

    def _answered(self) -> None:
        self.question = None

    def _delete(self, session: Session, room: int, seq: int) -> None:
        session.ask(session.account.delete(room, seq), self._tell)

    def _retry(self, message_id: bytes) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.account.retry(message_id, room.number)

    def _discard(self, message_id: bytes) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.account.discard(message_id, room.number)

    # -- reactions ------------------------------------------------------------------------------------

    def _react(self, seq: int, emoji: str, add: bool) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.ask(session.account.react(room.number, seq, emoji, add), self._tell)

    def _pick_reaction(self, seq: int, place: QPoint) -> None:
        session, room = self._chat.session, self._chat.room
        if session is None or room is None:
            return
        if self.picker is None:
            self.picker = EmojiPicker(self._theme, self._icons, self._window)
            self.picker.chosen.connect(self._reaction_picked)
            self.picker.recent_changed.connect(self._keep_recent)
        self._reacting_to = session, room.number, seq
        self.picker.set_recent(self._settings.recent_emoji)
        self.picker.open_at(self._window.timeline)
        self.picker.setGeometry(place_popup(QRect(place, QSize(1, 1)), self._window.screen().availableGeometry()))

    def _reaction_picked(self, emoji: str) -> None:
        if self._reacting_to is not None:
            session, room, seq = self._reacting_to
            session.ask(session.account.react(room, seq, emoji, add=True), self._tell)

    def _keep_recent(self, recent: list[str]) -> None:
        self._settings.recent_emoji = recent
        self._window.composer.set_recent_emoji(recent)
        self.save_wanted.emit()

    # -- the rest of the menu -------------------------------------------------------------------------

    def _show_readers(self, seq: int) -> None:
        session, room = self._chat.session, self._chat.room
        if session is None or room is None or self.readers is not None:
            return
        people = session.state.readers(room.number, seq)
        self.readers = dialog = ReadersDialog(people, self._theme, self._icons, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self._readers_closed)
        dialog.open()

    def _readers_closed(self) -> None:
        self.readers = None

    def _open_link(self, link: str) -> None:
        url = QUrl(link, QUrl.ParsingMode.StrictMode)
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
