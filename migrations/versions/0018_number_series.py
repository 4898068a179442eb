"""Series of case numbers belong to the county; those in use go on as they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PATTERN, DIGITS = "{letters}〔{year}〕{number}", 4


def upgrade() -> None:
    """What a county has numbered its cases by becomes its own series."""
    table = op.create_table(
        "number_series",
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("letters", sa.String(12), nullable=False),
        sa.Column("pattern", sa.String(60), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.Column("yearly", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["county_id"], ["unit.id"], name=op.f("fk_number_series_county_id")
        ),
        sa.PrimaryKeyConstraint("county_id", "process", name=op.f("pk_number_series")),
        sa.UniqueConstraint(
            "county_id", "letters", name=op.f("uq_number_series_county_id_letters")
        ),
        sa.CheckConstraint("letters <> ''", name=op.f("ck_number_series_letters")),
        sa.CheckConstraint("digits BETWEEN 1 AND 9", name=op.f("ck_number_series_digits")),
        sa.CheckConstraint(
            "replace(pattern, '{number}', '') <> pattern"
            " AND replace(pattern, '{letters}', '') <> pattern",
            name=op.f("ck_number_series_pattern"),
        ),
        sa.CheckConstraint(
            "NOT yearly OR replace(pattern, '{year}', '') <> pattern",
            name=op.f("ck_number_series_yearly_says_year"),
        ),
    )
    used = _used()
    if used:
        shape = {"pattern": PATTERN, "digits": DIGITS, "yearly": True}
        op.bulk_insert(table, [{**row, **shape} for row in used])


def downgrade() -> None:
    """Letters come from the diagrams again."""
    op.drop_table("number_series")


def _used() -> list[dict[str, object]]:
    """The letters of each county's newest case of a process, none of them twice."""
    bind = op.get_bind()
    letters = (
        "split_part(number, '〔', 1)"
        if bind.dialect.name == "postgresql"
        else "substr(number, 1, instr(number, '〔') - 1)"
    )
    rows = bind.execute(
        sa.text(
            f"SELECT county_id, process, {letters} AS letters, max(id) AS newest"
            ' FROM "case" WHERE number LIKE :like GROUP BY 1, 2, 3 ORDER BY 4 DESC'
        ),
        {"like": "_%〔%"},
    )
    found: dict[tuple[int, str], str] = {}
    for county_id, process, own, _newest in rows:
        taken = {(one, known) for (one, _process), known in found.items()}
        if 0 < len(own) <= 12 and (county_id, own) not in taken:
            found.setdefault((county_id, process), own)
    return [
        {"county_id": county_id, "process": process, "letters": own}
        for (county_id, process), own in found.items()
    ]
