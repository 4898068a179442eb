"""Headers, health, error pages and logs: what every answer has, and what none may show."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine.storage.db import db
from tests.conftest import ROOT
from tests.engine.casework.world import REPORT
from tests.webapp.site import Site, hidden, own_secrets, plain, settings_for
from webapp import create_app, qr

PAGES = ("/login", "/cases/1", "/nowhere", "/static/mark.svg")
# Written out whole: a directive that is dropped shows.
OURS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
COMPANIONS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}


@pytest.mark.parametrize("path", PAGES)
def test_it_tells_browsers_what_to_refuse(site: Site, path: str) -> None:
    headers = site.browser("worker").get(path).headers

    assert headers["Content-Security-Policy"] == OURS
    assert {name: headers.get(name) for name in COMPANIONS} == COMPANIONS


def test_it_lets_what_is_no_page_load_nothing(site: Site) -> None:
    headers = site.browser("worker").get("/healthz").headers

    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert {name: headers.get(name) for name in COMPANIONS} == COMPANIONS


def test_it_keeps_pages_out_of_caches_and_built_files_in_them(site: Site) -> None:
    worker = site.browser("worker")
    page = worker.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    built = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    kept = worker.get(built).headers["Cache-Control"]
    assert "immutable" in kept and "no-cache" not in kept


def test_it_hides_the_session_cookie_from_scripts_and_other_sites(site: Site) -> None:
    site.browser("worker")
    browser = site.browser()
    answer = browser.post("/login", {"login": "worker", "password": "correct-horse-7"})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_it_marks_cookies_secure_in_production(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path)
    assert create_app(settings).config["SESSION_COOKIE_SECURE"] is False
    production = settings.__class__.from_environment(
        {
            "FENGQIAO_MODE": "production",
            "FENGQIAO_DATABASE_URL": database_url,
            **own_secrets(),
        }
    )
    config = create_app(production).config
    assert config["SESSION_COOKIE_SECURE"] is True
    # Browsers take a cookie of this name from this host alone, over TLS, for all of its paths.
    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert config["SESSION_COOKIE_PATH"] in (None, "/") and not config["SESSION_COOKIE_DOMAIN"]
    with create_app(settings).app_context():
        db.engine.dispose()


def test_it_is_ready_only_while_the_worker_ticks(site: Site) -> None:
    stranger = site.browser()
    assert stranger.get("/healthz").json == {"status": "ok"}
    cold = stranger.get("/readyz")
    assert cold.status_code == 503
    assert cold.json["checks"] == {"database": True, "migrations": True, "worker": False}

    site.run(lambda world: world.work(world.now))
    assert stranger.get("/readyz").status_code == 200
    site.world.now += timedelta(minutes=10)
    assert stranger.get("/readyz").json["checks"]["worker"] is False


def test_it_is_not_ready_without_its_tables(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path}/empty.db", tmp_path))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": True, "migrations": False, "worker": False}


def test_it_shows_the_same_page_for_missing_and_hidden(site: Site) -> None:
    case_id = site.open()
    stranger = site.browser("water_handler")
    hidden_page = stranger.get(f"/cases/{case_id}")
    missing = stranger.get("/cases/123456")

    assert hidden_page.status_code == missing.status_code == 404
    assert plain(hidden_page) == plain(missing)


def failing(app: Flask, error: Exception) -> None:
    def fail() -> str:
        raise error

    app.add_url_rule("/fail", "fail", fail)


def test_it_shows_a_number_instead_of_a_fault(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(site.app, ValueError("13893612345 is personal"))
    answer = site.browser("worker").get("/fail")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in plain(answer)

    logged = capsys.readouterr().err
    assert "13893612345" not in logged and "13893612345" not in answer.text
    line = next(json.loads(row) for row in logged.splitlines() if '"failed"' in row)
    assert line["error"] == "ValueError" and "test_guards.py" in line["lines"][-1]


def test_it_answers_when_the_database_is_gone(site: Site) -> None:
    failing(site.app, OperationalError("SELECT", {}, Exception("gone")))
    assert site.browser("worker").get("/fail").status_code == 503


def test_it_answers_plainly_when_even_the_frame_of_the_page_fails(site: Site) -> None:
    worker = site.browser("worker")
    with site.app.app_context(), db.engine.execution_options(fengqiao_write=True).begin() as raw:
        raw.execute(text('ALTER TABLE "user" RENAME TO gone'))
    answer = worker.get("/")
    assert answer.status_code in (500, 503) and answer.headers["X-Request-ID"] in answer.text


def test_it_logs_ids_and_never_what_people_type(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = site.browser("worker")
    once = hidden(worker.get("/cases/new/ticket"), "once")
    answer = worker.post("/cases/new/ticket", {**REPORT, "once": once})
    case_path = answer.headers["Location"]
    worker.get(case_path)
    worker.get("/cases?q=赵小满")
    worker.get("/13893612345")
    worker.get("/", headers={"X-Request-ID": "bad id 13893612345"})

    logged = capsys.readouterr().err
    for secret in (REPORT["reporter_name"], REPORT["reporter_phone"], REPORT["summary"]):
        assert secret not in logged
    lines = [json.loads(row) for row in logged.splitlines() if row.startswith("{")]
    page = next(line for line in lines if line.get("endpoint") == "desk.case")
    assert page["case_id"] == int(case_path.rsplit("/", 1)[1])
    assert page["user_id"] == site.world.logins["worker"] and len(page["request_id"]) == 32


def test_it_keeps_a_request_id_that_the_proxy_gave(site: Site) -> None:
    answer = site.browser().get("/healthz", headers={"X-Request-ID": "proxy-4711-abc"})
    assert answer.headers["X-Request-ID"] == "proxy-4711-abc"


def test_it_refuses_what_is_too_large(site: Site) -> None:
    worker = site.browser("worker")
    big = {"summary": "很" * 600_000, "csrf_token": worker.token()}
    with site.at_its_time():
        answer = worker.client.post("/cases/new/ticket", data=big)
    assert answer.status_code == 413


def test_it_believes_a_proxy_only_where_there_is_one(site: Site, tmp_path: Path) -> None:
    told = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    plain_answer = site.browser().get("/healthz", headers=told)
    assert "Strict-Transport-Security" not in plain_answer.headers

    settings = dataclasses.replace(settings_for(site.url, tmp_path), proxies=1)
    proxied = create_app(settings).test_client().get("/healthz", headers=told)
    assert "Strict-Transport-Security" in proxied.headers


def test_it_puts_no_login_page_into_a_part_of_a_page(site: Site) -> None:
    """A list that refreshes itself after the session ended stays as it was."""
    answer = site.browser().get("/workbench/tabs", headers={"HX-Request": "true"})
    assert answer.status_code == 401 and "<form" not in answer.text


HOSTILE = (
    "/cases?q=%00",
    "/cases?q=%ff%fe",
    "/cases?q=" + "%25" * 300,
    "/cases?process=%00&stand=x",
    "/?queue=%00&lamp=%00&step=%00&process=%00",
    "/?after=%00",
    "/cases/99999999999999999999999",
    "/cases/9223372036854775807",
    "/tasks/9223372036854775808",
    "/attachments/9223372036854775808",
    "/cases?after=9223372036854775808",
    "/notices?before=9223372036854775808",
    "/cases/new/%00",
    "/cases/new/..%2f..%2fetc",
    "/cases/1/messages/%00",
    "/login?next=%00",
    "/tasks/x",
)


@pytest.mark.parametrize("path", HOSTILE)
def test_it_stands_hostile_addresses(site: Site, path: str) -> None:
    assert site.browser("grid_leader").get(path).status_code in (200, 303, 400, 403, 404)


@pytest.mark.parametrize(
    "typed", ["\x00", "a\x00b", "\ud800", "x" * 5000, "员" * 64, "' OR 1=1 --"]
)
def test_it_stands_hostile_logins(site: Site, typed: str) -> None:
    raw = typed.encode("utf-8", "surrogatepass")
    stranger = site.browser()
    answer = stranger.post("/login", {"login": raw, "password": raw})
    assert answer.status_code == 401
    answer = stranger.post("/login", {"login": "worker", "password": raw, "kept": raw, "next": raw})
    assert answer.status_code == 401


def test_it_prints_no_address_that_a_request_claims(site: Site, monkeypatch: Any) -> None:
    """Codes on paper lead to the address of the deployment, whatever the Host header says."""
    drawn: list[str] = []
    monkeypatch.setattr(qr, "as_svg", lambda text: drawn.append(text) or "")
    case_id = site.open()
    site.configure(public_url="https://cases.example")
    path = f"/cases/{case_id}/sheet"
    claims = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    worker = site.browser("worker")
    for headers in ({}, claims):
        worker.get(path, headers=headers)
    assert set(drawn) == {f"https://cases.example/cases/{case_id}"}
    site.configure(public_url="")
    assert worker.get(path).status_code == 200
    assert len(set(drawn)) == 1


def test_it_builds_no_address_from_a_request() -> None:
    """Outside of the check of origins nothing asks what the request says of its host."""
    claimed = re.compile(r"_external\b|request\.(host|host_url|url_root|base_url)\b")
    found = {
        path.relative_to(ROOT).as_posix()
        for path in [*(ROOT / "webapp").rglob("*.py"), *(ROOT / "webapp/templates").rglob("*.html")]
        if claimed.search(path.read_text(encoding="utf-8"))
    }
    # Whether a form comes from our own page; and a demo, which has no address of its own.
    assert found == {"webapp/security.py", "webapp/account/identity.py"}
