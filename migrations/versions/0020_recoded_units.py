"""A unit's history tells when it got another code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

KINDS = ("created", "renamed", "moved", "ended", "revived")


def upgrade() -> None:
    """One more kind of change."""
    _allow(("created", "renamed", "moved", "recoded", "ended", "revived"))


def downgrade() -> None:
    """Codes stay as they are; that they were others is forgotten."""
    change = sa.table("unit_change", sa.column("kind"))
    op.execute(change.delete().where(change.c.kind == "recoded"))
    _allow(KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("unit_change") as batch:
        batch.drop_constraint(op.f("ck_unit_change_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_unit_change_kind"), f"kind IN ({listed})")
