"""The room log of the server, on SQLAlchemy Core and SQLite.

open_store (open.py) gives a Store: one RoomLog for the thread that writes (log.py), and one Reader for each
thread that reads (reader.py). What goes wrong is a StoreError (errors.py). What only holds for SQLite stands
in sqlite.py; everything else goes through the tables of schema.py.
"""

from qtchat.server.store.errors import (
    StoreBehind,
    StoreBusy,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
)
from qtchat.server.store.log import RoomLog
from qtchat.server.store.open import Store, open_store
from qtchat.server.store.reader import Reader
from qtchat.server.store.writes import Writes

__all__ = [
    "Reader",
    "RoomLog",
    "Store",
    "StoreBehind",
    "StoreBusy",
    "StoreConflict",
    "StoreDamaged",
    "StoreError",
    "StoreFailed",
    "StoreFull",
    "StoreLocked",
    "StoreReadOnly",
    "StoreTooNew",
    "Writes",
    "open_store",
]
