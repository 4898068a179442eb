"""Ways out: channels, contacts, subscriptions, texts, deliveries and their attempts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables; what was sent before channels existed counts as spread to them."""
    _make_channel()
    _make_contact()
    _make_notice_text()
    _make_subscription()
    _make_delivery()
    _make_delivery_attempt()
    _extend_outbox()


def downgrade() -> None:
    """Drop the tables; messages in the outbox stay."""
    op.drop_index("ix_outbox_to_spread", table_name="outbox")
    op.drop_index("ix_outbox_dead", table_name="outbox")
    op.drop_column("outbox", "spread_at")
    op.drop_index(op.f("ix_delivery_attempt_delivery_id"), table_name="delivery_attempt")
    op.drop_table("delivery_attempt")
    op.drop_index("ix_delivery_waiting", table_name="delivery")
    op.drop_index(op.f("ix_delivery_outbox_id"), table_name="delivery")
    op.drop_index("ix_delivery_dead", table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("subscription")
    op.drop_table("notice_text")
    op.drop_table("contact")
    op.drop_table("channel")


def _while(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _make_channel() -> None:
    op.create_table(
        "channel",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("config", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("active_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "audience IN ('person', 'citizen', 'group')", name=op.f("ck_channel_audience")
        ),
        sa.CheckConstraint("kind IN ('mail', 'http', 'webhook')", name=op.f("ck_channel_kind")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_channel_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("name", name=op.f("uq_channel_name")),
    )


def _make_contact() -> None:
    op.create_table(
        "contact",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("has_mail", sa.Boolean(), nullable=False),
        sa.Column("has_phone", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)", name=op.f("ck_contact_quiet")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_contact_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_contact")),
    )


def _make_notice_text() -> None:
    op.create_table(
        "notice_text",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("part", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("locale IN ('zh_CN', 'en')", name=op.f("ck_notice_text_locale")),
        sa.CheckConstraint("part IN ('subject', 'text', 'html')", name=op.f("ck_notice_text_part")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user.id"], name=op.f("fk_notice_text_changed_by")
        ),
        sa.PrimaryKeyConstraint("key", "locale", "part", name=op.f("pk_notice_text")),
    )


def _make_subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=8), nullable=False),
        sa.CheckConstraint(
            "digest IN ('now', 'hourly', 'daily')", name=op.f("ck_subscription_digest")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_subscription_channel_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_subscription_user_id")),
        sa.PrimaryKeyConstraint("user_id", "channel_id", name=op.f("pk_subscription")),
    )


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("county_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("mark", sa.String(length=160), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "sent_at IS NULL OR dead_at IS NULL", name=op.f("ck_delivery_ended_once")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_delivery_case_id")),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channel.id"], name=op.f("fk_delivery_channel_id")
        ),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_delivery_outbox_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_delivery_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("channel_id", "mark", name=op.f("uq_delivery_channel_id_mark")),
    )
    op.create_index("ix_delivery_dead", "delivery", ["id"], **_while("dead_at IS NOT NULL"))
    op.create_index(op.f("ix_delivery_outbox_id"), "delivery", ["outbox_id"])
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["channel_id", "send_at", "id"],
        **_while("sent_at IS NULL AND dead_at IS NULL"),
    )


def _make_delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_attempt_delivery_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempt")),
    )
    op.create_index(op.f("ix_delivery_attempt_delivery_id"), "delivery_attempt", ["delivery_id"])


def _extend_outbox() -> None:
    op.add_column("outbox", sa.Column("spread_at", sa.DateTime(timezone=True), nullable=True))
    outbox = sa.table("outbox", sa.column("spread_at"), sa.column("at"))
    op.execute(outbox.update().values(spread_at=outbox.c.at))
    op.create_index("ix_outbox_dead", "outbox", ["id"], **_while("dead_at IS NOT NULL"))
    op.create_index(
        "ix_outbox_to_spread",
        "outbox",
        ["id"],
        **_while("spread_at IS NULL AND sent_at IS NOT NULL"),
    )
