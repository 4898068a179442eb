"""Sessions and tokens: each is a row, listed with its last use, and ended at once."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import func, select

from engine import org
from engine.access import sessions
from engine.models import AdminEvent, Post, User, UserSession
from engine.storage.db import reading, transaction
from tests.webapp.site import Browser, Site


def rows(site: Site, login: str = "worker") -> list[UserSession]:
    with site.app.app_context(), reading() as db:
        mine = UserSession.user_id == site.world.logins[login]
        return list(db.scalars(select(UserSession).where(mine).order_by(UserSession.id)))


def kinds(site: Site) -> list[str]:
    """The kinds of the administration's events, oldest first."""
    with site.app.app_context(), reading() as db:
        return list(db.scalars(select(AdminEvent.kind).order_by(AdminEvent.seq)))


def is_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def test_it_keeps_no_key_that_would_open_a_session(site: Site) -> None:
    worker = site.browser("worker")
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        ticket = cookie["_user_id"]
    (row,) = rows(site)

    assert ticket.partition(".")[2] not in repr(vars(row))
    assert sessions.digest(ticket.partition(".")[2]) == row.key
    # What the table holds is no key either.
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        cookie["_user_id"] = f"{row.user_id}.{row.key}"
    assert not is_in(worker)


def test_it_takes_a_session_for_nobody_else(site: Site) -> None:
    worker = site.browser("worker")
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        key = cookie["_user_id"].partition(".")[2]
        cookie["_user_id"] = f"{site.world.logins['grid_leader']}.{key}"

    assert not is_in(worker)


def test_it_ends_a_session_with_the_log_out_and_not_with_the_cookie_alone(site: Site) -> None:
    worker = site.fresh("worker")
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        before = dict(cookie)
    worker.post("/logout")
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        cookie.clear()
        cookie.update(before)

    assert not is_in(worker) and rows(site) == []
    assert kinds(site)[-2:] == ["login.succeeded", "logout"]


def test_it_ends_what_nobody_uses_and_in_the_end_everything(site: Site) -> None:
    site.configure(session_idle_minutes=30)
    idle, busy = site.fresh("worker"), site.fresh("worker")
    for _half in range(2):
        site.world.now += timedelta(minutes=16)
        assert is_in(busy)
    assert not is_in(idle)

    until = rows(site)[1].began_at + timedelta(hours=12)
    while site.world.now + timedelta(minutes=20) < until:
        site.world.now += timedelta(minutes=20)
        assert is_in(busy)
    site.world.now = until
    assert not is_in(busy)


def test_it_notes_the_last_use_once_a_minute(site: Site) -> None:
    worker = site.browser("worker")
    began = rows(site)[0].seen_at
    site.world.now += timedelta(seconds=59)
    assert is_in(worker) and rows(site)[0].seen_at == began
    site.world.now += timedelta(seconds=1)
    with site.statements() as seen:
        assert is_in(worker) and is_in(worker)

    assert sum(statement.startswith("UPDATE user_session") for statement in seen) == 1
    assert rows(site)[0].seen_at == site.world.now


def test_it_is_not_kept_alive_by_a_page_that_asks_by_itself(site: Site) -> None:
    """An open board asks every five seconds, whether anybody sits there or not."""
    worker = site.browser("worker")
    began = rows(site)[0].seen_at
    site.world.now += timedelta(minutes=5)
    assert worker.get("/notices/unread").status_code in (200, 204)

    assert rows(site)[0].seen_at == began


def test_it_knows_every_page_that_asks_by_itself(site: Site) -> None:
    """Whatever a template has asked for every so often is marked as unattended."""
    marked = {
        name for name, view in site.app.view_functions.items() if getattr(view, "unattended", 0)
    }
    asked = set()
    for name in site.app.jinja_env.list_templates():
        source, *_rest = site.app.jinja_env.loader.get_source(site.app.jinja_env, name)  # type: ignore[union-attr]
        for tag in re.findall(r"<[^>]*hx-trigger=\"[^\"]*every[^>]*>", source):
            asked |= set(re.findall(r"hx-(?:get|post)=\"{{ url_for\('([\w.]+)'", tag))
    assert len(asked) >= 3 and asked <= marked


def test_it_ends_sessions_with_the_password_the_post_and_the_account(site: Site) -> None:
    def reset(db, user):  # type: ignore[no-untyped-def]
        org.set_password(db, None, user, "x", now=site.world.now, must_change=False)

    def leave(db, user):  # type: ignore[no-untyped-def]
        post = db.scalars(select(Post).where(Post.user_id == user.id)).one()
        org.end_post(db, None, post, now=site.world.now)

    def end(db, user):  # type: ignore[no-untyped-def]
        org.end_user(db, None, user, now=site.world.now)

    for login, act in (("worker", reset), ("grid_leader", leave), ("handler", end)):
        browser = site.browser(login)
        assert is_in(browser)
        with site.app.app_context(), transaction() as db:
            act(db, db.get_one(User, site.world.logins[login]))
        assert not is_in(browser) and rows(site, login) == [], login


def test_it_gives_every_address_of_the_interface_a_scope(site: Site) -> None:
    without = [
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "token.create"
        if getattr(site.app.view_functions[rule.endpoint], "scope", "") not in sessions.SCOPES
    ]
    assert without == []


def test_it_sweeps_what_has_ended(site: Site) -> None:
    site.browser("worker")
    site.world.now += timedelta(days=2)
    site.run(lambda world: world.work(world.now))

    with site.app.app_context(), reading() as db:
        assert db.scalar(select(func.count()).select_from(UserSession)) == 0
