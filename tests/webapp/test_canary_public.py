"""A report of wrongdoing from the public site, with a name where none was asked for.

Everybody who watches opens every address that names the case, and the database is searched.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text, update

from engine.definitions import versions
from engine.models import Attachment, Base, Case, CitizenPhoto, Outbox
from engine.storage.db import reading, transaction
from engine.worker import citizen_photos
from tests.processes.desk import Desk
from tests.processes.walk import ROOT
from tests.webapp.site import Browser, Site
from tests.webapp.test_canary import (
    CANARIES,
    FILE_NAME,
    OFFICERS,
    WATCHERS,
    Report,
    asked,
    found_in,
    people,
    photo,
    searches,
    send_to_water,
)
from tests.webapp.test_citizens import MINE, follow, keys_of, token_in

FORM = "/c/620725/report/whistle"


@pytest.fixture
def report(site: Site) -> Iterator[Report]:
    """Sent by a stranger, its photo coded again, dispatched to the bureau that handles it."""
    made = Report(site, Desk(site.world, "hotline"))
    with site.app.app_context():
        people(site.world)
        with transaction() as db:
            files = versions.read_directory(ROOT)[versions.CITIZENS]
            versions.publish(db, versions.CITIZENS, files, now=site.world.now)
    stranger = site.browser()
    page = stranger.get(FORM).text
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    assert once is not None
    typed = {
        "once": once[1],
        "choice": "单位和工作人员",
        "details": "镇上有人收钱办低保。",
        "place": "V1",
        "name": CANARIES["caller_name"],
        "phone": CANARIES["caller_phone"],
        "photos": (io.BytesIO(photo()), f"{FILE_NAME}.jpg"),
    }
    answer = stranger.post(FORM, typed, token=token_in(page))
    assert answer.status_code == 200, answer.text
    with site.app.app_context():
        before_the_worker(site)
        citizen_photos.code_again(site.world.now)
        with reading() as db:
            case = db.scalars(select(Case)).one()
            made.desk.case_id = case.id
            made.note(case_id=case.id, attachment_id=db.scalars(select(Attachment.id)).one())
        made.note(task_id=send_to_water(made))
        made.note(task_id=site.world.task(case.id, "handle").id)
    letters(made, stranger, keys_of(answer))
    with site.app.app_context():
        site.world.work(site.world.now)
    yield made


def letters(report: Report, stranger: Browser, keys: dict[str, str]) -> None:
    """The reporter comes back, writes, and sends one more photo; the handler writes back."""
    assert follow(stranger, **keys).status_code == 303
    page = stranger.get(f"{MINE}/matter").text
    for typed in (
        {"kind": "words", "text": "还有一份材料。"},
        {"kind": "photos", "photos": (io.BytesIO(photo()), f"{FILE_NAME}.jpg")},
    ):
        assert stranger.post(f"{MINE}/letters", typed, token=token_in(page)).status_code == 303
    with report.site.app.app_context():
        citizen_photos.code_again(report.site.world.now)
    told = f"/cases/{report.ids['case_id'][0]}/told"
    handler = report.site.browser("water_handler")
    assert "还有一份材料。" in handler.get(told).text
    assert handler.post(told, {"text": "请补充时间。"}).status_code == 303


def before_the_worker(site: Site) -> None:
    """The photo is sealed, and nobody's file."""
    with reading() as db:
        assert not db.scalars(select(Attachment)).all()
        payload = db.scalars(select(CitizenPhoto.payload)).one()
    assert payload is not None and not found_in(payload.decode("utf-8", "replace"))


def addresses(report: Report) -> Iterator[str]:
    """Every address that takes the case, its tasks or its file, and nothing else."""
    names = {"case_id", "task_id", "attachment_id"}
    with report.site.app.test_request_context():
        for rule in report.site.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments and rule.arguments <= names:
                for values in _values(report, rule.arguments):
                    yield str((rule.build(values) or ("", ""))[1])


def _values(report: Report, names: Any) -> Iterator[dict[str, str]]:
    name = next(iter(names))
    if len(names) == 1:
        yield from ({name: one} for one in report.ids[name])


@pytest.mark.timeout(600)
def test_nobody_finds_who_reported_on_the_public_site(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [*addresses(report), *searches(report), "/", "/cases", "/notices", "/api/v1/cases"]
    assert len(paths) > 20
    told = {}
    for login in WATCHERS:
        browser = report.site.browser(login)
        for path in paths:
            said = asked(browser, path).replace(path.partition("q=")[2] or "\0", "")
            if found_in(said):
                told[login, path] = found_in(said)
    assert told == {}
    logged = capsys.readouterr()
    assert not found_in(logged.out + logged.err)


def test_who_may_know_them_does(report: Report) -> None:
    """The search above is worth nothing if the strings are nowhere to be found."""
    case_id = report.ids["case_id"][0]
    for login in OFFICERS:
        browser = report.site.browser(login)
        assert "金**" in asked(browser, f"/cases/{case_id}")
        told = {"node": "intake", "name": "caller_phone"}
        assert CANARIES["caller_phone"] in browser.post(f"/cases/{case_id}/reveal", told).text


def test_the_database_does_not_tell_them(report: Report) -> None:
    with report.site.app.app_context(), reading() as db:
        for table in Base.metadata.sorted_tables:
            for row in db.execute(select(table)):
                plain = (
                    one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one)
                    for one in row
                )
                assert not found_in(" ".join(plain)), table.name
        assert db.execute(text("SELECT count(*) FROM blind_index")).scalar() == 0
        assert all(row.data["title"] == "保密件" for row in db.scalars(select(Outbox)))


def test_strangers_learn_nothing_of_it(report: Report) -> None:
    """Every public page, from near there too; nothing of it can be followed."""
    with report.site.app.app_context(), transaction() as db:
        db.execute(update(Case).values(latitude=38.0, longitude=101.0))
    stranger = report.site.browser()
    # Of Open311 the case's own number, and a service that there is.
    case_id = report.ids["case_id"][0]
    known = {"code": "620725", "spot": "x", "service": "whistle", "number": case_id}
    with report.site.app.test_request_context():
        rules = [one for one in report.site.app.url_map.iter_rules() if one.rule.startswith("/c/")]
        paths = [
            str((one.build({**known, "kind": kind, "form": form}) or ("", ""))[1])
            for one in rules
            if "GET" in (one.methods or ())
            for kind in ("report", "whistle")
            for form in ("json", "xml")
        ]
    near = "/c/620725/near?choice=道路设施&latitude=38.0&longitude=101.0"
    assert len(set(paths)) > 8
    for path in {*paths, near}:
        said = asked(stranger, path)
        assert not found_in(said) and "镇上有人" not in said, path
    assert stranger.get(near).text.strip() == ""
