"""Views (我的视图): a queue with its filters, kept by a person under a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.models import SavedView, new_id
from engine.storage.db import insert_into
from feel.text import Text

MOST = 20
LONGEST = 40
NO_NAME = Text("请给视图起个名字。", "Give the view a name.")
TOO_LONG = Text("名字不能超过 40 字。", "The name is at most 40 characters.")
TOO_MANY = Text("最多保存 20 个视图，请先删除不用的。", "At most 20 views; delete one first.")


def save(db: Session, user_id: int, name: str, query: Mapping[str, str], *, now: datetime) -> None:
    """Keep a view; one of the same name is replaced. Raises InvalidInput."""
    name = name.strip()
    if not name or len(name) > LONGEST:
        raise InvalidInput({"name": TOO_LONG if name else NO_NAME})
    others = select(func.count()).where(SavedView.user_id == user_id, SavedView.name != name)
    if (db.scalar(others) or 0) >= MOST:
        raise InvalidInput({"name": TOO_MANY})
    row = {"id": new_id(), "user_id": user_id, "name": name, "query": dict(query), "at": now}
    same = {"index_elements": ["user_id", "name"], "set_": {"query": dict(query), "at": now}}
    db.execute(insert_into(db, SavedView).values(row).on_conflict_do_update(**same))


def mine(db: Session, user_id: int) -> list[SavedView]:
    """Return the views of a person by name."""
    kept = select(SavedView).where(SavedView.user_id == user_id)
    return list(db.scalars(kept.order_by(SavedView.name)))


def remove(db: Session, user_id: int, view_id: int) -> None:
    """Forget a view of one's own; nothing happens to anybody else's."""
    db.execute(delete(SavedView).where(SavedView.user_id == user_id, SavedView.id == view_id))
