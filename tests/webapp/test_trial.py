"""A draft is tried in the browser: nobody hears of it, and what was walked becomes a scenario."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from engine.drafting import drafts
from engine.models import ProcessDraft
from engine.models.base import Base
from engine.storage.db import db, reading
from tests.webapp.policy_desk import as_json, draft, files, save, staff
from tests.webapp.site import Site, hidden, plain

DIAGRAM = "processes/ticket/ticket.bpmn"
START = {"level": "grid", "place": "", "start": "2026-11-23T09:00"}
REPORT = {
    "settled": "false",
    "category": "道路交通",
    "setting": "乡村道路",
    "danger": "false",
}


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    staff(site)


class Walk:
    """Somebody who tries a draft: each act posts the way that the page before it carried."""

    def __init__(self, site: Site, login: str = "editor", one: int | None = None) -> None:
        self.site, self.login = site, login
        self.one = one or draft(site)
        self.page: TestResponse | None = None

    def begin(self, **changed: str) -> Walk:
        return self.post({"--act": "begin", **START, **changed})

    def act(self, act: str, fields: dict[str, Any] | None = None, **more: Any) -> Walk:
        assert self.page is not None
        carried = {"--way": hidden(self.page, "--way"), "--scenario": ""}
        return self.post({**carried, "--act": act, **(fields or {}), **more})

    def post(self, fields: dict[str, Any]) -> Walk:
        address = f"/policy/drafts/{self.one}/trial"
        self.page = self.site.browser(self.login).post(address, fields)
        return self

    @property
    def words(self) -> str:
        assert self.page is not None
        return plain(self.page)

    @property
    def way(self) -> Any:
        assert self.page is not None
        return json.loads(hidden(self.page, "--way"))


def rows(site: Site) -> dict[str, int]:
    """How many rows every table holds."""
    with site.app.app_context(), reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_it_writes_nothing_anywhere(site: Site) -> None:
    walk = Walk(site).begin()
    before = rows(site)
    walk.act("answer report", REPORT, summary="路面塌陷", reporter_name="王小明")
    walk.act("answer accept", {"acceptance": "村内办理"})
    walk.act("turn 2026-12-20T09:00:00+08:00").act("back").act("turn 2026-11-23T10:00")
    walk.act("answer handle_village", {"village_result": "办不了"})
    walk.act("message hand_up").act("back 2")

    assert rows(site) == before
    assert walk.page is not None and walk.page.status_code == 200
    with site.app.app_context():
        assert not db.session.new


def test_it_shows_whose_the_next_task_is_and_until_when(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    words = walk.words

    assert "网格长" in words and "签收时限" in words
    assert "打开“受理”" in words and "将发出 1 条通知" in words
    # The ladder of the table in force, with the people who would hear of it.
    assert "提级至" in words and "规则" in words
    assert "未填必填项" in words


def test_it_asks_the_real_form_and_says_what_is_wrong_with_an_answer(site: Site) -> None:
    walk = Walk(site).begin()
    assert walk.page is not None and 'data-name="category"' in walk.page.text
    walk.act("answer report", REPORT, category="没有这一类")
    assert walk.page.status_code == 422 and walk.way["moves"] == []
    assert 'aria-invalid="true"' in walk.page.text


def test_it_carries_nothing_personal(site: Site) -> None:
    walk = Walk(site).begin()
    walk.act("answer report", REPORT, reporter_name="王小明", reporter_phone="13812345678")
    assert walk.page is not None
    assert "王小明" not in walk.page.text and "13812345678" not in walk.page.text
    assert set(walk.way["moves"][0]["answers"]) == set(REPORT)


def test_it_turns_the_clock_and_tells_what_rang(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    walk.act("turn 2026-12-01T09:00:00+08:00")
    assert "办理时限到" in walk.words and "已超期" in walk.words
    assert walk.way["moves"][-1]["do"] == "clock"
    back = walk.act("turn 2026-11-01T09:00:00+08:00")
    assert "时间不能倒退" in back.words or back.way["moves"][-1]["to"].startswith("2026-12-01")


def test_it_goes_back_to_before_any_move(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    walk.act("answer accept", {"acceptance": "不予受理"})
    assert len(walk.way["moves"]) == 2
    walk.act("back 1")
    assert [move["node"] for move in walk.way["moves"]] == ["report"]
    walk.act("answer accept", {"acceptance": "村内办理"})
    assert "打开“" in walk.words


def test_it_is_kept_as_a_scenario_that_every_check_plays(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    walk.act("answer accept", {"acceptance": "村内办理"})
    kept = walk.act("keep", {"--name": "村里先办", "--name-en": "village first"}).page
    assert kept is not None and kept.status_code == 303

    path = "processes/ticket/scenarios/village_first.json"
    document = json.loads(files(site, walk.one)["files"][path])
    assert document["name"] == {"zh_CN": "村里先办", "en": "village first"}
    assert document["moves"][1]["expect"]["open"]["handle_village"]["due"] == (
        "2026-11-25T18:00:00+08:00"
    )
    page = site.browser("editor").get(f"/policy/drafts/{walk.one}/scenarios")
    assert "村里先办" in plain(page) and "未通过" not in plain(page)
    # A changed limit breaks it.
    text = files(site, walk.one)["files"][DIAGRAM]
    changed = text.replace('form="ticket/accept" limit="1"', 'form="ticket/accept" limit="3"')
    assert changed != text
    revision = files(site, walk.one)["revision"]
    assert save(site, walk.one, revision, {DIAGRAM: changed}).status_code == 200
    page = site.browser("editor").get(f"/policy/drafts/{walk.one}/scenarios")
    assert "用例“村里先办”未通过" in plain(page)


def test_it_opens_a_scenario_to_go_on_from_it_and_to_keep_it_again(site: Site) -> None:
    walk = Walk(site)
    address = f"/policy/drafts/{walk.one}/trial?scenario=refused"
    walk.page = site.browser("editor").get(address)
    assert walk.page.status_code == 200 and len(walk.way["moves"]) > 1
    assert hidden(walk.page, "--scenario") == "refused"
    before = files(site, walk.one)["files"]
    walk.act("back")
    kept = walk.act("keep", {"--name": "不予受理", "--scenario": "refused"})
    assert kept.page is not None and kept.page.status_code == 303
    after = files(site, walk.one)["files"]
    path = "processes/ticket/scenarios/refused.json"
    assert [path] == [one for one in after if after[one] != before.get(one)]
    assert len(json.loads(after[path])["moves"]) == len(json.loads(before[path])["moves"]) - 1


def test_it_renames_and_deletes_scenarios_and_shows_what_is_not_covered(site: Site) -> None:
    one = draft(site)
    browser = site.browser("editor")
    page = browser.get(f"/policy/drafts/{one}/scenarios")
    assert "未覆盖：" not in plain(page) and "条连线，" in plain(page)
    address = f"/policy/drafts/{one}/scenarios/refused"
    assert browser.post(address, {"what": "rename", "name": "不受理"}).status_code == 303
    page = browser.get(f"/policy/drafts/{one}/scenarios")
    assert "不受理" in plain(page)
    assert browser.post(address, {"what": "delete"}).status_code == 303
    page = browser.get(f"/policy/drafts/{one}/scenarios")
    assert "未覆盖：" in plain(page) and "→" in plain(page) and "不予受理" in plain(page)
    assert '"idle"' in page.text or "&#34;idle&#34;" in page.text
    assert browser.post(address, {"what": "delete"}).status_code == 404


def test_it_does_not_run_what_the_check_refuses(site: Site) -> None:
    one = draft(site)
    text = files(site, one)["files"][DIAGRAM]
    broken = text.replace('acceptance = "不予受理"', "acceptance ==== 1", 1)
    assert save(site, one, 1, {DIAGRAM: broken}).status_code == 200
    walk = Walk(site, one=one)
    page = site.browser("editor").get(f"/policy/drafts/{one}/trial")
    assert "草稿存在错误" in plain(page)
    walk.begin()
    assert walk.page is not None and walk.page.status_code == 422


def test_it_tries_an_escalation_table_on_a_process_in_force(site: Site) -> None:
    one = draft(site, process="escalation")
    page = site.browser("editor").get(f"/policy/drafts/{one}/trial")
    assert "试运行流程" in plain(page)
    walk = Walk(site, one=one).begin(process="ticket").act("answer report", REPORT)
    assert "提级至" in walk.words and "存为用例" not in walk.words


@pytest.mark.parametrize(
    "way", ["", "{", "[]", '{"start": 1}', "null", '{"moves": [], "start": "x"}']
)
def test_it_begins_anew_where_a_way_makes_no_sense(site: Site, way: str) -> None:
    walk = Walk(site).post({"--act": "answer report", "--way": way})
    assert walk.page is not None and walk.page.status_code == 422
    assert "请重新开始" in walk.words


def test_it_stops_where_a_move_cannot_be_made_any_more(site: Site) -> None:
    walk = Walk(site).begin()
    way = {**walk.way, "moves": [{"do": "answer", "node": "nowhere"}]}
    walk.post({"--act": "look answer report", "--way": json.dumps(way)})
    assert walk.page is not None and walk.page.status_code == 422
    assert "现在没有打开" in walk.words and walk.way["moves"] == []


def test_it_keeps_nothing_in_a_draft_that_is_in_review(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    with site.app.app_context():
        from engine.storage.db import transaction

        with transaction() as session:
            session.get_one(ProcessDraft, walk.one).stage = "review"
    before = files(site, walk.one)["files"]
    walk.act("keep", {"--name": "晚了"})
    assert walk.page is not None and walk.page.status_code == 200
    assert "不能再修改" in walk.words and files(site, walk.one)["files"] == before


def test_it_is_nobody_elses(site: Site) -> None:
    one = draft(site)
    for login in ("worker", "dispatcher"):
        browser = site.browser(login)
        assert browser.get(f"/policy/drafts/{one}/trial").status_code == 404
        assert browser.post(f"/policy/drafts/{one}/trial", {"--act": "begin"}).status_code == 404
        assert browser.get(f"/policy/drafts/{one}/scenarios").status_code == 404
        address = f"/policy/drafts/{one}/scenarios/refused"
        assert browser.post(address, {"what": "delete"}).status_code == 404


def test_it_lets_a_publisher_try_and_not_write(site: Site) -> None:
    one = draft(site)
    walk = Walk(site, "publisher", one).begin().act("answer report", REPORT)
    assert walk.page is not None and walk.page.status_code == 200
    assert "存为用例" not in walk.words
    address = f"/policy/drafts/{one}/scenarios/refused"
    assert site.browser("publisher").post(address, {"what": "delete"}).status_code == 403
    with site.app.app_context(), reading() as session:
        held = drafts.files_of(session, session.get_one(ProcessDraft, one))
    assert "processes/ticket/scenarios/refused.json" in held


def test_it_asks_the_database_for_each_post_once_however_long_the_way(site: Site) -> None:
    walk = Walk(site)
    address = f"/policy/drafts/{walk.one}/trial?scenario=dissatisfied_twice"
    walk.page = site.browser("editor").get(address)
    assert len(walk.way["moves"]) == 15
    with site.statements() as long:
        walk.act("look answer report")
    with site.statements() as short:
        walk.act("back 3")
    assert len(long) <= 65 and abs(len(long) - len(short)) <= 12


def test_it_lets_the_table_throw_its_escalation_where_the_diagram_catches_it(site: Site) -> None:
    walk = Walk(site).begin().act("answer report", REPORT)
    walk.act("answer accept", {"acceptance": "上报分流"})
    walk.act("answer dispatch", {"dispatch_mode": "单位承办", "unit_choice": "按分流表"})
    walk.act("turn 2027-01-20T09:00:00+08:00")

    done = [(move["do"], move["node"]) for move in walk.way["moves"]]
    assert ("late", "handle") in done, done
    assert "打开“督办”" in walk.words and "督办员" in walk.words


def test_it_is_refused_for_what_the_editor_finds_against_the_units(site: Site) -> None:
    """One check: what names a unit that nobody knows is tried no more than it is published."""
    one = draft(site)
    text = files(site, one)["files"][DIAGRAM]
    strange = text.replace('form="ticket/accept"', 'form="ticket/accept" unit=\'"没有的局"\'')
    assert strange != text and save(site, one, 1, {DIAGRAM: strange}).status_code == 200
    found = as_json(site.browser("editor"), "POST", f"/policy/drafts/{one}/check").get_json()
    rules = {finding["rule"] for file in found["files"] for finding in file["findings"]}
    assert "unknown-unit" in rules
    page = site.browser("editor").get(f"/policy/drafts/{one}/trial")
    assert "草稿存在错误" in plain(page) and "没有的局" in plain(page)
    assert "没有的局" in plain(site.browser("editor").get(f"/policy/drafts/{one}/review"))
