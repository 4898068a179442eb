"""What completing a task writes besides its consequences: answers, hands, the case's columns.

Shared by opening a case, which completes its first task, and by completing any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from engine import org, settings
from engine.access.actors import Actor, Seat
from engine.casework.case_work import CaseWork
from engine.errors import Rejected
from engine.models import Case, Task, Unit
from engine.records import attachments, vault
from engine.records.answer_fields import indexed, uploads
from feel.text import Text
from forms import Form

Answers = Mapping[str, Any]
NO_PLACE = Text("请选择本县内的地点。", "Choose a place in this county.")


def keep(
    db: Session, work: CaseWork, form: Form | None, clean: Answers, node_id: str | None = None
) -> dict[str, Any]:
    """Put the answers into the vault and join the uploads; returns what the event vouches for.

    ``node_id`` is where answers belong that no task asked for: those of a message.
    """
    task = work.task
    assert task is not None or node_id is not None
    found: list[tuple[str, str]] = []
    files: dict[str, str] = {}
    if form is not None:
        # No look-up by a number may tell that there is a report.
        found = [] if work.case.confidential else indexed(form, clean)
    if form is not None and work.actor is not None:
        opening = task is not None and task.node_id == work.published.opens.id
        named = uploads(form, clean)
        files = attachments.attach(db, work.case, task, named, work.actor, opening=opening)
    node = node_id or (task.node_id if task else "")
    row = vault.keep(db, work.case, task, node, clean, at=work.now, indexed=found)
    return {"receipt": row.digest, **({"files": files} if files else {})}


def record(db: Session, work: CaseWork, kind: str, **data: Any) -> None:
    """Append an event about the task at hand to the chain: who, through which post, at what."""
    task = work.task
    assert task is not None
    work.record(db, kind, task=task, node=task.node_id, name=task.name, **data)


def set_hands(task: Task, actor: Actor | None, seat: Seat | None) -> None:
    """Who did it, for whom; an unsigned task was signed by doing it. An import did neither."""
    if actor is None:
        return
    if task.assignee_id is None:
        task.assignee_id, task.signed_at = actor.user_id, task.done_at
    task.done_by = actor.user_id
    task.done_for = seat.for_user_id if seat else None


def set_columns(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> None:
    """Let answers fill the case's columns, as the form's ``sets`` says."""
    for column, name in (form.sets if form else {}).items():
        value = clean.get(name)
        if value in (None, "") or column in ("channel", "against"):
            continue
        if column == "place":
            _set_place(db, work.case, str(value))
        else:
            setattr(work.case, column, value)


def _set_place(db: Session, case: Case, code: str) -> None:
    place = org.unit_by_code(db, code)
    if place is None or place.at_county != case.county_id:
        raise Rejected({"place": NO_PLACE})
    case.place, case.place_name = place, place_name(db, place)


def place_name(db: Session, place: Unit) -> str:
    """The place as people say it, from below the county down: 清泉镇南湖社区第二网格."""
    above = [unit for unit in org.ancestors(db, place) if unit.level in ("township", "village")]
    return "".join(unit.name for unit in [*reversed(above), place])[:200]


def today(now: datetime) -> date:
    """The local day of a moment."""
    return now.astimezone(ZoneInfo(settings.current().timezone)).date()
