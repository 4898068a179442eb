"""Every command of the command line is called as a command; whoever adds one adds it here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import structlog

from bench import simulation
from tests.bench.test_page import FIGURES
from tests.conftest import ROOT
from tests.engine.casework.world import World
from tests.forks import Forks
from tests.webapp.test_cli import Shell
from webapp.cli import main
from webapp.cli.simulation import simulate

Command = tuple[str, ...]
COUNTY = "620725"
CLI, RUN = "tests/webapp/test_cli.py", "tests/webapp/test_run.py"
IMPORT = "tests/engine/intake/test_interrupted.py"
# Called there, and in other tests.
ELSEWHERE: dict[Command, str] = {
    ("init",): CLI,
    ("demo",): CLI,
    ("deploy",): CLI,
    ("run",): RUN,
    ("units", "import"): CLI,
    ("cases", "import"): IMPORT,
    ("worker",): CLI,
    ("audit", "verify"): CLI,
    ("check",): CLI,
    ("decide",): CLI,
    ("doctor",): CLI,
    ("vault", "status"): CLI,
    ("vault", "rotate"): CLI,
}


def commands(command: click.Command = main, path: Command = ()) -> Iterator[Command]:
    """Every command, with the groups that it lies in."""
    if isinstance(command, click.Group):
        for name, one in command.commands.items():
            yield from commands(one, (*path, name))
    else:
        yield path


class Caller:
    """Calls commands in a county of its own, and remembers which."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.called: set[Command] = set()

    def __call__(self, *words: Any) -> Any:
        """The one document that it prints; it ends well."""
        self.note(words)
        return self.shell.json(*words)

    def note(self, words: tuple[Any, ...]) -> None:
        self.called.add(next(one for one in commands() if one == words[: len(one)]))


@pytest.mark.only("sqlite")
def test_every_command_is_called(
    world: World, database_url: str, tmp_path: Path, forks: Forks
) -> None:
    shell = Shell(database_url, tmp_path, forks)
    # With the secrets of the county.
    shell.environ["FENGQIAO_DATA_DIR"] = str(tmp_path)
    told = Caller(shell)

    administer(told)
    draw(told, tmp_path)
    keep(told, tmp_path)
    measure(told, tmp_path)

    assert told.called.isdisjoint(ELSEWHERE)
    assert told.called | ELSEWHERE.keys() == set(commands())


def administer(told: Caller) -> None:
    """Somebody looks after the county, gives it letters, and asks for its clock."""
    assert told("admin", "boss", "管某", "--unit", COUNTY)["login"] == "boss"
    words = ("numbers", "set", COUNTY, "试")
    told.note(words)
    assert told.shell(*words)[0] == 0
    assert told("numbers", "show", COUNTY)["own"] == {"letters": "试", "set": True}
    assert told("clock", "show") == {"held": False}
    words = ("clock", "confirm", "--by", "boss")
    told.note(words)
    code, _out, error = told.shell(*words)
    # Nothing is held.
    assert code == 1 and error.count("\n") == 1


def draw(told: Caller, folder: Path) -> None:
    """Areas are invented inside the outline, leave as a file, and come in again."""
    outline, file = ROOT / "tests/samples/geo/620725.geojson", folder / "areas.geojson"
    made = told("boundaries", "invent", COUNTY, outline)
    words = ("boundaries", "export", COUNTY)
    told.note(words)
    file.write_text(told.shell(*words)[1], encoding="utf-8")
    assert told("boundaries", "check", COUNTY, file)["areas"] == made["areas"] > 3
    words = ("boundaries", "import", COUNTY, file, "--fallback", COUNTY)
    assert told(*words)["number"] == 2
    shown = told("boundaries", "show", COUNTY)
    assert [(one["number"], one["invented"]) for one in shown] == [(2, False), (1, True)]
    assert told("boundaries", "locate", COUNTY, 100.0, 38.7)["how"] == "fallback"
    assert told("boundaries", "locate", COUNTY, 101.08, 38.78)["how"] == "inside"


def keep(told: Caller, folder: Path) -> None:
    """What there is goes out as files, and as a backup that can be read."""
    assert told("stats", "rebuild")["counters"] == 0
    exported = told("export", folder / "exported")["exported"]
    assert exported["ticket"] == 1 and (folder / "exported/versions.json").is_file()
    told("backup", folder / "kept")
    assert told("restore", folder / "kept", "--check")["restored"] is False


def measure(told: Caller, folder: Path) -> None:
    """Little of it: how it measures has tests of its own."""
    figures = folder / "figures.json"
    figures.write_text(json.dumps(FIGURES), encoding="utf-8")
    assert told("bench", "all", "--figures", figures) == FIGURES
    # Neither writes into a county that is none of its making.
    for words in (("generate", "--cases", 1, "--county", COUNTY), ("simulate", "--days", 1)):
        told.note(words)
        code, _out, error = told.shell(*words)
        assert code == 1 and "Traceback" not in error


@pytest.mark.parametrize("command", ELSEWHERE, ids=" ".join)
def test_what_is_called_elsewhere_is_called_there(command: Command) -> None:
    there = (ROOT / ELSEWHERE[command]).read_text(encoding="utf-8")
    assert ", ".join(f'"{word}"' for word in command) in there


def test_what_a_simulation_logs_is_not_in_its_document(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --json stdout is one document, whatever the simulated county has to say."""

    def county(*_arguments: Any) -> dict[str, Any]:
        structlog.get_logger().warning("clock held", why="ahead")
        return {"ok": True}

    before = structlog.get_config()
    monkeypatch.setattr(simulation, "simulate", county)
    structlog.reset_defaults()
    try:
        with pytest.raises(SystemExit) as ended:
            simulate.main(["--days", "1", "--json"], standalone_mode=False)
    finally:
        structlog.configure(**before)
    shown = capsys.readouterr()
    assert (ended.value.code, json.loads(shown.out)) == (0, {"ok": True})
    assert "clock held" in shown.err
