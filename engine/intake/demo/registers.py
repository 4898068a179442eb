"""The registers of mediation of the demo county: a committee for each of its committee units, and
its mediators, invented like everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from engine.intake.demo.people import DemoPost
from engine.models import Committee, Mediator, Unit, new_id

FOUNDED, APPOINTED = date(2019, 6, 1), date(2024, 1, 1)
TRADES = {"医疗": "医疗", "劳动": "劳动", "交通": "道路交通", "物业": "物业"}
EDUCATIONS = ("college", "secondary", "bachelor", "middle", "")


def add(
    db: Session,
    seats: Iterable[DemoPost],
    units: Mapping[str, Unit],
    users: Mapping[str, int],
    now: datetime,
) -> None:
    """Insert the committees and whoever mediates in them."""
    offices = [one for one in units.values() if one.kind == "committee" and one.at_county]
    places, names = (
        {one.id: one.name for one in units.values()},
        Counter(one.name for one in offices),
    )
    committees = {}
    for one in offices:
        # Villages of two townships may have one name; the township distinguishes them.
        town = places.get(one.at_township or 0, "") if names[one.name] > 1 else ""
        committees[one.code] = _committee(one, f"{town}{one.name}", now)
    people = [one for one in seats if one.role == "mediator" and one.unit_code in committees]
    rows = [
        _mediator(committees[one.unit_code], one, users, number, now)
        for number, one in enumerate(people)
        if one.login is not None
    ]
    for table, found in ((Committee, list(committees.values())), (Mediator, rows)):
        if found:
            db.execute(insert(table), found)


def _committee(unit: Unit, name: str, now: datetime) -> dict[str, Any]:
    trade = next((name for word, name in TRADES.items() if word in unit.name), "")
    kind = {"village": "village", "township": "township"}.get(unit.level, "social")
    if kind == "village" and "社区" in unit.name:
        kind = "residents"
    if kind == "township" and "街道" in unit.name:
        kind = "street"
    return {
        "id": new_id(),
        "county_id": unit.at_county,
        "unit_id": unit.id,
        "name": name,
        "kind": kind,
        "trade": trade,
        "number": "",
        "seal": "",
        "founded_on": FOUNDED,
        "end_reason": "",
        "changed_at": now,
    }


def _mediator(
    committee: Mapping[str, Any],
    seat: DemoPost,
    users: Mapping[str, int],
    number: int,
    now: datetime,
) -> dict[str, Any]:
    assert seat.login is not None
    return {
        "id": new_id(),
        "county_id": committee["county_id"],
        "committee_id": committee["id"],
        "user_id": users[seat.login],
        "name": seat.name,
        "sex": ("female", "male", "male")[number % 3],
        "education": EDUCATIONS[number % len(EDUCATIONS)],
        "full_time": number % 2 == 0,
        "office": "member",
        "rank": "",
        "appointed_on": APPOINTED,
        "end_reason": "",
        "changed_at": now,
    }
