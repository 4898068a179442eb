"""Statistical returns with the cases behind their numbers, and the codes of the exchange record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0042"
branch_labels = None
depends_on = None

DRAFT = sa.text("state = 'draft'")
SIGNED_WHOLE = (
    "(state = 'signed') = (digest IS NOT NULL AND sums IS NOT NULL"
    " AND signed_at IS NOT NULL AND signed_by IS NOT NULL)"
)
SENT_SIGNED = "(sent_at IS NULL) = (sent_by IS NULL) AND (sent_at IS NULL OR state = 'signed')"
# What belongs to a return and does not change once it is signed.
PARTS = ("return_row", "return_cell", "return_part")
# All that a signed return may still learn is that it was sent.
KEPT = (
    *("id", "statistic", "unit_id", "period", "number", "version_id", "state", "reason"),
    *("entered", "filled_at", "filled_by", "sums", "digest", "signed_at", "signed_by"),
)


def upgrade() -> None:
    """Make the tables and their guards."""
    _returns()
    _rows()
    op.create_table(
        "fact_correction",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.String(40), nullable=False),
        sa.Column("value", sa.String(200), nullable=True),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_fact_correction"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"],
            ["case.id", "case.county_id"],
            name="fk_fact_correction_case_id",
        ),
        sa.ForeignKeyConstraint(["by"], ["user.id"], name="fk_fact_correction_by"),
        sa.CheckConstraint("reason <> ''", name="reason"),
    )
    op.create_index("ix_fact_correction_case_id", "fact_correction", ["case_id", "fact"])
    op.create_table(
        "exchange_code",
        sa.Column("catalogue", sa.String(24), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("catalogue", "value", name="pk_exchange_code"),
        sa.CheckConstraint("code <> ''", name="code"),
    )
    _guard()


def downgrade() -> None:
    """Drop them; the guards go along."""
    tables = ("exchange_code", "fact_correction", "return_part", "return_cell", "return_row")
    for table in (*tables, "statistic_return"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_signed()")
        op.execute("DROP FUNCTION refuse_signed_part()")
        op.execute("DROP FUNCTION refuse_corrected()")


def _returns() -> None:
    op.create_table(
        "statistic_return",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statistic", sa.String(40), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("entered", sa.JSON(), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_by", sa.BigInteger(), nullable=False),
        sa.Column("sums", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_statistic_return"),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_statistic_return_{column}")
            for column, table in (
                ("unit_id", "unit"),
                ("version_id", "version"),
                ("filled_by", "user"),
                ("signed_by", "user"),
                ("sent_by", "user"),
            )
        ),
        sa.UniqueConstraint(
            *("statistic", "unit_id", "period", "number"),
            name="uq_statistic_return_statistic_unit_id_period_number",
        ),
        sa.CheckConstraint("state IN ('draft', 'signed')", name="state"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("number = 1 OR reason <> ''", name="restated_why"),
        sa.CheckConstraint(SIGNED_WHOLE, name="signed_whole"),
        sa.CheckConstraint(SENT_SIGNED, name="sent_signed"),
    )
    op.create_index(
        "uq_statistic_return_draft",
        "statistic_return",
        ["statistic", "unit_id", "period"],
        unique=True,
        sqlite_where=DRAFT,
        postgresql_where=DRAFT,
    )
    op.create_index("ix_statistic_return_unit_id", "statistic_return", ["unit_id", "period"])


def _rows() -> None:
    op.create_table(
        "return_row",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("return_id", "case_id", name="pk_return_row"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["statistic_return.id"], name="fk_return_row_return_id"
        ),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_return_row_case_id"
        ),
    )
    op.create_index("ix_return_row_case_id", "return_row", ["case_id"])
    op.create_table(
        "return_cell",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(48), nullable=False),
        sa.Column("case_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("return_id", "key", "case_id", name="pk_return_cell"),
        sa.ForeignKeyConstraint(
            ["return_id", "case_id"],
            ["return_row.return_id", "return_row.case_id"],
            name="fk_return_cell_return_id",
        ),
        sa.CheckConstraint("amount <> 0", name="amount"),
    )
    op.create_index("ix_return_cell_row", "return_cell", ["return_id", "case_id"])
    op.create_table(
        "return_part",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("part_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("return_id", "part_id", name="pk_return_part"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["statistic_return.id"], name="fk_return_part_return_id"
        ),
        sa.ForeignKeyConstraint(
            ["part_id"], ["statistic_return.id"], name="fk_return_part_part_id"
        ),
        sa.CheckConstraint("return_id <> part_id", name="not_itself"),
    )
    op.create_index("ix_return_part_part_id", "return_part", ["part_id"])


def _guard() -> None:
    """What is signed stays as it was signed, and what was corrected stays said."""
    if op.get_bind().dialect.name == "sqlite":
        _guard_sqlite()
        return
    changed = " OR ".join(f"OLD.{one}::text IS DISTINCT FROM NEW.{one}::text" for one in KEPT)
    op.execute(
        "CREATE FUNCTION refuse_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF OLD.state = 'signed' THEN "
        f"IF TG_OP = 'DELETE' OR OLD.sent_at IS NOT NULL OR {changed} THEN "
        "RAISE EXCEPTION 'a signed return does not change'; END IF; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER statistic_return_signed BEFORE UPDATE OR DELETE ON statistic_return "
        "FOR EACH ROW EXECUTE FUNCTION refuse_signed()"
    )
    op.execute(
        "CREATE FUNCTION refuse_signed_part() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE mine bigint; BEGIN "
        "IF TG_OP = 'DELETE' THEN mine := OLD.return_id; ELSE mine := NEW.return_id; END IF; "
        "IF EXISTS (SELECT 1 FROM statistic_return WHERE id = mine AND state = 'signed') "
        "OR (TG_OP = 'UPDATE' AND OLD.return_id <> NEW.return_id) THEN "
        "RAISE EXCEPTION 'a signed return does not change'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for table in PARTS:
        op.execute(
            f"CREATE TRIGGER {table}_signed BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_signed_part()"
        )
    op.execute(
        "CREATE FUNCTION refuse_corrected() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    op.execute(
        "CREATE TRIGGER fact_correction_kept BEFORE UPDATE OR DELETE ON fact_correction "
        "FOR EACH ROW EXECUTE FUNCTION refuse_corrected()"
    )


def _guard_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'a signed return does not change'); END"
    changed = " OR ".join(f"OLD.{one} IS NOT NEW.{one}" for one in KEPT)
    op.execute(
        "CREATE TRIGGER statistic_return_no_update BEFORE UPDATE ON statistic_return WHEN "
        f"OLD.state = 'signed' AND (OLD.sent_at IS NOT NULL OR {changed}) {refuse}"
    )
    op.execute(
        "CREATE TRIGGER statistic_return_no_delete BEFORE DELETE ON statistic_return WHEN "
        f"OLD.state = 'signed' {refuse}"
    )
    for table in PARTS:
        for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            moved = " OR OLD.return_id <> NEW.return_id" if verb == "UPDATE" else ""
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} WHEN "
                f"EXISTS (SELECT 1 FROM statistic_return WHERE id = {row}.return_id "
                f"AND state = 'signed'){moved} {refuse}"
            )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER fact_correction_no_{verb.lower()} BEFORE {verb} ON fact_correction "
            "BEGIN SELECT RAISE(ABORT, 'fact_correction is append-only'); END"
        )
