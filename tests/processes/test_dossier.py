"""The dossier of an archived dispute: made once after the commit, whole, and not for everybody."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.casework import unmask
from engine.definitions import versions
from engine.documents.volume import create, printing, volume
from engine.errors import NotAllowed, NotFound
from engine.models import Attachment, Case, Outbox
from engine.notices import outbox
from engine.records import attachments
from engine.storage.db import reading, transaction
from engine.terms.channels import DOCUMENT
from engine.worker import ticks
from tests.processes.desk import Desk

ALWAYS = (
    "申请书或者受理登记表",
    "权利义务告知书",
    "身份材料",
    "调解笔录",
    "调解协议书",
    "封底",
)


def archived(desk: Desk, **applied: object) -> Desk:
    """A dispute mediated in two sessions, visited, checked and archived."""
    desk.open("mediator", place="V1", dispute_type="邻里纠纷", people_count=2, amount=0, **applied)
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    desk.do("village_leader", "assign")
    desk.do("mediator", "rights", willing="同意")
    desk.do("mediator", "investigate", findings="界墙越界三十厘米。")
    desk.do("mediator", "mediate", mediation_result="再次调解", record="第一次：各执一词。")
    desk.do("mediator", "mediate", mediation_result="达成协议", record="第二次：达成一致。")
    desk.do("mediator", "agreement", agreement_form="口头", visit_after=3)
    desk.world.work(desk.world.now + timedelta(days=10))
    desk.do("mediator", "visit", performance="已履行")
    desk.do("mediator", "dossier", outcome="调解成功")
    desk.do("town_supervisor", "check_dossier", dossier_ok=True)
    return desk


def filed(desk: Desk) -> list[Attachment]:
    """The documents that the system made of the case."""
    with reading() as db:
        found = attachments.of_case(db, db.get_one(Case, desk.case_id))
        return [one for one in found if (one.proof or {}).get("document")]


def test_it_files_the_dossier_after_the_commit_and_once(dispute: Desk) -> None:
    archived(dispute)
    assert filed(dispute) == []

    ticks.deliver(dispute.world.now)
    with transaction() as db:
        row = db.scalars(select(Outbox).where(Outbox.channel == DOCUMENT)).one()
        create(db, row, dispute.world.now)

    (made,) = filed(dispute)
    assert (made.mime, made.uploaded_by) == ("application/pdf", None)
    with reading() as db:
        assert attachments.name_of(made) == "山调〔2026〕0001 人民调解卷宗.pdf"
        assert attachments.path_of(made).read_bytes().startswith(b"%PDF-")
    (event,) = dispute.world.events(dispute.case_id, "document.created")
    assert json.loads(event.data)["digest"] == made.digest


def test_it_holds_every_part_every_session_and_the_steps(dispute: Desk) -> None:
    archived(dispute)
    page = html_of(dispute)

    for part in ALWAYS:
        assert f">{part}</h2>" in page, part
    assert page.count("<h3>纠纷调解</h3>") == 2
    assert page.index("第一次：各执一词。") < page.index("第二次：达成一致。")
    assert "界墙越界三十厘米。" in page and "张三" in page and "13812345678" in page
    assert "<td>权利义务告知</td>" in page and "员工mediator" in page
    # Nobody applied to the court: a part that is not always there is left out.
    assert ">司法确认材料</h2>" not in page


def test_it_says_why_there_is_no_agreement(dispute: Desk) -> None:
    dispute.open("mediator", place="V1", dispute_type="邻里纠纷", people_count=2, amount=0)
    dispute.do("village_leader", "accept", acceptance="受理", in_scope=True)
    dispute.do("village_leader", "assign")
    dispute.do("mediator", "rights", willing="拒绝")
    dispute.do("mediator", "tell_routes")
    page = html_of(dispute)

    assert ">终止调解和告知其他途径</h2>" in page and ">调解协议书</h2>" not in page
    assert "（本部分无材料）" in page


def test_it_escapes_what_people_typed(dispute: Desk) -> None:
    archived(dispute, facts="<script>alert(1)</script>{{ 7 * 7 }}")
    page = html_of(dispute)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 * 7 }}" in page and "<script" not in page


def test_it_fetches_nothing_from_outside() -> None:
    with pytest.raises(printing.FetchForbidden):
        printing._refuse("file:///etc/passwd")


def test_it_gives_the_dossier_to_who_worked_on_it_and_records_it(dispute: Desk) -> None:
    archived(dispute)
    ticks.deliver(dispute.world.now)
    (made,) = filed(dispute)

    def take(login: str) -> None:
        with transaction() as db:
            actor = dispute.world.actor(db, login)
            unmask.open_document(db, actor, made, now=dispute.world.now)

    take("mediator")
    take("town_supervisor")
    with pytest.raises(NotAllowed):
        take("county_leader")
    with pytest.raises(NotFound):
        take("sibling")
    assert len(dispute.world.events(dispute.case_id, "document.opened")) == 2


def test_it_keeps_an_unknown_template_visible(dispute: Desk) -> None:
    """Nothing vanishes: after its attempts the message is dead and on the administrator's list."""
    archived(dispute)
    with transaction() as db:
        case = db.get_one(Case, dispute.case_id)
        outbox.put(
            db,
            case,
            "create_document",
            cause="test:unknown",
            now=dispute.world.now,
            channel=DOCUMENT,
            unit_id=case.unit_id,
            role="supervisor",
            template="no-such",
        )
    report = ticks.deliver(dispute.world.now)
    assert report["failed"] == 1 and len(filed(dispute)) == 1


def html_of(desk: Desk) -> str:
    """The dossier as it would be printed now."""
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        content = volume.gather(db, case, versions.load(db, case.version_id), desk.world.now)
    return printing.as_html(content)


def test_it_prints_a_dossier_to_look_at(dispute: Desk) -> None:
    """Chinese letters are really there: the font is embedded, and every page is numbered."""
    archived(dispute)
    ticks.deliver(dispute.world.now)
    (made,) = filed(dispute)
    raw = attachments.path_of(made).read_bytes()
    assert b"/FontFile" in raw or b"/ObjStm" in raw
    target = Path("test-results/dossier.pdf")
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(raw)
