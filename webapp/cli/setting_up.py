"""Making a database, filling it with the demo county, publishing, serving."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from webapp.cli.console import as_json, in_app, plainly, show


@click.command()
@as_json
@in_app
def init(as_json: bool) -> None:
    """Create or migrate the database, and publish the shipped processes."""
    from engine import calendars, schema
    from engine.db import db, transaction
    from engine.models import Setting

    schema.upgrade(db.engine)
    now = datetime.now(UTC)
    with transaction() as session:
        if session.get(Setting, calendars.KEY) is None:
            calendars.seed(session, now)
    # What staff changed in the browser stays as it is; the next deploy says so.
    published, _ = _deploy(definitions_root(), now)
    names = ", ".join(published) or "none"
    revision = schema.current(db.engine)
    show(
        {"revision": revision, "published": published},
        as_json,
        f"Database at {revision}; newly published: {names}",
    )


@click.command()
@as_json
@in_app
def demo(as_json: bool) -> None:
    """Load the demo county Shandan; a second run changes nothing."""
    from engine import demo as county
    from engine.db import transaction

    with transaction() as db:
        report = county.load(db, datetime.now(UTC))
    show(report, as_json, json.dumps(report, ensure_ascii=False, default=str))


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
@in_app
def deploy(directory: Path, as_json: bool) -> None:
    """Check and publish the definitions under DIRECTORY (processes/ and forms/).

    Nothing is published while the check finds an error, or where staff published something
    newer in the browser meanwhile.
    """
    from engine import versions
    from engine.bpmn import check as checker

    found = versions.read_directory(directory)
    if not found:
        raise click.UsageError(f"{directory} holds no processes/KEY/*.bpmn")
    files = {path: content for closure in found.values() for path, content in closure.items()}
    report = checker.check_files(files)
    if not report.ok:
        document = {"published": [], "refused": [], **report.as_json()}
        show(document, as_json, checker.render(report))
        sys.exit(1)
    published, refused = _deploy(directory, datetime.now(UTC))
    lines = [f"Published: {', '.join(published) or 'nothing new'}"]
    lines += [
        f"{one['process']}: {one['reason']['zh_CN']} {one['reason']['en']}" for one in refused
    ]
    show({"published": published, "refused": refused}, as_json, "\n".join(lines))
    sys.exit(1 if refused else 0)


@click.command()
def run() -> None:
    """Serve web and worker together on 127.0.0.1, loading the demo into a new database."""
    from webapp import run as supervisor

    with plainly():
        sys.exit(supervisor.main())


def definitions_root() -> Path:
    """Where the shipped definitions lie: beside the packages, installed or not."""
    return Path(__file__).resolve().parent.parent.parent


def _deploy(root: Path, now: datetime) -> tuple[list[str], list[dict[str, Any]]]:
    """Publish what is new under ``root``: the processes published, and those refused and why."""
    from engine import versions
    from engine.db import transaction

    published: list[str] = []
    refused: list[dict[str, Any]] = []
    for process, files in versions.read_directory(root).items():
        try:
            with transaction() as db:
                if versions.deploy(db, process, files, now=now):
                    published.append(process)
        except versions.ChangedInBrowser as error:
            reason = {"zh_CN": error.text.zh, "en": error.text.en}
            refused.append({"process": process, "reason": reason})
    return published, refused
