"""Limits that the law sets by kind of dispute: from which day they count, and what moves them.

The dates are worked out by hand: from 20 November 2026, a Friday, the only day off besides
weekends is 1 January 2027.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from engine import org
from engine.casework import cases, moves
from engine.errors import Conflict
from engine.models import Case, Task
from engine.storage.db import reading, transaction
from tests.engine.bpmn.check.drawing import look
from tests.processes.desk import Desk
from tests.processes.walk import ROOT

FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
# The fifteenth day, 5 December, is a Saturday: at 24:00 of Monday the 7th.
LABOUR_ENDS = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)
# Five weeks to 25 December, 28 to 31, and 4 January.
MEDICAL_ENDS = datetime(2027, 1, 4, 10, 0, tzinfo=UTC)


def county_mediator(desk: Desk) -> None:
    """Let somebody mediate for the county."""
    with transaction() as db:
        unit = org.unit_by_code(db, "620725")
        assert unit is not None
        user = org.create_user(
            db, None, login="county_mediator", name="县调解员", password_hash="x",
            now=desk.world.now,
        )  # fmt: skip
        org.create_post(db, None, unit=unit, role="mediator", user=user, now=desk.world.now)
        desk.world.logins["county_mediator"] = user.id


def mediated(desk: Desk, who: str, leader: str, kind: str, days: dict[str, str]) -> Task:
    """A dispute of this kind at the step of mediation, two days after it was accepted."""
    applied, accepted = ({name: days[name]} if name in days else {} for name in
                         ("applied_on", "accepted_on"))  # fmt: skip
    desk.open(
        "mediator", place="V1", dispute_type=kind, people_count=3, amount=0, on_spot=False,
        occurred_on="2026-10-01", **applied,
    )  # fmt: skip
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True, **accepted)
    desk.do(leader, "assign", mediator=None)
    desk.world.now += timedelta(days=2)
    today = desk.world.now.date().isoformat()
    desk.do(who, "rights", willing="同意", told_on=today)
    desk.do(who, "investigate", investigated_on=today)
    task = desk.world.task(desk.case_id, "mediate")
    with transaction() as db:
        cases.sign(db, desk.world.actor(db, who), task.id, now=desk.world.now)
    return desk.world.task(desk.case_id, "mediate")


def test_fifteen_days_of_a_labour_dispute_count_from_receipt(dispute: Desk) -> None:
    """劳动争议调解仲裁法, art. 14: received on Friday the 20th, taken up and mediated later."""
    dispute.world.now = FRIDAY + timedelta(days=3)
    days = {"applied_on": "2026-11-20", "accepted_on": "2026-11-23"}
    task = mediated(dispute, "town_mediator", "town_leader", "拖欠农民工工资纠纷", days)
    assert (task.due_at, task.limit_source) == (LABOUR_ENDS, "law")
    # Nothing moves it: neither a pause nor an extension.
    for move, what in ((moves.suspend, "expertise"), (moves.ask_extension, 5)):
        with pytest.raises(Conflict, match=str(task.id)), transaction() as db:
            actor = dispute.world.actor(db, "town_mediator")
            move(db, actor, task.id, what, "等鉴定", now=dispute.world.now)  # type: ignore[operator]


def test_thirty_working_days_of_a_medical_dispute_count_from_acceptance(dispute: Desk) -> None:
    """医疗纠纷预防和处理条例, art. 38: the days of appraisal are left out, in later rounds too."""
    desk = dispute
    desk.world.now = FRIDAY
    county_mediator(desk)
    days = {"applied_on": "2026-11-20", "accepted_on": "2026-11-20"}
    task = mediated(desk, "county_mediator", "county_leader", "医疗纠纷", days)
    assert (task.due_at, task.limit_source) == (MEDICAL_ENDS, "triage")

    # Appraised from Monday, 30 November, to the evening of Friday, 11 December: ten working
    # days, to 18 January.
    after = datetime(2027, 1, 18, 10, 0, tzinfo=UTC)
    desk.world.now = datetime(2026, 11, 30, 0, 30, tzinfo=UTC)
    with transaction() as db:
        actor = desk.world.actor(db, "county_mediator")
        moves.suspend(db, actor, task.id, "expertise", "鉴定", now=desk.world.now)
    desk.world.now = datetime(2026, 12, 11, 10, 0, tzinfo=UTC)
    with transaction() as db:
        moves.resume(db, desk.world.actor(db, "county_mediator"), task.id, now=desk.world.now)
    assert desk.world.task(desk.case_id, "mediate").due_at == after

    desk.world.now = datetime(2026, 12, 14, 1, 0, tzinfo=UTC)
    desk.do("county_mediator", "mediate", mediation_result="再次调解")
    again = desk.world.task(desk.case_id, "mediate")
    assert (again.id != task.id, again.due_at) == (True, after)


def test_the_citizen_is_promised_what_the_kind_of_dispute_takes(dispute: Desk) -> None:
    """A month, until it is known to be medical: then forty working days."""
    desk = dispute
    desk.world.now = FRIDAY
    desk.open("mediator", place="V1", dispute_type="医疗纠纷", people_count=3, amount=0)
    with reading() as db:
        first = db.scalars(select(Case.due_at).where(Case.id == desk.case_id)).one()
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    with reading() as db:
        case = db.get_one(Case, desk.case_id)
        assert case.promise == [40, "working_days"]
        # 20 December is a Sunday. Forty working days: ten more than to 4 January.
        assert first == datetime(2026, 12, 21, 16, 0, tzinfo=UTC)
        assert case.due_at == datetime(2027, 1, 18, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize("process", ["dispute", "ticket", "hotline", "centre"])
def test_whoever_is_on_time_everywhere_answers_on_time(process: str) -> None:
    """No way of a shipped process adds up to more than is promised for its kind of case."""
    names = [f"processes/{process}/{process}.bpmn", f"processes/{process}/triage.dmn"]
    names += [str(one.relative_to(ROOT)) for one in (ROOT / "forms" / process).glob("*.json")]
    found = look({name: (ROOT / name).read_bytes() for name in names})

    assert [one.message.zh for one in found if one.rule == "late-on-time"] == []


@pytest.mark.parametrize(
    ("limit_from", "promise", "finding"),
    [("受理", 40, False), ("签收", 40, True), ("受理", 35, True)],
)
def test_the_check_counts_a_limit_from_its_date(
    limit_from: str, promise: int, finding: bool
) -> None:
    """Thirty days from signing come after a week of other steps; from acceptance they hold it."""
    table = "processes/dispute/triage.dmn"
    names = ["processes/dispute/dispute.bpmn", table]
    names += [str(one.relative_to(ROOT)) for one in (ROOT / "forms/dispute").glob("*.json")]
    files = {name: (ROOT / name).read_bytes() for name in names}
    text = files[table].decode()
    entry = 'r10_{}">\n          <text>{}</text>'
    for name, was, now in (
        ("limit_from", '"受理"', f'"{limit_from}"'),
        ("promise", "40", str(promise)),
    ):
        assert entry.format(name, was) in text
        text = text.replace(entry.format(name, was), entry.format(name, now))
    found = look({**files, table: text.encode()})

    assert any(one.rule == "late-on-time" for one in found) is finding
