"""What waits in a main case hears what that one's citizen hears, each in a step of its own.

Run by the worker from the outbox: a merged case is told once its main case is, goes on to its own
call-back and rating, and comes out by itself where the main case ends without an answer for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import bpmn
from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.bpmn.errors import CannotMove, EngineFault, UnknownTask
from engine.casework import case_access, merger_rows, replies, steps
from engine.casework.case_lock import begin, lock_case
from engine.casework.case_work import CaseWork, context_of
from engine.casework.moves import merging
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Case, Merger, Outbox, Unit
from engine.models.mergers import TOLD, WAITING
from engine.notices import outbox
from engine.records import vault
from engine.terms.channels import MERGED

# Whose files and people they are stays with the case that they were given to.
STAYS = frozenset({"files", "people", "note"})


@dataclass(frozen=True)
class MainAnswer:
    """Where the main case's citizen got the answer, and whether the main case ended with it."""

    node_id: str
    on_way: bool
    ended: bool
    # Units that the main case came to: they read what waits in it.
    units: tuple[int, ...] = ()


def call(db: Session, row: Outbox, now: datetime) -> None:
    """Call what waits in a main case: one message each, so that each is tried by itself."""
    if row.case_id is None:
        raise NotFound(row.id)
    said = {key: row.data[key] for key in ("node", "on_way", "ended", "units")}
    if "merger" in row.data:
        merger = db.get_one(Merger, int(row.data["merger"]))
        units = tuple(int(one) for one in said["units"])
        answer = MainAnswer(str(said["node"]), said["on_way"], said["ended"], units)
        follow(db, merger, answer, now=now)
        return
    main = db.get_one(Case, row.case_id)
    for merger in merger_rows.waiting(db, main.id):
        outbox.put(
            db,
            main,
            "merged_step",
            cause=f"{row.cause}:{merger.id}",
            now=now,
            channel=MERGED,
            unit_id=row.unit_id,
            role=row.role,
            merger=str(merger.id),
            **said,
        )


def follow(db: Session, merger: Merger, answer: MainAnswer, *, now: datetime) -> None:
    """Tell one merged case what its main case was told; what came out meanwhile is left alone."""
    merging.lock_in_order(db, merger.case_id, merger.main_id)
    work = begin(db, lock_case(db, merger.case_id), None, "merged", now=now)
    main = begin(db, lock_case(db, merger.main_id), None, "merged", now=now)
    db.refresh(merger)
    if merger.state != WAITING:
        return
    _let_in(db, work, answer.units)
    node = work.version.definition.nodes.get(answer.node_id)
    manual = node is not None and node.kind in MANUAL_KINDS
    if manual and not answer.on_way and not answer.ended:
        # An interim answer: the main case goes on, and so does the waiting.
        _copy(db, work, main)
        work.record(db, "case.told", automatic=True, main=main.case.number)
        replies.give(db, work)
        return
    leads_on = node is not None and node.kind != "endEvent" if answer.on_way else manual
    if not (leads_on and _go_along(db, work, main, merger, answer.node_id)) and answer.ended:
        merging.take_out(db, work, main)


def _let_in(db: Session, work: CaseWork, unit_ids: Sequence[int]) -> None:
    """Grant the units that work on the main case to read this one."""
    for unit in db.scalars(select(Unit).where(Unit.id.in_(unit_ids)).order_by(Unit.id)):
        case_access.grant(db, work.case, unit, "handler", work.now)
        work.record(db, "case.shown", automatic=True, to_unit=unit.id)


def _go_along(db: Session, work: CaseWork, main: CaseWork, merger: Merger, target: str) -> bool:
    """Take a case to where its main one's citizen was answered; False where it cannot go there."""
    tokens = bpmn.open_tasks(work.version.definition, work.state.state)
    for token in tokens:
        try:
            bpmn.move_token(
                work.version.definition,
                work.state.state,
                token.engine_id,
                target,
                context_of(work),
            )
        except (UnknownTask, CannotMove, EngineFault):
            continue
        _take_along(db, work, main, merger, token.engine_id, target)
        return True
    return False


def _take_along(
    db: Session, work: CaseWork, main: CaseWork, merger: Merger, engine_id: str, target: str
) -> None:
    definition = work.version.definition
    variables = _copy(db, work, main)
    work.case.department, work.case.level = main.case.department, main.case.level
    state = bpmn.set_variables(definition, work.state.state, None, variables)
    step = bpmn.move_token(definition, state, engine_id, target, context_of(work))
    work.record(db, "case.told", automatic=True, main=main.case.number)
    node = definition.nodes[target]
    if node.kind not in MANUAL_KINDS:
        replies.give(db, work)
    merger.state, merger.ended_at, work.case.main_id = TOLD, work.now, None
    steps.apply_step(db, work, step)
    if not step.ended:
        db.flush()
        merging.go_on(db, work, merger)


def _copy(db: Session, work: CaseWork, main: CaseWork) -> dict[str, Any]:
    """Keep what was answered in the main case, without what is personal; return its variables."""
    found: dict[str, Any] = {}
    published = versions.load(db, main.case.version_id)
    for node_id, answers in vault.answers_of(db, main.case).items():
        node = published.node(node_id)
        form = published.form(node.form) if node is not None else None
        if form is None or node_id == published.opens.id:
            continue
        theirs = {
            field.name: answers[field.name]
            for field in form.fields
            if field.name in answers and not field.personal and field.kind not in STAYS
        }
        kept = vault.keep(db, work.case, None, node_id, theirs, at=work.now)
        work.record(db, "answer.copied", automatic=True, node=node_id, receipt=kept.digest)
        found |= published.variables(form, theirs)
    return found
