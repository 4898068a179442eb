"""A draft belongs to the unit for which it is drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

EDITOR = "policy_editor"


def upgrade() -> None:
    """What is there belongs to the unit where its author draws, or last did."""
    # Not rebuilt on SQLite until it is filled: rows of files and remarks refer to it.
    op.add_column("process_draft", sa.Column("unit_id", sa.BigInteger(), nullable=True))
    _take_over()
    with op.batch_alter_table("process_draft") as table:
        table.alter_column("unit_id", existing_type=sa.BigInteger(), nullable=False)
        table.create_foreign_key(op.f("fk_process_draft_unit_id"), "unit", ["unit_id"], ["id"])


def downgrade() -> None:
    """Drafts are everybody's again."""
    with op.batch_alter_table("process_draft") as table:
        table.drop_constraint(op.f("fk_process_draft_unit_id"), type_="foreignkey")
        table.drop_column("unit_id")


def _take_over() -> None:
    draft = sa.table("process_draft", sa.column("author_id"), sa.column("unit_id"))
    post = sa.table("post", *(sa.column(name) for name in ("id", "user_id", "role", "unit_id")))
    user = sa.table("user", sa.column("id"), sa.column("unit_id"))
    unit = sa.table("unit", *(sa.column(name) for name in ("id", "parent_id")))
    drew = (
        sa.select(post.c.unit_id)
        .where(post.c.user_id == draft.c.author_id, post.c.role == EDITOR)
        .order_by(post.c.id.desc())
        .limit(1)
    )
    home = sa.select(user.c.unit_id).where(user.c.id == draft.c.author_id)
    # Who drew as a deputy alone: the top of the tree, whose publishers see to it.
    top = sa.select(sa.func.min(unit.c.id)).where(unit.c.parent_id.is_(None))
    ways = (way.scalar_subquery() for way in (drew, home, top))
    op.execute(draft.update().values(unit_id=sa.func.coalesce(*ways)))
