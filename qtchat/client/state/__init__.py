"""What one server looks like from here: rooms, people, timelines. Plain data; no thread, no lock, no clock.

One thread owns a ServerState (in the desktop app the GUI thread). It calls `apply` with each update of the
account and shows the changes that come back; a change says exactly which rows moved.

rows.py is what a room and its rows tell, changes.py what a view follows. timeline.py moves rows, with amendments.py
for what is edited, deleted and reacted to; unread.py counts, people.py knows members and readers; server.py sends each
update to the one that it is for.
"""

from qtchat.client.state.changes import (
    Change,
    ConnectionChanged,
    DirectoryChanged,
    PeopleChanged,
    ReadsChanged,
    RequestDone,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    SearchDone,
    ServerChanged,
    TimelineEndsChanged,
    TypingChanged,
)
from qtchat.client.state.people import is_plain
from qtchat.client.state.rows import MAX_ROWS, Delivery, Entry, Quote, Reaction, RoomState
from qtchat.client.state.server import ServerState

__all__ = [
    "MAX_ROWS",
    "Change",
    "ConnectionChanged",
    "Delivery",
    "DirectoryChanged",
    "Entry",
    "PeopleChanged",
    "Quote",
    "Reaction",
    "ReadsChanged",
    "RequestDone",
    "RoomAdded",
    "RoomChanged",
    "RoomRemoved",
    "RoomState",
    "RowsInserted",
    "RowsRemoved",
    "RowsReplaced",
    "SearchDone",
    "ServerChanged",
    "ServerState",
    "TimelineEndsChanged",
    "TypingChanged",
    "is_plain",
]
