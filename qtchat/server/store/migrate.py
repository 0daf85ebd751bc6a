"""Bringing a database to the newest schema with Alembic, whose scripts stand in migrations/."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine

from qtchat.server.store import sqlite
from qtchat.server.store.errors import StoreDamaged, StoreTooNew
from qtchat.server.store.schema import REVISION

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def stored_revision(connection: Connection) -> str:
    """The newest migration that a database of ours has seen. Read without Alembic: that takes no time."""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def needs_migration(revision: str, path: Path) -> bool:
    """Whether a database at `revision` must be migrated. Revisions are numbers of four digits, so they compare.

    Raises StoreTooNew, StoreDamaged.
    """
    if not revision.isdecimal():
        raise StoreDamaged(path, f"it has an unknown version, {revision}")
    if revision > REVISION:
        raise StoreTooNew(path, revision, REVISION)
    return revision < REVISION


def migrate(path: Path) -> None:
    """Bring the database at `path`, which may be empty, to REVISION in one transaction: all or nothing.

    Raises one of sqlite.DatabaseError.
    """
    engine: Engine = sqlite.write_engine(path, foreign_keys=False)
    with engine.connect() as connection, connection.begin():
        command.upgrade(config(connection), REVISION)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StoreDamaged(path, "a row refers to another one that is missing")


def config(connection: Connection) -> Config:
    """Alembic's configuration: our scripts, this connection, no file and no logging."""
    result = Config()
    result.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    result.set_main_option("path_separator", "os")
    result.attributes["connection"] = connection
    return result
