"""What expressions of statistics know of a case; nothing personal and no free text.

``latest`` and ``earliest`` hold the answers of each step as they were given last and first,
``answers`` all of them in order; ``tasks`` is what was done by whom and when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import settings
from engine.definitions import versions
from engine.models import Case, CasePerson, Extension, Task, Unit, VaultRow
from engine.records import case_people, masking, vault
from engine.records.bindings import of_answers
from engine.registers import committees
from feel import from_json
from forms import Field, Form

# Who is a party of a case; those who act for one are not counted beside them.
PARTIES = ("applicant", "respondent", "third_party")
# Who brings one: shown masked, where a register asks for it.
REPORTERS = ("reporter", "caller", "applicant")
# Words that somebody typed: what they hold is not known.
FREE = ("textarea", "files", "position", "note")
# Whoever wrote an application down has not mediated yet, unless nothing else had to be done.
WRITTEN_BY = "apply"
MEDIATOR = "mediator"


@dataclass
class MediationFacts:
    """A case with what is known of it, and the unit whose it is by who mediated it."""

    case: Case
    values: dict[str, Any] = field(default_factory=dict)
    mediator_unit: int = 0


def gather(db: Session, cases: Sequence[Case]) -> list[MediationFacts]:
    """Return what is known of these cases; six statements, however many there are."""
    ids = [case.id for case in cases]
    answers = _answers(db, cases)
    tasks = _tasks(db, ids)
    parties = _counts(
        db, CasePerson, ids, CasePerson.role.in_(PARTIES), CasePerson.ended_at.is_(None)
    )
    reporters = _reporters(db, ids)
    extended = _counts(db, Extension, ids, Extension.granted.is_(True))
    units = _units(
        db, [*(case.unit_id for case in cases), *(t.unit_id for ts in tasks.values() for t in ts)]
    )
    found = []
    for case in cases:
        done = tasks.get(case.id, [])
        mediator = _mediator(case, done)
        given = {
            "case": {**_of_case(case), "reporter": reporters.get(case.id)},
            "unit": units[mediator],
            **answers.get(case.id, {"latest": {}, "earliest": {}, "answers": {}}),
            "tasks": [_of_task(task, units) for task in done],
            "parties": parties.get(case.id, 0),
            "extensions": extended.get(case.id, 0),
        }
        found.append(MediationFacts(case, given, mediator))
    return found


def _mediator(case: Case, tasks: Iterable[Task]) -> int:
    """Return the unit that mediates a case, or took it in."""
    mine = [task for task in tasks if task.role == MEDIATOR]
    mine = [task for task in mine if task.node_id != WRITTEN_BY] or mine
    return mine[-1].unit_id if mine else case.unit_id


def _of_case(case: Case) -> dict[str, Any]:
    moments = {
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "answered_at": case.answered_at,
        "due_at": case.due_at,
    }
    local = {name: _local(at) for name, at in moments.items()}
    days = {f"{name[:-3]}_on": at.date() if at else None for name, at in local.items()}
    return {
        **{name: getattr(case, name) for name in ("number", "title", "category", "priority")},
        **{name: getattr(case, name) for name in ("risk", "channel", "level", "outcome")},
        "place": case.place_name,
        "answered_late": case.missed_at is not None,
        "confidential": case.confidential,
        **local,
        **days,
    }


def _of_task(task: Task, units: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "step": task.node_id,
        "role": task.role,
        "unit": units[task.unit_id]["name"],
        "outcome": task.outcome,
        "opened_at": _local(task.opened_at),
        "signed_at": _local(task.taken_at or task.signed_at),
        "done_at": _local(task.done_at),
        "sign_due_at": _local(task.sign_due_at),
        "due_at": _local(task.due_at),
    }


def _reporters(db: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return who brought each case, masked: 王**. Of several the first."""
    rows = db.scalars(
        select(CasePerson)
        .where(
            CasePerson.case_id.in_(ids),
            CasePerson.role.in_(REPORTERS),
            CasePerson.ended_at.is_(None),
        )
        .order_by(CasePerson.id.desc())
    )
    names = {row.case_id: str(case_people.opened(row).get("name") or "") for row in rows}
    return {case_id: masking.mask("person", name) for case_id, name in names.items() if name}


def _tasks(db: Session, ids: Sequence[int]) -> dict[int, list[Task]]:
    found: dict[int, list[Task]] = defaultdict(list)
    for task in db.scalars(select(Task).where(Task.case_id.in_(ids)).order_by(Task.id)):
        found[task.case_id].append(task)
    return found


def _counts(db: Session, table: Any, ids: Sequence[int], *which: Any) -> dict[int, int]:
    rows = db.execute(
        select(table.case_id, func.count())
        .where(table.case_id.in_(ids), *which)
        .group_by(table.case_id)
    )
    return {case_id: int(count) for case_id, count in rows}


def _units(db: Session, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    rows = db.scalars(select(Unit).where(Unit.id.in_(sorted(set(ids)))))
    found = {one.id: {"name": one.name, "level": one.level, "kind": one.kind} for one in rows}
    kinds = committees.kinds_of(db, list(found))
    return {key: {**told, "committee": kinds.get(key)} for key, told in found.items()}


def _answers(db: Session, cases: Sequence[Case]) -> dict[int, dict[str, Any]]:
    by_id = {case.id: case for case in cases}
    rows = db.scalars(
        select(VaultRow)
        .where(VaultRow.case_id.in_(by_id), VaultRow.payload.is_not(None))
        .order_by(VaultRow.at, VaultRow.id)
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        # What was said around a step, in passing it on, stands beside it under longer names.
        if ":" in row.node_id:
            continue
        case = by_id[row.case_id]
        known = found.setdefault(case.id, {"latest": {}, "earliest": {}, "answers": {}})
        form = _form(db, case, row.node_id)
        assert row.payload is not None
        said = _harmless(form, vault.unseal(row.payload, of_answers(row))) if form else {}
        said["given_at"] = _local(row.at)
        known["latest"][row.node_id] = said
        known["earliest"].setdefault(row.node_id, said)
        known["answers"].setdefault(row.node_id, []).append(said)
    return found


def _form(db: Session, case: Case, node_id: str) -> Form | None:
    published = versions.load(db, case.version_id)
    node = published.node(node_id)
    key = node.form if node is not None else None
    # A button's answers are kept under its message, and asked by the form of the same name.
    return published.form(key) or published.form(f"{case.process}/{node_id}")


def _harmless(form: Form, said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answers that name nobody: personal ones and free text are left out."""
    asked = (one for one in form.fields if _plain(one) and said.get(one.name) is not None)
    return {one.name: _value(one, said[one.name]) for one in asked}


def _value(field: Field, told: Any) -> Any:
    """Return an answer as what it is: days and moments are kept as text."""
    if field.kind == "date":
        return date.fromisoformat(told)
    if field.kind == "datetime":
        zone = ZoneInfo(settings.current().timezone)
        return datetime.fromisoformat(told).replace(tzinfo=zone)
    return from_json(told)


def _plain(field: Field) -> bool:
    named = field.personal or field.people is not None or any(one.personal for one in field.fields)
    return not named and field.kind not in (*FREE, "list")


def _local(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(ZoneInfo(settings.current().timezone))
