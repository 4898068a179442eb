"""Changing the tree: create, rename, move, end, revive; each with its row of history."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import actor_of
from engine.errors import Conflict, InvalidInput, Refusal
from engine.models import Unit, UnitChange, UnitMove, new_id
from engine.models.people import KINDS
from engine.org.handover import OpenWork, hand_over, open_work
from engine.org.posts import end_posts_of
from engine.org.tree import stamp_under, subtree_ids
from engine.records import audit
from engine.terms.levels import LEVELS
from feel.text import Text

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
LONGEST_NAME = 120


class UnitInUse(Refusal):
    """The unit still has open work or units under it, and nobody was named to take them over."""

    def __init__(self, unit: Unit, work: OpenWork, children: int) -> None:
        super().__init__(
            unit.id,
            text=Text(
                f"{unit.name}还有未办结事项 {work.cases} 件、未办结环节 {work.tasks} 个、"
                f"下级单位 {children} 个，请先指定接收单位。",
                f"{unit.name} still has {work.cases} open cases, {work.tasks} open tasks and "
                f"{children} units under it; name the unit that takes over.",
            ),
        )
        self.work, self.children = work, children


class UnitEnded(Conflict):
    """The unit has ended already."""

    text = Text("该单位已停用。", "This unit is already deactivated.")


def create_unit(
    db: Session,
    actor_id: int | None,
    *,
    code: str,
    name: str,
    level: str,
    parent: Unit | None,
    kind: str = "area",
    place_type: str | None = None,
    now: datetime,
) -> Unit:
    """Add a unit under ``parent``. Raises InvalidInput with an error for each wrong field."""
    _lock_tree(db)
    code, name = code.strip(), name.strip()
    errors = _name_errors(name) | _code_errors(db, code) | _place_errors(level, kind, parent)
    if errors:
        raise InvalidInput(errors)
    unit = Unit(
        id=new_id(),
        code=code,
        name=name,
        level=level,
        kind=kind,
        parent_id=parent.id if parent else None,
        place_type=place_type,
        created_at=now,
    )
    stamp_under(unit, parent)
    db.add(unit)
    _note(db, actor_id, unit, "created", None, name, now)
    return unit


def rename_unit(db: Session, actor_id: int | None, unit: Unit, name: str, *, now: datetime) -> None:
    """Give a unit another name; cases keep the one it had when they were opened."""
    _lock_tree(db)
    name = name.strip()
    errors = _name_errors(name)
    if errors:
        raise InvalidInput(errors)
    _require_active(db, unit)
    if name != unit.name:
        before, unit.name = unit.name, name
        _note(db, actor_id, unit, "renamed", before, name, now)


def move_unit(
    db: Session, actor_id: int | None, unit: Unit, parent: Unit, *, now: datetime
) -> UnitMove | None:
    """Move a unit with its subtree under another parent; return None if it is there already.

    The units get their new ancestors at once, so that who may see what is right from the
    commit on; the worker stamps the copies on open rows (``restamp``) for the row returned.
    Raises InvalidInput for a ring, a level that does not fit, or a parent that has ended.
    """
    _lock_tree(db)
    _require_active(db, unit)
    db.refresh(parent)
    if unit.parent_id == parent.id:
        return None
    errors = _place_errors(unit.level, unit.kind, parent)
    if parent.id in db.scalars(subtree_ids(unit.id)).all():
        text = Text("不能移到自己或自己的下级之下。", "A unit cannot move under itself.")
        errors["parent"] = text
    if errors:
        raise InvalidInput(errors)
    before = db.get(Unit, unit.parent_id) if unit.parent_id else None
    unit.parent_id = parent.id
    _stamp_subtree(db, unit, parent)
    _note(db, actor_id, unit, "moved", before.code if before else None, parent.code, now)
    move = UnitMove(id=new_id(), unit_id=unit.id, at=now, cursor=0)
    db.add(move)
    db.flush()
    return move


def end_unit(
    db: Session,
    actor_id: int | None,
    unit: Unit,
    *,
    now: datetime,
    heir: Unit | None = None,
    across: bool = False,
) -> int:
    """End a unit and its posts; with ``heir``, open work and units under it go there.

    ``across`` lets the heir be of another county, where counties become one. Returns how many
    open cases were handed over. Raises UnitInUse when something is left and nobody takes over,
    UnitEnded, or InvalidInput when the heir cannot take over.
    """
    _lock_tree(db)
    _require_active(db, unit)
    children = _active_children(db, unit)
    work = open_work(db, unit.id)
    if heir is None and (children or work):
        raise UnitInUse(unit, work, len(children))
    handed = 0
    if heir is not None:
        _require_heir(db, unit, heir, across)
        for child in children:
            move_unit(db, actor_id, child, heir, now=now)
        actor = actor_of(db, actor_id, now) if actor_id is not None else None
        handed = hand_over(db, unit, heir, actor, now)
        unit.heir_id = heir.id
    unit.ended_at = now
    # Somebody may be opening a task for this unit right now; the worker passes it on.
    db.add(UnitMove(id=new_id(), unit_id=unit.id, at=now, cursor=0))
    end_posts_of(db, actor_id, unit, now=now)
    _note(db, actor_id, unit, "ended", unit.name, heir.code if heir else None, now)
    return handed


def revive_unit(db: Session, actor_id: int | None, unit: Unit, *, now: datetime) -> None:
    """Open an ended unit again under the parent it had; its work and posts do not come back."""
    _lock_tree(db)
    db.refresh(unit)
    if unit.ended_at is None:
        raise Conflict(unit.id, text=Text("该单位没有停用。", "This unit is active."))
    parent = db.get(Unit, unit.parent_id) if unit.parent_id else None
    if parent is not None and parent.ended_at is not None:
        text = Text(
            "上级单位已停用，请先恢复上级。", "The parent unit is deactivated; reactivate it first."
        )
        raise InvalidInput({"parent": text})
    unit.ended_at = unit.heir_id = None
    stamp_under(unit, parent)
    _note(db, actor_id, unit, "revived", None, unit.name, now)


def _lock_tree(db: Session) -> None:
    """One change of the tree at a time: two moves that are fine alone could close a ring.

    The weaker lock does not stop anybody who only refers to a unit.
    """
    roots = select(Unit.id).where(Unit.parent_id.is_(None)).order_by(Unit.id)
    db.execute(roots.with_for_update(key_share=True))


def _require_active(db: Session, unit: Unit) -> None:
    db.refresh(unit)
    if unit.ended_at is not None:
        raise UnitEnded(unit.id)


def _require_heir(db: Session, unit: Unit, heir: Unit, across: bool) -> None:
    db.refresh(heir)
    if heir.ended_at is not None or heir.id in db.scalars(subtree_ids(unit.id)).all():
        text = Text(
            "接收单位已停用，或在本单位之下。",
            "The receiving unit is deactivated or below this unit.",
        )
    elif heir.level != unit.level or not (across or heir.at_county == unit.at_county):
        text = Text(
            "接收单位须为同县同级单位。", "The receiving unit must be of the same county and level."
        )
    else:
        return
    raise InvalidInput({"heir": text})


def _active_children(db: Session, unit: Unit) -> list[Unit]:
    found = select(Unit).where(Unit.parent_id == unit.id, Unit.ended_at.is_(None))
    return list(db.scalars(found.order_by(Unit.code)))


def _stamp_subtree(db: Session, top: Unit, parent: Unit) -> None:
    """Stamp the unit and everything under it, parents before children; two statements."""
    units = list(db.scalars(select(Unit).where(Unit.id.in_(subtree_ids(top.id)))))
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id, []).append(unit)
    waiting = [(top, parent)]
    while waiting:
        unit, above = waiting.pop()
        stamp_under(unit, above)
        waiting += [(child, unit) for child in below.get(unit.id, []) if child is not top]
    db.flush()


def _name_errors(name: str) -> dict[str, Text]:
    if not name:
        return {"name": Text("名称不能为空。", "Enter a name.")}
    if len(name) > LONGEST_NAME:
        return {"name": Text("名称过长。", "The name is too long.")}
    return {}


def _code_errors(db: Session, code: str) -> dict[str, Text]:
    if not CODE.fullmatch(code):
        words = "编码应为字母、数字和短横线，最多 32 位。"
        return {"code": Text(words, "A code is up to 32 letters, digits and hyphens.")}
    if db.scalar(select(Unit.id).where(Unit.code == code)) is not None:
        return {"code": Text("编码已被使用。", "This code is in use.")}
    return {}


def _place_errors(level: str, kind: str, parent: Unit | None) -> dict[str, Text]:
    """Return whether a unit of this level and kind may be under ``parent``."""
    if level not in LEVELS:
        return {"level": Text("层级无效。", "There is no such level.")}
    if kind not in KINDS:
        return {"kind": Text("类别无效。", "There is no such kind.")}
    if parent is None:
        return {} if kind == "area" else {"parent": Text("请选择上级。", "Choose the unit above.")}
    if parent.ended_at is not None:
        return {"parent": Text("上级单位已停用。", "The parent unit is deactivated.")}
    return place_objection(level, kind, parent.level, parent.kind)


def place_objection(level: str, kind: str, above: str, above_kind: str) -> dict[str, Text]:
    """Return why a unit may not be under one of level ``above``; empty if it may.

    An area belongs under an area of a higher level; what works for an area has the area's level.
    """
    if kind == "area":
        if above_kind == "area" and LEVELS.index(above) < LEVELS.index(level):
            return {}
        text = Text("上级应为层级更高的区域。", "The unit above must be an area of a higher level.")
        return {"parent": text}
    if above == level:
        return {}
    return {"level": Text("层级应与上级单位相同。", "The level must be that of the unit above.")}


def _note(
    db: Session,
    actor_id: int | None,
    unit: Unit,
    kind: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    """History of the unit and the chain of administration, in one place for every change."""
    db.flush()
    change = UnitChange(
        id=new_id(),
        unit_id=unit.id,
        at=now,
        actor_id=actor_id,
        kind=kind,
        before=before,
        after=after,
    )
    db.add(change)
    data = {"unit": unit.id, "code": unit.code, "before": before, "after": after}
    audit.record_admin(db, f"unit.{kind}", actor_id, data, at=now)
