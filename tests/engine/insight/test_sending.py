"""Returns on their way: discarded, sent, sent back; and what cases come to for each mediator."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.errors import Conflict, InvalidInput, NotAllowed
from engine.insight.statistics import awards, returns, sending
from engine.insight.statistics.awards import AwardRates
from engine.insight.statistics.listing import ReturnLine
from engine.models import Notice, ReturnRow, StatisticReturn
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.engine.insight.test_returns import (  # noqa: F401
    DECEMBER,
    NOVEMBER,
    about,
    county,
    filled,
    signed,
)


def told(world: World, login: str) -> list[str]:
    """The kinds of notices that somebody has of returns."""
    world.work(world.now)
    with reading() as db:
        mine = select(Notice.key).where(
            Notice.user_id == world.logins[login], Notice.key.startswith("return.")
        )
        return list(db.scalars(mine))


def test_a_draft_can_be_thrown_away_and_a_signed_return_cannot(county: World) -> None:  # noqa: F811
    filled(county, "head", "V1", NOVEMBER)
    with transaction() as db:
        actor = county.actor(db, "head")
        returns.discard(db, actor, about(db, county, "head", "V1", NOVEMBER), now=county.now)
        assert db.scalars(select(StatisticReturn)).all() == []
        assert db.scalars(select(ReturnRow)).all() == []
    filled(county, "head", "V1", NOVEMBER)
    signed(county, "head", "V1", NOVEMBER, send=False)
    with pytest.raises(Conflict), transaction() as db:
        actor = county.actor(db, "head")
        returns.discard(db, actor, about(db, county, "head", "V1", NOVEMBER), now=county.now)


def send_back(world: World, login: str, reason: str = "类别有误") -> None:
    with transaction() as db:
        meant = about(db, world, login, "V1", NOVEMBER)
        sending.send_back(db, world.actor(db, login), meant, reason, now=world.now)


def test_what_was_sent_can_be_sent_back_and_counts_no_more(county: World) -> None:  # noqa: F811
    filled(county, "head", "V1", NOVEMBER)
    signed(county, "head", "V1", NOVEMBER)
    assert told(county, "town_leader") == ["return.sent"]
    assert filled(county, "town_leader", "T1", NOVEMBER)["reported"] == 3
    with pytest.raises(InvalidInput):
        send_back(county, "town_leader", " ")
    with pytest.raises(NotAllowed):
        send_back(county, "head")
    send_back(county, "town_leader")
    assert told(county, "head") == ["return.refused"]
    assert "reported" not in filled(county, "town_leader", "T1", NOVEMBER)
    with pytest.raises(Conflict):
        send_back(county, "town_leader")

    with transaction() as db:
        meant, actor = about(db, county, "head", "V1", NOVEMBER), county.actor(db, "head")
        returns.restate(db, actor, meant, "按退回意见更正", now=county.now)
    signed(county, "head", "V1", NOVEMBER)
    assert filled(county, "town_leader", "T1", NOVEMBER)["reported"] == 3


def test_what_was_signed_above_cannot_be_sent_back(county: World) -> None:  # noqa: F811
    filled(county, "head", "V1", NOVEMBER)
    signed(county, "head", "V1", NOVEMBER)
    filled(county, "town_leader", "T1", NOVEMBER)
    signed(county, "town_leader", "T1", NOVEMBER, send=False)
    with pytest.raises(Conflict):
        send_back(county, "town_leader")


def line(unit: str, **texts: str) -> ReturnLine:
    return ReturnLine(1, "n", "t", unit, 1, 1, texts=texts)


def test_cases_are_shared_among_their_mediators_by_the_countys_rates() -> None:
    """Two of one hundred, one of them shared by two: one and a half, and a half."""
    rates = AwardRates(rates={"简易": Decimal(100), "一般": Decimal("33.33")})
    cases = [
        line("南湖村", mediators="张三", **{"class": "简易", "eligible": "是"}),
        line("南湖村", mediators="张三、李四", **{"class": "简易", "eligible": "是"}),
        line("南湖村", mediators="李四", **{"class": "重大", "eligible": "是"}),
        line("南湖村", mediators="张三", **{"class": "简易", "eligible": "否"}),
        line("东关村", mediators="", **{"class": "一般", "eligible": "是"}),
    ]
    found = {(one.unit, one.name): one for one in awards.of_lines(cases, rates)}
    assert (found["南湖村", "张三"].amount, found["南湖村", "张三"].total) == (Decimal("150.00"), 2)
    four = found["南湖村", "李四"]
    assert (four.amount, four.total, four.lacking) == (Decimal("50.00"), 2, True)
    assert found["东关村", ""].amount == Decimal("33.33")


def test_rates_are_the_countys_and_checked(county: World) -> None:  # noqa: F811
    with transaction() as db:
        leader = county.actor(db, "county_leader")
        unit = about(db, county, "county_leader", "620725", NOVEMBER).unit
        with pytest.raises(InvalidInput):
            awards.set_rates(db, leader, unit, {"rate_0": "-1", "rate_1": "一百"}, now=county.now)
        typed = {"rate_0": "50", "rate_3": "300.50", "title": "补贴名册"}
        awards.set_rates(db, leader, unit, typed, now=county.now)
        known = awards.rates_of(db, unit.id)
        assert known.rates == {"简易": Decimal(50), "重大": Decimal("300.50")}
        with pytest.raises(NotAllowed):
            head = county.actor(db, "head")
            awards.set_rates(db, head, unit, typed, now=county.now)
