"""The composer: the field with its buttons, and what belongs to the message that is being written."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from qtchat.client.state import Power
from qtchat.gui.commands import Command, CommandProblem, Say, SetTopic, ShowHelp, Speaker, is_command, parse
from qtchat.gui.models.emoji import with_recent
from qtchat.gui.models.markup import display_text
from qtchat.gui.models.words import grouped, room_title
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.composer.completer import Completer
from qtchat.gui.views.composer.field import ComposerField
from qtchat.gui.views.composer.paste import FENCE, PasteDialog
from qtchat.gui.views.composer.reason import Reason
from qtchat.gui.views.composer.strip import ContextStrip
from qtchat.gui.views.controls import IconButton, Paragraph, ground
from qtchat.gui.views.emoji import EmojiPicker
from qtchat.protocol.messages import MAX_TEXT, PRIVATE, PUBLIC, Person

COUNT_FROM: Final = 1024
"""Bytes of room left in a message from which on they are counted."""


class Unfinished(Struct, frozen=True):
    """A message that is being answered or edited: its number, who said it, and what. `written`: what it is to read,
    None for an answer."""

    seq: int
    nick: str
    text: str
    written: str | None = None


class Composer(QWidget):
    """It clears nothing by itself, so nothing is lost where nobody can take it. Whoever took a submitted text or a
    command says set_text(""); whoever took an edit says end_edit().

    Asks: submitted(text, reply_to), 0 for no reply; edit_submitted(seq, text); command_wanted(Command), see
    qtchat.gui.commands; edited(draft) after each change of it; typing, while somebody writes a message;
    edit_last_wanted; escaped, by an Escape that had nothing to cancel; end_wanted, the newest message is to be seen;
    notice(sentence) for the window to say; recent_changed(list of emoji).
    """

    submitted = Signal(str, object)  # the number of a message may be more than an int of Qt holds
    edit_submitted = Signal(object, str)
    command_wanted = Signal(object)
    edited = Signal(str)
    typing = Signal()
    edit_last_wanted = Signal()
    escaped = Signal()
    end_wanted = Signal()
    notice = Signal(str)
    recent_changed = Signal(list)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        ground(self, "bg")
        self._theme, self._icons = theme, icons
        self._nick = ""
        self._recent: list[str] = []
        self._reply: Unfinished | None = None
        self._held: Unfinished | None = None
        """What is gone on with as soon as one may write here again."""
        self._edit: Unfinished | None = None
        self._draft = ""
        self._filling = False
        self._pace, self._waiting = "", False
        self._problem = ""
        self._picker: EmojiPicker | None = None
        self._paste_dialog: PasteDialog | None = None
        self._build()
        self._connect()
        self.set_enter_sends(True)
        self.set_room(None)

    def _build(self) -> None:
        theme, icons = self._theme, self._icons
        self.strip = ContextStrip(theme, icons, self)
        self.field = ComposerField(theme, self)
        self.field.setObjectName("composer_field")
        self.field.setAccessibleName(self.tr("Message"))
        self.emoji_button = IconButton(theme, icons, "smile", self.tr("Emoji"), parent=self)
        self.emoji_button.setObjectName("emoji_button")
        self.send_button = IconButton(theme, icons, "send-horizontal", self.tr("Send"), color="accent", parent=self)
        self.send_button.setObjectName("send_button")
        self.hint = Paragraph(theme, FontRole.META, "danger", parent=self)
        self.hint.setObjectName("composer_hint")
        self.reason = Reason(theme, self.send_button.height(), self)
        self.completer = Completer(self.field, self, theme, icons)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.field, 1)
        row.addWidget(self.emoji_button, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_12 + SPACE_4, SPACE_8, SPACE_12, SPACE_8)
        layout.setSpacing(SPACE_4)
        for part in (self.strip, self.hint, self.reason):
            layout.addWidget(part)
        layout.addLayout(row)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._text_changed)
        self.field.send_wanted.connect(self._submit)
        self.field.escape_pressed.connect(self._escape)
        self.field.up_pressed.connect(self._up)
        self.field.end_wanted.connect(self.end_wanted)
        self.field.large_paste.connect(self._look_at_paste)
        self.field.files_refused.connect(self._refuse_files)
        self.completer.emoji_used.connect(self._use_emoji)
        self.emoji_button.clicked.connect(self._open_picker)
        self.send_button.clicked.connect(self._submit)
        self.strip.close_wanted.connect(self._cancel_context)

    # -- what it is told ------------------------------------------------------------------------------

    def set_room(self, name: str | None, draft: str = "", *, public: bool = True) -> None:
        """Write to the room called `name`, or to the person or the private room if it is not `public`, from `draft`
        on. None: nothing can be written. A reply or an edit for another room ends, see `unfinished`."""
        self._edit = self._reply = self._held = None
        if self._paste_dialog is not None:
            self._paste_dialog.reject()
        self._hide_context()
        self.setEnabled(name is not None)
        if name is None:
            placeholder = self.tr("Choose a conversation")
        else:
            kind = PUBLIC if public else PRIVATE
            placeholder = self.tr("Message {room}").replace("{room}", room_title(name, kind))
        self.field.setPlaceholderText(placeholder)
        self.field.viewport().update()  # a new placeholder alone repaints nothing
        if self.text() != draft:
            self.set_text(draft)
        self._judge()

    def set_people(self, people: Callable[[], Sequence[Person]]) -> None:
        """Whom @ completes, in the order to show them: called when somebody types one, for the room shown then."""
        self.completer.people = people

    def set_power(self, power: Power, *, owned: bool) -> None:
        """What we may do in the open room, and whether the server has an owner: only such commands are proposed."""
        self.completer.power, self.completer.owned = power, owned

    def set_own_nick(self, nick: str) -> None:
        """By what name we speak: /me says it."""
        self._nick = nick

    def set_enter_sends(self, sends: bool) -> None:
        """Let Enter send and Shift+Enter break the line, or the other way round."""
        self.field.set_enter_sends(sends)
        self.send_button.setToolTip(self.tr("Send (Enter)") if sends else self.tr("Send (Ctrl+Enter)"))

    def set_recent_emoji(self, recent: Sequence[str]) -> None:
        """The emoji used last, first."""
        self._recent = list(recent)

    def set_disabled_reason(self, reason: str, way_out: str = "") -> None:
        """Show why nobody can write here instead of the field; "" brings the field back. What was written stays.
        `way_out`: what those may do about it who may, "" for nothing; see `reason`."""
        writing, waiting = self.field.hasFocus(), self.reason.hasFocus()
        self.reason.say(reason, way_out)
        if writing and reason:
            self.reason.setFocus()  # or it goes to whatever comes next, which nobody meant
        for part in (self.field, self.emoji_button, self.send_button):
            part.setVisible(not reason)
        if waiting and not reason:
            self.field.setFocus()
        if reason:
            self._held = self.unfinished
            self._end_reply()
            self.end_edit()
        elif self._held is not None:
            held, self._held = self._held, None
            self.resume(held)
        self._judge()

    def set_pace(self, sentence: str, *, waiting: bool) -> None:
        """How often one may write here, "" if nothing is to be said of it. `waiting`: nothing can be said now, neither
        anew nor instead of something; what is written stays in the field."""
        if (sentence, waiting) != (self._pace, self._waiting):
            self._pace, self._waiting = sentence, waiting
            self._judge()

    def start_reply(self, seq: int, nick: str, text: str) -> None:
        """What is written next answers the message `seq` of `nick`."""
        self.resume(Unfinished(seq, nick, text))
        self.field.setFocus()

    def start_edit(self, seq: int, text: str) -> None:
        """Let the own message `seq` be edited; the draft is kept."""
        self.resume(Unfinished(seq, self._nick, text, text))
        self.field.setFocus()

    @property
    def unfinished(self) -> Unfinished | None:
        """What is being answered or edited, as it stands now."""
        if self._edit is not None:
            return replace(self._edit, written=self.field.toPlainText())
        return self._reply or self._held

    def forget_text(self) -> None:
        """What is being answered was deleted meanwhile: its words are not to be seen any more."""
        if self._reply is not None:
            self.resume(replace(self._reply, text=self.tr("Message deleted")))

    def resume(self, unfinished: Unfinished) -> None:
        """Go on with this."""
        if unfinished.written is None:
            self.end_edit()
            self._reply = unfinished
            title = self.tr("Reply to {nick}").replace("{nick}", unfinished.nick)
            self._show_context("corner-up-left", title, unfinished.text)
        else:
            self._draft = self.text()
            self._reply, self._edit = None, unfinished
            self._fill(unfinished.written)
            self._show_context("pencil", self.tr("Edit message"), unfinished.text)

    @property
    def editing(self) -> int:
        """The number of the message that is being edited, 0 for none."""
        return self._edit.seq if self._edit else 0

    def end_edit(self) -> None:
        """Go back to the draft; nothing happens where nothing is edited."""
        if self._edit is not None:
            self._edit = None
            self._hide_context()
            self._fill(self._draft)

    # -- the text -------------------------------------------------------------------------------------

    def text(self) -> str:
        """The draft: what stands in the field, or what stood there before an edit."""
        return self._draft if self._edit else self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put `text` in the field as the draft, with the cursor behind it. An empty one was taken: a reply is done."""
        if not text:
            self._end_reply()
        if self._edit is not None:
            self._draft = text
        else:
            self._fill(text)
        self.edited.emit(text)

    def _fill(self, text: str) -> None:
        with self._programmatic():
            self.field.setPlainText(text)
            self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self._problem = ""
        self._judge()

    @contextmanager
    def _programmatic(self) -> Iterator[None]:
        """Nobody is typing what changes meanwhile."""
        self._filling = True
        try:
            yield
        finally:
            self._filling = False
            self.completer.hide()

    def _text_changed(self) -> None:
        if self._filling:
            return
        self._problem = ""
        self._judge()
        self.completer.update()
        text = self.field.toPlainText()
        if self._edit is None:
            self.edited.emit(text)
        if text.strip() and not is_command(text):
            self.typing.emit()

    def _outgoing(self) -> str:
        # Half a surrogate pair, from a broken clipboard, cannot be encoded.
        text = self.field.toPlainText().strip()
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _judge(self) -> None:
        """Say at once what could not be sent, instead of after the attempt."""
        text = self._outgoing()
        left = MAX_TEXT - len(text.encode())
        says = self._problem or self._about_length(text, left)
        if not says and self.reason.isHidden():
            says = self._pace
        self.hint.set_tone("danger" if self._problem or left < 0 else "sub")
        self.hint.setText(says)
        self.hint.setVisible(bool(says))
        self.send_button.setEnabled(self.isEnabled() and left >= 0 and bool(text) and not self._must_wait(text))

    def _about_length(self, text: str, left: int) -> str:
        """`left`: bytes that still fit, which depends on the letters; people count those."""
        if left >= COUNT_FROM:
            return ""
        if left >= 0:
            says, letters = self.tr("Room for about {count}"), left * len(text) // (MAX_TEXT - left)
        else:
            says = self.tr("Too long by {count}: shorten it, or send it in parts.")
            letters = len(text) - len(text.encode()[:MAX_TEXT].decode(errors="ignore"))
        count = self.tr("1 character") if letters == 1 else self.tr("{number} characters")
        return says.replace("{count}", count.replace("{number}", grouped(letters)))

    def _must_wait(self, text: str) -> bool:
        """Is it too early for this? Other commands are not for the room to read."""
        return self._waiting and (self._edit is not None or isinstance(self._parsed(text), Say | SetTopic))

    def _say_problem(self, sentence: str) -> None:
        """Until the text is changed."""
        self._problem = sentence
        self._judge()

    # -- sending --------------------------------------------------------------------------------------

    def _submit(self) -> None:
        text = self._outgoing()
        writable = self.isEnabled() and self.reason.isHidden()
        if not writable or len(text.encode()) > MAX_TEXT:
            return
        self.completer.hide()
        if self._must_wait(text):
            return
        if self._edit is not None:
            self._submit_edit(self._edit, text)
            return
        if not text:
            return
        match self._parsed(text):
            case CommandProblem(sentence):
                self._say_problem(sentence)
            case Say(said) if len(said.encode()) > MAX_TEXT:
                self._say_problem(self.tr("With your name this is too long: shorten it a little."))
            case Say(said):
                self.submitted.emit(said, self._reply.seq if self._reply else 0)
            case ShowHelp():
                self._show_commands()
            case command:
                self.command_wanted.emit(command)

    def _parsed(self, text: str) -> Command | CommandProblem:
        people = [person.nick for person in self.completer.people()]
        return parse(text, Speaker(self._nick, people, self._reply.seq if self._reply else 0))

    def _submit_edit(self, edit: Unfinished, text: str) -> None:
        if not text:
            self._say_problem(self.tr("An empty message cannot be saved. Delete it by its menu instead."))
        elif text == edit.text:
            self.end_edit()
        else:
            self.edit_submitted.emit(edit.seq, text)

    def _show_commands(self) -> None:
        self._fill("/")
        self.edited.emit("/")
        self.completer.update()

    # -- reply and edit -------------------------------------------------------------------------------

    def _show_context(self, icon: str, title: str, text: str) -> None:
        self.completer.commands = self._edit is None
        self.strip.say(icon, title, display_text(text))
        self.field.setAccessibleDescription(title)

    def _hide_context(self) -> None:
        self.completer.commands = True
        self.strip.hide()
        self.field.setAccessibleDescription("")

    def _end_reply(self) -> None:
        if self._reply is not None:
            self._reply = None
            self._hide_context()

    def _cancel_context(self) -> None:
        self._end_reply()
        self.end_edit()
        self.field.setFocus()

    def _escape(self) -> None:
        if self._reply is not None or self._edit is not None:
            self._cancel_context()
            return
        self.escaped.emit()
        if self.field.blank:
            self.end_wanted.emit()

    def _up(self) -> None:
        if self.unfinished is None:
            self.edit_last_wanted.emit()

    # -- emoji and pasting ----------------------------------------------------------------------------

    def _open_picker(self) -> None:
        if self._picker is None:
            self._picker = EmojiPicker(self._theme, self._icons, self)
            self._picker.chosen.connect(self.field.insertPlainText)
            self._picker.recent_changed.connect(self._recent_used)
            self._picker.closed.connect(self.field.setFocus)
        self._picker.set_recent(self._recent)
        self._picker.open_at(self.emoji_button)

    def _use_emoji(self, text: str) -> None:
        self._recent_used(with_recent(self._recent, text))

    def _recent_used(self, recent: list[str]) -> None:
        self._recent = recent
        self.recent_changed.emit(list(recent))

    def _look_at_paste(self, text: str) -> None:
        self._paste_dialog = dialog = PasteDialog(self._theme, text, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.paste_wanted.connect(self._paste)
        dialog.finished.connect(self._paste_dialog_closed)
        dialog.open()

    def _paste_dialog_closed(self) -> None:
        self._paste_dialog = None

    def _paste(self, text: str) -> None:
        own_line = text.startswith(FENCE) and self.field.before_cursor()
        self.field.insertPlainText(f"\n{text}" if own_line else text)
        self.field.ensureCursorVisible()
        self.field.setFocus()

    def _refuse_files(self) -> None:
        self.notice.emit(self.tr("Sending files is not possible yet."))
