"""Running cases taken to another version of their process: which can go, which not and why.

A case goes alone, under its own lock: open tasks keep their people, their clocks and what was
drafted. One that does not fit stays where it is and runs to its end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from engine import bpmn
from engine.access import policy
from engine.access.actors import Actor
from engine.bpmn import CannotMigrate, EngineFault
from engine.casework import recalculation, steps
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork, context_of
from engine.casework.clockwork import works_in_force
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.errors import Conflict, NotAllowed, NotFound
from engine.models import Case, CaseState, Task, Unit, VaultRow
from engine.org.reach import reach_of
from engine.records import vault
from engine.records.bindings import of_answers
from engine.roles import EDITOR, PUBLISHER
from engine.storage import step_counts
from feel.text import Text

KIND = "case.migrated"
MERGED = Text(
    "已并入其他事项，拆出以后才能换版本。",
    "It is merged into another case and can change over once it is out.",
)
# How an open task must stay the same; its limit may change, and its name.
_WHO = ("role", "level", "unit")


class CaseNotInVersion(Conflict):
    """The case has closed or follows another version by now."""

    text = Text("事项已办结或已换了版本。", "The case has closed or follows another version.")


@dataclass(frozen=True)
class VersionChange:
    """From which version to which, why, and whether limits are recalculated."""

    source: int
    target: int
    reason: str
    anew: bool = False


@dataclass(frozen=True)
class MigrationCandidate:
    """An open case of the old version; without reasons it can go."""

    case_id: int
    number: str
    steps: tuple[tuple[str, str], ...]
    reasons: tuple[Text, ...]


def open_cases(db: Session, actor: Actor, version_id: int, *, limit: int) -> list[int]:
    """Return ids of a version's running cases where the actor publishes, or else edits, oldest
    first; none that goes round the actor.
    """
    reach = reach_of(actor, {PUBLISHER if PUBLISHER in actor.roles else EDITOR})
    query = (
        select(Case.id)
        .join(Unit, Unit.id == Case.place_id)
        .where(Case.version_id == version_id, Case.closed_at.is_(None), reach.inside())
        .where(policy.not_around(actor))
    )
    return list(db.scalars(query.order_by(Case.id).limit(limit)))


def prospects(
    db: Session, actor: Actor, version_id: int, target: int, *, limit: int, now: datetime
) -> list[MigrationCandidate]:
    """Try the running cases of a version in the actor's area against another and keep nothing.

    The statements do not grow with the cases. Raises NotFound for a version of elsewhere.
    """
    rows = db.execute(
        select(Case, CaseState)
        .join(CaseState, and_(CaseState.case_id == Case.id, CaseState.county_id == Case.county_id))
        .where(Case.id.in_(open_cases(db, actor, version_id, limit=limit)))
        .options(joinedload(Case.place), joinedload(Case.department))
        .order_by(Case.id)
    ).all()
    old, new, works = versions.load(db, version_id), versions.load(db, target), None
    tasks = _tasks(db, [case for case, _state in rows])
    given = _answers(db, [case for case, _state in rows], old, new)
    found = []
    for case, state in rows:
        works = works or works_in_force(db, now)
        work = CaseWork(case, state, None, now, verb="migrate", version=old, works=works)
        found.append(_prospect(work, new, tasks[case.id], given[case.id]))
    return found


def _prospect(
    work: CaseWork, new: PublishedVersion, tasks: list[Task], given: dict[str, Any]
) -> MigrationCandidate:
    reasons: tuple[Text, ...] = ()
    try:
        _step(work, new, tasks, given)
    except CannotMigrate as error:
        reasons = error.reasons
    at = tuple((task.name, task.name_en) for task in tasks if task.done_at is None)
    return MigrationCandidate(work.case.id, work.case.number, at, reasons)


def change_over(
    db: Session, actor: Actor, case_id: int, change: VersionChange, *, now: datetime
) -> Case:
    """Take one case to the other version. Raises NotAllowed, CaseNotInVersion, CannotMigrate.

    Its limits stay as they were counted, unless the change says to restart them.
    """
    seat = policy.require_role(actor, PUBLISHER)
    case = lock_case(db, case_id)
    work = begin(db, case, actor, "migrate", now=now)
    work.seat = seat
    case = work.case
    if not reach_of(actor, {PUBLISHER}).covers(db, case.place_id):
        raise NotAllowed("migrate", case_id)
    if case.closed_at is not None or case.version_id != change.source:
        raise CaseNotInVersion(case_id)
    old, new = work.version, versions.load(db, change.target)
    tasks, given = _tasks(db, [case])[case.id], _answers(db, [case], old, new)[case.id]
    step = _step(work, new, tasks, given)
    receipt = vault.keep(db, case, None, "case:migration", {"reason": change.reason}, at=now)
    work.record(db, KIND, before=old.number, version=new.number, receipt=receipt.digest)
    past = steps.tasks_of(db, case)
    for task in past:
        step_counts.count_task(db, case, task, -1)
    case.version_id, work.version = new.id, new
    for task in tasks:
        _rename(task, new)
    for task in past:
        step_counts.count_task(db, case, task, 1)
    steps.apply_step(db, work, step)
    # What a recall would restore belongs to the old version.
    work.state.prior = None
    if change.anew:
        recalculation.recalculate(db, work, recalculation.VERSION)
    return case


def _step(
    work: CaseWork, new: PublishedVersion, tasks: list[Task], given: dict[str, Any]
) -> bpmn.Step:
    """Return the case's step into the new version. Raises CannotMigrate with every reason."""
    old, reasons = work.version, list(_unfit(work.version, new, tasks))
    if old.process != new.process:
        raise NotFound(new.id)
    if work.case.main_id is not None:
        reasons.append(MERGED)
    state, context = work.state.state, context_of(work)
    try:
        step = bpmn.migrate(old.definition, new.definition, state, context, given)
    except CannotMigrate as error:
        raise CannotMigrate([*reasons, *error.reasons]) from error
    except EngineFault as error:
        raise CannotMigrate([*reasons, error.text]) from error
    if reasons:
        raise CannotMigrate(reasons)
    return step


def _unfit(old: PublishedVersion, new: PublishedVersion, tasks: Iterable[Task]) -> Iterator[Text]:
    """Yield what the engine does not look at: forms filled in, and whose work an open task is."""
    for node_id in dict.fromkeys(task.node_id for task in tasks if task.form):
        was, now = old.node(node_id), new.node(node_id)
        if was is None or (now is not None and (now.form == was.form and new.form(now.form))):
            continue
        yield Text(
            f"“{was.name}”填过的表单在新版本中没有，已填的内容会看不到。",
            f"The form that “{was.name}” filled in is not in the new version; what was answered "
            "would not be shown.",
        )
    for task in tasks:
        was, now = old.node(task.node_id), new.node(task.node_id)
        if task.done_at is not None or was is None or now is None:
            continue
        if any(getattr(was, part) != getattr(now, part) for part in _WHO):
            yield Text(
                f"“{was.name}”正在办理，新版本换了由谁办。",
                f"“{was.name}” is being worked on, and the new version gives it to others.",
            )


def _answers(
    db: Session, cases: Sequence[Case], old: PublishedVersion, new: PublishedVersion
) -> defaultdict[int, dict[str, Any]]:
    """Return answers of before that only the new version's expressions ask for, by case."""
    found: defaultdict[int, dict[str, Any]] = defaultdict(dict)
    wanted = new.definition.variables - old.definition.variables
    if not wanted:
        return found
    kept = select(VaultRow).where(
        VaultRow.case_id.in_([case.id for case in cases]), VaultRow.payload.is_not(None)
    )
    for row in db.scalars(kept.order_by(VaultRow.id)):
        node = new.node(row.node_id)
        form = new.form(node.form) if node is not None else None
        if form is not None and row.payload is not None:
            answers = form.variables(vault.unseal(row.payload, of_answers(row)))
            names = wanted - form.personal
            found[row.case_id] |= {name: answers[name] for name in answers.keys() & names}
    return found


def _tasks(db: Session, cases: Sequence[Case]) -> defaultdict[int, list[Task]]:
    found: defaultdict[int, list[Task]] = defaultdict(list)
    query = select(Task).where(Task.case_id.in_([case.id for case in cases]))
    for task in db.scalars(query.order_by(Task.id)):
        found[task.case_id].append(task)
    return found


def _rename(task: Task, new: PublishedVersion) -> None:
    """Take an open task's name and form from the new version."""
    node = new.node(task.node_id)
    if task.done_at is None and node is not None:
        task.name, task.name_en = node.name or node.id, node.name_en
        task.form = node.form or None
