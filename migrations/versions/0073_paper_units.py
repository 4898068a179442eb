"""Papers know who numbered them: numbers are unique within a committee, not within a county."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

# The later of two papers of one number, which the old key does not allow.
LATER = """
UPDATE paper SET number = number || '-' || id WHERE number IS NOT NULL AND EXISTS (
    SELECT 1 FROM paper AS first WHERE first.county_id = paper.county_id
    AND first.kind = paper.kind AND first.number = paper.number AND first.id < paper.id)
"""
OWNER = 'UPDATE paper SET unit_id = (SELECT unit_id FROM "case" WHERE "case".id = paper.case_id)'


def upgrade() -> None:
    """Add the unit; papers of before were numbered by the unit of their case."""
    with op.batch_alter_table("paper") as batch:
        batch.add_column(sa.Column("unit_id", sa.BigInteger(), nullable=True))
    op.execute(f"{OWNER} WHERE number IS NOT NULL")
    with op.batch_alter_table("paper") as batch:
        batch.create_foreign_key("fk_paper_unit_id", "unit", ["unit_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_paper_numbered_by"), "number IS NULL OR unit_id IS NOT NULL"
        )
        batch.drop_constraint("uq_paper_county_id_kind_number", type_="unique")
        batch.create_unique_constraint(
            "uq_paper_county_id_unit_id_kind_number", ["county_id", "unit_id", "kind", "number"]
        )


def downgrade() -> None:
    """Take it away; of two papers of one number the later gets another."""
    op.execute(LATER)
    with op.batch_alter_table("paper") as batch:
        batch.drop_constraint("uq_paper_county_id_unit_id_kind_number", type_="unique")
        batch.create_unique_constraint(
            "uq_paper_county_id_kind_number", ["county_id", "kind", "number"]
        )
        batch.drop_constraint(op.f("ck_paper_numbered_by"), type_="check")
        batch.drop_constraint("fk_paper_unit_id", type_="foreignkey")
        batch.drop_column("unit_id")
