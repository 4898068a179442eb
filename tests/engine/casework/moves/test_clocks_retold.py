"""Everything that moves a clock, in any order and with a worker that comes late, against the slow
calculation: pauses, extensions, re-triage, returns, transfers, reopenings, emergencies.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    invariant,
    rule,
)
from sqlalchemy import select

from engine.casework import background_recalculations
from engine.errors import DomainError
from engine.models import Task, Unit
from engine.storage.db import reading, transaction
from engine.timing import calendars, emergencies
from engine.timing.emergencies import Override
from engine.worker import ticks
from engine.worktime import Limit
from tests.engine.casework.moves import retold, trial
from tests.engine.casework.moves.attempts import LOGINS, REFUSED, Attempts
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World
from tests.engine.worktime.test_worktime import SHANGHAI

HOLDERS = ("suspend", "resume", "ask_extension", "transfer", "return_task", "release", "complete")
OTHERS = (
    "decide_extension",
    "decide_pause",
    "reclassify",
    "reopen",
    "recall",
    "send_message",
    "assign",
)
HARD_TIMES = (Override(Limit(2, "working_hours"), "ticket", "accept"),)


pytestmark = pytest.mark.timeout(600)


class Clocks(Walk):
    """Cases whose clocks are moved by everybody; the worker comes when it likes."""

    opened = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.swept_at = self.world.now

    def teardown(self) -> None:
        try:
            self.the_worker_comes()
            self.every_moment_is_where_a_slow_reckoning_puts_it()
        finally:
            super().teardown()

    @rule(target=opened, process=st.sampled_from(["ticket", trial.KEY]))
    def open_one(self, process: str) -> int:
        return self.world.open(process=process)

    @rule(minutes=st.sampled_from([7, 50, 180, 600, 1500, 4321, 9000]))
    def time_passes(self, minutes: int) -> None:
        self.world.now += timedelta(minutes=minutes)

    @rule(clock=st.sampled_from([time(8, 30), time(12), time(18), time(0)]))
    def a_time_comes_at_which_clocks_end(self, clock: time) -> None:
        local = self.world.now.astimezone(SHANGHAI)
        at = datetime.combine(local.date(), clock, SHANGHAI)
        at += timedelta(days=at <= local)
        self.world.now += at - local

    @rule()
    def the_worker_comes(self) -> None:
        assert ticks.sweep(self.world.now)["failed"] == 0
        ticks.recalculate(self.world.now)
        ticks.sweep(self.world.now)
        self.swept_at = self.world.now

    @rule(case=opened, data=st.data())
    def it_goes_on(self, case: int, data: st.DataObject) -> None:
        self._try(data, "go_on", "", case)

    @rule(case=opened, data=st.data(), who=st.sampled_from(LOGINS))
    def somebody_signs(self, case: int, who: str, data: st.DataObject) -> None:
        self._try(data, "sign", who, case)

    @rule(case=opened, data=st.data(), name=st.sampled_from(HOLDERS))
    def the_holder_tries(self, case: int, name: str, data: st.DataObject) -> None:
        with reading() as db:
            mine = select(Task.assignee_id).where(Task.case_id == case, Task.done_at.is_(None))
            held = set(db.scalars(mine))
        for login, user in self.world.logins.items():
            if user in held:
                self._try(data, name, login, case)
                return

    @rule(case=opened, data=st.data(), name=st.sampled_from(OTHERS))
    def somebody_above_tries(self, case: int, name: str, data: st.DataObject) -> None:
        above = ["county_leader", "county_dispatcher", "department_leader", "town_leader", "worker"]
        self._try(data, name, data.draw(st.sampled_from(above)), case)

    @rule(on=st.booleans(), where=st.sampled_from(["620725", "T1", "620725-ZJJ"]))
    def an_emergency_begins_or_ends(self, on: bool, where: str) -> None:
        # A minute of its own: what was done before it went by the old limits.
        self.world.now += timedelta(minutes=1)
        try:
            with transaction() as db:
                leader = self.world.actor(db, "county_leader")
                unit, now = self.units[where], self.world.now
                if on:
                    emergencies.switch_on(
                        db, leader, unit, factor=50, overrides=HARD_TIMES, reason="防汛", now=now
                    )
                else:
                    emergencies.switch_off(db, leader, unit, reason="解除", now=now)
        except DomainError:
            return
        # Whoever opens or changes something now goes by the new limits at once.
        self.world.now += background_recalculations.SETTLE

    @invariant()
    def every_moment_is_where_a_slow_reckoning_puts_it(self) -> None:
        """Whatever people did before the worker came; what waits for it has not happened yet."""
        if self.swept_at == self.world.now:
            with reading() as db:
                retold.assert_as_told(db, self.world.now)

    @invariant()
    def nothing_is_below_zero(self) -> None:
        with reading() as db:
            for task in db.scalars(select(Task)):
                began = task.started_at or task.opened_at
                assert began >= task.opened_at
                assert task.due_at is None or task.due_at >= began
                assert task.sign_due_at is None or task.sign_due_at >= task.opened_at

    def _try(self, data: st.DataObject, name: str, who: str, case: int) -> None:
        attempts = Attempts(
            self.world, self.units, lambda found: data.draw(st.sampled_from(list(found)))
        )
        try:
            done = attempts.make(name, who, case)
        except REFUSED:
            event(f"{name}: refused")
        else:
            event(f"{name}: {'done' if done else 'nothing to do'}")


@pytest.fixture
def walks(world: World, database: str, backend: str, copies: Callable[[str], Any]) -> type[Clocks]:
    """The machine; the water bureau never closes, so that a transfer changes the calendar."""
    trial.publish(world)
    with transaction() as db:
        bureau = db.scalars(select(Unit.id).where(Unit.code == "620725-SWJ")).one()
        uses = {str(bureau): calendars.ALWAYS}
        calendars.touch(db, uses, world.now, calendar="uses")
    return on_copies(Clocks, world, copies(backend), database)


def test_it_is_never_a_minute_apart(walks: type[Clocks]) -> None:
    """Some long walks; `HYPOTHESIS_PROFILE=explore` takes many more."""
    take(walks, examples=40 if EXPLORING else 6, steps=50)
