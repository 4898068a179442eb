"""Near reports are shown before sending; codes at places open the report filled in."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from engine.models import CitizenSpot
from engine.storage.db import reading
from tests.webapp.seats import seat
from tests.webapp.site import Browser, Site
from tests.webapp.test_citizens import (
    FORM,
    MINE,
    cases,
    follow,
    keys_of,
    open_site,
    picture,
    send,
    token_in,
)

__all__ = ["open_site"]
POINT = {"latitude": "38.0", "longitude": "101.0"}
NEAR = "/c/620725/near"


def test_who_sees_a_double_follows_it(open_site: Site) -> None:
    send(open_site.browser(), **POINT)
    second = open_site.browser()
    page = send(second, details="井盖坏了。", **POINT)
    assert page.status_code == 200 and "附近已经有人反映" in page.text
    # Nothing was sent, nothing typed is lost, and nothing private is told.
    assert cases(open_site) == 1 and "井盖坏了。" in page.text
    assert "北街路口" not in page.text and "赵小满" not in re.sub(r'value="[^"]*"', "", page.text)
    typed = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1]  # type: ignore[index]
        for name in ("follow", "once")
    }
    keys = keys_of(second.post(NEAR, typed, token=token_in(page.text)))
    assert follow(second, **keys).headers["Location"].endswith("/mine/followed")
    shown = second.get(f"{MINE}/followed").text
    assert "您反映的问题正在核实。" in shown and "北街" not in shown and "13893612345" not in shown
    # What one follows one does not rate, write to or open.
    assert second.get(f"{MINE}/matter").status_code == 303
    for forged in ("1", typed["follow"][:-2] + "xx"):
        answer = second.post(NEAR, {**typed, "follow": forged}, token=token_in(shown))
        assert answer.status_code == 404


def test_who_sends_all_the_same_is_received(open_site: Site) -> None:
    send(open_site.browser(), **POINT)
    second = open_site.browser()
    assert 'name="near" value="seen"' in send(second, **POINT).text
    assert "data-reference" in send(second, near="seen", **POINT).text
    # Photos cannot be chosen for them again: it is said afterwards.
    third = send(open_site.browser(), photos=(picture(), "a.jpg"), **POINT)
    assert "data-reference" in third.text and "附近已经有人反映" in third.text
    assert cases(open_site) == 3


def test_the_part_is_fetched_while_typing(open_site: Site) -> None:
    send(open_site.browser(), **POINT)
    stranger = open_site.browser()
    asked = f"{NEAR}?choice=道路设施&latitude=38.0005&longitude=101.0"
    assert "就是这件，跟进" in stranger.get(asked).text
    assert stranger.get(f"{NEAR}?choice=农田水利&latitude=38&longitude=101").text.strip() == ""
    for wrong in (
        "",
        "?latitude=x&longitude=1",
        "?latitude=nan&longitude=1",
        "?latitude=99&longitude=1",
    ):
        assert stranger.get(NEAR + wrong).status_code == 404


def made(site: Site) -> tuple[Browser, CitizenSpot]:
    site.run(lambda world: seat(world, "boss", "620725", "admin"))
    admin = site.browser("boss")
    typed = {"county": "620725", "place": "V1", "names": "南街1号灯杆", "choice": "道路设施"}
    assert admin.post("/admin/public-site/spots", typed).status_code == 303

    def look(_world: Any) -> CitizenSpot:
        with reading() as db:
            return db.scalars(select(CitizenSpot)).one()

    return admin, site.run(look)


def test_a_scanned_code_fills_the_report_in(open_site: Site) -> None:
    admin, spot = made(open_site)
    stranger = open_site.browser()
    opened = stranger.get(f"/c/620725/q/{spot.code.lower()}")
    assert opened.status_code == 303
    page = stranger.get(opened.headers["Location"]).text
    assert 'value="南街1号灯杆"' in page and '<option value="V1" selected>' in page
    assert re.search(r'value="道路设施" required checked', page)
    once = re.search(r'name="once" value="([0-9a-f]{32})"', page)
    assert once is not None and f'name="spot" value="{spot.code}"' in page
    typed = {
        "once": once[1],
        "choice": "道路设施",
        "details": "灯不亮",
        "place": "V1",
        "spot": spot.code,
    }
    assert stranger.post(FORM, typed, token=token_in(page)).status_code == 200
    listing = admin.get("/admin/public-site/spots").text
    assert re.search(rf"<td>1</td><td>{spot.code}</td>", listing)
    sheet = admin.get("/admin/public-site/spots/sheet?county=620725").text
    assert "<svg" in sheet and spot.code in sheet
    withdrawn = {"county": "620725", "spot": str(spot.id)}
    assert admin.post("/admin/public-site/spots/withdraw", withdrawn).status_code == 303
    gone = stranger.get(f"/c/620725/q/{spot.code}")
    assert gone.status_code == 410 and "已经停用" in gone.text
    assert spot.code not in admin.get("/admin/public-site/spots/sheet?county=620725").text
    assert stranger.get("/c/620725/q/NOTHING2").status_code == 404
    again = admin.post("/admin/public-site/spots/withdraw", withdrawn)
    assert again.status_code == 404


def test_only_administrators_of_the_county_make_codes(open_site: Site) -> None:
    made(open_site)
    typed = {"county": "620725", "place": "V1", "names": "x"}
    assert open_site.browser("worker").post("/admin/public-site/spots", typed).status_code == 404
    open_site.run(lambda world: seat(world, "town", "T1", "admin"))
    town = open_site.browser("town")
    assert town.get("/admin/public-site/spots").status_code == 404
    assert town.post("/admin/public-site/spots", typed).status_code == 404
    wrong = open_site.browser("boss").post("/admin/public-site/spots", {**typed, "place": "x"})
    assert wrong.status_code == 422 and 'id="place-error"' in wrong.text
