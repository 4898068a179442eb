"""The clocks of a case in full: why each deadline is what it is, what escalated, what did not."""

from __future__ import annotations

from flask import render_template

from engine.reports import clock_history
from engine.storage.db import reading
from webapp import clock_labels, logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page


@blueprint.get("/cases/<int:case_id>/clocks")
def clocks(case_id: int) -> str:
    """Each clock with the rule behind it, and each rung of its ladder with what became of it."""
    logs.bind_case(case_id)
    with reading() as db:
        page = case_page.head(db, current_actor(), case_id, None, "clocks")
        chapters = clock_history.of_case(db, page.file, now())
    return render_template(
        "desk/clocks.html", page=page, case=page.file.case, chapters=chapters, words=clock_labels
    )
