"""The demo county's units as one table: places and offices as they are, grids by rule."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from importlib.resources import files

COUNTY = "620725"
COLUMNS = ("code", "name", "level", "parent_code", "kind", "place_type", "latitude", "longitude")
NUMERALS = "一二三四"

Record = dict[str, str]


def places() -> list[Record]:
    """Province to village, as the bureau has them."""
    return _records("places.csv")


def offices() -> list[Record]:
    """Departments, centres, committees and companies of the county."""
    return _records("offices.csv")


def grids(village: Record) -> list[Record]:
    """Return the two to four grids of a village or community."""
    short = short_name(village["name"])
    count = 2 + int(village["code"][-1]) % 3
    return [
        {
            "code": f"{village['code']}{number:02d}",
            "name": f"{short}第{NUMERALS[number - 1]}网格",
            "level": "grid",
            "parent_code": village["code"],
        }
        for number in range(1, count + 1)
    ]


def local_offices(place: Record) -> list[Record]:
    """Centre and mediation committee of a township, mediation committee of a village."""
    short, level = short_name(place["name"]), place["level"]
    here = {"level": level, "parent_code": place["code"]}
    committee = {"code": f"{place['code']}-TW", "name": f"{short}人民调解委员会"}
    found = [{**committee, "kind": "committee", **here}]
    if level == "township":
        centre = {"code": f"{place['code']}-ZZ", "name": f"{short}综治中心"}
        found.append({**centre, "kind": "centre", **here})
    return found


def table() -> bytes:
    """Return all units of the demo county as ``fengqiao units import`` reads them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_all())
    return text.getvalue().encode()


def short_name(name: str) -> str:
    """Return what people call the place: without the words for its committee."""
    for ending in ("村民委员会", "居委会"):
        name = name.removesuffix(ending)
    return name


def _all() -> Iterator[Record]:
    yield from offices()
    for place in places():
        yield place
        if place["level"] in ("township", "village"):
            yield from local_offices(place)
        if place["level"] == "village":
            yield from grids(place)


def _records(name: str) -> list[Record]:
    text = (files("engine.intake.demo") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))
