"""What is read of a confidential case by who may not know its reporter: everything but that.

Whatever shows answers, files or names of a case takes them from here, so that no page, print,
export or interface has to think of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.confidentiality import Concealment
from engine.models import Attachment, Case
from feel.text import Text
from forms import AnswerText, Form

HIDDEN = Text("（保密）", "(confidential)")


def sealed_files(db: Session, case: Case, concealment: Concealment) -> frozenset[str]:
    """Return the ids of files that the concealment hides; asks only where it hides something."""
    if not concealment.hides:
        return frozenset()
    mine = select(Attachment.id).where(
        Attachment.case_id == case.id, Attachment.county_id == case.county_id, Attachment.sealed
    )
    return frozenset(str(one) for one in db.scalars(mine))


def answers(
    said: Iterable[AnswerText], concealment: Concealment, sealed: Collection[str], locale: object
) -> tuple[AnswerText, ...]:
    """Return answers in words without what is personal, and without the files of the reporter."""
    if not concealment.hides:
        return tuple(said)
    return tuple(_concealed(one, sealed, locale) for one in said)


def unfilled(
    form: Form | None, given: Mapping[str, Any], concealment: Concealment
) -> Mapping[str, Any]:
    """Return earlier answers that a form begins with again, without the personal ones."""
    if form is None or not concealment.hides:
        return given
    return {name: value for name, value in given.items() if name not in form.personal}


def _concealed(one: AnswerText, sealed: Collection[str], locale: object) -> AnswerText:
    # What somebody works as, or is to somebody else, tells as much as the name.
    if one.people:
        return _hidden(one, locale)
    if one.kind == "list":
        rows = tuple(tuple(_concealed(part, sealed, locale) for part in row) for row in one.rows)
        return replace(one, rows=rows, value=None)
    if one.kind == "files":
        left = [file_id for file_id in one.value if str(file_id) not in sealed]
        return replace(one, value=left) if left else _hidden(one, locale)
    return _hidden(one, locale) if one.personal else one


def _hidden(one: AnswerText, locale: object) -> AnswerText:
    hidden = replace(one, kind="text", words=HIDDEN.to(locale), value=None, personal=False)
    return replace(hidden, rows=(), people=False)
