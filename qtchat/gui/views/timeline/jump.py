"""Going to one message: waiting for it where it is not held, and letting it glow once it is in sight."""

from typing import Final

from PySide6.QtWidgets import QWidget

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.motion import Fade

GLOW_MS: Final = 1200
FADE_MS: Final = 300
"""A message that was jumped to glows for 1.5 seconds altogether."""


class Jump:
    """`awaited`: the seq of the message to go to when it comes, 0 for none."""

    def __init__(self, widget: QWidget) -> None:
        self.awaited = 0
        self._goes_on = False  # since the last answer something has come, or gone, above
        self.glow = Fade(GLOW_MS, FADE_MS, widget)
        self._id: bytes | None = None

    def landed(self, entry: Entry) -> None:
        """This is the message: it glows."""
        self.awaited = 0
        self._id = entry.id
        self.glow.show()

    def went_on(self) -> None:
        """Rows came at the top, on the way to what is awaited; or they went, and an answer says so."""
        self._goes_on = True

    def answered(self, at_start: bool) -> bool:
        """A request for older rows was answered. True: what is awaited does not come any more, as there is nothing
        before (`at_start`), or nobody who would send it."""
        goes_on, self._goes_on = self._goes_on, False
        missed = bool(self.awaited) and (at_start or not goes_on)
        if missed:
            self.awaited = 0
        return missed

    def forget(self) -> None:
        """Nobody wants to go anywhere any more."""
        self.awaited = 0
        self._id = None
        self.glow.hide()

    def strength(self, entry: Entry) -> float:
        """How much this message glows, 0 to 1."""
        return self.glow.opacity if entry.id == self._id else 0.0
