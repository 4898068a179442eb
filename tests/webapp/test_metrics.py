"""`/metrics` and the page of operations: true figures, for those whom they concern."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from engine.models import Outbox, Setting
from engine.operations import backup, clock_guard, vitals
from engine.operations.vitals.facts import Vitals
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_admin import admin, appoint  # noqa: F401

TOKEN = "a-token-of-the-metrics"


def figures(site: Site, **headers: str) -> dict[str, float]:
    """Every figure by its name and labels."""
    site.configure(metrics_token=TOKEN)
    headers = {**headers, "Authorization": f"Bearer {TOKEN}"}
    answer = site.browser().get("/metrics", headers=headers)
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain")
    lines = re.findall(r"^(\w+(?:\{[^}]*\})?) ([-+.e\d]+)$", answer.text, re.M)
    return {name: float(value) for name, value in lines}


def test_it_tells_what_waits_and_for_how_long(site: Site) -> None:
    site.open()
    site.world.now += timedelta(minutes=5)
    before = figures(site)
    assert before["fengqiao_outbox"] == 1
    assert before["fengqiao_outbox_lag_seconds"] == 300
    assert before['fengqiao_tasks{measure="waiting",process="ticket",unit="V1"}'] == 1
    assert before["fengqiao_database_up"] == before["fengqiao_migrations_current"] == 1

    site.run(lambda world: world.work(world.now))

    after = figures(site)
    assert after["fengqiao_outbox"] == after["fengqiao_due_lag_seconds"] == 0
    assert after['fengqiao_tick_age_seconds{tick="sweep"}'] == 0


def test_it_measures_pages_by_their_names(site: Site) -> None:
    name = 'fengqiao_request_seconds_count{method="GET",page="desk.workbench",status="2xx"}'
    before = figures(site).get(name, 0)
    site.browser("worker").get("/")
    assert figures(site)[name] == before + 1


def test_it_is_there_for_the_token_alone(site: Site) -> None:
    """From the machine itself, too, and for somebody who is logged in; without a token never."""

    def asked(token: str | None, **more: str) -> int:
        headers = {**more, **({} if token is None else {"Authorization": f"Bearer {token}"})}
        return site.browser().get("/metrics", headers=headers).status_code

    site.configure(metrics_token="")
    assert (asked(None), asked(""), asked(TOKEN)) == (404, 404, 404)
    site.configure(metrics_token=TOKEN)
    assert (asked(TOKEN), asked(TOKEN, **{"X-Forwarded-For": "10.0.0.7"})) == (200, 200)
    assert (asked(TOKEN[:-1]), asked(""), asked(None)) == (404, 404, 404)
    assert site.browser("worker").get("/metrics").status_code == 404


def test_it_says_what_is_wrong_and_what_to_do(site: Site, admin: Browser) -> None:  # noqa: F811
    site.open()
    page = plain(admin.get("/admin/operations"))
    assert "有需立即处理的问题" in page and "尚无备份" in page
    assert "systemctl status fengqiao-worker" in page

    def all_well(world: object) -> None:
        site.world.work(site.world.now)
        folder = site.app.config["FENGQIAO"].data_dir
        backup.make(folder / "one.backup", now=site.world.now)

    site.run(all_well)
    page = plain(admin.get("/admin/operations"))
    assert "有需立即处理的问题" not in page and "systemctl" not in page
    assert "无积压" in page and "与程序一致" in page


def test_it_is_for_administrators_of_everything(site: Site) -> None:
    appoint(site, "t2-boss", "T2")
    for login in ("t2-boss", "worker", "county_leader"):
        assert site.browser(login).get("/admin/operations").status_code == 404
    assert site.browser().get("/admin/operations").status_code == 303


def lamps(site: Site, **changed: object) -> dict[str, str]:
    """The lamp of every sign, if some facts were different."""

    def judge(_world: object) -> dict[str, str]:
        with reading() as db:
            found: Vitals = vitals.look(db, site.world.now)
        chosen = site.app.config["FENGQIAO"]
        return {sign.name: sign.lamp for sign in vitals.signs(replace(found, **changed), chosen)}  # type: ignore[arg-type]

    return site.run(judge)


def test_its_lamps_turn_in_time(site: Site) -> None:
    def note(world: object) -> None:
        with transaction() as db:
            at = (site.world.now - timedelta(days=2)).isoformat()
            value = {"at": at, "file": "x", "bytes": 1, "missing": 0}
            db.merge(Setting(key="backup.last", value=value, changed_at=site.world.now))
            db.execute(update(Outbox).values(send_at=site.world.now))

    site.open()
    site.run(lambda world: world.work(world.now))
    site.run(note)
    assert lamps(site)["backup"] == "yellow"
    assert set(lamps(site).values()) <= {"green", "yellow"}
    assert lamps(site, disk_free=5, disk_total=100)["disk"] == "red"
    assert lamps(site, revision="0001")["migrations"] == "red"
    assert lamps(site, dead_outside=1)["letters"] == "yellow"
    late = vitals.facts.QueueVitals(3, timedelta(minutes=16))
    assert lamps(site, due=late, outbox=late)["clocks"] == "red"
    site.world.now += timedelta(minutes=5)
    assert lamps(site)["worker"] == "red"
    # A tick in the time to come is none: the clock was set back, and nobody may be at work.
    site.world.now -= timedelta(hours=1)
    assert lamps(site)["worker"] == "red"


def test_it_needs_room_that_it_can_measure(site: Site) -> None:
    def free(_world: object) -> int:
        with reading() as db:
            return vitals.look(db, datetime.now(UTC)).disk_free

    there = shutil.disk_usage(site.app.config["FENGQIAO"].data_dir).free
    assert abs(site.run(free) - there) < 1024**3


def test_a_held_clock_is_seen_and_confirmed(site: Site, admin: Browser) -> None:  # noqa: F811
    """The page lists what would fire, with its numbers; one word of an administrator lets it."""
    site.open()
    site.run(lambda world: ticks.tick("sweep", world.now))
    ahead = site.world.now + timedelta(days=40)
    assert site.run(lambda _world: clock_guard.holds(ahead))
    assert figures(site)["fengqiao_held"] > 5
    assert "到期处理已暂停" in plain(admin.get("/admin/operations"))
    page = plain(admin.get("/admin/operations/clock"))
    # SQLite has no clock of its own: there it is the last tick that is too long ago.
    assert "相差超过一" in page and "升级" in page and "山网〔2026〕0001" in page
    answer = admin.post("/admin/operations/clock", follow_redirects=True)
    assert "已确认" in plain(answer) and "到期处理未暂停" in plain(answer)
    assert not site.run(lambda _world: clock_guard.holds(ahead))
    assert "没有被暂停的到期处理" in plain(
        admin.post("/admin/operations/clock", follow_redirects=True)
    )
