"""A case that came from a table: its reply, its source row for those who may, its old number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.models import Case, Unit
from engine.storage.db import reading
from tests.engine.intake import ledger
from tests.webapp.site import Browser, Site, plain
from tests.webapp.test_admin import appoint

WRITTEN = "①约３０㎡，“漏水”！\n电话：13900000001"


@pytest.fixture
def case_id(site: Site, tmp_path: Path) -> int:
    """One open case and one closed, of which this is the closed one."""
    path = ledger.write(
        tmp_path / "a.csv",
        ledger.row("旧〔2019〕17", 情况=WRITTEN, 处理结果="已修好，谢谢反映。"),
        ledger.row("W2", 办结时间="", 处理结果=""),
    )

    def bring(_world: object) -> int:
        report = ledger.bring(path)
        assert report.added == 2
        with reading() as db:
            found = select(Case.id).where(Case.source == "小台账:旧〔2019〕17")
            return db.scalars(found).one()

    return site.run(bring)


def test_it_shows_the_official_reply_and_the_old_number(site: Site, case_id: int) -> None:
    page = site.browser("county_leader").get(f"/cases/{case_id}").text
    assert "已修好，谢谢反映。" in page and "旧〔2019〕17" in page
    assert "/source" not in page


def test_it_shows_the_source_row_to_those_who_may_and_records_it(site: Site, case_id: int) -> None:
    dispatcher = site.browser("county_dispatcher")
    assert f"/cases/{case_id}/source" in dispatcher.get(f"/cases/{case_id}").text

    shown = dispatcher.post(f"/cases/{case_id}/source", {})

    assert "①约３０㎡，“漏水”！" in plain(shown) and "13900000001" in shown.text
    assert tuple(re.findall("<dt>([^<]+)</dt>", shown.text)) == ledger.COLUMNS
    (event,) = site.run(lambda world: world.events(case_id, "personal.shown"))
    assert json.loads(event.data)["node"] == "import:row"
    assert "查看原始记录" in plain(dispatcher.get(f"/cases/{case_id}/story"))


def test_it_refuses_the_source_row_to_everybody_else(site: Site, case_id: int) -> None:
    assert site.browser("county_leader").post(f"/cases/{case_id}/source", {}).status_code == 403
    assert site.browser("sibling").post(f"/cases/{case_id}/source", {}).status_code == 404
    own = site.open()
    assert site.browser("county_dispatcher").post(f"/cases/{own}/source", {}).status_code == 404


@pytest.mark.parametrize("words", ["旧〔2019〕17", "2019〕17", "旧〔"])
def test_it_finds_a_case_by_its_old_number(site: Site, case_id: int, words: str) -> None:
    leader = site.browser("county_leader")
    found = leader.get("/cases", query_string={"q": words}).text
    assert f"/cases/{case_id}" in found
    assert f"/cases/{case_id}" not in leader.get("/cases", query_string={"q": "小台账"}).text


@pytest.fixture
def admin(site: Site) -> Browser:
    """The county's administrator."""
    appoint(site, "boss", "620725")
    return site.browser("boss")


def county_id(site: Site) -> int:
    def look(_world: object) -> int:
        with reading() as db:
            return db.scalars(select(Unit.id).where(Unit.code == "620725")).one()

    return site.run(look)


def test_it_lets_a_county_set_its_letters(site: Site, admin: Browser) -> None:
    where = f"/admin/units/{county_id(site)}/numbers"
    assert where in admin.get(f"/admin/units/{county_id(site)}").text
    page = plain(admin.get(where))
    assert "山网〔2026〕0001" in page and "字头未确认" in page

    sent = {
        "letters": "丹",
        "pattern": "{letters}〔{year}〕{number}",
        "digits": "5",
        "yearly": "yes",
    }
    assert "字头为" in admin.post(f"{where}/own", {**sent, "letters": "山/"}).text
    assert admin.post(f"{where}/own", sent).status_code == 303

    assert "丹网〔2026〕00001" in plain(admin.get(where))
    opened = site.open()
    assert "丹网〔2026〕00001" in site.browser("worker").get(f"/cases/{opened}").text
    assert admin.get(f"{where}/nothing").status_code == 404


def test_it_asks_for_the_letters_when_a_county_is_set_up(site: Site) -> None:
    appoint(site, "chief", "62")
    chief = site.browser("chief")

    def city(_world: object) -> int:
        with reading() as db:
            return db.scalars(select(Unit.id).where(Unit.code == "6207")).one()

    sent = {"name": "民乐县", "code": "620722", "kind": "area", "level": "county"}
    made = chief.post(f"/admin/units/{site.run(city)}/new", sent)
    assert made.status_code == 303 and made.location.endswith("/numbers/own")
    assert 'value="民"' in chief.get(made.location).text
