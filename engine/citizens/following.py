"""A citizen's own case: each step in the diagram's words, when an answer is due, who is at it.

Units are named and people never; nothing of the other side, of staff's notes or of files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from engine.citizens import masking
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Case, Task
from engine.records import vault


@dataclass(frozen=True)
class CitizenStep:
    """A step in plain words, from when on, and whether it is the one at hand."""

    words: str
    at: datetime
    open: bool


@dataclass(frozen=True)
class CitizenView:
    """What a citizen sees of a case."""

    number: str
    title: str
    place: str
    opened_at: datetime
    steps: tuple[CitizenStep, ...]
    units: tuple[str, ...]
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    answer: str
    confidential: bool = False


def view(db: Session, case_id: int) -> CitizenView:
    """Return the case of a citizen who has proved that it is theirs. Raises NotFound."""
    case = db.get(Case, case_id)
    if case is None:
        raise NotFound(case_id)
    tasks = db.scalars(
        select(Task)
        .where(Task.case_id == case.id, Task.county_id == case.county_id)
        .options(joinedload(Task.unit))
        .order_by(Task.opened_at, Task.id)
    ).all()
    at_hand = [task.unit.name for task in tasks if task.done_at is None]
    return CitizenView(
        number=case.number,
        title=case.title,
        place=case.place_name,
        opened_at=case.opened_at,
        steps=_steps(db, case, list(tasks)),
        units=tuple(dict.fromkeys(at_hand)),
        due_at=case.due_at,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        answer=_answer(db, case, list(tasks)) if case.answered_at is not None else "",
        confidential=case.guarded,
    )


def public_view(db: Session, case_id: int) -> CitizenView:
    """Return what is public of a case, for somebody who follows what another reported.

    Its kind and place in place of the title, the answer without numbers that are a person's.
    Raises NotFound for what is confidential.
    """
    case = db.get(Case, case_id)
    if case is None or case.guarded:
        raise NotFound(case_id)
    shown = view(db, case_id)
    return replace(shown, title=case.category or "", number="", answer=masking.masked(shown.answer))


def _steps(db: Session, case: Case, tasks: list[Task]) -> tuple[CitizenStep, ...]:
    """Return what the diagram says to the citizen, one line where it says the same again."""
    published = versions.load(db, case.version_id)
    found: list[CitizenStep] = []
    for task in tasks:
        node = published.node(task.node_id)
        words, is_open = node.citizen if node else "", task.done_at is None
        if not words:
            continue
        if found and found[-1].words == words:
            before = found.pop()
            found.append(CitizenStep(words, before.at, before.open or is_open))
        else:
            found.append(CitizenStep(words, task.opened_at, is_open))
    return tuple(found)


def _answer(db: Session, case: Case, tasks: list[Task]) -> str:
    """Return what the form of the last step that says so has as the answer to the citizen."""
    published, said = versions.load(db, case.version_id), vault.answers_of(db, case)
    done = [one for one in tasks if one.done_at is not None]
    for task in sorted(done, key=lambda one: (one.done_at, one.id), reverse=True):
        form, answers = published.form(task.form), said.get(task.node_id, {})
        for name in form.public if form is not None else ():
            if str(answers.get(name) or "").strip():
                return str(answers[name])
    return ""
