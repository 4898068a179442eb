"""Telling more of the people of a case, or better, while one works on it: nothing is erased.

The answers of the step that told of them stay as they were; what is said now stands beside them,
and the rows of the people are rewritten from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine import settings
from engine.access import policy
from engine.access.actors import Actor
from engine.casework import unmask
from engine.casework.case_lock import begin, lock_case
from engine.definitions.versions import PublishedVersion
from engine.errors import NotAllowed, NotFound
from engine.models import Case
from engine.records import case_people, vault
from engine.records.answer_fields import indexed
from engine.records.case_people import AMENDED
from forms import FieldGroup, Form


@dataclass(frozen=True)
class PeopleAsked:
    """The questions about people of the step that opens a case."""

    node_id: str
    form: Form


def people_questions(published: PublishedVersion) -> PeopleAsked:
    """Return what the opening form asks about people. Raises NotFound where it asks nothing."""
    node = published.opens
    form = published.form(node.form)
    fields = tuple(field for field in form.fields if field.people) if form is not None else ()
    if form is None or not fields:
        raise NotFound(published.process)
    alone = replace(form.definition, groups=(FieldGroup(None, fields),), rules=(), shows=())
    return PeopleAsked(node.id, Form(replace(alone, confidential_when=None)))


def standing(db: Session, actor: Actor, case: Case, published: PublishedVersion) -> dict[str, Any]:
    """Return what is said of the people now, whole. Raises NotFound, NotAllowed."""
    if not unmask.holds(db, actor, case):
        raise NotAllowed("people", case.id)
    about = people_questions(published)
    kept = vault.answers_of(db, case)
    said = kept.get(f"{about.node_id}{AMENDED}") or kept.get(about.node_id, {})
    return {field.name: said[field.name] for field in about.form.fields if field.name in said}


def amend(
    db: Session, actor: Actor, case_id: int, answers: Mapping[str, Any], *, now: datetime
) -> None:
    """Record again who is in a case. Raises NotFound, NotAllowed, forms.InvalidAnswers."""
    work = begin(db, lock_case(db, case_id), actor, "people", now=now)
    policy.require(db, actor, "see", work.case)
    if not unmask.holds(db, actor, work.case):
        raise NotAllowed("people", case_id)
    about = people_questions(work.version)
    clean = about.form.clean(answers, today=settings.current().local_day(now))
    found = indexed(about.form, clean)
    node = f"{about.node_id}{AMENDED}"
    row = vault.keep(db, work.case, None, node, clean, at=now, indexed=found)
    case_people.keep(db, work.case, row, about.form, clean)
    work.record(db, "people.amended", receipt=row.digest)
