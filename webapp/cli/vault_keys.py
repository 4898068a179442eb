"""The keys of the vault: under which of them things are sealed, and the change to a new one."""

from __future__ import annotations

import sys

import click

from webapp.cli.console import as_json, in_app, show


@click.group()
def vault() -> None:
    """The encrypted answers, names and secrets."""


@vault.command()
@as_json
@in_app
def status(as_json: bool) -> None:
    """Say how many payloads are sealed under which key."""
    _print(as_json, {})


@vault.command()
@as_json
@in_app
def rotate(as_json: bool) -> None:
    """Re-encrypt everything under the newest key, while people work; run again, it goes on.

    The new key must have been known to every process before it became the newest: first add it
    at the end of FENGQIAO_VAULT_KEYS and reload all, then put it first and reload all.
    """
    from engine.records import rotation

    report = rotation.RotationReport()
    for report in rotation.rotate():
        click.echo(f"\r{sum(report.changed.values())} sealed anew", err=True, nl=False)
    click.echo("", err=True)
    unreadable = {name: count for name, count in report.unreadable.items() if count}
    _print(as_json, {"changed": dict(report.changed), "unreadable": unreadable})


def _print(as_json: bool, told: dict[str, dict[str, int]]) -> None:
    from engine.records import rotation
    from engine.storage.db import reading

    with reading() as db:
        left = rotation.payloads_by_key(db)
    newest = rotation.newest()
    others = {key: count for key, count in left.items() if key != newest}
    lines = [f"key {key}: {count} payloads" for key, count in sorted(left.items())]
    if others:
        lines.append(f"left under older keys: {sum(others.values())}; they must stay configured")
    else:
        lines.append(
            f"everything is under the newest key {newest}; older keys can go from here."
            " Backups made before still need them."
        )
    for name, count in told.get("unreadable", {}).items():
        lines.append(f"{name}: {count} rows that no configured key opens; see fengqiao doctor")
    document = {"newest": newest, "keys": rotation.configured(), "payloads": left, **told}
    show({**document, "left": sum(others.values())}, as_json, "\n".join(lines))
    sys.exit(1 if told and others else 0)
