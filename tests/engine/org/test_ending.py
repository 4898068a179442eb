"""Ending a unit: refused while work is open, or handed over whole to an heir."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import org
from engine.errors import Conflict, InvalidInput
from engine.models import Case, CaseAccess, Post, Task, Unit
from engine.org.units import UnitEnded, UnitInUse
from engine.records import audit
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County
from tests.tally_totals import totals

LATER = NOW + timedelta(hours=1)


def tasks_of(db: Session, case: Case) -> list[Task]:
    db.flush()
    return list(db.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.id)))


def seers(db: Session, case: Case) -> set[int]:
    """Units that may see the case now."""
    rows = select(CaseAccess.unit_id).where(
        CaseAccess.case_id == case.id, CaseAccess.until_at.is_(None)
    )
    return set(db.scalars(rows))


def test_it_ends_an_idle_unit_with_its_posts(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    post = org.create_post(
        db, None, unit=county["V3"], role="leader", user=county.user("wang"), now=NOW
    )

    org.end_unit(db, None, county["V3"], now=LATER)

    assert county["V3"].ended_at == LATER
    assert post.until_at == LATER
    assert history(county["V3"]) == ["created", "ended"]
    with pytest.raises(UnitEnded):
        org.end_unit(db, None, county["V3"], now=LATER)


@pytest.mark.parametrize(
    ("place", "worker", "ended"),
    [
        ("V2", "T1", "V2"),  # an open case about its place
        ("V3", "V2", "V2"),  # an open task in its queue
        ("V3", "620725-ZJJ", "620725-ZJJ"),
    ],
)
def test_it_refuses_while_work_is_open(
    db: Session, county: County, place: str, worker: str, ended: str
) -> None:
    county.case(place, worker)

    with pytest.raises(UnitInUse) as refused:
        org.end_unit(db, None, county[ended], now=LATER)

    assert county[ended].ended_at is None
    assert refused.value.work.cases == 1
    assert county[ended].name in refused.value.text.zh


def test_it_refuses_while_units_hang_under_it(db: Session, county: County) -> None:
    with pytest.raises(UnitInUse) as refused:
        org.end_unit(db, None, county["T1"], now=LATER)

    assert refused.value.children == 5
    assert "5" in refused.value.text.en


def test_it_ends_a_unit_whose_cases_are_closed(db: Session, county: County) -> None:
    case = county.case("V2", "V2")
    task = tasks_of(db, case)[0]
    task.done_at, task.outcome, case.closed_at = NOW, "completed", NOW

    assert org.end_unit(db, None, county["V2"], now=LATER) == 0


def test_it_hands_open_work_to_the_heir(db: Session, county: County) -> None:
    case = county.case("V2", "V2", "G1", signed_by="zhang")
    due = LATER + timedelta(days=2)
    tasks_of(db, case)[0].due_at = due

    handed = org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)

    mine, other = tasks_of(db, case)
    assert handed == 1
    assert (mine.unit_id, mine.at_village) == (county["V1"].id, county["V1"].id)
    # Nobody has signed for it in the new unit; the clock runs on.
    assert (mine.assignee_id, mine.signed_at, mine.due_at) == (None, None, due)
    assert other.assignee_id == county.user("zhang").id
    assert (case.place_id, case.unit_id) == (county["V1"].id, county["V1"].id)
    assert case.place_name == "北滩村"


def test_it_passes_on_who_may_see_closed_cases_too(db: Session, county: County) -> None:
    open_case, closed = county.case("V2", "V2"), county.case("V2")
    closed.closed_at = NOW
    shared = county.case("V1", "V1", "V2")

    org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)

    for case in (open_case, closed, shared):
        assert seers(db, case) == {county["V1"].id}
    assert org.open_work(db, county["V2"].id) == org.OpenWork(0, 0)


def test_it_tells_the_hand_over_in_the_history_of_each_case(db: Session, county: County) -> None:
    case = county.case("V2", "V2")

    org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)

    (event,) = audit.history(db, case)
    assert event.kind == "case.handed_over"
    assert str(county["V1"].id) in event.data


def test_it_moves_the_counters_with_the_work(db: Session, county: County) -> None:
    county.case("V2", "V2")
    county.case("V2", "V2", signed_by="zhang")

    org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)
    db.flush()

    v1, v2 = county["V1"].id, county["V2"].id
    counted = totals(db, [v1, v2])
    assert counted[(v2, "ticket", "waiting")] == -1
    assert counted[(v2, "ticket", "handling")] == -1
    assert counted[(v1, "ticket", "waiting")] == 2


def test_it_moves_the_units_below_to_the_heir(db: Session, county: County) -> None:
    org.end_unit(db, None, county["T1"], heir=county["T2"], now=LATER)

    assert county["V1"].parent_id == county["T2"].id
    assert county["G1"].at_township == county["T2"].id
    assert county["T1-ZZ"].parent_id == county["T2"].id
    assert org.unit_at(db, county["T1"], "township").id == county["T2"].id


@pytest.mark.parametrize("heir", ["T2", "G1", "V2", "620725-ZJJ"])
def test_it_refuses_an_heir_that_does_not_fit(db: Session, county: County, heir: str) -> None:
    county.case("V2", "V2")

    with pytest.raises(InvalidInput) as refused:
        org.end_unit(db, None, county["V2"], heir=county[heir], now=LATER)

    assert list(refused.value.errors) == ["heir"]


def test_it_finds_the_heir_of_an_heir_by_the_old_code(db: Session, county: County) -> None:
    new = org.create_unit(
        db, None, code="V4", name="新合村", level="village", parent=county["T1"], now=NOW
    )
    org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)
    # V1 has a grid under it, which goes along.
    org.end_unit(db, None, county["V1"], heir=new, now=LATER)

    found = org.unit_by_code(db, "V2")
    assert found is not None
    assert found.code == "V4"
    assert county["G1"].parent_id == new.id


@pytest.mark.parametrize(("heir", "goes_to"), [("V1", "V1"), (None, "T1")])
def test_it_passes_on_what_arrived_in_the_moment_of_the_ending(
    db: Session, county: County, heir: str | None, goes_to: str
) -> None:
    org.end_unit(db, None, county["V2"], heir=county[heir] if heir else None, now=NOW)
    # Another transaction that had read the unit before: its task comes in after the ending.
    case = county.case("V2", "V2", signed_by="zhang")
    (move,) = org.pending_moves(db)

    assert org.restamp(db, move, NOW + timedelta(seconds=5)) == 1
    assert org.restamp(db, move, NOW + timedelta(seconds=10)) == 0
    assert move.done_at is None
    assert org.restamp(db, move, NOW + timedelta(seconds=61)) == 0

    assert move.done_at is not None
    (task,) = tasks_of(db, case)
    assert (task.unit_id, task.assignee_id) == (county[goes_to].id, None)
    assert case.place_id == county[goes_to].id
    assert seers(db, case) == {county[goes_to].id}
    assert audit.kinds(db, case) == ["case.handed_over"]


def test_it_handles_an_ended_place_one_level_up(db: Session, county: County) -> None:
    org.end_unit(db, None, county["G1"], now=NOW)

    assert org.unit_at(db, county["G1"], "grid").code == "V1"
    found = org.unit_by_code(db, "G1")
    assert found is not None
    assert found.code == "V1"


def test_it_revives_an_ended_unit_without_its_posts(
    db: Session, county: County, history: Callable[[Unit], list[str]]
) -> None:
    org.create_post(db, None, unit=county["V2"], role="leader", now=NOW)
    org.end_unit(db, None, county["V2"], heir=county["V1"], now=LATER)

    org.revive_unit(db, None, county["V2"], now=LATER)

    assert (county["V2"].ended_at, county["V2"].heir_id) == (None, None)
    assert history(county["V2"]) == ["created", "ended", "revived"]
    posts = select(Post).where(Post.unit_id == county["V2"].id, Post.until_at.is_(None))
    assert db.scalars(posts).all() == []
    with pytest.raises(Conflict):
        org.revive_unit(db, None, county["V2"], now=LATER)


def test_it_does_not_revive_under_an_ended_unit(db: Session, county: County) -> None:
    org.end_unit(db, None, county["V3"], now=LATER)
    org.end_unit(db, None, county["T2"], now=LATER)

    with pytest.raises(InvalidInput):
        org.revive_unit(db, None, county["V3"], now=LATER)
