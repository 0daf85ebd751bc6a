"""The colour that somebody chose for name and avatar."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("color", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, server_default="0"),
    )
