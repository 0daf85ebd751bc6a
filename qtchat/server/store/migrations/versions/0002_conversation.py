"""What a full chat needs: private and direct rooms, read marks, statuses, and events about other events."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("status", sa.Text, nullable=False, server_default=""))
    op.add_column("users", sa.Column("seen", NUMBER, nullable=False, server_default="0"))
    with op.batch_alter_table("rooms") as rooms:
        rooms.alter_column("name_key", existing_type=sa.Text, nullable=True)
        rooms.add_column(sa.Column("kind", sa.Text, nullable=False, server_default="public"))
        rooms.add_column(sa.Column("direct_key", sa.Text))
        rooms.create_unique_constraint("uq_rooms_direct_key", ["direct_key"])
    op.add_column("members", sa.Column("read", NUMBER, nullable=False, server_default="0"))
    # Until now each device kept for itself what was read: whoever was here has read it all.
    op.execute("UPDATE members SET read = (SELECT head FROM rooms WHERE rooms.id = members.room)")
    # Added and not made anew, as `rooms` is: this table may have millions of rows.
    op.add_column("events", sa.Column("about", NUMBER, nullable=False, server_default="0"))
    op.create_index(
        "ix_events_room_about_kind",
        "events",
        ["room", "about", "kind"],
        sqlite_where=sa.text("about <> 0"),
        postgresql_where=sa.text("about <> 0"),
    )
