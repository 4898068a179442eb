"""Importing tables of divisions: bulk, idempotent, with history, bad rows told and left out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.models import AdminEvent, Unit, UnitChange
from engine.models.base import STAMPED_LEVELS
from engine.org.importing import (
    UnitImportOptions,
    UnitImportResult,
    import_file,
    import_units,
)
from tests.conftest import SAMPLES
from tests.engine.org.conftest import NOW

TABLE = """code,name,level,parent_code,place_type
62,甘肃省,province,,
6207,张掖市,prefecture,62,
620725,山丹县,county,6207,
620725101,清泉镇,township,620725,town
620725102,位奇镇,township,620725,town
620725101001,北街社区居委会,village,620725101,residents_committee
620725102201,位奇村村民委员会,village,620725102,villagers_committee
"""
LATER = NOW + timedelta(days=400)
HEADER = "code,name,level,parent_code\n"


def load(
    db: Session, text: str | bytes, now: object = NOW, *, announced: str = "", end: bool = False
) -> UnitImportResult:
    """Import a table; ``announced`` are code changes such as ``A>B C>C``."""
    data = text.encode() if isinstance(text, str) else text
    pairs = [one.replace(">", ",") for one in announced.split()]
    changes = "\n".join(["old_code,new_code", *pairs]).encode() if pairs else None
    options = UnitImportOptions(changes=changes, end_missing=end)
    return import_units(db, data, now=now, options=options)  # type: ignore[arg-type]


def counts(result: UnitImportResult) -> tuple[int, int, int, int, int]:
    rejected = len(result.rejections)
    return (result.read, result.added, result.changed, result.unchanged, rejected)


def unit(db: Session, code: str) -> Unit:
    db.expire_all()
    return db.scalars(select(Unit).where(Unit.code == code)).one()


def reasons(result: UnitImportResult) -> dict[str, str]:
    return {row.code: row.reason.zh for row in result.rejections}


def test_it_adds_units_with_their_ancestors_and_history(db: Session) -> None:
    assert counts(load(db, TABLE)) == (7, 7, 0, 0, 0)

    village = unit(db, "620725101001")
    chain = [one.code for one in org.ancestors(db, village)]
    assert chain == ["620725101", "620725", "6207", "62"]
    assert org.unit_at(db, village, "township").code == "620725101"
    assert village.place_type == "residents_committee"
    assert unit(db, "6207").level == "city"
    assert db.scalar(select(func.count()).select_from(UnitChange)) == 7


def test_it_changes_nothing_the_second_time(db: Session) -> None:
    load(db, TABLE)
    events = db.scalar(select(func.count()).select_from(AdminEvent))

    assert counts(load(db, TABLE, LATER)) == (7, 0, 0, 7, 0)

    assert db.scalar(select(func.count()).select_from(UnitChange)) == 7
    assert db.scalar(select(func.count()).select_from(AdminEvent)) == events


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-8"])
def test_it_reads_what_a_spreadsheet_saves(db: Session, encoding: str) -> None:
    table = TABLE.replace("\n", "\r\n").encode(encoding)

    assert counts(load(db, table)) == (7, 7, 0, 0, 0)
    assert unit(db, "620725").name == "山丹县"


def test_it_takes_a_new_name_over_and_keeps_the_old_one_for_old_cases(db: Session) -> None:
    load(db, TABLE)
    renamed = TABLE.replace("北街社区居委会", "北城社区居委会")

    assert counts(load(db, renamed, LATER)) == (7, 0, 1, 6, 0)

    village = unit(db, "620725101001")
    assert village.name == "北城社区居委会"
    assert org.name_at(db, village.id, NOW) == "北街社区居委会"


def test_it_moves_a_unit_with_all_under_it(db: Session) -> None:
    load(db, TABLE)
    load(db, HEADER + "G1,一网格,grid,620725101001\n")
    moved = TABLE.replace("village,620725101,residents", "village,620725102,residents")
    announced = "620725101001>620725101001"

    assert counts(load(db, moved, LATER, announced=announced)) == (7, 0, 1, 6, 0)

    new_town = unit(db, "620725102")
    assert unit(db, "620725101001").parent_id == new_town.id
    assert unit(db, "G1").at_township == new_town.id
    assert len(org.pending_moves(db)) == 1


def test_it_moves_under_a_unit_that_the_same_table_adds(db: Session) -> None:
    load(db, TABLE)
    table = TABLE + "620725103,霍城镇,township,620725,town\nG1,一网格,grid,620725102201,\n"
    table = table.replace("village,620725102,villagers", "village,620725103,villagers")

    announced = "620725102201>620725102201"
    assert counts(load(db, table, LATER, announced=announced)) == (9, 2, 1, 6, 0)

    assert unit(db, "G1").at_township == unit(db, "620725103").id


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("620725999201,无名村,village,620725999,", "不存在"),
        ("620725101001,重复,village,620725101,", "重复"),
        ("620725101002,,village,620725101,", "名称为空"),
        ("620725101002,新村,hamlet,620725101,", "层级"),
        ("620725101002,新村,village,,", "没有上级"),
        ("620725101002,新村,township,620725101,", "层级更高"),
        ("620725101002,新村,village,620725101002,", "成环"),
        (",新村,village,620725101,", "编码"),
        ("<script>,新村,village,620725101,", "编码"),
    ],
)
def test_it_rejects_a_row_with_a_reason_and_takes_the_rest(
    db: Session, row: str, words: str
) -> None:
    result = load(db, TABLE + row + "\n")

    assert counts(result) == (8, 7, 0, 0, 1)
    (bad,) = result.rejections
    assert bad.line == 9
    assert words in bad.reason.zh
    assert bad.reason.en
    assert result.as_json()["rejected"][0]["reason"]["en"] == bad.reason.en


def test_it_reads_a_file_for_the_command(database: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLE + "X,,village,620725101,\n", encoding="utf-8")

    result = import_file(path, now=NOW)

    assert counts(result) == (8, 7, 0, 0, 1)
    chinese, english, refused = result.as_text().splitlines()
    assert "新增 7" in chinese and english.startswith("8 rows read, 7 added")
    assert "line 9: X" in refused


def test_it_rejects_a_ring_and_what_hangs_on_it(db: Session) -> None:
    ring = (
        "A,甲,county,C\nB,乙,township,A\nC,丙,village,B\n"  # A under C under B under A
        "D,丁,grid,C\n620725,山丹县,county,\n"
    )

    result = load(db, HEADER + ring)

    assert counts(result) == (5, 1, 0, 0, 4)
    assert [code for code, words in reasons(result).items() if "成环" in words] == ["A", "B", "C"]
    assert "未被接受" in reasons(result)["D"]


def test_it_rejects_changes_that_only_people_may_decide(db: Session) -> None:
    load(db, TABLE)
    org.end_unit(db, None, unit(db, "620725102201"), now=NOW)
    changed = TABLE.replace("清泉镇,township", "清泉镇,village")

    result = load(db, changed, LATER)

    assert "停用" in reasons(result)["620725102201"]
    assert "层级" in reasons(result)["620725101"]
    # Its village still has the township that is there.
    assert counts(result) == (7, 0, 0, 5, 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe\x00\x01",
        "姓名,电话\n张三,1\n".encode(),
        b'code,name,level\n"1',
        b"\x00" * 20,
    ],
)
def test_it_refuses_what_is_no_table_of_divisions(db: Session, data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        load(db, data)

    assert list(refused.value.errors) == ["file"]
    assert refused.value.text == refused.value.errors["file"]


def test_it_takes_centre_points_for_units_that_are_there(db: Session) -> None:
    load(db, TABLE)
    centres = (
        "code,name,lon_gcj02,lat_gcj02\n620725101,清泉镇,101.084716,38.782955\n"
        "999,无,101,38\n620725102,位奇镇,101.1,138.6\n"
    )

    result = load(db, centres, LATER)

    assert counts(result) == (3, 0, 1, 0, 2)
    assert (unit(db, "620725101").latitude, unit(db, "620725101").longitude) == (
        38.782955,
        101.084716,
    )
    assert counts(load(db, centres, LATER))[2:4] == (0, 1)


def test_it_hangs_departments_on_their_area(db: Session) -> None:
    load(db, TABLE)
    table = (
        "code,name,level,parent_code,kind\n620725-ZJJ,住建局,county,620725,department\n"
        "620725-X,错层,township,620725,department\n"
    )

    assert counts(load(db, table)) == (2, 1, 0, 0, 1)
    assert unit(db, "620725-ZJJ").at_county == unit(db, "620725").id


ROWS = TABLE.splitlines()[1:]


@profile(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(ROWS))
def test_it_takes_rows_in_any_order(db: Session, order: list[str]) -> None:
    for row in db.scalars(select(UnitChange)):
        db.delete(row)
    db.flush()
    for row in db.scalars(select(Unit).order_by(Unit.id.desc())):
        db.delete(row)
        db.flush()

    assert counts(load(db, HEADER.strip() + ",place_type\n" + "\n".join(order))) == (7, 7, 0, 0, 0)
    assert unit(db, "620725101001").at_county == unit(db, "620725").id


PLACES = ("shandan_620725", "jingchuan_620821", "xuzhou_511504", "rongchang_500153", "suzhou_3205")


def divisions(shared: Path, place: str) -> bytes:
    return (shared / "data/divisions" / f"{place}.csv").read_bytes()


def test_it_takes_a_table_of_units_and_nothing_the_second_time(db: Session) -> None:
    table = (SAMPLES / "divisions/own.csv").read_bytes()
    assert counts(load(db, table)) == (8, 8, 0, 0, 0)

    village = db.scalars(select(Unit).where(Unit.code == "880101102201")).one()
    assert (village.name, village.level) == ("上沟村", "village")
    again = load(db, table, LATER)
    assert (again.added, again.changed) == (0, 0)


def test_it_takes_five_real_places_and_nothing_the_second_time(db: Session, shared: Path) -> None:
    total = 0
    for place in PLACES:
        result = load(db, divisions(shared, place))
        assert (result.added + result.unchanged, result.rejections) == (result.read, [])
        total += result.added
    assert db.scalar(select(func.count()).select_from(Unit)) == total

    for place in PLACES:
        again = load(db, divisions(shared, place), LATER)
        assert (again.added, again.changed) == (0, 0)


def test_it_takes_all_of_suzhou_in_seconds(
    db: Session, shared: Path, statements: Callable[[], object]
) -> None:
    data = divisions(shared, "suzhou_3205")
    with statements() as seen:  # type: ignore[attr-defined]
        result = load(db, data)

    assert counts(result) == (2306, 2306, 0, 0, 0)
    # Look-ups in chunks and two inserts in bulk, not a statement a row.
    assert len(seen) < 40
    wrong = [
        one.code
        for one in db.scalars(select(Unit).where(Unit.level == "village"))
        if getattr(one, f"at_{STAMPED_LEVELS[1]}") is None or one.at_township is None
    ]
    assert wrong == []


def test_it_places_the_centres_of_suzhou(db: Session, shared: Path) -> None:
    load(db, divisions(shared, "suzhou_3205"))
    result = load(db, divisions(shared, "suzhou_3205.centres"))

    assert result.changed == result.read == 356
