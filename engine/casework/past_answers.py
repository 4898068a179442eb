"""Marks of cases that were answered before answers were counted, read from the vault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from engine.casework.counted_answers import ASKED, mark_values, mediates
from engine.definitions import versions
from engine.definitions.versions import PublishedVersion
from engine.models import Case, CaseMark, Task, VaultRow, Version
from engine.models.figures import ACCEPTANCE, SETTLEMENT
from engine.records import vault
from engine.records.bindings import of_answers
from engine.storage import marks

BATCH = 500


def versions_asking(db: Session) -> Mapping[int, frozenset[str]]:
    """Return by version the steps and messages whose answers figures count."""
    found: dict[int, frozenset[str]] = {}
    for version_id in db.scalars(select(Version.id).where(Version.id.in_(select(Case.version_id)))):
        published = versions.load(db, version_id)
        if ASKED & published.field_names:
            nodes = published.definition.nodes.values()
            found[version_id] = frozenset(
                node.id for node in nodes if _asks(published, node.form or node.id)
            )
    return found


def _asks(published: PublishedVersion, key: str) -> bool:
    form = published.form(key) or published.form(f"{published.process}/{key}")
    return form is not None and bool(ASKED & form.names)


def mark(db: Session, version_id: int, nodes: Collection[str], after: int) -> tuple[int, int]:
    """Mark the next cases of a version that have no mark; return the last one's id, and how many
    marks were made.

    The id is 0 when there are no more. What is counted of it, the caller counts.
    """
    published = versions.load(db, version_id)
    unmarked = ~exists().where(CaseMark.case_id == Case.id, CaseMark.county_id == Case.county_id)
    wanted = (
        select(Case)
        .where(Case.version_id == version_id, Case.id > after, unmarked)
        .order_by(Case.id)
        .limit(BATCH)
    )
    cases = {case.id: case for case in db.scalars(wanted)}
    rows = defaultdict(list)
    answered = (
        select(VaultRow, Task)
        .outerjoin(Task, Task.id == VaultRow.task_id)
        .where(
            VaultRow.case_id.in_(cases),
            VaultRow.node_id.in_(nodes),
            VaultRow.payload.is_not(None),
        )
        .order_by(VaultRow.at, VaultRow.id)
    )
    for row, task in db.execute(answered):
        assert row.payload is not None
        clean = vault.unseal(row.payload, of_answers(row))
        for kind, value in mark_values(published, task, clean).items():
            rows[row.case_id].append(_mark(row, task, kind, value))
    made = 0
    for case_id, found in rows.items():
        found += _end(published, cases[case_id], found)
        for one in marks.current(found).values():
            one.current = True
        db.add_all(found)
        made += len(found)
    return max(cases, default=0), made


def _mark(row: VaultRow, task: Task | None, kind: str, value: bool | None) -> CaseMark:
    return CaseMark(
        county_id=row.county_id,
        case_id=row.case_id,
        kind=kind,
        value=value,
        at=row.at,
        task_id=task.id if task is not None else None,
        current=False,
    )


def _end(published: PublishedVersion, case: Case, found: list[CaseMark]) -> list[CaseMark]:
    """Return the mark of a mediation that was accepted and ended without a word of its outcome."""
    kinds = {one.kind for one in found if one.value or one.kind == SETTLEMENT}
    if case.closed_at is None or ACCEPTANCE not in kinds or SETTLEMENT in kinds:
        return []
    if not mediates(published):
        return []
    return [
        CaseMark(
            county_id=case.county_id,
            case_id=case.id,
            kind=SETTLEMENT,
            value=False,
            at=case.closed_at,
            current=False,
        )
    ]
