"""Every key of the main window, once: the window makes its shortcuts of KEYS, the list of keys shows them in words."""

from enum import Enum, auto

from msgspec import Struct
from PySide6.QtCore import QCoreApplication


class Command(Enum):
    """What a key of the window does. The fields and lists have keys of their own, which are no commands."""

    SWITCH = auto()
    SEARCH = auto()
    PREVIOUS = auto()
    NEXT = auto()
    PREVIOUS_UNREAD = auto()
    NEXT_UNREAD = auto()
    BACK = auto()
    MARK_READ = auto()
    DETAILS = auto()
    NEW_MESSAGE = auto()
    NEW_ROOM = auto()
    BROWSE = auto()
    SERVER = auto()
    SETTINGS = auto()
    SHORTCUTS = auto()
    QUIT = auto()


KEYS: dict[Command, tuple[str, ...]] = {
    Command.SWITCH: ("Ctrl+K",),
    Command.SEARCH: ("Ctrl+F",),
    Command.PREVIOUS: ("Alt+Up",),
    Command.NEXT: ("Alt+Down",),
    Command.PREVIOUS_UNREAD: ("Alt+Shift+Up",),
    Command.NEXT_UNREAD: ("Alt+Shift+Down",),
    Command.BACK: ("Alt+Left",),
    Command.MARK_READ: ("Shift+Esc",),
    Command.DETAILS: ("Ctrl+I",),
    Command.NEW_MESSAGE: ("Ctrl+Shift+N",),
    Command.NEW_ROOM: ("Ctrl+N",),
    Command.BROWSE: ("Ctrl+B",),
    Command.SERVER: tuple(f"Ctrl+{digit}" for digit in range(1, 10)),
    Command.SETTINGS: ("Ctrl+,",),
    Command.SHORTCUTS: ("F1", "Ctrl+/"),
    Command.QUIT: ("Ctrl+Q",),
}
"""In Qt's spelling; any one of them. Those of SERVER go to the first, the second and so on."""


class Line(Struct, frozen=True):
    """One line of the list. `keys`: in Qt's spelling."""

    says: str
    keys: tuple[str, ...]


def shortcut_groups() -> dict[str, tuple[Line, ...]]:
    """All keys in words, by group, in the language in force."""
    tr, keys = QCoreApplication.translate, KEYS
    return {
        tr("Shortcuts", "Getting around"): (
            Line(tr("Shortcuts", "Go to a room or person"), keys[Command.SWITCH]),
            Line(tr("Shortcuts", "Search messages"), keys[Command.SEARCH]),
            Line(tr("Shortcuts", "Conversation above"), keys[Command.PREVIOUS]),
            Line(tr("Shortcuts", "Conversation below"), keys[Command.NEXT]),
            Line(tr("Shortcuts", "Unread conversation above"), keys[Command.PREVIOUS_UNREAD]),
            Line(tr("Shortcuts", "Unread conversation below"), keys[Command.NEXT_UNREAD]),
            Line(tr("Shortcuts", "Go to a server"), (keys[Command.SERVER][0], "…", keys[Command.SERVER][-1])),
            Line(tr("Shortcuts", "Back, in a small window"), keys[Command.BACK]),
        ),
        tr("Shortcuts", "Rooms and people"): (
            Line(tr("Shortcuts", "New message to a person"), keys[Command.NEW_MESSAGE]),
            Line(tr("Shortcuts", "Create a room"), keys[Command.NEW_ROOM]),
            Line(tr("Shortcuts", "Browse rooms"), keys[Command.BROWSE]),
            Line(tr("Shortcuts", "Mark the room as read"), keys[Command.MARK_READ]),
            Line(tr("Shortcuts", "Show or hide the details"), keys[Command.DETAILS]),
        ),
        tr("Shortcuts", "Writing"): (
            Line(tr("Shortcuts", "Send (can be changed in the settings)"), ("Return",)),
            Line(tr("Shortcuts", "New line"), ("Shift+Return",)),
            Line(tr("Shortcuts", "Edit the last own message"), ("Up",)),
            Line(tr("Shortcuts", "Cancel, or go to the newest message"), ("Esc",)),
        ),
        tr("Shortcuts", "The program"): (
            Line(tr("Shortcuts", "Settings"), keys[Command.SETTINGS]),
            Line(tr("Shortcuts", "This list"), keys[Command.SHORTCUTS]),
            Line(tr("Shortcuts", "Quit"), keys[Command.QUIT]),
        ),
    }
