"""Papers of a dispute: begun from what was said, changed, numbered, final, within rights."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine.casework import people_amendment
from engine.documents.papers import writing
from engine.documents.papers.printing import PaperPrint
from engine.documents.papers.writing import PaperFile
from engine.errors import Conflict, NotAllowed
from engine.models import Attachment, Paper
from engine.storage.db import reading, transaction
from tests.processes.desk import Desk
from tests.processes.test_people import PARTIES

TERM = {
    "who": "王小明", "does": "赔偿", "to_whom": "李秀兰", "amount": 500, "due_on": "2026-12-31",
    "manner": "现金",
}  # fmt: skip
MORE = {"liability": "各半", "place": "村委会", "terms": [TERM], "total": 500}
SET = PaperPrint(b"%PDF-1.7 set", b"", 1)


def at_agreement(desk: Desk, **opening: Any) -> Desk:
    """A dispute whose sessions came to an agreement, which nobody has written down yet."""
    given = {"place": "V1", "parties": PARTIES, "people_count": 3, "amount": 0, **opening}
    desk.open("mediator", **given)
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    desk.do("village_leader", "assign")
    desk.do("mediator", "rights", willing="同意")
    desk.do("mediator", "investigate")
    desk.do("mediator", "mediate", mediation_result="达成协议", session_place="村委会")
    return desk


def draft(desk: Desk, kind: str, login: str = "mediator") -> int:
    with transaction() as db:
        actor = desk.world.actor(db, login)
        return writing.draft(db, actor, desk.case_id, kind, now=desk.world.now).id


def opened(desk: Desk, paper_id: int, login: str = "mediator") -> PaperFile:
    with reading() as db:
        return writing.opened(db, desk.world.actor(db, login), paper_id, now=desk.world.now)


def write(desk: Desk, paper_id: int, **words: Any) -> None:
    given = {**opened(desk, paper_id).words, **words}
    with transaction() as db:
        writing.write(db, desk.world.actor(db, "mediator"), paper_id, given, now=desk.world.now)


def finish(desk: Desk, paper_id: int, file: PaperFile | None = None) -> str:
    file = file or opened(desk, paper_id)
    with reading() as db:
        number = writing.next_number(db, file, desk.world.now)
    with transaction() as db:
        actor = desk.world.actor(db, "mediator")
        writing.finish(db, actor, file, SET, number, now=desk.world.now)
    return number


def whole(desk: Desk) -> None:
    """What the papers of this case need of its people."""
    said: list[dict[str, Any]] = [dict(one) for one in PARTIES]
    said[1]["party_address"] = said[2]["party_address"] = "南湖村"
    said[2]["party_sex"], said[2]["agent_kind"] = "男", "法定代理人"
    with transaction() as db:
        actor = desk.world.actor(db, "mediator")
        people_amendment.amend(db, actor, desk.case_id, {"parties": said}, now=desk.world.now)


def test_it_begins_with_what_was_said_and_names_what_it_lacks(dispute: Desk) -> None:
    record = opened(at_agreement(dispute), draft(dispute, "record"))
    assert record.words["place"] == "村委会" and record.words["result"] == "达成协议"
    assert record.facts.mediators == ["员工mediator"]
    agreement = opened(dispute, draft(dispute, "agreement"))
    assert agreement.words["facts"] and agreement.words["copies"] == 4
    said = [one.zh for one in agreement.gaps]
    assert (
        "缺少：各方当事人的责任" in said and f"被申请人{PARTIES[1]['party_name']}缺少：地址" in said
    )
    # One draft of a kind: whoever begins again goes on with it.
    assert draft(dispute, "agreement") == agreement.paper.id


def test_what_is_said_later_of_people_is_in_the_papers_and_erases_nothing(dispute: Desk) -> None:
    agreement = draft(at_agreement(dispute), "agreement")
    write(dispute, agreement, **MORE)
    assert opened(dispute, agreement).gaps
    whole(dispute)
    assert [one.zh for one in opened(dispute, agreement).gaps] == []
    assert dispute.world.kinds(dispute.case_id).count("people.amended") == 1


def test_it_is_numbered_by_the_unit_and_a_file_of_the_case_from_then_on(dispute: Desk) -> None:
    at_agreement(dispute)
    whole(dispute)
    numbers = []
    for kind in ("agreement", "oral"):
        paper = draft(dispute, kind)
        write(dispute, paper, **(MORE if kind == "agreement" else {}))
        numbers.append(finish(dispute, paper))
    assert [one.rpartition("人调字")[2] for one in numbers] == ["第1号", "第2号"]
    assert finish(dispute, draft(dispute, "record")) == ""
    with reading() as db:
        rows = db.scalars(select(Paper).order_by(Paper.id)).all()
        files = {row.id: row for row in db.scalars(select(Attachment))}
        assert [row.number for row in rows] == [*numbers, None]
        for row in rows:
            assert row.state == "final" and files[row.attachment_id or 0].digest == row.digest
    assert dispute.world.kinds(dispute.case_id).count("paper.final") == 3


def test_what_is_final_is_never_changed(dispute: Desk) -> None:
    paper = draft(at_agreement(dispute), "record")
    file = opened(dispute, paper)
    finish(dispute, paper)
    for act in (
        lambda: write(dispute, paper, record="另一份"),
        lambda: finish(dispute, paper, file),
    ):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(DBAPIError), transaction() as db:
        db.execute(text("UPDATE paper SET state = 'draft'"))


def test_words_that_changed_since_the_page_was_set_are_not_final(dispute: Desk) -> None:
    paper = draft(at_agreement(dispute), "record")
    seen = opened(dispute, paper)
    write(dispute, paper, record="后来改了")
    with pytest.raises(Conflict):
        finish(dispute, paper, seen)
    assert opened(dispute, paper).paper.state == "draft"


def test_a_number_that_somebody_took_meanwhile_is_not_printed_twice(dispute: Desk) -> None:
    at_agreement(dispute)
    whole(dispute)
    first, second = draft(dispute, "agreement"), draft(dispute, "oral")
    write(dispute, first, **MORE)
    file = opened(dispute, second)
    with reading() as db:
        number = writing.next_number(db, file, dispute.world.now)
    assert finish(dispute, first) == number
    with pytest.raises(Conflict), transaction() as db:
        actor = dispute.world.actor(db, "mediator")
        writing.finish(db, actor, file, b"%PDF", number, now=dispute.world.now)
    assert finish(dispute, second).endswith("第2号")


@pytest.mark.parametrize("login", ["county_leader", "town_mediator", "handler"])
def test_nobody_else_makes_or_reads_a_draft(dispute: Desk, login: str) -> None:
    paper = draft(at_agreement(dispute), "record")
    for act in (lambda: draft(dispute, "record", login), lambda: opened(dispute, paper, login)):
        with pytest.raises(Exception, match=r".") as raised:
            act()
        assert isinstance(raised.value, NotAllowed) or raised.type.__name__ == "NotFound"


def test_a_confidential_case_has_no_papers_of_its_people(dispute: Desk) -> None:
    dispute.open(
        "mediator", place="V1", parties=PARTIES, people_count=3, in_confidence=True, amount=0
    )
    with pytest.raises(Exception, match=r".") as raised:
        draft(dispute, "application")
    assert raised.type.__name__ in ("NotAllowed", "NotFound")
    with reading() as db:
        assert db.scalars(select(Paper)).all() == []


def test_what_was_settled_on_the_spot_has_its_register_at_once(dispute: Desk) -> None:
    """More than half of a village's disputes: nothing is typed twice, nothing is left out."""
    given = {"place": "V1", "parties": PARTIES, "people_count": 3, "amount": 0}
    said = {"on_spot": True, "spot_told": True, "agreed_terms": "各退一步，当场握手。"}
    day = f"{dispute.world.now:%Y-%m-%d}"
    dispute.open("mediator", **given, **said, agreed_on=day, violence=False, self_harm=False)
    whole(dispute)
    register = opened(dispute, draft(dispute, "oral"))
    assert [one.zh for one in register.gaps] == []
    assert register.words["content"] == "各退一步，当场握手。"
    assert register.facts.mediators == ["员工mediator"]


ORDER = {"request_kind": "投诉", "urgent": False, "topic": "住房建设", "place": "V1"}
BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表", "statutory": False}


def test_a_hotline_names_papers_of_the_office_whose_step_it_is(hotline: Desk) -> None:
    hotline.open("operator", **ORDER, caller_name="李秀兰", details="三楼漏水。")
    hotline.do("county_dispatcher", "dispatch", **BY_TABLE)
    reply = opened(hotline, draft(hotline, "reply", "handler"), "handler")
    assert reply.words["to_whom"] == "李秀兰" and reply.words["request"] == "三楼漏水。"
    assert reply.facts.unit.endswith("局") and "人民调解委员会" not in reply.facts.unit
    assert [one.zh for one in reply.gaps] == ["缺少：办理情况", "缺少：答复意见"]
    letter = opened(hotline, draft(hotline, "transfer", "operator"), "operator")
    with reading() as db:
        number = writing.next_number(db, letter, hotline.world.now)
    assert number.endswith("移字第1号") and letter.facts.unit != reply.facts.unit
    # Whoever has the case now is who a reminder is sent to.
    assert letter.facts.at_work == [reply.facts.unit]


def test_an_event_of_a_diagram_names_papers_too(dispute: Desk) -> None:
    dispute.open("mediator", place="V1", parties=PARTIES, people_count=3, amount=0)
    dispute.do("village_leader", "accept", acceptance="受理", in_scope=True)
    dispute.send("mediator", "early_warning", warning_level="高", warning_facts="要动手。")
    report = opened(dispute, draft(dispute, "warning"))
    assert report.words["level"] == "高" and report.words["facts"] == "要动手。"


def test_later_papers_know_the_number_of_the_agreement(dispute: Desk) -> None:
    at_agreement(dispute)
    whole(dispute)
    agreement = draft(dispute, "agreement")
    write(dispute, agreement, **MORE)
    number = finish(dispute, agreement)
    for kind in ("visit", "receipt", "certificate", "judicial"):
        assert opened(dispute, draft(dispute, kind)).words["number"] == number
    rows = opened(dispute, draft(dispute, "contents")).words["rows"]
    assert [one["name"] for one in rows] == ["人民调解协议书"]
