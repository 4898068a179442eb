"""Confidential cases: the line they go round, disclosures, named units, sealed files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
ROLES = (
    "mediator",
    "operator",
    "dispatcher",
    "handler",
    "grid_worker",
    "grid_leader",
    "leader",
    "supervisor",
    "policy_editor",
    "policy_publisher",
    "admin",
)
NEW_ROLES = (*ROLES[:-1], "confidential_officer", "auditor", "admin")
# Reports of wrongdoing were told by their category alone, and their first step by its place.
REPORTED = "举报"


def upgrade() -> None:
    """Make the tables, mark what was confidential by its category, and guard the mark."""
    _allow_roles(NEW_ROLES)
    # Not rebuilt on SQLite: triggers of the index of words hang on the table.
    op.add_column("case", _flag("guarded"))
    op.add_column("attachment", _flag("sealed"))
    _make_disclosure()
    _make_confidentiality()
    op.create_table(
        "confidential_unit",
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("rank BETWEEN 1 AND 9", name=op.f("ck_confidential_unit_rank")),
        _refers("confidential_unit", "area_id", "unit"),
        _refers("confidential_unit", "unit_id", "unit"),
        _refers("confidential_unit", "by_id", "user"),
        sa.PrimaryKeyConstraint("area_id", "unit_id", name=op.f("pk_confidential_unit")),
    )
    _guard()
    _take_over()


def downgrade() -> None:
    """Back to the category alone; posts of the new roles end with them."""
    _unguard()
    for table in ("confidential_unit", "confidentiality", "disclosure"):
        op.drop_table(table)
    op.drop_column("attachment", "sealed")
    op.drop_column("case", "guarded")
    post = sa.table("post", sa.column("id"), sa.column("role", sa.String))
    deputy = sa.table("deputy", sa.column("post_id"))
    gone = post.c.role.in_(("confidential_officer", "auditor"))
    op.execute(deputy.delete().where(deputy.c.post_id.in_(sa.select(post.c.id).where(gone))))
    op.execute(post.delete().where(gone))
    _allow_roles(ROLES)


def _allow_roles(roles: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{role}'" for role in roles)
    with op.batch_alter_table("post") as table:
        table.drop_constraint(op.f("ck_post_role"), type_="check")
        table.create_check_constraint(op.f("ck_post_role"), f"role IN ({listed})")


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["case_id", "county_id"],
        ["case.id", "case.county_id"],
        name=op.f(f"fk_{table}_case_id"),
    )


def _make_disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("second_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("until_at", MOMENT, nullable=True),
        sa.Column("reviewed_by", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("justified", sa.Boolean(), nullable=True),
        *(_check("disclosure", name, words) for name, words in DISCLOSED.items()),
        _of_case("disclosure"),
        *(
            _refers("disclosure", name, "user")
            for name in ("asked_by", "second_id", "decided_by", "reviewed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint(
            "id", "case_id", "outcome", name=op.f("uq_disclosure_id_case_id_outcome")
        ),
    )
    unanswered = sa.text("outcome IS NULL")
    op.create_index(
        "uq_disclosure_open",
        "disclosure",
        ["case_id", "kind"],
        unique=True,
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


DISCLOSED = {
    "kind": "kind IN ('lift', 'look')",
    "outcome": "outcome IN ('lifted', 'shown', 'refused')",
    "two_people": "decided_by <> asked_by",
    "second_person": "second_id <> asked_by",
    "look_with_second": "(kind = 'look') = (second_id IS NOT NULL)",
    "second_decides": "decided_by = second_id OR kind = 'lift'",
    "decided": "(outcome IS NULL) = (decided_by IS NULL)",
    "decided_when": "(outcome IS NULL) = (decided_at IS NULL)",
    "lifted_by_lift": "outcome <> 'lifted' OR kind = 'lift'",
    "shown_by_look": "outcome <> 'shown' OR kind = 'look'",
    "shown_until": "outcome <> 'shown' OR until_at IS NOT NULL",
    "third_person": "reviewed_by <> asked_by AND reviewed_by <> decided_by",
    "reviewed": "(reviewed_by IS NULL) = (justified IS NULL)",
}
KEPT = {
    "lifted_as": "lifted_as IN ('lifted')",
    "lifted": "(lifted_id IS NULL) = (lifted_as IS NULL)",
    "line": "(against_id IS NULL) = (around_id IS NULL)",
    "handled_instead": "(against_id IS NULL) = (named_id IS NULL)",
    "named_elsewhere": "named_id <> against_id AND named_id <> around_id",
}


def _check(table: str, name: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(words, name=op.f(f"ck_{table}_{name}"))


def _make_confidentiality() -> None:
    op.create_table(
        "confidentiality",
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("against_id", sa.BigInteger(), nullable=True),
        sa.Column("around_id", sa.BigInteger(), nullable=True),
        sa.Column("named_id", sa.BigInteger(), nullable=True),
        sa.Column("lifted_id", sa.BigInteger(), nullable=True),
        sa.Column("lifted_as", sa.String(length=8), nullable=True),
        *(_check("confidentiality", name, words) for name, words in KEPT.items()),
        _of_case("confidentiality"),
        _refers("confidentiality", "by_id", "user"),
        *(
            _refers("confidentiality", name, "unit")
            for name in ("against_id", "around_id", "named_id")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_id", "case_id", "lifted_as"],
            ["disclosure.id", "disclosure.case_id", "disclosure.outcome"],
            name="fk_confidentiality_lifted_id",
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_confidentiality")),
    )


MARK = 'UPDATE "case" SET guarded = {true} WHERE id = NEW.case_id AND NOT guarded'


def _guard() -> None:
    """The row marks its case; neither mark nor row ever goes, nor what was lifted comes back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION mark_confidential() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{MARK.format(true='true')}; RETURN NEW; END $$"
        )
        op.execute(
            "CREATE FUNCTION keep_confidential() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'what is confidential is not undone' USING ERRCODE = '23514'; END $$"
        )
        op.execute(
            "CREATE TRIGGER mark_confidential AFTER INSERT ON confidentiality "
            "FOR EACH ROW EXECUTE FUNCTION mark_confidential()"
        )
        op.execute(
            'CREATE TRIGGER keep_guarded BEFORE UPDATE OF guarded ON "case" FOR EACH ROW '
            "WHEN (OLD.guarded AND NOT NEW.guarded) EXECUTE FUNCTION keep_confidential()"
        )
        op.execute(
            "CREATE TRIGGER keep_confidentiality BEFORE DELETE ON confidentiality "
            "FOR EACH ROW EXECUTE FUNCTION keep_confidential()"
        )
        return
    refuse = "BEGIN SELECT RAISE(ABORT, 'what is confidential is not undone'); END"
    op.execute(
        "CREATE TRIGGER mark_confidential AFTER INSERT ON confidentiality "
        f"BEGIN {MARK.format(true='1')}; END"
    )
    op.execute(
        'CREATE TRIGGER keep_guarded BEFORE UPDATE OF guarded ON "case" '
        f"WHEN OLD.guarded AND NOT NEW.guarded {refuse}"
    )
    op.execute(f"CREATE TRIGGER keep_confidentiality BEFORE DELETE ON confidentiality {refuse}")


def _unguard() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION mark_confidential() CASCADE")
        op.execute("DROP FUNCTION keep_confidential() CASCADE")
        return
    for name in ("mark_confidential", "keep_guarded", "keep_confidentiality"):
        op.execute(f"DROP TRIGGER {name}")


def _take_over() -> None:
    """What was confidential by its category stays so; files of its first step are sealed.

    Against whom such a case is nobody was asked: it goes round no unit.
    """
    case = sa.table(
        "case",
        *(sa.column(name) for name in ("id", "county_id", "category", "opened_at", "opened_by")),
    )
    kept = sa.table(
        "confidentiality", *(sa.column(name) for name in ("case_id", "county_id", "at", "by_id"))
    )
    columns = (case.c.id, case.c.county_id, case.c.opened_at, case.c.opened_by)
    known = sa.select(*columns).where(case.c.category == REPORTED)
    op.execute(kept.insert().from_select(["case_id", "county_id", "at", "by_id"], known))
    _seal_files()
    _forget_numbers()


def _seal_files() -> None:
    """All that is not from another step than the first: what nobody can tell apart is sealed."""
    file = sa.table("attachment", *(sa.column(name) for name in ("case_id", "task_id", "sealed")))
    task = sa.table("task", *(sa.column(name) for name in ("id", "case_id", "role")))
    kept = sa.table("confidentiality", sa.column("case_id"))
    first = (
        sa.select(sa.func.min(task.c.id)).where(task.c.case_id == file.c.case_id).scalar_subquery()
    )
    told_by = sa.select(task.c.id).where(task.c.role == "operator")
    op.execute(
        file.update()
        .where(file.c.case_id.in_(sa.select(kept.c.case_id)))
        .where(
            sa.or_(file.c.task_id.is_(None), file.c.task_id == first, file.c.task_id.in_(told_by))
        )
        .values(sealed=sa.true())
    )


def _forget_numbers() -> None:
    """No look-up by a number tells that there is a report."""
    index = sa.table("blind_index", sa.column("case_id"))
    kept = sa.table("confidentiality", sa.column("case_id"))
    op.execute(index.delete().where(index.c.case_id.in_(sa.select(kept.c.case_id))))
