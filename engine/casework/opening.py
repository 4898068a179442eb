"""Opening a case: its first task is completed by the act, before anybody else sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn, org, settings
from engine.access import confidentiality, policy
from engine.access.actors import Actor, Seat
from engine.casework import answers as answering
from engine.casework import case_access, case_place, joining, recusal, steps
from engine.casework.answers import Answers
from engine.casework.case_lock import begin, lock_case, write_once
from engine.casework.case_work import CaseWork, citizen_limit, context_of, engine_faults
from engine.casework.clockwork import works_in_force
from engine.definitions import rollouts, versions
from engine.definitions.versions import PublishedVersion
from engine.errors import InvalidInput, NotFound
from engine.models import Case, CaseLink, Task, Unit, new_id
from engine.models.base import STAMPED_LEVELS
from engine.records.locked_case import untouched
from engine.storage import case_numbers, tallies
from engine.terms.channels import DESK
from engine.terms.priorities import NORMAL
from engine.timing import promises
from engine.timing.clocks import DeadlineContext
from feel.text import Text
from forms import Form

NO_SUCH_CASE = Text("没有这个编号的事项。", "There is no case of this number.")


def open_case(
    db: Session,
    actor: Actor,
    process: str,
    answers: Answers,
    *,
    now: datetime,
    source: str | None = None,
    joins: str = "",
) -> Case:
    """Open a case by completing the first task of its process.

    The version follows from the place: what a few units try is not yet everybody's. ``joins`` is
    the number of a case about the same matter, into which the new one is merged if it can be; its
    opener answers for that. Raises NotFound, NotAllowed, forms.InvalidAnswers,
    or InvalidInput for a place that is not the actor's, or a number of no case that the actor sees.
    """
    write_once(db)
    published = _version(db, actor, process, answers, now)
    node = published.opens
    seat = policy.require_role(actor, node.role or "dispatcher")
    form = published.form(node.form)
    today = settings.current().local_day(now)
    clean = form.clean(answers, today=today) if form else dict(answers)
    values = {column: clean.get(name) for column, name in (form.sets if form else {}).items()}
    values["confidential"] = form is not None and form.confidential(clean, today)
    place = _place(db, values.get("place"), seat)
    works = works_in_force(db, now)
    same = _same_matter(db, actor, place.at_county, joins)
    case = new_case(db, published, place, seat, values, now=now, source=source, by=actor)
    case.due_at = _asked_by(values.get("due"), works)
    work = first_work(db, case, published, actor, seat, works)
    run(db, work, form, clean, same)
    if same is not None:
        _belong_together(db, work, same, actor)
    return case


def run(
    db: Session, work: CaseWork, form: Form | None, clean: Answers, same: Case | None = None
) -> None:
    """Start the process, complete its first task with these answers, and write everything.

    ``same`` is a case about the same matter.
    """
    assert work.task is not None
    _grant_first(db, work)
    with engine_faults(work):
        step = _engine_step(work, work.version.variables(form, clean))
    vouched = answering.keep(db, work, form, clean)
    if same is None:
        record_opened(db, work)
    else:
        record_opened(db, work, joins=same.number)
    work.record_task(db, "task.completed", **vouched)
    promises.start(db, work.case, citizen_limit(work), work.works)
    steps.apply_step(db, work, step, near=work.task)


def _asked_by(said: Any, works: DeadlineContext) -> datetime | None:
    """Return the end that whoever sent the case has set, of what the form says in local time."""
    if not said:
        return None
    return datetime.fromisoformat(said).replace(tzinfo=works.calendar.zone).astimezone(UTC)


def _same_matter(db: Session, actor: Actor, county_id: int | None, number: str) -> Case | None:
    """Return the visible case of that number in the county, locked; None for no number.

    Locked before the new case takes its number: nobody waits for it with a number in hand.
    Whoever may not see it gets the answer for a number that nobody has.
    """
    if not number.strip():
        return None
    here = (Case.county_id == county_id, Case.number == number.strip())
    found = db.scalar(select(Case.id).where(*here, policy.visible_cases(actor)))
    if found is None:
        raise InvalidInput({"": NO_SUCH_CASE})
    return lock_case(db, found)


def _belong_together(db: Session, work: CaseWork, same: Case, actor: Actor) -> None:
    """Merge a new case into the one about the same matter; where it cannot be, note the two."""
    case = work.case
    if joining.fault_of(case) is None and joining.fault_of_main(case, same) is None:
        joining.join(db, work, begin(db, same, actor, "merge", now=work.now))
        return
    double = CaseLink(county_id=case.county_id, case_id=case.id, other_id=same.id, at=work.now)
    double.kind = "duplicate"
    db.add(double)


def _version(
    db: Session, actor: Actor, process: str, answers: Answers, now: datetime
) -> PublishedVersion:
    plan = rollouts.plan(db, process, now)
    published = versions.offered(db, plan, actor)
    form = published.form(published.opens.form)
    code = answers.get(form.sets.get("place", "")) if form and plan.by_area else None
    place = org.unit_by_code(db, str(code)) if code else None
    if place is None:
        return published
    version_id = plan.at(rollouts.around(place))
    if version_id is None:
        raise NotFound(process)
    return versions.load(db, version_id)


def _engine_step(work: CaseWork, variables: Answers) -> bpmn.Step:
    """Start the engine and complete the opening task: two steps of its, one of ours.

    What the start itself opened, armed or did belongs to the case as much as what followed.
    """
    assert work.task is not None
    definition = work.version.definition
    started = bpmn.start(definition, {}, context_of(work))
    mine = next(task for task in started.opened_tasks if task.node_id == work.task.node_id)
    work.task.engine_id = mine.engine_id
    step = bpmn.complete(definition, started.state, mine.engine_id, variables, started.context)
    gone = {*step.disarmed_timers, *(task.engine_id for task in step.closed_tasks)}
    return replace(
        step,
        opened_tasks=(
            *(task for task in started.opened_tasks if task.engine_id not in gone),
            *step.opened_tasks,
        ),
        closed_tasks=(),
        timers=(*(timer for timer in started.timers if timer.engine_id not in gone), *step.timers),
        disarmed_timers=(),
        effects=(*started.effects, *step.effects),
        passed_nodes=(*started.passed_nodes, *step.passed_nodes),
    )


def record_opened(db: Session, work: CaseWork, **data: Any) -> None:
    """The first link of a case's chain, and one more in the count of opened cases."""
    if work.seat is None:
        # Nobody's post: the link says itself whose counter it is.
        data["unit"] = work.case.unit_id
    work.record(
        db,
        "case.opened",
        process=work.case.process,
        number=work.case.number,
        version=work.version.number,
        **data,
    )
    if work.case.guarded:
        work.record(db, "confidentiality.set", **recusal.recorded(work.case))
    tallies.count_opened(db, work.case)


def new_case(
    db: Session,
    published: PublishedVersion,
    place: Unit,
    seat: Seat,
    values: Mapping[str, Any],
    *,
    now: datetime,
    source: str | None = None,
    number: str | None = None,
    place_name: str | None = None,
    by: Actor | None = None,
) -> Case:
    """Return a numbered case row with the columns that the opening form sets.

    An import takes numbers and place names once for all its cases.
    """
    info, county_id = published.definition.process, place.at_county
    assert county_id is not None
    case = Case(
        id=new_id(),
        county_id=county_id,
        process=published.process,
        version_id=published.id,
        place_name=place_name or case_place.place_name(db, place),
        **_said_of_case(info.name, values),
        level=seat.level,
        unit_id=seat.unit_id,
        opened_at=now,
        source=source,
        # Last of what is asked: until the commit nobody else in the county gets one.
        number=number or _number(db, county_id, published, settings.current().local_day(now).year),
    )
    case.place, case.opened_by = place, by.user_id if by is not None else None
    db.add(case)
    _keep_confidential(db, case, seat, values)
    return case


def _said_of_case(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a new case that the opening form may fill, with what they are without
    it.
    """
    return {
        "title": str(values.get("title") or name)[:200],
        "category": values.get("category"),
        "priority": values.get("priority") or NORMAL,
        "risk": values.get("risk"),
        "channel": values.get("channel") or DESK,
    }


def _keep_confidential(db: Session, case: Case, seat: Seat, values: Mapping[str, Any]) -> None:
    """Mark a case as confidential that its form says is one, and every report of wrongdoing."""
    if not values.get("confidential") and case.category != confidentiality.REPORT:
        return
    against = recusal.unit_against(db, case.county_id, values.get("against"))
    recusal.keep(db, case, against, by_id=case.opened_by, now=case.opened_at)
    case.unit_id = recusal.instead(db, case, db.get_one(Unit, seat.unit_id), seat.role).id


def _number(db: Session, county_id: int, published: PublishedVersion, year: int) -> str:
    info = published.definition.process
    letters = info.number_prefix or info.key
    return case_numbers.take_case(db, county_id, published.process, letters, year)


def first_work(
    db: Session,
    case: Case,
    published: PublishedVersion,
    actor: Actor | None,
    seat: Seat,
    works: DeadlineContext,
) -> CaseWork:
    """Return the work of opening: the first task exists, done, before the engine has run."""
    node, now = published.opens, case.opened_at
    state = untouched(case)
    unit = db.get_one(Unit, case.unit_id)
    task = Task(
        id=new_id(),
        county_id=case.county_id,
        case_id=case.id,
        engine_id="",
        node_id=node.id,
        name=node.name or node.id,
        name_en=node.name_en,
        form=node.form or None,
        role=seat.role,
        level=seat.level,
        unit_id=unit.id,
        opened_at=now,
        started_at=now,
        done_at=now,
        outcome="completed",
    )
    task.unit = unit
    task.stamp(unit)
    db.add_all([state, task])
    work = CaseWork(
        case, state, actor, now, seat, verb="open", version=published, works=works, task=task
    )
    work.sign_off(task)
    return work


def _place(db: Session, code: Any, seat: Seat) -> Unit:
    """Return the place of a new case: as answered, else the opener's own unit."""
    unit = org.unit_by_code(db, str(code)) if code else db.get_one(Unit, seat.unit_id)
    county = dict(zip(STAMPED_LEVELS, seat.stamps, strict=True))["county"]
    if unit is None or unit.at_county is None or county not in (None, unit.at_county):
        raise InvalidInput({"place": case_place.NOT_HERE})
    return unit


def _grant_first(db: Session, work: CaseWork) -> None:
    assert work.task is not None
    # Rows refer to the case and its unit; both must be there first.
    db.flush()
    kept = work.case.confidentiality if work.case.guarded else None
    case_access.grant(db, work.case, work.task.unit, "opened", work.now)
    case_access.grant(db, work.case, work.case.place, "place", work.now)
    if kept is not None and kept.named_unit is not None:
        case_access.grant(db, work.case, kept.named_unit, "responsible", work.now)
