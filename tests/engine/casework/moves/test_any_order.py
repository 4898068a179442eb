"""Random legal and illegal moves by everybody on many cases; what must hold holds after each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from inspect import signature
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

from engine.casework import cases, moves
from engine.errors import NotFound
from engine.models import Case, Pause, Task
from engine.operations import doctor
from engine.reading import casefile
from engine.storage.db import reading, transaction
from engine.worker import ticks
from tests.engine.casework.moves import retold, sight, trial
from tests.engine.casework.moves.attempts import LOGINS, NAMES, REFUSED, Attempts
from tests.engine.casework.moves.claims import assert_whole
from tests.engine.casework.moves.walks import EXPLORING, Walk, on_copies, take
from tests.engine.casework.world import World

pytestmark = pytest.mark.timeout(600)
people = st.sampled_from(LOGINS)


class AnyOrder(Walk):
    """Thirteen people press whatever button they like; the worker runs between."""

    opened = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.clocks: dict[int, tuple[datetime | None, datetime | None]] = {}
        self.promised: dict[int, datetime | None] = {}

    @rule(target=opened)
    def open_a_ticket(self) -> int:
        return self.world.open()

    @rule(target=opened)
    def open_a_trial(self) -> int:
        return self.world.open(process=trial.KEY)

    @rule(hours=st.sampled_from([1, 2, 5, 26, 100]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)
        ticks.sweep(self.world.now)

    @rule()
    def the_worker_delivers_and_counts(self) -> None:
        ticks.deliver(self.world.now)
        ticks.fold(self.world.now)

    @rule(case=opened, who=people, name=st.sampled_from(NAMES), data=st.data())
    def try_anything(self, case: int, who: str, name: str, data: st.DataObject) -> None:
        self._try(data, name, who, case)

    @rule(case=opened, data=st.data())
    def whose_turn_it_is_goes_on(self, case: int, data: st.DataObject) -> None:
        self._try(data, "go_on", "", case)

    @rule(case=opened, data=st.data(), name=st.sampled_from(
        ["release", "suspend", "resume", "ask_extension", "transfer", "ask_help", "return_task"]
    ))  # fmt: skip
    def the_holder_tries(self, case: int, name: str, data: st.DataObject) -> None:
        """Whoever has the task: strangers at random are refused before anything happens."""
        task = self._attempts(data).open_task(case)
        logins = {user: login for login, user in self.world.logins.items()}
        if task is not None and task.assignee_id in logins:
            self._try(data, name, logins[task.assignee_id], case)

    @rule(case=opened, who=people)
    def press_what_is_offered(self, case: int, who: str) -> None:
        """What is offered as ready must not be refused: tried with moves that need no words."""
        plain = {"urge": moves.urge, "resume": moves.resume, "recall": moves.recall}
        for task in self._latest(case):
            for key in self._ready(who, case, task):
                if key in plain:
                    with transaction() as db:
                        actor = self.world.actor(db, who)
                        plain[key](db, actor, task.id, now=self.world.now)
                    return

    @invariant()
    def nothing_is_half_done(self) -> None:
        assert_whole(now=self.world.now)

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        with reading(snapshot=True) as db:
            assert doctor.examine(db, self.world.now).findings == []

    @invariant()
    def nobody_sees_what_they_may_not(self) -> None:
        with reading() as db:
            sight.assert_nobody_sees_too_much(db, self.world)

    @invariant()
    def every_moment_is_where_a_slow_reckoning_puts_it(self) -> None:
        """Told again from the chains alone: what fired, what is to fire, and every deadline."""
        with reading() as db:
            retold.assert_as_told(db, self.world.now)

    @invariant()
    def a_running_pause_belongs_to_a_suspended_task(self) -> None:
        with reading() as db:
            running = set(db.scalars(select(Pause.task_id).where(Pause.until_at.is_(None))))
            suspended = set(db.scalars(select(Task.id).where(Task.paused_at.is_not(None))))
            assert all(row.until_at is None or row.until_at >= row.from_at
                       for row in db.scalars(select(Pause)))  # fmt: skip
        assert running == suspended

    @invariant()
    def no_clock_begins_anew(self) -> None:
        """A handling clock that has started keeps its start, and its end only moves away."""
        with reading() as db:
            tasks = list(db.scalars(select(Task).where(Task.started_at.is_not(None))))
            promised = {case.id: case.due_at for case in db.scalars(select(Case))}
        for task in tasks:
            started, due = self.clocks.get(task.id, (task.started_at, task.due_at))
            assert task.started_at == started
            assert due is None or (task.due_at is not None and task.due_at >= due)
        self.clocks |= {task.id: (task.started_at, task.due_at) for task in tasks}
        for case, due in self.promised.items():
            assert due is None or promised[case] is not None
        self.promised = promised

    def _try(self, data: st.DataObject, name: str, who: str, case: int) -> None:
        try:
            done = self._attempts(data).make(name, who, case)
        except REFUSED:
            event(f"{name}: refused")
        else:
            event(f"{name}: {'done' if done else 'nothing to do'}")
            if name == "reclassify":
                # A shorter limit ends sooner: the one thing that may bring an end nearer.
                self.clocks = {task: (start, None) for task, (start, _) in self.clocks.items()}

    def _attempts(self, data: st.DataObject) -> Attempts:
        return Attempts(
            self.world, self.units, lambda found: data.draw(st.sampled_from(list(found)))
        )

    def _latest(self, case: int) -> list[Task]:
        """An open task of a case, and the one done last."""
        with reading() as db:
            query = select(Task).where(Task.case_id == case).order_by(Task.id.desc())
            open_task = db.scalars(query.where(Task.done_at.is_(None)).limit(1)).first()
            done = query.where(Task.done_at.is_not(None)).order_by(None)
            last = db.scalars(done.order_by(Task.done_at.desc(), Task.id.desc()).limit(1)).first()
        return [task for task in (open_task, last) if task is not None]

    def _ready(self, who: str, case: int, task: Task) -> list[str]:
        with reading() as db:
            actor = self.world.actor(db, who)
            try:
                file = casefile.open_file(db, actor, case)
            except NotFound:
                return []
            found_task = file.task(task.id) or casefile.done_task(db, file, task.id)
            found = moves.offers(db, actor, file, found_task, self.world.now)
        return [offer.move.key for offer in found if offer.ready]


@pytest.fixture
def walks(
    world: World, database: str, backend: str, copies: Callable[[str], Any]
) -> type[AnyOrder]:
    """The machine, with both processes published; every walk gets a copy of the database."""
    trial.publish(world)
    return on_copies(AnyOrder, world, copies(backend), database)


def test_it_holds_in_any_order_of_moves(walks: type[AnyOrder]) -> None:
    """A few long walks; `HYPOTHESIS_PROFILE=explore` takes many more."""
    take(walks, examples=30 if EXPLORING else 3, steps=60 if EXPLORING else 35)


def test_it_tries_every_use_case_that_a_person_has() -> None:
    """A move that is added is tried too: those of the case, and those of engine.casework.moves."""

    def by_people(module: Any) -> set[str]:
        found = {name: getattr(module, name) for name in module.__all__}
        return {name for name, use in found.items()
                if callable(use) and "actor" in _names(use) and "now" in _names(use)}  # fmt: skip

    renamed = {"complete_task": "complete"}
    wanted = (by_people(cases) | by_people(moves)) - {"open_case", "offers", "standing"}

    assert {renamed.get(name, name) for name in wanted} <= set(NAMES)


def _names(use: Any) -> set[str]:
    return set(signature(use).parameters) if not isinstance(use, type) else set()
