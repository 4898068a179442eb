"""Cases that belong together: a ticket that becomes a dispute is a case of its own, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.access import actors, policy
from engine.access.actors import Actor
from engine.casework import case_access, opening, recusal, steps
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork, citizen_limit, context_of, engine_faults
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.errors import NotFound
from engine.models import Case, CaseLink, Outbox
from engine.records.locked_case import untouched
from engine.terms.channels import TRANSFER
from engine.timing import promises
from forms import Field
from forms.defaults import defaults

# What another case may begin with: not its files, which stay where they are, nor whole lists.
NOT_TAKEN_OVER = frozenset({"files", "list", "note"})


@dataclass(frozen=True)
class LinkedCase:
    """A case that belongs to another one, as somebody may know it.

    ``way`` is ``from`` (this case came out of that one), ``to``, ``related``, ``duplicate`` (of
    that one), ``duplicated``, ``main`` (this one is merged into it) or ``merged``. Who may not see
    the other case learns its number alone.
    """

    id: int
    number: str
    way: str
    seen: bool
    title: str = ""
    process: str = ""
    version_id: int = 0


def open_linked(db: Session, row: Outbox, now: datetime) -> None:
    """Open the case that an outbox row asks for; its first task waits in the unit's queue.

    Unlike a case that a person opens, nobody has filled in the opening form yet: whoever takes
    the task does, with the first case one click away. Raises NotFound.
    """
    if row.case_id is None:
        raise NotFound(row.id)
    origin = begin(db, lock_case(db, row.case_id), None, "link", now=now)
    here = Case.county_id == origin.case.county_id
    known = db.scalar(select(Case.id).where(Case.source == f"outbox:{row.id}", here))
    if known is not None:
        return
    work = _new_work(db, origin, row, now)
    db.flush()
    case_access.grant(db, work.case, work.case.place, "place", now)
    case_access.grant(db, work.case, work.case.unit, "opened", now)
    with engine_faults(work):
        step = bpmn.start(work.version.definition, {}, context_of(work))
    opening.record_opened(db, work, origin=origin.case.number)
    promises.start(db, work.case, citizen_limit(work), work.works)
    for task in steps.apply_step(db, work, step):
        # Whoever takes the first step has to read what was reported before.
        case_access.grant(db, origin.case, task.unit, "handler", now)
    link(db, work.case, origin.case, "became", now)
    details: dict[str, Any] = {"process": work.case.process, "number": work.case.number}
    origin.record(db, "case.linked", **details)


def link(db: Session, case: Case, other: Case, kind: str, now: datetime) -> None:
    """Note that two cases belong together."""
    db.add(
        CaseLink(county_id=case.county_id, case_id=case.id, other_id=other.id, kind=kind, at=now)
    )


def linked(db: Session, case: Case) -> list[tuple[CaseLink, Case]]:
    """Return the cases linked with this one, either way round, and how."""
    rows = db.execute(
        select(CaseLink, Case)
        .join(
            Case,
            or_(
                (CaseLink.case_id == case.id) & (Case.id == CaseLink.other_id),
                (CaseLink.other_id == case.id) & (Case.id == CaseLink.case_id),
            ),
        )
        .order_by(CaseLink.id)
    )
    return [(row[0], row[1]) for row in rows]


def relatives(db: Session, actor: Actor, case: Case) -> list[LinkedCase]:
    """Return the linked cases, each as far as the actor may know it; one statement."""
    ours, theirs = CaseLink.case_id == case.id, CaseLink.other_id == case.id
    rows = db.execute(
        select(CaseLink, Case, policy.visible_cases(actor).label("seen"))
        .join(
            Case, (ours & (Case.id == CaseLink.other_id)) | (theirs & (Case.id == CaseLink.case_id))
        )
        .order_by(CaseLink.id)
    )
    # Of a confidential case that goes round somebody not even the number is shown.
    known = [row for row in rows if row[2] or not row[1].guarded]
    return [_relative(row[0], row[1], case, bool(row[2])) for row in known]


def taken_over(
    into: PublishedVersion,
    origin: PublishedVersion,
    kept: Mapping[str, Mapping[str, Any]],
    *,
    local: datetime,
) -> dict[str, Any]:
    """Return what the opening form of a case begins with when the case came out of another one.

    Answers whose question has the same name and kind there; what was asked first counts. Nothing
    personal: it stays masked in the other case until somebody asks for it, which is recorded.
    ``local`` is the present on the local clock.
    """
    form = into.form(into.opens.form)
    if form is None:
        return {}
    # How the other case came in says nothing of how this one did.
    wanted = {field.name: field for field in form.fields if field.sets != "channel"}
    found = defaults(list(wanted.values()), today=local.date(), now=local)
    taken: dict[str, Any] = {}
    for node_id, answers in kept.items():
        node = origin.node(node_id)
        asked = origin.form(node.form) if node else None
        for field in asked.fields if asked else ():
            mine = wanted.get(field.name)
            value = answers.get(field.name)
            if value is not None and mine is not None and _fits(mine, field, value):
                taken.setdefault(field.name, value)
    return found | taken


def _fits(mine: Field, theirs: Field, value: Any) -> bool:
    """Return whether an answer may stand in another form's field of the same name."""
    if mine.kind != theirs.kind or mine.kind in NOT_TAKEN_OVER:
        return False
    if mine.personal or theirs.personal:
        return False
    if not mine.choices:
        return True
    values = value if isinstance(value, list) else [value]
    return set(values) <= {choice.value for choice in mine.choices}


def _relative(row: CaseLink, other: Case, case: Case, seen: bool) -> LinkedCase:
    mine = row.case_id == case.id
    ways = {
        "became": ("from", "to"),
        "duplicate": ("duplicate", "duplicated"),
        "merged": ("main", "merged"),
    }
    way = ways.get(row.kind, ("related", "related"))[0 if mine else 1]
    if not seen:
        return LinkedCase(other.id, other.number, way, False)
    return LinkedCase(
        other.id, other.number, way, True, other.title, other.process, other.version_id
    )


def _new_work(db: Session, origin: CaseWork, row: Outbox, now: datetime) -> CaseWork:
    first = origin.case
    published = versions.current(db, str(row.data["process"]), now, first.place)
    values = {"title": row.data["case_title"], "priority": first.priority, "channel": TRANSFER}
    seat = replace(actors.office(first.unit, published.opens.role), level=first.level)
    case = opening.new_case(
        db, published, first.place, seat, values, now=now, source=f"outbox:{row.id}"
    )
    case.unit = first.unit
    recusal.inherit(case, first, now=now)
    state = untouched(case)
    db.add(state)
    return CaseWork(case, state, None, now, verb="open", version=published, works=origin.works)
