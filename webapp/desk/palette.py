"""The palette (Ctrl+K) and the map of keys: fetched when somebody asks for them, on any page."""

from __future__ import annotations

from flask import render_template, request

from engine.reading import case_lists
from engine.reading.case_lists import CaseSearch
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.desk import blueprint

FOUND = 8


@blueprint.get("/palette")
def palette() -> str:
    """Return the dialog: the pages of one's posts, and the keys."""
    return render_template("desk/palette.html")


@blueprint.get("/palette/cases")
def palette_cases() -> str:
    """Return the first cases that a few letters find, as the list of cases finds them."""
    text = request.args.get("q", "").strip()[: case_lists.LONGEST_SEARCH]
    rows: list[object] = []
    if text:
        with reading() as db:
            rows = list(case_lists.cases(db, current_actor(), CaseSearch(text=text)).rows[:FOUND])
    return render_template("desk/palette_cases.html", rows=rows, text=text)
