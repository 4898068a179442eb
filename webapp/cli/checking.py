"""Checking definitions and trying decisions; needs no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from webapp.cli.console import as_json, plainly, show


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lang", type=click.Choice(["zh_CN", "en"]), default="zh_CN")
@as_json
def check(files: tuple[Path, ...], lang: str, as_json: bool) -> None:
    """Check diagrams, decision tables and forms; says what to do about each finding."""
    from engine.bpmn import check as checker

    with plainly():
        given = checker.find_files(files)
        report = checker.check_files(given.files, beside=given.beside)
    show(report.as_json(), as_json, checker.render(report, lang))
    sys.exit(0 if report.ok else 1)


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
    lines = [json.dumps(document["result"], ensure_ascii=False), f"rules {document['matched']}"]
    show(document, as_json, "\n".join([*lines, *map(str, document["errors"])]))
    sys.exit(1 if document["errors"] else 0)
