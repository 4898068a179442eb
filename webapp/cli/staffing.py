"""The first administrator of an installation: everybody else is added in the browser."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from webapp.cli.console import as_json, in_app, show


@click.command()
@click.argument("login")
@click.argument("name")
@click.option("--unit", "code", required=True, help="Code of the unit that is looked after.")
@as_json
@in_app
def admin(login: str, name: str, code: str, as_json: bool) -> None:
    """Add LOGIN, called NAME, as an administrator of a unit and of all below it.

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
        try:
            user = org.create_user(
                db, None, login=login, name=name, password_hash=passwords.hashed(password), now=now
            )
        except Rejected as error:
            words = next(iter(error.errors.values()))
            raise click.ClickException(f"{words.zh}  {words.en}") from error
        org.create_post(db, None, unit=unit, role=ADMIN, user=user, now=now)
        document = {"login": user.login, "unit": unit.name, "password": password}
    lines = f"{document['login']}  {document['unit']}\n初始密码 password: {password}"
    show(document, as_json, lines)
