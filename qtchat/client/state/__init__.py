"""What one server looks like from here: rooms, people, timelines. Plain data; no thread, no lock, no clock.

One thread owns a ServerState (in the desktop app the GUI thread). It calls `apply` with each update of the
account and shows the changes that come back; a change says exactly which rows moved.

rows.py is what a room and its rows tell, changes.py what a view follows. timeline.py moves rows, with amendments.py
for what is edited, deleted and reacted to; unread.py counts, people.py knows members and readers, power.py what
one may do; server.py sends each update to the one that it is for.
"""

from qtchat.client.state.changes import (
    AuditTold,
    BansTold,
    Change,
    ColorsChanged,
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
    SanctionTold,
    SearchDone,
    ServerChanged,
    TimelineEndsChanged,
    TypingChanged,
    UnsentTold,
    WaitingChanged,
    WaitingTold,
)
from qtchat.client.state.people import is_plain
from qtchat.client.state.power import Power, Silence
from qtchat.client.state.rows import (
    MAX_ROWS,
    ROLE,
    Delivery,
    Entry,
    Quote,
    Reaction,
    RoomState,
    changed_role,
    changed_setting,
)
from qtchat.client.state.server import ServerState

__all__ = [
    "MAX_ROWS",
    "ROLE",
    "AuditTold",
    "BansTold",
    "Change",
    "ColorsChanged",
    "ConnectionChanged",
    "Delivery",
    "DirectoryChanged",
    "Entry",
    "PeopleChanged",
    "Power",
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
    "SanctionTold",
    "SearchDone",
    "ServerChanged",
    "ServerState",
    "Silence",
    "TimelineEndsChanged",
    "TypingChanged",
    "UnsentTold",
    "WaitingChanged",
    "WaitingTold",
    "changed_role",
    "changed_setting",
    "is_plain",
]
