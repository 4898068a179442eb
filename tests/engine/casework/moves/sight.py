"""Who may see which case, calculated from the tree as it was typed in: the other opinion."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import actors, policy
from engine.models import Case, CaseAccess, Task, Unit
from tests.engine.casework.world import POSTS, World
from tests.engine.org.county import UNITS

PARENTS = {code: parent for code, _name, _level, _kind, parent in UNITS}
KINDS = {code: kind for code, _name, _level, kind, _parent in UNITS}
OVERSEEING = {"leader", "supervisor", "dispatcher", "grid_leader"}


def assert_nobody_sees_too_much(db: Session, world: World) -> None:
    """Hold ``policy`` against the rule in plain words, for every person and every case."""
    codes = {unit.id: unit.code for unit in db.scalars(select(Unit))}
    granted: dict[int, set[str]] = {case: set() for case in db.scalars(select(Case.id))}
    for row in db.scalars(select(CaseAccess).where(CaseAccess.until_at.is_(None))):
        granted[row.case_id].add(codes[row.unit_id])
    for login, unit, role in POSTS:
        actor = world.actor(db, login)
        may = {case for case, to in granted.items() if any(_covers(unit, role, one) for one in to)}
        seen = set(db.scalars(select(Case.id).where(policy.visible_cases(actor))))
        assert seen == may, login
        assert set(db.scalars(select(Case.id).where(policy.listed_cases(actor)))) == may, login
        assert _listed(db, actor) <= may, login


def _listed(db: Session, actor: actors.Actor) -> set[int]:
    """Cases of the open tasks that the lists of this person show."""
    query = select(Task.case_id).join(Unit, Unit.id == Task.unit_id)
    query = query.join(Case, Case.id == Task.case_id).where(Task.done_at.is_(None))
    return set(db.scalars(query.where(policy.visible_tasks(actor), policy.within_now(actor))))


def _covers(unit: str, role: str, granted: str) -> bool:
    if unit == granted:
        return True
    if role not in OVERSEEING or KINDS[unit] not in ("area", "centre", "committee"):
        return False
    area = unit if KINDS[unit] == "area" else PARENTS[unit]
    above: str | None = granted
    while above is not None and above != area:
        above = PARENTS[above]
    return above is not None
