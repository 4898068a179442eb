"""The people of a dispute as rows: sealed, found by digests, ended when they are told again."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from engine.casework import unmask
from engine.errors import NotAllowed
from engine.models import BlindIndex, CasePerson, Event
from engine.reading import case_lists, casefile
from engine.reading import people as reading_people
from engine.reading.case_lists import CaseSearch
from engine.records import case_people, vault
from engine.storage.db import reading, transaction
from tests.processes.desk import Desk
from tests.processes.walk import MONDAY

WOMAN = "11010519491231002X"
PARTIES: list[dict[str, Any]] = [
    {
        "side": "申请人",
        "party_name": "李秀兰",
        "party_kind": "自然人",
        "party_id": WOMAN,
        "party_phone": "138 9361 2345",
        "party_address": "南湖村三社 12 号",
        "agent_name": "李小军",
        "agent_kind": "委托代理人",
        "agent_phone": "13993654321",
        "agent_scope": "特别授权",
    },
    {
        "side": "被申请人",
        "party_name": "山丹县南湖农产品购销有限责任公司",
        "party_kind": "单位",
        "credit_code": "91620725MA00000000",
        "legal_representative": "王建国",
    },
    {
        "side": "第三人",
        "party_name": "王小明",
        "party_kind": "自然人",
        "party_birth": "2015-05-01",
        "minor": "yes",
        "guardian_agrees": "yes",
        "agent_name": "王建国",
    },
]


def opened(desk: Desk, **more: Any) -> Desk:
    given = {"place": "V1", "parties": PARTIES, "people_count": 3, "amount": 0, **more}
    desk.open("mediator", **given)
    return desk


def rows(desk: Desk) -> list[CasePerson]:
    with reading() as db:
        wanted = select(CasePerson).where(CasePerson.case_id == desk.case_id)
        return list(db.scalars(wanted.order_by(CasePerson.id)))


def shown(desk: Desk, login: str, *, whole: bool = False) -> list[reading_people.PersonView]:
    with reading() as db:
        file = casefile.open_file(db, desk.world.actor(db, login), desk.case_id)
        today = MONDAY.date()
        return reading_people.of_case(db, file, whole=whole, today=today, locale="zh_CN")


def found(desk: Desk, login: str, words: str, *, person: bool = False) -> bool:
    with reading() as db:
        query = CaseSearch(text=words, person=person)
        page = case_lists.cases(db, desk.world.actor(db, login), query)
        return any(row.case_id == desk.case_id for row in page.rows)


def test_it_writes_a_row_for_everybody_with_whom_they_act_for(dispute: Desk) -> None:
    kept = rows(opened(dispute))

    assert [(row.role, row.side, row.kind) for row in kept] == [
        ("applicant", None, "person"),
        ("agent", "applicant", "person"),
        ("respondent", None, "organisation"),
        ("third_party", None, "person"),
        ("guardian", "third_party", "person"),
    ]
    assert [row.agent_of for row in kept] == [None, kept[0].id, None, None, kept[3].id]
    told = case_people.opened(kept[0])
    assert (told["name"], told["sex"], told["birth"]) == ("李秀兰", "女", "1949-12-31")
    assert not any("秀兰".encode() in (row.payload or b"") for row in kept)


def test_its_payload_opens_in_its_own_row_alone(dispute: Desk) -> None:
    first, second, *_ = rows(opened(dispute))
    second.payload = first.payload
    with pytest.raises(Exception, match=r"."):
        case_people.opened(second)


def test_it_shows_people_masked_and_whole_with_their_agents_beside(dispute: Desk) -> None:
    masked = shown(opened(dispute), "mediator")
    assert [one.name for one in masked] == ["李**", PARTIES[1]["party_name"], "王**"]
    said = {label.zh: words for _, label, words in masked[0].lines}
    assert said["联系电话"] == "138****2345" and said["身份证号码"] == "1101**********002X"
    assert said["住址"] == said["出生日期"] == "****"
    assert [one.name for one in masked[0].beside] == ["李**"]
    assert [one.minor for one in masked] == [False, False, True]

    whole = shown(dispute, "mediator", whole=True)
    assert [one.name for one in whole] == ["李秀兰", PARTIES[1]["party_name"], "王小明"]
    assert ("年龄", "76") in [(label.zh, words) for _, label, words in whole[0].lines]
    assert [one.role.zh for one in whole[2].beside] == ["法定代理人"]


def test_who_holds_the_case_is_recorded_once_and_a_stranger_is_refused(dispute: Desk) -> None:
    opened(dispute)
    world = dispute.world
    for _ in range(2):
        with transaction() as db:
            assert unmask.people(db, world.actor(db, "mediator"), dispute.case_id, now=world.now)
    with pytest.raises(NotAllowed), transaction() as db:
        unmask.people(db, world.actor(db, "county_leader"), dispute.case_id, now=world.now)
    with reading() as db:
        looked = select(Event.actor_id).where(Event.kind == "personal.shown")
        assert db.scalars(looked).all() == [world.logins["mediator"]]


def test_it_finds_cases_by_number_and_by_the_whole_name_within_rights(dispute: Desk) -> None:
    opened(dispute)
    for words in ("138-9361-2345", WOMAN.lower(), "13993654321"):
        assert found(dispute, "mediator", words), words
        assert not found(dispute, "handler", words), words
    for name in ("王小明", "李小军", PARTIES[1]["party_name"]):
        assert found(dispute, "mediator", name, person=True), name
        assert not found(dispute, "handler", name, person=True), name
    assert not found(dispute, "mediator", "王小", person=True)
    assert not found(dispute, "mediator", "王小明")


def test_a_confidential_case_is_found_by_nobody_of_it_and_shows_nothing(dispute: Desk) -> None:
    opened(dispute, in_confidence=True, against="T1", against_person="某人")
    assert {(row.confidential, row.id_mac, row.name_mac) for row in rows(dispute)} == {
        (True, None, None)
    }
    with reading() as db:
        assert db.scalars(select(BlindIndex)).all() == []
    assert not found(dispute, "county_leader", "王小明", person=True)
    with pytest.raises(DBAPIError), transaction() as db:
        mac = vault.blind("name", "王小明")
        db.execute(text(f"UPDATE case_person SET name_mac = '{mac}'"))
