"""The first schema, and the name that this server has for ever."""

import os

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPLICATION_ID = 0x71746368
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    meta = op.create_table(
        "meta",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("server_id", sa.LargeBinary, nullable=False),
        sa.Column("epoch", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meta"),
    )
    op.bulk_insert(meta, [{"id": 1, "server_id": os.urandom(16), "epoch": 1}])
    op.create_table(
        "users",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("nick", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary),
        sa.Column("created", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.create_table(
        "nicks",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_nicks"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_nicks_user"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("head", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rooms"),
        sa.UniqueConstraint("name_key", name="uq_rooms_name_key"),
    )
    op.create_table(
        "members",
        sa.Column("room", NUMBER, nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("room", "user", name="pk_members"),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name="fk_members_room"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_members_user"),
    )
    op.create_table(
        "events",
        sa.Column("room", NUMBER, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("author", NUMBER, nullable=False),
        sa.Column("ts", NUMBER, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("room", "seq", name="pk_events"),
        sa.UniqueConstraint("author", "id", name="uq_events_author_id"),
        sa.ForeignKeyConstraint(["room"], ["rooms.id"], name="fk_events_room"),
        sa.ForeignKeyConstraint(["author"], ["users.id"], name="fk_events_author"),
    )
