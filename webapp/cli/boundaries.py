"""The boundaries of a county's units."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp.cli.case_numbers import county_of
from webapp.cli.console import as_json, in_app, language, show

if TYPE_CHECKING:
    from engine.geo.boundaries import CheckedBoundaries
    from engine.geo.findings import BoundaryFinding

SYSTEMS = ("WGS-84", "GCJ-02", "BD-09", "CGCS2000")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
as_system = click.option("--system", type=click.Choice(SYSTEMS), help="Default: what fits.")
as_meridian = click.option("--meridian", type=click.IntRange(73, 136), help="Of plane metres.")


@click.group()
def boundaries() -> None:
    """The boundaries of a county's units."""


@boundaries.command("check")
@click.argument("county")
@click.argument("file", type=FILE)
@as_system
@as_meridian
@as_json
@in_app
def check_boundaries(
    county: str, file: Path, system: str | None, meridian: int | None, as_json: bool
) -> None:
    """Say what is wrong with the areas of FILE (GeoJSON) for COUNTY (its code)."""
    from engine.storage.db import reading

    with reading() as db:
        checked = _checked(db, county, file, system, meridian)
    show(_document(checked), as_json, _words(checked))
    sys.exit(1 if checked.is_refused else 0)


@boundaries.command("import")
@click.argument("county")
@click.argument("file", type=FILE)
@as_system
@as_meridian
@click.option("--source", help="Where the file is from; default: its name.")
@click.option("--fallback", help="Code of the unit that gets points in no area.")
@click.option("--tolerance", default=200, show_default=True, help="Metres to the nearest area.")
@click.option("--accept", is_flag=True, help="Publish in spite of warnings.")
@as_json
@in_app
def import_boundaries(
    county: str,
    file: Path,
    system: str | None,
    meridian: int | None,
    source: str | None,
    fallback: str | None,
    tolerance: int,
    accept: bool,
    as_json: bool,
) -> None:
    """Put the areas of FILE (GeoJSON) in force for COUNTY (its code), as a new version."""
    from engine import org
    from engine.geo import boundaries as geo
    from engine.storage.db import transaction

    now = datetime.now(UTC)
    with transaction() as db:
        checked = _checked(db, county, file, system, meridian)
        if checked.is_refused or checked.is_doubtful and not accept:
            show(_document(checked), as_json, _words(checked))
            sys.exit(1)
        unit = org.unit_by_code(db, fallback) if fallback else None
        if fallback and unit is None:
            raise click.UsageError(f"no unit with the code {fallback}")
        terms = geo.PublishingTerms(source or file.name, unit, tolerance)
        number = geo.publish(db, checked, terms, now=now).number
    text = f"{_words(checked)}\n第 {number} 版已启用 version {number} is in force"
    show({**_document(checked), "number": number}, as_json, text.strip())


@boundaries.command("invent")
@click.argument("county")
@click.argument("outline", type=FILE)
@as_system
@as_json
@in_app
def invent_boundaries(county: str, outline: Path, system: str | None, as_json: bool) -> None:
    """Invent areas below COUNTY (its code) inside its OUTLINE (GeoJSON), marked as invented."""
    from engine.geo import boundaries as geo
    from engine.geo import invented
    from engine.geo.geojson import BoundaryFile
    from engine.storage.db import transaction

    now = datetime.now(UTC)
    with transaction() as db:
        unit = county_of(db, county)
        file = BoundaryFile.read(outline.read_bytes(), system=system or "")
        if county not in file.areas:
            raise click.UsageError(f"{outline.name} has no area of the code {county}")
        checked = invented.areas(db, unit, file.areas[county])
        terms = geo.PublishingTerms(f"invented in {outline.name}", invented=True)
        number = geo.publish(db, checked, terms, now=now).number
    text = f"虚构边界 {len(checked.areas)} 个，第 {number} 版 invented areas, version {number}"
    show({"areas": len(checked.areas), "number": number}, as_json, text)


@boundaries.command("show")
@click.argument("county")
@as_json
@in_app
def show_boundaries(county: str, as_json: bool) -> None:
    """List the versions of COUNTY (its code), the newest first."""
    from engine.geo import boundaries as geo
    from engine.storage.db import reading

    with reading() as db:
        rows = [
            {
                "number": one.number,
                "made_at": one.made_at.isoformat(),
                "source": one.source,
                "system": one.system,
                "invented": one.invented,
                "fallback": one.fallback.code,
                "tolerance": one.tolerance,
            }
            for one in geo.history(db, county_of(db, county).id)
        ]
    lines = (
        f"{row['number']}  {row['made_at']}  {row['source']}"
        + ("  虚构 invented" if row["invented"] else "")
        for row in rows
    )
    show(rows, as_json, "\n".join(lines))


@boundaries.command("export")
@click.argument("county")
@click.option("--number", type=click.IntRange(1), help="An earlier version.")
@in_app
def export_boundaries(county: str, number: int | None) -> None:
    """Print a version of COUNTY (its code) as GeoJSON in WGS-84."""
    from engine.geo import boundaries as geo
    from engine.storage.db import reading

    with reading() as db:
        document = geo.export(db, county_of(db, county).id, number)
    click.echo(json.dumps(document, ensure_ascii=False, separators=(",", ":")))


@boundaries.command("locate")
@click.argument("county")
@click.argument("longitude", type=float)
@click.argument("latitude", type=float)
@click.option("--system", type=click.Choice(SYSTEMS[:3]), default="WGS-84", show_default=True)
@as_json
@in_app
def locate_point(
    county: str, longitude: float, latitude: float, system: str, as_json: bool
) -> None:
    """Say which unit of COUNTY a point lies in."""
    from engine.geo import boundaries as geo
    from engine.geo.coordinates import SYSTEMS as RULES
    from engine.storage.db import reading

    with reading() as db:
        point = RULES[system](longitude, latitude)
        found = geo.locate(db, county_of(db, county).id, *point)
        document = {"code": found.unit.code, "name": found.unit.name, "how": found.how}
    show(document, as_json, " ".join(document.values()))


def _checked(
    db: Any, county: str, file: Path, system: str | None, meridian: int | None
) -> CheckedBoundaries:
    from engine.geo import boundaries as geo
    from engine.geo.geojson import BoundaryFile

    unit = county_of(db, county)
    outline = geo.outline(db, unit)
    data = file.read_bytes()
    read = BoundaryFile.read(data, system=system or "", outline=outline, meridian=meridian)
    return geo.check(db, unit, read)


def _document(checked: CheckedBoundaries) -> dict[str, Any]:
    return {
        "ok": not checked.is_refused,
        "areas": len(checked.areas),
        "system": checked.system,
        "findings": [one.as_json() for one in checked.findings],
    }


def _words(checked: CheckedBoundaries) -> str:
    return "\n".join(_lines(checked.findings))


def _lines(findings: Iterable[BoundaryFinding]) -> Iterable[str]:
    for one in findings:
        yield f"{one.severity} {one.rule}: {one.text.to(language())}"
