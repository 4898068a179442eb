"""Roles in a table of their own, filled from the registry, instead of a list in a check."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The roles that a database of the release before may hold.
KNOWN = (
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
    "confidential_officer",
    "auditor",
    "admin",
)
LISTED = ", ".join(f"'{role}'" for role in KNOWN)


def upgrade() -> None:
    """Write the known roles; those of later releases come with each upgrade."""
    role = op.create_table(
        "role",
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_role")),
    )
    op.bulk_insert(role, [{"key": key} for key in KNOWN])
    with op.batch_alter_table("post") as batch:
        batch.drop_constraint(op.f("ck_post_role"), type_="check")
        batch.create_foreign_key(op.f("fk_post_role"), "role", ["role"], ["key"])


def downgrade() -> None:
    """Posts of a role that the older release does not know go, with their deputies."""
    strange = f"SELECT id FROM post WHERE role NOT IN ({LISTED})"
    op.execute(f"DELETE FROM deputy WHERE post_id IN ({strange})")
    op.execute(f"DELETE FROM post WHERE role NOT IN ({LISTED})")
    with op.batch_alter_table("post") as batch:
        batch.drop_constraint(op.f("fk_post_role"), type_="foreignkey")
        batch.create_check_constraint(op.f("ck_post_role"), f"role IN ({LISTED})")
    op.drop_table("role")
