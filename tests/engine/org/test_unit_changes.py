"""Units that a new table lacks, that got other codes, that joined or split: nothing is lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import org, settings
from engine.access import policy
from engine.models import Case, Due, Post, Task, Unit
from engine.org.importing import UnitImportOptions, UnitImportResult, import_file
from engine.reading import casefile
from engine.records import anchors
from engine.storage.db import reading, transaction
from tests.engine.casework.world import ACCEPT, FRIDAY_9AM, World, make_world

HEADER = "code,name,level,parent_code\n"
NOW = FRIDAY_9AM + timedelta(hours=1)


@pytest.fixture
def world(database: str, tmp_path: Path) -> World:
    """The small county at work, its divisions with codes as the bureau gives them."""
    settings.use(settings.Settings.from_environment({"FENGQIAO_DATA_DIR": str(tmp_path)}))
    made = make_world(FRIDAY_9AM)
    codes = {"T1": "620725101", "T2": "620725102", "V1": "620725101201", "V2": "620725101202"}
    codes |= {"V3": "620725102201", "T1-ZZ": "620725101-ZZ"}
    with transaction() as db:
        for unit in db.scalars(select(Unit).where(Unit.code.in_(codes))):
            unit.code = codes[unit.code]
    return made


TOWNS = (
    "62,甘肃省,province,\n6207,张掖市,city,62\n620725,山丹县,county,6207\n"
    "620725101,清泉镇,township,620725\n620725102,霍城镇,township,620725\n"
)
VILLAGES = (
    "620725101201,南湖村,village,620725101\n620725101202,北滩村,village,620725101\n"
    "620725102201,西坡村,village,620725102\n"
)
TABLE = HEADER + TOWNS + VILLAGES


def bring(folder: Path, table: str, changes: str = "", **options: bool) -> UnitImportResult:
    """Import a table, with code changes such as ``A>B C>C``."""
    path = folder / "units.csv"
    path.write_text(table, encoding="utf-8")
    pairs = [one.replace(">", ",") for one in changes.split()]
    listed = "\n".join(["原编码,新编码", *pairs]).encode() if pairs else None
    chosen = UnitImportOptions(changes=listed, **options)
    return import_file(path, now=NOW, options=chosen)


def unit(code: str) -> Unit:
    with reading() as db:
        return db.scalars(select(Unit).where(Unit.code == code)).one()


def sees(world: World, login: str, case_id: int) -> bool:
    # Later than every change: a post begins when the units become one.
    world.now = NOW + timedelta(minutes=1)
    with reading() as db:
        return policy.can_see(db, world.actor(db, login), db.get_one(Case, case_id))


def clocks(case_id: int) -> list[tuple[str, datetime]]:
    """Every future moment of a case."""
    with reading() as db:
        rows = select(Due.kind, Due.fire_at).where(Due.case_id == case_id).order_by(Due.id)
        return [(kind, fire_at) for kind, fire_at in db.execute(rows)]


def task(case_id: int) -> Task:
    with reading() as db:
        return db.scalars(select(Task).where(Task.case_id == case_id, Task.done_at.is_(None))).one()


def whole() -> None:
    """The chains of all cases hold."""
    with reading() as db:
        assert anchors.verify(db) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("620725101201,南湖村,village,620725102", "上级与编码不符"),
        ("620725101201,南湖村,village,620725", "上级与编码不符"),
        ("620725,山丹县,county,62", "上级与编码不符"),
        ("620725101201,南湖村,village,620726101", "上级与编码不符"),
        ("A1,甲,township,A2\nA2,乙,township,A1", "成环"),
    ],
)
def test_it_moves_nothing_for_a_wrong_parent(
    world: World, tmp_path: Path, row: str, words: str
) -> None:
    other = "620726,民乐县,county,6207\n620726101,洪水镇,township,620726\n"
    bring(tmp_path, HEADER + other)
    before = {code: unit(code).parent_id for code in ("620725101201", "620725")}

    result = bring(tmp_path, f"{HEADER}{row}\n")

    assert result.rejections and all(words in one.reason.zh for one in result.rejections)
    assert (result.moved, result.changed, result.added) == (0, 0, 0)
    assert {code: unit(code).parent_id for code in before} == before


def test_it_counts_names_moves_and_codes_apart(world: World, tmp_path: Path) -> None:
    table = TABLE.replace("南湖村", "南湖社区").replace(
        "北滩村,village,620725101", "北滩村,village,620725102"
    )
    table = table.replace("620725102201,", "620725102999,")

    result = bring(tmp_path, table, "620725101202>620725101202 620725102201>620725102999")

    assert (result.renamed, result.moved, result.recoded, result.merged) == (1, 1, 1, 0)
    assert (result.changed, result.added, result.rejections) == (2, 0, [])
    again = bring(tmp_path, table)
    assert (again.renamed, again.moved, again.recoded, again.changed) == (0, 0, 0, 0)


def test_it_lists_what_the_table_lacks_and_ends_it_only_when_told(
    world: World, tmp_path: Path
) -> None:
    """A table of other levels, or of another place, lacks nothing."""
    case_id = world.open()
    assert bring(tmp_path, TABLE).missing == []
    assert bring(tmp_path, HEADER + TOWNS).missing == []

    lacking = HEADER + TOWNS + "620725102201,西坡村,village,620725102\n"
    lacking += "620725101203,新村,village,620725101\n"
    listed = {one.code: one for one in bring(tmp_path, lacking).missing}

    assert set(listed) == {"620725101201", "620725101202"}
    south = listed["620725101201"]
    assert (south.cases, south.tasks, south.children) == (0, 1, 1) and south.posts == 1
    assert not any(one.ended for one in listed.values())

    ended = {one.code: one for one in bring(tmp_path, lacking, end_missing=True).missing}
    assert ended["620725101202"].ended and not ended["620725101201"].ended
    assert ended["620725101201"].reason is not None
    assert unit("620725101202").ended_at is not None
    assert task(case_id).unit_id == unit("620725101201").id


def test_it_writes_nothing_in_a_dry_run(world: World, tmp_path: Path) -> None:
    table = TABLE.replace("山丹县", "山丹市") + "620725103,新镇,township,620725\n"
    changes = "620725102>620725101"

    result = bring(tmp_path, table, changes, dry_run=True)

    assert result.dry_run and (result.added, result.renamed, result.merged) == (1, 1, 1)
    assert unit("620725").name == "山丹县" and unit("620725102").ended_at is None
    with reading() as db:
        assert db.scalar(select(Unit.id).where(Unit.code == "620725103")) is None


def test_it_recodes_a_whole_county_with_its_cases(world: World, tmp_path: Path) -> None:
    """As 宜宾县 511521 became 叙州区 511504: cases, clocks and sight stay what they are."""
    case_id = world.open()
    before, people = clocks(case_id), ("worker", "grid_leader", "county_leader", "sibling")
    seen = [sees(world, login, case_id) for login in people]
    table = TABLE.replace("620725", "620704").replace("山丹县", "山丹区")

    result = bring(tmp_path, table, "620725>620704")

    assert result.rejections == [] and result.missing == [] and result.added == 0
    assert result.recoded == 10 and result.renamed == 1
    assert clocks(case_id) == before
    assert [sees(world, login, case_id) for login in people] == seen
    with reading() as db:
        assert org.unit_by_code(db, "620725101201").code == "620704101201"  # type: ignore[union-attr]
        county = db.scalars(select(Unit).where(Unit.code == "620704")).one()
        assert org.unit_named(db, county.id, "ZJJ").code == "620704-ZJJ"  # type: ignore[union-attr]
    world.complete("grid_leader", case_id, ACCEPT)
    whole()
    old = bring(tmp_path, TABLE)
    assert old.added == 0 and all("已变更为" in one.reason.zh for one in old.rejections[:1])


def test_it_merges_a_township_into_another(world: World, tmp_path: Path) -> None:
    """Its villages, its open cases, its people and its centre go over; clocks run on."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    before, waiting = clocks(case_id), task(case_id)
    assert waiting.unit_id == unit("620725101-ZZ").id
    table = (
        HEADER
        + TOWNS.replace("620725101,清泉镇,township,620725\n", "")
        + (
            "620725102202,南湖村,village,620725102\n620725102203,北滩村,village,620725102\n"
            "620725102201,西坡村,village,620725102\n"
        )
    )
    changes = "620725101>620725102 620725101201>620725102202 620725101202>620725102203"

    result = bring(tmp_path, table, changes)

    assert (result.rejections, result.missing, result.merged) == ([], [], 1)
    assert (result.recoded, result.moved) == (2, 2)
    town, gone = unit("620725102"), unit("620725101")
    assert gone.ended_at is not None and gone.heir_id == town.id
    assert unit("620725102202").at_township == town.id
    # Nothing like its centre was there, so the centre itself went over with its work.
    assert task(case_id).unit_id == waiting.unit_id and clocks(case_id) == before
    assert task(case_id).deadline_at == waiting.deadline_at
    with reading() as db:
        roles = set(
            db.scalars(select(Post.role).where(Post.unit_id == town.id, Post.until_at.is_(None)))
        )
    assert {"leader", "supervisor"} <= roles
    assert sees(world, "town_leader", case_id)
    whole()


def test_it_merges_a_county_into_another(world: World, tmp_path: Path) -> None:
    """Offices join their like; the county leader of the other one sees the case now."""
    case_id = world.open()
    world.complete("grid_leader", case_id, ACCEPT)
    number, before = casefile_number(world, case_id), clocks(case_id)
    other = (
        "code,name,level,parent_code,kind\n620726,民乐县,county,6207,area\n"
        "620726-ZJJ,民乐县住房和城乡建设局,county,620726,department\n"
    )
    bring(tmp_path, other)
    changes = "620725>620726"
    table = HEADER + "62,甘肃省,province,\n6207,张掖市,city,62\n620726,民乐县,county,6207\n"

    result = bring(tmp_path, table, changes)

    assert result.rejections == [] and result.merged == 1
    county = unit("620726")
    assert unit("620725").heir_id == county.id
    assert unit("620725-ZJJ").heir_id == unit("620726-ZJJ").id
    assert unit("620725-SWJ").parent_id == county.id
    assert unit("620725101").at_county == county.id
    assert clocks(case_id) == before and casefile_number(world, case_id) == number
    assert sees(world, "county_leader", case_id) and sees(world, "grid_leader", case_id)
    whole()


def casefile_number(world: World, case_id: int) -> str:
    with reading() as db:
        return casefile.open_file(db, world.actor(db, "worker"), case_id).case.number


def test_it_splits_a_township_and_hands_over_the_work_about_its_villages(
    world: World, tmp_path: Path
) -> None:
    """What the old township's centre has in hand about them goes to the new one's centre."""
    moving, staying = world.open(), world.open()
    for case_id in (moving, staying):
        world.complete("grid_leader", case_id, ACCEPT)
    with transaction() as db:
        db.get_one(Case, staying).place_id = unit("620725101202").id
    before = {case_id: clocks(case_id) for case_id in (moving, staying)}
    bring(
        tmp_path,
        "code,name,level,parent_code,kind\n620725105,南湖镇,township,620725,area\n"
        "620725105-ZZ,南湖镇综治中心,township,620725105,centre\n",
    )
    table = (
        HEADER
        + TOWNS
        + "620725105,南湖镇,township,620725\n"
        + VILLAGES.replace(
            "620725101201,南湖村,village,620725101", "620725105201,南湖村,village,620725105"
        )
    )
    changes = "620725101>620725101 620725101>620725105 620725101201>620725105201"

    result = bring(tmp_path, table, changes)

    assert (result.rejections, result.missing, result.handed) == ([], [], 1)
    assert task(moving).unit_id == unit("620725105-ZZ").id
    assert task(staying).unit_id == unit("620725101-ZZ").id
    assert {case_id: clocks(case_id) for case_id in before} == before
    assert sees(world, "dispatcher", moving) and sees(world, "dispatcher", staying)
    whole()
