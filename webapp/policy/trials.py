"""The trial of a draft: begun, clicked through as any role, its clock turned, kept as a scenario.

Every address plays the way that the page sent and answers with a page; only keeping a scenario
writes, and then a revision of the draft like any other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine import settings
from engine.bpmn.trial import BadScenario, Scenario, ScenarioMove
from engine.definitions import versions
from engine.definitions.escalation_table import ESCALATION
from engine.drafting import drafts, prepublish_check, trials
from engine.drafting.trials import BadTrialPath, NotReady, TrialRun, TrialSubject
from engine.errors import DomainError, InvalidInput, NotFound
from engine.models import ProcessDraft
from engine.storage.db import reading, transaction
from feel.text import Text
from forms import Errors, InvalidAnswers
from webapp import display
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.form_pages import posted_forms, sources
from webapp.locales import localize
from webapp.policy import blueprint
from webapp.policy.trialpage import TrialPage, ordinary, seat
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]
WAY, ACT = "--way", "--act"


@dataclass
class TrialQuery:
    """What a page asks of a trial: its way, what the form on it is for, what was typed there."""

    way: Scenario
    choice: tuple[str, str] = ("", "")
    entries: Mapping[str, Any] | None = None
    errors: Errors = field(default_factory=dict)
    scenario: str = ""


@blueprint.get("/drafts/<int:id>/trial")
def trial(id: int) -> Answer:
    """Where a trial begins: from starting data, or at the end of a scenario."""
    stem = request.args.get("scenario", "")
    if not stem:
        return _beginning(id)
    with reading() as db:
        draft = drafts.visible(db, current_actor(), id)
        files = drafts.files_of(db, draft)
    path = f"processes/{draft.process}/scenarios/{stem}.json"
    if path not in files:
        raise NotFound(path)
    try:
        way = Scenario.read(json.loads(files[path]))
    except (ValueError, BadScenario) as error:
        raise BadTrialPath(path) from error
    return _page(id, TrialQuery(trials.bare(way), scenario=stem))


@blueprint.post("/drafts/<int:id>/trial")
def go_on(id: int) -> Answer:
    """One act: begin, answer, press a button, return, turn the clock, go back, look, keep."""
    verb, _space, rest = request.form.get(ACT, "").partition(" ")
    stem = request.form.get("--scenario", "")
    try:
        if verb == "begin":
            return _page(id, TrialQuery(_begun(id)))
        way = trials.parse(request.form.get(WAY, ""))
        if verb == "keep":
            return _keep(id, way, stem)
        if verb == "back":
            number = int(rest) if rest.isascii() and rest.isdigit() else len(way.moves) - 1
            return _page(id, TrialQuery(trials.cut(way, number), scenario=stem))
        if verb == "look":
            do, _space, key = rest.partition(" ")
            return _page(id, TrialQuery(way, (do, key), scenario=stem))
        return _page(id, TrialQuery(way, (verb, rest), scenario=stem), act=(verb, rest))
    except InvalidInput as error:
        return _beginning(id, {key: localize(text) for key, text in error.errors.items()}, 422)
    except (BadTrialPath, NotReady) as error:
        return _beginning(id, {"": localize(error.text)}, status_of(error))


def _begun(id: int) -> Scenario:
    """Return the starting data as they were posted. Raises InvalidInput."""
    level, place = request.form.get("level", ""), request.form.get("place", "")
    if level not in settings.current().levels:
        raise InvalidInput({"level": Text("请选择层级。", "Choose a level.")})
    start = _moment(request.form.get("start", ""))
    if start is None:
        raise InvalidInput({"start": Text("时间写法有误。", "This is no moment of time.")})
    with reading() as db:
        process = drafts.visible(db, current_actor(), id).process
    if process == ESCALATION:
        process = request.form.get("process", "")
    return trials.begin(process, level, place, start)


def _page(id: int, asked: TrialQuery, act: tuple[str, str] | None = None) -> Answer:
    actor = current_actor()
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, actor, id, now=now())
    draft, files, proof = exhibit.draft, exhibit.files, exhibit.prove()
    with reading() as db:
        subject = trials.of_draft(db, draft, proof, asked.way.process, now=now())
        tried = trials.play(db, subject, asked.way, now=now())
        if act is not None and tried.failure is None:
            tried = _acted(db, subject, tried, asked, act)
        chosen = asked.choice
        if not _is_possible(tried, chosen):
            chosen = ordinary(tried.open, tried.trial.messages)
        form = _form(tried, chosen, asked)
        found = sources.look_up(db, actor, form.model if form else None)
        page = TrialPage(
            draft,
            tried,
            chosen,
            form,
            found,
            asked.scenario,
            _name(files, draft, asked),
            actor.roles,
        )
        content = render_template(
            "policy/trial.html", page=page, draft=draft, tried=tried, seat=seat, errors={}
        )
    return content, 422 if asked.errors or tried.failure else 200


def _name(files: Mapping[str, bytes], draft: ProcessDraft, asked: TrialQuery) -> str:
    """Return what the scenario was called that a trial goes on from, or what was typed for it."""
    path = f"processes/{draft.process}/scenarios/{asked.scenario}.json"
    if request.form.get("--name") or path not in files:
        return request.form.get("--name", "")
    known = json.loads(files[path]).get("name")
    return str(known.get("zh_CN", "")) if isinstance(known, dict) else ""


def _acted(
    db: Session, subject: TrialSubject, tried: TrialRun, asked: TrialQuery, act: tuple[str, str]
) -> TrialRun:
    """Return the trial after one more act; a refusal stays in ``asked`` or in the trial."""
    verb, rest = act
    asked.choice = ("", "")
    try:
        if verb == "turn":
            moment = _moment(rest or request.form.get("--to", ""))
            if moment is None:
                raise BadTrialPath(text=Text("时间写法有误。", "This is no moment of time."))
            return trials.play(db, subject, trials.turned(tried, moment), now=now())
        move = _move(tried, verb, rest, asked)
        if move is None:
            return tried
        return trials.play(db, subject, trials.extended(tried.way, move), now=now())
    except InvalidAnswers as error:
        asked.choice, asked.errors, asked.entries = (verb, rest), error.errors, error.typed_answers
    except DomainError as error:
        tried.failure = error.text
    return tried


def _move(tried: TrialRun, verb: str, rest: str, asked: TrialQuery) -> ScenarioMove | None:
    """Return the move that was asked for; None where a button only changed the form."""
    if verb == "return":
        node, _space, target = rest.partition(" ")
        return ScenarioMove("return", node, to=target)
    if verb not in ("answer", "message"):
        raise BadTrialPath()
    form = _form_of(tried, (verb, rest))
    if form is None:
        return trials.move_of_page(tried, verb, rest, {})
    reshaped = form.reshape(request.form)
    if reshaped is not None:
        asked.choice, asked.entries = (verb, rest), reshaped
        return None
    return trials.move_of_page(tried, verb, rest, form.from_html(request.form))


def _keep(id: int, way: Scenario, stem: str) -> Answer:
    """Keep the way as a scenario of the draft: a new one, or in place of the one it came from."""
    actor = current_actor()
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, actor, id, now=now())
    draft, files, proof = exhibit.draft, exhibit.files, exhibit.prove()
    revision = draft.revision
    name = Text(request.form.get("--name", ""), request.form.get("--name-en", ""))
    path = f"processes/{draft.process}/scenarios/{stem}.json"
    if path not in files or request.form.get("--as") == "new":
        path = trials.path_for(draft.process, name, files)
    try:
        if draft.process == ESCALATION:
            raise InvalidInput(
                {"name": Text("升级表不使用测试用例。", "The table has no scenarios.")}
            )
        with reading() as db:
            subject = trials.of_draft(db, draft, proof, way.process, now=now())
        content = trials.keep(subject, way, name)
        with transaction() as db:
            drafts.save(db, actor, id, revision, {path: content}, now=now())
    except DomainError as error:
        texts = error.errors.values() if isinstance(error, InvalidInput) else (error.text,)
        flash(next(localize(text) for text in texts), "danger")
        return _page(id, TrialQuery(way, scenario=stem))
    flash(_("已存为用例“%(name)s”，每次检查均会执行。", name=localize(name)), "success")
    return redirect(url_for("policy.scenarios", id=id), 303)


def _form_of(tried: TrialRun, chosen: tuple[str, str]) -> Any:
    """Return the form of an open task or of a button; None where it asks nothing."""
    do, key = chosen
    if do == "answer":
        keys = [one.task.form for one in tried.open if one.node.id == key]
    else:
        keys = [one.form for one in tried.trial.messages if one.message == key]
    return tried.form(keys[0]) if keys else None


def _form(
    tried: TrialRun, chosen: tuple[str, str], asked: TrialQuery
) -> posted_forms.FilledForm | None:
    form = _form_of(tried, chosen)
    if form is None:
        return None
    return posted_forms.show(form, asked.entries, asked.errors, at=tried.trial.now)


def _is_possible(tried: TrialRun, chosen: tuple[str, str]) -> bool:
    do, key = chosen
    if do == "answer":
        return any(one.node.id == key for one in tried.open)
    return do == "message" and any(one.message == key for one in tried.trial.messages)


def _beginning(id: int, errors: dict[str, str] | None = None, status: int = 200) -> Answer:
    actor = current_actor()
    with reading() as db:
        exhibit = prepublish_check.exhibit(db, actor, id, now=now())
    draft, proof = exhibit.draft, exhibit.prove()
    subject, refused = _subject(draft, proof)
    with reading() as db:
        page = render_template(
            "policy/trial_start.html",
            draft=draft,
            report=proof.report,
            refused=refused,
            levels=settings.current().levels,
            level=_usual_level(subject),
            places=sources.places_of(db, actor),
            processes=versions.currents(db, now()) if draft.process == ESCALATION else [],
            start=f"{display.local(now()):%Y-%m-%dT%H:%M}",
            errors=errors or {},
            typed=request.form,
        )
    return page, status


def _subject(
    draft: ProcessDraft, proof: prepublish_check.DraftProof
) -> tuple[TrialSubject | None, str]:
    """Return what would be tried, for its usual beginning; else why it cannot be."""
    try:
        with reading() as db:
            if draft.process == ESCALATION:
                return None, ""
            return trials.of_draft(db, draft, proof, draft.process, now=now()), ""
    except NotReady as error:
        return None, localize(error.text)


def _usual_level(subject: TrialSubject | None) -> str:
    levels = settings.current().levels
    opens = subject.version.definition.opens if subject is not None else None
    return opens.level if opens is not None and opens.level in levels else levels[-2]


def _moment(text: str) -> datetime | None:
    """Return a moment as a page says it, in the office's zone unless it names one; None for
    nonsense.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    zone = ZoneInfo(settings.current().timezone)
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)
