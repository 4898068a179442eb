"""Sessions and tokens are rows; whoever was logged in logs in once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """A table; what ended sessions before, a number in the user's row, goes."""
    _make_sessions()
    with op.batch_alter_table("user") as batch:
        batch.drop_column("session_epoch")


def downgrade() -> None:
    """The way back: everybody's sessions end."""
    epoch = sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="0")
    op.add_column("user", epoch)
    with op.batch_alter_table("user") as batch:
        batch.alter_column("session_epoch", server_default=None)
    op.drop_table("user_session")


def _make_sessions() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("proved_at", MOMENT, nullable=False),
        sa.Column("proof", sa.String(length=8), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.CheckConstraint("kind IN ('browser', 'token')", name=op.f("ck_user_session_kind")),
        sa.CheckConstraint(
            "proof IN ('password', 'totp', 'passkey', 'recovery')",
            name=op.f("ck_user_session_proof"),
        ),
        sa.CheckConstraint("ends_at > began_at", name=op.f("ck_user_session_period")),
        sa.CheckConstraint("(kind = 'token') = (name <> '')", name=op.f("ck_user_session_named")),
        sa.CheckConstraint("kind = 'token' OR scopes = ''", name=op.f("ck_user_session_scoped")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("key", name=op.f("uq_user_session_key")),
    )
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"])
    if op.get_bind().dialect.name == "postgresql":
        # The time of the last use changes every minute: room to write it in place.
        op.execute("ALTER TABLE user_session SET (fillfactor = 70)")
