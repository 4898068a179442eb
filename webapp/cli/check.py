"""Checking definitions and trying decisions; neither needs a database."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine.errors import DomainError
from webapp.cli.console import LANGUAGES, as_json, language, plainly, show

if TYPE_CHECKING:
    from engine.bpmn.check import CheckContext


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lang", type=click.Choice(LANGUAGES), help="Else that of LANG.")
@as_json
def check(files: tuple[Path, ...], lang: str | None, as_json: bool) -> None:
    """Check diagrams, decision tables and forms; says what to do about each finding.

    Where a database is there, they are compared with its units and posts, too.
    """
    from engine.bpmn import check as checker

    with plainly():
        given = checker.find_files(files)
        report = checker.check_files(given.files, beside=given.beside, known=_database_context())
    show(report.as_json(), as_json, checker.render(report, lang or language()))
    sys.exit(0 if report.ok else 1)


def _database_context() -> CheckContext:
    """Return the units and posts of the database of this environment, if there is one."""
    from engine.bpmn.check import NOTHING

    if not _has_database():
        return NOTHING
    from engine.drafting import check_context
    from engine.storage.db import reading
    from webapp import create_app

    try:
        with create_app().app_context(), reading() as db:
            return check_context.current_context(db, datetime.now(UTC))
    except (DomainError, OperationalError, ProgrammingError):
        click.echo("The database cannot be read; checked without units and posts.", err=True)
        return NOTHING


def _has_database() -> bool:
    """Return whether the environment names one, or a demo has left one; looking makes none."""
    url = os.environ.get("FENGQIAO_DATABASE_URL", "").strip()
    if url and not url.startswith("sqlite:///"):
        return True
    folder = os.environ.get("FENGQIAO_DATA_DIR", "").strip() or "var"
    return Path(url.removeprefix("sqlite:///") or Path(folder) / "fengqiao.db").is_file()


@click.command()
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
    lines = [str(one[language()]) for one in document["errors"]]
    if not lines:
        rules = ", ".join(map(str, document["matched"])) or "-"
        lines = [json.dumps(document["result"], ensure_ascii=False), f"rules {rules}"]
    show(document, as_json, "\n".join(lines))
    sys.exit(1 if document["errors"] else 0)
