"""Files from outside that once went wrong, each with its right result."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import intake, settings
from engine.errors import DomainError
from engine.intake import ImportReport
from engine.models import Unit
from engine.org.importing import import_units
from engine.storage.db import transaction
from tests.engine.casework.world import ROOT, make_world
from tests.engine.intake.ledger import MAPPING, NOW, count

FORMAT = ["MM/DD/YYYY hh:mm:ss AM"]
PLACE = {"fallback": "620725-ZZ"}


@pytest.fixture(autouse=True)
def small_county(database: str, tmp_path: Path) -> None:
    """The small county."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    make_world(NOW)


@pytest.fixture
def inputs(shared: Path) -> Path:
    """The folder of the files."""
    return shared / "cases/import"


def bring(path: Path, given: dict[str, Any], tmp_path: Path, **options: Any) -> ImportReport:
    """Import a file with a mapping; refused rows go beside."""
    chosen = intake.Mapping.load(json.dumps({**given, "place": PLACE}).encode())
    asked = intake.ImportOptions(
        **{"history": True, "rejected_path": tmp_path / "refused.csv", **options}
    )
    return intake.import_cases(path, chosen, "ticket", now=NOW, options=asked)


def shipped(name: str) -> dict[str, Any]:
    """A mapping of the examples."""
    found: dict[str, Any] = json.loads((ROOT / "examples" / name).read_bytes())
    return found


def plain() -> dict[str, Any]:
    """The mapping of a ledger that knows no more than five columns."""
    left = {name: part for name, part in MAPPING.items() if name not in ("closed_at", "note")}
    return {**left, "answers": {**MAPPING["answers"], "details": "{情况}"}}


def test_it_names_the_heading_that_stands_twice(inputs: Path, tmp_path: Path) -> None:
    given = json.loads((inputs / "twice-headed.map.json").read_bytes())
    with pytest.raises(DomainError) as error:
        bring(inputs / "twice-headed.csv", given, tmp_path)
    assert "联系电话" in error.value.text.zh and count() == 0


def test_it_refuses_a_row_with_more_cells_than_headings(inputs: Path, tmp_path: Path) -> None:
    report = bring(inputs / "long-row.csv", plain(), tmp_path)
    assert (report.read, report.added, report.rejected) == (1, 0, 1)
    assert "7" in (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()[1]


def test_it_names_the_line_of_an_open_quote(inputs: Path, tmp_path: Path) -> None:
    with pytest.raises(DomainError) as error:
        bring(inputs / "06-unbalanced-quote.csv", shipped("tickets.map.json"), tmp_path)
    assert "第 4 行" in error.value.text.zh and "张三" not in error.value.text.zh
    assert count() == 0


def test_it_rejects_every_row_without_an_id(inputs: Path, tmp_path: Path) -> None:
    report = bring(inputs / "29-ten-blank-ids.csv", shipped("tickets.map.json"), tmp_path)
    assert (report.read, report.rejected, report.known) == (10, 10, 0)


def test_it_rejects_the_same_id_with_other_content(inputs: Path, tmp_path: Path) -> None:
    report = bring(inputs / "08-duplicate-ids.csv", shipped("tickets.map.json"), tmp_path)
    assert (report.read, report.added, report.rejected) == (3, 2, 1)
    assert "井盖丢失" in (tmp_path / "refused.csv").read_text("utf-8-sig")


def test_it_reads_times_of_twelve_hours_in_a_named_format(inputs: Path, tmp_path: Path) -> None:
    """The columns are those of the requests of another city; which mapping names its format."""
    given = {**shipped("boston311.map.json"), "dates": FORMAT}
    report = bring(inputs / "32-us-12-hour.csv", given, tmp_path)
    assert (report.added, report.rejected) == (6, 0)


def test_it_says_truly_why_it_reads_no_time_without_one(inputs: Path, tmp_path: Path) -> None:
    """What has one reading is read; what has two is refused for that, not for the clock."""
    report = bring(inputs / "32-us-12-hour.csv", shipped("boston311.map.json"), tmp_path)
    lines = (tmp_path / "refused.csv").read_text("utf-8-sig").splitlines()[1:]
    assert (report.added, report.rejected) == (5, 1)
    assert "U1" in lines[0] and "can be read in two ways" in lines[0]


def test_it_names_the_columns_that_a_file_of_others_lacks(inputs: Path, tmp_path: Path) -> None:
    given = json.loads((inputs / "en.map.json").read_bytes())
    with pytest.raises(DomainError) as error:
        bring(inputs / "32-us-12-hour.csv", given, tmp_path)
    assert "opened" in error.value.text.zh and "title" in error.value.text.zh


@pytest.mark.parametrize("name", ["utf16-comma.csv", "tab.csv", "header-not-first.csv"])
def test_it_reads_what_other_programs_write(inputs: Path, tmp_path: Path, name: str) -> None:
    report = bring(inputs / name, plain(), tmp_path)
    assert report.added == report.read > 0 and report.rejected == 0


def test_units_with_an_open_quote_are_refused(inputs: Path) -> None:
    with transaction() as db, pytest.raises(DomainError):
        import_units(db, (inputs / "u2-quote.csv").read_bytes(), now=NOW)


def test_units_in_a_circle_and_under_a_wrong_parent_move_nothing(inputs: Path) -> None:
    with transaction() as db:
        before = _parents(db)
        report = import_units(db, (inputs / "u5-cycle.csv").read_bytes(), now=NOW)
        after = _parents(db)
    assert {code: after[code] for code in before} == before
    assert {one.code for one in report.rejections} >= {"A1", "A2"}


def _parents(db: Session) -> dict[str, int | None]:
    return dict(db.execute(select(Unit.code, Unit.parent_id)).tuples().all())
