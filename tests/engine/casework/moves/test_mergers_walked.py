"""Random calls, mergers, work and ends; after each what must hold of clocks and counts holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, rule
from sqlalchemy import select

from engine.casework import cases, moves
from engine.models import Case, Merger, Task, Unit
from engine.models.mergers import OUT, WAITING
from engine.operations import doctor
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.moves import retold
from tests.engine.casework.moves.attempts import REFUSED
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World
from tests.processes.desk import Desk
from tests.tally_totals import totals

pytestmark = pytest.mark.timeout(600)
CALL = {"place": "V1", "topic": "住房建设", "area": "城区", "request_kind": "投诉"}
BY_TABLE = {"dispatch_mode": "派单", "unit_choice": "按分流表"}
# Who does a step, and the answers that it is done with, one of them by chance.
STEPS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "dispatch": ("county_dispatcher", [BY_TABLE, BY_TABLE, {"dispatch_mode": "不予受理"}]),
    "handle": ("handler", [{}]),
    "correct": ("handler", [{}]),
    "check": ("county_dispatcher", [{"reply_ok": True}, {"reply_ok": True}, {"reply_ok": False}]),
    "inform_refusal": ("operator", [{}]),
    "call_back": (
        "operator",
        [
            {"satisfaction": "满意", "solved": True},
            {"satisfaction": "不满意", "solved": False, "explained": False},
        ],
    ),
    "verify": ("county_supervisor", [{"verdict": "认定办结"}]),
}


class Merging(Walk):
    """Callers about one matter or another, and people who are not always sure which."""

    opened = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.promised: dict[int, tuple[datetime | None, int]] = {}

    @rule(target=opened)
    def somebody_calls(self) -> int:
        return self._call("")

    @rule(target=opened, main=opened)
    def somebody_is_added(self, main: int) -> int:
        with reading() as db:
            return self._call(db.get_one(Case, main).number)

    @rule(case=opened, main=opened, who=st.sampled_from(["operator", "county_dispatcher"]))
    def merge(self, case: int, main: int, who: str) -> None:
        with reading() as db:
            number = db.get_one(Case, main).number
        self._try("merge", who, moves.merge, case, number, "同一件事")

    @rule(case=opened, who=st.sampled_from(["operator", "county_dispatcher"]))
    def unmerge(self, case: int, who: str) -> None:
        self._try("unmerge", who, moves.unmerge, case, "不是同一件事")

    @rule(case=opened, data=st.data())
    def the_work_goes_on(self, case: int, data: st.DataObject) -> None:
        with reading() as db:
            open_tasks = select(Task).where(Task.case_id == case, Task.done_at.is_(None))
            task = db.scalars(open_tasks.order_by(Task.opened_at, Task.node_id)).first()
        if task is None or task.node_id not in STEPS:
            return
        who, answers = STEPS[task.node_id]
        desk = Desk(self.world, "hotline", case)
        desk.complete(who, task.id, str(task.form), **data.draw(st.sampled_from(answers)))
        event(f"done: {task.node_id}")

    @rule(case=opened)
    def the_applicant_withdraws(self, case: int) -> None:
        try:
            Desk(self.world, "hotline", case).send("operator", "withdraw")
        except REFUSED:
            event("withdraw: refused")

    @rule(hours=st.sampled_from([1, 5, 30]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)
        ticks.sweep(self.world.now)

    @rule()
    def the_worker_delivers(self) -> None:
        ticks.deliver(self.world.now)

    @invariant()
    def nothing_is_half_done(self) -> None:
        assert_whole(now=self.world.now)
        with reading(snapshot=True) as db:
            assert doctor.examine(db, self.world.now).findings == []

    @invariant()
    def every_moment_is_where_a_slow_reckoning_puts_it(self) -> None:
        with reading() as db:
            retold.assert_as_told(db, self.world.now)

    @invariant()
    def applicants_and_matters_are_counted(self) -> None:
        """A main case stands for as many as are in it; what waits has no work of its own."""
        with reading() as db:
            mergers = list(db.scalars(select(Merger)))
            found = {case.id: case for case in db.scalars(select(Case))}
            open_ids = set(db.scalars(select(Task.case_id).where(Task.done_at.is_(None))))
            counted = totals(db, list(db.scalars(select(Unit.id))))
        inside = Counter(one.main_id for one in mergers if one.state != OUT)
        waits = {one.case_id: one.main_id for one in mergers if one.state == WAITING}
        for case in found.values():
            assert case.applicants == 1 + inside[case.id]
            assert case.main_id == waits.get(case.id)
        # Of what waits only what nobody has to do with the matter is open.
        nodes = self._open_nodes(waits.keys() & open_ids)
        assert nodes <= {"urge", "approve_close"}
        measures = Counter[str]()
        for (_unit, _process, measure), amount in counted.items():
            measures[measure] += amount
        assert measures["opened"] == len(found)
        assert measures["merged"] == sum(inside.values())

    @invariant()
    def a_promise_is_kept_as_it_was_given(self) -> None:
        """Neither a merger nor coming out of it moves a citizen's clock."""
        with reading() as db:
            rows = {one.id: one for one in db.scalars(select(Case))}
        for case in rows.values():
            now = (case.due_at, len(case.answers or ()))
            before = self.promised.get(case.id, now)
            assert before[1] != now[1] or before[0] == now[0]
            self.promised[case.id] = now

    def _open_nodes(self, ids: set[int]) -> set[str]:
        with reading() as db:
            query = select(Task.node_id).where(Task.case_id.in_(ids), Task.done_at.is_(None))
            return set(db.scalars(query))

    def _call(self, joins: str) -> int:
        given = Desk(self.world, "hotline").answers("operator", "hotline/intake", **CALL)
        with transaction() as db:
            actor = self.world.actor(db, "operator")
            now = self.world.now
            return cases.open_case(db, actor, "hotline", given, now=now, joins=joins).id

    def _try(self, name: str, who: str, use: Callable[..., Any], *args: Any) -> None:
        try:
            with transaction() as db:
                use(db, self.world.actor(db, who), *args, now=self.world.now)
        except REFUSED:
            event(f"{name}: refused")
        else:
            event(f"{name}: done")


@pytest.fixture
def walks(
    people: World, database: str, backend: str, copies: Callable[[str], Any]
) -> type[Merging]:
    """The machine over the county with its hotline."""
    return on_copies(Merging, people, copies(backend), database)


def test_clocks_and_counts_hold_in_any_order_of_mergers(walks: type[Merging]) -> None:
    """A few walks; `HYPOTHESIS_PROFILE=explore` takes many more."""
    take(walks, examples=20 if EXPLORING else 2, steps=50 if EXPLORING else 15)
