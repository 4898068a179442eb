"""What must hold after a fault, and what of a county does not depend on when and by whom."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from engine.models import Case, Event, Notice, Outbox, Task, Unit
from engine.operations import doctor
from engine.storage.db import reading
from engine.worker import ticks
from tests.tally_totals import totals
from tests.webapp.site import Site


def recover(site: Site, later: timedelta = timedelta(0)) -> None:
    """The next tick of a worker that lives: nothing stands in its way."""
    site.world.now += later

    def tick(_world: object) -> dict[str, ticks.Report]:
        return ticks.run_once(site.world.now)

    for name, report in site.run(tick).items():
        assert not report.get("failed") and not report.get("errors"), (name, report)


def assert_sound(site: Site) -> None:
    """The doctor finds nothing."""

    def examine(_world: object) -> list[Any]:
        with reading(snapshot=True) as db:
            report = doctor.examine(db, site.world.now, contents=True)
            return [finding.as_json() for finding in report.findings]

    findings = site.run(examine)
    assert not findings, findings


def likeness(site: Site) -> dict[str, Any]:
    """A county by what happened in it: two in which the same happened are alike."""

    def look(_world: object) -> dict[str, Any]:
        with reading() as db:
            return {
                "events": _counted(db, select(Case.number, Event.kind).join(Case, _of(Event))),
                "open": _counted(db, _open_tasks()),
                "outbox": _counted(
                    db, select(Outbox.key, Outbox.channel, Outbox.sent_at.is_(None))
                ),
                "notices": _counted(db, select(Notice.user_id, Notice.key)),
                "tallies": totals(db, list(db.scalars(select(Unit.id)))),
                "closed": db.scalar(select(func.count()).where(Case.closed_at.is_not(None))),
            }

    return site.run(look)


def _counted(db: Session, rows: Select[Any]) -> Counter[tuple[Any, ...]]:
    # Whoever sends a form again that was accepted is refused, and that is on record.
    return Counter(row for row in db.execute(rows).tuples() if "refused" not in row)


def _open_tasks() -> Select[Any]:
    mine = select(Case.number, Task.node_id, Task.unit_id, Task.assignee_id.is_(None))
    return mine.join(Case, _of(Task)).where(Task.done_at.is_(None))


def _of(model: type[Event] | type[Task]) -> ColumnElement[bool]:
    return (Case.id == model.case_id) & (Case.county_id == model.county_id)
