"""Definitions from disk to the database and back, byte for byte."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from webapp.cli.console import as_json, in_app, show

if TYPE_CHECKING:
    from engine.definitions.deployment import RefusedDeployment


@dataclass
class DeployResult:
    """What a deployment did: processes published, and those left as staff made them."""

    versions: list[str] = field(default_factory=list)
    refused_deployments: list[RefusedDeployment] = field(default_factory=list)
    # Drafts begun with what was refused, by process, for the county's editors to merge.
    drafts: dict[str, int] = field(default_factory=dict)

    @property
    def refusals(self) -> list[Mapping[str, Any]]:
        """The refusals as data."""
        return [
            {**_as_json(one), "draft": self.drafts.get(one.process)}
            for one in self.refused_deployments
        ]

    def lines(self) -> Iterator[str]:
        """Yield the refusals in lines: what deploying would undo, in both languages."""
        for one in self.refused_deployments:
            yield f"{one.process}: {one.reason.zh} {one.reason.en}"
            yield f"  第 {one.number} 版 → 目录中的文件  version {one.number} → these files"
            for note in one.difference.notes:
                yield f"    {note.text.zh}  {note.text.en}"
            if one.process in self.drafts:
                yield "  已作为草稿提出，由流程编辑合并、送审。"
                yield "  Proposed as a draft, for its editors to merge and hand in."


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path))
@as_json
@in_app
def deploy(directory: Path, as_json: bool) -> None:
    """Check and publish the definitions under DIRECTORY (processes/, forms/ and statistics/).

    Nothing is published while the check finds an error. A process of which staff published
    something newer in the browser than what DIRECTORY was exported from stays as it is; the
    difference is shown, and the files become a draft for its editors to merge and hand in.
    """
    from engine.bpmn import check as checker
    from engine.definitions import versions
    from engine.drafting import check_context, statistics_check
    from engine.storage.db import reading

    found = versions.read_directory(directory)
    if not found:
        raise click.UsageError(f"{directory} holds no processes/KEY/*.bpmn")
    files = {path: content for closure in found.values() for path, content in closure.items()}
    # The same check as in the editor: with the units and posts that are there.
    with reading() as db:
        known = check_context.current_context(db, datetime.now(UTC))
    tables = found.get(versions.STATISTICS, {})
    drawn = {path: content for path, content in files.items() if path not in tables}
    report = checker.check_files(drawn, known=known)
    report = checker.CheckReport((*report.files, *statistics_check.check(tables).files))
    if not report.ok:
        document = {"published": [], "refused": [], **report.as_json()}
        show(document, as_json, checker.render(report))
        sys.exit(1)
    outcome = publish_under(directory, datetime.now(UTC))
    lines = [f"Published: {', '.join(outcome.versions) or 'nothing new'}", *outcome.lines()]
    document = {"published": outcome.versions, "refused": outcome.refusals}
    show(document, as_json, "\n".join(lines))
    sys.exit(1 if outcome.refused_deployments else 0)


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--overwrite", is_flag=True, help="Lose changes there that were never deployed.")
@as_json
@in_app
def export(directory: Path, overwrite: bool, as_json: bool) -> None:
    """Write every process as it is in the database to DIRECTORY, byte for byte.

    DIRECTORY/versions.json says what was written, so that a deploy knows what it changes.
    """
    from engine.definitions import export
    from engine.storage.db import reading

    try:
        with reading(snapshot=True) as db:
            written = export.export(db, directory, overwrite=overwrite)
    except OSError as error:
        raise click.ClickException(f"{directory} cannot be written: {error.strerror}") from error
    lines = [f"{process}: version {number}" for process, number in written.items()]
    show({"directory": str(directory), "exported": written}, as_json, "\n".join(lines))


def publish_under(root: Path, now: datetime, *, again: bool = True) -> DeployResult:
    """Publish what is new under ``root``, a transaction a process.

    Without ``again`` files that were published once stay what they have become since.
    """
    from engine.definitions import deployment, export, versions
    from engine.drafting import proposals
    from engine.storage.db import transaction

    outcome = DeployResult()
    for process, files in versions.read_directory(root).items():
        try:
            with transaction() as db:
                if not again and versions.was_published(db, process, files):
                    continue
                exported = export.exported(db, root, process)
                if not deployment.deploy(db, process, files, exported=exported, now=now):
                    continue
        except deployment.ChangedInBrowser as error:
            with transaction() as db:
                outcome.refused_deployments.append(deployment.refused(db, error, files))
                draft = proposals.propose(db, process, error.version_id, files, now=now)
                if draft is not None:
                    outcome.drafts[process] = draft.id
            continue
        outcome.versions.append(process)
        _note(root, process)
    return outcome


def _note(root: Path, process: str) -> None:
    from engine.definitions import export
    from engine.storage.db import reading

    try:
        with reading() as db:
            export.note(db, root, process)
    except OSError as error:
        told = f"{root / export.MANIFEST} cannot be written ({error.strerror}); export again."
        click.echo(told, err=True)


def _as_json(one: RefusedDeployment) -> Mapping[str, Any]:
    changes = [note.text.json() for note in one.difference.notes]
    reason = one.reason.json()
    return {"process": one.process, "reason": reason, "version": one.number, "changes": changes}
