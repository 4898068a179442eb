"""Logging in and out: sessions, throttling, the demo list, passwords, the language."""

from __future__ import annotations

import hashlib
import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from engine import org
from engine.models import LoginAttempt, Setting, User
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain
from webapp import passwords
from webapp.account import throttle
from webapp.account.views import local_path


def attempt(browser: Browser, login: str, password: str = "wrong") -> int:
    return browser.post("/login", {"login": login, "password": password}).status_code


def test_it_leads_strangers_to_the_login_and_back_again(site: Site) -> None:
    stranger = site.browser()
    answer = stranger.get("/cases?q=%E8%B7%AF%E7%81%AF")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=")

    page = stranger.get(answer.headers["Location"])
    assert 'value="/cases?q=' in page.text
    entered = stranger.post(
        "/login", {"login": "worker", "password": PASSWORD, "next": "/cases?q=路灯"}
    )
    assert (
        entered.headers["Location"] == "/cases?q=路灯" or "/cases?q=" in entered.headers["Location"]
    )


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil", "evil", "", "/\nx", "\\\\evil"]
)
def test_it_never_leads_elsewhere_after_a_login(site: Site, wanted: str) -> None:
    with site.app.test_request_context():
        assert local_path(wanted) == "/"


def test_it_begins_a_new_session_at_login(site: Site) -> None:
    browser = site.browser()
    before = browser.token()
    assert attempt(browser, "worker", PASSWORD) == 303
    with site.at_its_time(), browser.client.session_transaction() as session:
        assert session["_user_id"].startswith(f"{site.world.logins['worker']}.")

    # The token of the session before is worth nothing now.
    assert browser.post("/logout", token=before).status_code == 400


def test_it_says_the_same_for_an_unknown_name_and_a_wrong_password(site: Site) -> None:
    browser = site.browser()
    unknown = browser.post("/login", {"login": "nobody", "password": "x"})
    wrong = browser.post("/login", {"login": "worker", "password": "x"})

    assert unknown.status_code == wrong.status_code == 401
    assert plain(unknown).replace("nobody", "") == plain(wrong).replace("worker", "")


def solved(page: TestResponse) -> str:
    """The answer to a page's puzzle, found as its script finds it."""
    asked = re.search(r'data-puzzle="([^"]+)" data-bits="(\d+)"', page.text)
    assert asked is not None, plain(page)
    number = 0
    while True:
        answer = f"{asked[1]}:{number}"
        if int.from_bytes(hashlib.sha256(answer.encode()).digest()) >> 256 - int(asked[2]) == 0:
            return answer
        number += 1


def work(browser: Browser, password: str, answer: str) -> int:
    fields = {"login": "worker", "password": password, "work": answer}
    return browser.post("/login", fields).status_code


@pytest.fixture
def light_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puzzles of a few hundred tries."""
    monkeypatch.setattr(throttle, "EASIEST", 8)
    monkeypatch.setattr(throttle, "HARDEST", 10)


def test_it_lets_guesses_wait_for_seconds_and_then_work(site: Site, light_work: None) -> None:
    browser = site.browser()
    assert [attempt(browser, "worker") for _ in range(throttle.FREE)] == [401] * throttle.FREE
    for seconds in (2, 4, 8):
        page = browser.post("/login", {"login": "worker", "password": PASSWORD})
        assert page.status_code == 429 and page.headers["Retry-After"] == str(seconds)
        site.world.now += timedelta(seconds=seconds)
        assert attempt(browser, "worker") == 401

    # From now on no waiting helps, and the work does, with the right password alone.
    site.world.now += timedelta(minutes=1)
    page = browser.post("/login", {"login": "worker", "password": PASSWORD})
    assert page.status_code == 429 and "Retry-After" not in page.headers
    assert work(browser, "wrong", solved(page)) == 401
    assert browser.last is not None
    assert work(browser, PASSWORD, solved(browser.last)) == 303


def test_a_piece_of_work_counts_once_and_for_a_while(site: Site, light_work: None) -> None:
    browser = site.browser()
    fail(site, browser, throttle.WORK)
    page = browser.post("/login", {"login": "worker", "password": "x"})
    answer = solved(page)
    forged = answer.replace("login.8.", "login.1.")
    for wrong in ("", "x", "x:1", answer[:-1] + "x", forged, "a" * 1000):
        assert work(browser, PASSWORD, wrong) == 429, wrong
    assert work(browser, "wrong", answer) == 401
    assert work(browser, PASSWORD, answer) == 429
    late = solved(browser.post("/login", {"login": "worker", "password": "x"}))
    site.world.now += timedelta(minutes=10)
    assert work(browser, PASSWORD, late) == 429


def fail(site: Site, browser: Browser, times: int) -> None:
    """So many wrong guesses, each as soon as it is heard."""
    for _ in range(times):
        while attempt(browser, "worker") == 429:
            site.world.now += timedelta(seconds=2)


def test_nobody_is_locked_out_by_somebody_else(site: Site, light_work: None) -> None:
    """Not from elsewhere, and at the same address not by more than a moment's work."""
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "10.9.9.9"}}
    fail(site, site.browser(), throttle.WORK)
    fields = {"login": "worker", "password": PASSWORD}
    assert site.browser().post("/login", fields, **elsewhere).status_code == 303
    here = site.browser()
    assert here.post("/login", fields).status_code == 429
    assert here.last is not None and work(here, PASSWORD, solved(here.last)) == 303


def test_it_asks_for_work_where_guesses_come_from_many_places(site: Site, light_work: None) -> None:
    fields = {"login": "worker", "password": "wrong"}
    browser = site.browser()
    for number in range(throttle.PER_LOGIN):
        where = {"environ_overrides": {"REMOTE_ADDR": f"10.0.0.{number}"}}
        assert browser.post("/login", fields, **where).status_code == 401
    fresh = site.browser()
    page = fresh.post("/login", {**fields, "password": PASSWORD})
    assert page.status_code == 429 and work(fresh, PASSWORD, solved(page)) == 303


def test_it_keeps_neither_logins_nor_addresses_of_failures_in_clear(site: Site) -> None:
    attempt(site.browser(), "my-secret-typed-here")

    with site.app.app_context(), reading() as db:
        rows = db.scalars(select(LoginAttempt)).all()
    assert len(rows) == 1
    assert "secret" not in rows[0].login and "127.0.0.1" not in rows[0].address


def test_it_forgets_failures_after_a_success(site: Site) -> None:
    browser = site.browser()
    attempt(browser, "worker")
    attempt(browser, "worker", PASSWORD)

    with site.app.app_context(), reading() as db:
        assert db.scalars(select(LoginAttempt)).all() == []


def test_it_ends_the_session_of_an_ended_user(site: Site) -> None:
    worker = site.browser("worker")
    with site.app.app_context(), transaction() as db:
        org.end_user(db, None, db.get_one(User, site.world.logins["worker"]), now=site.world.now)

    assert worker.get("/").status_code == 303
    assert attempt(site.browser(), "worker", PASSWORD) == 401


def test_it_logs_out(site: Site) -> None:
    worker = site.browser("worker")
    assert worker.get("/logout").status_code == 405
    assert worker.post("/logout").status_code == 303
    assert worker.get("/").status_code == 303


def test_it_lists_demo_logins_only_in_a_demo_database(site: Site) -> None:
    assert "演示账号" not in plain(site.browser().get("/login"))
    logins = [{"login": "worker", "name": "王某", "role": "grid_worker", "unit": "南湖村"}]
    with site.app.app_context(), transaction() as db:
        value = {"password": "fengqiao-demo", "logins": logins}
        db.add(Setting(key="demo", value=value, changed_at=site.world.now))

    page = plain(site.browser().get("/login"))
    assert "演示账号" in page and "fengqiao-demo" in page and "网格员" in page

    site.configure(mode="production")
    assert "演示账号" not in plain(site.browser().get("/login"))


def change(browser: Browser, current: str, fresh: str, repeated: str | None = None) -> str:
    fields = {"current": current, "password": fresh, "repeated": repeated or fresh}
    return plain(browser.post("/profile/password", fields, follow_redirects=True))


def test_it_changes_the_password_and_ends_other_sessions(site: Site) -> None:
    here, there = site.browser("worker"), site.browser()
    attempt(there, "worker", PASSWORD)
    assert "当前密码不正确" in change(here, "wrong", "a-better-secret")
    assert "至少 10 位" in change(here, PASSWORD, "short1234")
    assert "不一致" in change(here, PASSWORD, "a-better-secret", "another-secret")
    assert "不能包含用户名" in change(here, PASSWORD, "my-worker-password")
    assert "密码已修改" in change(here, PASSWORD, "a-better-secret")

    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert attempt(site.browser(), "worker", "a-better-secret") == 303


@pytest.mark.parametrize(
    ("fresh", "words"),
    [
        ("Password123!", "过于常见"),
        ("P@ssw0rd2024", "过于常见"),
        ("woaini1314520", "过于常见"),
        ("1qaz2wsx3edc", "过于常见"),
        ("Fengqiao-Demo", "过于常见"),
        ("13893612345", "不能全是数字"),
        ("aaaaaaaaaaab", "不同的字符太少"),
    ],
)
def test_it_takes_no_password_that_everybody_tries(site: Site, fresh: str, words: str) -> None:
    assert words in change(site.browser("worker"), PASSWORD, fresh)


def test_it_takes_none_of_the_last_passwords_again(site: Site) -> None:
    worker, chosen = site.browser("worker"), PASSWORD
    for number in range(6):
        fresh = f"quite-another-{number}x"
        assert "密码已修改" in change(worker, chosen, fresh)
        chosen = fresh
    assert "最近用过" in change(worker, chosen, "quite-another-1x")
    # The sixth before is forgotten.
    assert "密码已修改" in change(worker, chosen, PASSWORD)


def test_it_asks_for_another_password_after_so_many_days(site: Site) -> None:
    worker = site.browser("worker")
    assert "密码已修改" in change(worker, PASSWORD, "a-better-secret")
    site.configure(password_days=90, session_hours=24 * 365)
    site.app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    site.world.now += timedelta(hours=11)
    assert worker.get("/").status_code == 200
    site.world.now += timedelta(days=90)
    again = site.browser()
    assert attempt(again, "worker", "a-better-secret") == 303
    assert again.get("/").headers["Location"] == "/profile"
    assert "已超过 90 天" in plain(again.get("/profile"))


def test_it_refuses_the_demos_password_in_production(site: Site) -> None:
    with site.app.app_context(), transaction() as db:
        user = db.get_one(User, site.world.logins["worker"])
        user.password_hash = passwords.hashed("fengqiao-demo")
    assert attempt(site.browser(), "worker", "fengqiao-demo") == 303
    site.configure(mode="production")
    browser = site.browser()
    page = browser.post("/login", {"login": "worker", "password": "fengqiao-demo"})
    assert page.status_code == 401 and "演示密码不能在生产环境使用" in plain(page)


def test_it_asks_for_a_new_password_before_anything_else(site: Site) -> None:
    with site.app.app_context(), transaction() as db:
        db.get_one(User, site.world.logins["worker"]).must_change = True
    worker = site.browser("worker")

    assert worker.get("/cases").headers["Location"] == "/profile"
    assert "初始密码" in plain(worker.get("/profile"))
    change(worker, PASSWORD, "a-better-secret")
    assert worker.get("/cases").status_code == 200


def test_it_goes_on_in_the_language_chosen_on_the_page_of_the_login(site: Site) -> None:
    """And only for who logs in there; who leaves hands the browser on, not the language."""
    browser = site.browser()
    browser.post("/language", {"locale": "en", "next": "/login"})
    entered = browser.post("/login", {"login": "worker", "password": PASSWORD})
    assert entered.status_code == 303
    assert 'lang="en"' in browser.get("/").text
    # Another browser of the same person, too.
    assert 'lang="en"' in site.fresh("worker").get("/").text

    browser.post("/logout")
    assert 'lang="en"' in browser.get("/login").text
    assert browser.post("/login", {"login": "handler", "password": PASSWORD}).status_code == 303
    assert 'lang="zh-CN"' in browser.get("/").text


def test_it_says_in_the_persons_language_that_the_database_is_away(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = site.browser("worker")
    worker.post("/language", {"locale": "en", "next": "/"})
    worker.post("/logout")
    assert worker.post("/login", {"login": "worker", "password": PASSWORD}).status_code == 303

    def away(*_given: object, **_named: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    monkeypatch.setattr("webapp.account.people.sessions.recognised", away)
    page = worker.get("/")
    assert page.status_code == 503 and 'lang="en"' in page.text


def test_it_remembers_the_language_of_a_person_and_of_a_session(site: Site) -> None:
    stranger = site.browser()
    assert 'lang="zh-CN"' in stranger.get("/login").text
    stranger.post("/language", {"locale": "en", "next": "/login"})
    assert "Username" in plain(stranger.get("/login"))

    worker = site.browser("worker")
    worker.post("/language", {"locale": "en", "next": "/"})
    assert "Workbench" in plain(worker.get("/"))
    again = site.browser()
    attempt(again, "worker", PASSWORD)
    assert "Workbench" in plain(again.get("/"))
    worker.post("/language", {"locale": "xx"})
    assert "Workbench" in plain(worker.get("/"))


def test_it_counts_guesses_that_come_all_at_once(site: Site) -> None:
    """However many run side by side: no more get through than one after the other."""
    app, refused = site.app, []
    together = threading.Barrier(12)

    def guess() -> None:
        with app.app_context():
            together.wait(10)
            try:
                with transaction() as db:
                    throttle.note_attempt(db, "worker", "10.0.0.1", now=site.world.now)
                    db.flush()
            except throttle.TooManyAttempts:
                refused.append(1)

    guesses = [threading.Thread(target=guess) for _ in range(12)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join(30)

    assert len(refused) == 12 - throttle.FREE
