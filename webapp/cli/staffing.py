"""The first administrator of an installation: everybody else is added in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.models import Unit
from webapp.cli.console import as_json, in_app, show

# So many come from here; from then on one asks and another confirms.
FIRST = 2


@click.command()
@click.argument("login")
@click.argument("name")
@click.option("--unit", "code", required=True, help="Code of the unit that is looked after.")
@as_json
@in_app
def admin(login: str, name: str, code: str, as_json: bool) -> None:
    """Add LOGIN, called NAME, as an administrator of a unit and of all below it.

    The first two come from here, everybody else is appointed in the browser by both together.

    The password that is printed serves once: whoever logs in with it chooses another.
    """
    from engine import org
    from engine.errors import Rejected
    from engine.roles import ADMIN
    from engine.storage.db import transaction
    from feel.text import Text
    from webapp import passwords

    now, password = datetime.now(UTC), passwords.fresh()
    with transaction() as db:
        unit = org.unit_by_code(db, code)
        if unit is None:
            words = Text(f"没有编码为 {code} 的单位。", f"There is no unit with the code {code}.")
            raise click.ClickException(f"{words.zh}  {words.en}")
        _refuse_a_third(db, unit)
        try:
            user = org.create_user(
                db,
                None,
                login=login,
                name=name,
                password_hash=passwords.hashed(password),
                now=now,
                unit_id=unit.id,
            )
        except Rejected as error:
            words = next(iter(error.errors.values()))
            raise click.ClickException(f"{words.zh}  {words.en}") from error
        org.create_post(db, None, unit=unit, role=ADMIN, user=user, now=now)
        document = {"login": user.login, "unit": unit.name, "password": password}
    lines = f"{document['login']}  {document['unit']}\n初始密码 password: {password}"
    show(document, as_json, lines)


def _refuse_a_third(db: Session, unit: Unit) -> None:
    from feel.text import Text

    if len(_administrators(db, unit)) >= FIRST:
        words = Text(
            f"{unit.name}已有两名管理员，其余由他们在网页上任命。",
            f"{unit.name} has two administrators; they appoint the others in the browser.",
        )
        raise click.ClickException(f"{words.zh}  {words.en}")


def _administrators(db: Session, unit: Unit) -> set[int]:
    """Who holds an administrator's post in the unit or in one above it."""
    from engine import org
    from engine.models import Post, User
    from engine.roles import ADMIN

    line = [unit.id, *(above.id for above in org.ancestors(db, unit))]
    held = (
        select(Post.user_id)
        .join(User, User.id == Post.user_id)
        .where(
            Post.role == ADMIN,
            Post.unit_id.in_(line),
            Post.until_at.is_(None),
            User.ended_at.is_(None),
        )
    )
    return {user_id for user_id in db.scalars(held) if user_id is not None}
