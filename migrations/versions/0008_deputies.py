"""Nobody and nothing lets two people stand in for one post at the same time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "deputy_alone"
OVERLAPS = (
    "SELECT 1 FROM deputy d WHERE d.post_id = NEW.post_id AND d.id <> NEW.id "
    "AND d.from_at < NEW.until_at AND d.until_at > NEW.from_at"
)
VERBS = {"insert": "INSERT", "update": "UPDATE OF post_id, from_at, until_at"}
DEPUTY = sa.table(
    "deputy",
    sa.column("id", sa.BigInteger),
    sa.column("post_id", sa.BigInteger),
    sa.column("from_at", sa.DateTime(timezone=True)),
    sa.column("until_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Let the later of two that overlap follow the earlier, then refuse any more."""
    _settle()
    if op.get_bind().dialect.name == "postgresql":
        _guard_postgresql()
    else:
        _guard_sqlite()


def downgrade() -> None:
    """Take the guard away."""
    if op.get_bind().dialect.name == "postgresql":
        # Takes its trigger along.
        op.execute(f"DROP FUNCTION {NAME}() CASCADE")
        return
    for verb in VERBS:
        op.execute(f"DROP TRIGGER {NAME}_{verb}")


def _settle() -> None:
    """A period ends where the next one of the same post begins; one wholly covered goes."""
    connection = op.get_bind()
    before = None
    rows = sa.select(DEPUTY).order_by(DEPUTY.c.post_id, DEPUTY.c.from_at, DEPUTY.c.id)
    for row in connection.execute(rows).all():
        if before is not None and before.post_id == row.post_id and before.until_at > row.from_at:
            mine = DEPUTY.c.id == before.id
            if before.from_at == row.from_at:
                connection.execute(DEPUTY.delete().where(mine))
            else:
                connection.execute(DEPUTY.update().where(mine).values(until_at=row.from_at))
        before = row


def _guard_postgresql() -> None:
    # Two transactions that add at once would not see each other's row: the post is their lock.
    op.execute(
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM 1 FROM post WHERE id = NEW.post_id FOR UPDATE; "
        f"IF EXISTS ({OVERLAPS}) THEN "
        "RAISE EXCEPTION 'somebody stands in for this post already' USING ERRCODE = '23P01'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {NAME} BEFORE INSERT OR {VERBS['update']} ON deputy "
        f"FOR EACH ROW EXECUTE FUNCTION {NAME}()"
    )


def _guard_sqlite() -> None:
    for verb, words in VERBS.items():
        op.execute(
            f"CREATE TRIGGER {NAME}_{verb} BEFORE {words} ON deputy WHEN EXISTS ({OVERLAPS}) "
            "BEGIN SELECT RAISE(ABORT, 'somebody stands in for this post already'); END"
        )
