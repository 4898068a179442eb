"""Units that a new table has no more: listed with what belongs to them, kept or ended by choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import DomainError
from engine.models import Post, Unit
from engine.org.handover import open_work
from engine.org.importing.table import UnitTableRow
from engine.org.units import end_unit
from engine.storage.db import savepoint
from feel.text import Text


@dataclass(frozen=True)
class MissingUnit:
    """A unit that the table lacks, and what belongs to it; ``reason`` says why it was not ended."""

    code: str
    name: str
    cases: int
    tasks: int
    posts: int
    children: int
    ended: bool = False
    reason: Text | None = None

    def as_json(self) -> dict[str, Any]:
        """As the command prints it."""
        why = {"zh_CN": self.reason.zh, "en": self.reason.en} if self.reason else None
        document = {name: value for name, value in vars(self).items() if name != "reason"}
        return {**document, "kept": why}

    def as_text(self) -> str:
        """Return one line for a person."""
        zh = "已停用" if self.ended else "保留"
        en = "ended" if self.ended else "kept"
        why = f"：{self.reason.zh}  {self.reason.en}" if self.reason else ""
        return (
            f"表中没有 missing {self.code} {self.name}（事项 cases {self.cases}，环节 tasks "
            f"{self.tasks}，岗位 posts {self.posts}，下级 units {self.children}）{zh} {en}{why}"
        )


def missing_units(db: Session, rows: Sequence[UnitTableRow], known: Iterable[Unit]) -> list[Unit]:
    """Return the areas that should be in the table: their siblings are, or their parent is missing
    too.
    """
    listed = {row.code for row in rows}
    levels = {row.level for row in rows}
    wanted = {(row.parent_code, row.level) for row in rows}
    parents = [unit for unit in known if unit.code in listed]
    found: list[Unit] = []
    while parents:
        below = _children(db, parents)
        parents = []
        for parent, children in below:
            lost = parent in found
            for unit in children:
                told = lost and unit.level in levels or (parent.code, unit.level) in wanted
                if told and unit.code not in listed:
                    found.append(unit)
                    parents.append(unit)
    return found


def settle(
    db: Session, units: Sequence[Unit], *, end: bool, actor_id: int | None, now: datetime
) -> list[MissingUnit]:
    """List the units with what belongs to them; with ``end``, end those on which nothing does."""
    told = []
    for unit in reversed(units):
        work = open_work(db, unit.id)
        posts = _count(db, select(Post.id).where(Post.unit_id == unit.id, Post.until_at.is_(None)))
        below = select(Unit.id).where(Unit.parent_id == unit.id, Unit.ended_at.is_(None))
        children, kept, ended = _count(db, below), None, False
        if end:
            try:
                with savepoint(db):
                    end_unit(db, actor_id, unit, now=now)
                ended = True
            except DomainError as error:
                kept = error.text
        told.append(
            MissingUnit(unit.code, unit.name, work.cases, work.tasks, posts, children, ended, kept)
        )
    return sorted(told, key=lambda one: one.code)


def _children(db: Session, parents: Sequence[Unit]) -> list[tuple[Unit, list[Unit]]]:
    by_id = {unit.id: unit for unit in parents}
    below: dict[int, list[Unit]] = defaultdict(list)
    wanted = sorted(by_id)
    for start in range(0, len(wanted), 500):
        part = select(Unit).where(
            Unit.parent_id.in_(wanted[start : start + 500]),
            Unit.kind == "area",
            Unit.ended_at.is_(None),
        )
        for unit in db.scalars(part.order_by(Unit.code)):
            below[unit.parent_id or 0].append(unit)
    return [(by_id[key], children) for key, children in below.items()]


def _count(db: Session, query: Any) -> int:
    return db.scalar(select(func.count()).select_from(query.subquery())) or 0
