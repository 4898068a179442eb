"""Cases with a past: closed ones as they were, open ones with clocks that began long ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import settings
from engine.access import actors
from engine.casework import opening
from engine.casework.case_lock import write_once
from engine.casework.case_work import CaseWork
from engine.definitions.versions import PublishedVersion
from engine.intake.answers import fitted
from engine.intake.mapping import Mapping as Map
from engine.intake.places import MappedUnits
from engine.models import Case, CaseAccess, Due, Unit
from engine.records import case_people, source_rows, vault
from engine.records.answer_fields import indexed
from engine.records.locked_case import untouched
from engine.storage import tallies
from engine.storage.case_numbers import NumberBlock
from engine.timing.clocks import DeadlineContext
from forms import Form

ROLE = "import"


@dataclass(frozen=True)
class CaseHistory:
    """What the outside system knows of a case besides the answers."""

    source: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    note: str
    row: Mapping[str, str]
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class ImportContext:
    """What every row of a batch is imported with."""

    mapping: Map
    version: PublishedVersion
    places: MappedUnits
    works: DeadlineContext
    now: datetime
    history: bool
    numbers: NumberBlock


def open_past(
    db: Session, scene: ImportContext, place: Unit, answers: Mapping[str, Any], past: CaseHistory
) -> Case:
    """Import a closed case: its answers, dates and closing note, without open work.

    Nothing is flushed: a batch of closed cases is written with one statement a table.
    """
    write_once(db)
    assert past.closed_at is not None
    form, clean = _clean(scene.version, answers, place, past)
    case = _case(db, scene, place, form, clean, past)
    case.answered_at = case.closed_at = past.closed_at
    case.outcome = "imported"
    state = untouched(case)
    access = CaseAccess(
        case_id=case.id,
        county_id=case.county_id,
        unit_id=place.id,
        reason="place",
        from_at=past.opened_at,
    )
    access.stamp(place)
    db.add_all([state, access])
    version, works = scene.version, scene.works
    work = CaseWork(case, state, None, past.opened_at, verb="open", version=version, works=works)
    opening.record_opened(db, work, source=past.source)
    found = indexed(form, clean) if form and not case.confidential else []
    opens = scene.version.opens.id
    kept = vault.keep(db, case, None, opens, clean, at=past.opened_at, indexed=found)
    case_people.keep(db, case, kept, form, clean)
    receipt = source_rows.keep(db, case, past.row, past.note, at=past.opened_at)
    work.now = past.closed_at
    work.record(db, "case.closed", receipt=receipt)
    tallies.count_closed(db, case)
    tallies.count_ended(db, case)
    return case


def open_live(
    db: Session, scene: ImportContext, place: Unit, answers: Mapping[str, Any], past: CaseHistory
) -> bool:
    """Import an open case with its clocks as of its own date; return whether it is overdue.

    What would have fired before now is cancelled, not fired: years of rungs at once help
    nobody. The case stands as red as it is, and escalates from now on.
    """
    now = scene.now
    form, clean = _clean(scene.version, answers, place, past)
    case = _case(db, scene, place, form, clean, past)
    seat = actors.office(scene.places.office, ROLE)
    work = opening.first_work(db, case, scene.version, None, seat, scene.works)
    opening.run(db, work, form, clean)
    db.flush()
    struck = db.execute(
        delete(Due)
        .where(Due.case_id == case.id, Due.county_id == case.county_id, Due.fire_at <= now)
        .execution_options(synchronize_session=False)
    )
    count = struck.rowcount  # type: ignore[attr-defined]
    receipt = source_rows.keep(db, case, past.row, past.note, at=past.opened_at)
    work.now = now
    work.record(db, "case.imported", source=past.source, struck=count, receipt=receipt)
    return case.due_at is not None and case.due_at <= now


def _clean(
    published: PublishedVersion, answers: Mapping[str, Any], place: Unit, past: CaseHistory
) -> tuple[Form | None, dict[str, Any]]:
    form = published.form(published.opens.form)
    given = {name: value for name, value in answers.items() if value is not None}
    if form is None:
        return None, given
    given = fitted(form, given)
    name = form.sets.get("place")
    if name:
        given[name] = place.code
    return form, form.clean(given, today=settings.current().local_day(past.opened_at))


def _case(
    db: Session,
    scene: ImportContext,
    place: Unit,
    form: Form | None,
    clean: Mapping[str, Any],
    past: CaseHistory,
) -> Case:
    values = {column: clean.get(name) for column, name in (form.sets if form else {}).items()}
    case = opening.new_case(
        db,
        scene.version,
        place,
        actors.office(scene.places.office, ROLE),
        values,
        now=past.opened_at,
        source=past.source,
        number=scene.numbers.next(settings.current().local_day(past.opened_at).year),
        place_name=scene.places.name(db, place),
    )
    case.latitude, case.longitude = past.latitude, past.longitude
    case.due_at = past.due_at
    return case
