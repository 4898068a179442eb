"""Used time: what a unit has used of a step before, and whether anything in a case went back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TURNED = (
    "UPDATE case_state SET turned = :yes WHERE EXISTS (SELECT 1 FROM task WHERE"
    " task.case_id = case_state.case_id AND task.outcome IN ('moved', 'cancelled'))"
)


def upgrade() -> None:
    """Add both; in open cases what ended otherwise than by being completed is looked at, too."""
    op.add_column("task", sa.Column("carried", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "case_state", sa.Column("turned", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    yes = sa.bindparam("yes", value=True, type_=sa.Boolean())
    op.execute(sa.text(TURNED).bindparams(yes))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("case_state", "turned")
    op.drop_column("task", "carried")
