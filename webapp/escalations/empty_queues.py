"""The list "nobody sits here": roles that tasks wait for and nobody holds."""

from __future__ import annotations

from flask import render_template, request

from engine.reports import area as areas
from engine.reports import empty_queues
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.escalations import blueprint
from webapp.period_query import unit_asked


@blueprint.get("/supervision/empty")
def empty() -> str:
    """Queues of my areas in which nobody sits, the longest empty first."""
    actor = current_actor()
    with reading() as db:
        area, mine = areas.chosen(db, actor, unit_asked())
        rows = empty_queues.find(db, actor, area, now())
    chosen = request.args.get("unit")
    return render_template("escalations/empty.html", area=area, mine=mine, rows=rows, chosen=chosen)
