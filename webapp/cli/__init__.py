"""``fengqiao``: the command line. Exit 0 fine, 1 findings or failures, 2 wrong usage.

With ``--json`` one JSON document stands on stdout; diagnostics go to stderr.
"""

from __future__ import annotations

import click

from webapp.cli import (
    administrators,
    backups,
    benchmarks,
    boundaries,
    case_numbers,
    check,
    console,
    deployment,
    doctor,
    held_clock,
    imports,
    setting_up,
    simulation,
    statistics,
    vault_keys,
    worker,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fengqiao", message="%(version)s")
@click.option("--lang", type=click.Choice(console.LANGUAGES), help="Else that of LANG.")
@click.pass_context
def main(context: click.Context, lang: str | None) -> None:
    """Casework of grassroots governance, run exactly as a BPMN diagram says."""
    context.obj = lang


COMMANDS: tuple[click.Command, ...] = (
    setting_up.init,
    setting_up.demo,
    deployment.deploy,
    deployment.export,
    setting_up.run,
    administrators.admin,
    imports.units,
    imports.cases,
    boundaries.boundaries,
    case_numbers.numbers,
    worker.worker,
    held_clock.clock,
    worker.audit,
    check.check,
    check.decide,
    doctor.doctor,
    statistics.stats,
    backups.backup,
    backups.restore,
    vault_keys.vault,
    benchmarks.bench,
    benchmarks.generate,
    simulation.simulate,
)
for command in COMMANDS:
    main.add_command(command)
