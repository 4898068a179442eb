"""Who holds a role, who works for a unit, and where an escalation arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from engine import org
from engine.models import Post, Unit, User
from tests.engine.org.conftest import NOW
from tests.engine.org.county import County

Seat = Callable[..., Post]
HOUR = timedelta(hours=1)


def names(found: list[org.Holder] | tuple[org.Holder, ...], county: County) -> list[str]:
    logins = {user.id: login for login, user in county.users.items()}
    return [logins[holder.user_id] for holder in found]


def test_it_names_holders_of_the_role_in_the_unit_alone(
    db: Session, county: County, seat: Seat
) -> None:
    seat(county["T1"], "leader", county.user("wang"))
    seat(county["T1"], "supervisor", county.user("li"))
    seat(county["T2"], "leader", county.user("zhao"))
    seat(county["T1"], "leader")

    assert names(org.holders(db, county["T1"].id, "leader", NOW), county) == ["wang"]


def test_it_names_the_deputy_beside_the_holder_for_the_period(
    db: Session, county: County, seat: Seat
) -> None:
    post = seat(county["T1"], "leader", county.user("wang"))
    org.create_deputy(
        db,
        None,
        post=post,
        user=county.user("li"),
        from_at=NOW + HOUR,
        until_at=NOW + 2 * HOUR,
        now=NOW,
    )

    def at(moment: object) -> list[tuple[str, int | None]]:
        found = org.holders(db, county["T1"].id, "leader", moment)  # type: ignore[arg-type]
        return list(zip(names(found, county), [one.deputy_for for one in found], strict=True))

    wang = county.user("wang").id
    assert at(NOW) == [("wang", None)]
    assert at(NOW + HOUR) == [("wang", None), ("li", wang)]
    assert at(NOW + 2 * HOUR) == [("wang", None)]


def test_it_names_nobody_whose_post_or_employment_has_ended(
    db: Session, county: County, seat: Seat
) -> None:
    left = seat(county["T1"], "leader", county.user("wang"))
    seat(county["T1"], "leader", county.user("li"))
    org.end_post(db, None, left, now=NOW + HOUR)
    org.end_user(db, None, county.user("li"), now=NOW + 2 * HOUR)

    later = org.holders(db, county["T1"].id, "leader", NOW + 3 * HOUR)
    between = org.holders(db, county["T1"].id, "leader", NOW + HOUR)
    assert names(later, county) == []
    assert names(between, county) == ["li"]


def test_it_asks_for_holders_in_one_statement(
    db: Session, county: County, statements: Callable[[], object]
) -> None:
    with statements() as seen:  # type: ignore[attr-defined]
        org.holders(db, county["T1"].id, "leader", NOW)

    assert len(seen) == 1


@pytest.mark.parametrize(
    ("posts", "role", "expected"),
    [
        ([], "dispatcher", "T1"),
        (["T1"], "dispatcher", "T1"),
        (["T1-ZZ"], "dispatcher", "T1-ZZ"),
        (["T1", "T1-ZZ"], "dispatcher", "T1"),
        (["T1-TW"], "mediator", "T1-TW"),
        (["T1-TW", "T1-ZZ"], "mediator", "T1-ZZ"),
        # A village is not what works for its township.
        (["V1"], "dispatcher", "T1"),
    ],
)
def test_it_lets_the_centre_or_committee_work_for_the_area(
    db: Session, county: County, seat: Seat, posts: list[str], role: str, expected: str
) -> None:
    for code in posts:
        seat(county[code], role)  # vacant: an unfilled post swallows nothing either

    assert org.work_unit(db, county["T1"], role, now=NOW).code == expected


def test_it_does_not_pick_one_of_several_departments(
    db: Session, county: County, seat: Seat
) -> None:
    seat(county["620725-SWJ"], "handler", county.user("sun"))
    assert org.work_unit(db, county["620725"], "handler").code == "620725-SWJ"

    seat(county["620725-ZJJ"], "handler", county.user("qian"))
    assert org.work_unit(db, county["620725"], "handler").code == "620725"


def test_it_climbs_one_level_to_the_holder(db: Session, county: County, seat: Seat) -> None:
    seat(county["T1"], "supervisor", county.user("wang"))

    arrived = org.climb(db, county["V1"], 1, "supervisor", NOW)

    assert arrived.unit.code == "T1"
    assert names(arrived.holders, county) == ["wang"]
    assert arrived.skips == ()


def test_it_skips_vacant_posts_upward_and_tells(db: Session, county: County, seat: Seat) -> None:
    seat(county["V1"], "supervisor")
    seat(county["620725-ZZ"], "supervisor", county.user("li"))

    arrived = org.climb(db, county["G1"], 1, "supervisor", NOW)

    assert arrived.unit.code == "620725-ZZ"
    told = [(skip.unit_name, skip.reason) for skip in arrived.skips]
    assert told == [("南湖村", "vacant"), ("清泉镇", "no_post")]
    assert arrived.skips[0].text.zh == "岗位空缺"


def test_it_lets_a_deputy_answer_for_an_absent_holder(
    db: Session, county: County, seat: Seat
) -> None:
    post = seat(county["T1"], "supervisor")
    org.create_deputy(
        db,
        None,
        post=post,
        user=county.user("li"),
        from_at=NOW,
        until_at=NOW + HOUR,
        now=NOW,
    )

    arrived = org.climb(db, county["V1"], 1, "supervisor", NOW)

    assert arrived.unit.code == "T1"
    assert names(arrived.holders, county) == ["li"]


@pytest.mark.parametrize(
    ("start", "levels_up", "arrives"),
    [
        ("620725-ZJJ", 0, "620725-ZJJ"),
        ("620725-ZJJ", 1, "620725"),
        ("620725-ZZ", 3, "620725"),
        ("T1-TW", 1, "620725"),
        ("T1-TW", 0, "T1-TW"),
        ("G1", 3, "620725"),
        ("G1", 9, "620725"),
        ("G9", 1, "T1"),
    ],
)
def test_it_counts_levels_from_the_units_own(
    db: Session, county: County, seat: Seat, start: str, levels_up: int, arrives: str
) -> None:
    for code in ("620725-ZJJ", "620725", "T1", "T1-TW", "V1", "G1", "6207"):
        seat(county[code], "leader", county.user(f"u{county[code].id % 9999}"))

    assert org.climb(db, county[start], levels_up, "leader", NOW).unit.code == arrives


def test_it_arrives_at_the_top_without_holders_when_all_is_vacant(
    db: Session, county: County
) -> None:
    arrived = org.climb(db, county["G1"], 1, "supervisor", NOW)

    assert arrived.unit.code == "620725"
    assert arrived.holders == ()
    assert [skip.unit_name for skip in arrived.skips] == ["南湖村", "清泉镇", "山丹县"]


def test_it_climbs_only_the_handling_levels_of_the_deployment(
    db: Session, county: County, seat: Seat
) -> None:
    seat(county["6207"], "supervisor", county.user("sun"))
    suzhou = ("city", "county", "township", "village")

    inside = org.climb(db, county["620725"], 1, "supervisor", NOW, levels=suzhou)
    outside = org.climb(db, county["620725"], 1, "supervisor", NOW)

    assert names(inside.holders, county) == ["sun"]
    assert names(outside.holders, county) == []


@pytest.mark.parametrize(
    ("start", "levels_up", "arrives"),
    [("G1", 0, "G1"), ("G1", 1, "V1"), ("G1", 2, "T1"), ("G1", 4, "6207"), ("V1", 1, "T1")],
)
def test_a_grid_below_the_handling_levels_climbs_through_all_of_them(
    db: Session, county: County, seat: Seat, start: str, levels_up: int, arrives: str
) -> None:
    """A city that handles down to the village has grids, too: they are not its top."""
    for code in ("6207", "620725", "T1", "V1", "G1"):
        seat(county[code], "leader", county.user(f"u{county[code].id % 9999}"))
    suzhou = ("city", "county", "township", "village")

    climbed = org.climb(db, county[start], levels_up, "leader", NOW, levels=suzhou)
    assert climbed.unit.code == arrives


def test_it_climbs_in_one_statement(
    db: Session, county: County, statements: Callable[[], object]
) -> None:
    with statements() as seen:  # type: ignore[attr-defined]
        org.climb(db, county["G1"], 1, "supervisor", NOW)

    assert len(seen) == 1


def test_it_works_with_unit_objects_of_another_session(
    db: Session, county: County, seat: Seat
) -> None:
    unit: Unit = county["T1"]
    user: User = county.user("wang")
    seat(unit, "leader", user)
    db.flush()
    db.expunge(unit)

    assert names(org.climb(db, unit, 0, "leader", NOW).holders, county) == ["wang"]
