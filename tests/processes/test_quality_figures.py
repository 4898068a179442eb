"""Satisfaction, first contact, mediation, returns: counters equal what a plain look at the answers
gives, in any order of events, and can be counted again from nothing.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.casework import moves
from engine.models import Case, CaseMark, Event, Tally, TallyDelta, Task, VaultRow
from engine.operations import doctor
from engine.operations.recount import recount
from engine.records import vault
from engine.records.bindings import of_answers
from engine.reports import area as areas
from engine.reports import figures, listing
from engine.reports.area import Area
from engine.reports.listing import ListingQuery
from engine.reports.period import Period
from engine.storage import tallies
from engine.storage.db import reading, transaction
from tests.engine.casework.world import World
from tests.processes.desk import Desk

ZONE = ZoneInfo("Asia/Shanghai")
MEASURES = (
    *("rated", "satisfied", "solve_asked", "solved", "contact_due", "contact_in_time"),
    *("mediated", "settled", "returned", "ended", "reopened"),
)
CALL = {
    **{"answered_now": False, "request_kind": "投诉", "topic": "住房建设", "area": "城区"},
    **{"urgent": False, "call_back_wanted": True, "refused_now": False, "channel": "电话"},
    **{"item": "目录外", "place": "V1"},
}
BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表", "statutory": False}
RATINGS = ("满意", "基本满意", "不满意", "未作评价", "联系不上")


def call(desk: Desk, dice: random.Random) -> None:
    """An order by chance: answered at once, or bounced, contacted late, excluded, corrected."""
    if dice.random() < 0.2:
        desk.open("operator", **{**CALL, "answered_now": True})
        return
    desk.open("operator", **CALL)
    desk.do("county_dispatcher", "dispatch", **BY_TABLE)
    if dice.random() < 0.3:
        desk.send("handler", "bounce", suggested_unit="620725-SWJ")
        desk.do("county_dispatcher", "dispatch", **BY_TABLE)
    later(desk.world, dice, 60)
    reached = dice.choice([None, desk.world.now - timedelta(hours=dice.randint(0, 50))])
    contact: dict[str, Any] = {"contacted": reached is not None}
    if reached is not None:
        contact["first_contact_at"] = reached.astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    desk.do("handler", "handle", **contact)
    excluded = dice.choice([None, None, "同意剔除", "不同意"])
    desk.do("county_dispatcher", "check", reply_ok=True, exclusion_decided=excluded)
    later(desk.world, dice, 30)
    while "call_back" in desk.where():
        told = dice.choice(RATINGS)
        solved = None if told == "联系不上" else dice.random() < 0.5
        explained = True if solved is False else None
        answers = {"satisfaction": told, "solved": solved, "explained": explained}
        desk.do("operator", "call_back", **answers)
        later(desk.world, dice, 30)
        if "correct" in desk.where():
            desk.do("handler", "correct", **contact)
            desk.do("county_dispatcher", "check", reply_ok=True, exclusion_decided=None)
    if desk.outcome() and dice.random() < 0.5:
        with transaction() as db:
            supervisor = desk.world.actor(db, "county_supervisor")
            moves.reopen(db, supervisor, desk.case_id, "call_back", "没有解决", now=desk.world.now)


def quarrel(desk: Desk, dice: random.Random) -> None:
    """A dispute by chance: settled on the spot, accepted and withdrawn, or left open."""
    calm = {"violence": False, "self_harm": False, "gathering": False, "pending_elsewhere": "没有"}
    today = desk.world.now.astimezone(ZONE).date().isoformat()
    if dice.random() < 0.5:
        spot = {"on_spot": True, "agreed_on": today, "place": "V1"}
        desk.open("mediator", **{**calm, **spot})
        return
    desk.open("mediator", **{**calm, "on_spot": False, "place": "V1"})
    if "accept" in desk.where():
        desk.do("village_leader", "accept", acceptance="受理")
    later(desk.world, dice, 30)
    if dice.random() < 0.6:
        desk.send("mediator", "withdraw", withdrawn_on=today)


def later(world: World, dice: random.Random, hours: int) -> None:
    world.now += timedelta(hours=dice.randint(0, hours))


def plain(db: Session, period: Period) -> Counter[str]:
    """What the answers in the vault and the chain say, reckoned without marks or counters."""
    found: Counter[str] = Counter()
    said: dict[int, list[tuple[datetime, Task | None, dict[str, Any]]]] = defaultdict(list)
    rows = select(VaultRow, Task).outerjoin(Task, Task.id == VaultRow.task_id)
    for row, task in db.execute(rows.order_by(VaultRow.at, VaultRow.id)):
        assert row.payload is not None
        clean = vault.unseal(row.payload, of_answers(row))
        said[row.case_id].append((row.at, task, clean))
    for case in db.scalars(select(Case)):
        for measure, at in plain_case(case, said[case.id]):
            found[measure] += period.start <= at < period.end
    for event in db.scalars(select(Event)):
        bounced = event.kind == "message.sent" and '"message":"bounce"' in event.data
        kinds = {"case.closed": "ended", "case.reopened": "reopened", "task.returned": "returned"}
        measure = "returned" if bounced else kinds.get(event.kind, "")
        found[measure] += period.start <= event.at < period.end
    return found


def plain_case(case: Case, said: list[tuple[datetime, Task | None, dict[str, Any]]]) -> Any:
    """The measures of one case, each with its moment."""
    last: dict[str, tuple[datetime, Any]] = {}
    for at, _task, clean in said:
        for name in ("satisfaction", "solved", "exclusion_decided", "acceptance", "on_spot"):
            if name in clean:
                last[name] = at, clean[name]
    excluded = last.get("exclusion_decided", (None, ""))[1] == "同意剔除"
    at, rating = last.get("satisfaction", (case.opened_at, None))
    if rating in RATINGS[:3] and not excluded:
        yield "rated", at
        if rating in RATINGS[:2]:
            yield "satisfied", at
        if "solved" in last:
            yield "solve_asked", at
            if last["solved"][1]:
                yield "solved", at
    for at, task, clean in said:
        if clean.get("answered_now") or "contacted" in clean:
            yield "contact_due", at
            told = clean.get("first_contact_at")
            first = datetime.fromisoformat(told).replace(tzinfo=ZONE) if told else None
            assert task is not None
            day = timedelta(hours=24)
            if clean.get("answered_now") or (first and first <= task.opened_at + day):
                yield "contact_in_time", at
            break
    if case.process == "dispute":
        yield from plain_mediation(case, said)


def plain_mediation(case: Case, said: list[tuple[datetime, Task | None, dict[str, Any]]]) -> Any:
    """When mediation ended, and whether it was settled."""
    agreed = [at for at, _task, clean in said if clean.get("agreed_on")]
    ended = [at for at, _t, clean in said if clean.get("ended_on") or clean.get("withdrawn_on")]
    accepted = any(clean.get("acceptance") == "受理" for _at, _task, clean in said)
    if agreed:
        yield from (("mediated", agreed[0]), ("settled", agreed[0]))
    elif ended:
        yield "mediated", ended[-1]
    elif accepted and case.closed_at is not None:
        yield "mediated", case.closed_at


def periods(world: World, dice: random.Random) -> list[Period]:
    """The whole time, and some days of it."""
    first, last = date(2026, 11, 1), world.now.astimezone(ZONE).date()
    days = (last - first).days
    starts = [first + timedelta(days=dice.randint(0, days)) for _number in range(4)]
    return [Period(first, last), *(Period(one, max(one, last - timedelta(4))) for one in starts)]


def compared(world: World, dice: random.Random) -> Counter[str]:
    """Compare figures, lists and a plain look in some periods; return the whole."""
    whole: Counter[str] = Counter()
    with reading(snapshot=True) as db:
        actor = world.actor(db, "county_supervisor")
        area: Area = areas.chosen(db, actor, None)[0]
        for period in periods(world, dice):
            found, wanted = figures.figures(db, area, period, world.now).total, plain(db, period)
            assert {one: found[one] for one in MEASURES} == {one: wanted[one] for one in MEASURES}
            for measure in MEASURES:
                listed = ListingQuery(measure, area, period)
                rows = listing.entries(db, actor, listed, world.now, size=500).rows
                assert len(rows) == wanted[measure], measure
            whole = whole or wanted
        assert doctor.examine(db, world.now, contents=False).findings == []
    return whole


@pytest.mark.parametrize("seed", [1, 2])
def test_it_counts_what_the_answers_say(people: World, seed: int) -> None:
    dice = random.Random(seed)
    plays: list[Callable[[Desk, random.Random], None]] = [call, call, quarrel]
    for _number in range(12):
        play = dice.choice(plays)
        desk = Desk(people, "dispute" if play is quarrel else "hotline")
        play(desk, dice)
        if dice.random() < 0.3:
            with transaction() as db:
                tallies.fold(db)
    whole = compared(people, dice)
    assert all(whole[measure] for measure in ("rated", "contact_due", "mediated", "ended"))

    with transaction() as db:
        for table in (CaseMark, Tally, TallyDelta):
            db.execute(delete(table))
    assert recount().counters > 20
    assert compared(people, dice) == whole
    again = recount()
    assert (again.counters, again.marks) == (0, 0)
