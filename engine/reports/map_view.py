"""Cases on the map of an area: clusters by zoom, and what its parts come to.

A case stands where it was reported from; one without a position stands in the middle of its place.
Confidential cases are never points; in the sums of parts they count for whoever may see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import cos, floor, radians
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, cast, exists, func, or_, select, true
from sqlalchemy.orm import Session

from engine.access import policy
from engine.access.actors import Actor
from engine.geo import outlines
from engine.geo.outlines import CountyShapes
from engine.models import Case, Population, Task, Unit
from engine.reports import promises
from engine.reports.area import Area, bool_of, parts_of
from engine.reports.figures import Rate
from engine.reports.period import Period

Condition = ColumnElement[bool]
# What is shown: opened in the period; of those open now all, the overdue, the soon due.
OPENED, OPEN, LATE, SOON = "opened", "open", "late", "soon"
STATES = (OPENED, OPEN, LATE, SOON)
LOWEST, HIGHEST = 5, 18
# A tile of 256 pixels has four cells across.
CELLS = 4
PER = 1000


@dataclass(frozen=True)
class MapCell:
    """One square of the map at a zoom: column and row from the county's south-west corner."""

    zoom: int
    column: int
    row: int


@dataclass(frozen=True)
class MapQuery:
    """Which cases of an area are shown; in a place (a unit with all below), or in a cell."""

    area: Area
    period: Period
    state: str = OPEN
    process: str = ""
    category: str = ""
    place: Area | None = None
    # Of the place the unit itself alone, without the parts below it.
    alone: bool = False
    cell: MapCell | None = None
    # West, south, east, north: only what lies in it is drawn.
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class MapMark:
    """Cases that stand close together: how many, how many of them are overdue, and where."""

    cell: MapCell
    longitude: float
    latitude: float
    count: int
    late: int


@dataclass(frozen=True)
class PartSums:
    """What the cases of one part of the area come to."""

    unit: Unit
    count: int
    late: int
    answers: Rate
    people: int | None = None

    @property
    def per_thousand(self) -> float | None:
        """Cases per 1,000 people; None without a population."""
        return PER * self.count / self.people if self.people else None


@dataclass(frozen=True)
class MapGrid:
    """The squares of a zoom: where they begin, and how wide and high they are, in degrees."""

    zoom: int
    west: float
    south: float
    width: float
    height: float

    @classmethod
    def of(cls, shapes: CountyShapes, zoom: int) -> MapGrid:
        """Return the grid of a county; squares on the screen, whatever the latitude."""
        zoom = max(LOWEST, min(zoom, HIGHEST))
        west, south, _east, north = shapes.bounds
        width = 360 / 2**zoom / CELLS
        squeeze = cos(radians((south + north) / 2))
        # A margin, so that columns and rows count from nought also beside the outline.
        return cls(zoom, west - 2, south - 2, width, width * squeeze)

    def cell(self, longitude: float, latitude: float) -> MapCell:
        """Return the square that a point lies in."""
        column = floor((longitude - self.west) / self.width)
        return MapCell(self.zoom, column, floor((latitude - self.south) / self.height))

    def columns(self, db: Session) -> tuple[ColumnElement[int], ColumnElement[int]]:
        """Return column and row of a case's own position, in SQL."""
        x = (Case.longitude - self.west) / self.width
        y = (Case.latitude - self.south) / self.height
        if db.get_bind().dialect.name == "postgresql":
            return cast(func.floor(x), Integer), cast(func.floor(y), Integer)
        return cast(x, Integer), cast(y, Integer)


def marks(
    db: Session, asked: MapQuery, shapes: CountyShapes, zoom: int, now: datetime
) -> list[MapMark]:
    """Return the marks of a zoom; two statements. ``asked.cell`` is left aside."""
    grid = MapGrid.of(shapes, zoom)
    found: dict[MapCell, list[float]] = {}
    column, row = grid.columns(db)
    count, late = func.count(), _late_count(now)
    own = _from_cases(
        select(column.label("c"), row.label("r"), count, late, *_means()).select_from(Case)
    ).where(_positioned(), _boxed(asked), ~Case.guarded, *conditions(asked, now))
    for c, r, many, overdue, x, y in db.execute(own.group_by("c", "r")):
        _add(found, MapCell(grid.zoom, c, r), int(many), int(overdue), x, y)
    placed = _from_cases(select(Case.place_id, count, late).select_from(Case)).where(
        ~_positioned(), ~Case.guarded, *conditions(asked, now)
    )
    for place_id, many, overdue in db.execute(placed.group_by(Case.place_id)):
        middle = shapes.middles.get(place_id)
        if middle is not None and _inside(middle, asked):
            _add(found, grid.cell(*middle), int(many), int(overdue), *middle)
    return [
        MapMark(cell, x / many, y / many, int(many), int(overdue))
        for cell, (many, overdue, x, y) in sorted(
            found.items(), key=lambda item: (item[0].column, item[0].row)
        )
    ]


def parts(db: Session, actor: Actor, asked: MapQuery, now: datetime) -> list[PartSums]:
    """Return the sums of the area's parts, in the order of their codes; three statements."""
    part = asked.area.part().label("part")
    closed = and_(Case.closed_at.is_not(None), Case.due_at.is_not(None))
    in_time = and_(closed, promises.in_time())
    sums = (
        _from_cases(
            select(
                part,
                func.count(),
                _late_count(now),
                func.count().filter(in_time),
                func.count().filter(closed),
            ).select_from(Case)
        )
        .where(*conditions(asked, now), ~policy.around(actor))
        .group_by("part")
    )
    found = {key: tuple(map(int, rest)) for key, *rest in db.execute(sums)}
    units = parts_of(db, asked.area, set(found))
    people = _people(db, units)
    return [
        PartSums(unit, count, late, Rate(in_time, closed), people.get(unit.id))
        for unit in units.values()
        for count, late, in_time, closed in (found.get(unit.id, (0, 0, 0, 0)),)
    ]


def conditions(asked: MapQuery, now: datetime) -> Sequence[Condition]:
    """Return what the map asks of a case whose place is joined as ``Unit``; cells apart."""
    found = [asked.area.holds(Unit), _state(asked, now)]
    if asked.place is not None:
        alone = bool_of(Unit.id == asked.place.unit.id)
        found.append(alone if asked.alone else asked.place.holds(Unit))
    if asked.process:
        found.append(Case.process == asked.process)
    if asked.category:
        found.append(Case.category == asked.category)
    return found


def in_cell(db: Session, shapes: CountyShapes, cell: MapCell) -> Condition:
    """Return whether a case stands in a square: by its own position, or in the middle of its
    place.
    """
    grid = MapGrid.of(shapes, cell.zoom)
    column, row = grid.columns(db)
    own = and_(_positioned(), column == cell.column, row == cell.row)
    places = [one for one, middle in shapes.middles.items() if grid.cell(*middle) == cell]
    return and_(~Case.guarded, or_(own, and_(~_positioned(), Case.place_id.in_(places))))


def shapes_of(db: Session, area: Area) -> CountyShapes | None:
    """Return the shapes of the area's county; None where it has no boundaries."""
    county_id = area.unit.at_county or area.unit.id
    return outlines.shapes(db, county_id)


def collection(db: Session, area: Area) -> dict[str, Any]:
    """Return the outlines of the area and its parts, to be drawn; nothing without boundaries."""
    found = shapes_of(db, area)
    if found is None:
        return {"parts": None, "whole": None}
    ids = [one for one in parts_of(db, area, set()) if one != area.unit.id]
    whole = outlines.collection(found, [area.unit.id])
    return {"parts": outlines.collection(found, ids), "whole": whole}


def categories(db: Session, asked: MapQuery, now: datetime) -> list[str]:
    """Return the categories of the cases shown, whichever is chosen, in order."""
    wanted = replace(asked, category="")
    rows = _from_cases(select(Case.category).select_from(Case)).where(
        Case.category.is_not(None), ~Case.guarded, *conditions(wanted, now)
    )
    return sorted(row for row in db.scalars(rows.distinct()) if row)


def _from_cases(statement: Any) -> Any:
    return statement.join(Unit, Unit.id == Case.place_id)


def _positioned() -> Condition:
    return and_(Case.latitude.is_not(None), Case.longitude.is_not(None))


def _state(asked: MapQuery, now: datetime) -> Condition:
    period = asked.period
    if asked.state == OPENED:
        return and_(Case.opened_at >= period.start, Case.opened_at < period.end)
    if asked.state == OPEN:
        return Case.closed_at.is_(None)
    task = and_(Task.case_id == Case.id, Task.county_id == Case.county_id, Task.done_at.is_(None))
    late = exists().where(task, Task.deadline_at <= now)
    if asked.state == LATE:
        return and_(Case.closed_at.is_(None), late)
    soon = exists().where(task, Task.warn_at <= now, Task.deadline_at > now)
    return and_(Case.closed_at.is_(None), soon, ~late)


def _late_count(now: datetime) -> ColumnElement[int]:
    """Return how many of the cases have an open task that is overdue."""
    late = select(Task.case_id).where(Task.done_at.is_(None), Task.deadline_at <= now)
    return func.count().filter(and_(Case.closed_at.is_(None), Case.id.in_(late)))


def _boxed(asked: MapQuery) -> Condition:
    if asked.box is None:
        return true()
    west, south, east, north = asked.box
    return and_(Case.longitude.between(west, east), Case.latitude.between(south, north))


def _inside(point: tuple[float, float], asked: MapQuery) -> bool:
    if asked.box is None:
        return True
    west, south, east, north = asked.box
    return west <= point[0] <= east and south <= point[1] <= north


def _means() -> tuple[Any, Any]:
    return func.avg(Case.longitude), func.avg(Case.latitude)


def _add(
    found: dict[MapCell, list[float]], cell: MapCell, many: int, late: int, x: float, y: float
) -> None:
    sums = found.setdefault(cell, [0, 0, 0.0, 0.0])
    for place, value in enumerate((many, late, x * many, y * many)):
        sums[place] += value


def _people(db: Session, units: Mapping[int, Unit]) -> dict[int, int]:
    rows = select(Population.unit_id, Population.people).where(Population.unit_id.in_(units))
    return dict(db.execute(rows).tuples().all())
