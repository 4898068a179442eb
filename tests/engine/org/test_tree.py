"""The tree of units: stamps, ancestors, the unit at a level, names then and now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput, NotFound
from engine.models import AdminEvent, Unit
from engine.models.base import STAMPED_LEVELS
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County


def stamps(unit: Unit) -> dict[str, int]:
    found = {level: getattr(unit, f"at_{level}") for level in STAMPED_LEVELS}
    return {level: unit_id for level, unit_id in found.items() if unit_id is not None}


def test_it_stamps_an_area_with_its_ancestors_and_itself(county: County) -> None:
    assert stamps(county["G1"]) == {
        "city": county["6207"].id,
        "county": county["620725"].id,
        "township": county["T1"].id,
        "village": county["V1"].id,
        "grid": county["G1"].id,
    }


def test_it_stamps_what_works_for_an_area_like_the_area(county: County) -> None:
    assert stamps(county["T1-TW"]) == stamps(county["T1"])
    assert stamps(county["620725-ZJJ"]) == stamps(county["620725"])


@pytest.mark.parametrize(
    ("place", "level", "expected"),
    [
        ("G1", "grid", "G1"),
        ("G1", "village", "V1"),
        ("G1", "township", "T1"),
        ("G1", "county", "620725"),
        ("V1", "village", "V1"),
        ("620725-ZJJ", "county", "620725"),
        # A level that is missing on the way: the nearest one above.
        ("G9", "village", "T1"),
        ("V1", "grid", "V1"),
        ("6207", "county", "6207"),
        ("G1", "province", "62"),
        ("62", "county", "62"),
    ],
)
def test_it_finds_the_unit_at_a_level(
    db: Session, county: County, place: str, level: str, expected: str
) -> None:
    assert org.unit_at(db, county[place], level).code == expected


def test_it_finds_the_unit_at_a_level_in_one_statement(
    db: Session, county: County, statements: Callable[[], object]
) -> None:
    db.expire_all()
    place = org.unit_by_code(db, "G1")
    assert place is not None

    with statements() as seen:  # type: ignore[attr-defined]
        org.unit_at(db, place, "township")

    assert len(seen) == 1


def test_it_lists_the_units_above_nearest_first(db: Session, county: County) -> None:
    assert [unit.code for unit in org.ancestors(db, county["G1"])] == [
        "V1",
        "T1",
        "620725",
        "6207",
        "62",
    ]


@pytest.mark.parametrize("key", ["620725-ZJJ", "ZJJ", "住房和城乡建设局", "山丹县住房和城乡建设局"])
def test_it_finds_what_a_triage_table_names(db: Session, county: County, key: str) -> None:
    found = org.unit_named(db, county["620725"].id, key)

    assert found is not None
    assert found.code == "620725-ZJJ"


def test_it_finds_no_area_by_name_since_names_repeat(db: Session, county: County) -> None:
    assert org.unit_named(db, county["620725"].id, "南湖村") is None


def test_it_keeps_the_name_that_a_unit_had(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    unit, day = county["V1"], timedelta(days=1)
    org.rename_unit(db, None, unit, "南湖社区", now=NOW + 10 * day)
    org.rename_unit(db, None, unit, "南湖新区", now=NOW + 20 * day)

    assert org.name_at(db, unit.id, NOW + 5 * day) == "南湖村"
    assert org.name_at(db, unit.id, NOW + 10 * day) == "南湖社区"
    assert org.name_at(db, unit.id, NOW + 30 * day) == "南湖新区"
    assert history(unit) == ["created", "renamed", "renamed"]


def test_it_knows_no_name_of_an_unknown_unit(db: Session, county: County) -> None:
    with pytest.raises(NotFound):
        org.name_at(db, 404, NOW)


def test_it_writes_no_history_when_nothing_changes(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    org.rename_unit(db, None, county["V1"], " 南湖村 ", now=NOW)

    assert history(county["V1"]) == ["created"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "V1"}, "code"),
        ({"code": "有空格 的"}, "code"),
        ({"code": "x" * 33}, "code"),
        ({"name": "  "}, "name"),
        ({"name": "村" * 121}, "name"),
        ({"level": "planet"}, "level"),
        ({"kind": "club"}, "kind"),
        ({"level": "county"}, "parent"),
        ({"level": "township"}, "parent"),
        ({"kind": "department"}, "level"),
    ],
)
def test_it_refuses_a_unit_that_does_not_fit(
    db: Session, county: County, wrong: dict[str, str], field: str
) -> None:
    given = {"code": "V9", "name": "新村", "level": "village", "kind": "area"} | wrong

    with pytest.raises(InvalidInput) as refused:
        org.create_unit(db, None, parent=county["T1"], now=NOW, **given)

    assert list(refused.value.errors) == [field]
    assert refused.value.errors[field].zh
    assert refused.value.errors[field].en


def test_it_tells_every_wrong_field_at_once(db: Session, county: County) -> None:
    with pytest.raises(InvalidInput) as refused:
        org.create_unit(db, None, code="V1", name="", level="county", parent=county["T1"], now=NOW)

    assert set(refused.value.errors) == {"code", "name", "parent"}


def test_it_refuses_a_department_that_hangs_on_nothing(db: Session, county: County) -> None:
    with pytest.raises(InvalidInput):
        org.create_unit(
            db,
            None,
            code="X",
            name="局",
            level="county",
            kind="department",
            parent=None,
            now=NOW,
        )


def test_it_notes_every_change_in_the_chain_of_administration(db: Session, county: County) -> None:
    org.rename_unit(db, None, county["V1"], "南湖社区", now=NOW)
    org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    org.end_unit(db, None, county["V2"], now=NOW)
    org.revive_unit(db, None, county["V2"], now=NOW)

    kinds = db.scalars(select(AdminEvent.kind).order_by(AdminEvent.seq)).all()
    assert kinds[-4:] == ["unit.renamed", "unit.moved", "unit.ended", "unit.revived"]
