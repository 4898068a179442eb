"""The case page and its tabs: work, story, diagram; what was masked, in clear."""

from __future__ import annotations

import json
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.bpmn.elements.registry import MANUAL_KINDS
from engine.casework import unmask
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Case, Event
from engine.reading import casefile
from engine.reading.casefile import CaseFile
from engine.records import answer_history
from engine.storage.db import reading, transaction
from webapp import display, downloads, locales, logs
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.desk.timeline import SILENT, chapters, sentences_of
from webapp.form_pages import sources
from webapp.query_numbers import whole

# Sentences of the story, and sets of former answers, on one page.
STORY_SIZE, FORMER_SIZE = 60, 10


@blueprint.get("/cases/<int:case_id>")
def case(case_id: int) -> tuple[str, int]:
    """What is asked of me in this case, by when and by which rule."""
    return case_page.work_page(case_id, request.args.get("task", type=whole))


@blueprint.get("/tasks/<int:task_id>")
def task(task_id: int) -> Response:
    """The page of the case that a task belongs to."""
    actor = current_actor()
    with reading() as db:
        case_id = casefile.case_of_task(db, task_id)
        casefile.open_file(db, actor, case_id)
    return redirect(url_for("desk.case", case_id=case_id, task=task_id), 303)


@blueprint.get("/cases/<int:case_id>/story")
def story(case_id: int) -> str:
    """What happened, who did it and how long it took; the newest first, page by page."""
    before = request.args.get("before", type=whole)
    shown = Event.kind.not_in(SILENT)
    with reading() as db:
        page = case_page.head(db, current_actor(), case_id, None, "story")
        happened, more = casefile.latest(db, page.file, before, STORY_SIZE, shown)
    known = {"chapters": chapters(sentences_of(happened)), "more": more}
    return render_template("desk/story.html", page=page, case=page.file.case, **known)


@blueprint.get("/cases/<int:case_id>/former")
def former(case_id: int) -> str:
    """What was answered at steps that were done again since, the newest first, page by page."""
    actor, before = current_actor(), request.args.get("before", type=whole)
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "former")
        found = answer_history.former(db, page.file.case, before, FORMER_SIZE)
        page.earlier = casefile.said_of(page.file, found.sets, locales.current())
        page.sources = sources.look_up(db, actor, None, page.earlier)
        page.sources.hidden = page.file.concealment.hides
    known = {"page": page, "case": page.file.case, "more": found.before}
    return render_template("desk/former.html", **known)


@blueprint.get("/cases/<int:case_id>/diagram")
def diagram(case_id: int) -> str:
    """The diagram that the case follows, with done, current and late steps marked."""
    with reading() as db:
        page = case_page.head(db, current_actor(), case_id, None, "diagram")
        happenings = casefile.finished(db, page.file)
    marks = json.dumps(_marks(page.file, happenings), ensure_ascii=False)
    return render_template("desk/diagram.html", page=page, case=page.file.case, marks=marks)


@blueprint.get("/cases/<int:case_id>/diagram.bpmn")
def diagram_file(case_id: int) -> Response:
    """The frozen diagram of the case's own version."""
    with reading() as db:
        file = casefile.open_file(db, current_actor(), case_id)
        files = versions.files_of(db, file.version.id)
    name = file.version.definition.process.file
    content = files.get(name) or next(
        (content for path, content in sorted(files.items()) if path.endswith(".bpmn")), None
    )
    if content is None:
        raise NotFound(case_id)
    return downloads.download(content, f"{file.version.process}.bpmn", downloads.BPMN)


def in_other_hands(case_id: int, **_others: object) -> bool:
    """Return whether a case is no work of the person's: whoever works on it sees its people as it
    is.
    """
    with reading() as db:
        case = db.get(Case, case_id)
        return case is None or not unmask.holds(db, current_actor(), case)


@blueprint.post("/cases/<int:case_id>/reveal")
@step_up.proven_where(in_other_hands)
def reveal(case_id: int) -> tuple[str, int]:
    """Show one masked answer in clear on the answer to this request alone; it is recorded."""
    node, name = request.form.get("node", ""), request.form.get("name", "")
    actor = current_actor()
    logs.bind_case(case_id)
    with transaction() as db:
        value = unmask.unmask(db, actor, case_id, node, name, now=now())
    task_id = request.form.get("task", type=whole)
    return case_page.work_page(case_id, task_id, shown={(node, name): value})


@blueprint.post("/cases/<int:case_id>/source")
@step_up.proven_where(in_other_hands)
def source_row(case_id: int) -> str:
    """Show the row that an imported case came in with, in clear; it is recorded."""
    actor = current_actor()
    logs.bind_case(case_id)
    with transaction() as db:
        row = unmask.source_row(db, actor, case_id, now=now())
    with reading() as db:
        file = casefile.open_file(db, actor, case_id)
    return render_template("desk/source.html", case=file.case, row=row)


def _marks(file: CaseFile, happenings: list[Any]) -> dict[str, dict[str, str]]:
    """Node id -> state and words: who finished it when, who has it now."""
    steps = [node for node in map(file.version.node, file.state.passed) if node]
    marks = {node.id: {"state": "done", "text": ""} for node in steps if node.kind in MANUAL_KINDS}
    for one in happenings:
        if one.task is not None and one.actor:
            words = f"{one.actor} {display.moment(one.at)}"
            marks[one.task.node_id] = {"state": "done", "text": words}
    for task in file.open:
        late = task.deadline_at is not None and task.deadline_at <= now()
        holder = task.assignee.name if task.assignee else _("待签收")
        known = marks.get(task.node_id, {}).get("text", "")
        several = sum(one.node_id == task.node_id for one in file.open) > 1
        text = known if several and known else holder
        marks[task.node_id] = {"state": "overdue" if late else "current", "text": text}
    return marks
