"""The citizens' pages: a report without an account or a script, followed by who has its keys."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from engine.citizens import attempts
from engine.definitions import versions
from engine.models import Attachment, Case, CitizenAttempt, CitizenPhoto, Task
from engine.storage.db import reading, transaction
from engine.worker import citizen_photos
from tests.engine.casework.world import ROOT
from tests.webapp.seats import seat
from tests.webapp.site import Browser, Site

HOME, FORM, MINE = "/c/620725/", "/c/620725/report/report", "/c/620725/mine"
TYPED = {
    "choice": "道路设施",
    "details": "北街路口井盖破损。",
    "place": "V1",
    "phone": "13893612345",
    "name": "赵小满",
}
KEY = re.compile(r"data-(reference|phrase)>([^<]+)<")


@pytest.fixture
def open_site(site: Site) -> Site:
    """The county with its table of choices and the hotline published."""

    def publish(world: Any) -> None:
        files = versions.read_directory(ROOT)
        with transaction() as db:
            for key in ("citizens", "hotline"):
                versions.publish(db, key, files[key], now=world.now)

    site.run(publish)
    return site


def publish_also(site: Site, key: str) -> None:
    """One more process of those that ship."""

    def publish(world: Any) -> None:
        with transaction() as db:
            versions.publish(db, key, versions.read_directory(ROOT)[key], now=world.now)

    site.run(publish)


def send(browser: Browser, path: str = FORM, **changed: Any) -> Any:
    page = browser.get(path).text
    found = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    assert found is not None
    return browser.post(path, {"once": found[1], **TYPED, **changed}, token=token_in(page))


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def keys_of(page: Any) -> dict[str, str]:
    assert page.status_code == 200, page.text
    return dict(KEY.findall(page.text))


def follow(browser: Browser, reference: str, phrase: str) -> Any:
    page = browser.get(MINE).text
    typed = {"reference": reference, "phrase": phrase}
    return browser.post(MINE, typed, token=token_in(page))


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG", comment=b"CANARYINSIDE")
    out.seek(0)
    return out


def cases(site: Site) -> int:
    with site.app.app_context(), reading() as db:
        return db.scalar(select(func.count()).select_from(Case)) or 0


def test_a_stranger_reports_and_follows(open_site: Site) -> None:
    stranger = open_site.browser()
    assert FORM in stranger.get(HOME).text
    keys = keys_of(send(stranger))
    assert "您反映的问题" not in stranger.get(f"{MINE}/matter", follow_redirects=True).text
    other = open_site.browser()
    assert follow(other, **keys).status_code == 303
    shown = other.get(f"{MINE}/matter").text
    assert "您反映的问题正在核实。" in shown and "南湖村" in shown
    # Not who reported, nor by which number.
    assert "赵小满" not in shown and "3612345" not in shown
    other.post(f"{MINE}/leave", token=token_in(shown))
    assert other.get(f"{MINE}/matter").status_code == 303


def test_an_opened_matter_closes_by_itself(open_site: Site) -> None:
    stranger = open_site.browser()
    follow(stranger, **keys_of(send(stranger)))
    assert stranger.get(f"{MINE}/matter").status_code == 200
    open_site.world.now += (attempts.HOUR / 4) + (attempts.HOUR / 60)
    assert stranger.get(f"{MINE}/matter").status_code == 303


def test_whatever_is_wrong_the_answer_is_the_same(open_site: Site) -> None:
    stranger = open_site.browser()
    keys = keys_of(send(stranger))
    answers = {
        (page.status_code, re.sub(r'value="[^"]*"', "", page.text))
        for page in (
            follow(open_site.browser(), keys["reference"], "0000 0000"),
            follow(open_site.browser(), "22222-22222", keys["phrase"]),
            follow(open_site.browser(), "'; --", "x"),
        )
    }
    assert len(answers) == 1 and next(iter(answers))[0] == 422


def test_a_form_that_was_sent_twice_is_one_case(open_site: Site) -> None:
    stranger = open_site.browser()
    page = stranger.get(FORM).text
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)[1]  # type: ignore[index]
    sent = [stranger.post(FORM, {"once": once, **TYPED}, token=token_in(page)) for _ in range(2)]
    assert keys_of(sent[0]) == keys_of(sent[1])
    assert cases(open_site) == 1


def test_what_is_missing_is_marked_and_nothing_is_lost(open_site: Site) -> None:
    page = send(open_site.browser(), choice="", place="", details="<script>alert(1)</script>")
    assert page.status_code == 422
    assert 'id="choice-error"' in page.text and 'id="place-error"' in page.text
    assert "赵小满" in page.text and "<script>alert" not in page.text
    assert cases(open_site) == 0


@pytest.mark.parametrize(("sizes", "status"), [([7_900_000] * 3, 200), ([9_000_000] * 3, 422)])
def test_large_photos_lose_nothing_that_was_typed(
    open_site: Site, sizes: list[int], status: int
) -> None:
    """Three of the largest are accepted; larger ones are refused at their field."""
    begin = picture().getvalue()
    large = [(io.BytesIO(begin.ljust(size, b"x")), "a.jpg") for size in sizes]
    page = send(open_site.browser(), photos=large)
    assert page.status_code == status
    if status == 422:
        assert 'id="photos-error"' in page.text and "赵小满" in page.text


def test_a_photo_is_seen_by_nobody_before_it_was_made_anew(open_site: Site) -> None:
    stranger = open_site.browser()
    keys_of(send(stranger, photos=(picture(), "金丝雀.jpg")))

    def look(_world: Any) -> tuple[int, list[str], list[Attachment]]:
        with reading() as db:
            files = list(db.scalars(select(Attachment)))
            rows = list(db.scalars(select(CitizenPhoto)))
        raw = b"".join(row.payload or b"" for row in rows)
        assert b"CANARYINSIDE" not in raw
        return len(files), [row.state for row in rows], files

    assert open_site.run(look)[:2] == (0, ["waiting"])
    open_site.run(lambda world: citizen_photos.code_again(world.now))
    count, states, files = open_site.run(look)
    assert (count, states, files[0].mime) == (1, ["ready"], "image/jpeg")
    assert open_site.run(lambda world: citizen_photos.code_again(world.now)) == {"filed": 0}


def test_what_is_no_picture_inside_is_refused_by_the_worker(open_site: Site) -> None:
    keys_of(send(open_site.browser(), photos=(io.BytesIO(b"\xff\xd8\xff\xe0" + b"x" * 99), "a")))
    open_site.run(lambda world: citizen_photos.code_again(world.now))

    def states(_world: Any) -> tuple[list[str], int]:
        with reading() as db:
            found = list(db.scalars(select(CitizenPhoto.state)))
            return found, db.scalar(select(func.count()).select_from(Attachment)) or 0

    assert open_site.run(states) == (["refused"], 0)


def test_many_reports_ask_for_work_and_then_for_patience(open_site: Site) -> None:
    stranger = open_site.browser()
    codes = [send(stranger, phone="").status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    assert 'data-bits="18"' in stranger.last.text  # type: ignore[union-attr]
    assert cases(open_site) == 5
    # Counted under whole hours, by digests.
    with open_site.app.app_context(), reading() as db:
        moments = set(db.scalars(select(CitizenAttempt.at)))
    assert moments == {open_site.world.now.replace(minute=0)}


def test_guessing_a_phrase_is_stopped(open_site: Site) -> None:
    keys = keys_of(send(open_site.browser()))
    codes = [follow(open_site.browser(), keys["reference"], str(n)).status_code for n in range(6)]
    assert codes == [422] * 5 + [429]
    # Also with the right one: work has to be shown first.
    assert follow(open_site.browser(), **keys).status_code == 429


def test_an_administrator_switches_the_site(open_site: Site) -> None:
    open_site.run(lambda world: seat(world, "boss", "620725", "admin"))
    admin, stranger = open_site.browser("boss"), open_site.browser()
    assert "已开通" in admin.get("/admin/public-site").text
    assert admin.post("/admin/public-site", {"county": "620725", "on": "no"}).status_code == 303
    for path in (HOME, FORM, MINE):
        assert stranger.get(path).status_code == 404
    assert HOME not in stranger.get("/login").text
    admin.post("/admin/public-site", {"county": "620725", "on": "yes"})
    assert stranger.get(HOME).status_code == 200
    assert open_site.browser("worker").get("/admin/public-site").status_code == 404


def test_it_is_closed_in_production_until_somebody_opens_it(open_site: Site) -> None:
    from dataclasses import replace

    from engine import settings

    settings.use(replace(settings.current(), mode="production"))
    assert open_site.browser().get(HOME).status_code == 404


@pytest.mark.parametrize("path", ["/c/1/", "/c/620725101/", "/c/620725/report/other"])
def test_there_is_nothing_elsewhere(open_site: Site, path: str) -> None:
    assert open_site.browser().get(path).status_code == 404


def test_a_report_of_wrongdoing_goes_round_the_grid(open_site: Site) -> None:
    page = send(open_site.browser(), "/c/620725/report/whistle", choice="单位和工作人员")
    keys_of(page)
    with open_site.app.app_context(), reading() as db:
        case = db.scalars(select(Case)).one()
        roles = set(db.scalars(select(Task.role).where(Task.case_id == case.id)))
    assert case.guarded and case.process == "hotline" and case.number not in page.text
    assert "grid_worker" not in roles
    assert "赵小满" not in open_site.browser("county_dispatcher").get(f"/cases/{case.id}").text


def test_a_mistake_is_no_attempt(open_site: Site) -> None:
    stranger = open_site.browser()
    most = attempts.ALLOWANCES["report"]["device"].free
    for _ in range(most + 1):
        assert send(stranger, details=" ").status_code == 422
    assert keys_of(send(stranger))


def test_who_is_reported_is_chosen_from_the_units(open_site: Site) -> None:
    stranger = open_site.browser()
    path = "/c/620725/report/whistle"
    typed = {"choice": "单位和工作人员", "against": "V1", "against_person": "某人", "phone": ""}
    assert send(stranger, path, **{**typed, "against": "nowhere"}).status_code == 422
    assert keys_of(send(stranger, path, **typed))
