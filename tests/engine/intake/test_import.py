"""Cases from outside: idempotent, complete, nothing lost, no clock of the past fires."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import intake, org, settings
from engine.definitions import versions
from engine.models import Case, Due, Event, Task, Unit
from engine.records import anchors, vault
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.conftest import SAMPLES
from tests.engine.casework.world import ROOT, World, make_world
from tests.engine.intake import ledger

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PLACES = {"from": "{ward}", "values": {"Ward 18": "V1", "Ward 20": "T2"}, "fallback": "620725-ZZ"}


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    """The small county."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    return make_world(NOW)


def mapping(name: str, **changes: Any) -> intake.Mapping:
    """A shipped mapping, for the small county's units."""
    given = json.loads((ROOT / "examples" / name).read_bytes())
    return intake.Mapping.load(json.dumps({**given, **changes}).encode())


def bring(
    path: Path, chosen: intake.Mapping, tmp_path: Path, **options: Any
) -> intake.ImportReport:
    """Run an import."""
    rejected = tmp_path / "rejected.csv"
    chosen_options = intake.ImportOptions(**{"history": True, "rejected_path": rejected, **options})
    return intake.import_cases(path, chosen, "ticket", now=NOW, options=chosen_options)


def test_it_finds_units_by_the_codes_they_had(world: World, tmp_path: Path) -> None:
    """A mapping outlives a recoding; a unit that has the code now is meant before that."""
    with transaction() as db:
        units = {unit.code: unit for unit in db.scalars(select(Unit))}
        village, township = units["V1"].id, units["T2"].id
        org.recode_unit(db, None, units["V1"], "V9", now=world.now)
        org.recode_unit(db, None, units["T2"], "V1", now=world.now)
    places = {**ledger.MAPPING["place"], "values": {"南湖村": "V1", "镇": "T2"}}
    path = ledger.write(tmp_path / "a.csv", ledger.row("1"), ledger.row("2", 地点="镇"))
    ledger.bring(path, ledger.mapping(place=places))
    assert _places() == {"1": township, "2": township}

    with transaction() as db:
        org.recode_unit(db, None, db.get_one(Unit, township), "T9", now=world.now)
        org.recode_unit(db, None, db.get_one(Unit, village), "V8", now=world.now)
    later = ledger.write(tmp_path / "b.csv", ledger.row("3"), ledger.row("4", 地点="别处"))
    places |= {"values": {"南湖村": "V9"}, "default": "T2"}
    ledger.bring(later, ledger.mapping(place=places))
    assert _places() == {"1": township, "2": township, "3": village, "4": township}

    # Codes in the rows themselves, without a table in the mapping; one is nobody's.
    codes = {"from": "{地点}", "fallback": "620725-ZZ"}
    rows = [
        ledger.row(number, 地点=code) for number, code in (("5", "V9"), ("6", "T9"), ("7", "V7"))
    ]
    report = ledger.bring(ledger.write(tmp_path / "c.csv", *rows), ledger.mapping(place=codes))
    found = _places()
    assert (found["5"], found["6"], report.added) == (village, township, 3)
    assert found["7"] not in (village, township)


def _places() -> dict[str, int]:
    with reading() as db:
        found = db.execute(select(Case.source, Case.place_id))
        return {(source or "").partition(":")[2]: place for source, place in found}


def test_it_brings_in_requests_of_another_city(world: World, tmp_path: Path) -> None:
    """Closed as closed, overdue as overdue, whatever is missing; a second run adds nothing."""
    path = SAMPLES / "requests/own.csv"
    chosen = mapping("boston311.map.json", place=PLACES)
    report = bring(path, chosen, tmp_path)

    assert (report.read, report.added, report.rejected) == (3, 3, 0)
    assert (report.closed, report.open) == (2, 1)
    assert bring(path, chosen, tmp_path).added == 0
    with reading() as db:
        assert db.scalars(select(Due.id).where(Due.fire_at <= NOW)).all() == []
        assert anchors.verify(db) == []
    assert ticks.sweep(NOW)["fired"] == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_brings_in_5000_real_requests(world: World, shared: Path, tmp_path: Path) -> None:
    """All of them, closed as closed, overdue as overdue, each cell; a second run adds nothing."""
    path = shared / "data/requests/boston311_2011h2_5000.csv"
    chosen = mapping("boston311.map.json", place=PLACES)
    report = bring(path, chosen, tmp_path)

    assert (report.read, report.added, report.rejected) == (5000, 5000, 0)
    assert (report.closed, report.open) == (4711, 289)
    assert bring(path, chosen, tmp_path).added == 0
    with reading() as db:
        assert db.scalar(select(func.count()).select_from(Case)) == 5000
        assert _lost_cells(db, path) == []
        assert db.scalar(select(func.count()).where(Task.done_at.is_(None))) == 289
        assert db.scalars(select(Due.id).where(Due.fire_at <= NOW)).all() == []
        assert anchors.verify(db) == []
    assert ticks.sweep(NOW)["fired"] == 0


def _lost_cells(db: Session, path: Path) -> list[tuple[str, str]]:
    """Row and column of each cell that its case does not have as it was written."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    kept = {
        (case.source or "").partition(":")[2]: vault.answers_of(db, case)["import:row"]
        for case in db.scalars(select(Case))
    }
    return [
        (number, column)
        for number, row in rows.items()
        for column, cell in row.items()
        if kept[number].get(column) != cell
    ]


def test_it_reads_a_chinese_export_and_says_why_a_row_is_refused(
    world: World, tmp_path: Path
) -> None:
    """GBK, full-width digits, five spellings of dates; the sixth is refused, not guessed."""
    chosen = mapping("tickets.map.json", place={**PLACES, "from": "{所在村（社区）}"})
    report = bring(ROOT / "examples/tickets.gbk.csv", chosen, tmp_path)

    assert (report.added, report.closed, report.open, report.rejected) == (5, 2, 3, 1)
    with open(tmp_path / "rejected.csv", encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (
        row["编号"] == "T2026006"
        and "opened_at: a date that can be read in two ways" in row["rejected_because"]
    )
    assert "3/4/2026" not in json.dumps(report.as_json())
    assert (tmp_path / "rejected.csv").stat().st_mode & 0o077 == 0
    with reading() as db:
        case = db.scalars(select(Case).where(Case.source == "台账:T2026001")).one()
        assert case.closed_at == datetime(2026, 9, 10, 8, 20, tzinfo=UTC)
        row = vault.answers_of(db, case)["import:row"]
        assert row["处理结果"] == "已更换井盖。"


def test_it_goes_on_where_it_was_interrupted(world: World, tmp_path: Path) -> None:
    """Half the file, then all of it: every row once, numbers without a gap."""
    lines = (ROOT / "examples/tickets.gbk.csv").read_bytes().split(b"\r\n")
    half = tmp_path / "half.csv"
    half.write_bytes(b"\r\n".join(lines[:3]) + b"\r\n")
    chosen = mapping("tickets.map.json", place={**PLACES, "from": "{所在村（社区）}"})
    assert bring(half, chosen, tmp_path).added == 2
    assert bring(ROOT / "examples/tickets.gbk.csv", chosen, tmp_path).added == 3

    with reading() as db:
        numbers = sorted(db.scalars(select(Case.number)))
    assert numbers == [f"山网〔2026〕{one:04d}" for one in range(1, 6)]


def test_it_goes_on_behind_a_row_at_which_the_process_fails(world: World, tmp_path: Path) -> None:
    """The row is refused with a reason; it leaves neither half a case nor a gap."""
    files = dict(versions.read_directory(ROOT)["ticket"])
    name = "processes/ticket/ticket.bpmn"
    failing = 'if case.category = "供水排水" then 7 else settled'.encode()
    files[name] = files[name].replace(b">settled = true<", b">" + failing + b"<")
    with transaction() as db:
        versions.publish(db, "ticket", files, now=NOW)
    chosen = mapping("tickets.map.json", place={**PLACES, "from": "{所在村（社区）}"})
    lines = (ROOT / "examples/tickets.gbk.csv").read_bytes().split(b"\r\n")
    path = tmp_path / "open.csv"
    path.write_bytes(b"\r\n".join([lines[0], *lines[3:]]))

    report = bring(path, chosen, tmp_path)
    world.open()

    assert (report.added, report.rejected) == (2, 2)
    with reading() as db:
        numbers = sorted(db.scalars(select(Case.number)))
        assert anchors.verify(db) == []
    assert numbers == [f"山网〔2026〕{one:04d}" for one in range(1, 4)]


@pytest.mark.parametrize("when", ["0001-01-01", "9999-12-31", "2030-01-01", "13893612345", "nan"])
def test_it_refuses_dates_that_cannot_be(world: World, tmp_path: Path, when: str) -> None:
    """What other systems write for nothing is refused like any other, and never repeated."""
    path = tmp_path / "odd.csv"
    path.write_text(
        f"编号,上报时间,办结时间,事件标题\nX1,{when},,路灯不亮\nX2,2026-09-01,{when},路灯\n"
    )
    chosen = mapping("tickets.map.json", place={"fallback": "620725-ZZ"})
    chosen = replace(
        chosen, due_at="", note="", answers={"summary": intake.mapping.MappedValue("{事件标题}")}
    )

    report = bring(path, chosen, tmp_path)

    assert (report.read, report.rejected) == (2, 2)
    assert when not in json.dumps(report.as_json())


def test_it_refuses_closed_rows_without_history(world: World, tmp_path: Path) -> None:
    """Without --history a row is opened today; a closed one makes no sense then."""
    chosen = mapping("tickets.map.json", place={**PLACES, "from": "{所在村（社区）}"})
    report = bring(ROOT / "examples/tickets.gbk.csv", chosen, tmp_path, history=False)

    assert (report.added, report.closed, report.rejected) == (3, 0, 3)
    with reading() as db:
        assert set(db.scalars(select(Case.opened_at))) == {NOW}


def test_it_starts_to_escalate_only_what_falls_due_from_now_on(
    world: World, tmp_path: Path
) -> None:
    """Years of rungs are cancelled with a record; the case is as red as it is."""
    chosen = mapping("tickets.map.json", place={**PLACES, "from": "{所在村（社区）}"})
    bring(ROOT / "examples/tickets.gbk.csv", chosen, tmp_path)
    with reading() as db:
        case = db.scalars(select(Case).where(Case.source == "台账:T2026003")).one()
        task = db.scalars(select(Task).where(Task.case_id == case.id, Task.done_at.is_(None))).one()
        event = db.scalars(select(Event).where(Event.kind == "case.imported")).first()

    assert task.deadline_at is not None and task.deadline_at < NOW
    assert event is not None and json.loads(event.data)["struck"] > 0


@pytest.mark.parametrize(
    "broken",
    [b"[]", b"{", b'{"source": "{id}", "answers": {}}', b'{"source":"{a}","answers":{"x":"{b}"}}'],
)
def test_it_says_what_is_wrong_with_a_mapping(broken: bytes) -> None:
    """Before a single row is read."""
    with pytest.raises(intake.BadMapping):
        intake.Mapping.load(broken)
