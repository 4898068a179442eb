"""Cases on paper: one sheet each, with a code that leads a phone back to the page."""

from __future__ import annotations

from flask import render_template, request
from markupsafe import Markup

from engine.errors import NotFound
from engine.reading import print_sheets as paper
from engine.reading import worklists
from engine.storage.db import reading
from webapp import logs
from webapp.account.people import current_actor
from webapp.desk import blueprint
from webapp.qr import page_code


@blueprint.get("/cases/<int:case_id>/sheet")
def sheet(case_id: int) -> str:
    """The sheet of one case."""
    logs.bind_case(case_id)
    return _printed([case_id])


@blueprint.get("/sheets")
def sheets() -> str:
    """The sheets of several cases, each on a page of its own; of those that I may see."""
    given = request.args.getlist("case")[: worklists.PAGE_SIZE]
    return _printed(
        [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19]
    )


def _printed(ids: list[int]) -> str:
    with reading() as db:
        found = paper.sheets(db, current_actor(), ids)
    if not found:
        raise NotFound(*ids)
    return render_template("desk/sheets.html", sheets=found, code=_code)


def _code(case_id: int) -> Markup:
    """Return the address of a case as a picture; a phone that is logged in opens it."""
    return page_code("desk.case", case_id=case_id)
