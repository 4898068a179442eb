"""The benchmarks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TextIO

import click

import bench as benchmarks
from bench.page import render
from webapp.cli.console import as_json, in_app, moment_of, show


@click.command()
@click.argument("name", type=click.Choice(benchmarks.NAMES))
@click.option("--backend", type=click.Choice(["sqlite", "postgresql"]), help="Default: its own.")
@click.option(
    "--size", "sizes", type=click.IntRange(1), multiple=True, help="Number of cases; repeatable."
)
@click.option("--clocks", type=click.IntRange(100), help="Number of open clocks, for sweep.")
@click.option(
    "--figures", type=click.File(encoding="utf-8"), help="What `all` printed; measures nothing."
)
@click.option(
    "--page", type=click.File("w", "utf-8", lazy=True), help="Write the figures as a page, too."
)
@as_json
def bench(
    name: str,
    backend: str | None,
    sizes: tuple[int, ...],
    clocks: int | None,
    figures: TextIO | None,
    page: TextIO | None,
    as_json: bool,
) -> None:
    """Measure; each figure beside its floor from the same run."""
    if name != "all" and (figures or page):
        raise click.UsageError("--figures and --page go with all")
    asked = benchmarks.BenchOptions(backend, sizes, clocks)
    document = json.load(figures) if figures else benchmarks.run(name, asked)
    if page:
        page.write(render(document))
    show(document, as_json, json.dumps(document, ensure_ascii=False, indent=1))


@click.command()
@click.option("--cases", "number", type=click.IntRange(1), required=True, help="How many.")
@click.option("--seed", default=1, show_default=True, help="The same seed, the same cases.")
@click.option("--county", "codes", multiple=True, help="Code of a county; default: three.")
@click.option("--open", "share", type=click.FloatRange(0, 1), default=0.04, show_default=True)
@click.option("--busy", help="Code of a unit: half of the cases are from grids under it.")
@click.option(
    "--plays", type=click.IntRange(1), help="How many different cases; default: by their number."
)
@click.option("--processes", type=click.Choice(["1", "2", "4"]), default="2", show_default=True)
@click.option("--now", "moment", help="ISO 8601; pretend it is this time.")
@as_json
@in_app
def generate(
    number: int,
    seed: int,
    codes: tuple[str, ...],
    share: float,
    busy: str | None,
    plays: int | None,
    processes: str,
    moment: str | None,
    as_json: bool,
) -> None:
    """Fill the database with cases as a real place would have them; refused in production."""
    options = {"busy": busy, "plays": plays, "processes": int(processes)}
    report = invent(number, seed, codes, now=moment_of(moment), open_share=share, **options)
    show(report, as_json, "\n".join(f"{key}: {value}" for key, value in report.items()))


def invent(
    number: int, seed: int, codes: Sequence[str], *, now: datetime, **options: Any
) -> dict[str, Any]:
    """Generate cases, telling on the terminal how far it is; see ``bench.generator``."""
    from bench import generator

    def progress(stage: str, done: int, total: int) -> None:
        click.echo(f"\r{stage} {done} of {total}   ", err=True, nl=False)

    codes = codes or generator.counties.DEFAULT
    report = generator.generate(number, seed, codes, now=now, progress=progress, **options)
    click.echo("", err=True)
    return report
