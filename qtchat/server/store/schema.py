"""The tables. A change here needs a new file in migrations/versions/ and the new REVISION below.

events is an ordinary table. WITHOUT ROWID was measured (1 M rows of 64 bytes of text; rows a second at 1, 50 and
1000 a commit): 18 000, 86 000, 192 000 against 13 000, 117 000, 229 000, with files of the same size; and it is
slower by a fifth with texts of 2 kB.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REVISION: Final = "0006"
"""The newest migration: what a database must have to be used."""
APPLICATION_ID: Final = 0x71746368
"""PRAGMA application_id of our SQLite files ("qtch"), so that another program's file is not taken for ours."""

Number: Final = BigInteger().with_variant(Integer, "sqlite")
"""64 bits everywhere; SQLite wants the word INTEGER for a primary key that is the rowid."""

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta: Final = Table(
    "meta",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),  # always 1: there is one row
    Column("server_id", LargeBinary, nullable=False),
    Column("epoch", Number, nullable=False),
)

users: Final = Table(
    "users",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("nick", Text, nullable=False),
    Column("key", LargeBinary),
    Column("created", Number, nullable=False),
    Column("status", Text, nullable=False, server_default=text("''")),
    Column("seen", Number, nullable=False, server_default="0"),
    Column("role", Text, nullable=False, server_default="member"),
    Column("color", Number, nullable=False, server_default="0"),
)

nicks: Final = Table(
    "nicks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user", ForeignKey("users.id"), nullable=False),
    Column("nick", Text, nullable=False),
)

# Taken from these users, who do not get them back. A nick that belongs to somebody again is not in here.
lost_nicks: Final = Table(
    "lost_nicks",
    metadata,
    Column("key", Text, primary_key=True),
    Column("user", ForeignKey("users.id"), nullable=False),
    Column("nick", Text, nullable=False),
)

rooms: Final = Table(
    "rooms",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    # Of public rooms only: a private one must not be found out by trying names.
    Column("name_key", Text, unique=True),
    Column("topic", Text, nullable=False),
    Column("created", Number, nullable=False),
    # Kept here, and not counted from events, so that a room whose oldest events are removed some day goes on counting.
    Column("head", Number, nullable=False),
    Column("kind", Text, nullable=False, server_default="public"),
    Column("direct_key", Text, unique=True),
    Column("announcement", Number, nullable=False, server_default="0"),
    Column("frozen", Number, nullable=False, server_default="0"),
    Column("slow_ms", Number, nullable=False, server_default="0"),
)

members: Final = Table(
    "members",
    metadata,
    Column("room", ForeignKey("rooms.id"), primary_key=True),
    Column("user", ForeignKey("users.id"), primary_key=True),
    Column("read", Number, nullable=False, server_default="0"),
    Column("role", Text, nullable=False, server_default="member"),
)

bans: Final = Table(
    "bans",
    metadata,
    Column("user", ForeignKey("users.id"), primary_key=True),
    Column("by", ForeignKey("users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Number, nullable=False),
    Column("until", Number, nullable=False),
    Column("addresses", Text, nullable=False),
)

mutes: Final = Table(
    "mutes",
    metadata,
    Column("room", Number, primary_key=True, autoincrement=False),  # 0: everywhere
    Column("user", ForeignKey("users.id"), primary_key=True),
    Column("by", ForeignKey("users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("since", Number, nullable=False),
    Column("until", Number, nullable=False),
)

# What is told at the next login. Numbered like its act in the audit log.
notices: Final = Table(
    "notices",
    metadata,
    Column("user", ForeignKey("users.id"), primary_key=True),
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("ts", Number, nullable=False),
    Column("act", Text, nullable=False),
    Column("room", Number, nullable=False),
    Column("by", ForeignKey("users.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Number, nullable=False),
    Column("detail", Text, nullable=False),
)

# The audit log. Nothing in it is ever changed; `room` and `user` are 0 where there is none.
acts: Final = Table(
    "acts",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("ts", Number, nullable=False),
    Column("by", ForeignKey("users.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("room", Number, nullable=False),
    Column("user", Number, nullable=False),
    Column("detail", Text, nullable=False),
    Column("until", Number, nullable=False),
    # The id of the request, so that a repeated one is known. NULL where there was none, which may be any number.
    Column("request", LargeBinary),
    # 1 for what the staff of a private room did there: no page of the audit log shows it.
    Column("local", Number, nullable=False, server_default="0"),
)
Index("ix_acts_by_request", acts.c.by, acts.c.request, unique=True)

events: Final = Table(
    "events",
    metadata,
    Column("room", ForeignKey("rooms.id"), nullable=False),
    Column("seq", Number, nullable=False),
    Column("id", LargeBinary, nullable=False),
    Column("author", ForeignKey("users.id"), nullable=False),
    Column("ts", Number, nullable=False),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("about", Number, nullable=False, server_default="0"),
    PrimaryKeyConstraint("room", "seq"),
    # De-duplication lives in the row and never expires. Ids begin with the time, so this index grows at few places.
    UniqueConstraint("author", "id"),
)

# What was said about a message: its edits and reactions. Partial, so that an ordinary message costs nothing here.
Index(
    "ix_events_room_about_kind",
    events.c.room,
    events.c.about,
    events.c.kind,
    sqlite_where=text("about <> 0"),
    postgresql_where=text("about <> 0"),
)
