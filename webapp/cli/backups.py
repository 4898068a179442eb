"""Backups: make one, check one, restore one."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from webapp.cli.console import as_json, in_app, plainly, show


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@as_json
@in_app
def backup(target: Path, as_json: bool) -> None:
    """Write database and files to TARGET, encrypted; into TARGET if that is a folder.

    The keys are not in it: keep those of FENGQIAO_VAULT_KEYS elsewhere.
    """
    from engine.operations import backup as keeper

    now = datetime.now(UTC)
    if target.is_dir():
        target = target / f"fengqiao-{now:%Y%m%dT%H%M%SZ}.backup"
    report = keeper.make(target, now=now)
    line = f"{target}: {report.bytes} bytes, {report.rows} rows, {report.files} files"
    if report.missing:
        line += f"\n{report.missing} files were missing on the disk; see fengqiao doctor"
    show({"file": str(target), **asdict(report)}, as_json, line)
    sys.exit(1 if report.missing else 0)


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Prove that it is whole; write nothing.")
@as_json
def restore(source: Path, only_check: bool, as_json: bool) -> None:
    """Restore SOURCE into the empty database and folder that the settings name."""
    from engine.operations import backup as keeper

    with plainly():
        manifest = keeper.check(source) if only_check else keeper.restore(source)
    rows, files = sum(manifest["rows"].values()), len(manifest["files"])
    words = "is whole" if only_check else "restored"
    line = f"{source} {words}: made {manifest['made_at']}, {rows} rows, {files} files"
    if not only_check:
        line += (
            "\nEverybody logs in anew, and tokens are issued anew. Posts, passwords and second"
            " factors are as they were then: end again what has been ended since."
        )
    if manifest.get("lost"):
        line += (
            f"\nThe anchor file here knows {manifest['lost']} anchors made after this backup:"
            " what happened since then is lost. See fengqiao audit verify."
        )
    document = {"made_at": manifest["made_at"], "revision": manifest["revision"]}
    show(
        {
            **document,
            "rows": rows,
            "files": files,
            "restored": not only_check,
            "lost_anchors": manifest.get("lost", 0),
        },
        as_json,
        line,
    )
