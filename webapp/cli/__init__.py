"""``fengqiao``: the command line. Exit 0 fine, 1 findings or failures, 2 wrong usage.

With ``--json`` one JSON document stands on stdout; diagnostics go to stderr.
"""

from __future__ import annotations

import click

from webapp.cli import (
    administrators,
    backups,
    benchmarks,
    case_numbers,
    check,
    deployment,
    doctor,
    held_clock,
    imports,
    setting_up,
    simulation,
    vault_keys,
    worker,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Casework of grassroots governance, run exactly as a BPMN diagram says."""


COMMANDS: tuple[click.Command, ...] = (
    setting_up.init,
    setting_up.demo,
    deployment.deploy,
    deployment.export,
    setting_up.run,
    administrators.admin,
    imports.units,
    imports.cases,
    case_numbers.numbers,
    worker.worker,
    held_clock.clock,
    worker.audit,
    check.check,
    check.decide,
    doctor.doctor,
    backups.backup,
    backups.restore,
    vault_keys.vault,
    benchmarks.bench,
    benchmarks.generate,
    simulation.simulate,
)
for command in COMMANDS:
    main.add_command(command)
