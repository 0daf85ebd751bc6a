"""Nicks as they are written, those that were taken from somebody, and which acts stand in no page of the audit log."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    connection = op.get_bind()
    # How a nick was written is known of the one that its owner goes by; of the others only the folded form.
    current = {
        (user, unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", nick).casefold())): nick
        for user, nick in connection.execute(sa.text("SELECT id, nick FROM users"))
    }
    written = [
        {"key": key, "user": user, "nick": current.get((user, key), key)}
        for key, user in connection.execute(sa.text('SELECT "key", "user" FROM nicks'))
    ]
    op.drop_table("nicks")
    nicks = _nicks("nicks")
    if written:
        op.bulk_insert(nicks, written)
    _nicks("lost_nicks")
    op.add_column("acts", sa.Column("local", NUMBER, nullable=False, server_default="0"))


def _nicks(name: str) -> sa.Table:
    return op.create_table(
        name,
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("user", NUMBER, nullable=False),
        sa.Column("nick", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=f"fk_{name}_user"),
    )
