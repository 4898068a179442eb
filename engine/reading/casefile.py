"""One case as its page shows it: open tasks, earlier answers, events, files. Reads only.

``open_file`` is the only door: it asks ``policy`` in the same statement that loads the case.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from engine.access import confidentiality, policy
from engine.access.actors import Actor
from engine.access.confidentiality import Concealment
from engine.definitions import versions
from engine.definitions.next_timer import NextTimer, next_timer
from engine.definitions.versions import PublishedVersion
from engine.errors import NotFound
from engine.models import Case, CaseState, Event, Task, Unit, User
from engine.reading import redaction
from engine.records import answer_history
from forms import AnswerText, Form

# More tasks than these are not asked for one by one.
MOST_NAMED = 200


@dataclass(frozen=True)
class CaseFile:
    """A case that the actor may see, with what it waits for."""

    case: Case
    state: CaseState
    version: PublishedVersion
    open: tuple[Task, ...]
    next_timer: NextTimer | None = None
    # What the reader may not learn of it, and the files that belong to that.
    concealment: Concealment = confidentiality.NOTHING_CONCEALED
    sealed_files: frozenset[str] = frozenset()

    def task(self, task_id: int | None) -> Task | None:
        """Return the open task of that id."""
        return next((task for task in self.open if task.id == task_id), None)


@dataclass(frozen=True)
class TaskForm:
    """The form of a task and where it belongs: all that is needed to read what was typed."""

    case_id: int
    county_id: int
    form: Form | None


@dataclass(frozen=True)
class EarlierAnswers:
    """The answers of one earlier step, in words; ``several`` units answer it, each for itself."""

    node_id: str
    title: str
    answers: tuple[AnswerText, ...]
    unit: str = ""
    by: str = ""
    at: datetime | None = None
    several: bool = False


@dataclass(frozen=True)
class ReturnedStep:
    """A step that was sent back: from which step, why, and what had been answered."""

    by: str
    reason: str
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class CaseEvent:
    """One event with the names behind its ids."""

    kind: str
    at: datetime
    actor: str | None
    task: Task | None
    data: Mapping[str, Any]
    unit: str | None = None
    standing_in_for: str | None = None
    # By whoever brought the case in, whom the reader may not learn.
    concealed: bool = False


def open_file(db: Session, actor: Actor, case_id: int) -> CaseFile:
    """Return the case with its open tasks, in two statements; in three where it waits for a moment.

    Raises NotFound if it is not visible.
    """
    columns, bound = policy.reach(actor)
    row = db.execute(_file(columns), {**bound, "case": case_id}).first()
    if row is None:
        raise NotFound(case_id)
    case, state = row
    tasks = db.scalars(_open_tasks(), {"case": case.id, "county": case.county_id}).all()
    for task in tasks:
        set_committed_value(task, "case", case)
    published = versions.load(db, case.version_id)
    waits = not tasks and case.closed_at is None
    moment = next_timer(db, case.id, case.county_id, published) if waits else None
    concealment = confidentiality.concealment(db, actor, case)
    sealed = redaction.sealed_files(db, case, concealment)
    return CaseFile(case, state, published, tuple(tasks), moment, concealment, sealed)


@lru_cache(maxsize=64)
def _file(columns: tuple[str, ...]) -> Select[Any]:
    """Built once for all who oversee the same levels: making it costs as much as running it."""
    return (
        select(Case, CaseState)
        .join(CaseState, and_(CaseState.case_id == Case.id, CaseState.county_id == Case.county_id))
        .where(Case.id == bindparam("case", type_=BigInteger), policy.within_reach(columns))
        .options(joinedload(Case.place), joinedload(Case.unit), joinedload(Case.department))
    )


@lru_cache(maxsize=1)
def _open_tasks() -> Select[Any]:
    case_id, county_id = bindparam("case", type_=BigInteger), bindparam("county", type_=BigInteger)
    return (
        select(Task)
        .where(Task.case_id == case_id, Task.county_id == county_id, Task.done_at.is_(None))
        .options(joinedload(Task.unit), joinedload(Task.assignee))
        .order_by(Task.id)
    )


def case_of_task(db: Session, task_id: int) -> int:
    """Return the case that a task belongs to. Raises NotFound; what may be seen is asked later."""
    case_id = db.scalar(select(Task.case_id).where(Task.id == task_id))
    if case_id is None:
        raise NotFound(task_id)
    return case_id


def blank(db: Session, actor: Actor, task_id: int) -> TaskForm:
    """Return the form of a task, open or done, in one statement. Raises NotFound if it is not
    visible.
    """
    columns, bound = policy.reach(actor)
    row = db.execute(_blank(columns), {**bound, "task": task_id}).first()
    if row is None:
        raise NotFound(task_id)
    return TaskForm(row.case_id, row.county_id, versions.load(db, row.version_id).form(row.form))


@lru_cache(maxsize=64)
def _blank(columns: tuple[str, ...]) -> Select[Any]:
    return (
        select(Task.case_id, Task.county_id, Task.form, Case.version_id)
        .join(Case, and_(Case.id == Task.case_id, Case.county_id == Task.county_id))
        .where(Task.id == bindparam("task", type_=BigInteger), policy.within_reach(columns))
    )


def done_task(db: Session, file: CaseFile, task_id: int) -> Task | None:
    """Return a finished task of this case with who did it."""
    return db.scalar(
        select(Task)
        .where(Task.id == task_id, Task.case_id == file.case.id, Task.done_at.is_not(None))
        .options(joinedload(Task.unit), joinedload(Task.assignee))
    )


def earlier_answers(db: Session, file: CaseFile, locale: str) -> list[EarlierAnswers]:
    """Return the answers of all earlier steps that stand, in words, as they were given."""
    return said_of(file, answer_history.standing(db, file.case).sets, locale)


def said_of(
    file: CaseFile, kept: Sequence[answer_history.AnswerSet], locale: str
) -> list[EarlierAnswers]:
    """Kept answers in words, as far as the concealment lets."""
    found = []
    for one in kept:
        node = file.version.node(one.node_id)
        form = file.version.form(node.form) if node else None
        said = form.say(one.answers, locale) if form else ()
        said = redaction.answers(said, file.concealment, file.sealed_files, locale)
        if node is None or not said:
            continue
        title = node.name_en if locale == "en" and node.name_en else node.name
        if file.concealment.hides and one.at == file.case.opened_at:
            one = replace(one, unit="", by="")
        found.append(
            EarlierAnswers(
                one.node_id,
                title or one.node_id,
                said,
                one.unit,
                one.by,
                one.at,
                one.several,
            )
        )
    return found


def mending(
    file: CaseFile, node_id: str, kept: list[answer_history.AnswerSet], locale: str
) -> ReturnedStep | None:
    """Return why a step has to be done again, with what it had been answered before."""
    sent_back = answer_history.to_mend(kept, node_id)
    if sent_back is None:
        return None
    node = file.version.node(sent_back.node_id.removesuffix(answer_history.RETURN))
    name = (node.name_en if node and locale == "en" else "") or (node.name if node else "")
    mine = file.version.node(node_id)
    form = file.version.form(mine.form) if mine else None
    before = answer_history.newest(kept).get(node_id, {})
    answers = redaction.unfilled(form, before, file.concealment)
    return ReturnedStep(name, str(sent_back.answers.get("reason", "")), answers)


def shown_answers(earlier: Iterable[EarlierAnswers], shows: Iterable[str]) -> list[EarlierAnswers]:
    """Of the earlier answers those that a form asks to see (``report.summary``, ``report``)."""
    wanted = list(shows)
    found = []
    for step in earlier:
        names = {
            show.partition(".")[2] for show in wanted if show.partition(".")[0] == step.node_id
        }
        if names:
            chosen = tuple(one for one in step.answers if "" in names or one.name in names)
            if chosen:
                found.append(replace(step, answers=chosen))
    return found


def story(db: Session, file: CaseFile, *narrowed: ColumnElement[bool]) -> list[CaseEvent]:
    """Return everything that happened to the case, oldest first; four statements at most.

    ``narrowed`` are conditions on ``Event`` for a part of it.
    """
    return _happened(db, file, db.scalars(_events(file.case, *narrowed).order_by(Event.seq)).all())


def latest(
    db: Session, file: CaseFile, before: int | None, size: int, *narrowed: ColumnElement[bool]
) -> tuple[list[CaseEvent], int | None]:
    """Return a page of the story, oldest first, and where the page before it ends; None for the
    first.

    ``before`` is that place, None for the newest page; four statements at most.
    """
    asked = _events(file.case, *narrowed)
    if before is not None:
        asked = asked.where(Event.seq < before)
    events = db.scalars(asked.order_by(Event.seq.desc()).limit(size + 1)).all()
    more = events[size - 1].seq if len(events) > size else None
    return _happened(db, file, events[size - 1 :: -1] if more else events[::-1]), more


def finished(db: Session, file: CaseFile) -> list[CaseEvent]:
    """Of each step the last time that it was completed; four statements at most."""
    case = file.case
    last = (
        select(func.max(Task.id))
        .where(
            Task.case_id == case.id,
            Task.county_id == case.county_id,
            Task.outcome == "completed",
        )
        .group_by(Task.node_id)
    )
    return story(db, file, Event.kind == "task.completed", Event.task_id.in_(last))


def _events(case: Case, *narrowed: ColumnElement[bool]) -> Select[tuple[Event]]:
    return select(Event).where(
        Event.case_id == case.id, Event.county_id == case.county_id, *narrowed
    )


def _happened(db: Session, file: CaseFile, events: Sequence[Event]) -> list[CaseEvent]:
    """Return events with the names behind their ids, in their order."""
    case = file.case
    data = {event.id: json.loads(event.data) for event in events}
    tasks = _tasks(db, case, {event.task_id for event in events if event.task_id})
    names = _names(db, [event.actor_id for event in events], data.values())
    units = _units(db, data.values())

    def hidden(event: Event) -> bool:
        return file.concealment.covers_opening(case, event.actor_id, event.at)

    return [
        CaseEvent(
            kind=event.kind,
            at=event.at,
            actor=None if hidden(event) else names.get(event.actor_id or 0),
            task=tasks.get(event.task_id or 0),
            data=data[event.id],
            unit=None
            if hidden(event)
            else data[event.id].get("unit_name") or units.get(data[event.id].get("unit", 0)),
            standing_in_for=names.get(data[event.id].get("for", 0)),
            concealed=hidden(event),
        )
        for event in events
    ]


def unit_names(db: Session, codes: Iterable[str]) -> dict[str, str]:
    """Return unit names by code, for answers that hold codes; one statement."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    rows = db.execute(select(Unit.code, Unit.name).where(Unit.code.in_(wanted)))
    return {row[0]: row[1] for row in rows}


def _tasks(db: Session, case: Case, wanted: Collection[int]) -> dict[int, Task]:
    if not wanted:
        return {}
    # Of a whole story all of them, rather than as many ids as there are.
    some = [Task.id.in_(sorted(wanted))] if len(wanted) <= MOST_NAMED else []
    rows = db.scalars(
        select(Task)
        .where(Task.case_id == case.id, Task.county_id == case.county_id, *some)
        .options(joinedload(Task.unit), joinedload(Task.assignee))
    )
    return {task.id: task for task in rows}


def _names(
    db: Session, actors: Iterable[int | None], data: Iterable[Mapping[str, Any]]
) -> dict[int, str]:
    wanted = {actor for actor in actors if actor}
    for one in data:
        wanted.update(person for person in (one.get("for"), *one.get("reached", ())) if person)
    if not wanted:
        return {}
    rows = db.execute(select(User.id, User.name).where(User.id.in_(sorted(wanted))))
    return {row[0]: row[1] for row in rows}


def _units(db: Session, data: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    wanted = {one["unit"] for one in data if isinstance(one.get("unit"), int)}
    if not wanted:
        return {}
    rows = db.execute(select(Unit.id, Unit.name).where(Unit.id.in_(sorted(wanted))))
    return {row[0]: row[1] for row in rows}
