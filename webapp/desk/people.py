"""The page of a case's people: masked, and whole after one press that is recorded."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import settings
from engine.access import policy
from engine.casework import unmask
from engine.reading import people as case_people
from engine.storage.db import reading, transaction
from webapp import locales, logs
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page, pages, people_seen


@blueprint.get("/cases/<int:case_id>/people")
def people(case_id: int) -> str:
    """Who is in the case as what, and who acts for whom."""
    return _page(case_id)


@blueprint.post("/cases/<int:case_id>/people")
@step_up.proven_where(pages.in_other_hands)
def show_people(case_id: int) -> str | Response:
    """Show all people of the case whole: while one holds it, else on this answer alone."""
    logs.bind_case(case_id)
    with transaction() as db:
        own = unmask.people(db, current_actor(), case_id, now=now())
    if not own:
        return _page(case_id, whole=True)
    people_seen.note(case_id)
    if request.form.get("back") == "work":
        task_id = request.form.get("task", type=int)
        return redirect(url_for("desk.case", case_id=case_id, task=task_id), 303)
    return redirect(url_for("desk.people", case_id=case_id), 303)


def _page(case_id: int, *, whole: bool = False) -> str:
    actor, today = current_actor(), settings.current().local_day(now())
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "people")
        page.whole = whole or people_seen.kept(actor, page.file)
        at_work = {task.unit_id for task in page.file.open}
        page.may_unmask = policy.may_unmask(db, actor, page.file.case, at_work)
        shown = case_people.of_case(
            db, page.file, whole=page.whole, today=today, locale=locales.current()
        )
    return render_template("desk/people.html", page=page, case=page.file.case, people=shown)
