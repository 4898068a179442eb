"""A post whose power goes beyond its unit names the second administrator."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

NAME = "ck_post_confirmed_if_wide"
WIDE = (
    "'admin', 'auditor', 'confidential_officer', 'policy_editor', 'policy_publisher', "
    "'security_admin', 'supervisor'"
)


def upgrade() -> None:
    """Ask the database, too: whoever writes past the program gives no such power alone."""
    with op.batch_alter_table("post") as batch:
        batch.create_check_constraint(
            op.f(NAME), f"granted_by IS NULL OR confirmed_by IS NOT NULL OR role NOT IN ({WIDE})"
        )


def downgrade() -> None:
    """Leave it to the program."""
    with op.batch_alter_table("post") as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
