"""The returns of a unit by table and period, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.definitions.statistics import StatisticTable
from engine.errors import NotFound
from engine.insight.statistics import definitions, rights
from engine.models import StatisticReturn, Unit
from engine.storage.db import reading
from engine.terms import periods
from engine.terms.periods import Span
from webapp import display
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.returns import blueprint

# Up to so many units are a list to choose from; of more some are looked for by name.
FEW, MOST_MATCHES = 60, 50
# How many periods are shown of each table.
SHOWN = {periods.MONTH: 6, periods.QUARTER: 5, periods.HALF: 4, periods.YEAR: 3}


@dataclass(frozen=True)
class TableLine:
    """One table of a unit with its last periods and the newest version of each, if any."""

    table: StatisticTable
    spans: list[tuple[Span, StatisticReturn | None]]


@blueprint.get("/")
def index() -> str:
    """Every table that the unit makes, period by period."""
    with reading() as db:
        units = _units(db)
        unit = _chosen(units)
        found = _tables(db)
        newest = _newest(db, unit)
        today = display.local(now()).date()
        tables = [
            TableLine(
                table,
                [
                    (one, newest.get((table.key, one.key)))
                    for one in periods.latest(today, table.every, SHOWN[table.every])
                ],
            )
            for table in found
        ]
        text = request.args.get("q", "").strip()[:60]
        return render_template(
            "returns/index.html",
            units=units,
            unit=unit,
            tables=tables,
            every=periods.NAMES,
            few=FEW,
            text=text,
            matches=_matches(units, text),
        )


def _tables(db: Session) -> list[StatisticTable]:
    """Return the tables in force, none where none were ever published."""
    try:
        return list(definitions.in_force(db, now()).tables.values())
    except NotFound:
        return []


def _units(db: Session) -> list[Unit]:
    """Return the units whose returns the reader may open, their own first; grids make none."""
    actor = current_actor()
    rows = db.scalars(
        select(Unit)
        .where(rights.readable(actor), Unit.level != "grid", Unit.ended_at.is_(None))
        .order_by(Unit.code)
        .limit(2000)
    )
    return sorted(rows, key=lambda unit: (unit.id not in actor.unit_ids, unit.code))


def _matches(units: list[Unit], text: str) -> list[Unit]:
    """Return the units whose name or code holds what was typed; none where nothing was."""
    if not text:
        return []
    return [one for one in units if text in one.name or text in one.code][:MOST_MATCHES]


def _chosen(units: list[Unit]) -> Unit:
    asked = request.args.get("unit", "")
    found = [unit for unit in units if str(unit.id) == asked] if asked else units[:1]
    if not found:
        raise NotFound(asked)
    return found[0]


def _newest(db: Session, unit: Unit) -> dict[tuple[str, str], StatisticReturn]:
    rows = db.scalars(
        select(StatisticReturn)
        .where(StatisticReturn.unit_id == unit.id)
        .order_by(StatisticReturn.number)
    )
    return {(row.statistic, row.period): row for row in rows}
