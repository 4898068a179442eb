"""What is kept of reporters, against the chain: made once, undone by two people alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.operations.doctor.findings import Discrepancy
from engine.operations.doctor.ledger import unit_of
from engine.operations.doctor.records import CaseRecord
from engine.operations.doctor.stamps import AncestorTree
from feel.text import Text

CHECK = "confidential"
SET, DECIDED, RELEASED = "confidentiality.set", "disclosure.decided", "file.released"
UNDONE = Text("保密标记或保密记录不见了", "the mark of confidentiality, or its row, is gone")
NOT_SAID = Text(
    "事项绕开单位，但记录里没有这样定过",
    "the case goes round units, and nothing in its record says so",
)
OTHER_LINE = Text(
    "绕开的单位或者指定办理的单位与记录不符",
    "the units that the case goes round, or that handles it, are not those of the record",
)
NOT_LIFTED = Text("已解除保密，但没有两人同意的记录", "lifted, without a record that two agreed")
NOT_AGREED = Text("有披露没有对应的记录", "a disclosure that no link tells of")
OPENER = Text("登记人与记录不符", "who opened the case differs from the record")
REGISTRAR = Text("登记单位与记录不符", "the unit that registered the case differs from the record")
UNSEALED = Text("举报人的材料已可查看，但没有放行的记录", "a reporter's file was never released")


def examine(record: CaseRecord, units: AncestorTree) -> Iterator[Discrepancy]:
    """Check one case: who may know its reporter follows from rows that the chain tells of."""
    said = next(record.of_kind(SET), None)
    kept = next(iter(record.confidentiality), None)
    if kept is None and said is None and not record.case.guarded:
        return
    case_id = record.case.id
    if kept is None or not record.case.guarded:
        yield Discrepancy(CHECK, "undone", UNDONE, case_id)
    elif said is None and kept.around_id is not None:
        yield Discrepancy(CHECK, "unsaid", NOT_SAID, case_id)
    elif said is not None and not _same_line(record, kept, record.data(said), units):
        yield Discrepancy(CHECK, "line", OTHER_LINE, case_id)
    yield from _disclosed(record, kept)
    yield from _opening(record)
    yield from _files(record)


def _same_line(record: CaseRecord, kept: Any, said: dict[str, Any], units: AncestorTree) -> bool:
    named = said.get("named")
    for event in record.of_kind("case.handed_over"):
        data = record.data(event)
        named = data.get("to_unit") if data.get("from_unit") == named else named
    # Of a closed case the next unit takes over without a link, once the one before has ended.
    unit = units.units.get(named) if named is not None else None
    passed_on = kept.named_id is not None and unit is not None and unit.ended_at is not None
    line = (kept.against_id, kept.around_id) == (said.get("against"), said.get("around"))
    return line and (kept.named_id == named or passed_on)


def _disclosed(record: CaseRecord, kept: Any) -> Iterator[Discrepancy]:
    agreed = {
        (str(record.data(event).get("disclosure")), record.data(event).get("outcome"))
        for event in record.of_kind(DECIDED)
    }
    lifted = kept.lifted_id if kept is not None else None
    if lifted is not None and (str(lifted), "lifted") not in agreed:
        yield Discrepancy(CHECK, "lifted", NOT_LIFTED, record.case.id, lifted)
    for row in record.disclosures:
        if row.outcome in ("lifted", "shown") and (str(row.id), row.outcome) not in agreed:
            yield Discrepancy(CHECK, "disclosed", NOT_AGREED, record.case.id, row.id)


def _opening(record: CaseRecord) -> Iterator[Discrepancy]:
    """Yield a registrar, or a registering unit, that the first link does not know."""
    opened = next(record.of_kind("case.opened"), None)
    if opened is None:
        return
    if opened.actor_id != record.case.opened_by:
        yield Discrepancy(CHECK, "opener", OPENER, record.case.id)
    # Where the registrar's own unit is in the line, the first task stands with the unit named.
    first = {task.unit_id for task in record.tasks if task.id == opened.task_id}
    if record.case.unit_id not in {unit_of(record, one) for one in (None, *first)}:
        yield Discrepancy(CHECK, "registrar", REGISTRAR, record.case.id)


def _files(record: CaseRecord) -> Iterator[Discrepancy]:
    """Yield files of the opening that everybody reads, though nobody released them."""
    opened = next(record.of_kind("case.opened"), None)
    said = next(record.of_kind(SET), None)
    if opened is None or said is None or said.at != opened.at:
        return
    first = next(record.of_kind("task.completed"), None)
    brought = record.data(first).get("files") if first is not None else None
    released = {str(record.data(event).get("attachment")) for event in record.of_kind(RELEASED)}
    for row in record.files:
        mine = isinstance(brought, dict) and str(row.id) in brought
        if mine and not row.sealed and str(row.id) not in released:
            yield Discrepancy(CHECK, "unsealed", UNSEALED, record.case.id, row.id)
