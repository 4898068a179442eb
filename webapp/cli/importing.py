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
@as_json
@in_app
def import_units(file: Path, as_json: bool) -> None:
    """Read FILE.csv (code,name,level,parent_code,...) into the tree; idempotent."""
    from engine.org import importing

    report = importing.import_file(file, now=datetime.now(UTC))
    show(report.as_json(), as_json, report.as_text())
    sys.exit(1 if report.rejected else 0)


@click.group()
def cases() -> None:
    """Cases from outside data."""


@cases.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--process", required=True, help="Key of the process, such as ticket.")
@click.option("--map", "map_file", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--history", is_flag=True, help="Keep the rows' own dates; closed rows come closed.")
@click.option("--rejected", type=click.Path(path_type=Path), help="Where refused rows go.")
@as_json
@in_app
def import_cases(
    file: Path, process: str, map_file: Path, history: bool, rejected: Path | None, as_json: bool
) -> None:
    """Bring the rows of FILE.csv in as cases; a second run adds nothing."""
    from engine import intake

    def progress(done: int, total: int) -> None:
        click.echo(f"\r{done} / {total} 行 rows", err=True, nl=False)

    with stop_requests() as is_asked:
        report = intake.import_cases(
            file,
            intake.Mapping.load(map_file.read_bytes()),
            process,
            now=datetime.now(UTC),
            history=history,
            rejected_path=rejected,
            progress=progress,
            stop=is_asked,
        )
    click.echo("", err=True)
    show(report.as_json(), as_json, report.as_text())
    if report.stopped:
        sys.exit(STOPPED)
    sys.exit(1 if report.rejected else 0)
