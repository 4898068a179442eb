"""Logging in and out: sessions, throttling, the demo list, passwords, the language."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.models import LoginAttempt, Setting, User
from engine.storage.db import reading, transaction
from tests.webapp.site import PASSWORD, Browser, Site, plain
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


def test_it_stops_guessing_after_five_failures_even_with_the_right_password(site: Site) -> None:
    browser = site.browser()
    assert [attempt(browser, "worker") for _ in range(throttle.PER_LOGIN)] == [401] * 5

    assert attempt(browser, "worker", PASSWORD) == 429
    assert attempt(browser, "grid_leader", PASSWORD) == 303
    site.world.now += throttle.WINDOW + timedelta(seconds=1)
    assert attempt(site.browser(), "worker", PASSWORD) == 303


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


def test_it_asks_for_a_new_password_before_anything_else(site: Site) -> None:
    with site.app.app_context(), transaction() as db:
        db.get_one(User, site.world.logins["worker"]).must_change = True
    worker = site.browser("worker")

    assert worker.get("/cases").headers["Location"] == "/profile"
    assert "初始密码" in plain(worker.get("/profile"))
    change(worker, PASSWORD, "a-better-secret")
    assert worker.get("/cases").status_code == 200


def test_it_remembers_the_language_of_a_person_and_of_a_session(site: Site) -> None:
    stranger = site.browser()
    assert 'lang="zh-CN"' in stranger.get("/login").text
    stranger.post("/language", {"locale": "en", "next": "/login"})
    assert "User name" in plain(stranger.get("/login"))

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

    assert len(refused) == 12 - throttle.PER_LOGIN
