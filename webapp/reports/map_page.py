"""The map of an area: its parts in colours, cases as marks, and the same as a table beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from engine.errors import NotFound
from engine.reports import area as areas
from engine.reports import map_listing, map_view
from engine.reports.area import Area
from engine.reports.map_view import MapCell, MapQuery, PartSums
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.period_query import NAMES, PeriodQuery, number_asked, period_asked
from webapp.reports import blueprint, labels, of_area, processes_of

CLASSES = 5
# Cells count from the county's south-west corner; no map has more of them.
MOST_CELLS = 1 << 22


@dataclass(frozen=True)
class MapMeasure:
    """What parts are coloured by; ``text`` is how it is written."""

    name: LazyString
    of: Callable[[PartSums], float | None]
    text: Callable[[float], str]


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _tenth(value: float) -> str:
    return f"{value:.1f}"


MEASURES = {
    "count": MapMeasure(_l("件数"), lambda part: float(part.count), _whole),
    "per_thousand": MapMeasure(_l("每千人件数"), lambda part: part.per_thousand, _tenth),
    "late": MapMeasure(_l("超期件数"), lambda part: float(part.late), _whole),
    "answers": MapMeasure(
        _l("答复按期率"), lambda part: part.answers.percent, lambda value: f"{value:.1f}%"
    ),
}
STATES = {
    map_view.OPEN: _l("在办"),
    map_view.LATE: _l("已超期"),
    map_view.SOON: _l("将到期"),
    map_view.OPENED: _l("统计期内登记"),
}


@dataclass(frozen=True)
class MapFilter:
    """What the address asks of the map, and what leads back to it."""

    base: PeriodQuery
    state: str
    category: str
    measure: str
    equal: bool

    @classmethod
    def of_request(cls) -> MapFilter:
        """Read the address; what it does not know is as if not asked."""
        args = request.args
        state, measure = args.get("state", ""), args.get("by", "")
        return cls(
            period_asked(),
            state if state in STATES else map_view.OPEN,
            args.get("category", "")[:64],
            measure if measure in MEASURES else "count",
            args.get("classes") == "equal",
        )

    @property
    def query(self) -> dict[str, Any]:
        """The filter as an address says it, without colours."""
        found: dict[str, Any] = {**self.base.query, "state": self.state}
        return found | ({"category": self.category} if self.category else {})

    @property
    def colours(self) -> dict[str, Any]:
        """How parts are coloured, as an address says it."""
        return {"by": self.measure, **({"classes": "equal"} if self.equal else {})}

    def of_area(self, area: Area) -> MapQuery:
        """Return the question for an area."""
        base = self.base
        return MapQuery(area, base.period, self.state, base.process, self.category)


@blueprint.get("/reports/map")
def county_map() -> str:
    """The map with its table."""
    wanted = MapFilter.of_request()
    with reading() as db:
        area, mine = of_area(db)
        query = wanted.of_area(area)
        parts = map_view.parts(db, current_actor(), query, now())
        drawn = map_view.shapes_of(db, area)
        categories = map_view.categories(db, query, now())
        processes = processes_of(db)
    measure = MEASURES[wanted.measure]
    cuts = _cuts([value for part in parts if (value := measure.of(part)) is not None], wanted)
    return render_template(
        "reports/map.html",
        area=area,
        mine=mine,
        wanted=wanted,
        names=NAMES,
        states=STATES,
        measures=MEASURES,
        measure=measure,
        parts=parts,
        drawn=drawn is not None,
        invented=drawn is not None and drawn.invented,
        categories=categories,
        processes=processes,
        legend=_legend(measure, cuts),
        shade_of=lambda part: _class(measure.of(part), cuts),
        facts=json.dumps(_facts(wanted, area, parts, measure, cuts), ensure_ascii=False),
        behind=lambda part: _part_list(wanted, area, part),
        words=labels,
    )


@blueprint.get("/reports/map/areas")
def map_areas() -> Response:
    """The outlines of the area and its parts, as GeoJSON."""
    with reading() as db:
        area, _mine = of_area(db)
        found = map_view.collection(db, area)
    return jsonify(found)


@blueprint.get("/reports/map/marks")
def map_marks() -> Response:
    """The marks of a zoom within a box (west, south, east, north)."""
    wanted, zoom = MapFilter.of_request(), number_asked("zoom")
    with reading() as db:
        area, _mine = of_area(db)
        shapes = map_view.shapes_of(db, area)
        query = replace(wanted.of_area(area), box=_box(request.args.get("box", "")))
        zoom = map_view.LOWEST if zoom is None else zoom
        found = map_view.marks(db, query, shapes, zoom, now()) if shapes is not None else []
    return jsonify(
        [
            {
                "at": [round(mark.latitude, 5), round(mark.longitude, 5)],
                "count": mark.count,
                "late": mark.late,
                "title": _("%(count)s 件，超期 %(late)s 件", count=mark.count, late=mark.late),
                "href": _cell_list(wanted, area, mark.cell),
            }
            for mark in found
        ]
    )


@blueprint.get("/reports/map/cases")
def map_cases() -> str:
    """The cases behind a mark, or behind a part's number."""
    wanted, after = MapFilter.of_request(), number_asked("after")
    with reading() as db:
        area, _mine = of_area(db)
        shapes = map_view.shapes_of(db, area)
        query, cell = wanted.of_area(area), _cell_asked()
        place_id = number_asked("place")
        if place_id is not None:
            place = areas.chosen(db, current_actor(), place_id)[0]
            query = replace(query, place=place, alone=request.args.get("alone") == "1")
        elif cell is None:
            raise NotFound()
        if cell is not None and shapes is None:
            raise NotFound()
        found = map_listing.entries(
            db, current_actor(), replace(query, cell=cell), shapes, now(), after=after
        )
        processes = processes_of(db)
    return render_template(
        "reports/map_cases.html",
        area=query.place or area,
        back=url_for("reports.county_map", unit=area.unit.id, **wanted.query, **wanted.colours),
        wanted=wanted,
        states=STATES,
        page=found,
        processes=processes,
        words=labels,
    )


def _part_list(wanted: MapFilter, area: Area, part: PartSums) -> str:
    """Return the address of a part's cases; the area's own unit stands there without its parts."""
    alone = {"alone": 1} if part.unit.id == area.unit.id and area.below else {}
    where: dict[str, Any] = {"unit": area.unit.id, "place": part.unit.id, **alone}
    return url_for("reports.map_cases", **where, **wanted.query)


def _cell_list(wanted: MapFilter, area: Area, cell: MapCell) -> str:
    where: dict[str, Any] = {"zoom": cell.zoom, "column": cell.column, "row": cell.row}
    return url_for("reports.map_cases", unit=area.unit.id, **where, **wanted.query)


def _cell_asked() -> MapCell | None:
    """Return the square of the address; None without one. Raises NotFound for anything else."""
    numbers = [number_asked(name) for name in ("zoom", "column", "row")]
    if numbers == [None, None, None]:
        return None
    zoom, column, row = (-1 if one is None else one for one in numbers)
    known = map_view.LOWEST <= zoom <= map_view.HIGHEST
    if not known or not all(0 <= one < MOST_CELLS for one in (column, row)):
        raise NotFound()
    return MapCell(zoom, column, row)


def _box(text: str) -> tuple[float, float, float, float] | None:
    """Return west, south, east, north; None for anything else."""
    try:
        west, south, east, north = (float(one) for one in text.split(","))
    except ValueError:
        return None
    fits = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if fits else None


def _cuts(values: Sequence[float], wanted: MapFilter) -> list[float]:
    """Return the upper bounds of the classes but the last: as many parts each, or equally wide."""
    ordered = sorted(values)
    if len(set(ordered)) < 2:
        return []
    steps = range(1, CLASSES)
    if wanted.equal:
        low, high = ordered[0], ordered[-1]
        found = [low + (high - low) * step / CLASSES for step in steps]
    else:
        found = [ordered[(len(ordered) - 1) * step // CLASSES] for step in steps]
    return sorted({one for one in found if one < ordered[-1]})


def _class(value: float | None, cuts: Sequence[float]) -> int | None:
    """Return a value's class; a few classes keep the whole range of colours."""
    if value is None:
        return None
    place = sum(value > cut for cut in cuts)
    return round(place * (CLASSES - 1) / len(cuts)) if cuts else 0


def _legend(measure: MapMeasure, cuts: Sequence[float]) -> list[tuple[int, str]]:
    if not cuts:
        return []
    bounds = [f"≤ {measure.text(cut)}" for cut in cuts] + [f"> {measure.text(cuts[-1])}"]
    last = len(cuts)
    return [(round(n * (CLASSES - 1) / last), text) for n, text in enumerate(bounds)]


def _facts(
    wanted: MapFilter,
    area: Area,
    parts: Sequence[PartSums],
    measure: MapMeasure,
    cuts: Sequence[float],
) -> Mapping[str, Any]:
    """Return what the script draws on the map."""

    def one(part: PartSums) -> Mapping[str, Any]:
        value = measure.of(part)
        text = "—" if value is None else measure.text(value)
        shade = _class(value, cuts)
        where = _part_list(wanted, area, part)
        return {"name": part.unit.name, "text": text, "shade": shade, "href": where}

    return {
        "areas": url_for("reports.map_areas", unit=area.unit.id),
        "marks": url_for("reports.map_marks", unit=area.unit.id, **wanted.query),
        "parts": {str(part.unit.id): one(part) for part in parts},
        "words": {
            "in": _("放大"),
            "out": _("缩小"),
            "open": _("打开这些事项"),
            "failed": _("地图无法显示，请刷新页面重试。"),
        },
    }


def sentence(measure: MapMeasure, parts: Sequence[PartSums]) -> str:
    """Return what the map shows, in words."""
    known = [(value, part) for part in parts if (value := measure.of(part)) is not None]
    if not known:
        return _("没有可以显示的数字。")
    value, most = max(known, key=lambda pair: pair[0])
    least_value, least = min(known, key=lambda pair: pair[0])
    return _(
        "%(measure)s最高的是%(most)s（%(high)s），最低的是%(least)s（%(low)s）。",
        measure=str(measure.name),
        most=most.unit.name,
        high=measure.text(value),
        least=least.unit.name,
        low=measure.text(least_value),
    )


@blueprint.app_context_processor
def _sentences() -> dict[str, Any]:
    return {"map_sentence": sentence}
