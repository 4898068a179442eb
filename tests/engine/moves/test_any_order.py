"""Random legal and illegal moves by everybody on many cases; what must hold holds after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from engine import casefile, cases, moves, policy, worker
from engine.db import reading, transaction
from engine.errors import DomainError, NotFound
from engine.models import Case, CaseAccess, Pause, Task, Unit
from engine.moves.allowances import REASONS
from engine.worktime import Limit
from forms import Invalid
from tests.engine.cases.world import ACCEPT, DISPATCH, HANDLE, PHOTOS, POSTS, TRACK, World
from tests.engine.moves.claims import assert_whole

LOGINS = [login for login, _unit, _role in POSTS]
UNITS = ["620725-ZJJ", "620725-SWJ", "T1-ZZ", "T2", "V1"]
ANSWERS = {"accept": ACCEPT, "dispatch": DISPATCH, "handle": HANDLE, "track": TRACK}
people = st.sampled_from(LOGINS)
# Refused is as good as done, as long as nothing is half done.
REFUSED = (DomainError, Invalid)


class AnyOrder(RuleBasedStateMachine):
    """Thirteen people press whatever button they like; the worker runs between."""

    opened = Bundle("cases")
    world: World
    units: dict[str, int]

    @rule(target=opened)
    def open_case(self) -> int:
        return self.world.open()

    @rule(hours=st.sampled_from([1, 2, 5, 26, 100]))
    def time_passes(self, hours: int) -> None:
        self.world.now += timedelta(hours=hours)
        worker.sweep(self.world.now)

    @rule(case=opened, who=people)
    def complete(self, case: int, who: str) -> None:
        self._complete(case, who)

    @rule(case=opened)
    def go_on(self, case: int) -> None:
        """Whoever is to do it does it: else random people never get far."""
        task = self._task(case)
        turns = {"accept": "grid_leader", "dispatch": "dispatcher", "handle": "handler"}
        self._complete(case, turns.get(task.node_id, "worker") if task else "worker")

    @rule(case=opened, who=people)
    def sign(self, case: int, who: str) -> None:
        self._try(who, cases.sign, self._task(case))

    @rule(case=opened, who=people)
    def release(self, case: int, who: str) -> None:
        self._try(who, cases.release, self._task(case))

    @rule(case=opened, who=people, unit=st.sampled_from(UNITS), to=st.none() | people)
    def transfer(self, case: int, who: str, unit: str, to: str | None) -> None:
        person = self.world.logins[to] if to else None
        self._try(who, moves.transfer, self._task(case), self.units[unit], "说明", user_id=person)

    @rule(case=opened, who=people, to=people)
    def assign(self, case: int, who: str, to: str) -> None:
        self._try(who, moves.assign, self._task(case), self.world.logins[to])

    @rule(case=opened, who=people)
    def urge(self, case: int, who: str) -> None:
        self._try(who, moves.urge, self._task(case))

    @rule(case=opened, who=people, reason=st.sampled_from(sorted(REASONS)))
    def suspend(self, case: int, who: str, reason: str) -> None:
        self._try(who, moves.suspend, self._task(case), reason, "说明")

    @rule(case=opened, who=people)
    def resume(self, case: int, who: str) -> None:
        self._try(who, moves.resume, self._task(case))

    @rule(case=opened, who=people, amount=st.integers(1, 3))
    def ask_extension(self, case: int, who: str, amount: int) -> None:
        self._try(who, moves.ask_extension, self._task(case), amount, "说明")

    @rule(case=opened, who=people, granted=st.booleans())
    def decide(self, case: int, who: str, granted: bool) -> None:
        self._try(who, moves.decide_extension, self._task(case), granted, "说明")

    @rule(case=opened, who=people)
    def recall(self, case: int, who: str) -> None:
        self._try(who, moves.recall, self._last_done(case))

    @rule(case=opened)
    def recall_own(self, case: int) -> None:
        task = self._last_done(case)
        names = {user: login for login, user in self.world.logins.items()}
        if task is not None and task.done_by in names:
            self._try(names[task.done_by], moves.recall, task)

    @rule(case=opened, who=people, unit=st.sampled_from(UNITS))
    def ask_help(self, case: int, who: str, unit: str) -> None:
        limit = Limit(1, "working_days")
        self._try(who, moves.ask_help, self._task(case), self.units[unit], limit, "请协助")

    @rule(case=opened, who=people, text=st.sampled_from(["已联系", "已到场"]))
    def comment(self, case: int, who: str, text: str) -> None:
        with self._refusals():
            self._by(
                who, lambda db, actor: moves.comment(db, actor, case, text, now=self.world.now)
            )

    @rule(case=opened, who=people)
    def press_what_is_offered(self, case: int, who: str) -> None:
        """What is offered as ready must not be refused: tried with moves that need no words."""
        plain = {"urge": moves.urge, "resume": moves.resume, "recall": moves.recall}
        for task in (self._task(case), self._last_done(case)):
            for key in self._ready(who, case, task):
                if key in plain and task is not None:
                    self._by(
                        who,
                        lambda db, actor, use=plain[key], of=task.id: use(
                            db, actor, of, now=self.world.now
                        ),
                    )
                    return

    @invariant()
    def nothing_is_half_done(self) -> None:
        assert_whole(now=self.world.now)

    @invariant()
    def nobody_sees_what_they_may_not(self) -> None:
        with reading() as db:
            stranger = self.world.actor(db, "sibling")
            for case in db.scalars(select(Case)):
                granted = set(
                    db.scalars(select(CaseAccess.unit_id).where(CaseAccess.case_id == case.id))
                )
                assert policy.can_see(db, stranger, case) == (self.units["V3"] in granted)

    @invariant()
    def a_running_pause_belongs_to_a_suspended_task(self) -> None:
        with reading() as db:
            running = set(db.scalars(select(Pause.task_id).where(Pause.until_at.is_(None))))
            suspended = set(db.scalars(select(Task.id).where(Task.paused_at.is_not(None))))
        assert running == suspended

    def _complete(self, case: int, who: str) -> None:
        task = self._task(case)
        node = task.node_id if task else ""
        answers: dict[str, Any] = dict(ANSWERS.get(node, {}))
        if node in PHOTOS:
            answers[PHOTOS[node]] = [self.world.photo(who)]
        self._try(who, cases.complete_task, task, answers)

    def _task(self, case: int) -> Task | None:
        with reading() as db:
            query = select(Task).where(Task.case_id == case, Task.done_at.is_(None))
            return db.scalars(query.order_by(Task.id).limit(1)).first()

    def _last_done(self, case: int) -> Task | None:
        with reading() as db:
            query = select(Task).where(Task.case_id == case, Task.done_at.is_not(None))
            return db.scalars(query.order_by(Task.done_at.desc(), Task.id.desc()).limit(1)).first()

    def _ready(self, who: str, case: int, task: Task | None) -> list[str]:
        with reading() as db:
            actor = self.world.actor(db, who)
            try:
                file = casefile.open_file(db, actor, case)
            except NotFound:
                return []
            if task is not None:
                task = file.task(task.id) or casefile.done_task(db, file, task.id)
            found = moves.offers(db, actor, file, task, self.world.now)
        return [offer.move.key for offer in found if offer.ready]

    def _try(
        self, who: str, use: Callable[..., Any], task: Task | None, *args: Any, **named: Any
    ) -> None:
        if task is None:
            return
        with self._refusals():
            self._by(
                who,
                lambda db, actor: use(db, actor, task.id, *args, now=self.world.now, **named),
            )

    def _by(self, who: str, act: Callable[..., Any]) -> None:
        with transaction() as db:
            act(db, self.world.actor(db, who))

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        with suppress(*REFUSED):
            yield


def test_it_holds_in_any_order_of_moves(world: World) -> None:
    """A few long walks; `HYPOTHESIS_PROFILE=explore` takes many more."""
    with reading() as db:
        codes = [*UNITS, "V3"]
        found = db.execute(select(Unit.code, Unit.id).where(Unit.code.in_(codes)))
        units = {row.code: row.id for row in found}

    class Here(AnyOrder):
        pass

    Here.world, Here.units = world, units
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=3,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
