"""Already reported near here: what is public, within 200 metres and 30 days; codes at places."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine.citizens import following, nearby, references, reporting, sites, spots
from engine.citizens.nearby import NearbyCase
from engine.errors import InvalidInput, NotFound
from engine.models import Case, CitizenFollow, CitizenSpot, Unit
from engine.storage.db import reading, transaction
from tests.engine.citizens.conftest import REPORT, WHISTLE, PublicDesk

HERE = {"longitude": 101.0, "latitude": 38.0}
ONCE = "c" * 32


def find(
    desk: PublicDesk, name: str = "道路设施", longitude: float = 101.0, latitude: float = 38.0
) -> list[NearbyCase]:
    with reading() as db:
        choice = reporting.choices(db, desk.world.now).choice("report", name)
        assert choice is not None
        county = sites.county(db, "620725")
        return list(nearby.find(db, county, choice, longitude, latitude, now=desk.world.now))


def follow(desk: PublicDesk, case_id: int, once: str = ONCE) -> tuple[str, str]:
    with transaction() as db:
        return nearby.follow(db, sites.county(db, "620725"), case_id, once, now=desk.world.now)


def test_it_finds_the_same_kind_within_200_metres(desk: PublicDesk) -> None:
    case = desk.case(desk.send(**HERE))
    # A thousandth of a degree of latitude is 111 metres.
    assert [one.case_id for one in find(desk, latitude=38.001)] == [case.id]
    assert [one.metres for one in find(desk, latitude=38.001)] == [120]
    assert find(desk, latitude=38.002) == [] and find(desk, longitude=101.003) == []
    assert find(desk, "农田水利") == []


def test_what_is_not_public_is_not_found(desk: PublicDesk) -> None:
    desk.send(choice="邻里矛盾", phone="13893612345", **HERE)
    desk.send(replace(WHISTLE, once="d" * 32))
    with transaction() as db:
        db.execute(update(Case).values(latitude=38.0, longitude=101.0))
    assert find(desk, "邻里矛盾") == []
    guarded = desk.case(desk.send(once="e" * 32, **HERE))
    assert len(find(desk)) == 1
    with transaction() as db:
        db.execute(update(Case).where(Case.id == guarded.id).values(guarded=True))
    assert find(desk) == []
    with pytest.raises(NotFound):
        follow(desk, guarded.id)


def test_closed_cases_are_found_for_thirty_days(desk: PublicDesk) -> None:
    case = desk.case(desk.send(**HERE))
    with transaction() as db:
        db.execute(update(Case).where(Case.id == case.id).values(closed_at=desk.world.now))
    desk.world.now += timedelta(days=29)
    assert [one.is_answered for one in find(desk)] == [True]
    desk.world.now += timedelta(days=2)
    assert find(desk) == []


def test_a_follower_sees_what_is_public_and_no_more(desk: PublicDesk) -> None:
    case = desk.case(desk.send(phone="13893612345", name="赵小满", **HERE))
    keys = follow(desk, case.id)
    assert follow(desk, case.id) == keys
    with reading() as db:
        found = references.find(db, case.county_id, *keys)
        assert isinstance(found, CitizenFollow) and found.case_id == case.id
        assert len(list(db.scalars(select(CitizenFollow)))) == 1
        assert nearby.followers(db, db.get_one(Case, case.id)) == 1
        shown = following.public_view(db, case.id)
    assert (shown.title, shown.number) == ("道路交通", "") and shown.steps
    with transaction() as db:
        db.execute(update(Case).where(Case.id == case.id).values(guarded=True))
    with reading() as db, pytest.raises(NotFound):
        following.public_view(db, case.id)
    with pytest.raises(InvalidInput):
        follow(desk, case.id, "short")


def make(desk: PublicDesk, **changed: Any) -> int:
    given: dict[str, Any] = {
        "place": "V1",
        "names": ["南街1号灯杆", "南街2号灯杆", " "],
        "choice": "",
    }
    given |= changed
    with transaction() as db:
        county = sites.county(db, "620725")
        maker = desk.world.logins["county_leader"]
        return spots.make(
            db, maker, county, given["place"], given["names"], given["choice"],
            ["道路设施"], now=desk.world.now,
        )  # fmt: skip


def test_codes_count_their_reports_until_withdrawn(desk: PublicDesk) -> None:
    assert make(desk, choice="道路设施") == 2
    with reading() as db:
        first = db.scalars(select(CitizenSpot).order_by(CitizenSpot.id)).first()
        assert first is not None
        county = db.get_one(Unit, first.county_id)
    desk.send(replace(REPORT, spot=first.code))
    desk.send(replace(REPORT, spot=first.code))
    desk.send(replace(REPORT, spot="NOSUCH", once="e" * 32))
    with reading() as db:
        assert [one.reports for one in spots.of_county(db, county)] == [0, 1]
    with transaction() as db:
        spots.withdraw(db, first.made_by, county, first.id, now=desk.world.now)
    desk.send(replace(REPORT, spot=first.code, once="f" * 32))
    with reading() as db:
        assert [one.reports for one in spots.of_county(db, county)] == [0, 1]
        assert len(spots.of_county(db, county, live=True)) == 1
    with pytest.raises(NotFound), transaction() as db:
        spots.withdraw(db, first.made_by, county, first.id, now=desk.world.now)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"names": []}, "names"),
        ({"names": ["长" * 61]}, "names"),
        ({"names": [str(n) for n in range(201)]}, "names"),
        ({"place": "nowhere"}, "place"),
        ({"place": ""}, "place"),
        ({"choice": "没有"}, "choice"),
    ],
)
def test_it_makes_no_codes_of_mistakes(desk: PublicDesk, changed: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make(desk, **changed)
    assert list(refused.value.errors) == [field]
