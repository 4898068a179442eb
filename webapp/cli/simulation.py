"""A county simulated, to see that nothing is ever late unseen."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from webapp import logs
from webapp.cli.console import as_json, plainly, show

if TYPE_CHECKING:
    from bench.simulation import SimulationOptions


@click.command()
@click.option("--days", type=click.IntRange(1, 800), default=30, show_default=True)
@click.option("--cases-per-day", type=click.IntRange(1), default=60, show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed, the same county.")
@click.option("--backend", type=click.Choice(["sqlite", "postgresql"]), help="Default: sqlite.")
@click.option("--mutants", is_flag=True, help="Put faults into the product: all must be noticed.")
@as_json
def simulate(
    days: int, cases_per_day: int, seed: int, backend: str | None, mutants: bool, as_json: bool
) -> None:
    """Simulate a county with workers killed at random, and check every clock; exit 1 if one is off.

    In a throw-away database, or in the empty one that FENGQIAO_DATABASE_URL names. With
    --mutants the county is simulated again with each of two dozen faults, always in throw-away
    databases and without killing; exit 1 if one of them is not noticed.
    """
    from bench import simulation

    def progress(done: int, total: int) -> None:
        click.echo(f"\rday {done} of {total}   ", err=True, nl=False)

    # What the simulated county logs is not what was asked for.
    logs.configure("WARNING")
    with plainly():
        told = simulation.SimulationOptions(days, cases_per_day, seed, progress=progress)
        document = _prove(told) if mutants else simulation.simulate(told, backend)
    click.echo("", err=True)
    show(document, as_json, json.dumps(document, ensure_ascii=False, indent=1))
    sys.exit(0 if document["ok"] else 1)


def _prove(told: SimulationOptions) -> dict[str, Any]:
    from bench.simulation import proof

    return proof.prove(
        replace(proof.SHORT, days=told.days, cases_per_day=told.cases_per_day, seed=told.seed)
    )
