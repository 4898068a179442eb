"""Two administrators name the units for confidential cases, and take them off the list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0036"
branch_labels = None
depends_on = None

TABLE = "confidential_unit"
COLUMNS = ("confirmed_by", "forgotten_by")


def upgrade() -> None:
    """Add the columns; what is named stays in force, who named it stands in the chain."""
    op.execute(f"UPDATE {TABLE} SET by_id = NULL")
    with op.batch_alter_table(TABLE) as batch:
        for name in COLUMNS:
            batch.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_{TABLE}_{name}"), "user", [name], ["id"])
        batch.create_check_constraint(
            op.f(f"ck_{TABLE}_confirmed_by_another"), "confirmed_by <> by_id"
        )


def downgrade() -> None:
    """Drop them, and what waits for a second person."""
    op.execute(f"DELETE FROM {TABLE} WHERE by_id IS NOT NULL AND confirmed_by IS NULL")
    with op.batch_alter_table(TABLE) as batch:
        batch.drop_constraint(op.f(f"ck_{TABLE}_confirmed_by_another"), type_="check")
        for name in COLUMNS:
            batch.drop_constraint(op.f(f"fk_{TABLE}_{name}"), type_="foreignkey")
            batch.drop_column(name)
