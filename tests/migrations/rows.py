"""One row for every table, made from the tables themselves so that a new table is not forgotten."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    Table,
)
from sqlalchemy.orm import Session

from engine.models import Base
from engine.models.base import Hex, UtcDateTime

# Nullable references that a row without a partner leaves empty, or that must be somebody else.
EMPTY = {
    "unit.parent_id",
    "unit.heir_id",
    "version.base_id",
    "version.publisher_id",
    "process_draft.approver_id",
    "post.confirmed_by",
    "deputy.confirmed_by",
    "confidential_unit.confirmed_by",
    "confidential_unit.forgotten_by",
    "grant_request.decided_by",
    "confidentiality.lifted_id",
    "confidentiality.lifted_as",
    "disclosure.second_id",
    "pause_request.decided_by",
    "disclosure.decided_by",
    "disclosure.reviewed_by",
    "statistic_return.signed_by",
    "statistic_return.sent_by",
    "article.confirmed_by",
    "citizen_message.told_by",
    "paper.sealed_id",
    "paper.sealed_by",
    "paper_signature.witness_id",
    "paper_signature.scan_id",
}
# Of a browser's session: only a token has a name and permissions.
BLANK = {
    "user_session.name",
    "user_session.scopes",
    # Of what has not ended.
    "committee.end_reason",
    "mediator.end_reason",
}
ALSO = {
    "citizen_photo.payload",
    "citizen_code.payload",
    "second_factor.payload",
    "task.signed_at",
    "emergency.until_at",
    "demand.answered_at",
    "article.confirm_due_at",
    "screening_find.draft_key",
}
# A check as ``one_of`` writes it: what the column may hold.
ONE_OF = re.compile(r"^\w+ IN \('([^']*)'")


# Texts of which a check wants more than that they are there.
SHAPED = {"number_series.pattern": "{letters}{year}{number}"}
# Tables of which one row refers to another, and what that other row has of its own.
SECOND: dict[str, dict[str, Any]] = {
    "unit": {"id": 2, "code": "child", "parent_id": 1, "heir_id": 1},
    "case": {"id": 2, "number": "2", "source": "2"},
    "user": {"id": 2, "login": "2"},
    "statistic_return": {"id": 2, "period": "2026"},
}
PARTNER = {
    "case_link.other_id": 2,
    "confidentiality.named_id": 2,
    "post.granted_by": 2,
    "deputy.appointed_by": 2,
    "grant_request.by_id": 2,
    "account_act.by_id": 2,
    "demand.issuer_id": 2,
    "return_part.part_id": 2,
    "merger.main_id": 2,
}
# What refers to rows that the schema brings itself, and the tables of these rows.
BROUGHT = {
    "post.role": "mediator",
    "grant_request.role": "mediator",
    "deputy.derived": False,
}
SEEDED = {"role"}


def fill(session: Session, now: datetime) -> None:
    """Insert one row into every table, parents first; two where rows refer to each other."""
    for table in Base.metadata.sorted_tables:
        if table.name not in SEEDED:
            session.execute(table.insert(), row_of(table, now))
        if table.name in SECOND:
            session.execute(table.insert(), row_of(table, now) | SECOND[table.name])


def row_of(table: Table, now: datetime) -> dict[str, Any]:
    """A row with what its table demands."""
    return {
        column.name: _value(f"{table.name}.{column.name}", column, now)
        for column in table.columns
        if _needed(f"{table.name}.{column.name}", column)
    }


def _needed(name: str, column: Column[Any]) -> bool:
    """Required columns, and every reference: a migration must find rows that hang together."""
    required = not column.nullable or column.default is not None
    return name not in EMPTY and (required or bool(column.foreign_keys) or name in ALSO)


def _value(name: str, column: Column[Any], now: datetime) -> Any:
    allowed = _allowed(column)
    if allowed is not None:
        return allowed
    if name in PARTNER or name in BROUGHT:
        return PARTNER.get(name, BROUGHT.get(name))
    if name in SHAPED:
        return SHAPED[name]
    if name in ("deputy.until_at", "user_session.ends_at"):
        return now.replace(year=now.year + 1)
    if name in BLANK:
        return ""
    if isinstance(column.type, UtcDateTime):
        return now
    if isinstance(column.type, Date):
        return now.date()
    if isinstance(column.type, Hex):
        return "ab" * 32
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, LargeBinary):
        return b"x"
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer | Float):
        return 1
    return "x"


def _allowed(column: Column[Any]) -> str | None:
    """The first value that a check on the column lists."""
    for check in column.table.constraints:
        if isinstance(check, CheckConstraint):
            listed = ONE_OF.match(str(check.sqltext))
            if listed and str(check.sqltext).startswith(f"{column.name} IN "):
                return listed[1]
    return None
