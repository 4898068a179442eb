"""Confidential cases in the browser: asked first, marked on every page, disclosed by two people."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select

from engine.access import duties
from engine.models import Attachment, ConfidentialUnit, Task, Unit
from engine.org import confidential_units
from engine.records import attachments
from engine.storage.db import reading, transaction
from tests.processes.desk import Desk
from tests.webapp.seats import seat
from tests.webapp.site import Site, hidden, plain
from tests.webapp.test_canary import people, photo


@pytest.fixture
def case_id(site: Site) -> int:
    """A report about a village."""
    with site.app.app_context():
        people(site.world)
        desk = Desk(site.world, "hotline")
        desk.open(
            "operator",
            request_kind="举报",
            identity="实名保密",
            against="V1",
            place="V1",
            caller_name="王五",
        )
        return desk.case_id


def test_who_takes_in_a_report_about_their_own_unit_learns_its_number(
    site: Site, case_id: int
) -> None:
    """The case is gone from their sight at once, and the page says so in words."""
    with site.app.app_context():
        seat(site.world, "town_operator", "T1", "operator")
        desk = Desk(site.world, "hotline")
        given = desk.answers(
            "town_operator",
            "hotline/intake",
            request_kind="举报",
            identity="匿名",
            call_back_wanted="no",
            answered_now="no",
            against="T1",
            place="V1",
        )
    browser = site.browser("town_operator")
    fields = {name: value for name, value in given.items() if isinstance(value, str)}
    answer = browser.post("/cases/new/hotline", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "由指定单位办理" in plain(browser.get("/"))


def test_it_asks_first_whether_and_about_whom(site: Site, case_id: int) -> None:
    """Before anything personal is typed; every unit of the county may be named."""
    page = site.browser("operator").get("/cases/new/hotline").text
    names = re.findall(r'name="(request_kind|identity|against|summary|caller_name)"', page)
    assert list(dict.fromkeys(names))[:3] == ["request_kind", "identity", "against"]
    choices = page[page.index('name="against"') :]
    choices = choices[: choices.index("</select>")]
    for code in ("620725", "620725-ZJJ", "T1", "V1"):
        assert f'value="{code}"' in choices


@pytest.mark.parametrize("tab", ["", "/story", "/materials", "/clocks", "/remarks", "/sheet"])
def test_the_readers_name_stands_across_its_pages_and_prints(
    site: Site, case_id: int, tab: str
) -> None:
    page = site.browser("county_leader").get(f"/cases/{case_id}{tab}").text
    mark = page[page.index('class="watermark"') :]
    assert "员工county_leader county_leader" in mark[: mark.index("</div>")]


def test_no_name_stands_on_an_ordinary_case(site: Site, case_id: int) -> None:
    ticket = site.open("worker")
    assert 'class="watermark"' not in site.browser("worker").get(f"/cases/{ticket}").text
    assert 'class="watermark"' not in site.browser("county_leader").get("/cases").text


def test_two_people_look_and_an_officer_reviews(site: Site, case_id: int) -> None:
    asker, second = site.browser("county_supervisor"), site.browser("county_leader")
    url = f"/cases/{case_id}/confidential"
    assert "来电人信息对您不可见" in plain(asker.get(url))
    form = {"second": str(site.world.logins["county_leader"]), "reason": "来电人有危险"}
    assert asker.post(f"{url}/look", form).status_code == 303
    assert f"{url}/lift" not in asker.get(url).text

    page = second.get(url)
    assert "来电人有危险" in plain(page)
    (agree,) = re.findall(r'action="([^"]+/agree)"', page.text)
    assert second.post(agree).status_code == 303
    assert "您可查看来电人信息" in plain(asker.get(url))

    officer = site.browser("officer")
    assert "待复核" in plain(officer.get("/confidential"))
    (judged,) = re.findall(r'action="([^"]+/justified)"', officer.get(url).text)
    assert officer.post(judged).status_code == 303
    assert "已复核：查看正当" in plain(asker.get(url))


def test_it_refuses_a_wrong_second_and_no_reason_with_words(site: Site, case_id: int) -> None:
    asker = site.browser("county_supervisor")
    url = f"/cases/{case_id}/confidential/look"
    assert asker.post(url, {"second": "7", "reason": "x"}).status_code == 422
    page = asker.post(url, {"second": str(site.world.logins["county_leader"]), "reason": " "})
    assert page.status_code == 422 and "请填写理由" in plain(page)
    assert asker.post(f"/cases/{case_id}/disclosures/7/agree").status_code == 404
    assert asker.post(f"/cases/{case_id}/disclosures/7/other").status_code == 404
    assert hidden(page, "csrf_token")


def test_two_administrators_name_the_units(site: Site, case_id: int) -> None:
    """One alone would send reports to friends of whom they are about."""

    def turn() -> list[str]:
        with site.app.app_context(), reading() as db:
            return [unit.code for unit in confidential_units.in_turn(db, county)]

    with site.app.app_context():
        for login in ("second", "tied"):
            seat(site.world, login, "620725", "admin")
        with transaction() as db:
            by, user = (site.world.logins[one] for one in ("administrator", "tied"))
            duties.note(db, by, user, "reset", now=site.world.now)
    admin = site.browser("administrator")
    with site.app.app_context(), reading() as db:
        county = db.scalars(select(Unit.id).where(Unit.code == "620725")).one()
    assert "尚未指定" in plain(admin.get("/admin/confidential"))
    url = f"/admin/confidential/{county}/new"
    assert admin.post(url, {"unit": "620725-ZZ", "rank": "1"}).status_code == 303
    assert admin.post(url, {"unit": "620725-ZZ", "rank": "1"}).status_code == 409
    assert admin.post(url, {"unit": "T1", "rank": "1"}).status_code == 422
    with site.app.app_context(), reading() as db:
        row = db.scalars(select(ConfidentialUnit)).one()
    assert "县综治中心" in plain(admin.get("/admin/confidential"))
    of_row = f"/admin/confidential/{county}/{row.unit_id}"
    remove, confirm = f"{of_row}/remove", f"{of_row}/confirm"
    # Neither who asked, nor who depends on them, nor who confirms nothing.
    refused = {"administrator": 403, "tied": 403, "county_leader": 404}
    for login, status in refused.items():
        assert site.browser(login).post(confirm).status_code == status, login
    assert turn() == ["620725"]
    second = site.browser("second")
    assert confirm in second.get("/admin/confidential").text
    assert confirm not in admin.get("/admin/confidential").text
    assert second.post(confirm).status_code == 303
    assert turn() == ["620725-ZZ"] and second.post(confirm).status_code == 403
    # Nobody alone takes it off by ending or moving it.
    for verb, fields in (("end", {"heir": "620725-ZJJ"}), ("move", {"parent": "T1"})):
        answer = admin.post(f"/admin/units/{row.unit_id}/{verb}", fields)
        assert answer.status_code == 409 and "由两名管理员取消指定" in plain(answer)
    assert turn() == ["620725-ZZ"]
    # Off the list it goes by two as well.
    assert site.browser("county_leader").post(remove).status_code == 404
    assert admin.post(remove).status_code == 303
    ending = {"what": "ending"}
    assert admin.post(confirm, ending).status_code == 403
    # Whoever still sees the page on which it was to be named does not agree to its end.
    assert second.post(confirm).status_code == 409 and turn() == ["620725-ZZ"]
    assert 'value="ending"' in second.get("/admin/confidential").text
    assert second.post(confirm, ending).status_code == 303 and turn() == ["620725"]
    assert "尚未指定" in plain(admin.get("/admin/confidential"))
    # What waits is dropped by either of them.
    assert admin.post(url, {"unit": "620725-ZZ", "rank": "1"}).status_code == 303
    assert second.post(remove).status_code == 303 and turn() == ["620725"]
    assert second.post(confirm).status_code == 404


def test_a_picture_of_a_confidential_case_bears_who_looks_at_it(site: Site, case_id: int) -> None:
    """Those of an ordinary case are sent as they lie on the disk, those in between are not."""
    with site.app.app_context():
        with transaction() as db:
            task = db.scalars(select(Task).where(Task.case_id == case_id)).first()
            actor, ready = site.world.actor(db, "county_dispatcher"), photo()
            assert task is not None
            made = attachments.make_ready(io.BytesIO(ready))
            row = attachments.receive(
                db, actor, made, "现场.jpg", county_id=task.county_id, now=site.world.now
            )
            own = row.id
        kept = site.browser("county_dispatcher").get(f"/attachments/{own}").data
        with transaction() as db:
            db.get_one(Attachment, own).case_id = case_id
    looks = {
        login: site.browser(login).get(f"/attachments/{own}")
        for login in ("county_dispatcher", "county_leader")
    }
    contents = {kept, *(look.data for look in looks.values())}
    assert len(contents) == 3
    for look in looks.values():
        assert look.mimetype == "image/jpeg" and "ETag" not in look.headers
        assert Image.open(io.BytesIO(look.data)).size == Image.open(io.BytesIO(kept)).size
