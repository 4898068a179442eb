"""Stamps of anchors; anchors that nobody changes; events that SQLite does not replace either."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# INSERT OR REPLACE deletes the old row without asking a DELETE trigger: each table by its key.
KEYS = {"event": ("case_id", "seq"), "admin_event": ("seq",), "anchor": ("id",)}
VERBS = ("UPDATE", "DELETE")


def upgrade() -> None:
    """Make the table, then the guards."""
    op.create_table(
        "anchor_stamp",
        sa.Column("anchor_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["anchor_id"], ["anchor.id"], name=op.f("fk_anchor_stamp_anchor_id")
        ),
        sa.PrimaryKeyConstraint("anchor_id", name=op.f("pk_anchor_stamp")),
    )
    if _postgresql():
        for verb in (*VERBS, "TRUNCATE"):
            op.execute(
                f"CREATE TRIGGER anchor_no_{verb.lower()} BEFORE {verb} ON anchor "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
            )
        return
    for verb in VERBS:
        op.execute(
            f"CREATE TRIGGER anchor_no_{verb.lower()} BEFORE {verb} ON anchor "
            "BEGIN SELECT RAISE(ABORT, 'anchor is append-only'); END"
        )
    for table, key in KEYS.items():
        same = " AND ".join(f"{column} = NEW.{column}" for column in key)
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def downgrade() -> None:
    """Take the guards and the table away."""
    if _postgresql():
        for verb in (*VERBS, "TRUNCATE"):
            op.execute(f"DROP TRIGGER anchor_no_{verb.lower()} ON anchor")
    else:
        for verb in VERBS:
            op.execute(f"DROP TRIGGER anchor_no_{verb.lower()}")
        for table in KEYS:
            op.execute(f"DROP TRIGGER {table}_no_replace")
    op.drop_table("anchor_stamp")


def _postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"
