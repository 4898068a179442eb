"""Looking at what the database and the disk hold, without changing any of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from webapp.cli.console import as_json, in_app, moment_of, show

if TYPE_CHECKING:
    from engine.operations.doctor import Discrepancy


@click.command()
@click.option(
    "--contents/--no-contents",
    default=True,
    show_default=True,
    help="Read every attached file and hash it anew.",
)
@click.option("--most", default=1000, show_default=True, help="List so many findings, count more.")
@click.option("--now", "moment", help="ISO 8601; pretend it is this time.")
@as_json
@in_app
def doctor(contents: bool, most: int, moment: str | None, as_json: bool) -> None:
    """Check that chains, rows, clocks, counters and files fit together; exit 1 if not."""
    from engine.operations import doctor as examination
    from engine.storage.db import reading

    def progress(cases: int) -> None:
        click.echo(f"\r{cases} cases", err=True, nl=False)

    with reading(snapshot=True) as db:
        report = examination.examine(
            db, moment_of(moment), contents=contents, most=most, progress=progress
        )
    lines = [f"{note.zh} / {note.en}" for note in report.notes]
    lines += [_line(finding) for finding in report.findings]
    if report.more:
        lines.append(f"另有 {report.more} 项 / and {report.more} more")
    lines.append(f"{report.cases} cases, {len(report.findings) + report.more} findings")
    show(report.as_json(), as_json, "\n".join(lines))
    sys.exit(0 if report.ok else 1)


def _line(finding: Discrepancy) -> str:
    where = [f"case {finding.case_id}"] if finding.case_id else []
    where += [f"row {finding.row_id}"] if finding.row_id else []
    return (
        f"{finding.check}/{finding.kind} {' '.join(where)}: {finding.text.zh} / {finding.text.en}"
    )
