"""Ladders reach somebody above: nobody is called by their own unit, notices climb, rounds go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KINDS = (
    "timer",
    "sign_warn",
    "sign_due",
    "warn",
    "due",
    "citizen_due",
    "rung",
    "resume",
    "co_due",
    "demand_due",
)
NEW_KINDS = ("demand_rung",)
APART = "unit_id <> issuer_id OR closed_at IS NOT NULL"


def upgrade() -> None:
    """Hand open notices of a unit to itself to the unit above, and let every clock be looked at."""
    _allow_kinds((*KINDS, *NEW_KINDS))
    above = "(SELECT parent_id FROM unit WHERE unit.id = demand.unit_id)"
    itself = "unit_id = issuer_id AND closed_at IS NULL"
    op.execute(f"UPDATE demand SET issuer_id = {above} WHERE {itself} AND {above} IS NOT NULL")
    op.execute(
        "UPDATE demand SET closed_at = CURRENT_TIMESTAMP, outcome = 'withdrawn' WHERE " + itself
    )
    with op.batch_alter_table("demand") as table:
        table.create_check_constraint(op.f("ck_demand_from_another"), APART)
    # Clocks that were armed before have no rounds after their last rung: the worker adds them.
    op.execute(
        "INSERT INTO recount (id, reason, at, cursor, changed, failed) "
        "SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM recount), 'calendar', CURRENT_TIMESTAMP, "
        '0, 0, 0 WHERE EXISTS (SELECT 1 FROM "case" WHERE closed_at IS NULL)'
    )


def downgrade() -> None:
    """Let a unit call itself again; rungs of notices that are still to come go."""
    with op.batch_alter_table("demand") as table:
        table.drop_constraint(op.f("ck_demand_from_another"), type_="check")
    due = sa.table("due", sa.column("kind", sa.String))
    op.execute(due.delete().where(due.c.kind.in_(NEW_KINDS)))
    _allow_kinds(KINDS)


def _allow_kinds(kinds: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("due") as table:
        table.drop_constraint(op.f("ck_due_kind"), type_="check")
        table.create_check_constraint(op.f("ck_due_kind"), f"kind IN ({listed})")
