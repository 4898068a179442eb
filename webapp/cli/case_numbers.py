"""By which letters and patterns a county numbers its cases."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from webapp.cli.console import as_json, in_app, show

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from engine.models import Unit


@click.group()
def numbers() -> None:
    """The numbers of a county's cases."""


@numbers.command("show")
@click.argument("county")
@as_json
@in_app
def show_numbers(county: str, as_json: bool) -> None:
    """List the series of COUNTY (its code), each with an example."""
    from engine import org
    from engine.storage.db import reading

    now = datetime.now(UTC)
    with reading() as db:
        rows = org.series_of(db, county_of(db, county), _letters(db, now))
    own = rows.pop("")
    document = {
        "own": {"letters": own.letters, "set": own.own},
        "series": [{**vars(row), "example": row.example(now.year)} for row in rows.values()],
    }
    lines = [f"{county}: {own.letters}" + ("" if own.own else "（未确认 not confirmed）")]
    lines += [f"  {row.process}: {row.example(now.year)}" for row in rows.values()]
    show(document, as_json, "\n".join(lines))


@numbers.command("set")
@click.argument("county")
@click.argument("letters")
@click.option("--process", default="", help="Only for this process; LETTERS are then all of it.")
@click.option("--pattern", default="{letters}〔{year}〕{number}", show_default=True)
@click.option("--digits", default=4, show_default=True)
@click.option("--yearly/--running", default=True, help="Whether each year begins with 1.")
@in_app
def set_numbers(
    county: str, letters: str, process: str, pattern: str, digits: int, yearly: bool
) -> None:
    """Number the cases of COUNTY (its code) by LETTERS."""
    from engine import org
    from engine.errors import InvalidInput
    from engine.storage.db import transaction

    now = datetime.now(UTC)
    try:
        with transaction() as db:
            org.set_series(
                db,
                None,
                county_of(db, county),
                letters,
                known=_letters(db, now),
                process=process,
                pattern=pattern,
                digits=digits,
                yearly=yearly,
                now=now,
            )
    except InvalidInput as error:
        for text in error.errors.values():
            click.echo(f"{text.zh}  {text.en}", err=True)
        sys.exit(1)


def county_of(db: Session, code: str) -> Unit:
    """Return the county of that code. Raises UsageError."""
    from sqlalchemy import select

    from engine.models import Unit

    county = select(Unit).where(Unit.code == code, Unit.level == "county", Unit.kind == "area")
    found = db.scalar(county)
    if found is None:
        raise click.UsageError(f"no county with the code {code}")
    return found


def _letters(db: Session, now: datetime) -> dict[str, str]:
    from engine.definitions import versions

    found = {}
    for version in versions.currents(db, now):
        info = versions.load(db, version.id).definition.process
        found[version.process] = info.number_prefix or info.key
    return found
