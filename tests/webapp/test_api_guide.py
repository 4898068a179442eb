"""The commands of docs/api, run by a shell against a server; both languages have the same ones."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.browser.live import serving
from tests.left_out import leave_out
from tests.webapp.policy_desk import draft, staff
from tests.webapp.site import PASSWORD, Site

DOCS = Path(__file__).resolve().parents[2] / "docs"
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
# What the reader sets: where, who, which draft.
GIVEN = re.compile(r"^(SITE|LOGIN|PASSWORD|DRAFT)=\S*$", re.MULTILINE)


def commands(name: str) -> list[str]:
    return SHELL.findall((DOCS / name).read_text(encoding="utf-8"))


def run(script: list[str], given: dict[str, str]) -> str:
    text = GIVEN.sub(lambda line: f"{line[1]}='{given[line[1]]}'", "\n".join(script))
    command = ["bash", "-euo", "pipefail", "-c", text]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.only("sqlite")
def test_every_command_of_the_guide_does_what_it_says(site: Site) -> None:
    if shutil.which("curl") is None:
        leave_out("no curl")
    staff(site)
    number = draft(site)
    case_id = site.open(summary="南湖路路灯不亮")
    with serving(site) as live:
        given = {"SITE": live.url, "LOGIN": "grid_leader", "PASSWORD": PASSWORD}
        place, *casework, chosen, drafting = commands("api.md")
        said = run([place, *casework], given)
        drafted = run([place, chosen, drafting], {**given, "LOGIN": "editor", "DRAFT": str(number)})
    assert "南湖路路灯不亮" in said and "分流派单" in said
    assert "processes/ticket/ticket.bpmn" in drafted and '"findings"' in drafted
    assert site.run(lambda world: world.task(case_id).name) == "分流派单"


def test_both_languages_have_the_same_commands() -> None:
    chinese, english = commands("api.zh-CN.md"), commands("api.md")
    assert [one.replace("台账同步", "register") for one in chinese] == english
