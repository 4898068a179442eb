"""What stands beside a step that names a unit: who was suggested, and how each of them stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.hotline import unit_records
from engine.hotline.unit_records import UnitRecord
from engine.models import Unit
from engine.reading.casefile import CaseFile
from engine.records.answer_history import AnswerSet
from forms import Field, Form
from webapp.clock import now

# A field that is shown where another one has one answer.
ONE_ANSWER = re.compile(r'(\w+) = "([^"]*)"')


@dataclass(frozen=True)
class UnitProposal:
    """A unit that may be meant: why, its record, and the case of the ruling that says so."""

    why: str
    record: UnitRecord
    ruling: tuple[int, str, str] | None = None


def field_of(form: Form | None) -> Field | None:
    """Return the field of a form that names one unit."""
    fields = form.fields if form is not None else ()
    return next((one for one in fields if one.kind == "unit"), None)


def suggested(file: CaseFile, form: Form | None, kept: Sequence[AnswerSet], node_id: str) -> str:
    """Return the code of the unit that was suggested since this step was done last, or nothing.

    Suggested is a unit that the form shows beside itself, as who bounces a ticket names one.
    """
    if form is None or field_of(form) is None:
        return ""
    newest = {one.node_id: at for at, one in enumerate(kept)}
    since = newest.get(node_id, -1)
    for shown in form.shows:
        there, _dot, name = shown.partition(".")
        node = file.version.node(there)
        asked = file.version.form(node.form) if node is not None else None
        kinds = {one.name: one.kind for one in asked.fields} if asked is not None else {}
        if kinds.get(name) == "unit" and newest.get(there, -1) > since:
            return str(kept[newest[there]].answers.get(name) or "")
    return ""


def beginning(form: Form, code: str) -> dict[str, Any]:
    """Return answers that name the unit, and that which the field is shown for."""
    field = field_of(form)
    assert field is not None
    found: dict[str, Any] = {field.name: code}
    shown = ONE_ANSWER.fullmatch(field.show_when.text) if field.show_when else None
    return {shown[1]: shown[2], **found} if shown else found


def proposals(
    db: Session, actor: Actor, file: CaseFile, form: Form | None, code: str
) -> list[UnitProposal]:
    """Return the units that may be meant, each once: suggested, by a ruling, by the table."""
    case = file.case
    if field_of(form) is None:
        return []
    ruling = unit_records.ruling_like(db, actor, case)
    named = db.scalar(select(Unit.id).where(Unit.code == code)) if code else None
    reasons: Mapping[int | None, str] = {
        case.department_id: _("分流表"),
        ruling.unit_id if ruling else None: _("裁定先例"),
        named: _("退单单位建议"),
    }
    ids = [one for one in reversed(list(reasons)) if one is not None]
    records = unit_records.of_units(db, ids, now())
    return [
        UnitProposal(
            reasons[one],
            records[one],
            (ruling.case_id, ruling.number, ruling.title)
            if ruling is not None and ruling.unit_id == one
            else None,
        )
        for one in ids
        if one in records
    ]
