"""Cases: the list and one case."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from engine import settings
from engine.models import Task
from engine.reading import case_lists, casefile
from engine.reading import people as case_people
from engine.reading.case_lists import CaseSearch
from engine.reading.casefile import CaseFile
from engine.reading.people import PersonView
from engine.storage.db import reading
from webapp.account.people import current_actor, scoped
from webapp.api.refusals import refuses
from webapp.api.schemas import CaseDetail, CaseList, CaseQuery, PeopleList
from webapp.clock import now

blueprint = Blueprint("cases", __name__, url_prefix="/api/v1/cases", description="Cases")


@blueprint.get("")
@scoped("cases.read")
@blueprint.arguments(CaseQuery, location="query")
@blueprint.response(200, CaseList)
@refuses(blueprint)
def list_cases(query: dict[str, Any]) -> dict[str, Any]:
    """The cases that the caller may see, the newest first."""
    search = CaseSearch(text=query["q"].strip(), process=query["process"], stand=query["stand"])
    after = int(query["after"]) if "after" in query else None
    with reading() as db:
        page = case_lists.cases(db, current_actor(), search, after=after, size=query["size"])
    return {"items": [asdict(row) for row in page.rows], "next": page.after}


@blueprint.get("/<int:case_id>")
@scoped("cases.read")
@blueprint.response(200, CaseDetail)
@refuses(blueprint, 404)
def one(case_id: int) -> dict[str, Any]:
    """One case with the steps that it waits for."""
    with reading() as db:
        return detail(casefile.open_file(db, current_actor(), case_id))


@blueprint.get("/<int:case_id>/people")
@scoped("cases.read")
@blueprint.response(200, PeopleList)
@refuses(blueprint, 404)
def people(case_id: int) -> dict[str, Any]:
    """The people of a case, masked as on a page that nobody asked to show them whole."""
    today = settings.current().local_day(now())
    with reading() as db:
        file = casefile.open_file(db, current_actor(), case_id)
        found = case_people.of_case(db, file, whole=False, today=today, locale="zh_CN")
    return {"items": [_person(one) for one in found]}


def _person(one: PersonView) -> dict[str, Any]:
    told = {key: words for key, _label, words in one.lines}
    beside = [_person(agent) for agent in one.beside]
    return {**told, "role": one.code, "kind": one.kind, "name": one.name, "agents": beside}


def detail(file: CaseFile) -> dict[str, Any]:
    """Return a case as the interface gives it."""
    case = file.case
    return {
        "case_id": case.id,
        "number": case.number,
        "title": case.title,
        "place": case.place_name,
        "process": case.process,
        "priority": case.priority,
        "category": case.category,
        "level": case.level,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "due_at": case.due_at,
        "version": file.version.number,
        "seen": file.state.audit_length,
        "passed": file.state.passed,
        "steps": [_step(task) for task in file.open],
    }


def _step(task: Task) -> dict[str, Any]:
    return {
        "task_id": task.id,
        "name": task.name,
        "name_en": task.name_en,
        "deadline_at": task.deadline_at,
    }
