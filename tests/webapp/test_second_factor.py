"""Authenticator apps and recovery codes: set up, asked for, used once, required of some posts."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from engine.accounts.passkeys import RelyingParty
from engine.models import AdminEvent
from engine.storage.db import reading
from tests.webapp.site import PASSWORD, Browser, Site, hidden, plain
from tests.webapp.test_sessions import asked, is_in, issued, kinds
from webapp.account import identity, throttle


def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """An app for that person: what shows its codes, and the recovery codes."""
    page = browser.get("/profile/security/app")
    found = re.search(r"密钥\s*<code>([A-Z2-7 ]+)</code>", page.text)
    assert found is not None
    app = pyotp.TOTP(found[1].replace(" ", ""))
    code = app.at(browser.site.world.now)
    fields = {"secret": hidden(page, "secret"), "name": "手机", "code": code}
    done = browser.post("/profile/security/app", fields)
    codes = re.findall(r"<li><code>([a-z2-9-]+)</code>", done.text)
    assert len(codes) == 10, plain(done)
    return app, codes


def enter(site: Site, login: str = "worker") -> Browser:
    """A browser after the password, before the second step."""
    browser = site.browser()
    page = browser.post("/login", {"login": login, "password": PASSWORD, "next": "/cases"})
    assert page.status_code == 200 and "二次验证" in plain(page)
    return browser


def second(browser: Browser, code: str) -> int:
    return browser.post("/login/second", {"code": code, "next": "/cases"}).status_code


def test_it_asks_for_a_code_that_counts_once(site: Site) -> None:
    app, _codes = set_up(site.browser("worker"))
    site.world.now += timedelta(minutes=1)
    browser = enter(site)
    assert not is_in(browser)
    code = app.at(site.world.now)
    assert second(browser, "000000" if code != "000000" else "000001") == 401
    assert second(browser, code) == 303 and is_in(browser)
    assert kinds(site)[-1] == "login.succeeded"

    # The same code again, for who looked over the shoulder.
    assert second(enter(site), code) == 401
    assert second(enter(site), app.at(site.world.now - timedelta(seconds=90))) == 401


def test_it_takes_a_recovery_code_once(site: Site) -> None:
    _app, codes = set_up(site.browser("worker"))
    assert second(enter(site), codes[0]) == 303
    assert second(enter(site), codes[0].upper()) == 401
    assert second(enter(site), codes[1].replace("-", " ").upper()) == 303
    assert second(enter(site, "worker"), "aaaa-aaaa-aaaa") == 401


def test_what_is_no_passkey_of_anybody_writes_no_record(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a stranger fills the administration's chain without any work, or breaks the reader."""
    party = RelyingParty("fengqiao.example.cn", "https://fengqiao.example.cn")
    monkeypatch.setattr(identity, "party", lambda: party)

    def links(_world: object) -> int:
        with reading() as db:
            return db.scalar(select(func.count()).select_from(AdminEvent)) or 0

    browser, before = site.browser(), site.run(links)
    for answer in ("[" * 50_000, '{"id": "AAAA"}', '{"id": 1}', "null", ""):
        assert browser.post("/login/passkey", {"passkey": answer}).status_code == 401
    assert site.run(links) == before


def test_it_forgets_a_password_that_no_code_follows(site: Site) -> None:
    app, _codes = set_up(site.browser("worker"))
    site.world.now += timedelta(minutes=1)
    browser = enter(site)
    site.world.now += timedelta(minutes=6)
    assert second(browser, app.at(site.world.now)) == 401
    assert second(site.browser(), app.at(site.world.now)) == 401
    assert not is_in(browser)


def test_it_slows_guesses_at_codes_as_it_does_those_at_passwords(site: Site) -> None:
    set_up(site.browser("worker"))
    browser = enter(site)
    statuses = [second(browser, "123123") for _ in range(6)]
    assert statuses.count(401) <= 3 and statuses[-1] == 429
    # The right password does not begin the count again.
    assert browser.post("/login", {"login": "worker", "password": PASSWORD}).status_code == 429


def test_no_work_buys_more_than_ten_guesses_at_a_code(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million codes are not many for who knows the password and has machines to do the work."""
    app, _codes = set_up(site.browser("worker"))
    site.world.now += timedelta(minutes=1)
    browsers = {f"192.0.2.{number}": enter(site) for number in range(1, 5)}

    def tried(address: str, **fields: str) -> int:
        there = {"REMOTE_ADDR": address}
        return browsers[address].post("/login/second", fields, environ_overrides=there).status_code

    for number in range(10):
        assert tried(f"192.0.2.{1 + number // 3}", code="123123") == 401
    refused = browsers["192.0.2.4"]
    assert tried("192.0.2.4", code=app.at(site.world.now)) == 429
    # Nor at the interface for programs, which looks at codes as well.
    wanted = {"login": "worker", "password": PASSWORD, "name": "n", "scopes": ["cases.read"]}
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    body = {**wanted, "code": app.at(site.world.now)}
    with site.at_its_time():
        program = site.app.test_client().post(
            "/api/v1/token", json=body, environ_overrides=elsewhere
        )
    assert program.status_code == 429
    assert refused.last is not None and int(refused.last.headers["Retry-After"]) <= 900
    # Nor does it help to send what looks like a passkey beside it where there can be none.
    monkeypatch.setattr(identity, "party", lambda: None)
    assert tried("192.0.2.4", code="123123", passkey="x") == 429
    site.world.now += throttle.WINDOW
    assert second(enter(site), app.at(site.world.now)) == 303


def test_it_ends_what_was_begun_with_the_password_alone(site: Site) -> None:
    here, there = site.fresh("worker"), site.fresh("worker")
    token = issued(there)
    set_up(here)
    assert is_in(here) and not is_in(there)
    assert asked(site, token) == 401


def test_it_keeps_nobody_elses_secret(site: Site) -> None:
    """The secret comes back sealed for its owner; an attacker's own is not taken."""
    other = hidden(site.browser("grid_leader").get("/profile/security/app"), "secret")
    for word in (other, "x", ""):
        fields = {"secret": word, "name": "x", "code": "123456"}
        answer = site.browser("worker").post("/profile/security/app", fields)
        assert answer.status_code == 303 and answer.headers["Location"].endswith("/app")


def test_it_lets_a_program_in_only_with_the_code(site: Site) -> None:
    app, _codes = set_up(site.browser("worker"))
    site.world.now += timedelta(minutes=1)

    def ask(**more: str) -> int:
        body = {"login": "worker", "password": PASSWORD, **more}
        with site.at_its_time():
            return site.app.test_client().post("/api/v1/token", json=body).status_code

    assert (ask(), ask(code="000000")) == (401, 401)
    assert ask(code=app.at(site.world.now)) == 200


@pytest.mark.parametrize("role", ["supervisor"])
def test_it_lets_some_posts_do_nothing_before_they_have_one(site: Site, role: str) -> None:
    supervisor = site.browser("county_supervisor")
    token = issued(supervisor)
    assert is_in(supervisor)
    site.configure(second_factor_roles=(role,))
    for path in ("/", "/supervision", "/cases"):
        assert supervisor.get(path).headers["Location"] == "/profile/security"
    assert "须启用二次验证" in plain(supervisor.get("/profile/security"))
    assert asked(site, token) == 403
    assert is_in(site.browser("worker"))

    set_up(supervisor)
    assert is_in(supervisor)


def test_it_removes_a_factor_with_its_codes(site: Site) -> None:
    worker = site.browser("worker")
    set_up(worker)
    page = worker.get("/profile/security").text
    found = re.search(r"/profile/security/factors/(\d+)/remove", page)
    assert found is not None
    assert worker.post(found[0]).status_code == 303
    assert kinds(site)[-1] == "factor.removed"
    again = site.browser()
    assert again.post("/login", {"login": "worker", "password": PASSWORD}).status_code == 303


def test_it_proves_by_a_code_who_sits_there(site: Site) -> None:
    worker = site.browser("worker")
    app, codes = set_up(worker)
    site.world.now += timedelta(minutes=11)
    worker.proves = False
    page = worker.post("/profile/security/tokens", {"name": "x"})
    assert page.status_code == 403
    fields = {"code": app.at(site.world.now), "kept": hidden(page, "kept")}
    assert worker.post("/proof", fields).status_code == 200
    assert worker.post("/profile/security/tokens", {"name": "x"}).status_code == 422
    site.world.now += timedelta(minutes=11)
    page = worker.post("/profile/security/tokens", {"name": "x"})
    assert worker.post("/proof", {"code": codes[0]}).status_code == 303
