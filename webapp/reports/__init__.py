"""Figures of an area, each one click from exactly its cases."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import policy
from engine.definitions import versions
from engine.errors import NotFound
from engine.models import Version
from engine.reports import area as areas
from engine.reports import comparison, figures, listing, omissions
from engine.reports.area import Area
from engine.reports.listing import LISTED, ListingQuery
from engine.roles import with_verb
from engine.storage.db import reading
from webapp import administration_log, downloads
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.excel_style import MIME, RulesInForce
from webapp.period_query import NAMES, PeriodQuery, period_asked, unit_asked, version_asked
from webapp.reports import comparison_labels, excel_export, labels

blueprint = Blueprint("reports", __name__)
READERS = with_verb("figures")
HEX = frozenset("0123456789abcdef")


@blueprint.get("/reports")
def board() -> str:
    """An area's figures: in all, by part, by process, by day."""
    asked = period_asked()
    with reading() as db:
        area, mine = of_area(db)
        without = omissions.of_actor(db, current_actor(), area)
        found = figures.figures(db, area, asked.period, now(), asked.process, without=without)
        days = figures.trend(db, area, asked.period, asked.process, without=without)
        compared = comparison.compare(db, area, asked.period, asked.process, without=without)
        processes = processes_of(db)
    return render_template(
        "reports/figures.html",
        compared=compared,
        before=comparison.period_before(asked.period),
        sentences=comparison_labels.sentences(compared, days),
        comparing=comparison_labels,
        area=area,
        mine=mine,
        asked=asked,
        names=NAMES,
        found=found,
        days=days,
        processes=processes,
        words=labels,
    )


@blueprint.get("/reports.xlsx")
def workbook() -> Response:
    """The same figures as a workbook, each rate with its two numbers."""
    asked = period_asked()
    with reading() as db:
        area, _mine = of_area(db)
        without = omissions.of_actor(db, current_actor(), area)
        found = figures.figures(db, area, asked.period, now(), asked.process, without=without)
        days = figures.trend(db, area, asked.period, asked.process, without=without)
        rules = RulesInForce.of(versions.in_force(db, now()), now())
    administration_log.note("export.made", current_actor(), what="reports", unit=area.unit.id)
    content = excel_export.workbook(area, asked, found, days, rules)
    name = f"{area.unit.name}-{asked.period.first}-{asked.period.last}.xlsx"
    return downloads.download(content, name, MIME)


@blueprint.get("/reports/cases")
def cases() -> str:
    """The cases behind one number."""
    asked, args = period_asked(), request.args
    measure, after = args.get("measure", ""), args.get("after", "")
    if measure not in LISTED:
        raise NotFound()
    element, version_id = args.get("element", "")[:120], version_asked()
    if measure == "way" and not (len(element) == 32 and set(element) <= HEX):
        raise NotFound()
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    with reading() as db:
        area, _mine = of_area(db)
        wanted = ListingQuery(
            measure,
            area,
            asked.period,
            args.get("process", "")[:64],
            args.get("alone") == "1",
            element,
            version_id,
        )
        page = listing.entries(db, current_actor(), wanted, now(), after=start)
        processes = processes_of(db)
    return render_template(
        "reports/cases.html",
        area=area,
        asked=asked,
        wanted=wanted,
        page=page,
        processes=processes,
        words=labels,
    )


def number(
    asked: PeriodQuery, area: Area, measure: str, line: figures.FigureRow | None = None
) -> dict[str, Any]:
    """Return the address of the list behind a number."""
    unit = line.unit if line is not None and line.unit is not None else area.unit
    query: dict[str, Any] = {"measure": measure, "unit": unit.id, **asked.query}
    if line is not None and line.process:
        query["process"] = line.process
    # The area's own unit stands among its parts without what lies below it.
    if line is not None and line.unit is not None and unit.id == area.unit.id and area.below:
        query["alone"] = 1
    return query


def of_area(db: Session) -> tuple[Area, list[Area]]:
    """Return the area of the address, and all of the reader's. Raises NotFound, NotAllowed."""
    policy.require_role(current_actor(), *READERS)
    return areas.chosen(db, current_actor(), unit_asked())


def processes_of(db: Session) -> dict[str, Version]:
    """Return the processes in force, by key."""
    return {version.process: version for version in versions.currents(db, now())}


@blueprint.app_context_processor
def _links() -> dict[str, Any]:
    return {"number_behind": number}


# Each module registers its views on the blueprint.
from webapp.reports import map_page, process_page  # noqa: E402,F401
