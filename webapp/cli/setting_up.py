"""Making a database, filling it with the demo county, serving."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from webapp.cli import deployment
from webapp.cli.console import as_json, in_app, plainly, show


@click.command()
@as_json
@in_app
def init(as_json: bool) -> None:
    """Create or migrate the database, and publish what is new in the shipped processes.

    What staff changed in the browser is kept; what a newer release would change is told.
    """
    from engine.models import Setting
    from engine.operations import recount
    from engine.records import attachments
    from engine.storage import schema
    from engine.storage.db import db, transaction
    from engine.timing import calendars

    schema.upgrade(db.engine)
    # What a migration could not do, having no keys.
    for _batch in attachments.seal_earlier():
        pass
    now = datetime.now(UTC)
    with transaction() as session:
        if session.get(Setting, calendars.KEY) is None:
            calendars.seed(session, now)
    recount.after_upgrade(now)
    outcome = deployment.publish_under(definitions_root(), now, again=False)
    revision = schema.current(db.engine)
    names = ", ".join(outcome.versions) or "none"
    lines = [f"Database at {revision}; newly published: {names}", *outcome.lines()]
    document = {"revision": revision, "published": outcome.versions, "kept": outcome.refusals}
    show(document, as_json, "\n".join(lines))


@click.command()
@as_json
@in_app
def demo(as_json: bool) -> None:
    """Load the demo county Shandan; a second run changes nothing."""
    from engine.intake import demo as county
    from engine.storage.db import transaction

    with transaction() as db:
        report = county.load(db, datetime.now(UTC))
    show(report, as_json, json.dumps(report, ensure_ascii=False, default=str))


@click.command()
def run() -> None:
    """Serve web and worker together on 127.0.0.1, loading the demo into a new database."""
    from webapp import run as supervisor

    with plainly():
        sys.exit(supervisor.main())


def definitions_root() -> Path:
    """Return where the shipped definitions lie: beside the packages, installed or not."""
    return Path(__file__).resolve().parent.parent.parent
