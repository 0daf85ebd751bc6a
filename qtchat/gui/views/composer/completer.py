"""Completes words in the field: watches what is typed, shows the popup, puts in what was chosen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from qtchat.client.state import Power
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.composer.completion import Suggestion, complete, whole_emoji
from qtchat.gui.views.composer.field import ComposerField
from qtchat.gui.views.composer.popup import CompletionPopup
from qtchat.protocol.messages import Person


class Completer(QObject):
    """`people`: whom @ completes, called when it does. `commands`: whether / does; `power`, `owned`: for whom, see
    complete().

    Tells emoji_used(str)."""

    emoji_used = Signal(str)

    def __init__(self, field: ComposerField, anchor: QWidget, theme: Theme, icons: Icons) -> None:
        """`anchor`: the widget above which the popup stands."""
        super().__init__(anchor)
        self._field, self._anchor = field, anchor
        self._theme, self._icons = theme, icons
        self._declined = self._colon_typed = False
        self._length = 0
        self._popup: CompletionPopup | None = None
        self.people: Callable[[], Sequence[Person]] = tuple
        self.commands = True
        self.power = Power.MEMBER
        self.owned = False
        field.installEventFilter(self)
        anchor.installEventFilter(self)
        field.focus_lost.connect(self.hide)
        field.cursorPositionChanged.connect(self._cursor_moved)

    def popup(self) -> CompletionPopup | None:
        """The popup while it is shown."""
        return self._popup if self._popup is not None and self._popup.isVisible() else None

    def update(self) -> None:
        """Something was typed: propose what the word before the cursor could become, unless that was declined."""
        field = self._field
        if self._colon_typed and not field.in_fence() and (emoji := whole_emoji(field.before_cursor())):
            self._length = emoji.length
            self._take(emoji.suggestions[0])
            return
        proposed = complete(
            field.before_cursor(),
            first_line=field.first_line(),
            people=self.people,
            commands=self.commands,
            power=self.power,
            owned=self.owned,
        )
        if proposed is None:
            self._declined = False
            self.hide()
        elif not self._declined:
            self._length = proposed.length
            self._in_window().propose(proposed, self._place())

    def hide(self) -> None:
        """Propose nothing more for now."""
        if self._popup is not None:
            self._popup.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        popup = self.popup()
        if watched is self._field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self._colon_typed = event.text() == ":"  # an emoji that is taken back by Ctrl+Z is not put in again
        if popup is not None and watched is self._field and event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if popup.take_key(event):
                self._declined = event.key() == Qt.Key.Key_Escape
                return True
        elif popup is not None and event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            popup.place(self._place())
        return super().eventFilter(watched, event)

    def _cursor_moved(self) -> None:
        if self.popup() is not None:
            self.update()

    def _in_window(self) -> CompletionPopup:
        """In the window, above everything else, as it reaches beyond the composer."""
        window = self._anchor.window()
        if self._popup is None:
            self._popup = CompletionPopup(self._theme, self._icons, window)
            self._popup.chosen.connect(self._take)
        elif self._popup.parentWidget() is not window:
            self._popup.setParent(window)
        return self._popup

    def _place(self) -> QRect:
        return QRect(self._anchor.mapTo(self._anchor.window(), QPoint(0, 0)), self._anchor.size())

    def _take(self, suggestion: Suggestion) -> None:
        self._field.replace_before_cursor(self._length, suggestion.text)
        if suggestion.emoji:
            self.emoji_used.emit(suggestion.emoji)
        self.hide()  # what stands there now may begin another word, which nobody means
        self._field.setFocus()
