"""The page of what citizens were told: what went out, and what a person has to pass on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from engine.models import Case, CasePerson, CitizenMessage
from engine.notices.telling import recipients
from engine.storage.db import reading
from engine.worker import ticks
from tests.processes.desk import Desk
from tests.webapp.site import Site, plain
from tests.webapp.test_people_page import NAME, PHONE, dispute


@pytest.fixture
def told(site: Site) -> int:
    """A dispute that was accepted; nobody can be written to, as no channel is there."""
    case_id = dispute(site)

    def accept(world: Any) -> None:
        Desk(world, "dispute", case_id).do("grid_leader", "accept", accepted=True)
        for _round in range(2):
            ticks.deliver(world.now)

    site.run(accept)
    return case_id


def rows(site: Site, case_id: int) -> list[CitizenMessage]:
    with site.app.app_context(), reading() as db:
        mine = select(CitizenMessage).where(CitizenMessage.case_id == case_id)
        return list(db.scalars(mine.order_by(CitizenMessage.id)))


def test_whoever_registered_it_tells_and_notes_it_once(site: Site, told: int) -> None:
    worker = site.browser("worker")
    path = f"/cases/{told}/told"
    page = plain(worker.get(path))
    assert "您的调解申请已经受理" in page and "待工作人员告知" in page and "申请人" in page
    assert NAME not in page and PHONE not in page

    address = f"{path}/{rows(site, told)[0].id}"
    assert worker.post(address).status_code == 303
    page = plain(worker.get(path))
    assert "已当面或者电话告知" in page and "待工作人员告知" not in page
    assert worker.post(address).status_code == 409
    assert "已告知群众" in plain(worker.get(f"/cases/{told}/story"))


def test_nobody_else_notes_it(site: Site, told: int) -> None:
    address = f"/cases/{told}/told/{rows(site, told)[0].id}"
    assert site.browser("sibling").post(address).status_code == 404
    assert site.browser("county_supervisor").post(address).status_code == 403
    assert rows(site, told)[0].state == "by_hand"


def test_a_notice_leads_to_the_page(site: Site, told: int) -> None:
    worker = site.browser("worker")
    links = re.findall(r'href="(/notices/[0-9]+)"', worker.get("/notices").text)
    targets = [worker.get(link).headers.get("Location", "") for link in links]
    assert f"/cases/{told}/told" in targets


def test_both_sides_hear_of_what_is_theirs_and_a_minor_through_the_guardian(site: Site) -> None:
    case_id = dispute(site)
    parties = [
        {"side": "申请人", "party_name": "甲", "party_kind": "自然人", "minor": True,
         "guardian_agrees": True, "party_phone": "13893600001", "agent_name": "父",
         "agent_kind": "法定代理人", "agent_phone": "13893600002"},
        {"side": "申请人", "party_name": "乙", "party_kind": "自然人",
         "party_phone": "13893600003"},
        {"side": "申请人", "party_name": "丙", "party_kind": "自然人",
         "party_phone": "13893600003"},
        {"side": "被申请人", "party_name": "丁", "party_kind": "自然人"},
    ]  # fmt: skip

    def make(world: Any) -> int:
        desk = Desk(world, "dispute")
        desk.open("worker", parties=parties, place="V1", people_count=4, amount=0)
        return desk.case_id

    case_id = site.run(make)
    with site.app.app_context(), reading() as db:
        case = db.get_one(Case, case_id)
        today = case.opened_at.date()
        brought = recipients.of_case(db, case, parties=False, today=today)
        everybody = recipients.of_case(db, case, parties=True, today=today)
        roles = [db.get_one(CasePerson, one.person_id).role for one in everybody]

    assert [one.same for one in brought] == ["13893600002", "13893600003"]
    assert [one.reason for one in everybody] == ["", "", "no_address"]
    assert roles == ["guardian", "applicant", "respondent"]
