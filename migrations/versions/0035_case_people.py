"""The people of a case as rows of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0040"
branch_labels = None
depends_on = None

ROLES = (
    "applicant",
    "respondent",
    "third_party",
    "caller",
    "reporter",
    "reported",
    "witness",
    "firm",
    "agent",
    "guardian",
)
MACS = ("id_mac", "phone_mac", "name_mac")


def upgrade() -> None:
    """Make the table; cases of before keep their people where they are, in their answers."""
    roles = ", ".join(f"'{role}'" for role in ROLES)
    op.create_table(
        "case_person",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("vault_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.String(120), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("side", sa.String(16), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("agent_of", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.LargeBinary(), nullable=True) for name in MACS),
        sa.Column("confidential", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_case_person"),
        sa.ForeignKeyConstraint(
            ["case_id", "county_id"], ["case.id", "case.county_id"], name="fk_case_person_case_id"
        ),
        sa.ForeignKeyConstraint(["vault_id"], ["vault.id"], name="fk_case_person_vault_id"),
        sa.UniqueConstraint(
            "vault_id", "field", "place", name="uq_case_person_vault_id_field_place"
        ),
        sa.CheckConstraint(f"role IN ({roles})", name="role"),
        sa.CheckConstraint("kind IN ('person', 'organisation')", name="kind"),
        sa.CheckConstraint("(agent_of IS NOT NULL) = (role IN ('agent', 'guardian'))", name="acts"),
        sa.CheckConstraint("(agent_of IS NULL) = (side IS NULL)", name="side"),
        sa.CheckConstraint("agent_of <> id", name="for_another"),
        sa.CheckConstraint(
            "NOT confidential OR (id_mac IS NULL AND phone_mac IS NULL AND name_mac IS NULL)",
            name="found_by_nothing",
        ),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= at", name="ended_after"),
    )
    op.create_index("ix_case_person_case_id", "case_person", ["case_id"])
    for name in MACS:
        known = sa.text(f"{name} IS NOT NULL")
        op.create_index(
            f"ix_case_person_{name}",
            "case_person",
            [name],
            sqlite_where=known,
            postgresql_where=known,
        )


def downgrade() -> None:
    """Drop it: what it told stands in the answers as well."""
    op.drop_table("case_person")
