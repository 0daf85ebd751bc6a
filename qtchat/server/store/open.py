"""Opening the store: the way into this package."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sqlalchemy import func, select, update

from qtchat.server.store import schema, sqlite
from qtchat.server.store.errors import StoreBehind, StoreReadOnly
from qtchat.server.store.lock import FolderLock
from qtchat.server.store.log import RoomLog
from qtchat.server.store.mark import Mark
from qtchat.server.store.migrate import migrate, needs_migration, stored_revision
from qtchat.server.store.reader import Reader

DATABASE_NAME: Final = "qtchat.sqlite3"


class Store:
    """An open database, checked and at the newest schema. `log`: for the one thread that writes."""

    def __init__(self, path: Path, lock: FolderLock, mark: Mark) -> None:
        self.path = path
        self.log = RoomLog(sqlite.write_engine(path), path, mark)
        self._lock = lock
        self._read_engine = sqlite.read_engine(path)

    def reader(self) -> Reader:
        """A new Reader, for one thread; whoever asked for it closes it, before the store is closed."""
        return Reader(self._read_engine, self.path)

    def close(self) -> None:
        """Close the log and let another server have the folder. Call it after the writing thread has ended.

        May be called twice.
        """
        try:
            self.log.close()
        finally:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(folder: Path, *, restored: bool = False) -> Store:
    """Open the store in `folder`, make both if they are not there, migrate it if an older version made it.

    `restored`: the database is a backup. Its epoch is raised, so that every client fetches the history anew, and what
    it lacks is not missed. Raises StoreLocked, StoreReadOnly, StoreDamaged, StoreTooNew, StoreBusy, StoreFull,
    StoreFailed. A damaged database, and one from a newer version, is left as it is.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreReadOnly(folder, error.strerror or error) from error
    path = folder / DATABASE_NAME
    with ExitStack() as on_error:
        lock = FolderLock(folder)
        on_error.callback(lock.release)
        try:
            there = sqlite.prepare_file(path)
            mark = Mark(folder)
            on_error.callback(mark.close)
            if not (there and _is_current(path, None if restored else mark)):
                migrate(path)
            if restored:
                _begin_new_epoch(path)
                mark.write(0)
        except sqlite.DatabaseError as error:
            raise sqlite.explain(error, path) from error
        except OSError as error:
            raise StoreReadOnly(folder, error.strerror or error) from error
        on_error.pop_all()
    return Store(path, lock, mark)


def _begin_new_epoch(path: Path) -> None:
    with sqlite.write_engine(path).begin() as connection:
        connection.execute(update(schema.meta).values(epoch=schema.meta.c.epoch + 1))


def _is_current(path: Path, mark: Mark | None) -> bool:
    """Check the database without changing it; whether its schema is the newest.

    `mark`: what it must hold. Checked here and not only when it is loaded: whoever puts a lost log back must find the
    database as it was.
    """
    with sqlite.read_engine(path).connect() as connection:
        if not sqlite.check(connection, path) or needs_migration(stored_revision(connection), path):
            return False
        held = connection.scalar(select(func.sum(schema.rooms.c.head))) or 0
        if mark is not None and held < mark.read():
            raise StoreBehind(path, mark.read() - held)
        return True
