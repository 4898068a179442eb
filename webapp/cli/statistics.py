"""Counters of figures."""

from __future__ import annotations

from dataclasses import asdict

import click

from webapp.cli.console import as_json, in_app, show


@click.group()
def stats() -> None:
    """The counters behind figures."""


@stats.command()
@as_json
@in_app
def rebuild(as_json: bool) -> None:
    """Count everything again from chains and rows, and put right what differs.

    Also reads what was answered before answers were counted. A second run finds nothing.
    """
    from engine.operations.recount import recount

    found = asdict(recount())
    lines = (
        f"{found['cases']} cases, {found['counters']} counters put right, {found['marks']} marks"
    )
    show(found, as_json, lines)
