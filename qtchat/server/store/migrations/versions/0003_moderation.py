"""Who may do what: roles, bans, mutes, settings of rooms, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("role", sa.Text, nullable=False, server_default="member"))
    op.add_column("members", sa.Column("role", sa.Text, nullable=False, server_default="member"))
    for setting in ("announcement", "frozen", "slow_ms"):
        op.add_column("rooms", sa.Column(setting, NUMBER, nullable=False, server_default="0"))
    # Whoever made a room owns it. The lobby's first event is somebody's first visit, and a direct room has no owner.
    op.execute(
        "UPDATE members SET role = 'owner' WHERE room IN (SELECT id FROM rooms WHERE kind <> 'direct') AND EXISTS ("
        "SELECT 1 FROM events WHERE events.room = members.room AND seq = 1 AND author = members.user"
        " AND kind = 'created')"
    )
    op.create_table(
        "bans",
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.Column("addresses", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user", name="pk_bans"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_bans_user"),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name="fk_bans_by"),
    )
    op.create_table(
        "mutes",
        sa.Column("room", NUMBER, autoincrement=False, nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", NUMBER, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("room", "user", name="pk_mutes"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_mutes_user"),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name="fk_mutes_by"),
    )
    op.create_table(
        "acts",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("ts", NUMBER, nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("room", NUMBER, nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_acts"),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name="fk_acts_by"),
    )
