"""Somebody new with a post, who can log in; and more posts of whoever is there."""

from __future__ import annotations

from sqlalchemy import select

from engine import org
from engine.models import Unit, User
from engine.storage.db import transaction
from tests.engine.casework.world import World
from tests.webapp.site import PASSWORD
from webapp import passwords


def seat(world: World, login: str, code: str, role: str) -> int:
    """Make the account with its post, known to the world by its login; returns its id."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        user = org.create_user(
            db,
            None,
            login=login,
            name=f"员工{login}",
            password_hash=passwords.hashed(PASSWORD),
            now=world.now,
        )
        user.must_change = False
        org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
        world.logins[login] = user.id
        return user.id


def seat_too(world: World, login: str, code: str, role: str) -> None:
    """Give somebody who is there one more post."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == code)).one()
        user = db.get_one(User, world.logins[login])
        org.create_post(db, None, unit=unit, role=role, user=user, now=world.now)
