"""Ctrl-C in the middle of an import, in a process of its own: the second run completes it."""

from __future__ import annotations

import csv
import json
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from engine import settings
from engine.models import Case
from engine.records import anchors
from engine.storage.db import reading
from tests.engine.casework.world import ROOT, make_world
from tests.forks import CLI, Fork, Forks

# Three transactions and more.
ROWS = 700
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def ledger(folder: Path) -> tuple[Path, Path]:
    """A ledger with many closed rows, and the shipped mapping for the small county."""
    path, chosen = folder / "ledger.csv", folder / "map.json"
    with open(ROOT / "examples/tickets.gbk.csv", encoding="gb18030", newline="") as file:
        first = next(csv.DictReader(file))
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerows({**first, "编号": f"L{number:05d}"} for number in range(ROWS))
    given = json.loads((ROOT / "examples/tickets.map.json").read_bytes())
    place = {"from": "{所在村（社区）}", "values": {}, "fallback": "620725-ZZ"}
    chosen.write_text(json.dumps({**given, "place": place}), encoding="utf-8")
    return path, chosen


def start(forks: Forks, url: str, folder: Path, path: Path, chosen: Path) -> Fork:
    """``fengqiao cases import`` as somebody types it."""
    words = ["cases", "import", path, "--process", "ticket", "--map", chosen, "--history", "--json"]
    secrets = {
        f"FENGQIAO_{name}": getattr(settings.current(), name.lower())
        for name in ("INDEX_KEY", "AUDIT_KEY")
    }
    environment = {
        **os.environ,
        **secrets,
        "FENGQIAO_VAULT_KEYS": ",".join(settings.current().vault_keys),
        "FENGQIAO_DATABASE_URL": url,
        "FENGQIAO_DATA_DIR": str(folder),
    }
    return forks.start(CLI, *words, cwd=folder, env=environment)


def count() -> int:
    with reading() as db:
        return db.scalar(select(func.count()).select_from(Case)) or 0


def test_it_completes_an_import_that_was_stopped_by_a_key(
    database: str, tmp_path: Path, forks: Forks
) -> None:
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    make_world(NOW)
    path, chosen = ledger(tmp_path)

    running = start(forks, database, tmp_path, path, chosen)
    deadline = time.monotonic() + 90
    # A bit at a time: it must not be done before anybody has looked.
    while count() == 0 and running.poll() is None and time.monotonic() < deadline:
        running.send_signal(signal.SIGCONT)
        time.sleep(0.02)
        running.send_signal(signal.SIGSTOP)
    running.send_signal(signal.SIGINT)
    running.send_signal(signal.SIGCONT)
    out, error = running.communicate(timeout=60)
    stopped_at = count()
    assert running.returncode == 130 and 0 < stopped_at < ROWS, error[-800:]
    assert stopped_at % 200 == 0
    assert "Traceback" not in error
    stopped = json.loads(out)
    assert (stopped["stopped"], stopped["added"]) == (True, stopped_at)

    again = start(forks, database, tmp_path, path, chosen)
    out, error = again.communicate(timeout=120)
    report = json.loads(out)
    assert (report["added"], report["known"]) == (ROWS - stopped_at, stopped_at), error[-800:]
    assert count() == ROWS
    with reading() as db:
        numbers = set(db.scalars(select(Case.number)))
        assert numbers == {f"山网〔2026〕{one:04d}" for one in range(1, ROWS + 1)}
        assert anchors.verify(db) == []
