"""Migrations: they lead to schema.metadata, and one that does not end leaves the old data as it was."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from qtchat.server.store import Store, Writes, migrate, open_store, schema, sqlite

SECOND = """
import os, signal
from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"

def upgrade():
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("color", sa.Text))
        users.alter_column("nick", new_column_name="name")
    {ending}
"""

UPGRADE = """
import sys
from pathlib import Path
from qtchat.server.store import migrate, open_store

migrate.MIGRATIONS = Path(sys.argv[2])
migrate.REVISION = "0002"
open_store(Path(sys.argv[1]))
"""


@pytest.fixture
def folder(tmp_path: Path, people: Writes) -> Path:
    """Of a store at revision 0001 with people in it."""
    with open_store(tmp_path / "store") as store:
        store.log.commit(people)
    return tmp_path / "store"


def next_version(folder: Path, ending: str) -> Path:
    """A copy of the migrations with one more."""
    migrations = folder.with_name("100% migrations")
    shutil.copytree(migrate.MIGRATIONS, migrations)
    (migrations / "versions" / "0002_second.py").write_text(SECOND.format(ending=ending))
    return migrations


def columns_of_users(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "qtchat.sqlite3")) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(users)")]


def users_of(folder: Path) -> list[object]:
    with closing(sqlite3.connect(folder / "qtchat.sqlite3")) as connection:
        return connection.execute("SELECT * FROM users").fetchall()


def test_migrations_lead_to_the_tables_of_the_program(empty_store: Store) -> None:
    with sqlite.read_engine(empty_store.path).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []
        assert migrate.stored_revision(connection) == schema.REVISION


def test_the_newest_script_is_the_revision_of_the_program() -> None:
    assert ScriptDirectory(str(migrate.MIGRATIONS)).get_heads() == [schema.REVISION]


def test_the_newest_schema_is_not_migrated_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", Path("nowhere"))
    open_store(folder).close()


def test_an_older_database_is_migrated_with_its_data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", next_version(folder, "pass"))
    monkeypatch.setattr(migrate, "REVISION", "0002")
    open_store(folder).close()
    assert columns_of_users(folder) == ["id", "name", "key", "created", "color"]
    assert users_of(folder) == [(1, "Ada", b"k" * 32, 1000, None), (2, "Ørsted", None, 1001, None)]


def test_a_failing_migration_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = users_of(folder)
    with monkeypatch.context() as newer:
        newer.setattr(migrate, "MIGRATIONS", next_version(folder, "raise RuntimeError('half-way')"))
        newer.setattr(migrate, "REVISION", "0002")
        with pytest.raises(RuntimeError, match="half-way"):
            open_store(folder)
    assert users_of(folder) == before
    open_store(folder).close()


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_migration_killed_half_way_changes_nothing(folder: Path) -> None:
    before = users_of(folder)
    migrations = next_version(folder, "os.kill(os.getpid(), signal.SIGKILL)")
    ended = subprocess.run([sys.executable, "-c", UPGRADE, folder, migrations])
    assert ended.returncode == -signal.SIGKILL
    assert users_of(folder) == before
    with open_store(folder) as store:
        assert [user.nick for user in store.log.load().users] == ["Ada", "Ørsted"]
