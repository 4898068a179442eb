"""Versions of a county's boundaries: publishing one, reading one, the unit of a point."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInput
from engine.geo import findings as checks
from engine.geo.findings import BoundaryFinding
from engine.geo.geojson import BoundaryFile
from engine.geo.point_index import PointIndex
from engine.models import Boundary, BoundarySet, Unit, new_id
from engine.records import audit
from engine.terms.levels import LEVELS
from feel.text import Text

TOLERANCE, WIDEST = 200, 5_000
FALLBACK = "fallback"
LONGEST_CHAIN = 50
NOTHING = Text("没有可用的边界。", "There is no usable boundary.")
OTHER_COUNTY = Text("兜底单位须是本县的单位。", "The fallback must be a unit of this county.")
TOO_WIDE = Text("就近归属的距离为 0 至 5000 米。", "The tolerance is between 0 and 5000 metres.")


@dataclass(frozen=True)
class CheckedBoundaries:
    """Areas ready to be published, by unit, with what the check found."""

    county: Unit
    areas: Mapping[int, Any]
    system: str
    findings: tuple[BoundaryFinding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether an error keeps it out."""
        return not self.areas or any(one.severity == "error" for one in self.findings)

    @property
    def is_doubtful(self) -> bool:
        """Whether a person has to accept what was found."""
        return any(one.severity == "warning" for one in self.findings)


@dataclass(frozen=True)
class PublishingTerms:
    """How a version is published: where it is from, and who gets what lies in no area."""

    source: str
    fallback: Unit | None = None
    tolerance: int = TOLERANCE
    invented: bool = False
    by_id: int | None = None


@dataclass(frozen=True)
class PointUnit:
    """The unit of a point, and how it was found: inside, nearest or fallback."""

    unit: Unit
    how: str


@dataclass(frozen=True)
class _KeptIndex:
    """The index of one county, kept by a process until another version is in force."""

    made_of: int
    index: PointIndex


_KEPT: dict[int, _KeptIndex] = {}


def check(db: Session, county: Unit, file: BoundaryFile) -> CheckedBoundaries:
    """Hold a file's areas to the county's units: codes, overlaps, gaps, areas beyond the parent."""
    found = list(file.findings)
    units = {unit.code: unit for unit in db.scalars(_units_of(county))}
    for code in file.areas.keys() - units.keys():
        found.append(_unknown(code))
    areas = {units[code].id: area for code, area in file.areas.items() if code in units}
    kept = _areas_in_force(db, county) | areas
    by_id = {unit.id: unit for unit in units.values()}
    found += _between_siblings(by_id, areas, kept)
    return CheckedBoundaries(county, areas, file.system, tuple(found))


def publish(
    db: Session, checked: CheckedBoundaries, terms: PublishingTerms, *, now: datetime
) -> BoundarySet:
    """Put areas in force as the county's next version; earlier ones stay as history.

    Levels that the file says nothing of keep the areas that they have. Raises InvalidInput.
    """
    county, fallback = checked.county, terms.fallback or checked.county
    if checked.is_refused:
        raise InvalidInput({"": NOTHING})
    if fallback.at_county != county.id or fallback.ended_at is not None:
        raise InvalidInput({"fallback": OTHER_COUNTY})
    if not 0 <= terms.tolerance <= WIDEST:
        raise InvalidInput({"tolerance": TOO_WIDE})
    levels = set(db.scalars(select(Unit.level).where(Unit.id.in_(checked.areas)).distinct()))
    kept = {
        unit_id: wkb for unit_id, wkb, level in rows_in_force(db, county.id) if level not in levels
    }
    version = BoundarySet(
        id=new_id(),
        county_id=county.id,
        number=(current_number(db, county.id) or 0) + 1,
        fallback_id=fallback.id,
        tolerance=terms.tolerance,
        system=checked.system,
        source=terms.source[:200],
        invented=terms.invented,
        made_by=terms.by_id,
        made_at=now,
    )
    db.add(version)
    db.flush()
    written = kept | {unit_id: shapely.to_wkb(area) for unit_id, area in checked.areas.items()}
    rows = [{"set_id": version.id, "unit_id": id_, "wkb": wkb} for id_, wkb in written.items()]
    db.execute(insert(Boundary), rows)
    said = {"county": county.code, "number": version.number, "areas": len(rows)}
    said |= {"system": version.system, "source": version.source, "invented": version.invented}
    audit.record_admin(db, "boundaries.published", terms.by_id, said, at=now)
    return version


def locate(db: Session, county_id: int, longitude: float, latitude: float) -> PointUnit:
    """Return the unit of a WGS-84 point: the finest area, the nearest one, else the fallback.

    Before there are boundaries the county itself is the fallback. Never nothing.
    """
    version = version_in_force(db, county_id)
    if version is None:
        return PointUnit(_at_work(db, county_id), FALLBACK)
    index = _index(db, version)
    units, how = index.units_of([longitude], [latitude], version.tolerance)
    if units[0] is None:
        return PointUnit(_at_work(db, version.fallback_id), FALLBACK)
    return PointUnit(_at_work(db, units[0]), how[0])


def history(db: Session, county_id: int) -> Sequence[BoundarySet]:
    """Return the versions of a county, the newest first."""
    own = select(BoundarySet).where(BoundarySet.county_id == county_id)
    return db.scalars(own.order_by(BoundarySet.number.desc())).all()


def current_number(db: Session, county_id: int) -> int | None:
    """Return the number of the version in force."""
    own = BoundarySet.county_id == county_id
    return db.scalar(select(func.max(BoundarySet.number)).where(own))


def outline(db: Session, county: Unit) -> Any | None:
    """Return the county's own area in WGS-84; None where no version has it."""
    return _areas_in_force(db, county).get(county.id)


def export(db: Session, county_id: int, number: int | None = None) -> dict[str, Any]:
    """Return a version as GeoJSON in WGS-84: a person's copy, and what an import takes again."""
    number = number or current_number(db, county_id)
    own = (BoundarySet.county_id == county_id, BoundarySet.number == number)
    rows = db.execute(
        select(Unit.code, Unit.name, Unit.level, Boundary.wkb)
        .join(Boundary, Boundary.unit_id == Unit.id)
        .join(BoundarySet, BoundarySet.id == Boundary.set_id)
        .where(*own)
        .order_by(Unit.code)
    ).all()
    return {"type": "FeatureCollection", "features": [_feature(row) for row in rows]}


def _feature(row: Row[Any]) -> dict[str, Any]:
    properties = {"code": row.code, "name": row.name, "level": row.level, "crs": "WGS-84"}
    geometry = json.loads(shapely.to_geojson(shapely.from_wkb(row.wkb)))
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _units_of(county: Unit) -> Any:
    return select(Unit).where(
        Unit.at_county == county.id, Unit.kind == "area", Unit.ended_at.is_(None)
    )


def _unknown(code: str) -> BoundaryFinding:
    text = Text(
        f"本县没有代码为 {code} 的区域单位。", f"The county has no area unit of the code {code}."
    )
    return BoundaryFinding("error", "unknown-unit", (code,), text)


def _between_siblings(
    units: Mapping[int, Unit], areas: Mapping[int, Any], kept: Mapping[int, Any]
) -> Iterator[BoundaryFinding]:
    """Yield what is wrong between the areas of each parent that the file touches."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for unit_id in kept:
        if unit_id in units:
            children[units[unit_id].parent_id].append(unit_id)
    for parent_id in sorted({units[one].parent_id or 0 for one in areas}):
        siblings = sorted(children[parent_id], key=lambda one: units[one].code)
        names = [units[one].name for one in siblings]
        yield from checks.between(names, [kept[one] for one in siblings], kept.get(parent_id))


def version_in_force(db: Session, county_id: int) -> BoundarySet | None:
    """Return the newest version of a county; None before there is one."""
    own = select(BoundarySet).where(BoundarySet.county_id == county_id)
    return db.scalar(own.order_by(BoundarySet.number.desc()).limit(1))


def rows_in_force(db: Session, county_id: int) -> list[tuple[int, bytes, str]]:
    """Return unit, area and level of the version in force, the finest level first, then by code."""
    version = version_in_force(db, county_id)
    if version is None:
        return []
    rows = db.execute(
        select(Unit.id, Boundary.wkb, Unit.level, Unit.code)
        .join(Boundary, Boundary.unit_id == Unit.id)
        .where(Boundary.set_id == version.id)
    ).all()
    fine = sorted(rows, key=lambda row: (-LEVELS.index(row.level), row.code))
    return [(row.id, row.wkb, row.level) for row in fine]


def _areas_in_force(db: Session, county: Unit) -> dict[int, Any]:
    rows = rows_in_force(db, county.id)
    return {unit_id: shapely.from_wkb(wkb) for unit_id, wkb, _ in rows}


def _index(db: Session, version: BoundarySet) -> PointIndex:
    """Return the index of a version; built whole before it is exchanged, so never half a one."""
    kept = _KEPT.get(version.county_id)
    if kept is None or kept.made_of != version.id:
        rows = rows_in_force(db, version.county_id)
        index = PointIndex.build(version.id, [row[0] for row in rows], [row[1] for row in rows])
        kept = _KEPT[version.county_id] = _KeptIndex(version.id, index)
    return kept.index


def _at_work(db: Session, unit_id: int) -> Unit:
    """Return the unit, or whoever took over from it."""
    unit = db.get_one(Unit, unit_id)
    for _ in range(LONGEST_CHAIN):
        next_id = unit.heir_id or unit.parent_id
        if unit.ended_at is None or next_id is None:
            break
        unit = db.get_one(Unit, next_id)
    return unit
