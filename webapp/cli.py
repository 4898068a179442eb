"""``fengqiao``: the command line. Exit 0 fine, 1 findings or failures, 2 wrong usage.

With ``--json`` one JSON document stands on stdout; diagnostics go to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine import settings as configuration
from engine.errors import DomainError

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
Command = Callable[..., Any]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Casework of grassroots governance, run exactly as a BPMN diagram says."""


def in_app(command: Command) -> Command:
    """Run a command inside the application, and say what went wrong in one line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        from webapp import create_app

        with _plainly(), create_app().app_context():
            return command(*args, **kwargs)

    return run


class _plainly:
    """Domain errors and an unusable database end a command with one line and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DomainError):
            click.echo(f"{error.text.zh}  {error.text.en}", err=True)
            sys.exit(1)
        if isinstance(error, (OperationalError, ProgrammingError)):
            # Its own first line alone: what follows are statements and the server's details.
            reason = str(error.orig).splitlines()[0]
            click.echo(f"数据库无法使用，请先运行 fengqiao init：{reason}", err=True)
            click.echo("The database cannot be used; has fengqiao init been run?", err=True)
            sys.exit(1)


def show(document: Any, as_json: bool, text: str) -> None:
    """Print a result for a program or for a person."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str) if as_json else text)


@main.command()
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


@main.command()
@as_json
@in_app
def demo(as_json: bool) -> None:
    """Load the demo county Shandan; a second run changes nothing."""
    from engine import demo as county
    from engine.db import transaction

    with transaction() as db:
        report = county.load(db, datetime.now(UTC))
    show(report, as_json, json.dumps(report, ensure_ascii=False, default=str))


@main.command()
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


@main.group()
def units() -> None:
    """The tree of units."""


@units.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@in_app
def import_units(file: Path, as_json: bool) -> None:
    """Read FILE.csv (code,name,level,parent_code,...) into the tree; idempotent."""
    from engine import unit_import

    report = unit_import.import_file(file, now=datetime.now(UTC))
    show(report.as_json(), as_json, report.as_text())
    sys.exit(1 if report.rejected else 0)


@main.group()
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
        click.echo(f"\r{done} of about {total} rows", err=True, nl=False)

    report = intake.import_cases(
        file,
        intake.Mapping.load(map_file.read_bytes()),
        process,
        now=datetime.now(UTC),
        history=history,
        rejected_path=rejected,
        progress=progress,
    )
    click.echo("", err=True)
    show(report.as_json(), as_json, report.as_text())
    sys.exit(1 if report.rejected else 0)


@main.command()
@click.option("--once", is_flag=True, help="Run all ticks once and report.")
@click.option("--now", "moment", help="ISO 8601; pretend it is this time (with --once).")
@as_json
def worker(once: bool, moment: str | None, as_json: bool) -> None:
    """Run the scheduler: what is due, messages, counters, anchors."""
    from webapp import create_app

    if moment is not None and not once:
        raise click.UsageError("--now goes with --once")
    with _plainly():
        app = create_app()
        if not once:
            from engine.worker import run_forever

            run_forever(app)
            return
        now = _moment(moment)
        with app.app_context():
            from engine.worker import run_once

            report = run_once(now)
    failed = sum(tick.get("failed", 0) + tick.get("errors", 0) for tick in report.values())
    lines = (f"{name}: {tick}" for name, tick in report.items())
    show({"now": now.isoformat(), "ticks": report}, as_json, "\n".join(lines))
    sys.exit(1 if failed else 0)


@main.group()
def audit() -> None:
    """The audit chains."""


@audit.command()
@as_json
@in_app
def verify(as_json: bool) -> None:
    """Check every chain against its links, its case and its anchors."""
    from engine import anchors
    from engine.db import reading

    with reading(snapshot=True) as db:
        faults = anchors.verify(db)
        counts = anchors.counted(db)
    rows = [
        {"case": str(fault.case_id), "seq": fault.seq, "kind": fault.kind, "text": fault.text.en}
        for fault in faults
    ]
    lines = [f"case {row['case']} link {row['seq']}: {row['text']}" for row in rows]
    lines.append(f"{counts['chains']} chains, {counts['events']} events, {len(rows)} faults")
    show({"ok": not rows, **counts, "faults": rows}, as_json, "\n".join(lines))
    sys.exit(1 if rows else 0)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), default="zh_CN")
@as_json
def check(files: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Check diagrams, decision tables and forms; says what to do about each finding."""
    from engine.bpmn import check as checker

    with _plainly():
        given = checker.find_files(files)
        report = checker.check_files(given.files, beside=given.beside)
    show(report.as_json(), as_json, checker.render(report, lang))
    sys.exit(0 if report.ok else 1)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--decision", "name", required=True, help="Name or id of the decision.")
@click.option("--input", "given", required=True, help="The inputs as a JSON object.")
@as_json
def decide(file: Path, name: str, given: str, as_json: bool) -> None:
    """Run one decision of FILE.dmn."""
    from feel.decide import decide as run_decision
    from feel.faults import FeelError

    try:
        inputs = json.loads(given)
    except ValueError as error:
        raise click.UsageError(f"--input is not JSON: {error}") from error
    if not isinstance(inputs, dict):
        raise click.UsageError("--input must be a JSON object")
    try:
        document = run_decision(file.read_bytes(), name, inputs)
    except FeelError as error:
        reason = {"zh_CN": error.text.zh, "en": error.text.en}
        document = {"result": None, "matched": [], "errors": [reason]}
    lines = [json.dumps(document["result"], ensure_ascii=False), f"rules {document['matched']}"]
    show(document, as_json, "\n".join([*lines, *map(str, document["errors"])]))
    sys.exit(1 if document["errors"] else 0)


@main.command()
@click.argument("name", type=click.Choice(["feel", "complete", "all"]))
@click.option("--backend", type=click.Choice(["sqlite", "postgresql"]), help="Default: both.")
@as_json
def bench(name: str, backend: str | None, as_json: bool) -> None:
    """Measure; each figure beside its floor from the same run."""
    from bench import run

    document = run(name, backend)
    show(document, as_json, json.dumps(document, ensure_ascii=False, indent=1))


@main.command()
def run() -> None:
    """Serve web and worker together on 127.0.0.1, loading the demo into a new database."""
    from webapp import run as supervisor

    with _plainly():
        sys.exit(supervisor.main())


def definitions_root() -> Path:
    """Where the shipped definitions lie: beside the packages, installed or not."""
    return Path(__file__).resolve().parent.parent


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


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    if configuration.current().production:
        raise click.UsageError("--now is refused in production")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--now is no ISO 8601 time: {text}") from error
    if moment.tzinfo is None:
        raise click.UsageError("--now needs a time zone, such as 2026-11-22T16:00+08:00")
    return moment
