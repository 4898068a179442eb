"""Registering a new case: choose the process, fill in its first form."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import cases
from engine.definitions import rollouts, versions
from engine.definitions.versions import PublishedVersion
from engine.errors import Incident, InvalidInput, NotAllowed, NotFound, Refusal
from engine.hotline import knowledge, known_events
from engine.models import Case, Version
from engine.records import form_drafts
from engine.storage.db import reading, transaction
from forms import Form, InvalidAnswers
from webapp import logs, resubmission
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint
from webapp.desk.case_page import TypedInput
from webapp.form_pages import posted_forms, sources
from webapp.locales import localize
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int] | tuple[Response, int]
ONCE = re.compile(r"[0-9a-f]{32}")
LONGEST_NAME = 40
MOST_ARTICLES = 10


@blueprint.get("/cases/new")
def choose() -> Answer:
    """Which kind of case; straight to the form where there is only one."""
    with reading() as db:
        offered = openable(db, current_actor())
    if len(offered) == 1:
        return redirect(url_for("desk.opening", process=offered[0].process), 303)
    return render_template("desk/choose.html", offered=offered)


@blueprint.get("/cases/new/<process>")
def opening(process: str) -> Answer:
    """An empty opening form, or the one of mine that ``draft`` names.

    Nothing of one form gets into another by itself: the next caller is somebody else.
    """
    actor = current_actor()
    published, form = opening_form(actor, process)
    key = request.args.get("draft")
    if key is None:
        return _page(actor, published, form, TypedInput(_beginning(actor, form)))
    with reading() as db:
        saved = form_drafts.load(db, actor.user_id, form_drafts.of_opening(process, key))
    if saved is None:
        flash(_("此草稿已提交或放弃。"), "warning")
        return redirect(url_for("desk.opening", process=process), 303)
    return _page(actor, published, form, TypedInput(saved[0]), saved[1])


@blueprint.post("/cases/new/<process>/draft")
def opening_draft(process: str) -> Answer:
    """Save what I have typed so far."""
    actor = current_actor()
    _published, form = opening_form(actor, process)
    posted = posted_forms.parse(form, actor, _county(actor))
    key = _once()
    with transaction() as db:
        form_drafts.hold(db, actor.user_id)
        if _opened_before(db, actor, _source(actor)) is None:
            subject = form_drafts.of_opening(process, key)
            form_drafts.save(db, actor.user_id, subject, posted.answers, now())
    if resubmission.wants_json():
        return jsonify(saved=True)
    flash(_("草稿已保存。"), "success")
    return redirect(url_for("desk.opening", process=process, draft=key), 303)


@blueprint.post("/cases/new/<process>/discard")
def discard_opening(process: str) -> Answer:
    """Throw away one of my drafts, on purpose."""
    actor = current_actor()
    subject = form_drafts.of_opening(process, request.form.get("draft", ""))
    with transaction() as db:
        form_drafts.hold(db, actor.user_id)
        form_drafts.discard(db, actor.user_id, subject)
    flash(_("草稿已放弃。"), "success")
    return redirect(url_for("desk.opening", process=process), 303)


@blueprint.post("/cases/new/<process>")
def open_case(process: str) -> Answer:
    """Open the case; the same form sent twice opens one case."""
    actor = current_actor()
    published, form = opening_form(actor, process)
    posted = posted_forms.parse(form, actor, _county(actor))
    if posted.only_reshaped or posted.errors:
        status = 422 if posted.errors else 200
        return _page(actor, published, form, TypedInput(posted.answers, posted.errors, "", status))
    source = _source(actor)
    result = _open(actor, process, posted.answers, source)
    if isinstance(result, TypedInput):
        return _page(actor, published, form, result)
    case, fresh = result
    if case.guarded and not _can_see(actor, case.id):
        # It goes round whoever took it in: they know its number, and nothing more.
        flash(_("已登记为保密件，编号 %(number)s，由指定单位办理。", number=case.number), "success")
        return redirect(url_for("desk.workbench"), 303)
    words = _("已登记，编号 %(number)s。") if fresh else _("这件事项已经登记过，编号 %(number)s。")
    flash(words % {"number": case.number}, "success")
    return redirect(url_for("desk.case", case_id=case.id), 303)


def _can_see(actor: Actor, case_id: int) -> bool:
    with reading() as db:
        return policy.can_see(db, actor, db.get_one(Case, case_id))


def openable(db: Session, actor: Actor) -> list[Version]:
    """Return the processes whose first step the actor may take, in the version of the actor's
    place.
    """
    found = []
    for plan, named in rollouts.plans(db, now()):
        if plan.process in versions.TABLES:
            continue
        try:
            found.append(named[versions.offered(db, plan, actor).id])
        except (NotFound, NotAllowed):
            continue
    return found


def _open(
    actor: Actor, process: str, answers: Any, source: str | None
) -> tuple[Case, bool] | TypedInput:
    try:
        with transaction() as db:
            # First: of two clicks the second then finds what the first has opened.
            form_drafts.hold(db, actor.user_id)
            known = _opened_before(db, actor, source)
            if known is not None:
                return known, False
            joins = request.form.get("joins", "")[:LONGEST_NAME]
            case = cases.open_case(
                db, actor, process, answers, now=now(), source=source, joins=joins
            )
            form_drafts.discard(db, actor.user_id, form_drafts.of_opening(process, _once()))
            knowledge.use(db, case, request.form.getlist("article")[:MOST_ARTICLES], now=now())
            return case, True
    except InvalidAnswers as error:
        return TypedInput(answers, error.errors, "", 422)
    except InvalidInput as error:
        return TypedInput(answers, posted_forms.rejected(error), "", 422)
    except (Refusal, Incident) as error:
        if isinstance(error, Incident):
            logs.failure(error)
        return TypedInput(answers, {}, localize(error.text), status_of(error))


def _opened_before(db: Session, actor: Actor, source: str | None) -> Case | None:
    if source is None:
        return None
    # With the counties that the case may lie in, its source is found by index.
    counties = {seat.stamps[sources.COUNTY] for seat in actor.seats} - {None}
    mine = Case.county_id.in_(counties)
    return db.scalar(select(Case).where(Case.source == source, mine))


def _source(actor: Actor) -> str | None:
    """Return what makes this very form known again; it says whose it was, so none can be
    guessed.
    """
    once = request.form.get("once", "")
    return f"form:{actor.user_id}:{once}" if ONCE.fullmatch(once) else None


def opening_form(actor: Actor, process: str) -> tuple[PublishedVersion, Form]:
    """Return the process and its first form as they are offered to the actor. Raises NotFound,
    NotAllowed.
    """
    with reading() as db:
        published = versions.offered(db, rollouts.plan(db, process, now()), actor)
    form = published.form(published.opens.form)
    if form is None:
        raise NotFound(process)
    return published, form


def _beginning(actor: Actor, form: Form) -> dict[str, Any]:
    """Defaults, and the actor's own place where the form asks for one."""
    answers = posted_forms.beginning(form)
    with reading() as db:
        own = sources.own_place(db, actor)
    for field in form.fields:
        if field.kind == "place" and field.sets == "place" and own:
            answers.setdefault(field.name, own)
    return answers


def _county(actor: Actor) -> int:
    county = sources.county_of(actor)
    if county is None:
        raise NotAllowed("open")
    return county


def _page(
    actor: Actor, published: PublishedVersion, form: Form, typed: TypedInput, saved_at: Any = None
) -> tuple[str, int]:
    filled = posted_forms.show(form, typed.answers, typed.errors, saved_at)
    assert filled is not None
    once = _once()
    with reading() as db:
        against = form.sets.get("against")
        looked_up = sources.look_up(db, actor, filled.model, against=against)
        drafts = form_drafts.openings(db, actor.user_id, published.process)
        events = known_events.running(db, actor, published.process)
    page = render_template(
        "desk/opening.html",
        process=published.process,
        info=published.definition.process,
        form=filled,
        sources=looked_up,
        message=typed.message,
        once=once,
        others=[(one, draft_name(form, one.answers)) for one in drafts if one.key != once],
        own_name=draft_name(form, typed.answers),
        named_after=named_after(form),
        joins=request.form.get("joins", "")[:LONGEST_NAME],
        callers=(),
        doubles=(),
        articles=(),
        events=events,
        asked=False,
        suggested=None,
    )
    return page, typed.status


def draft_name(form: Form, answers: Mapping[str, Any]) -> str:
    """Return what tells a draft from others: the title's answer, else the first words typed."""
    names = [form.sets.get("title", ""), *(one.name for one in form.fields if one.kind == "text")]
    words = (str(answers.get(name) or "").strip() for name in names if name)
    return next((text[:LONGEST_NAME] for text in words if text), "")


def named_after(form: Form) -> tuple[str, str] | None:
    """Return the field of the title, and the long text whose first words it may be."""
    title = form.sets.get("title")
    text = next((one.name for one in form.fields if one.kind == "textarea"), None)
    return (title, text) if title and text else None


def _once() -> str:
    """Return the same word as long as the same form comes back, with errors or as a draft."""
    given = request.form.get("once", "") or request.args.get("draft", "")
    return given if ONCE.fullmatch(given) else secrets.token_hex(16)
