"""Who may do what to a task or a case: every role, every verb, every relation, written out."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from engine.access import policy
from engine.access.actors import AREA_KINDS, Actor, Seat
from engine.models import Case, Task, Unit
from engine.models.base import STAMPED_LEVELS
from engine.roles import ROLES

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
ME, SHE, HE, THEY = 1, 2, 3, 4
# What the registry says must be what stands here: by hand, so that a slip there shows.
MAY = {
    "assign": "grid_leader leader supervisor",
    "decide": "grid_leader leader",
    "decide_pause": "grid_leader leader",
    "urge": "operator dispatcher grid_leader leader supervisor",
    "reopen": "dispatcher leader supervisor",
    "supervise": "leader supervisor",
    "call": "dispatcher leader supervisor",
    "reclassify": "dispatcher leader supervisor",
    "merge": "dispatcher leader supervisor",
}
ANSWER = "mediator operator dispatcher handler grid_worker grid_leader leader supervisor"
OVERSEE = {"dispatcher", "grid_leader", "leader", "supervisor"}
HOLDS = {"release", "suspend", "resume", "extend"}
WORKS = {"complete", "return", "draft", "attach", "transfer", "co_handle"}
VERBS = sorted({*HOLDS, *WORKS, "sign", "recall", "publish", "nothing"})
# City, county, township, village, grid: of a grid, and of what lies beside it on each level.
STAMPS = (10, 20, 30, 40, 50)
HERE = 50


def seat(role: str = "handler", unit: int = HERE, **more: Any) -> Seat:
    place: dict[str, Any] = {"unit_kind": "area", "level": "grid", "stamps": STAMPS, **more}
    return Seat(9, unit, "某单位", role=role, **place)


def actor(*seats: Seat) -> Actor:
    return Actor(ME, "某人", seats, NOW)


def task(**more: Any) -> Task:
    row = Task(id=7, unit_id=HERE, role="handler", **more)
    for level, unit in zip(STAMPED_LEVELS, STAMPS, strict=True):
        setattr(row, f"at_{level}", unit)
    return row


def allowed(who: Actor, what: Task) -> set[str]:
    return {verb for verb in VERBS if policy.allowed(who, verb, what)}


@pytest.mark.parametrize(
    ("signed", "verbs"),
    [
        (None, {"sign", *WORKS}),
        (ME, {"sign", "recall", *WORKS, *HOLDS}),
        (SHE, {"sign"}),
    ],
)
def test_it_lets_a_colleague_sign_and_the_holder_work(signed: int | None, verbs: set[str]) -> None:
    assert allowed(actor(seat()), task(assignee_id=signed)) == verbs


@pytest.mark.parametrize(
    "elsewhere",
    [seat("handler", 51), seat("leader"), seat("supervisor"), seat("admin")],
    ids=["another unit", "leader", "supervisor", "admin"],
)
@pytest.mark.parametrize("signed", [None, ME, SHE])
def test_it_lets_nobody_of_another_unit_or_role_work(elsewhere: Seat, signed: int | None) -> None:
    """Not even who signed for it in a post that has ended since."""
    assert allowed(actor(elsewhere), task(assignee_id=signed)) == set()
    assert allowed(actor(), task(assignee_id=signed)) == set()


@pytest.mark.parametrize(
    ("signed", "verbs"),
    [
        (None, {"sign", *WORKS}),
        (ME, {"sign", "recall", *WORKS, *HOLDS}),
        (SHE, {"sign", *WORKS, *HOLDS}),
        (HE, {"sign", *WORKS, *HOLDS}),
        (THEY, {"sign"}),
    ],
)
def test_a_deputy_holds_what_those_replaced_signed_for(signed: int | None, verbs: set[str]) -> None:
    deputy = actor(seat(for_user_id=SHE, through=(HE,)))
    assert allowed(deputy, task(assignee_id=signed)) == verbs


@pytest.mark.parametrize(
    ("done_by", "done_at", "may"),
    [(ME, NOW, True), (SHE, NOW, False), (ME, None, False)],
)
def test_who_completed_a_task_recalls_it(done_by: int, done_at: datetime, may: bool) -> None:
    """Not who had signed for it before."""
    done = task(done_by=done_by, done_at=done_at, assignee_id=SHE)
    assert policy.allowed(actor(seat()), "recall", done) == may
    assert not policy.allowed(actor(seat(unit=51)), "recall", done)


def test_it_prefers_a_seat_of_ones_own() -> None:
    own, lent = seat(), seat(for_user_id=SHE)
    assert policy.seat_for(actor(lent, own), "sign", task()) is own
    assert policy.seat_for(actor(own, lent), "complete", task()) is own
    assert policy.seat_for(actor(lent), "sign", task()) is lent


PLACES = {
    "the unit": seat(unit=HERE),
    "the city": seat(unit=10, level="city", stamps=(10, None, None, None, None)),
    "the county": seat(unit=20, level="county", stamps=(10, 20, None, None, None)),
    "the township": seat(unit=30, level="township", stamps=(10, 20, 30, None, None)),
    "the township's centre": seat(
        unit=31, unit_kind="centre", level="township", stamps=(10, 20, 30, None, None)
    ),
    "the township's committee": seat(
        unit=32, unit_kind="committee", level="township", stamps=(10, 20, 30, None, None)
    ),
    "the village": seat(unit=40, level="village", stamps=(10, 20, 30, 40, None)),
    "another township": seat(unit=39, level="township", stamps=(10, 20, 39, None, None)),
    "another grid": seat(unit=59, stamps=(10, 20, 30, 40, 59)),
    "a department": seat(
        unit=21, unit_kind="department", level="county", stamps=(10, 20, None, None, None)
    ),
    "the province": seat(unit=5, level="province", stamps=(None,) * 5),
}
ABOVE = {name for name in PLACES if name.startswith("the ")} - {"the unit", "the province"}


def placed(name: str, role: str) -> Seat:
    one = PLACES[name]
    return Seat(9, one.unit_id, "某单位", one.unit_kind, role, one.level, one.stamps)


@pytest.mark.parametrize("verb", MAY)
@pytest.mark.parametrize("role", ROLES)
def test_superiors_may_in_their_unit_and_above_it(role: str, verb: str) -> None:
    """Every verb, role and place: of a task, and of a case without any."""
    place = Unit(id=HERE)
    for level, unit in zip(STAMPED_LEVELS, STAMPS, strict=True):
        setattr(place, f"at_{level}", unit)
    case = Case(id=6, unit_id=21, place=place)
    for name in PLACES:
        who = actor(placed(name, role))
        by_role = role in MAY[verb].split()
        above = role in OVERSEE and name in ABOVE
        here, took_in = name == "the unit", name == "a department"
        of_task = policy.superior_seat(who, verb, case, task()) is not None
        of_case = policy.superior_seat(who, verb, case, None) is not None
        # Who took the case in answers to the citizen, and may urge.
        urges = verb == "urge" and took_in
        # A grid's own overseer stands over the grid, which is the place.
        over_place = here and role in OVERSEE
        assert of_task == (by_role and (here or above or urges)), name
        assert of_case == (by_role and (took_in or above or over_place)), name


def test_answering_and_unmasking_belong_to_these_roles() -> None:
    assert set(ANSWER.split()) == policy.ANSWERERS
    assert {role.key for role in ROLES.values() if "unmask" in role.verbs} == {
        "operator",
        "dispatcher",
    }
    assert set(policy.SUPERIOR_VERBS) == set(MAY)
    assert {"area", "centre", "committee"} == AREA_KINDS


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", PLACES)
def test_only_overseers_of_an_area_have_one(role: str, name: str) -> None:
    area = placed(name, role).area
    one = PLACES[name]
    wanted = one.unit_kind in AREA_KINDS and role in OVERSEE and one.level != "province"
    assert (area is not None) == wanted
    if area is not None:
        at = STAMPED_LEVELS.index(one.level)
        assert area == (f"at_{one.level}", one.stamps[at])


def test_a_unit_whose_own_stamp_is_missing_oversees_nothing() -> None:
    assert seat("leader", level="village", stamps=(10, 20, 30, None, None)).area is None


@pytest.mark.parametrize(
    ("seats", "at_work", "may"),
    [
        ([seat(unit=21)], (), True),
        ([seat(unit=HERE)], (HERE,), True),
        ([seat(unit=HERE)], (), False),
        ([seat("operator", 99)], (), True),
        ([seat("dispatcher", 99)], (), True),
        ([seat("supervisor", 99)], (HERE,), False),
        ([seat("leader", 20), seat(unit=HERE)], (HERE,), True),
        ([], (HERE,), False),
    ],
)
def test_it_shows_people_to_who_works_on_it_or_took_it_in(
    seats: list[Seat], at_work: tuple[int, ...], may: bool
) -> None:
    case: Any = SimpleNamespace(unit_id=21, confidential=False)
    db: Any = None
    assert policy.may_unmask(db, actor(*seats), case, at_work) == may


def test_a_role_is_asked_for_by_name() -> None:
    mine = seat("leader", 20)
    who = actor(seat(), mine)
    assert policy.require_role(who, "leader", "admin") is mine
    with pytest.raises(policy.NotAllowed):
        policy.require_role(who, "admin")
