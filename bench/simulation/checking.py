"""After the simulation: the rungs of every case by the slow calculation, against what fired."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.simulation import holidays, oracle
from bench.simulation.facts import Facts
from bench.simulation.lateness import LateCounts
from bench.simulation.replay import CaseReplay
from bench.simulation.rung import ReplayedRung
from bench.simulation.staff import Staff
from bench.simulation.story import CaseStory, Fault
from engine.models import Case, Due, Event, Notice, Outbox, Task
from engine.operations import doctor
from engine.records import audit
from engine.storage.db import reading

# So many examples of what is off are named; the rest is counted.
MOST = 20


@dataclass
class RungCounts:
    """Counts over all cases, and examples of what is off."""

    expected: int = 0
    found: int = 0
    missing: int = 0
    twice: int = 0
    unexpected: int = 0
    at_night: int = 0
    latest: timedelta = timedelta(0)
    # Whom they reached, what was told, and the hours in the figures: what is off, by kind.
    faults: Counter[str] = field(default_factory=Counter)
    off: list[dict[str, Any]] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether every case has exactly the rungs that table and calendar say."""
        off = self.missing or self.twice or self.unexpected or self.at_night
        return not off and not self.faults

    def compare(
        self, case: Case, expected: Counter[ReplayedRung], found: Counter[ReplayedRung]
    ) -> None:
        """Add one case."""
        self.expected += expected.total()
        self.found += found.total()
        more, missing = found - expected, expected - found
        twice = Counter({ring: count for ring, count in more.items() if ring in expected})
        self.missing += missing.total()
        self.twice += twice.total()
        self.unexpected += more.total() - twice.total()
        for word, rings in (("missing", missing), ("twice", twice), ("unexpected", more - twice)):
            self._name(case, word, rings)

    def listen(self, case: Case, story: CaseReplay, found: Counter[ReplayedRung]) -> None:
        """No rung fires at night or on a day off, but where its row counts real hours."""
        heard = Counter(ring for ring in found if not _rings_in_hours(story, ring))
        self.at_night += heard.total()
        self._name(case, "at_night", heard)

    def blame(self, case: Case | None, fault: Fault) -> None:
        """Add something else that is off."""
        self.faults[fault.what] += 1
        if len(self.off) < MOST:
            where = {"case": case.number if case is not None else "", "task": str(fault.task)}
            said = {"at": fault.at.isoformat(), "words": fault.words}
            self.off.append({"what": fault.what, **where, **said})

    def as_json(self) -> dict[str, Any]:
        """For the document."""
        return {
            "expected": self.expected,
            "found": self.found,
            "missing": self.missing,
            "twice": self.twice,
            "unexpected": self.unexpected,
            "at_night": self.at_night,
            "faults": dict(self.faults),
            "latest_minutes": round(self.latest.total_seconds() / 60),
        }

    def _name(self, case: Case, word: str, rings: Counter[ReplayedRung]) -> None:
        for ring in list(rings)[: max(MOST - len(self.off), 0)]:
            said = {"case": case.number, "task": str(ring.task), "rung": ring.mark}
            self.off.append({"what": word, **said, "at": ring.at.isoformat(), "rule": ring.rule})


def examine(until: datetime, staff: Staff, since: datetime) -> dict[str, Any]:
    """Return everything that must hold; ``until`` is when the last worker worked."""
    with reading(snapshot=True) as db:
        report = doctor.examine(db, until)
        rungs = _rungs(db, until, staff, since)
        cases = db.scalar(select(func.count()).select_from(Case)) or 0
        tasks = db.scalar(select(func.count()).select_from(Task)) or 0
    return {
        "ok": report.ok and rungs.right,
        "cases": cases,
        "tasks": tasks,
        "rungs": rungs.as_json(),
        "off": rungs.off,
        "findings": [finding.as_json() for finding in report.findings[:MOST]],
        "more_findings": max(len(report.findings) - MOST, 0) + report.more,
    }


def _rungs(db: Session, until: datetime, staff: Staff, since: datetime) -> RungCounts:
    rungs, facts, hours = RungCounts(), Facts.read(db, holidays.office()), LateCounts(until)
    for case in list(db.scalars(select(Case).order_by(Case.id))):
        events = audit.history(db, case)
        story = CaseStory(db, facts, case, staff)
        found = _rungs_of_events(events, rungs)
        rungs.compare(case, Counter(story.tell(events, until)), found)
        rungs.listen(case, story, found)
        hours.add(story.stays())
        hours.add_answer(case.unit_id, story.promise, story.closed)
        left = _late_without_rung(db, case, story)
        for fault in (*story.faults, *story.messages(), *story.unseen(), *left):
            rungs.blame(case, fault)
        # Many cases: what has been looked at need not stay in memory.
        db.expunge_all()
    for words in hours.compare(db, since):
        rungs.blame(None, Fault("hours", 0, until, words))
    for fault in _notices(db, until, staff):
        rungs.blame(None, fault)
    return rungs


def _late_without_rung(db: Session, case: Case, story: CaseStory) -> Iterator[Fault]:
    """Yield a late task for which no rung will fire any more."""
    rungs = select(Due.task_id).where(Due.case_id == case.id, Due.kind == "rung")
    ahead = set(db.scalars(rungs))
    for task in story.tasks.values():
        is_late = task.due is not None and task.due <= story.until and task.paused_at is None
        if task.done_at is None and is_late and task.id not in ahead:
            yield Fault("silent", task.id, story.until, "late, and nothing lies ahead")


def _notices(db: Session, until: datetime, staff: Staff) -> Iterator[Fault]:
    """Yield messages that did not arrive, once, at exactly those whom they are for."""
    got: dict[int, list[int]] = {}
    for outbox_id, user_id in db.execute(select(Notice.outbox_id, Notice.user_id)).tuples():
        got.setdefault(outbox_id, []).append(user_id)
    for row in db.scalars(select(Outbox).where(Outbox.channel == "in_app")):
        if row.sent_at is None:
            yield Fault("unsent", row.task_id or 0, row.at, row.key)
            continue
        if row.user_id is not None:
            must = [row.user_id]
        else:
            assert row.unit_id is not None and row.role is not None
            roster = staff.at(row.sent_at)
            must = sorted(roster.people(row.unit_id, row.role, row.sent_at))
        if sorted(got.get(row.id, [])) != must and not row.data.get("guarded"):
            words = f"{row.key} reached {sorted(got.get(row.id, []))} instead of {must}"
            yield Fault("arrived", row.task_id or 0, row.sent_at, words)


def _rungs_of_events(events: list[Event], rungs: RungCounts) -> Counter[ReplayedRung]:
    found: Counter[ReplayedRung] = Counter()
    for event in events:
        if event.kind == "escalated":
            data = json.loads(event.data)
            rung = ReplayedRung.of(event.task_id, data["rung"], data["due"], data)
            found[rung] += 1
            rungs.latest = max(rungs.latest, event.at - rung.at)
    return found


def _rings_in_hours(story: CaseReplay, ring: ReplayedRung) -> bool:
    if ring.rule in story.by_hours:
        return True
    told = story.tasks.get(ring.task)
    office = story.facts.almanac.office if told is None else story.facts.calendar(told.unit)
    return oracle.rings(ring.at, office) == ring.at
