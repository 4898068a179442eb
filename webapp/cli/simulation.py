"""A county simulated, to see that nothing is ever late unseen."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

import click

from webapp import logs
from webapp.cli.console import as_json, plainly, show


@click.command()
@click.option(
    "--days", type=click.IntRange(1, 800), help="Default: 30, with --mutants 10 (each fault again)."
)
@click.option("--cases-per-day", type=click.IntRange(1), help="Default: 60, with --mutants 2.")
@click.option(
    "--seed", type=int, help="The same seed, the same county. Default: 1, with --mutants 3."
)
@click.option("--backend", type=click.Choice(["sqlite", "postgresql"]), help="Default: sqlite.")
@click.option("--mutants", is_flag=True, help="Put faults into the product: all must be noticed.")
@as_json
def simulate(backend: str | None, mutants: bool, as_json: bool, **amounts: int | None) -> None:
    """Simulate a county with workers killed at random, and check every clock; exit 1 if one is off.

    In a throw-away database, or in the empty one that FENGQIAO_DATABASE_URL names. With
    --mutants a smaller county is simulated as it is and with each of two dozen faults, always in
    throw-away databases and without killing; exit 1 if one of them is not noticed.
    """
    from bench import simulation
    from bench.simulation import proof

    def progress(done: int, total: int) -> None:
        click.echo(f"\rday {done} of {total}   ", err=True, nl=False)

    # What the simulated county logs is not what was asked for.
    logs.configure("WARNING")
    with plainly():
        usual = proof.SHORT if mutants else simulation.USUAL
        asked: dict[str, Any] = {name: many for name, many in amounts.items() if many is not None}
        told = replace(usual, progress=progress, **asked)
        document = proof.prove(told) if mutants else simulation.simulate(told, backend)
    click.echo("", err=True)
    show(document, as_json, json.dumps(document, ensure_ascii=False, indent=1))
    sys.exit(0 if document["ok"] else 1)
