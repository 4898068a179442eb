"""The scheduler, and the check of the audit chains."""

from __future__ import annotations

import sys
from typing import IO

import click

from webapp.cli.console import as_json, in_app, moment_of, plainly, show


@click.command()
@click.option("--once", is_flag=True, help="Run all ticks once and report.")
@click.option("--now", "moment", help="ISO 8601; pretend it is this time (with --once).")
@as_json
def worker(once: bool, moment: str | None, as_json: bool) -> None:
    """Run the scheduler: what is due, messages, counters, anchors."""
    from webapp import create_app

    if moment is not None and not once:
        raise click.UsageError("--now goes with --once")
    with plainly():
        app = create_app()
        if not once:
            from engine.worker.ticks import run_forever

            run_forever(app)
            return
        now = moment_of(moment)
        with app.app_context():
            from engine.worker.ticks import run_once

            report = run_once(now)
    failed = sum(tick.get("failed", 0) + tick.get("errors", 0) for tick in report.values())
    lines = (f"{name}: {tick}" for name, tick in report.items())
    show({"now": now.isoformat(), "ticks": report}, as_json, "\n".join(lines))
    sys.exit(1 if failed else 0)


@click.group()
def audit() -> None:
    """The audit chains."""


@audit.command()
@click.option(
    "--received",
    type=click.File(encoding="utf-8"),
    help="What syslog's receiver kept: its anchors must be here.",
)
@as_json
@in_app
def verify(received: IO[str] | None, as_json: bool) -> None:
    """Check every chain against its links, its case, its anchors and what it attests."""
    from engine.records import anchors, witnesses
    from engine.storage.db import reading

    with reading(snapshot=True) as db:
        faults = anchors.verify(db)
        if received is not None:
            faults += witnesses.compared(db, received)
        counts = anchors.counted(db)
    rows = [
        {"case": str(fault.case_id), "seq": fault.seq, "kind": fault.kind, "text": fault.text.en}
        for fault in faults
    ]
    lines = [f"case {row['case']} link {row['seq']}: {row['text']}" for row in rows]
    lines.append(f"{counts['chains']} chains, {counts['events']} events, {len(rows)} faults")
    show({"ok": not rows, **counts, "faults": rows}, as_json, "\n".join(lines))
    sys.exit(1 if rows else 0)
