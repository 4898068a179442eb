"""``fengqiao``: the command line. Exit 0 fine, 1 findings or failures, 2 wrong usage.

With ``--json`` one JSON document stands on stdout; diagnostics go to stderr.
"""

from __future__ import annotations

import click

from webapp.cli import (
    checking,
    clocking,
    deploying,
    diagnosing,
    importing,
    keeping,
    keying,
    measuring,
    numbering,
    setting_up,
    simulating,
    staffing,
    working,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Casework of grassroots governance, run exactly as a BPMN diagram says."""


COMMANDS: tuple[click.Command, ...] = (
    setting_up.init,
    setting_up.demo,
    deploying.deploy,
    deploying.export,
    setting_up.run,
    staffing.admin,
    importing.units,
    importing.cases,
    numbering.numbers,
    working.worker,
    clocking.clock,
    working.audit,
    checking.check,
    checking.decide,
    diagnosing.doctor,
    keeping.backup,
    keeping.restore,
    keying.vault,
    measuring.bench,
    measuring.generate,
    simulating.simulate,
)
for command in COMMANDS:
    main.add_command(command)
