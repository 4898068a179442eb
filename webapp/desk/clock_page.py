"""The clocks of a case in full: why each deadline is what it is, what escalated, what did not."""

from __future__ import annotations

from flask import render_template, request

from engine.reports import clock_history
from engine.storage.db import reading
from webapp import clock_labels, logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.query_numbers import whole


@blueprint.get("/cases/<int:case_id>/clocks")
def clocks(case_id: int) -> str:
    """Each clock with the rule behind it, and each rung of its ladder with its outcome.

    ``before`` goes on with the ended steps that are older than that one.
    """
    logs.bind_case(case_id)
    with reading() as db:
        page = case_page.head(db, current_actor(), case_id, None, "clocks")
        before = request.args.get("before", type=whole)
        told = clock_history.of_case(db, page.file, now(), before=before)
    return render_template(
        "desk/clocks.html",
        page=page,
        case=page.file.case,
        chapters=told.groups,
        older=told.before,
        words=clock_labels,
    )
