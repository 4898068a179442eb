"""What the page of a re-triage asks: category, risk and priority, each as it stands."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.casework.case_work import CaseWork
from engine.definitions.versions import PublishedVersion
from engine.models import Case
from engine.terms.priorities import OFFERED
from webapp import display
from webapp.desk.move_question import Question, reason_question
from webapp.locales import localize


def questions(_db: Session, work: CaseWork) -> list[Question]:
    """Return one question a column that this version's forms or tables fill, and the reason."""
    asked = []
    for column, label in (("category", _("类别")), ("risk", _("风险"))):
        options = _choices(work.version, work.case, column)
        if len(options) > 1:
            value = getattr(work.case, column) or ""
            asked.append(Question(column, label, "select", [(label, options)], value=value))
    priorities = _with(work.case.priority, [(one, display.priority_name(one)) for one in OFFERED])
    asked.append(
        Question("priority", _("紧急程度"), "choice", [("", priorities)], value=work.case.priority)
    )
    return [*asked, reason_question()]


def _choices(published: PublishedVersion, case: Case, column: str) -> list[tuple[str, str]]:
    """Return what the forms let one choose for a column, in the words of the form."""
    found: dict[str, str] = {}
    for form in published.forms.values():
        for field in form.fields:
            if field.name == form.sets.get(column):
                found |= {choice.value: localize(choice.label) for choice in field.choices}
    return _with(getattr(case, column), list(found.items())) if found else []


def _with(value: str | None, options: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the options, with what the case has now if it is none of them."""
    if value is None or value in dict(options):
        return options
    return [(value, display.priority_name(value)), *options]
