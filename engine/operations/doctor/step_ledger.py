"""Figures of steps and ways as the rows of cases say they are, calculated beside the database.

Flows and steps sent back are counted as they happen and stand in no row, so they are not compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import StepDelta, StepFigure
from engine.models.steps import GONE, HERE, STEP, WAY
from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.records import CaseRecord
from engine.storage import step_counts
from feel.text import Text

CHECK = "tallies"
COMPARED = (HERE, STEP, GONE, WAY)


class StepKey(NamedTuple):
    """What a figure is of; ``step_counts.KEY`` in the same order."""

    process: str
    span: str
    version_id: int
    unit_id: int
    kind: str
    element: str


class StepDifference(NamedTuple):
    """A figure that is not what the record says."""

    key: StepKey
    name: str
    said: int
    counted: int


Sums = Counter[tuple[StepKey, str]]


class StepSums:
    """Sums by process, day, version, unit, kind and element."""

    def __init__(self) -> None:
        self.sums: Sums = Counter()
        self.zone = step_counts.zone()

    def enter(self, record: CaseRecord) -> Iterator[Discrepancy]:
        """Count what one case must have left; yield where its way is not remembered right."""
        case = record.case
        for task in record.tasks:
            if task.came_at is not None:
                self._add(case, step_counts.of_task(task, self.zone))
        steps = step_counts.way_of(record.tasks)
        wanted = None
        if case.closed_at is not None and steps:
            wanted = step_counts.way_key(case.process, steps, case.outcome or "")
            self._add(case, step_counts.of_way(case, wanted, self.zone))
        found = record.ways[0].way if record.ways else None
        if found != wanted:
            text = Text("办理路径的记录不对", "its way through the process is not the one it went")
            yield Discrepancy(CHECK, "way", text, case.id)

    def _add(self, case: Any, one: step_counts.StepCount) -> None:
        key = StepKey(case.process, one.day, case.version_id, one.unit_id, one.kind, one.element)
        for name, many in step_counts.summands(one):
            self.sums[key, name] += many

    def compare(self, db: Session) -> Iterator[Discrepancy]:
        """Yield a finding for each figure that differs."""
        for key, name, said, counted in self.differences(db):
            where = "/".join((key.process, key.kind, key.element, key.span, name))
            text = Text(
                f"计数 {where} 为 {counted}，按记录应为 {said}",
                f"the counter {where} says {counted}, the record {said}",
            )
            yield Discrepancy(CHECK, "differs", text, row_id=key.unit_id)

    def differences(self, db: Session) -> Iterator[StepDifference]:
        """Yield what differs, folded and unfolded together, of days and of months."""
        counted, wanted = _counted(db), Counter(self.sums)
        for (key, name), many in self.sums.items():
            if key.span:
                wanted[key._replace(span=key.span[:7]), name] += many
        for key, name in sorted(wanted.keys() | counted.keys()):
            if wanted[key, name] != counted[key, name]:
                yield StepDifference(key, name, wanted[key, name], counted[key, name])


def _counted(db: Session) -> Sums:
    found: Sums = Counter()
    key = (
        *(StepFigure.process, StepFigure.span, StepFigure.version_id),
        *(StepFigure.unit_id, StepFigure.kind, StepFigure.element),
    )
    sums = (getattr(StepFigure, name) for name in step_counts.SUMS)
    folded = select(*key, *sums).where(StepFigure.kind.in_(COMPARED))
    for row in db.execute(folded):
        for name, many in zip(step_counts.SUMS, row[len(key) :], strict=True):
            found[StepKey(*row[: len(key)]), name] += many
    for delta in db.scalars(select(StepDelta).where(StepDelta.kind.in_(COMPARED))):
        for span in step_counts.spans(delta.day):
            one = StepKey(
                delta.process, span, delta.version_id, delta.unit_id, delta.kind, delta.element
            )
            for name, many in step_counts.summands(delta):
                found[one, name] += many
    return found
