"""The thirty days for asking the court: from the agreement's effect, whoever does what when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine.casework import cases, moves
from engine.errors import Conflict
from engine.models import Due, Outbox, Task
from engine.reading import casefile
from engine.reports import clock_history
from engine.storage.db import reading, transaction
from engine.terms import lamps
from forms import InvalidAnswers
from tests.processes.desk import Desk

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Monday, 23 November 2026, 10:00 in Shanghai: the desk's agreements were sealed two weeks before.
LATE = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SEALED = date(2026, 11, 9)
# Thirty days after 9 November: the end of 9 December, 24:00 in Shanghai.
LAST = datetime(2026, 12, 9, 16, 0, tzinfo=UTC)


def sealed(desk: Desk, on: date = SEALED) -> Desk:
    """A written agreement of which the court is asked; the seal is entered two weeks late."""
    desk.open("mediator", place="V1", dispute_type="邻里纠纷", people_count=2, amount=0)
    desk.do("village_leader", "accept", acceptance="受理", in_scope=True)
    desk.do("village_leader", "assign")
    desk.do("mediator", "rights", willing="同意")
    desk.do("mediator", "investigate")
    desk.do("mediator", "mediate", mediation_result="达成协议")
    desk.do("mediator", "agreement", agreement_form="书面", judicial_confirmation=True)
    desk.world.now = LATE
    desk.do("village_leader", "seal", sealed_on=on.isoformat())
    return desk


def judicial(desk: Desk) -> Task:
    return desk.world.task(desk.case_id, "judicial")


def test_it_counts_from_the_effect_and_not_from_opening_or_signing(dispute: Desk) -> None:
    desk = sealed(dispute)
    task = judicial(desk)
    assert (task.due_at, task.limit_source) == (LAST, "law")
    assert task.deadline_at == task.sign_due_at

    desk.world.now += timedelta(days=1, hours=1)
    with transaction() as db:
        actor = desk.world.actor(db, "village_leader")
        cases.sign(db, actor, task.id, now=desk.world.now)
    assert (judicial(desk).due_at, judicial(desk).deadline_at) == (LAST, LAST)


def test_nobody_signs_and_it_ends_all_the_same(dispute: Desk) -> None:
    desk = sealed(dispute)
    desk.world.work(LATE + timedelta(days=4))
    assert judicial(desk).due_at == LAST
    desk.world.work(LAST)
    assert any('"handle"' in one.data for one in desk.world.events(desk.case_id, "clock.expired"))


def test_nothing_prolongs_what_the_law_sets(dispute: Desk) -> None:
    desk = sealed(dispute)
    task = judicial(desk)
    with transaction() as db:
        actor = desk.world.actor(db, "village_leader")
        cases.sign(db, actor, task.id, now=desk.world.now)
    with pytest.raises(Conflict, match=str(task.id)), transaction() as db:
        actor = desk.world.actor(db, "village_leader")
        moves.suspend(db, actor, task.id, "party", "等人", now=desk.world.now)
    with pytest.raises(Conflict, match=str(task.id)), transaction() as db:
        actor = desk.world.actor(db, "village_leader")
        moves.ask_extension(db, actor, task.id, 5, "等人", now=desk.world.now)
    assert judicial(desk).due_at == LAST


def test_what_is_entered_after_the_last_day_is_late_at_once(dispute: Desk) -> None:
    """One ring for being late; the rungs of weeks that nobody had the task do not come at once."""
    desk = sealed(dispute, date(2026, 10, 10))
    task = judicial(desk)
    assert task.due_at == datetime(2026, 11, 9, 16, 0, tzinfo=UTC)
    with reading() as db:
        rows = list(db.scalars(select(Due).where(Due.task_id == task.id)))
    assert [row.fire_at for row in rows if row.kind == "due"] == [task.due_at]
    assert all(row.fire_at > LATE for row in rows if row.kind == "rung")
    desk.world.work(LATE + timedelta(minutes=1))
    expired = [one.task_id for one in desk.world.events(desk.case_id, "clock.expired")]
    assert expired.count(task.id) == 1


def test_the_page_of_clocks_says_from_when_it_counts(dispute: Desk) -> None:
    desk = sealed(dispute)
    with reading() as db:
        actor = desk.world.actor(db, "village_leader")
        file = casefile.open_file(db, actor, desk.case_id)
        told = clock_history.of_case(db, file, desk.world.now)
    clock = next(
        one
        for group in told.groups
        if group.task and group.task.node_id == "judicial"
        for one in group.clocks
        if one.kind == "handle"
    )
    assert (clock.start, clock.due) == (datetime(2026, 11, 8, 16, 0, tzinfo=UTC), LAST)
    assert clock.by["source"] == "law"


def filed(desk: Desk, on: str, effective: date = SEALED, **more: object) -> None:
    days = {"effective_on": effective.isoformat(), "filed_on": on, "decided_on": on}
    desk.do("village_leader", "judicial", **days, **{"filed_late_reason": None, **more})


def test_filing_after_the_last_day_wants_a_reason(dispute: Desk) -> None:
    """The court may refuse it: whoever enters such a date is asked to look at it again."""
    desk = sealed(dispute)
    desk.world.now = LAST + timedelta(days=3)
    with pytest.raises(InvalidAnswers) as refused:
        filed(desk, "2026-12-10")
    assert list(refused.value.errors) == ["filed_late_reason"]
    filed(desk, "2026-12-10", filed_late_reason="法院说明仍可受理。")
    assert "judicial" not in desk.where()


def test_filing_on_the_last_day_is_in_time(dispute: Desk) -> None:
    """Entered days after: the date counts. The end of the day belongs to it."""
    desk = sealed(dispute)
    desk.world.now = LAST + timedelta(days=3)
    filed(desk, "2026-12-09")
    assert "judicial" not in desk.where()


def test_the_last_day_is_the_one_after_a_holiday(dispute: Desk) -> None:
    """Thirty days from 7 September end on 7 October, a holiday: the 8th is in time."""
    desk = sealed(dispute, date(2026, 9, 7))
    filed(desk, "2026-10-08", date(2026, 9, 7))
    assert "judicial" not in desk.where()


def warned(desk: Desk) -> list[datetime]:
    """When the task is to warn, in the office's time."""
    mine = select(Due.fire_at).where(Due.task_id == judicial(desk).id, Due.kind == "warn")
    with reading() as db:
        return [at.astimezone(SHANGHAI) for at in db.scalars(mine.order_by(Due.fire_at))]


def told(desk: Desk) -> list[datetime]:
    """When somebody was told that it ends soon."""
    mine = Outbox.task_id == judicial(desk).id, Outbox.key == "task.soon_due"
    with reading() as db:
        return [at.astimezone(SHANGHAI) for at in db.scalars(select(Outbox.at).where(*mine))]


# Ten days before 9 December is a Sunday, and three days before it, too: the Fridays before them.
TEN = datetime(2026, 11, 27, 8, 30, tzinfo=SHANGHAI)
THREE = datetime(2026, 12, 4, 8, 30, tzinfo=SHANGHAI)


def test_it_warns_ten_days_and_three_days_before_the_last(dispute: Desk) -> None:
    """Each warning reaches whoever has signed for it, once; the first turns the lamp."""
    desk = sealed(dispute)
    task = judicial(desk)
    assert warned(desk) == [TEN, THREE]
    with transaction() as db:
        cases.sign(db, desk.world.actor(db, "village_leader"), task.id, now=desk.world.now)
    assert warned(desk) == [TEN, THREE]
    assert judicial(desk).warn_at == TEN
    for moment in (TEN, THREE, LAST):
        desk.world.work(moment)
    assert told(desk) == [TEN, THREE]


@pytest.mark.parametrize(
    ("on", "moments"),
    [
        # The last day is 28 November, a Saturday, so 30 November: the 20th has passed.
        (date(2026, 10, 29), [datetime(2026, 11, 27, 8, 30, tzinfo=SHANGHAI)]),
        # The last day is 23 November: its third day before is the Friday, passed as well.
        (date(2026, 10, 24), []),
    ],
    ids=["the second", "neither"],
)
def test_a_warning_that_has_passed_is_not_made_up_for(
    dispute: Desk, on: date, moments: list[datetime]
) -> None:
    """The seal is entered late: only what lies ahead warns, and a lamp of the past is yellow."""
    desk = sealed(dispute, on)
    assert warned(desk) == moments
    task = judicial(desk)
    with transaction() as db:
        cases.sign(db, desk.world.actor(db, "village_leader"), task.id, now=desk.world.now)
    task = judicial(desk)
    assert lamps.lamp(task.deadline_at, task.warn_at, desk.world.now) == lamps.YELLOW
    desk.world.work(LATE + timedelta(minutes=1))
    assert told(desk) == []
