"""What the pages of a supervision notice and of a centre's call ask, and how they are issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import demands
from engine.casework.case_work import CaseWork
from engine.models import Demand, Unit
from engine.reading import casefile
from engine.worktime import Limit
from webapp.desk.move_question import Options, Question

Said = Mapping[str, str]
LONGEST_LIMIT = 60


def of_notice(db: Session, work: CaseWork) -> list[Question]:
    """Return whom, what and by when: of a notice."""
    units = demands.answerable_units(db, work)
    # Who sits in the unit at work alone has nobody to choose, and is told so when they send it.
    first = units[0].id if units else None
    return _questions(demands.NOTICE, [(_("承办单位及其上级"), _options(units))], first)


def of_call(db: Session, work: CaseWork) -> list[Question]:
    """Return whom, what and by when: of a call."""
    units = demands.callable_units(db, work)
    departments = [unit for unit in units if unit.kind != "area"]
    townships = [unit for unit in units if unit.kind == "area"]
    groups: Options = [
        (_("部门"), _options(departments)),
        (_("乡镇、街道"), _options(townships)),
    ]
    return _questions(demands.CALL, groups, None)


def supervise(db: Session, actor: Actor, task_id: int, said: Said, now: datetime) -> Demand:
    """Issue a notice on a task."""
    case_id = casefile.case_of_task(db, task_id)
    return _issue(db, actor, case_id, demands.NOTICE, said, now, task_id)


def call(db: Session, actor: Actor, case_id: int, said: Said, now: datetime) -> Demand:
    """Call a unit about a case."""
    return _issue(db, actor, case_id, demands.CALL, said, now, None)


def _issue(
    db: Session,
    actor: Actor,
    case_id: int,
    kind: str,
    said: Said,
    now: datetime,
    task_id: int | None,
) -> Demand:
    number = said["amount"]
    amount = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    unit = said["limit_unit"] if said["limit_unit"] in dict(_limit_units()) else "working_days"
    return demands.issue(
        db,
        actor,
        case_id,
        kind,
        unit_id=int(said["unit"]) if said["unit"].isascii() and said["unit"].isdigit() else 0,
        words=said["words"],
        limit=Limit(min(amount, LONGEST_LIMIT), unit),
        task_id=task_id,
        now=now,
    )


def _questions(kind: str, units: Options, chosen: int | None) -> list[Question]:
    usual = demands.LIMITS[kind]
    what = _("督办要求") if kind == demands.NOTICE else _("协办内容")
    return [
        Question("unit", _("答复单位"), "select", units, value=str(chosen or "")),
        Question("words", what, "words", help=_("加密保存；双方单位和上级能看到。")),
        Question(
            "amount",
            _("答复期限"),
            "number",
            most=LONGEST_LIMIT,
            value=str(usual.amount),
        ),
        Question("limit_unit", _("期限单位"), "choice", [("", _limit_units())], value=usual.unit),
    ]


def _limit_units() -> list[tuple[str, str]]:
    return [
        ("working_days", _("个工作日")),
        ("working_hours", _("个工作小时")),
        ("hours", _("小时（昼夜连续）")),
    ]


def _options(units: Iterable[Unit]) -> list[tuple[str, str]]:
    return [(str(unit.id), unit.name) for unit in units]
