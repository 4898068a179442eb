"""`fengqiao admin`: an installation's first administrator, with a password that serves once."""

from __future__ import annotations

import json

from click.testing import CliRunner

from tests.webapp.site import Site
from webapp.cli import main


def admin(site: Site, *arguments: str) -> tuple[int, str]:
    """Run the command on the site's database."""
    chosen = site.app.config["FENGQIAO"]
    from engine import settings

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
