"""The command line as scripts use it: one JSON document on stdout, and an exit code that tells."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from engine.definitions import versions
from engine.operations.doctor import CHECKS
from tests.conftest import SAMPLES
from tests.forks import Forks
from tests.webapp.site import own_secrets

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "processes/ticket/triage.dmn"


class Shell:
    """Runs ``fengqiao`` as a program of its own, on a database of the test's own."""

    def __init__(self, url: str, folder: Path, forks: Forks) -> None:
        self.folder, self.forks = folder, forks
        self.environ = {
            **{key: value for key, value in os.environ.items() if "FENGQIAO" not in key},
            "FENGQIAO_DATABASE_URL": url,
            "FENGQIAO_DATA_DIR": str(folder / "data"),
        }

    def __call__(self, *words: object, **environ: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        return self.forks.run(*words, cwd=self.folder, env={**self.environ, **environ})

    def json(self, *words: object, code: int = 0) -> Any:
        """The one document that ``--json`` prints."""
        found, out, err = self(*words, "--json")
        assert found == code, err
        return json.loads(out)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, forks: Forks) -> Shell:
    """The program on a migrated database without rows."""
    return Shell(database_url, tmp_path, forks)


@pytest.fixture
def plain(tmp_path: Path, forks: Forks) -> Shell:
    """The program for commands that need no database."""
    return Shell(f"sqlite:///{tmp_path}/none.db", tmp_path, forks)


def test_it_publishes_once_and_then_nothing_new(shell: Shell) -> None:
    """``init`` publishes what ships; deploying the same again changes nothing."""
    shipped = set(versions.read_directory(ROOT))
    assert shipped > {"dispute", "hotline", "ticket", "escalation"}
    assert set(shell.json("init")["published"]) == shipped
    assert shell.json("init")["published"] == []
    assert shell.json("deploy", ROOT) == {"published": [], "refused": []}


def test_it_publishes_nothing_while_the_check_finds_an_error(shell: Shell, tmp_path: Path) -> None:
    """One wrong condition keeps the whole folder out."""
    shell.json("init")
    shutil.copytree(ROOT / "processes/ticket", tmp_path / "processes/ticket")
    shutil.copytree(ROOT / "forms/ticket", tmp_path / "forms/ticket")
    diagram = tmp_path / "processes/ticket/ticket.bpmn"
    diagram.write_text(diagram.read_text().replace("satisfaction = ", "satisfaction == "))

    document = shell.json("deploy", tmp_path, code=1)
    assert document["published"] == []
    assert "bad-expression" in json.dumps(document)


def test_it_runs_the_worker_at_a_given_time_and_verifies_the_chains(shell: Shell) -> None:
    """Every tick reports; the time is the one that was asked for."""
    shell.json("init")
    report = shell.json("worker", "--once", "--now", "2026-11-30T09:00:00+08:00")
    assert report["now"] == "2026-11-30T09:00:00+08:00"
    assert set(report["ticks"]) >= {"sweep", "outbox", "tallies", "anchor"}
    assert shell.json("audit", "verify")["ok"] is True
    report = shell.json("doctor")
    # What there is to be noted hangs on the day.
    assert all(set(note) == {"zh_CN", "en"} for note in report.pop("notes"))
    assert report == {
        "ok": True,
        "cases": 0,
        "checks": list(CHECKS),
        "findings": [],
        "more": 0,
    }


def test_it_imports_units_and_reports_rows(shell: Shell) -> None:
    """A table as it is, twice: all added, then nothing."""
    path = SAMPLES / "divisions/own.csv"
    first, second = shell.json("units", "import", path), shell.json("units", "import", path)
    assert (first["read"], first["added"], first["rejected"]) == (8, 8, [])
    assert (second["added"], second["changed"]) == (0, 0)


def test_it_decides(plain: Shell) -> None:
    """Result, matching rules and no errors."""
    given = {"category": "住房物业", "setting": "住宅小区", "danger": False}
    words = ("decide", TABLE, "--decision", "ticket_triage", "--input", json.dumps(given))
    document = plain.json(*words)
    assert document["errors"] == [] and document["matched"]
    assert "住房和城乡建设局" in json.dumps(document["result"], ensure_ascii=False)


def test_it_checks(plain: Shell, tmp_path: Path) -> None:
    """Clean files pass; a PNG that calls itself a diagram does not."""
    document = plain.json("check", ROOT / "processes")
    assert all(file["ok"] for file in document["files"])
    fake = tmp_path / "fake.bpmn"
    fake.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    (file,) = plain.json("check", fake, code=1)["files"]
    assert not file["ok"] and file["findings"][0]["severity"] == "error"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("decide", TABLE, "--decision", "no such", "--input", "{}"), 1),
        (("decide", TABLE, "--decision", "ticket_triage", "--input", "{"), 2),
        (("decide", TABLE, "--decision", "ticket_triage", "--input", "[1]"), 2),
        (("decide", "missing.dmn", "--decision", "x", "--input", "{}"), 2),
        (("check", "missing.bpmn"), 2),
        (("worker", "--now", "2026-11-30T09:00:00+08:00"), 2),
        (("worker", "--once", "--now", "tomorrow"), 2),
        (("worker", "--once", "--now", "2026-11-30T09:00:00"), 2),
        (("no-such-command",), 2),
    ],
)
def test_it_says_in_a_line_what_was_wrong(plain: Shell, words: tuple[Any, ...], code: int) -> None:
    """Wrong usage is 2, a failure is 1; never a traceback."""
    found, out, err = plain(*words)
    assert found == code
    assert "Traceback" not in err + out


@pytest.mark.parametrize("word", ["init", "worker"])
def test_it_refuses_production_without_its_secrets(plain: Shell, word: str) -> None:
    """One clear line that names the variable."""
    words = (word, "--once") if word == "worker" else (word,)
    code, out, err = plain(*words, FENGQIAO_MODE="production")
    assert code == 1
    assert "FENGQIAO_" in err and "Traceback" not in err + out


def test_it_never_moves_the_clock_in_production(plain: Shell) -> None:
    """Not even with every secret set."""
    code, _, err = plain(
        "worker",
        "--once",
        "--now",
        "2026-11-30T09:00:00+08:00",
        FENGQIAO_MODE="production",
        **own_secrets(),
    )
    assert code == 2 and "production" in err


@pytest.mark.parametrize("words", [("audit", "verify"), ("worker", "--once"), ("deploy", ROOT)])
def test_it_says_in_a_line_that_there_are_no_tables(plain: Shell, words: tuple[Any, ...]) -> None:
    """Nobody has run ``init``: said in words, with nothing of the statement that failed."""
    code, _, err = plain(*words)
    assert code == 1
    assert "Traceback" not in err and "SELECT" not in err
    assert "no such table" in err or "OperationalError" in err


def test_it_compares_with_what_another_machine_received(shell: Shell, tmp_path: Path) -> None:
    """Whatever stands around the anchors in its log; one that is not here makes the exit code 1."""
    shell.json("init")
    shell.json("worker", "--once")
    log = tmp_path / "received.log"
    log.write_text("Nov 30 10:00:00 there sshd: nothing of ours\n")
    assert shell.json("audit", "verify", "--received", log)["ok"] is True

    told = f'[fengqiao@32473 number="7" hash="{"0" * 64}"] anchor 7 of 1 chains'
    log.write_text(f"{log.read_text()}Nov 30 10:00:01 there fengqiao: {told}\n")
    (fault,) = shell.json("audit", "verify", "--received", log, code=1)["faults"]
    assert fault["kind"] == "received"


def test_it_changes_the_keys_of_the_vault(shell: Shell) -> None:
    """And says what is under which key before, and that nothing is left after."""
    shell.json("init")
    shell.json("demo")
    before = shell.json("vault", "status")
    assert before["left"] == 0 and before["keys"] == [before["newest"]]
    old = (shell.folder / "data/secrets/vault_keys").read_text()
    shell.environ["FENGQIAO_VAULT_KEYS"] = f"{'1' * 43}=,{old}"

    report = shell.json("vault", "rotate")

    assert report["left"] == 0 and report["keys"][1] == before["newest"]
    assert shell.json("audit", "verify")["ok"] is True
