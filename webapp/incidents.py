"""Incidents: what the engine could not do, in words; trying again and fixing it."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.bpmn.nodes import Node
from engine.casework import incidents
from engine.errors import Incident, InvalidInput, Refusal
from engine.storage.db import reading, transaction
from engine.worker import repairs
from feel.text import Text
from webapp import locales, logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.locales import localize
from webapp.names import task_name
from webapp.statuses import status_of

blueprint = Blueprint("incidents", __name__, url_prefix="/incidents")
Answer = Response | str | tuple[str, int]
# What was being done when it failed, by the beginning of the recorded verb.
VERBS = {
    "complete": Text("办理环节", "Completing a step"),
    "return": Text("退回环节", "Sending a step back"),
    "message": Text("办理按钮", "Pressing a button"),
    "fire": Text("到时自动处理", "A moment that had come"),
    "incident": Text("修复", "A repair"),
}
OTHER = Text("流程处理", "Processing")


@blueprint.get("/")
def index() -> str:
    """Open incidents in my area, newest first."""
    after = request.args.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    with reading() as db:
        rows, following = incidents.unsolved(db, current_actor(), after=start)
    return render_template(
        "incidents/list.html", rows=rows, after=following, verb=verb, element=element
    )


@blueprint.get("/<int:incident_id>")
def one(incident_id: int) -> Answer:
    """One incident: the element, the reason, the variables involved, and what can be done."""
    return _page(incident_id)


@blueprint.post("/<int:incident_id>/retry")
def retry(incident_id: int) -> Answer:
    """Try what failed again."""
    fired: list[bool] = []

    def act(db: Session) -> None:
        fired.append(repairs.retry(db, current_actor(), incident_id, now=now()))

    def done() -> str:
        if fired[0]:
            return _("已重新执行，流程已继续。")
        return _("已通知提交人重新提交；顺延的时限将立即处理。")

    return _attempt(incident_id, act, done)


@blueprint.post("/<int:incident_id>/variable")
def variable(incident_id: int) -> Answer:
    """Set a variable of the case."""
    name, value = request.form.get("name", "").strip(), request.form.get("value", "")[:2000]

    def act(db: Session) -> None:
        repairs.set_variable(db, current_actor(), incident_id, name, value, now=now())

    return _attempt(incident_id, act, lambda: _("变量已修改，可重试。"), stay=True)


@blueprint.post("/<int:incident_id>/move")
def move(incident_id: int) -> Answer:
    """Put the token of an open task, or of the timer, on another step."""
    target, reason = request.form.get("target", ""), request.form.get("reason", "")[:1000]
    task = request.form.get("task", "")
    task_id = int(task) if task.isascii() and task.isdigit() and len(task) < 19 else None

    def act(db: Session) -> None:
        actor = current_actor()
        repairs.move(db, actor, incident_id, target, reason, now=now(), task_id=task_id)

    return _attempt(incident_id, act, lambda: _("已移到所选环节，流程已继续。"))


@blueprint.post("/<int:incident_id>/leave-out")
def leave_out(incident_id: int) -> Answer:
    """Skip the failed timer."""
    reason = request.form.get("reason", "")[:1000]

    def act(db: Session) -> None:
        repairs.leave_out(db, current_actor(), incident_id, reason, now=now())

    return _attempt(incident_id, act, lambda: _("已跳过，流程已继续。"))


def verb(recorded: str) -> str:
    """Return what was being done, in the language of this request."""
    return localize(VERBS.get(recorded.partition(".")[0], OTHER))


def element(node: Node | None, node_id: str) -> str:
    """Return the element's name as the diagram has it; its id where it has none."""
    if node is None:
        return node_id or _("整个流程")
    english = node.name_en if locales.english() else ""
    return english or node.name or node.id


def _attempt(
    incident_id: int, act: Callable[[Session], None], done: Callable[[], str], stay: bool = False
) -> Answer:
    """Do it and say so; a refusal comes back with the page and everything that was typed."""
    try:
        with transaction() as db:
            act(db)
    except InvalidInput as error:
        return _page(
            incident_id, {name: localize(text) for name, text in error.errors.items()}, 422
        )
    except (Incident, Refusal) as error:
        if isinstance(error, Incident):
            logs.failure(error)
        status = status_of(error)
        if status == 403:
            raise
        return _page(incident_id, {"": localize(error.text)}, status)
    flash(done(), "success")
    if stay:
        return redirect(url_for("incidents.one", incident_id=incident_id), 303)
    return redirect(url_for("incidents.index"), 303)


def _page(incident_id: int, errors: dict[str, str] | None = None, status: int = 200) -> Answer:
    with reading() as db:
        trouble = incidents.open_trouble(db, current_actor(), incident_id)
    page = render_template(
        "incidents/incident.html",
        trouble=trouble,
        case=trouble.case,
        errors=errors or {},
        typed=request.form,
        verb=verb,
        element=element,
        task_name=task_name,
    )
    return page, status
