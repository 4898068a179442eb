"""Who gave whom what: accounts belong to a unit, grants name two people, deputies form chains."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
GUARD = "deputy_alone"
VERBS = {"insert": "INSERT", "update": "UPDATE OF post_id, from_at, until_at"}
OVERLAPS = (
    "SELECT 1 FROM deputy d WHERE d.post_id = NEW.post_id AND d.id <> NEW.id "
    "AND d.from_at < NEW.until_at AND d.until_at > NEW.from_at"
)


def upgrade() -> None:
    """Give accounts to the units that seat them; make the tables of grants."""
    _guard(None)
    with op.batch_alter_table("user") as batch:
        batch.add_column(sa.Column("unit_id", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(op.f("fk_user_unit_id"), "unit", ["unit_id"], ["id"])
        batch.create_index("ix_user_unit_id", ["unit_id"])
    op.execute(
        'UPDATE "user" SET unit_id = (SELECT post.unit_id FROM post WHERE post.user_id = "user".id '
        "ORDER BY post.until_at IS NOT NULL, post.id LIMIT 1)"
    )
    with op.batch_alter_table("post") as batch:
        _second(batch, "post", "granted_by")
    with op.batch_alter_table("deputy") as batch:
        _second(batch, "deputy", "appointed_by")
        batch.add_column(
            sa.Column("derived", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch.add_column(sa.Column("through", sa.JSON(), nullable=True))
    _guard("NOT d.derived AND NOT NEW.derived")
    _make_requests()
    op.create_table(
        "account_act",
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('made', 'reset', 'appointed')", name=op.f("ck_account_act_kind")
        ),
        sa.CheckConstraint("by_id <> user_id", name=op.f("ck_account_act_on_another")),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_account_act_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_account_act_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_act")),
    )
    op.create_index("ix_account_act_by", "account_act", ["by_id", "at"])
    op.create_index("ix_account_act_user", "account_act", ["user_id", "at"])


def downgrade() -> None:
    """Derived deputyships go; who gave what is forgotten."""
    op.drop_table("account_act")
    op.drop_table("grant_request")
    op.execute("DELETE FROM deputy WHERE derived")
    _guard(None)
    with op.batch_alter_table("deputy") as batch:
        batch.drop_column("through")
        batch.drop_column("derived")
        _forget(batch, "deputy", "appointed_by")
    with op.batch_alter_table("post") as batch:
        _forget(batch, "post", "granted_by")
    with op.batch_alter_table("user") as batch:
        batch.drop_index("ix_user_unit_id")
        batch.drop_constraint(op.f("fk_user_unit_id"), type_="foreignkey")
        batch.drop_column("unit_id")
    _guard("1 = 1")


def _second(batch: Any, table: str, first: str) -> None:
    for column in (first, "confirmed_by"):
        batch.add_column(sa.Column(column, sa.BigInteger(), nullable=True))
        batch.create_foreign_key(op.f(f"fk_{table}_{column}"), "user", [column], ["id"])
    batch.create_check_constraint(op.f(f"ck_{table}_{first}_another"), f"{first} <> user_id")
    batch.create_check_constraint(
        op.f(f"ck_{table}_confirmed_by_a_second"),
        f"confirmed_by <> user_id AND confirmed_by <> {first}",
    )


def _forget(batch: Any, table: str, first: str) -> None:
    for name in (f"{first}_another", "confirmed_by_a_second"):
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    for column in ("confirmed_by", first):
        batch.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
        batch.drop_column(column)


def _make_requests() -> None:
    waiting = sa.text("decided_at IS NULL")
    op.create_table(
        "grant_request",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("from_at", MOMENT, nullable=True),
        sa.Column("until_at", MOMENT, nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.CheckConstraint(
            "kind IN ('post', 'deputy', 'reset')", name=op.f("ck_grant_request_kind")
        ),
        sa.CheckConstraint(
            "outcome IN ('confirmed', 'refused', 'withdrawn')",
            name=op.f("ck_grant_request_outcome"),
        ),
        sa.CheckConstraint("by_id <> user_id", name=op.f("ck_grant_request_for_another")),
        sa.CheckConstraint(
            "decided_by IS NULL OR outcome = 'withdrawn' "
            "OR (decided_by <> by_id AND decided_by <> user_id)",
            name=op.f("ck_grant_request_by_a_second"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (outcome IS NULL)", name=op.f("ck_grant_request_decided")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["user.id"], name=op.f("fk_grant_request_by_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user.id"], name=op.f("fk_grant_request_decided_by")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_grant_request_post_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_grant_request_role")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_grant_request_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_grant_request_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_request")),
    )
    op.create_index(
        "uq_grant_request_waiting",
        "grant_request",
        ["kind", "user_id", "unit_id", "role"],
        unique=True,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _guard(condition: str | None) -> None:
    """Let nobody have two deputies at once where the condition holds; None takes the guard away."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    if condition is None:
        if postgresql:
            op.execute(f"DROP FUNCTION {GUARD}() CASCADE")
        for verb in () if postgresql else VERBS:
            op.execute(f"DROP TRIGGER {GUARD}_{verb}")
        return
    overlaps = f"{OVERLAPS} AND {condition}"
    if postgresql:
        op.execute(
            f"CREATE FUNCTION {GUARD}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "PERFORM 1 FROM post WHERE id = NEW.post_id FOR UPDATE; "
            f"IF EXISTS ({overlaps}) THEN "
            "RAISE EXCEPTION 'somebody stands in for this post already' USING ERRCODE = '23P01'; "
            "END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {GUARD} BEFORE INSERT OR {VERBS['update']} ON deputy "
            f"FOR EACH ROW EXECUTE FUNCTION {GUARD}()"
        )
        return
    for verb, words in VERBS.items():
        op.execute(
            f"CREATE TRIGGER {GUARD}_{verb} BEFORE {words} ON deputy WHEN EXISTS ({overlaps}) "
            "BEGIN SELECT RAISE(ABORT, 'somebody stands in for this post already'); END"
        )
