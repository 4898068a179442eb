"""Sessions and tokens: each is a row, listed with its last use, and ended at once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from engine import org
from engine.access import sessions
from engine.models import AdminEvent, Post, User, UserSession
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain


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


def test_it_lists_and_ends_my_sessions(site: Site) -> None:
    here = site.browser("worker")
    with site.at_its_time():
        there = site.app.test_client()
    other = Browser(site, there)
    other.post("/login", {"login": "worker", "password": PASSWORD})
    first, second = rows(site)
    page = here.get("/profile/security")
    assert "已登录的设备" in plain(page) and f"/sessions/{second.id}/end" in page.text
    assert f"/sessions/{first.id}/end" not in page.text

    assert here.post(f"/profile/security/sessions/{second.id}/end").status_code == 303
    assert is_in(here) and not is_in(other)
    assert kinds(site)[-1] == "session.ended"


def test_it_ends_nobody_elses_session_by_its_number(site: Site) -> None:
    site.browser("grid_leader")
    (row,) = rows(site, "grid_leader")

    assert (
        site.browser("worker").post(f"/profile/security/sessions/{row.id}/end").status_code == 404
    )
    assert is_in(site.browser("grid_leader"))


def test_it_ends_all_my_other_sessions_and_tokens(site: Site) -> None:
    here, there = site.browser("worker"), site.fresh("worker")
    token = issued(here)
    assert here.post("/profile/security/sessions/end").status_code == 303

    assert is_in(here) and not is_in(there)
    assert asked(site, token) == 401
    assert kinds(site)[-1] == "sessions.ended"


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


def issued(browser: Browser, *scopes: str, days: int = 30, name: str = "报送") -> str:
    """A token of that person."""
    fields = {"name": name, "days": str(days), "scopes": list(scopes) or ["cases.read"]}
    page = browser.post("/profile/security/tokens", fields)
    found = re.search(r"<code>(fq-[^<]+)</code>", page.text)
    assert found is not None, plain(page)
    return found[1]


def asked(site: Site, token: str, path: str = "/api/v1/cases", method: str = "GET") -> int:
    with site.at_its_time():
        headers = {"Authorization": f"Bearer {token}"}
        answer = site.app.test_client().open(path, method=method, headers=headers, json={})
    return answer.status_code


def test_it_issues_a_token_that_is_shown_once_and_ends(site: Site) -> None:
    worker = site.browser("worker")
    token = issued(worker, "cases.read", days=7)
    assert token not in worker.get("/profile/security").text
    assert "报送" in plain(worker.get("/profile/security"))

    assert asked(site, token) == 200
    assert asked(site, token[:-1] + "x") == asked(site, "fq-1-" + "a" * 43) == 401
    # A number that no database holds is nobody, and no fault of the server.
    assert asked(site, "fq-" + "9" * 19 + "-" + "a" * 43) == 401
    site.world.now += timedelta(days=6)
    assert asked(site, token) == 200
    site.world.now += timedelta(days=1)
    assert asked(site, token) == 401


def test_it_allows_a_token_its_scopes_alone(site: Site) -> None:
    token = issued(site.browser("worker"), "cases.read")
    assert asked(site, token, "/api/v1/tasks/1/completion", "POST") == 403
    assert asked(site, token, "/api/v1/drafts/1/files") == 403
    other = issued(site.browser("worker"), "drafts.read")
    assert asked(site, other) == 403


def test_it_gives_every_address_of_the_interface_a_scope(site: Site) -> None:
    without = [
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "token.create"
        if getattr(site.app.view_functions[rule.endpoint], "scope", "") not in sessions.SCOPES
    ]
    assert without == []


def test_a_token_opens_no_page(site: Site) -> None:
    """Walks the URL map: outside of the interface a token is nobody."""
    token = issued(site.browser("county_leader"), *sessions.SCOPES)
    opened = []
    for rule in site.app.url_map.iter_rules():
        view = site.app.view_functions[rule.endpoint]
        open_to_all = getattr(view, "public", False) or rule.rule.startswith(("/api", "/static"))
        if rule.arguments or open_to_all or "GET" not in (rule.methods or ()):
            continue
        if asked(site, token, rule.rule) not in (303, 401):
            opened.append(rule.rule)
    assert opened == []


@pytest.mark.parametrize("path", ["/", "/api/v1/cases", "/login", "/metrics", "/static/mark.svg"])
def test_it_refuses_a_request_that_is_two_people(site: Site, path: str) -> None:
    worker = site.browser("worker")
    token = issued(worker)
    for header in (f"Bearer {token}", "Basic eDp5"):
        answer = worker.get(path, headers={"Authorization": header})
        assert answer.status_code == 400 and "未受理" in answer.text


def test_a_browser_is_no_token_and_a_token_no_browser(site: Site) -> None:
    worker = site.browser("worker")
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        number, _dot, key = cookie["_user_id"].partition(".")
    assert asked(site, f"fq-{number}-{key}") == 401

    token = issued(worker)
    with site.at_its_time(), worker.client.session_transaction() as cookie:
        cookie["_user_id"] = f"{number}.{token.split('-', 2)[2]}"
    assert not is_in(worker)


def test_it_revokes_a_token(site: Site) -> None:
    worker = site.browser("worker")
    token = issued(worker)
    row = next(row for row in rows(site) if row.kind == "token")
    assert worker.post(f"/profile/security/sessions/{row.id}/end").status_code == 303

    assert asked(site, token) == 401
    assert kinds(site)[-2:] == ["token.issued", "token.revoked"]


@pytest.mark.parametrize(
    "fields",
    [{"name": ""}, {"scopes": []}, {"scopes": ["everything"]}, {"days": "0"}, {"days": "x"}],
)
def test_it_refuses_a_token_without_name_scope_or_end(
    site: Site, fields: dict[str, object]
) -> None:
    whole = {"name": "报送", "scopes": ["cases.read"], "days": "30"}
    answer = site.browser("worker").post("/profile/security/tokens", {**whole, **fields})
    assert answer.status_code == 422
    assert all(row.kind == "browser" for row in rows(site))


def test_it_sweeps_what_has_ended(site: Site) -> None:
    site.browser("worker")
    issued(site.browser("worker"), days=1)
    site.world.now += timedelta(days=2)
    site.run(lambda world: world.work(world.now))

    with site.app.app_context(), reading() as db:
        assert db.scalar(select(func.count()).select_from(UserSession)) == 0
