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

from qtchat.server.records import EventRecord, MemberRecord, NickRecord, RoomRecord, UserRecord
from qtchat.server.store import Store, StoreConflict, Writes, migrate, open_store, schema, sqlite

NEXT = """
import os, signal
from alembic import op
import sqlalchemy as sa

revision = "0007"
down_revision = "0006"

def upgrade():
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("shade", sa.Text))
        users.alter_column("nick", new_column_name="name")
    {ending}
"""

FIRST_CONTENTS = """
INSERT INTO users VALUES (1, 'Ada', x'6b', 1000), (2, 'Ørsted', NULL, 1001);
INSERT INTO nicks VALUES ('ada', 1), ('ørsted', 2);
INSERT INTO rooms VALUES (1, 'lobby', 'lobby', '', 1002, 3), (2, 'Lab', 'lab', 'work', 1003, 0);
INSERT INTO members VALUES (1, 1), (1, 2), (2, 1);
INSERT INTO events VALUES
    (1, 1, x'01', 1, 1004, 'joined', ''), (1, 2, x'02', 2, 1005, 'joined', ''), (1, 3, x'03', 2, 1006, 'post', 'hi');
"""

UPGRADE = """
import sys
from pathlib import Path
from qtchat.server.store import migrate, open_store

migrate.MIGRATIONS = Path(sys.argv[2])
migrate.REVISION = "0007"
open_store(Path(sys.argv[1]))
"""


@pytest.fixture
def first_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a store as version 0001 left it, with people and what they said."""
    folder = tmp_path / "first"
    folder.mkdir()
    path = folder / "qtchat.sqlite3"
    path.touch()
    with monkeypatch.context() as older:
        older.setattr(migrate, "REVISION", "0001")
        migrate.migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST_CONTENTS)
    return folder


@pytest.fixture
def folder(tmp_path: Path, people: Writes) -> Path:
    """Of a store at the newest revision with people in it."""
    with open_store(tmp_path / "store") as store:
        store.log.commit(people)
    return tmp_path / "store"


def next_version(folder: Path, ending: str) -> Path:
    """A copy of the migrations with one more."""
    migrations = folder.with_name("100% migrations")
    shutil.copytree(migrate.MIGRATIONS, migrations)
    (migrations / "versions" / "0007_next.py").write_text(NEXT.format(ending=ending))
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
    monkeypatch.setattr(migrate, "REVISION", "0007")
    open_store(folder).close()
    assert columns_of_users(folder) == ["id", "name", "key", "created", "status", "seen", "role", "color", "shade"]
    assert users_of(folder) == [
        (1, "Ada", b"k" * 32, 1000, "", 0, "member", 0, None),
        (2, "Ørsted", None, 1001, "", 0, "member", 0, None),
    ]


def test_a_failing_migration_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = users_of(folder)
    with monkeypatch.context() as newer:
        newer.setattr(migrate, "MIGRATIONS", next_version(folder, "raise RuntimeError('half-way')"))
        newer.setattr(migrate, "REVISION", "0007")
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


# -- 0002 ---------------------------------------------------------------------------------------------


def contents_of(folder: Path) -> list[list[object]]:
    """All rows of the first version's tables."""
    with closing(sqlite3.connect(folder / "qtchat.sqlite3")) as connection:
        return [
            connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("meta", "users", "nicks", "rooms", "members", "events")
        ]


def test_what_the_first_version_stored_is_there_in_the_second(first_folder: Path) -> None:
    with open_store(first_folder) as store:
        contents = store.log.load()
        reader = store.reader()
        page = reader.after(1, 0, 10)
        reader.close()
    assert contents.users == [UserRecord(1, "Ada", b"k", 1000), UserRecord(2, "Ørsted", None, 1001)]
    assert contents.nicks == [NickRecord("ada", 1, "Ada"), NickRecord("ørsted", 2, "Ørsted")]
    assert contents.rooms == [
        RoomRecord(1, "lobby", "lobby", "", 1002, 3, "public", None),
        RoomRecord(2, "Lab", "lab", "work", 1003, 0, "public", None),
    ]
    # Who was here before there were marks has read it all.
    assert contents.members == [MemberRecord(1, 1, 3), MemberRecord(1, 2, 3), MemberRecord(2, 1, 0)]
    assert [(event.seq, event.kind, event.text, event.about, nick) for event, nick in page] == [
        (1, "joined", "", 0, "Ada"),
        (2, "joined", "", 0, "Ørsted"),
        (3, "post", "hi", 0, "Ørsted"),
    ]


def test_the_second_version_goes_on_where_the_first_ended(first_folder: Path) -> None:
    with open_store(first_folder) as store:
        store.log.commit(
            Writes(
                rooms=[
                    RoomRecord(3, "Lab", None, "", 1, 0, "private"),
                    RoomRecord(4, "", None, "", 1, 0, "direct", "1:2"),
                ],
                events=[EventRecord(1, 4, b"4" * 16, 1, 2000, "post", "and on", 3)],
            )
        )
        assert [room.head for room in store.log.load().rooms] == [4, 0, 0, 0]
        with pytest.raises(StoreConflict):
            store.log.commit(Writes(rooms=[RoomRecord(5, "lab", "lab", "", 1, 0)]))
        with pytest.raises(StoreConflict):
            store.log.commit(Writes(rooms=[RoomRecord(5, "", None, "", 1, 0, "direct", "1:2")]))
        with pytest.raises(StoreConflict):
            store.log.commit(Writes(events=[EventRecord(9, 1, b"5" * 16, 1, 2000, "post", "nowhere")]))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("before", ["op.execute(", "op.create_index("])
def test_the_second_migration_killed_half_way_leaves_the_first_as_it_was(first_folder: Path, before: str) -> None:
    migrations = first_folder.with_name("migrations")
    shutil.copytree(migrate.MIGRATIONS, migrations)
    script = migrations / "versions" / "0002_conversation.py"
    text = script.read_text()
    assert text.count(before) == 1
    script.write_text(text.replace(before, f"__import__('os').kill(__import__('os').getpid(), 9)\n    {before}"))
    held = contents_of(first_folder)
    ended = subprocess.run([sys.executable, "-c", UPGRADE.replace("0007", "0002"), first_folder, migrations])
    assert ended.returncode == -signal.SIGKILL
    assert contents_of(first_folder) == held
    with open_store(first_folder) as store:
        assert [room.head for room in store.log.load().rooms] == [3, 0]


# -- 0003 ---------------------------------------------------------------------------------------------


def test_who_made_a_room_owns_it_from_the_third_version_on(first_folder: Path) -> None:
    with closing(sqlite3.connect(first_folder / "qtchat.sqlite3")) as connection:
        connection.executescript(
            "INSERT INTO rooms VALUES (3, 'Attic', 'attic', '', 1007, 1); INSERT INTO members VALUES (3, 1), (3, 2);"
            "INSERT INTO events VALUES (3, 1, x'04', 2, 1008, 'created', 'Attic');"
        )
    with open_store(first_folder) as store:
        contents = store.log.load()
    owners = [(member.room, member.user) for member in contents.members if member.role == "owner"]
    assert owners == [(3, 2)]
    assert (contents.bans, contents.mutes, contents.last_act) == ([], [], 0)


# -- 0005 ---------------------------------------------------------------------------------------------


def test_acts_of_the_third_version_came_of_unknown_requests(
    first_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = first_folder / "qtchat.sqlite3"
    with monkeypatch.context() as older:
        older.setattr(migrate, "REVISION", "0003")
        migrate.migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO acts VALUES (1, 2000, 1, 'claim', 0, 1, 'owner', 0), (2, 2001, 1, 'ban', 0, 2, 'spam', 0)"
        )
    with open_store(first_folder) as store:
        contents = store.log.load()
        assert (contents.notices, contents.last_act) == ([], 2)
        assert store.log.acted([(1, b"x" * 16)]) == set()
        reader = store.reader()
        assert [(act.act, act.request) for act, _, _ in reader.acts(0, 9)] == [("ban", None), ("claim", None)]
        reader.close()


# -- 0006 ---------------------------------------------------------------------------------------------


def test_a_nick_is_known_as_it_is_written_if_its_owner_goes_by_it(
    first_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = first_folder / "qtchat.sqlite3"
    with monkeypatch.context() as older:
        older.setattr(migrate, "REVISION", "0005")
        migrate.migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "INSERT INTO nicks VALUES ('countess', 1); UPDATE users SET nick = 'ØRSTED' WHERE id = 2;"
            "INSERT INTO acts VALUES (1, 2000, 1, 'mute', 1, 2, '', 0, NULL);"
        )
    with open_store(first_folder) as store:
        contents = store.log.load()
        reader = store.reader()
        assert [(act.act, act.local) for act, _, _ in reader.acts(0, 9)] == [("mute", 0)]
        reader.close()
    assert contents.nicks == [
        NickRecord("ada", 1, "Ada"),
        NickRecord("countess", 1, "countess"),
        NickRecord("ørsted", 2, "ØRSTED"),
    ]
    assert contents.lost_nicks == []
