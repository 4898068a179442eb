"""Each opening form has a draft of its own: its key is part of the draft's subject."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# A task's draft has the task's id as its subject; a process key holds a letter.
OF_FORM = "subject NOT LIKE '%:%' AND lower(subject) <> upper(subject)"


def upgrade() -> None:
    """Widen the subject; the one draft that a person had for a process gets a key."""
    _widen(100)
    number = "printf('%032x', user_id)"
    if op.get_bind().dialect.name == "postgresql":
        number = "lpad(to_hex(user_id), 32, '0')"
    op.execute(f"UPDATE draft SET subject = subject || ':' || {number} WHERE {OF_FORM}")


def downgrade() -> None:
    """Narrow it again. Drafts keep their subjects: the release before does not offer them."""
    op.execute("DELETE FROM draft WHERE length(subject) > 80")
    _widen(80)


def _widen(length: int) -> None:
    with op.batch_alter_table("draft") as batch:
        batch.alter_column("subject", type_=sa.String(length), existing_nullable=False)
