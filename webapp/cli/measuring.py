"""The benchmarks."""

from __future__ import annotations

import json

import click

from webapp.cli.console import as_json, show


@click.command()
@click.argument("name", type=click.Choice(["feel", "complete", "all"]))
@click.option("--backend", type=click.Choice(["sqlite", "postgresql"]), help="Default: both.")
@as_json
def bench(name: str, backend: str | None, as_json: bool) -> None:
    """Measure; each figure beside its floor from the same run."""
    from bench import run

    document = run(name, backend)
    show(document, as_json, json.dumps(document, ensure_ascii=False, indent=1))
