"""Loading the demo county into an empty database, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine import settings
from engine.errors import Refusal
from engine.geo import boundaries, invented
from engine.geo.geojson import BoundaryFile
from engine.intake.demo import registers
from engine.intake.demo.people import DEPUTISED, DEPUTY, LOGINS, DemoPost, sittings
from engine.intake.demo.places import COUNTY, short_name, table
from engine.models import Deputy, Post, Setting, Unit, User, new_id
from engine.org.importing import import_units
from engine.records import audit
from feel.text import Text

PASSWORD = "fengqiao-demo"
SETTING = "demo"
ABSENCE = timedelta(days=60)


class NotForDemo(Refusal):
    """The database belongs to a real place; demo logins must not get into it."""

    text = Text(
        "生产模式或已有用户的数据库不能载入演示数据。",
        "Demo data is not loaded in production mode, nor into a database that has users.",
    )


def load(db: Session, now: datetime) -> dict[str, Any]:
    """Load units, people and posts of the demo county; a second time changes nothing.

    Returns counts and the logins to show. Raises NotForDemo.
    """
    marked = db.get(Setting, SETTING)
    if marked is not None:
        return {"loaded": False, "units": 0, "users": 0, "posts": 0, **marked.value}
    if settings.current().production or db.scalar(select(User.id).limit(1)) is not None:
        raise NotForDemo()
    added = import_units(db, table(), now=now).added
    _add_boundaries(db, now)
    seats = sittings()
    units = {unit.code: unit for unit in db.scalars(select(Unit))}
    users = _add_users(db, seats, units, now)
    posts = _add_posts(db, seats, units, users, now)
    _add_deputy(db, posts, users, now)
    registers.add(db, seats, units, users, now)
    value = {"password": PASSWORD, "logins": _logins(seats, units)}
    db.add(Setting(key=SETTING, value=value, changed_at=now))
    counts = {"units": added, "users": len(users), "posts": len(seats)}
    audit.record_admin(db, "demo.loaded", None, counts, at=now)
    return {"loaded": True, **counts, **value}


def _add_boundaries(db: Session, now: datetime) -> None:
    """The county's real outline, and invented areas inside it."""
    data = (files("engine.intake.demo") / "outline.json").read_bytes()
    county = db.scalars(select(Unit).where(Unit.code == COUNTY)).one()
    outline = BoundaryFile.read(data).areas[COUNTY]
    terms = boundaries.PublishingTerms("Vonng/adcode, CC BY 4.0", invented=True)
    boundaries.publish(db, invented.areas(db, county, outline), terms, now=now)


def _add_users(
    db: Session, seats: Iterable[DemoPost], units: dict[str, Unit], now: datetime
) -> dict[str, int]:
    """Insert everybody who sits somewhere; ids by login."""
    # One hash for all: it takes 50 ms each, and the password is on the login page anyway.
    password_hash = PasswordHasher().hash(PASSWORD)
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "login": seat.login,
            "name": seat.name,
            "password_hash": password_hash,
            "must_change": False,
            "locale": "zh_CN",
            "created_at": now,
            "preferences": {},
            "unit_id": units[seat.unit_code].id,
        }
        for seat in seats
        if seat.login is not None
    ]
    db.execute(insert(User), rows)
    return {row["login"]: row["id"] for row in rows}


def _add_posts(
    db: Session,
    seats: Iterable[DemoPost],
    units: dict[str, Unit],
    users: dict[str, int],
    now: datetime,
) -> dict[tuple[str, str, str | None], int]:
    rows: dict[tuple[str, str, str | None], dict[str, Any]] = {
        (seat.unit_code, seat.role, seat.login): {
            "id": new_id(),
            "unit_id": units[seat.unit_code].id,
            "role": seat.role,
            "user_id": users[seat.login] if seat.login else None,
            "from_at": now,
        }
        for seat in seats
    }
    db.execute(insert(Post), list(rows.values()))
    return {key: row["id"] for key, row in rows.items()}


def _add_deputy(
    db: Session,
    posts: dict[tuple[str, str, str | None], int],
    users: dict[str, int],
    now: datetime,
) -> None:
    unit, role = DEPUTISED
    holder = next(login for login, *where in LOGINS if tuple(where) == DEPUTISED)
    deputy = Deputy(
        id=new_id(),
        post_id=posts[unit, role, holder],
        user_id=users[DEPUTY[0]],
        from_at=now,
        until_at=now + ABSENCE,
        reason="赴党校学习",
    )
    db.add(deputy)


def _logins(seats: Iterable[DemoPost], units: dict[str, Unit]) -> list[dict[str, str]]:
    """Return what the login page offers, from the grid up to the county."""
    names = {seat.login: seat.name for seat in seats}
    shown = [(login, unit, role, "") for login, unit, role in LOGINS]
    shown.append((DEPUTY[0], *DEPUTISED, "（代理）"))
    return [
        {
            "login": login,
            "name": names[login],
            "role": role,
            "unit": short_name(units[unit].name) + note,
        }
        for login, unit, role, note in shown
    ]
