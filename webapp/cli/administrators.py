"""The first administrators of an installation: everybody else is added in the browser."""

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
@click.option(
    "--security", is_flag=True, help="A security administrator; with FENGQIAO_SEPARATE_ADMINS=1."
)
@as_json
@in_app
def admin(login: str, name: str, code: str, security: bool, as_json: bool) -> None:
    """Add LOGIN, called NAME, as an administrator of a unit and of all below it.

    The first two come from here, everybody else is appointed in the browser by both together.
    Where the administrators are separate people, so do the first two who confirm.

    The password that is printed serves once: whoever logs in with it chooses another.
    """
    from engine import org
    from engine.errors import InvalidInput
    from engine.storage.db import transaction
    from feel.text import Text
    from webapp import passwords

    role = _role(security)
    now, password = datetime.now(UTC), passwords.fresh()
    with transaction() as db:
        unit = org.unit_by_code(db, code)
        if unit is None:
            words = Text(f"没有编码为 {code} 的单位。", f"There is no unit with the code {code}.")
            raise click.ClickException(f"{words.zh}  {words.en}")
        _refuse_a_third(db, unit, role)
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
        except InvalidInput as error:
            words = next(iter(error.errors.values()))
            raise click.ClickException(f"{words.zh}  {words.en}") from error
        org.create_post(db, None, unit=unit, role=role, user=user, now=now)
        document = {"login": user.login, "unit": unit.name, "password": password}
    lines = f"{document['login']}  {document['unit']}\n初始密码 password: {password}"
    show(document, as_json, lines)


def _role(security: bool) -> str:
    from engine.roles import ADMIN, SECURITY_ADMIN
    from engine.settings import current

    if security and not current().separate_admins:
        raise click.UsageError("--security is for FENGQIAO_SEPARATE_ADMINS=1")
    return SECURITY_ADMIN if security else ADMIN


def _refuse_a_third(db: Session, unit: Unit, role: str) -> None:
    from engine.org.posts import ADMINISTRATORS
    from engine.roles import name_of
    from engine.storage.db import one_at_a_time
    from feel.text import Text

    # Two commands at once would each find only one.
    one_at_a_time(db, ADMINISTRATORS)
    if len(_holders(db, unit, role)) >= FIRST:
        name = name_of(role)
        words = Text(
            f"{unit.name}已有两名{name.zh}，其余由他们在网页上任命。",
            f"{unit.name} has two of its {name.en}s; they appoint the others in the browser.",
        )
        raise click.ClickException(f"{words.zh}  {words.en}")


def _holders(db: Session, unit: Unit, role: str) -> set[int]:
    """Return who holds a post of the role in the unit or in one above it."""
    from engine import org
    from engine.models import Post, User

    line = [unit.id, *(above.id for above in org.ancestors(db, unit))]
    held = (
        select(Post.user_id)
        .join(User, User.id == Post.user_id)
        .where(
            Post.role == role,
            Post.unit_id.in_(line),
            Post.until_at.is_(None),
            User.ended_at.is_(None),
        )
    )
    return {user_id for user_id in db.scalars(held) if user_id is not None}
