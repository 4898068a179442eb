"""The shipped register of disputes: parties, amounts and dates as an office exports them."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import intake, settings
from engine.definitions import versions
from engine.models import Case, Task
from engine.records import anchors, vault
from engine.storage.db import reading, transaction
from forms import resident_id
from tests.engine.casework.world import ROOT, make_world

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
FILE = ROOT / "examples/disputes.utf8-bom.csv"


@pytest.fixture
def small_county(database: str, tmp_path: Path) -> None:
    """The small county with the dispute process."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    make_world(NOW)
    with transaction() as db:
        versions.publish(db, "dispute", versions.read_directory(ROOT)["dispute"], now=NOW)


def bring(path: Path, rejected: Path) -> intake.ImportReport:
    """Import with the shipped mapping, its villages moved to the small county."""
    given = json.loads((ROOT / "examples/disputes.map.json").read_bytes())
    given["place"]["values"] = {"南湖村": "V1", "霍城镇": "T2"}
    chosen = intake.Mapping.load(json.dumps(given).encode())
    options = intake.ImportOptions(history=True, rejected_path=rejected)
    return intake.import_cases(path, chosen, "dispute", now=NOW, options=options)


def applied(number: str) -> dict[str, Any]:
    """What the vault and the case hold of a row's opening form."""
    with reading() as db:
        case = db.scalars(select(Case).where(Case.source == f"纠纷台账:{number}")).one()
        return {**vault.answers_of(db, case)["apply"], "closed_at": case.closed_at}


def refused(path: Path) -> list[dict[str, str]]:
    """The rows of the file of refused rows."""
    with open(path, encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_it_brings_in_the_register_of_disputes(small_county: None, tmp_path: Path) -> None:
    """Three closed, three open, one of them with violence and its warning, the wrong resident ID
    refused; a second run adds nothing.
    """
    report = bring(FILE, tmp_path / "refused.csv")

    assert (report.added, report.closed, report.open, report.rejected) == (6, 3, 3, 1)
    (row,) = refused(tmp_path / "refused.csv")
    assert row["编号"] == "J2026006" and "parties-0-party_id" in row["rejected_because"]
    assert row["退回原因"].startswith("当事人第 1 项身份证号码：")
    assert row["申请人身份证号"] not in json.dumps(report.as_json())
    assert bring(FILE, tmp_path / "again.csv").added == 0
    with reading() as db:
        waiting = db.scalars(select(Task.node_id).where(Task.done_at.is_(None))).all()
        assert sorted(waiting) == ["accept", "accept", "accept", "respond_county"]
        assert anchors.verify(db) == []


def test_it_takes_the_file_of_refused_rows_when_they_are_mended(
    small_county: None, tmp_path: Path
) -> None:
    """Its first columns say why and are no part of the row; refused again, they are there once."""
    bring(FILE, tmp_path / "refused.csv")
    again = bring(tmp_path / "refused.csv", tmp_path / "again.csv")
    lines = (tmp_path / "again.csv").read_text("utf-8-sig").splitlines()
    assert again.rejected == 1
    assert lines == (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()

    wrong, right = "629999199305200060", "629999199305200069"
    for last in "0123456789X":
        if resident_id.valid(wrong[:-1] + last):
            right = wrong[:-1] + last
    text = (tmp_path / "again.csv").read_text("utf-8-sig").replace(wrong, right)
    (tmp_path / "mended.csv").write_text(text, "utf-8")
    assert bring(tmp_path / "mended.csv", tmp_path / "none.csv").added == 1
    assert not (tmp_path / "none.csv").exists()


def test_it_fills_the_parties_and_the_amount(small_county: None, tmp_path: Path) -> None:
    """Full-width digits become plain, ten thousands become yuan, an Excel day becomes a date."""
    bring(FILE, tmp_path / "refused.csv")

    first, fifth = applied("J2026001"), applied("J2026005")
    assert [one["side"] for one in first["parties"]] == ["申请人", "被申请人"]
    assert first["parties"][0]["party_phone"] == "13900000001"
    assert first["parties"][0]["party_id"] == "629999198001010018"
    assert (first["applied_on"], first["amount"]) == ("2026-09-01", 3000)
    assert first["closed_at"] == datetime(2026, 9, 11, 16, tzinfo=UTC)
    assert (fifth["applied_on"], fifth["amount"]) == ("2026-10-15", 100_000)
    assert applied("J2026003")["violence"] is True
    assert applied("J2026004")["parties"][1]["party_kind"] == "单位"


@pytest.mark.parametrize(
    ("old", "new", "because"),
    [
        ("3000元", "约三千", "amount: no amount that can be read"),
        ("李乙一", "", "parties-1-party_name"),
        ("李乙一,个人,13900000002", ",,", "parties: "),
    ],
)
def test_it_refuses_a_row_that_would_lose_something(
    small_county: None, tmp_path: Path, old: str, new: str, because: str
) -> None:
    """An amount that is a guess, a party without a name, a dispute of one."""
    lines = FILE.read_text("utf-8-sig").replace('"3,000元"', "3000元").splitlines()
    path = tmp_path / "one.csv"
    path.write_text("\n".join([lines[0], lines[1].replace(old, new)]))

    assert bring(path, tmp_path / "refused.csv").rejected == 1
    (row,) = refused(tmp_path / "refused.csv")
    assert because in row["rejected_because"]


def test_it_ships_no_real_resident() -> None:
    """The numbers' place does not exist; all but the one that is meant to be wrong add up."""
    with open(FILE, encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["申请人身份证号"]]
    numbers = {row["编号"]: resident_id.normal(row["申请人身份证号"]) for row in rows}
    assert all(number.startswith("629999") for number in numbers.values())
    assert [key for key, number in numbers.items() if not resident_id.valid(number)] == ["J2026006"]
