"""What somebody may want of the timeline, as signals. It does none of it by itself."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QAbstractScrollArea

from qtchat.client.state import Entry


class AskingArea(QAbstractScrollArea):
    """The signals of a TimelineView. A message is named by its seq, which may be more than an int of Qt holds,
    and by its id where it may have none yet."""

    older_wanted = Signal()
    """The top is near: load older rows. Emitted once until rows come or `older_answered` is called."""
    around_wanted = Signal(object)
    """A message is to be shown that is not held here: load rows until it is. The view goes there when it comes."""
    missed = Signal(str)
    """The message that was to be shown does not come: a sentence that says why."""
    reached_end = Signal()
    """Somebody looks at the newest row in the active window; once for each newest row."""
    retry_wanted = Signal(bytes)
    """A failed message is to be sent again."""
    discard_wanted = Signal(bytes)
    """A failed message is to be thrown away."""
    link_activated = Signal(str)
    """An http or https address was clicked."""
    reply_wanted = Signal(object)
    """Somebody wants to answer this message."""
    edit_wanted = Signal(object)
    """Our own message is to be written anew."""
    delete_wanted = Signal(object)
    """A message is to be taken back, or deleted where we may; nobody has been asked yet."""
    react_wanted = Signal(object, str, bool)
    """This emoji is to be put under a message, or taken back where the last is False."""
    emoji_wanted = Signal(object, QPoint)
    """Any emoji is to be chosen as a reaction to a message, near this point of the screen."""
    jump_wanted = Signal(object)
    """The message that another one answers is to be seen. The view goes there by itself."""
    person_wanted = Signal(object, str, QPoint)
    """Who is the sender? A user number with the nick that stands here, and where on the screen to answer."""
    who_read_wanted = Signal(object)
    """Who has read our message?"""

    only_messages = False
    """Nothing can be done with what was said but to copy it, see set_only_messages."""

    def set_only_messages(self, only: bool) -> None:
        """Can a message neither be answered nor changed nor reacted to here, and does nobody tell who has read it?"""
        self.only_messages = only

    _moderates: Callable[[Entry], bool] | None = None

    def set_moderates(self, moderates: Callable[[Entry], bool]) -> None:
        """Ask this whether we may delete a message of somebody else."""
        self._moderates = moderates

    def may_delete(self, entry: Entry) -> bool:
        """Is it ours, or one that we may delete all the same?"""
        return entry.own or (self._moderates is not None and self._moderates(entry))
