"""`fengqiao admin`: an installation's first administrator, with a password that serves once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from click.testing import CliRunner
from sqlalchemy import select

from engine import org, settings
from engine.models import User
from engine.storage.db import reading, transaction
from tests.webapp.site import Site
from tests.webapp.test_grants import posts_of
from webapp.cli import main


def admin(site: Site, *arguments: str) -> tuple[int, str]:
    """Run the command on the site's database."""
    chosen = site.app.config["FENGQIAO"]
    settings.use(chosen)
    done = CliRunner().invoke(main, ["admin", *arguments])
    return done.exit_code, done.output


def test_it_makes_an_administrator_who_must_choose_a_password(site: Site) -> None:
    code, said = admin(site, "boss", "管理员", "--unit", "620725", "--json")
    assert code == 0
    password = json.loads(said)["password"]

    browser = site.browser()
    assert browser.post("/login", {"login": "boss", "password": password}).status_code == 303
    assert browser.get("/admin/operations").headers["Location"] == "/profile"


def test_it_refuses_what_makes_no_sense_in_words(site: Site) -> None:
    code, said = admin(site, "boss", "管理员", "--unit", "there-is-none")
    assert code == 1 and "没有编码为" in said
    code, said = admin(site, "worker", "管理员", "--unit", "620725")
    assert code == 1 and "Traceback" not in said


def logins(site: Site) -> set[str]:
    """Everybody's login."""
    with site.app.app_context(), reading() as db:
        return set(db.scalars(select(User.login)))


def test_it_makes_two_and_no_third(site: Site) -> None:
    """Neither in the unit nor below it: who looks after the county is there for it."""
    for login in ("one", "two"):
        code, said = admin(site, login, "管理员", "--unit", "620725")
        assert code == 0, said
    before = logins(site)
    for unit in ("620725", "T1", "620725-ZJJ", "V3"):
        code, said = admin(site, "three", "管理员", "--unit", unit)
        assert code == 1 and "已有两名系统管理员" in said and "Traceback" not in said
    assert logins(site) == before
    # Above it nobody looks after anything yet.
    code, said = admin(site, "three", "管理员", "--unit", "6207")
    assert code == 0, said


def test_it_makes_another_for_one_who_has_gone(site: Site) -> None:
    for login in ("one", "two"):
        admin(site, login, "管理员", "--unit", "620725")

    def leave(_world: object) -> None:
        with transaction() as db:
            user = db.scalars(select(User).where(User.login == "two")).one()
            org.end_user(db, None, user, now=datetime.now(UTC))

    site.run(leave)
    assert admin(site, "three", "管理员", "--unit", "620725")[0] == 0
    assert admin(site, "four", "管理员", "--unit", "620725")[0] == 1


def test_the_first_two_who_confirm_come_from_it_where_administrators_are_apart(site: Site) -> None:
    """Else nobody could confirm the first security administrator, nor anybody after."""
    told = admin(site, "guard", "安全员", "--unit", "620725", "--security")
    assert told[0] == 2 and "FENGQIAO_SEPARATE_ADMINS" in told[1]
    site.configure(separate_admins=True)
    for login in ("guard", "guard2"):
        code, said = admin(site, login, "安全员", "--unit", "620725", "--security")
        assert code == 0, said
    code, said = admin(site, "guard3", "安全员", "--unit", "620725", "--security")
    assert code == 1 and "已有两名安全管理员" in said
    assert posts_of(site, "guard") == {("620725", "security_admin")}
    # The two kinds are counted for themselves.
    assert admin(site, "boss", "管理员", "--unit", "620725")[0] == 0
