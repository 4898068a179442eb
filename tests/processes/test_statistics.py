"""The hand-worked disputes as returns: each unit's row, what the county adds up, and who sees it.

The cases were ended on paper days ago and are entered late, with their true dates.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from engine import org
from engine.definitions import versions
from engine.insight.statistics import returns, sending, sums
from engine.insight.statistics.returns import Subject
from engine.models import Unit
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.processes.walk import ROOT

CASES = "mediation_cases"
QUARTERS = ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4")
CALM = {"violence": False, "self_harm": False, "gathering": False, "pending_elsewhere": "没有"}
MEDICAL = "620725-YTW"


@pytest.fixture
def county(people: World) -> World:
    """The county with its tables published, a medical committee, and a county that leads."""
    with transaction() as db:
        files = versions.read_directory(ROOT)[versions.STATISTICS]
        versions.publish(db, versions.STATISTICS, files, now=people.now)
        above = org.unit_by_code(db, "620725")
        assert above is not None
        committee = org.create_unit(
            db, None, code=MEDICAL, name="山丹县医疗纠纷人民调解委员会", level="county",
            kind="committee", parent=above, now=people.now,
        )  # fmt: skip
        for login, role in (("doctor", "mediator"), ("head", "leader")):
            user = org.create_user(
                db, None, login=login, name=f"员工{login}", password_hash="x", now=people.now
            )
            org.create_post(db, None, unit=committee, role=role, user=user, now=people.now)
            people.logins[login] = user.id
    return people


def parties(desk: Desk, login: str, count: int) -> list[dict[str, Any]]:
    """So many parties, the first of them the applicant."""
    (row,) = desk.answers(login, "dispute/apply")["parties"][:1]
    return [
        {
            **row,
            "side": "申请人" if n == 0 else "被申请人",
            "party_name": f"张三{'甲乙丙丁'[n % 4]}",
        }
        for n in range(count)
    ]


def opened(desk: Desk, login: str, many: int = 2, **chosen: Any) -> Desk:
    """A dispute written down by somebody, about 300 yuan between two people."""
    told: dict[str, Any] = {**CALM, "on_spot": False, "channel": "当事人申请", "amount": 300}
    told |= {"people_count": many, "application_form": "口头", "place": "V1", **chosen}
    desk.open(login, parties=parties(desk, login, many), **told)
    return desk


def agreed(desk: Desk, leader: str, mediator: str, on: str, **chosen: Any) -> None:
    """From acceptance to an agreement that is performed at once."""
    desk.do(leader, "accept", acceptance="受理", in_scope=True)
    desk.do(leader, "assign")
    desk.do(mediator, "rights", willing="同意")
    desk.do(mediator, "investigate")
    concluded(desk, leader, mediator, on, **chosen)


def concluded(desk: Desk, leader: str, mediator: str, on: str, **chosen: Any) -> None:
    """Mediated, agreed in writing, sealed."""
    desk.do(mediator, "mediate", mediation_result="达成协议")
    told = {"agreement_form": "书面", "performance_manner": "即时履行", **chosen}
    desk.do(mediator, "agreement", agreed_on=on, visit_after=7, **told)
    desk.do(leader, "seal", sealed_on=on)


def play(world: World) -> list[Desk]:
    """The six disputes of the practitioner's list."""
    simple, court, dog, medical, wages, knife = (Desk(world, "dispute") for _ in range(6))
    opened(
        simple, "mediator", channel="网格员排查", dispute_type="邻里纠纷", on_spot=True,
        spot_told=True, agreed_on="2026-03-09", agreed_terms="赔偿 300 元。", agreed_amount=300,
        visit_after=7,
    )  # fmt: skip
    opened(court, "mediator", dispute_type="山林土地纠纷", amount=18600)
    agreed(
        court, "village_leader", "mediator", "2026-04-08", agreed_amount=18600,
        judicial_confirmation=True,
    )  # fmt: skip
    court.do(
        "village_leader", "judicial", court_result="确认有效", effective_on="2026-04-08",
        filed_on="2026-04-20",
    )  # fmt: skip
    opened(dog, "town_mediator", dispute_type="损害赔偿纠纷", amount=9000, channel="法院委派委托")
    agreed(
        dog, "town_leader", "town_mediator", "2026-09-07", agreed_amount=8000,
        judicial_confirmation=True,
    )  # fmt: skip
    dog.do(
        "town_leader",
        "judicial",
        court_result="驳回申请",
        effective_on="2026-09-07",
        filed_on="2026-09-20",
        decided_on="2026-10-20",
    )
    concluded(dog, "town_leader", "town_mediator", "2026-10-29", agreed_amount=9000,
              judicial_confirmation=True)  # fmt: skip
    opened(medical, "doctor", 3, dispute_type="医疗纠纷", amount=120000)
    agreed(medical, "county_leader", "doctor", "2026-06-10", agreed_amount=120000,
           judicial_confirmation=False)  # fmt: skip
    opened(
        wages, "town_mediator", 12, dispute_type="拖欠农民工工资纠纷", amount=0,
        channel="信访转办",
    )  # fmt: skip
    wages.do("town_leader", "accept", acceptance="受理", in_scope=True)
    wages.do("town_leader", "assign")
    wages.do("town_mediator", "rights", willing="同意")
    wages.do("town_mediator", "investigate")
    wages.do("town_mediator", "mediate", mediation_result="调解不成")
    wages.do("town_mediator", "tell_routes", ended_on="2026-06-22", ended_reason="调解不成")
    opened(knife, "mediator", dispute_type="损害赔偿纠纷", amount=2000, violence=True)
    knife.do("village_leader", "accept", acceptance="受理", in_scope=True)
    knife.send("mediator", "to_police")
    knife.do("village_leader", "police", mediation_after=True)
    knife.do("village_leader", "assign")
    knife.do("mediator", "rights", willing="同意")
    knife.do("mediator", "investigate")
    concluded(knife, "village_leader", "mediator", "2026-11-12", agreed_amount=2000,
              judicial_confirmation=False)  # fmt: skip
    return [simple, court, dog, medical, wages, knife]


def about(world: World, login: str, code: str, period: str, key: str = CASES) -> Subject:
    """The return of a unit."""
    with reading() as db:
        unit_id = db.scalars(select(Unit.id).where(Unit.code == code)).one()
        return returns.subject(db, world.actor(db, login), key, unit_id, period)


def filled(world: World, login: str, code: str, period: str, key: str = CASES) -> dict[str, Any]:
    """The numbers of a return as it is filled now, zeros left out."""
    meant = about(world, login, code, period, key)
    with transaction() as db:
        row = returns.fill(db, world.actor(db, login), meant, now=world.now)
        return shown(meant, sums.of(db, row))


def shown(meant: Subject, told: dict[str, int]) -> dict[str, Any]:
    """Numbers as they are shown, without zeros."""
    found = {one.column.key: one for one in sums.numbers(meant.table, told)}
    return {key: one.text for key, one in found.items() if one.value}


def sent(world: World, login: str, code: str, period: str, key: str = CASES) -> dict[str, Any]:
    """Filled, signed and sent by the leader; returns what was signed."""
    filled(world, login, code, period, key)
    meant = about(world, login, code, period, key)
    with transaction() as db:
        actor = world.actor(db, login)
        (draft,) = returns.versions_of(db, meant)[:1]
        seen = returns.digest_of(db, draft, meant)
        row = returns.sign(db, actor, meant, seen, now=world.now)
        sending.send(db, actor, meant, now=world.now)
        return shown(meant, row.sums or {})


def test_each_hand_worked_dispute_is_the_row_that_was_reckoned_by_hand(county: World) -> None:
    play(county)

    first = filled(county, "village_leader", "V1", "2026-Q1")
    assert first == {
        "total": "1", "success": "1", "success_rate": "100.0%", "people": "2", "amount": "0.03",
        "by_1": "1", "own": "1", "type_2": "1", "oral": "1", "performed": "1",
    }  # fmt: skip
    second = filled(county, "village_leader", "V1", "2026-Q2")
    assert second == {
        "total": "1", "success": "1", "success_rate": "100.0%", "people": "2", "amount": "1.86",
        "by_1": "1", "applied": "1", "type_7": "1", "written": "1", "performed": "1",
        "confirmation_asked": "1", "confirmed": "1",
    }  # fmt: skip
    rejected = filled(county, "town_leader", "T1-TW", "2026-Q3")
    assert rejected == {
        "total": "1", "success": "1", "success_rate": "100.0%", "people": "2", "amount": "0.90",
        "by_3": "1", "entrusted": "1", "from_1": "1", "type_6": "1", "written": "1",
        "performed": "1", "confirmation_asked": "1",
    }  # fmt: skip
    assert "total" not in filled(county, "town_leader", "T1-TW", "2026-Q4")
    medical = filled(county, "head", MEDICAL, "2026-Q2")
    assert medical == {
        "total": "1", "hard": "1", "success": "1", "success_rate": "100.0%", "people": "3",
        "amount": "12.00", "by_6": "1", "applied": "1", "type_15": "1", "written": "1",
        "performed": "1",
    }  # fmt: skip
    wages = filled(county, "town_leader", "T1-TW", "2026-Q2")
    assert wages == {
        "total": "1", "hard": "1", "people": "12", "by_3": "1", "entrusted": "1", "from_4": "1",
        "type_10": "1",
    }  # fmt: skip
    knife = filled(county, "village_leader", "V1", "2026-Q4")
    assert knife == {
        "total": "1", "success": "1", "success_rate": "100.0%", "people": "2", "amount": "0.20",
        "by_1": "1", "entrusted": "1", "from_3": "1", "type_6": "1", "written": "1",
        "performed": "1", "crime_cases": "1", "crime_people": "2",
    }  # fmt: skip


def test_the_county_adds_up_what_the_tree_has_sent(county: World) -> None:
    """The practitioner's sum of the six, over the four quarters."""
    play(county)
    total: dict[str, int] = {}
    for quarter in QUARTERS:
        for login, code in (
            ("village_leader", "V1"), ("town_leader", "T1-TW"), ("town_leader", "T1"),
            ("head", MEDICAL), ("county_leader", "620725"),
        ):  # fmt: skip
            sent(county, login, code, quarter)
        with reading() as db:
            meant = about(county, "county_leader", "620725", quarter)
            (row,) = returns.versions_of(db, meant)
            for key, amount in (row.sums or {}).items():
                total[key] = total.get(key, 0) + amount

    meant = about(county, "county_leader", "620725", "2026-Q1")
    found = {one.column.key: one for one in sums.numbers(meant.table, total)}
    rate = found["success_rate"]
    assert (rate.part, rate.whole, rate.text) == (Decimal(5), Decimal(6), "83.3%")
    assert shown(meant, total) == {
        "total": "6", "hard": "2", "success": "5", "success_rate": "83.3%", "people": "23",
        "amount": "14.99", "by_1": "3", "by_3": "2", "by_6": "1", "own": "1", "applied": "2",
        "entrusted": "3", "from_1": "1", "from_3": "1", "from_4": "1", "type_2": "1",
        "type_6": "2", "type_7": "1", "type_10": "1", "type_15": "1", "oral": "1", "written": "4",
        "performed": "5", "confirmation_asked": "2", "confirmed": "1", "crime_cases": "1",
        "crime_people": "2",
    }  # fmt: skip


ANSWERS: dict[str, dict[str, Any]] = {
    "dispatch": {"dispatch_mode": "派单", "unit_choice": "按分流表", "statutory": False},
    "handle": {"contacted": True, "first_contact_at": "2026-11-20T15:00", "result": "已解决"},
    "check": {"reply_ok": True, "closing_code": "实际解决", "exclusion_decided": None},
    "upper_result": {
        "upper_verdict": "认可办结",
        "upper_solved": "已解决",
        "upper_satisfaction": "基本满意",
    },
    "call_back": {"satisfaction": "满意", "solved": True},
}
LOGINS = {"dispatcher": "county_dispatcher", "handler": "handler", "operator": "operator"}


def answered(desk: Desk, **chosen: dict[str, Any]) -> None:
    """Worked off step by step, by whoever has each, until the order is closed."""
    while desk.outcome() is None:
        node, (_unit, role) = next(iter(desk.where().items()))
        desk.do(LOGINS[role], node, **{**ANSWERS.get(node, {}), **chosen.get(node, {})})


def test_an_order_of_the_city_and_a_consumers_two_are_counted_from_their_own_forms(
    county: World,
) -> None:
    """Bounced once, contacted within a day, solved by the city's call; two by a statutory limit."""
    city = Desk(county, "hotline")
    common = {"urgent": False, "topic": "住房建设", "area": "城区", "place": "V1"}
    common |= {"answered_now": False, "refused_now": False, "earlier_number": None}
    city.open(
        "operator", request_kind="投诉", channel="上级转办", upper_number="市 17",
        upper_due="2026-12-10T18:00", identity="实名公开", **common,
    )  # fmt: skip
    city.do("county_dispatcher", "dispatch", **ANSWERS["dispatch"])
    city.send("handler", "bounce", suggested_unit="620725-SWJ")
    answered(city)
    for kind, identity in (("投诉", "实名公开"), ("举报", "实名保密")):
        order = Desk(county, "hotline")
        order.open(
            "operator", request_kind=kind, channel="电话", identity=identity,
            against="620725-SWJ", **common,
        )  # fmt: skip
        legal = {"closing_code": "依法定程序办理"}
        answered(order, dispatch={"statutory": True}, check=legal)

    found = filled(county, "operator", "620725-ZZ", "2026-11", "hotline_rates")
    picked = ("orders", "kind_3", "kind_4", "statutory", "dispatched", "bounced", "limited")
    assert {key: found.get(key) for key in picked} == {
        "orders": "3", "kind_3": "2", "kind_4": "1", "statutory": "2", "dispatched": "3",
        "bounced": "1", "limited": "1",
    }  # fmt: skip
    assert (found["in_time_rate"], found["response_rate"]) == ("100.0%", "33.3%")
    assert (found["solved_rate"], found["satisfied_rate"]) == ("100.0%", "100.0%")
