"""The round through everything: each case once with all its checks, then what has no case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine.models import Recalculation
from engine.notices import retention
from engine.operations.doctor import (
    access,
    clocks,
    duties,
    files,
    marks,
    outbox,
    powers,
    secrecy,
    stamps,
    states,
    trail,
)
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.ledger import CounterSums
from engine.operations.doctor.records import BATCH, CaseRecord, records
from engine.operations.doctor.stamps import AncestorTree
from engine.operations.doctor.step_ledger import StepSums
from engine.records import anchors
from engine.records.evidence import OF_ANSWERS, OF_FILES
from engine.timing import calendars
from feel.text import Text

CHECKS = (
    "chains",
    "answers",
    "tasks",
    "states",
    "clocks",
    "access",
    "confidential",
    "stamps",
    "outbox",
    "tallies",
    "files",
    "duties",
    "posts",
    "definitions",
)
# A broken table breaks every case: what is wrong is clear long before the list ends.
MOST = 1000
Progress = Callable[[int], None]


@dataclass
class Examination:
    """What was looked at and what was found; beyond ``most`` findings are only counted."""

    cases: int = 0
    findings: list[Discrepancy] = field(default_factory=list)
    more: int = 0
    # What is not wrong, but somebody should know.
    notes: list[Text] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        found = [finding.as_json() for finding in self.findings]
        return {
            "ok": self.ok,
            "cases": self.cases,
            "checks": list(CHECKS),
            "findings": found,
            "more": self.more,
            "notes": [note.json() for note in self.notes],
        }


def examine(
    db: Session,
    now: datetime,
    *,
    contents: bool = False,
    most: int = MOST,
    progress: Progress | None = None,
) -> Examination:
    """Look at everything. ``db`` must be a snapshot: work goes on meanwhile."""
    report, ledgers = Examination(), (CounterSums(), StepSums())
    report.notes += _notes(db, now)
    for finding in _everything(db, now, report, ledgers, contents, progress):
        if len(report.findings) < most:
            report.findings.append(finding)
        else:
            report.more += 1
    return report


def _everything(
    db: Session,
    now: datetime,
    report: Examination,
    ledgers: tuple[CounterSums, StepSums],
    contents: bool,
    progress: Progress | None,
) -> Iterator[Discrepancy]:
    units, cleared = AncestorTree.load(db), retention.cleared_until(db)
    ledger, steps = ledgers
    # What an upgrade asks for is armed by the worker, case by case.
    rearming = bool(db.scalar(select(exists().where(Recalculation.done_at.is_(None)))))
    yield from _chains(db)
    for record in records(db):
        yield from _of_case(db, record, units, now, rearming)
        yield from outbox.examine(record, cleared)
        ledger.enter(record)
        yield from steps.enter(record)
        report.cases += 1
        if progress is not None and report.cases % (10 * BATCH) == 0:
            progress(report.cases)
    yield from stamps.tree(units)
    yield from outbox.linked(db)
    yield from ledger.compare(db)
    yield from steps.compare(db)
    yield from files.examine(db, now, contents=contents)
    yield from duties.examine(db, now)
    yield from powers.posts(db)
    yield from powers.definitions(db)


def _of_case(
    db: Session, record: CaseRecord, units: AncestorTree, now: datetime, rearming: bool
) -> Iterator[Discrepancy]:
    yield from trail.tasks(record)
    yield from states.examine(db, record)
    yield from marks.examine(record)
    yield from clocks.examine(record, now, rearming=rearming)
    yield from access.examine(record)
    yield from secrecy.examine(record, units)
    yield from stamps.rows(record, units)


def _notes(db: Session, now: datetime) -> Iterator[Text]:
    year = calendars.load_calendar(db).notice_missing(now)
    if year is not None:
        yield Text(
            f"{year} 年的放假安排还没有导入，有关期限暂按法定节日推算",
            f"the notice of holidays of {year} has not been imported; deadlines that reach into "
            "that year go by the statutory holidays",
        )


def _chains(db: Session) -> Iterator[Discrepancy]:
    for fault in anchors.verify(db):
        check = "answers" if fault.kind in OF_ANSWERS else "chains"
        check = "files" if fault.kind in OF_FILES else check
        row = fault.row_id or fault.seq
        yield Discrepancy(check, fault.kind, fault.text, fault.case_id or None, row)
