"""An application for mediation opens a dispute with both parties, once; no name gets out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from engine.citizens import applications, following, phones, sites
from engine.citizens.applications import MediationApplication
from engine.citizens.reporting import ReportReceipt
from engine.errors import InvalidInput
from engine.models import CasePerson, CitizenCase, Outbox, Task
from engine.records import case_people, vault
from engine.storage.db import reading, transaction
from tests.engine.citizens.conftest import PublicDesk

PHONE, OTHER = "13893612345", "13877700777"
SENT = MediationApplication(
    once="5" * 32,
    type="邻里纠纷",
    place="V1",
    facts="赵小满家的树伸过院墙。",
    claim="请对方修剪。",
    amount="300.50",
    name="赵小满",
    phone=PHONE,
    other_name="钱大有",
    other_phone=OTHER,
)


def apply(desk: PublicDesk, sent: MediationApplication = SENT) -> ReportReceipt:
    with transaction() as db:
        county = sites.county(db, "620725")
        return applications.receive(db, county, sent, now=desk.world.now)


def test_it_opens_a_dispute_with_both_parties(desk: PublicDesk) -> None:
    receipt = apply(desk)
    case = desk.case(receipt)
    assert (case.process, case.category, case.opened_by) == ("dispute", "邻里纠纷", None)
    assert case.title == "邻里纠纷（网上申请）"
    with reading() as db:
        rows = db.scalars(select(CasePerson).order_by(CasePerson.id)).all()
        people = [(one.role, case_people.opened(one)["phone"]) for one in rows]
        tasks = db.scalars(select(Task).where(Task.done_at.is_(None)))
        task = [(one.node_id, one.unit.code) for one in tasks]
        shown = following.view(db, case.id)
        queued = " ".join(str(one.data) for one in db.scalars(select(Outbox)))
    assert people == [("applicant", PHONE), ("respondent", OTHER)]
    assert len(task) == 1 and task[0][0] == "accept"
    assert shown.steps[-1].words == "正在审查您的申请。"
    assert "赵小满" not in queued and "钱大有" not in queued


def test_sent_again_it_is_the_same_dispute(desk: PublicDesk) -> None:
    assert apply(desk) == apply(desk)
    with reading() as db:
        assert len(list(db.scalars(select(CitizenCase)))) == 1


def test_each_sees_it_by_their_own_number_only_as_who_applied(desk: PublicDesk) -> None:
    case = desk.case(apply(desk))
    with reading() as db:
        mine = phones.cases_of(db, case.county_id, vault.blind("phone", PHONE))
        theirs = phones.cases_of(db, case.county_id, vault.blind("phone", OTHER))
    assert (list(mine), list(theirs)) == ([case.id], [])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"type": "没有这种"}, "type"),
        ({"place": "nowhere"}, "place"),
        ({"facts": " "}, "facts"),
        ({"claim": "长" * 801}, "claim"),
        ({"name": ""}, "name"),
        ({"phone": ""}, "phone"),
        ({"other_phone": "12"}, "other_phone"),
        ({"other_kind": "狗"}, "other_kind"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "一百"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"once": "short"}, ""),
    ],
)
def test_it_refuses_with_the_field(desk: PublicDesk, changed: dict, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        apply(desk, replace(SENT, **changed))
    assert list(refused.value.errors) == [field]


def test_danger_warns_at_once(desk: PublicDesk) -> None:
    case = desk.case(apply(desk, replace(SENT, danger=True, amount="", other_phone="")))
    with reading() as db:
        nodes = set(db.scalars(select(Task.node_id).where(Task.case_id == case.id)))
    assert any(one.startswith("respond") for one in nodes)
