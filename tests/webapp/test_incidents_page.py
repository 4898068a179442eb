"""The page of incidents: listed in words, fixed by who may, refused to everybody else."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from engine import org
from engine.errors import Incident
from engine.models import Unit, User
from engine.storage.db import transaction
from tests.acceptance import diagrams as d
from tests.acceptance.play import Play
from tests.engine.casework.world import World
from tests.webapp.site import PASSWORD, Site, plain
from webapp import passwords


def broken(world: World) -> Play:
    """A case whose timer leads to a script that lacks a variable; an administrator is there."""
    with transaction() as db:
        unit = db.scalars(select(Unit).where(Unit.code == "620725")).one()
        user = org.create_user(
            db, None, login="admin", name="管理员", password_hash="x", now=world.now
        )
        org.create_post(db, None, unit=unit, role="admin", user=user, now=world.now)
    body = d.catch("t", d.timer("PT1H")) + d.script("x", "fee = 3 * rate") + d.users("a z")
    play = Play(world, d.build(body, "a > t > x > z")).do("a")
    play.wait(hours=1)
    return play


def enter(site: Site, login: str) -> None:
    """Give the administrator the password that everybody has here."""

    def act(_world: World) -> None:
        with transaction() as db:
            values = {"password_hash": passwords.hashed(PASSWORD), "must_change": False}
            db.execute(update(User).where(User.login == login).values(values))

    site.run(act)


def path_of(page: str) -> str:
    """The address of the first incident on the list."""
    found = re.search(r"/incidents/\d+", page)
    assert found is not None
    return found[0]


def test_it_mends_a_case_through_the_pages(site: Site) -> None:
    play = site.run(broken)
    enter(site, "admin")
    browser = site.browser("admin")
    listed = browser.get("/incidents/")
    assert listed.status_code == 200 and "rate" in plain(listed)

    path = path_of(listed.text)
    page = browser.get(path)
    assert page.status_code == 200
    assert "没有值" in plain(page) and "修改变量" in plain(page)
    refused = browser.post(f"{path}/retry")
    assert refused.status_code == 503 and "rate" in plain(refused)
    wrong = browser.post(f"{path}/variable", {"name": "rate", "value": "1 +"})
    assert wrong.status_code == 422 and 'value="1 +"' in wrong.text
    assert browser.post(f"{path}/variable", {"name": "rate", "value": "5"}).status_code == 303
    assert browser.post(f"{path}/retry").status_code == 303

    assert site.run(lambda _world: play.open) == ["z"]
    assert browser.get(path).status_code == 404
    assert "无异常" in plain(browser.get("/incidents/"))


def test_it_moves_and_leaves_out_through_the_pages(site: Site) -> None:
    play = site.run(broken)
    enter(site, "admin")
    browser = site.browser("admin")
    path = path_of(browser.get("/incidents/").text)
    assert browser.post(f"{path}/move", {"target": "z", "reason": ""}).status_code == 422
    answer = browser.post(f"{path}/leave-out", {"reason": "不再计费"})

    assert answer.status_code == 303, plain(answer)
    assert site.run(lambda _world: play.open) == ["z"]


def test_it_shows_a_supervisor_no_repairs_and_takes_none(site: Site) -> None:
    site.run(broken)
    browser = site.browser("county_supervisor")
    path = path_of(browser.get("/incidents/").text)

    assert "修改变量" not in plain(browser.get(path))
    denied = browser.post(f"{path}/variable", {"name": "rate", "value": "5"})
    assert denied.status_code == 403


@pytest.mark.parametrize(("login", "listing", "one"), [("worker", 403, 403), ("sibling", 403, 404)])
def test_it_refuses_everybody_else(site: Site, login: str, listing: int, one: int) -> None:
    play = site.run(broken)
    incident = site.run(lambda _world: play.incidents()[0].id)
    browser = site.browser(login)

    assert browser.get("/incidents/").status_code == listing
    assert browser.get(f"/incidents/{incident}").status_code == one
    assert "异常" not in plain(browser.get("/"))


def test_it_speaks_english(site: Site) -> None:
    def failed(world: World) -> Play:
        body = d.user("a") + d.script("x", "fee = 3 * rate")
        play = Play(world, d.build(body, "a > x"))
        with pytest.raises(Incident):
            play.do("a")
        return play

    site.run(failed)
    browser = site.browser("county_supervisor")
    browser.post("/language", {"locale": "en"})
    page = browser.get("/incidents/")
    text = plain(browser.get(path_of(page.text)))

    assert "Incidents" in plain(page)
    said = text.split("What happened", 1)[1]
    assert "could not be evaluated" in said and not re.search("[一-鿿]", said)
