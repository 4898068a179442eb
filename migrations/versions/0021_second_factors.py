"""Second factors, earlier passwords, when a password was chosen, and proofs that count once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# What only one kind of factor has.
COLUMNS = {
    "payload": "totp",
    "credential": "passkey",
    "public_key": "passkey",
    "digest": "recovery",
}


def upgrade() -> None:
    """New tables; nobody knows how old a password of before is."""
    _make_factors()
    op.add_column("user", sa.Column("password_at", MOMENT, nullable=True))


def downgrade() -> None:
    """The way back: second factors are lost."""
    with op.batch_alter_table("user") as batch:
        batch.drop_column("password_at")
    for table in ("spent_proof", "former_password", "second_factor"):
        op.drop_table(table)


def _make_factors() -> None:
    op.create_table(
        "second_factor",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("credential", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('totp', 'passkey', 'recovery')", name=op.f("ck_second_factor_kind")
        ),
        *(
            sa.CheckConstraint(
                f"(kind = '{kind}') = ({column} IS NOT NULL)",
                name=op.f(f"ck_second_factor_{column}"),
            )
            for column, kind in COLUMNS.items()
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_second_factor_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("credential", name=op.f("uq_second_factor_credential")),
    )
    op.create_index("ix_second_factor_user_id", "second_factor", ["user_id"])
    op.create_table(
        "former_password",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_former_password_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_password")),
    )
    op.create_index("ix_former_password_user_id", "former_password", ["user_id"])
    op.create_table(
        "spent_proof",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_spent_proof")),
    )
    op.create_index("ix_spent_proof_until_at", "spent_proof", ["until_at"])
