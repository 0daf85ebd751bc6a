"""Making, finding and leaving rooms: the dialogs, and the answers they wait for."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged, DirectoryChanged, RequestDone
from qtchat.client.updates import Phase
from qtchat.gui.models.directory import DirectoryModel
from qtchat.gui.session import Session
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.room_dialogs import BrowseRoomsDialog, ConfirmDialog, CreateRoomDialog


class Rooms(QObject):
    """Asks: open_wanted(int) for a room to be shown as soon as it is there."""

    open_wanted = Signal(int)

    def __init__(self, window: MainWindow, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._theme, self._icons = window, theme, icons
        self._session: Session | None = None
        self._directory = DirectoryModel(self)
        self._waiting: dict[bytes, Callable[[RequestDone], None]] = {}
        self.create_dialog: CreateRoomDialog | None = None
        self.browse_dialog: BrowseRoomsDialog | None = None
        self.leave_dialog: ConfirmDialog | None = None
        window.conversations.create_wanted.connect(self.create)
        window.conversations.browse_wanted.connect(self.browse)
        window.conversations.leave_wanted.connect(self.leave)

    def attach(self, session: Session | None) -> None:
        """Ask this session's server from now on."""
        self._session = session
        self._waiting.clear()
        self._directory.show(())
        for dialog in (self.create_dialog, self.browse_dialog, self.leave_dialog):
            if dialog is not None:
                dialog.close()
        if session is not None:
            session.changed.connect(self._follow)

    def create(self) -> None:
        """Ask for the name of a new room."""
        if self.create_dialog is None and self._session is not None:
            dialog = self.create_dialog = CreateRoomDialog(self._theme, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.create_wanted.connect(self._create)
            dialog.finished.connect(self._create_closed)
            dialog.open()

    def browse(self) -> None:
        """Show the rooms one may join."""
        if self.browse_dialog is None and self._session is not None:
            dialog = self.browse_dialog = BrowseRoomsDialog(self._directory, self._theme, self._icons, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.join_wanted.connect(self._join)
            dialog.open_wanted.connect(self._open)
            dialog.create_wanted.connect(self._create_instead)
            dialog.finished.connect(self._browse_closed)
            self._session.account.list_rooms()
            dialog.open()

    def leave(self, number: int) -> None:
        """Ask whether this room is really to be left."""
        room = self._session.state.rooms.get(number) if self._session else None
        if room is None or self.leave_dialog is not None:
            return
        dialog = self.leave_dialog = ConfirmDialog(
            self._theme,
            self.tr("Leave # {room}?").replace("{room}", room.name),
            self.tr("You will not get its messages any more. You can join again later and read what was written."),
            self.tr("Leave"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self._leave, number))
        dialog.finished.connect(self._leave_closed)
        dialog.open()

    # -- requests and their answers -------------------------------------------------------------------

    def _follow(self, changes: Sequence[Change]) -> None:
        session = self._session
        if session is None:
            return
        if ConnectionChanged() in changes and session.state.phase is Phase.ONLINE and self.browse_dialog is not None:
            session.account.list_rooms()  # what was asked without a connection was not answered
        for change in changes:
            if isinstance(change, DirectoryChanged):
                self._directory.show(session.state.directory)
            elif isinstance(change, RequestDone) and (answer := self._waiting.pop(change.id, None)) is not None:
                answer(change)

    def _create(self, name: str, topic: str) -> None:
        if self._session is not None:
            self._waiting[self._session.account.create_room(name, topic)] = self._created

    def _created(self, done: RequestDone) -> None:
        if done.problem is None:
            if self.create_dialog is not None:
                self.create_dialog.accept()
            self.open_wanted.emit(done.room)
        elif self.create_dialog is not None:
            self.create_dialog.show_problem(done.problem)
        else:
            self._window.notice.say(problem_sentence(done.problem))

    def _join(self, room: int) -> None:
        if self._session is not None:
            self._waiting[self._session.account.join_room(room)] = self._joined

    def _joined(self, done: RequestDone) -> None:
        if done.problem is None:
            self._open(done.room)
        elif self.browse_dialog is not None:
            self.browse_dialog.show_problem(done.problem)
        else:
            self._window.notice.say(problem_sentence(done.problem))

    def _open(self, room: int) -> None:
        if self.browse_dialog is not None:
            self.browse_dialog.accept()
        self.open_wanted.emit(room)

    def _leave(self, room: int) -> None:
        if self._session is not None:
            self._waiting[self._session.account.leave_room(room)] = self._left

    def _left(self, done: RequestDone) -> None:
        if done.problem is not None:
            self._window.notice.say(problem_sentence(done.problem))

    def _create_instead(self) -> None:
        if self.browse_dialog is not None:
            self.browse_dialog.accept()
        self.create()

    def _create_closed(self) -> None:
        self.create_dialog = None

    def _browse_closed(self) -> None:
        self.browse_dialog = None

    def _leave_closed(self) -> None:
        self.leave_dialog = None
