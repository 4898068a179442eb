"""What people do with tasks: sign for, release, save, complete, send back, press a button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.access.actors import Actor
from engine.casework import cases
from engine.casework.conflicts import StaleForm
from engine.errors import Incident, InvalidInput, NotAllowed, NotFound, Refusal
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile, TaskForm
from engine.records import form_drafts
from engine.storage.db import reading, transaction
from forms import Errors, Form, InvalidAnswers
from webapp import locales, logs, refusals, resubmission
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page, presence
from webapp.desk.case_page import TypedInput
from webapp.form_pages import posted_forms, sources
from webapp.locales import localize
from webapp.query_numbers import whole
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int] | tuple[Response, int]


@blueprint.post("/tasks/<int:task_id>/sign")
def sign(task_id: int) -> Answer:
    """Take the task as my own."""
    case_id = _blank(current_actor(), task_id).case_id
    with transaction() as db:
        cases.sign(db, current_actor(), task_id, now=now())
    flash(_("已签收，请在期限内办理。"), "success")
    return to_case(case_id, task_id)


@blueprint.post("/tasks/<int:task_id>/release")
def release(task_id: int) -> Answer:
    """Give the task back to my unit's queue."""
    case_id = _blank(current_actor(), task_id).case_id
    with transaction() as db:
        cases.release(db, current_actor(), task_id, now=now())
    flash(_("已取消签收，同事可签收办理。期限照常计算。"), "success")
    return to_case(case_id, task_id)


@blueprint.post("/tasks/<int:task_id>/draft")
def draft(task_id: int) -> Answer:
    """Save what I have typed so far; scripts ask for JSON, the button gets the page."""
    file, task = of_task(task_id)
    actor = current_actor()
    form = file.version.form(task.form)
    if not policy.allowed(actor, "draft", task) or task.done_at is not None or form is None:
        raise NotFound(task_id)
    posted = posted_forms.parse(form, actor, file.case.county_id)
    with transaction() as db:
        kept_on = cases.keep_draft(db, actor, task_id, posted.answers, now=now())
    if not kept_on:
        raise NotFound(task_id)
    if resubmission.wants_json():
        return jsonify(saved=True)
    flash(_("草稿已保存。"), "success")
    return to_case(file.case.id, task_id)


@blueprint.post("/tasks/<int:task_id>/complete")
def complete(task_id: int) -> Answer:
    """Submit the task's form; a refusal shows why, beside everything that was typed."""
    actor = current_actor()
    blank = _blank(actor, task_id)
    case_id = blank.case_id
    posted = _posted_form(blank.form, actor, blank.county_id)
    if posted.only_reshaped or posted.errors:
        status = 422 if posted.errors else 200
        typed = TypedInput(posted.answers, posted.errors, "", status, read_position())
        return case_page.work_page(case_id, task_id, typed)

    def act(db: Session) -> None:
        cases.complete_task(db, actor, task_id, posted.answers, now=now(), seen=read_position())
        form_drafts.discard(db, actor.user_id, str(task_id))

    refused = attempt(act, posted.answers, lambda: of_task(task_id))
    if refused is not None:
        if refused.status == 503:
            _rescue(actor, str(task_id), posted.answers)
        return case_page.work_page(case_id, task_id, refused)
    _say_done(case_id)
    return redirect(url_for("desk.case", case_id=case_id), 303)


@blueprint.route("/tasks/<int:task_id>/return", methods=["GET", "POST"])
def send_back(task_id: int) -> Answer:
    """Send the task back to an earlier step that the diagram allows, with a reason."""
    file, task = of_task(task_id)
    node = file.version.node(task.node_id)
    targets = [file.version.node(target) for target in (node.return_to if node else ())]
    reason, target = request.form.get("reason", ""), request.form.get("target", "")
    errors: Errors = {}
    refused = None
    if request.method == "POST":

        def act(db: Session) -> None:
            moment = now()
            cases.return_task(
                db, current_actor(), task_id, target, reason, now=moment, seen=read_position()
            )

        refused = attempt(act, {}, lambda: (file, task))
        if refused is None:
            flash(_("已退回。"), "success")
            return to_case(file.case.id, None)
        errors = refused.errors
    page = render_template(
        "desk/return.html",
        case=file.case,
        task=task,
        targets=[node for node in targets if node],
        reason=reason,
        target=target,
        errors={name: [localize(text) for text in texts] for name, texts in errors.items()},
        message=refused.message if refused else "",
        seen=_seen_now(file, refused),
    )
    return page, refused.status if refused else 200


@blueprint.route("/cases/<int:case_id>/messages/<message>", methods=["GET", "POST"])
def send_message(case_id: int, message: str) -> Answer:
    """A button that the diagram offers now: its form, then what it does."""
    actor = current_actor()
    with reading() as db:
        file = casefile.open_file(db, actor, case_id)
        offered = cases.offers(db, file.case, file.version, file.state.state, actor)
    catch = next((one for one in offered if one.message == message), None)
    if request.method == "GET" and catch is None:
        raise NotFound(case_id)
    form = file.version.form(catch.form) if catch else None
    posted, refused = posted_forms.PostedForm({}), None
    if request.method == "POST":
        posted = _posted_form(form, actor, file.case.county_id)
        refused = TypedInput(
            posted.answers, posted.errors, "", 422 if posted.errors else 200, read_position()
        )
        if not posted.only_reshaped and not posted.errors:
            refused = attempt(
                lambda db: cases.send_message(
                    db, actor, case_id, message, posted.answers, now=now(), seen=read_position()
                ),
                posted.answers,
                lambda: (file, None),
            )
        if refused is None:
            _say_done(case_id)
            return redirect(url_for("desk.case", case_id=case_id), 303)
    return _message_page(actor, file, catch, form, posted.answers, refused)


def _message_page(
    actor: Actor,
    file: CaseFile,
    catch: Any,
    form: Form | None,
    answers: Any,
    refused: TypedInput | None,
) -> tuple[str, int]:
    filled = posted_forms.show(form, answers, refused.errors if refused else None)
    locale = locales.current()
    with reading() as db:
        earlier = casefile.earlier_answers(db, file, locale)
        beside = casefile.shown_answers(earlier, form.shows if form else ())
        looked_up = sources.look_up(db, actor, filled.model if filled else None, beside)
    node = file.version.node(catch.node_id) if catch else None
    name = (node.name_en if node and locale == "en" else "") or (catch.name if catch else "")
    page = render_template(
        "desk/message.html",
        case=file.case,
        name=name,
        form=filled,
        beside=beside,
        sources=looked_up,
        message=refused.message if refused else "",
        seen=_seen_now(file, refused),
    )
    return page, refused.status if refused else 200


def of_task(task_id: int) -> tuple[CaseFile, Task]:
    """Return the case of a task and the task, open or done. Raises NotFound for the unseen."""
    actor = current_actor()
    with reading() as db:
        case_id = casefile.case_of_task(db, task_id)
        logs.bind_case(case_id)
        file = casefile.open_file(db, actor, case_id)
        task = file.task(task_id) or casefile.done_task(db, file, task_id)
    if task is None:
        raise NotFound(task_id)
    return file, task


def _blank(actor: Actor, task_id: int) -> TaskForm:
    """Return the case of a task, and its form if it has one. Raises NotFound for the unseen."""
    with reading() as db:
        blank = casefile.blank(db, actor, task_id)
    logs.bind_case(blank.case_id)
    return blank


def _posted_form(form: Form | None, actor: Actor, county_id: int) -> posted_forms.PostedForm:
    return (
        posted_forms.PostedForm({}) if form is None else posted_forms.parse(form, actor, county_id)
    )


def read_position() -> int | None:
    """Return how far the page that was sent had read the case's chain."""
    return request.form.get("seen", type=whole)


def _seen_now(file: CaseFile, refused: TypedInput | None) -> int:
    """Return what the answer shows of the case: as before, unless it says what has changed
    since.
    """
    kept_as = refused.seen_length if refused is not None else None
    return file.state.audit_length if kept_as is None else kept_as


def attempt(
    act: Callable[[Session], Any],
    answers: Any,
    find: Callable[[], tuple[CaseFile, Task | None]] | None = None,
) -> TypedInput | None:
    """Run one move in its transaction; what it was refused for, or None when it took effect.

    ``find`` gives the case and the task of a form that others can have overtaken.
    """
    try:
        with transaction() as db:
            act(db)
    except InvalidAnswers as error:
        return TypedInput(answers, error.errors, "", 422, read_position())
    except InvalidInput as error:
        return TypedInput(answers, posted_forms.rejected(error), "", 422, read_position())
    except StaleForm as error:
        assert find is not None
        return TypedInput(answers, {}, presence.words(*find(), error), status_of(error))
    except (Refusal, Incident) as error:
        if isinstance(error, Incident):
            logs.failure(error)
        told = (
            refusals.explained(error) if isinstance(error, NotAllowed) else [localize(error.text)]
        )
        return TypedInput(answers, {}, " ".join(told), status_of(error), read_position())
    return None


def _rescue(actor: Actor, subject: str, answers: Any) -> None:
    """The engine could not go on: keep the answers until it can."""
    with transaction() as db:
        form_drafts.save(db, actor.user_id, subject, answers, now())


def _say_done(case_id: int) -> None:
    """Show on the case page, which comes next, what the case waits for now."""
    flash(str(case_id), "submitted")


def to_case(case_id: int, task_id: int | None) -> Response:
    """Back to the page of the case, at that task."""
    return redirect(url_for("desk.case", case_id=case_id, task=task_id), 303)
