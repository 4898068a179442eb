"""What the pages of sight cost at different numbers of cases: figures, process view, map.

Asked for in process like other pages (`bench pages`), by those who oversee a county and townships,
for a month and for a year; half of the cases get a position somewhere in their county.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench.pages import PLENTY, Effort, measure
from bench.site import Site, site
from engine.geo import boundaries, invented
from engine.geo.boundaries import PublishingTerms
from engine.models import Unit
from engine.storage.db import transaction

SIZES = (10_000, 1_000_000)
PERIODS = ("month", "year")
ZOOMS = (7, 9, 11, 13)
WEST, SOUTH, WIDE, HIGH = 100.7, 37.9, 1.0, 1.2
FRAME = {"frame": ("/profile",)}
PAGES: Mapping[str, Sequence[str]] = {
    **{f"figures_{one}": (f"/reports?period={one}",) for one in PERIODS},
    **{f"process_{one}": (f"/reports/process?process=ticket&period={one}",) for one in PERIODS},
    "map_open": ("/reports/map?state=open",),
    **{f"map_{one}": (f"/reports/map?state=opened&period={one}",) for one in PERIODS},
    "marks_open": tuple(f"/reports/map/marks?state=open&zoom={zoom}" for zoom in ZOOMS),
    **{
        f"marks_{one}": tuple(
            f"/reports/map/marks?state=opened&period={one}&zoom={zoom}" for zoom in ZOOMS
        )
        for one in PERIODS
    },
}


def run(
    sizes: Sequence[int] = SIZES, backend: str = "postgresql", effort: Effort = PLENTY
) -> dict[str, Any]:
    """Return every page at each size, in one database that grows, the frame as the floor."""
    found: dict[str, Any] = {}
    with site(backend) as here:
        for size in sorted(sizes):
            here.fill(size)
            with here.app.app_context(), transaction() as db:
                _draw(db, here)
            people = _overseers(here)[: effort.people]
            found[str(size)] = {
                name: measure(
                    here, [(one, path) for one in people for path in paths], effort.rounds
                )
                for name, paths in {**FRAME, **PAGES}.items()
            }
    smallest, largest = min(found, key=int), max(found, key=int)
    growth = {
        name: round(found[largest][name]["p95_ms"] / found[smallest][name]["p95_ms"], 2)
        for name in found[largest]
    }
    return {"sizes": found, "p95_growth": growth}


def _overseers(here: Site) -> list[int]:
    """Return people of counties and townships, in turn."""
    county = here.holders("supervisor", "leader", level="county")
    town = here.holders("supervisor", "leader", level="township")
    return [one for pair in zip(county, town, strict=False) for one in pair] or county + town


def _draw(db: Session, here: Site) -> None:
    """Give each county areas, and half of its cases a position."""
    from webapp.clock import now

    for county in db.scalars(select(Unit).where(Unit.level == "county", Unit.kind == "area")):
        if boundaries.current_number(db, county.id) is None:
            areas = invented.areas(db, county, shapely.box(WEST, SOUTH, WEST + WIDE, SOUTH + HIGH))
            boundaries.publish(db, areas, PublishingTerms("bench", invented=True), now=now())
    if here.engine.dialect.name == "postgresql":
        x, y = f"{WEST} + random() * {WIDE}", f"{SOUTH} + random() * {HIGH}"
    else:
        x = f"{WEST} + (abs(random()) % 10000) / 10000.0 * {WIDE}"
        y = f"{SOUTH} + (abs(random()) % 10000) / 10000.0 * {HIGH}"
    where = "longitude IS NULL AND id / 4096 % 2 = 0"
    db.execute(text(f'UPDATE "case" SET longitude = {x}, latitude = {y} WHERE {where}'))
