"""What is told at the next login, and which request an act of moderation came of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("ts", NUMBER, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("room", NUMBER, nullable=False),
        sa.Column("by", NUMBER, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("user", "number", name="pk_notices"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name="fk_notices_user"),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name="fk_notices_by"),
    )
    op.add_column("acts", sa.Column("request", sa.LargeBinary))
    op.create_index("ix_acts_by_request", "acts", ["by", "request"], unique=True)
