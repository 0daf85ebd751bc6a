"""What is being written, for each room: drafts, and answers and edits that wait until somebody comes back."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from qtchat.client.state import RoomState
from qtchat.gui.settings import Settings
from qtchat.gui.views.composer.composer import Composer, Unfinished
from qtchat.protocol.messages import PUBLIC

SAVE_AFTER: Final = 2_000
"""Milliseconds from a change of a draft until it is on the disk, where it outlives a power cut."""


class Drafts(QObject):
    """Fills the composer, and keeps what stands in it. Drafts are settings; what is being answered or edited is kept
    while the program runs. Asks: save_wanted."""

    save_wanted = Signal()

    def __init__(self, composer: Composer, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._composer, self._settings = composer, settings
        self._place: tuple[str, int] | None = None
        self._unfinished: dict[tuple[str, int], Unfinished] = {}
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._timer.timeout.connect(self.save_wanted)
        composer.edited.connect(self._edited)

    def open(self, server: str, room: RoomState) -> None:
        """Go on with what was being written in this room. `server`: its server_key."""
        self.close()
        self._place = place = server, room.number
        draft = self._settings.drafts.get(server, {}).get(room.number, "")
        self._composer.set_room(room.name, draft, public=room.kind == PUBLIC)
        if unfinished := self._unfinished.pop(place, None):
            self._composer.resume(unfinished)

    def close(self) -> None:
        """Nothing is written for now."""
        place, self._place = self._place, None
        if place is not None and (unfinished := self._composer.unfinished) is not None:
            self._unfinished[place] = unfinished
        self._composer.set_room(None)

    def edit_taken(self, server: str, room: int, seq: int, text: str) -> None:
        """The message `seq` reads `text` now: nothing is left of that edit, unless somebody went on with it."""
        if (server, room) == self._place:
            unfinished = self._composer.unfinished
        else:
            unfinished = self._unfinished.get((server, room))
        if unfinished is None or (unfinished.seq, (unfinished.written or "").strip()) != (seq, text):
            return
        if (server, room) == self._place:
            self._composer.end_edit()
        else:
            del self._unfinished[server, room]

    def _edited(self, text: str) -> None:
        if self._place is None:
            return
        server, room = self._place
        drafts = self._settings.drafts.setdefault(server, {})
        draft = text if text.strip() else ""
        if drafts.get(room, "") == draft:
            return
        if draft:
            drafts[room] = draft
        else:
            del drafts[room]
        if not self._timer.isActive():
            self._timer.start()
