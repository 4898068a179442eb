"""After the simulation: the rungs of every case by the slow reckoning, against what rang."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.simulation import oracle
from bench.simulation.facts import Facts
from bench.simulation.replay import CaseReplay
from bench.simulation.tasks import ReplayedRung
from engine.models import Case, Event, Task
from engine.operations import doctor
from engine.records import audit
from engine.storage.db import reading

# So many examples of what is off are named; the rest is counted.
MOST = 20


@dataclass
class Rungs:
    """Counts over all cases, and examples of what is off."""

    expected: int = 0
    found: int = 0
    missing: int = 0
    twice: int = 0
    unexpected: int = 0
    at_night: int = 0
    latest: timedelta = timedelta(0)
    off: list[dict[str, Any]] = field(default_factory=list)

    @property
    def right(self) -> bool:
        """Whether every case has exactly the rungs that table and calendar say."""
        return not (self.missing or self.twice or self.unexpected or self.at_night)

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
        """No rung rings at night or on a day off, but where its row counts real hours."""
        heard = Counter(ring for ring in found if not _heard(story, ring))
        self.at_night += heard.total()
        self._name(case, "at_night", heard)

    def as_json(self) -> dict[str, Any]:
        """For the document."""
        return {
            "expected": self.expected,
            "found": self.found,
            "missing": self.missing,
            "twice": self.twice,
            "unexpected": self.unexpected,
            "at_night": self.at_night,
            "latest_minutes": round(self.latest.total_seconds() / 60),
        }

    def _name(self, case: Case, word: str, rings: Counter[ReplayedRung]) -> None:
        for ring in list(rings)[: max(MOST - len(self.off), 0)]:
            said = {"case": case.number, "task": str(ring.task), "rung": ring.mark}
            self.off.append({"what": word, **said, "at": ring.at.isoformat(), "rule": ring.rule})


def examine(until: datetime) -> dict[str, Any]:
    """Everything that must hold; ``until`` is when the last worker worked."""
    with reading(snapshot=True) as db:
        report = doctor.examine(db, until)
        rungs = _rungs(db, until)
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


def _rungs(db: Session, until: datetime) -> Rungs:
    rungs, facts = Rungs(), Facts.read(db)
    for case in list(db.scalars(select(Case).order_by(Case.id))):
        events = audit.history(db, case)
        story = CaseReplay(db, facts, case)
        found = _found(events, rungs)
        rungs.compare(case, Counter(story.tell(events, until)), found)
        rungs.listen(case, story, found)
        # Many cases: what has been looked at need not stay in memory.
        db.expunge_all()
    return rungs


def _found(events: list[Event], rungs: Rungs) -> Counter[ReplayedRung]:
    found: Counter[ReplayedRung] = Counter()
    for event in events:
        if event.kind == "escalated":
            data = json.loads(event.data)
            at = datetime.fromisoformat(data["due"])
            found[ReplayedRung(event.task_id or 0, data["rung"], at, data["rule"])] += 1
            rungs.latest = max(rungs.latest, event.at - at)
    return found


def _heard(story: CaseReplay, ring: ReplayedRung) -> bool:
    if ring.rule in story.by_hours:
        return True
    told = story.tasks.get(ring.task)
    office = story.facts.almanac.office if told is None else story.facts.calendar(told.unit)
    return oracle.rings(ring.at, office) == ring.at
