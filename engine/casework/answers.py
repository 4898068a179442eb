"""Answers of a step: into the vault, and into the case's columns where the form says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.casework import case_place, counted_answers
from engine.casework.case_work import CaseWork
from engine.errors import InvalidInput
from engine.models import Post, Unit
from engine.records import attachments, case_people, vault
from engine.records.answer_fields import indexed, uploads
from feel.text import Text
from forms import Form

Answers = Mapping[str, Any]
NO_HOLDER = Text("此人没有这个岗位，请重新选择。", "This person does not hold the role.")


def clean(work: CaseWork, form: Form | None, answers: Answers) -> dict[str, Any]:
    """Return what the form makes of the answers; nothing where there is no form.

    Raises forms.InvalidAnswers.
    """
    return form.clean(answers, today=work.today, last_day=work.last_day) if form else {}


def keep(
    db: Session, work: CaseWork, form: Form | None, clean: Answers, node_id: str | None = None
) -> dict[str, Any]:
    """Put the answers into the vault and join the uploads; return what the event attests.

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
        opening = task is not None and task.node_id == work.version.opens.id
        named = uploads(form, clean)
        files = attachments.attach(db, work.case, task, named, work.actor, opening=opening)
    node = node_id or (task.node_id if task else "")
    _require_staff(db, work, form, clean)
    work.new_answers[node] = clean
    row = vault.keep(db, work.case, task, node, clean, at=work.now, indexed=found)
    case_people.keep(db, work.case, row, form, clean)
    figures = counted_answers.count(db, work, form, clean)
    kept = {"receipt": row.digest, **({"files": files} if files else {})}
    return {**kept, **({"figures": figures} if figures else {})}


def _require_staff(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> None:
    """Refuse a person who does not hold the role that a field asks for. Raises InvalidInput."""
    for field in form.fields if form else ():
        if field.kind == "staff" and clean.get(field.name):
            here = (
                select(Post.id)
                .join(Unit, Unit.id == Post.unit_id)
                .where(
                    Post.user_id == int(clean[field.name]),
                    Post.role == field.role,
                    Post.from_at <= work.now,
                    or_(Post.until_at.is_(None), Post.until_at > work.now),
                    Unit.at_county == work.case.county_id,
                )
            )
            if db.scalar(here.limit(1)) is None:
                raise InvalidInput({field.name: NO_HOLDER})


def set_columns(db: Session, work: CaseWork, form: Form | None, clean: Answers) -> None:
    """Copy answers into the case's columns, as the form's ``sets`` says."""
    for column, name in (form.sets if form else {}).items():
        value = clean.get(name)
        if value in (None, "") or column in ("channel", "against", "due"):
            continue
        if column == "place":
            case_place.move(db, work.case, str(value))
        else:
            setattr(work.case, column, value)
