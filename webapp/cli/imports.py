"""Bringing units and cases in from outside data."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from webapp.cli.console import as_json, in_app, show
from webapp.shutdown import stop_requests

STOPPED = 130
"""What a shell gives a program that was ended by Ctrl-C."""


@click.group()
def units() -> None:
    """The tree of units."""


@units.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--changes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A table old_code,new_code: recoded, merged and split units.",
)
@click.option("--end-missing", is_flag=True, help="End units that the table has no more.")
@click.option("--dry-run", is_flag=True, help="Try everything, write nothing.")
@as_json
@in_app
def import_units(
    file: Path, changes: Path | None, end_missing: bool, dry_run: bool, as_json: bool
) -> None:
    """Read FILE (code,name,level,parent_code,... as CSV or .xlsx) into the tree; idempotent."""
    from engine import org
    from engine.org import importing
    from engine.storage.db import reading

    options = importing.UnitImportOptions(
        changes=changes.read_bytes() if changes else None,
        end_missing=end_missing,
        dry_run=dry_run,
    )
    now = datetime.now(UTC)
    report = importing.import_file(file, now=now, options=options)
    show(report.as_json(), as_json, report.as_text())
    if report.added and not dry_run:
        with reading() as db:
            unset = [f"{one.name} {one.code}" for one in org.unset_counties(db)]
        if unset:
            listed = "、".join(unset)
            click.echo(
                f"这些县还没有确认案件编号的字头，用 fengqiao numbers set 设定：{listed}\n"
                f"Set the letters of case numbers with fengqiao numbers set: {listed}",
                err=True,
            )
    sys.exit(1 if report.rejections else 0)


@click.group()
def cases() -> None:
    """Cases from outside data."""


@cases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--process", required=True, help="Key of the process, such as ticket.")
@click.option("--map", "map_file", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--history", is_flag=True, help="Keep the rows' own dates; closed rows come closed.")
@click.option("--rejected", type=click.Path(path_type=Path), help="Where refused rows go.")
@click.option("--sheet", help="The sheet of a workbook, where several look alike.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what becomes of every row.")
@as_json
@in_app
def import_cases(
    file: Path,
    process: str,
    map_file: Path,
    history: bool,
    rejected: Path | None,
    sheet: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring the rows of FILE (CSV or .xlsx) in as cases; a second run adds nothing."""
    from engine import intake

    mapping = intake.Mapping.load(map_file.read_bytes())
    with stop_requests() as is_asked:
        options = intake.ImportOptions(
            history=history,
            dry_run=dry_run,
            rejected_path=rejected,
            sheet=sheet,
            inputs=(map_file,),
            progress=_progress,
            stop=is_asked,
        )
        now = datetime.now(UTC)
        report = intake.import_cases(file, mapping, process, now=now, options=options)
    click.echo("", err=True)
    show(report.as_json(), as_json, report.as_text())
    if report.stopped:
        sys.exit(STOPPED)
    sys.exit(1 if report.rejected or report.broken_off else 0)


def _progress(done: int, total: int) -> None:
    click.echo(f"\r{done} / {total} 行 rows", err=True, nl=False)
