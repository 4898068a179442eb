"""What is shown beside an opening form while somebody types: the caller, likely duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.hotline import callers, knowledge, known_events, likely_duplicates, suggestions
from engine.hotline.callers import CallerCase
from engine.models import Article, Unit
from engine.storage.db import reading
from forms import Form
from webapp import display, locales
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint
from webapp.desk.opening import opening_form
from webapp.form_pages import sources
from webapp.locales import localize

NUMBERED = frozenset({"phone", "resident_id"})
LONG = frozenset({"text", "textarea"})


@blueprint.post("/cases/new/<process>/beside")
def opening_beside(process: str) -> str:
    """What is known of what was typed so far; it changes nothing and keeps nothing."""
    actor = current_actor()
    _published, form = opening_form(actor, process)
    answers = form.from_html(request.form)
    with reading() as db:
        found = found_beside(db, actor, process, form, answers)
    return render_template("desk/_beside.html", **found)


def found_beside(
    db: Session, actor: Actor, process: str, form: Form, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the caller's earlier cases and likely duplicates of what is typed."""
    numbers = [
        str(answers[field.name])
        for field in form.fields
        if field.kind in NUMBERED and answers.get(field.name)
    ]
    known = callers.earlier(db, actor, numbers)
    typed = [
        str(answers.get(field.name) or "")
        for field in form.fields
        if field.kind in LONG and not field.personal
    ]
    code = answers.get(form.sets.get("place", ""))
    place = db.scalar(select(Unit).where(Unit.code == str(code))) if code else None
    likely = likely_duplicates.likely(
        db,
        actor,
        process,
        "，".join(filter(None, typed)),
        place=place,
        callers={one.case_id for one in known},
        now=now(),
    )
    return {
        "callers": known,
        "doubles": likely,
        "asked": bool(numbers),
        "say": sentence,
        "articles": articles(db, actor, process, form, "，".join(filter(None, typed))),
        "events": known_events.running(db, actor, process),
        "suggested": suggested(db, actor, process, form, answers),
    }


# Where the hotline's opening form has what was answered at once, and by what.
ANSWERED_NOW, ANSWER, SOURCE = "answered_now", "answer_text", "answer_source"


@dataclass(frozen=True)
class KnownAnswer:
    """An article that may answer, and what it fills into the form."""

    article: Article
    fills: dict[str, str]


def articles(db: Session, actor: Actor, process: str, form: Form, text: str) -> list[KnownAnswer]:
    """Return articles that answer what is typed, where the form takes an answer at once."""
    county = sources.county_of(actor)
    if county is None or not {ANSWERED_NOW, ANSWER} <= {one.name for one in form.fields}:
        return []
    return [
        KnownAnswer(
            one,
            {ANSWERED_NOW: "yes", ANSWER: one.answer, SOURCE: (one.basis or one.title)[:200]},
        )
        for one in knowledge.likely(db, county, text)
    ]


@dataclass(frozen=True)
class SuggestedValues:
    """Proposals for a field, in words: value, label and reason of each."""

    field: str
    label: str
    proposals: tuple[tuple[str, str, str], ...]
    right: int


def suggested(
    db: Session, actor: Actor, process: str, form: Form, answers: Mapping[str, Any]
) -> SuggestedValues | None:
    """Return what is proposed for the choice of many; None once it is answered."""
    choice, county = suggestions.choice_of(form), sources.county_of(actor)
    if choice is None or county is None or answers.get(choice.name):
        return None
    text = suggestions.text_of(form, answers)
    found = suggestions.suggest(db, county, process, form, text)
    if found is None:
        return None
    labels = {one.value: localize(one.label) for one in choice.choices}
    offered = tuple((one.label, labels[one.label], one.because) for one in found.proposals)
    return SuggestedValues(
        choice.name, localize(choice.label), offered, round(found.among_three * 100)
    )


def sentence(one: CallerCase) -> str:
    """Return what an operator can read out of a case."""
    opened, title = _day(one.opened_at), one.title
    if one.closed_at is not None:
        words = _("您 %(day)s 反映的“%(title)s”已于 %(end)s 办结。")
        return words % {"day": opened, "title": title, "end": _day(one.closed_at)}
    if one.answered_at is not None:
        words = _("您 %(day)s 反映的“%(title)s”已于 %(end)s 答复，尚未办结。")
        return words % {"day": opened, "title": title, "end": _day(one.answered_at)}
    step = one.step_en if locales.english() and one.step_en else one.step
    said = {"day": opened, "title": title, "unit": one.unit, "step": step}
    if one.due_at is None:
        return _("您 %(day)s 反映的“%(title)s”正由%(unit)s办理（%(step)s）。") % said
    words = _("您 %(day)s 反映的“%(title)s”正由%(unit)s办理（%(step)s），最迟 %(due)s 答复您。")
    return words % {**said, "due": _day(one.due_at)}


def _day(when: datetime) -> str:
    """Return a day as one says it."""
    day = display.local(when)
    return display.local_day(when) if locales.english() else f"{day.month}月{day.day}日"
