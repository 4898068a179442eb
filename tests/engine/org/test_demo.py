"""The demo county: complete, the same every time, and never in a real database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import org, settings
from engine.access.actors import actor_of
from engine.intake import demo
from engine.intake.demo.people import LOGINS
from engine.models import (
    AdminEvent,
    Committee,
    Deputy,
    Mediator,
    MediatorCourse,
    Post,
    RegisterChange,
    Setting,
    Unit,
    User,
)
from engine.org.importing import import_units
from engine.roles import ROLES
from engine.storage.db import transaction
from tests.engine.org.conftest import NOW


@pytest.fixture
def loaded(db: Session) -> dict[str, object]:
    """What ``fengqiao demo`` reports."""
    return demo.load(db, NOW)


def named(db: Session, code: str) -> Unit:
    return db.scalars(select(Unit).where(Unit.code == code)).one()


def test_it_makes_a_county_of_four_levels(db: Session, loaded: dict[str, object]) -> None:
    kinds = Counter(db.execute(select(Unit.level, Unit.kind)).tuples().all())

    assert kinds["township", "area"] == 10
    assert kinds["village", "area"] == 123
    assert kinds["county", "department"] >= 20
    for level in ("county", "township", "village"):
        assert kinds[level, "committee"] >= 1
    assert kinds["county", "centre"] >= 1
    assert kinds["township", "centre"] == 10
    per_village = Counter(db.scalars(select(Unit.parent_id).where(Unit.level == "grid")))
    assert len(per_village) == 123
    assert set(per_village.values()) == {2, 3, 4}


def test_it_seats_every_role_and_leaves_some_posts_vacant(
    db: Session, loaded: dict[str, object]
) -> None:
    held = set(db.scalars(select(Post.role).where(Post.user_id.is_not(None))))
    vacant = db.execute(
        select(Unit.code, Post.role).join(Unit).where(Post.user_id.is_(None))
    ).tuples()

    assert held == set(ROLES)
    assert set(vacant) == {("620725102-ZZ", "supervisor"), ("620725101202", "leader")}


def test_it_escalates_past_the_vacant_supervisor(db: Session, loaded: dict[str, object]) -> None:
    village = named(db, "620725102201")

    arrived = org.climb(db, village, 1, "supervisor", NOW)

    assert arrived.unit.code == "620725-ZZ"
    assert [skip.reason for skip in arrived.skips] == ["vacant"]


def test_it_has_a_deputy_in_force(db: Session, loaded: dict[str, object]) -> None:
    deputy = db.scalars(select(Deputy)).one()

    actor = actor_of(db, deputy.user_id, NOW)

    assert {(seat.role, seat.for_user_id is not None) for seat in actor.seats} == {
        ("handler", False),
        ("leader", True),
    }


def test_it_marks_the_database_and_lists_logins_that_work(
    db: Session, loaded: dict[str, object]
) -> None:
    kept = db.get_one(Setting, "demo").value

    assert kept["password"] == "fengqiao-demo"
    assert len(kept["logins"]) == len(LOGINS) + 1
    for entry in kept["logins"]:
        user = db.scalars(select(User).where(User.login == entry["login"])).one()
        assert user.name == entry["name"]
        assert entry["role"] in actor_of(db, user.id, NOW).roles
    assert PasswordHasher().verify(user.password_hash, kept["password"])


def test_it_changes_nothing_the_second_time(db: Session, loaded: dict[str, object]) -> None:
    def counted() -> list[int | None]:
        tables = (Unit, User, Post, Deputy, AdminEvent)
        return [db.scalar(select(func.count()).select_from(table)) for table in tables]

    before = counted()
    again = demo.load(db, NOW)

    assert counted() == before
    assert (loaded["loaded"], again["loaded"]) == (True, False)
    assert again["logins"] == loaded["logins"]


def test_it_gives_the_same_people_to_every_database(db: Session) -> None:
    first = demo.load(db, NOW)["logins"]
    registers = (MediatorCourse, RegisterChange, Mediator, Committee)
    for table in (*registers, Deputy, Post, User, Setting):
        for row in db.scalars(select(table)):
            db.delete(row)
        db.flush()

    assert demo.load(db, NOW)["logins"] == first


def test_it_names_every_department_of_the_shipped_triage_tables(
    db: Session, loaded: dict[str, object]
) -> None:
    county = named(db, "620725")
    root = Path(__file__).resolve().parents[3] / "processes"
    wanted = {
        word
        for table in root.glob("*/triage.dmn")
        for word in table.read_text(encoding="utf-8").split('"')
        if word.endswith(("局", "大队", "中心")) and "<" not in word
    }
    assert len(wanted) > 15

    missing = [word for word in sorted(wanted) if org.unit_named(db, county.id, word) is None]

    assert missing == []


def test_it_agrees_with_the_bureaus_table(
    db: Session, loaded: dict[str, object], shared: Path
) -> None:
    table = (shared / "data/divisions/shandan_620725.csv").read_bytes()

    result = import_units(db, table, now=NOW)

    assert (result.added, result.changed, result.rejections) == (0, 0, [])


def test_it_loads_in_a_moment(db: Session, statements: Callable[[], object]) -> None:
    with statements() as seen:  # type: ignore[attr-defined]
        demo.load(db, NOW)

    # People and posts in bulk; a statement for a unit, since a child waits for its parent.
    units = db.scalar(select(func.count()).select_from(Unit)) or 0
    assert len(seen) < units + 30


def test_it_stays_out_of_production(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    real = replace(settings.current(), mode="production")
    monkeypatch.setattr(settings, "_current", real)

    with pytest.raises(demo.NotForDemo):
        demo.load(db, NOW)


def test_it_stays_out_of_a_database_with_users(database: str) -> None:
    with transaction() as session:
        org.create_user(session, None, login="wang", name="王某", password_hash="x", now=NOW)

    with pytest.raises(demo.NotForDemo), transaction() as session:
        demo.load(session, NOW)
