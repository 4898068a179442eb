"""The counties that cases are generated in: their units, who sits where, and how busy places are.

A county that the database has is used as it is, if it has posts; one that it lacks is made after
the pattern of the demo county: its tree under another name and code, other people.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from argon2 import PasswordHasher
from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from engine.errors import Refusal
from engine.intake.demo.people import sittings
from engine.intake.demo.places import COUNTY, table
from engine.models import Post, Unit, User, new_id
from engine.org.importing import import_units
from engine.records import audit
from feel.text import Text

# The counties of Zhangye: 山丹县 is the demo's own.
NAMES = {
    "620725": "山丹县",
    "620702": "甘州区",
    "620722": "民乐县",
    "620723": "临泽县",
    "620724": "高台县",
    "620721": "肃南县",
}
DEFAULT = ("620725", "620702", "620722")
PASSWORD = "fengqiao-demo"


class NoCounty(Refusal):
    """A county that is neither in the database nor known by name."""

    def __init__(self, code: str) -> None:
        text = Text(
            f"数据库中没有代码为 {code} 的县，也没有可照样建立的名称。",
            f"The database has no county {code}, and no name is known to make one by.",
        )
        super().__init__(code, text=text)


class NoPlaces(Refusal):
    """A county of the database without a grid whose units are as the demo county has them."""

    def __init__(self, code: str) -> None:
        text = Text(
            f"{code} 没有村、乡镇和科室按演示县编码的网格，无法生成事项。",
            f"County {code} has no grid with the units that the demo county's grids have.",
        )
        super().__init__(code, text=text)


class UnitLines(NamedTuple):
    """What lines say of a unit."""

    id: int
    code: str
    name: str


@dataclass(frozen=True)
class PlaceSlots:
    """A grid with the units above and beside it, by slot, and its share of the cases."""

    county: int
    units: Mapping[str, UnitLines]
    weight: float


@dataclass
class Counties:
    """All places, and who holds which role in which unit, in the order of posts."""

    ids: list[int] = field(default_factory=list)
    places: list[PlaceSlots] = field(default_factory=list)
    holders: dict[tuple[int, str], list[int]] = field(default_factory=dict)

    def favour(self, code: str) -> None:
        """Place half of all cases in the grids under a unit, by its code. Raises NoCounty."""
        here = [place.units["grid"].code.startswith(code) for place in self.places]
        mine = sum(place.weight for place, own in zip(self.places, here, strict=True) if own)
        if not mine:
            raise NoCounty(code)
        others = sum(place.weight for place in self.places) - mine or mine
        self.places = [
            replace(place, weight=place.weight * others / mine) if own else place
            for place, own in zip(self.places, here, strict=True)
        ]


def slots(county: str, grid: str) -> dict[str, str]:
    """Return codes of the units that a case at a grid may meet, by what they are to it."""
    village, town = grid[: len(county) + 6], grid[: len(county) + 3]
    return {
        "city": county[:4],
        "county": county,
        "town": town,
        "town-ZZ": f"{town}-ZZ",
        "town-TW": f"{town}-TW",
        "village": village,
        "village-TW": f"{village}-TW",
        "grid": grid,
    }


def ensure(db: Session, codes: tuple[str, ...], now: datetime) -> None:
    """Make the counties that are missing. Raises NoCounty, NoPlaces."""
    for code in codes:
        county = db.scalars(select(Unit).where(Unit.code == code)).one_or_none()
        if county is None:
            if code not in NAMES:
                raise NoCounty(code)
            _make(db, code, now)
        elif not any(_places(code, county.id, _units(db, county), random.Random(), 1)):
            raise NoPlaces(code)


def load(db: Session, codes: tuple[str, ...], seed: int) -> Counties:
    """Read the places and people of counties; busy places are few, quiet ones many."""
    found = Counties()
    posts = select(Post.unit_id, Post.role, Post.user_id).order_by(Post.id)
    for unit_id, role, user_id in db.execute(posts.where(Post.until_at.is_(None))):
        if user_id is not None:
            found.holders.setdefault((unit_id, role), []).append(user_id)
    dice = random.Random(f"{seed}:places")
    for code in codes:
        county = db.scalars(select(Unit).where(Unit.code == code)).one()
        found.ids.append(county.id)
        share = dice.paretovariate(1.2)
        found.places += _places(code, county.id, _units(db, county), dice, share)
    return found


def _units(db: Session, county: Unit) -> dict[str, Unit]:
    here = or_(Unit.at_county == county.id, Unit.id == county.at_city)
    return {one.code: one for one in db.scalars(select(Unit).where(here))}


def _places(
    code: str, county_id: int, units: Mapping[str, Unit], dice: random.Random, share: float
) -> Iterator[PlaceSlots]:
    offices = {key: _office(unit) for key, unit in units.items() if key.startswith(f"{code}-")}
    for key, unit in sorted(units.items()):
        if unit.level != "grid" or unit.ended_at is not None:
            continue
        wanted = slots(code, key)
        if all(one in units for one in wanted.values()):
            here = {slot: _office(units[one]) for slot, one in wanted.items()}
            here |= {f"county{one.removeprefix(code)}": unit for one, unit in offices.items()}
            yield PlaceSlots(county_id, here, share * dice.paretovariate(1.1))


def _office(unit: Unit) -> UnitLines:
    return UnitLines(unit.id, unit.code, unit.name)


def _make(db: Session, code: str, now: datetime) -> None:
    """A county after the demo's pattern: code and name replaced, people of its own."""
    pattern = table().decode().replace(COUNTY, code).replace(NAMES[COUNTY], NAMES[code])
    import_units(db, pattern.encode(), now=now)
    units = dict(db.execute(select(Unit.code, Unit.id)).tuples().all())
    password = PasswordHasher().hash(PASSWORD)
    users, posts = [], []
    for number, seat in enumerate(sittings()):
        user_id = new_id() if seat.login is not None else None
        if user_id is not None:
            login = f"{code}.{number}"
            users.append(
                {
                    "id": user_id,
                    "login": login,
                    "name": seat.name,
                    "password_hash": password,
                    "created_at": now,
                }
            )
        unit_id = units[seat.unit_code.replace(COUNTY, code)]
        post = {"id": new_id(), "unit_id": unit_id, "role": seat.role, "user_id": user_id}
        posts.append({**post, "from_at": now})
    db.execute(insert(User), users)
    db.execute(insert(Post), posts)
    audit.record_admin(db, "demo.loaded", None, {"county": code}, at=now)
