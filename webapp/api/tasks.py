"""Tasks: the caller's queues, and completing one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from engine.casework import cases as usecases
from engine.reading import casefile, worklists
from engine.reading.worklists import TaskFilters
from engine.records import form_drafts
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor, scoped
from webapp.api.cases import detail
from webapp.api.refusals import refuses
from webapp.api.schemas import CaseDetail, Completion, TaskList, TaskQuery
from webapp.clock import now

blueprint = Blueprint("tasks", __name__, url_prefix="/api/v1/tasks", description="Tasks")


@blueprint.get("")
@scoped("cases.read")
@blueprint.arguments(TaskQuery, location="query")
@blueprint.response(200, TaskList)
@refuses(blueprint)
def list_tasks(query: dict[str, Any]) -> dict[str, Any]:
    """One queue of the caller, the most urgent first."""
    filters = TaskFilters(process=query["process"], lamp=query["lamp"])
    with reading() as db:
        page = worklists.tasks(
            db,
            current_actor(),
            query["queue"],
            filters,
            now(),
            after=query.get("after"),
            size=query["size"],
        )
    return {"items": [asdict(row) for row in page.rows], "next": page.after}


@blueprint.post("/<int:task_id>/completion")
@scoped("tasks.complete")
@blueprint.arguments(Completion)
@blueprint.response(200, CaseDetail)
@refuses(
    blueprint,
    404,
    others={
        403: "The caller's posts do not allow it",
        409: "Already done, somebody else's, or changed since",
        503: "The process stopped where it was",
    },
)
def complete(body: dict[str, Any], task_id: int) -> dict[str, Any]:
    """Submit the answers to a task's form; the case moves on."""
    actor = current_actor()
    with reading() as db:
        case_id = casefile.case_of_task(db, task_id)
        casefile.open_file(db, actor, case_id)
    with transaction() as db:
        usecases.complete_task(
            db, actor, task_id, body["answers"], now=now(), seen=body.get("seen")
        )
        form_drafts.discard(db, actor.user_id, str(task_id))
    with reading() as db:
        return detail(casefile.open_file(db, actor, case_id))
