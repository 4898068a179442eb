"""What actions of a diagram want of the world outside: recorded, then queued in the outbox."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from engine import bpmn, org
from engine.casework import recusal
from engine.casework.case_work import CaseWork
from engine.models import Event
from engine.notices import outbox
from engine.terms.channels import CASE, CITIZEN, DOCUMENT

# What the world outside has learnt and cannot be asked to forget: no step with it is recalled.
LASTING = frozenset({"notify_citizen", "start_case", "create_document"})


def take(db: Session, work: CaseWork, effect: bpmn.Effect) -> None:
    """Record an effect and queue what it means for the world outside."""
    data = {key: value for key, value in effect.data.items() if key not in ("text", "text_en")}
    kind = f"effect.{effect.kind}"
    event = work.record(db, kind, automatic=True, node=effect.node_id, **data)
    handler = EFFECTS.get(effect.kind)
    if handler is not None:
        handler(db, work, effect, event)


def _tell_role(db: Session, work: CaseWork, effect: bpmn.Effect, event: Event) -> None:
    """A diagram's own words to the holders of a role."""
    data = effect.data
    named = org.unit_named(db, work.case.county_id, str(data["unit"])) if data.get("unit") else None
    unit = named or org.unit_at(db, work.case.place, str(data["level"]))
    role = str(data["role"])
    at_work = recusal.instead(db, work.case, org.work_unit(db, unit, role), role)
    outbox.put(
        db,
        work.case,
        "diagram.note",
        cause=f"diagram.note:{event.id}",
        now=work.now,
        unit_id=at_work.id,
        role=role,
        text=str(data.get("text", "")),
        text_en=str(data.get("text_en", "")),
    )


def _tell_citizen(db: Session, work: CaseWork, effect: bpmn.Effect, event: Event) -> None:
    """Words for the citizens of the case; the outbox sends them, or asks a person to.

    That person is whoever registered the case, else the dispatchers of its unit.
    """
    own = work.case.opened_by
    unit = work.case.unit if own else org.work_unit(db, work.case.unit, "dispatcher")
    outbox.put(
        db,
        work.case,
        "citizen.tell",
        cause=f"citizen.tell:{event.id}",
        now=work.now,
        channel=CITIZEN,
        user_id=own,
        unit_id=None if own else unit.id,
        role=None if own else "dispatcher",
        node=effect.node_id,
        to=str(effect.data.get("to", "")),
        text=str(effect.data.get("text", "")),
        text_en=str(effect.data.get("text_en", "")),
    )


def _start_case(db: Session, work: CaseWork, effect: bpmn.Effect, event: Event) -> None:
    """Queue the opening of a linked case; the outbox opens it after the commit, once."""
    outbox.put(
        db,
        work.case,
        "start_case",
        cause=f"start_case:{event.id}",
        now=work.now,
        channel=CASE,
        unit_id=work.case.unit_id,
        role="dispatcher",
        process=str(effect.data["process"]),
        case_title=str(effect.data.get("title") or work.case.title),
    )


def _create_document(db: Session, work: CaseWork, effect: bpmn.Effect, event: Event) -> None:
    """Queue the making of a document; the outbox makes and files it after the commit, once."""
    outbox.put(
        db,
        work.case,
        "create_document",
        cause=f"create_document:{event.id}",
        now=work.now,
        channel=DOCUMENT,
        unit_id=work.case.unit_id,
        role="supervisor",
        template=str(effect.data["template"]),
    )


EFFECTS: dict[str, Callable[[Session, CaseWork, bpmn.Effect, Event], None]] = {
    "notify": _tell_role,
    "notify_citizen": _tell_citizen,
    "start_case": _start_case,
    "create_document": _create_document,
}
