"""The page of a case's people: masked, and whole after one press that is recorded."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import settings
from engine.access import policy
from engine.casework import people_amendment, unmask
from engine.reading import people as case_people
from engine.storage.db import reading, transaction
from forms import InvalidAnswers
from webapp import locales, logs
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page, pages, people_unmasking
from webapp.form_pages import posted_forms, sources
from webapp.query_numbers import whole

Answer = Response | tuple[str, int]


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
    people_unmasking.note(case_id)
    if request.form.get("back") == "work":
        task_id = request.form.get("task", type=whole)
        return redirect(url_for("desk.case", case_id=case_id, task=task_id), 303)
    return redirect(url_for("desk.people", case_id=case_id), 303)


@blueprint.route("/cases/<int:case_id>/people/edit", methods=["GET", "POST"])
@step_up.proven_where(pages.in_other_hands)
def amend_people(case_id: int) -> Answer:
    """Say more of the people, or better, while one holds the case; what was said before stays."""
    actor = current_actor()
    logs.bind_case(case_id)
    if request.method == "GET":
        # Whoever edits sees: that is recorded as for the page of people.
        with transaction() as db:
            unmask.people(db, actor, case_id, now=now())
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "people")
        said = people_amendment.standing(db, actor, page.file.case, page.file.version)
    form = people_amendment.people_questions(page.file.version).form
    posted = posted_forms.PostedForm(said)
    if request.method == "POST":
        posted = posted_forms.parse(form, actor, page.file.case.county_id)
        errors = dict(posted.errors)
        if not posted.only_reshaped and not errors:
            try:
                with transaction() as db:
                    people_amendment.amend(db, actor, case_id, posted.answers, now=now())
            except InvalidAnswers as error:
                errors = dict(error.errors)
            else:
                flash(_("已保存。"), "success")
                return redirect(url_for("desk.people", case_id=case_id), 303)
        posted = posted_forms.PostedForm(posted.answers, errors)
    filled = posted_forms.show(form, posted.answers, posted.errors)
    with reading() as db:
        looked_up = sources.look_up(db, actor, filled.model if filled else None)
    shown = render_template(
        "desk/people_edit.html", page=page, case=page.file.case, form=filled, sources=looked_up
    )
    return shown, 422 if posted.errors else 200


def _page(case_id: int, *, whole: bool = False) -> str:
    actor, today = current_actor(), settings.current().local_day(now())
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "people")
        page.whole = whole or people_unmasking.shown_whole(actor, page.file)
        at_work = {task.unit_id for task in page.file.open}
        page.holds = not page.file.case.confidential and not (
            {page.file.case.unit_id, *at_work}.isdisjoint(actor.unit_ids)
        )
        page.may_unmask = policy.may_unmask(db, actor, page.file.case, at_work)
        shown = case_people.of_case(
            db, page.file, whole=page.whole, today=today, locale=locales.current()
        )
    return render_template("desk/people.html", page=page, case=page.file.case, people=shown)
