"""Moving a unit: ancestors at once, copies on open rows by the worker, nothing lost or leaked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import InvalidInput
from engine.models import Case, CaseAccess, Task, Unit, UnitMove
from engine.models.base import STAMPED_LEVELS
from engine.org.units import UnitEnded
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County

LATER = NOW + timedelta(minutes=2)


def stamps(row: Unit | Task | CaseAccess) -> list[int | None]:
    return [getattr(row, f"at_{level}") for level in STAMPED_LEVELS]


def stale(db: Session) -> list[int]:
    """Units of open rows whose ancestors are not those of their unit."""
    db.flush()
    db.expire_all()
    tasks = db.execute(select(Task, Unit).join(Unit, Unit.id == Task.unit_id)).all()
    rights = db.execute(select(CaseAccess, Unit).join(Unit, Unit.id == CaseAccess.unit_id)).all()
    return [row.unit_id for row, unit in [*tasks, *rights] if stamps(row) != stamps(unit)]


def finish(db: Session, move: UnitMove, batch: int = 100) -> list[int]:
    """What the worker does, tick by tick; the size of each batch."""
    sizes = []
    while move.done_at is None:
        sizes.append(org.restamp(db, move, LATER, batch))
        assert len(sizes) < 50
    return sizes


def test_it_gives_the_whole_subtree_its_new_ancestors_at_once(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    org.move_unit(db, None, county["V1"], county["T2"], now=NOW)

    assert county["V1"].at_township == county["T2"].id
    assert county["G1"].at_township == county["T2"].id
    assert county["G1"].at_village == county["V1"].id
    assert history(county["V1"]) == ["created", "moved"]
    assert history(county["G1"]) == ["created"]


def test_it_moves_what_works_for_the_area_along(db: Session, county: County) -> None:
    other = org.create_unit(
        db, None, code="620726", name="邻县", level="county", parent=county["6207"], now=NOW
    )

    org.move_unit(db, None, county["T1"], other, now=NOW)

    assert county["T1-ZZ"].at_county == other.id
    assert county["G1"].at_county == other.id
    assert county["V3"].at_county == county["620725"].id


def test_it_refuses_a_ring(db: Session, county: County) -> None:
    office = org.create_unit(
        db,
        None,
        code="ZJJ-1",
        name="质监站",
        level="county",
        kind="department",
        parent=county["620725-ZJJ"],
        now=NOW,
    )

    for target in (office, county["620725-ZJJ"]):
        with pytest.raises(InvalidInput) as refused:
            org.move_unit(db, None, county["620725-ZJJ"], target, now=NOW)
        assert "parent" in refused.value.errors


def test_it_refuses_an_ended_parent_and_an_ended_unit(db: Session, county: County) -> None:
    org.end_unit(db, None, county["V3"], now=NOW)
    with pytest.raises(UnitEnded):
        org.move_unit(db, None, county["V3"], county["T1"], now=NOW)

    org.end_unit(db, None, county["T2"], now=NOW)
    with pytest.raises(InvalidInput):
        org.move_unit(db, None, county["V1"], county["T2"], now=NOW)


def test_it_does_nothing_when_the_unit_hangs_there_already(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    assert org.move_unit(db, None, county["V1"], county["T1"], now=NOW) is None
    assert history(county["V1"]) == ["created"]


def test_it_stamps_open_rows_anew_case_by_case(db: Session, county: County) -> None:
    for _ in range(5):
        county.case("V1", "G1", "V1")
    untouched = county.case("V3", "V3")
    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    assert move is not None
    assert len(stale(db)) == 5 * 5

    sizes = finish(db, move, batch=2)

    assert sizes == [2, 2, 1, 0]
    assert stale(db) == []
    assert db.get_one(Case, untouched.id).closed_at is None


def test_it_leaves_done_tasks_where_they_were_done(db: Session, county: County) -> None:
    case = county.case("V1", "V1")
    task = db.scalars(select(Task).where(Task.case_id == case.id)).one()
    task.done_at, task.outcome = NOW, "completed"
    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    assert move is not None

    finish(db, move)

    db.flush()
    db.expire_all()
    assert task.at_township == county["T1"].id
    access = db.scalars(select(CaseAccess).where(CaseAccess.case_id == case.id)).all()
    assert {row.at_township for row in access} == {county["T2"].id}


def test_it_waits_for_transactions_that_began_before_the_move(db: Session, county: County) -> None:
    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    assert move is not None
    assert org.restamp(db, move, NOW + timedelta(seconds=5)) == 0
    assert move.done_at is None

    # What such a transaction writes: a row with the ancestors that it had read before.
    case = county.case("V1", "V1")
    for task in db.scalars(select(Task).where(Task.case_id == case.id)):
        task.at_township = county["T1"].id
    db.flush()

    assert finish(db, move) == [1, 0]
    assert stale(db) == []


def test_it_finds_rows_that_came_in_behind_the_cursor(db: Session, county: County) -> None:
    early, late = county.case("V1", "V1"), county.case("V1", "V1")
    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    assert move is not None
    assert org.restamp(db, move, LATER, 2) == 2
    assert move.cursor == max(early.id, late.id)

    task = db.scalars(select(Task).where(Task.case_id == min(early.id, late.id))).one()
    task.at_township = county["T1"].id
    db.flush()

    assert finish(db, move, 2) == [1, 0]
    assert stale(db) == []


def test_it_ends_right_after_moves_that_overtake_each_other(db: Session, county: County) -> None:
    county.case("G1", "G1")
    first = org.move_unit(db, None, county["G1"], county["V3"], now=NOW)
    second = org.move_unit(db, None, county["V3"], county["T1"], now=NOW)
    assert first is not None
    assert second is not None
    assert org.pending_moves(db) == [first, second]

    finish(db, second)
    finish(db, first)

    assert stale(db) == []
    assert org.pending_moves(db) == []


def test_it_stamps_in_a_number_of_statements_that_does_not_grow_with_the_cases(
    db: Session, county: County, statements: Callable[[], object]
) -> None:
    for _ in range(7):
        county.case("V1", "G1")
    move = org.move_unit(db, None, county["V1"], county["T2"], now=NOW)
    assert move is not None

    with statements() as seen:  # type: ignore[attr-defined]
        org.restamp(db, move, LATER, 100)

    assert len(seen) == 4


MOVABLE = ("V1", "V2", "V3", "G1", "G9", "T1-ZZ", "620725-SWJ", "T1")


@profile(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    orders=st.lists(
        st.tuples(
            st.sampled_from(MOVABLE), st.sampled_from([*MOVABLE, "T2", "620725", "620725-ZZ"])
        ),
        max_size=6,
    )
)
def test_it_keeps_every_stamp_true_to_the_parents(
    db: Session, county: County, orders: list[tuple[str, str]]
) -> None:
    for code, target in orders:
        try:
            org.move_unit(db, None, county[code], county[target], now=NOW)
        except InvalidInput:
            continue

    for unit in db.scalars(select(Unit)):
        chain = [unit, *org.ancestors(db, unit)]
        areas = {one.level: one.id for one in chain if one.kind == "area"}
        expected = [areas.get(level) for level in STAMPED_LEVELS]
        assert stamps(unit) == expected
