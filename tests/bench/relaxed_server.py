"""qtchat-server with synchronous=NORMAL: what it would be without waiting for the disk. For comparison only."""

import sqlite3
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from qtchat.server.cli import main
from qtchat.server.store import sqlite

durable_engine = sqlite.write_engine


def relaxed_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """The server's engine; its commits do not wait for the disk."""
    engine = durable_engine(path, foreign_keys=foreign_keys)

    @event.listens_for(engine, "connect")
    def relax(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous = NORMAL").close()

    return engine


if __name__ == "__main__":
    sqlite.write_engine = relaxed_engine
    sys.exit(main())
