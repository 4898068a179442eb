"""Opening a case that nobody of ours brought in: a unit takes it in without a person."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine import org, settings
from engine.access import actors
from engine.access.actors import Seat
from engine.casework import opening
from engine.casework.answers import Answers
from engine.casework.case_lock import write_once
from engine.casework.clockwork import works_in_force
from engine.definitions import rollouts, versions
from engine.definitions.versions import PublishedVersion
from engine.errors import NotFound
from engine.models import Case, Unit
from engine.terms.levels import LEVELS

TAKES_IN = "dispatcher"


def open_for_citizen(
    db: Session, process: str, answers: Answers, place: Unit, *, now: datetime, source: str
) -> Case:
    """Open a case as staff would, by the process in force at the place; nobody has opened it.

    The unit of the first step takes it in: triage, clocks and rollouts apply as ever. ``source``
    is what makes the same report known again. Raises NotFound or forms.InvalidAnswers.
    """
    write_once(db)
    plan = rollouts.plan(db, process, now)
    version_id = plan.at(rollouts.around(place))
    if version_id is None:
        raise NotFound(process)
    published = versions.load(db, version_id)
    form = published.form(published.opens.form)
    today = settings.current().local_day(now)
    clean = form.clean(answers, today=today) if form else dict(answers)
    values = {column: clean.get(name) for column, name in (form.sets if form else {}).items()}
    values["confidential"] = form is not None and form.confidential(clean, today)
    seat = _seat(db, published, place)
    case = opening.new_case(db, published, place, seat, values, now=now, source=source)
    work = opening.first_work(db, case, published, None, seat, works_in_force(db, now))
    opening.run(db, work, form, clean)
    return case


def _seat(db: Session, published: PublishedVersion, place: Unit) -> Seat:
    """Return the unit of the first step at the place, acting without a person."""
    node = published.opens
    level = node.level if node.level in LEVELS else settings.current().levels[-1]
    role = node.role or TAKES_IN
    unit = org.unit_at(db, place, level)
    return actors.office(org.work_unit(db, unit, role), role)
