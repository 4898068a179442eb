"""Everything that anybody can try on a case, legal or not: one list for all tests that try it all.

An attempt looks at the case without a lock, as a page does, and then acts on what it saw; by
then somebody else may have been there. It either changes the case or is refused with words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from engine.casework import cases, demands, moves
from engine.casework.moves.move_limits import REASONS
from engine.errors import DomainError
from engine.models import Case, Demand, Participation, Task
from engine.storage.db import reading, transaction
from engine.worktime import Limit
from forms import InvalidAnswers
from tests.engine.casework.world import (
    ACCEPT,
    DISPATCH,
    FEEDBACK,
    HANDLE,
    PHOTOS,
    POSTS,
    RATE,
    TRACK,
    WITHDRAW,
    World,
)  # fmt: skip

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
# Refused is as good as done, as long as nothing is half done.
REFUSED = (DomainError, InvalidAnswers)
LOGINS = tuple(login for login, _unit, _role in POSTS)
UNITS = ("620725-ZJJ", "620725-SWJ", "T1-ZZ", "T2", "V1", "V3", "620725")
ANSWERS: dict[str, dict[str, Any]] = {
    "accept": ACCEPT,
    "dispatch": DISPATCH,
    "handle": HANDLE,
    "track": TRACK,
    "feedback": FEEDBACK,
    "rate": RATE,
}
MESSAGES = ("withdraw", "close_early", "hand_up", "answer", "nonsense")
TARGETS = ("report", "accept", "dispatch", "handle", "a", "b", "z", "nowhere")
WORDS = ("已联系", "已到场", "请尽快", "材料不全")


@dataclass
class Attempts:
    """One person after the other at one case after the other; ``choose`` picks from a list."""

    world: World
    units: dict[str, int]
    choose: Choose[Any]

    def make(self, name: str, who: str, case: int) -> bool:
        """Try what is called ``name``; False where there was nothing to try it on.

        Raises DomainError or forms.InvalidAnswers when it is refused.
        """
        done: bool = getattr(self, name)(who, case)
        return done

    def sign(self, who: str, case: int) -> bool:
        return self._on(who, self.open_task(case), cases.sign)

    def release(self, who: str, case: int) -> bool:
        return self._on(who, self.open_task(case), cases.release)

    def keep_draft(self, who: str, case: int) -> bool:
        return self._on(who, self.open_task(case), cases.keep_draft, {"note": "写到一半"})

    def complete(self, who: str, case: int) -> bool:
        task = self.open_task(case)
        return self._on(who, task, cases.complete_task, self.answers(who, task))

    def go_on(self, _who: str, case: int) -> bool:
        """Whoever is to do it does it: with people at random a case never gets far."""
        task = self.open_task(case)
        turn = [login for login, unit, role in POSTS
                if task and role == task.role and self.units[unit] == task.unit_id]  # fmt: skip
        return bool(turn) and self._on(
            turn[0], task, cases.complete_task, self.answers(turn[0], task)
        )

    def complete_badly(self, who: str, case: int) -> bool:
        wrong = {"acceptance": "随便", "handle_result": "x" * 5000, "visited_at": "从来没有"}
        return self._on(who, self.open_task(case), cases.complete_task, wrong)

    def complete_again(self, who: str, case: int) -> bool:
        """The second click, or the page that stayed open."""
        task = self.done_task(case)
        return self._on(who, task, cases.complete_task, self.answers(who, task))

    def return_task(self, who: str, case: int) -> bool:
        target = self.choose(TARGETS)
        return self._on(who, self.open_task(case), cases.return_task, target, "材料不全")

    def send_message(self, who: str, case: int) -> bool:
        message = self.choose(MESSAGES)
        given = WITHDRAW if message == "withdraw" else {}
        self._by(who, lambda db, actor: cases.send_message(
            db, actor, case, message, given, now=self.world.now))  # fmt: skip
        return True

    def transfer(self, who: str, case: int) -> bool:
        unit, to = self.units[self.choose(UNITS)], self.choose((None, *LOGINS))
        person = self.world.logins[to] if to else None
        return self._on(who, self.open_task(case), moves.transfer, unit, "说明", user_id=person)

    def assign(self, who: str, case: int) -> bool:
        person = self.world.logins[self.choose(LOGINS)]
        return self._on(who, self.open_task(case), moves.assign, person)

    def urge(self, who: str, case: int) -> bool:
        return self._on(who, self.open_task(case), moves.urge)

    def suspend(self, who: str, case: int) -> bool:
        reason = self.choose(sorted(REASONS))
        return self._on(who, self.open_task(case), moves.suspend, reason, "说明")

    def resume(self, who: str, case: int) -> bool:
        return self._on(who, self.open_task(case), moves.resume)

    def ask_extension(self, who: str, case: int) -> bool:
        amount = self.choose((1, 2, 3, 50))
        return self._on(who, self.open_task(case), moves.ask_extension, amount, "说明")

    def decide_extension(self, who: str, case: int) -> bool:
        granted = self.choose((True, False))
        return self._on(who, self.open_task(case), moves.decide_extension, granted, "说明")

    def decide_pause(self, who: str, case: int) -> bool:
        granted = self.choose((True, False))
        return self._on(who, self.open_task(case), moves.decide_pause, granted, "说明")

    def recall(self, who: str, case: int) -> bool:
        return self._on(who, self.done_task(case), moves.recall)

    def ask_help(self, who: str, case: int) -> bool:
        unit = self.units[self.choose(UNITS)]
        limit = Limit(self.choose((1, 3)), "working_days")
        return self._on(who, self.open_task(case), moves.ask_help, unit, limit, "请协助")

    def answer_help(self, who: str, case: int) -> bool:
        return self._help(who, case, moves.answer_help, "已到场处理")

    def withdraw_help(self, who: str, case: int) -> bool:
        return self._help(who, case, moves.withdraw_help)

    def comment(self, who: str, case: int) -> bool:
        text = f"{self.choose(WORDS)}{self.choose(('', f'@员工{self.choose(LOGINS)}'))}"
        self._by(who, lambda db, actor: moves.comment(
            db, actor, case, text, now=self.world.now))  # fmt: skip
        return True

    def reopen(self, who: str, case: int) -> bool:
        target = self.choose(TARGETS)
        self._by(who, lambda db, actor: moves.reopen(
            db, actor, case, target, "没有解决", now=self.world.now))  # fmt: skip
        return True

    def reclassify(self, who: str, case: int) -> bool:
        said = {
            "priority": self.choose(("紧急", "重要", "一般")),
            "category": self.choose(("", "道路交通", "住房物业")),
        }
        self._by(who, lambda db, actor: moves.reclassify(
            db, actor, case, said, "情况有变", now=self.world.now))  # fmt: skip
        return True

    def merge(self, who: str, case: int) -> bool:
        """Into one of the cases, itself among them."""
        with reading() as db:
            into = self.choose(sorted(db.scalars(select(Case.number))))
        self._by(who, lambda db, actor: moves.merge(
            db, actor, case, into, "同一件事", now=self.world.now))  # fmt: skip
        return True

    def unmerge(self, who: str, case: int) -> bool:
        self._by(who, lambda db, actor: moves.unmerge(
            db, actor, case, "不是同一件事", now=self.world.now))  # fmt: skip
        return True

    def supervise(self, who: str, case: int) -> bool:
        task = self.open_task(case)
        unit = self.units[self.choose(UNITS)]
        self._by(who, lambda db, actor: demands.issue(
            db, actor, case, demands.NOTICE, unit_id=unit, words="请说明",
            task_id=task.id if task else None, now=self.world.now))  # fmt: skip
        return True

    def call(self, who: str, case: int) -> bool:
        unit, limit = self.units[self.choose(UNITS)], Limit(self.choose((0, 2)), "working_hours")
        self._by(who, lambda db, actor: demands.issue(
            db, actor, case, demands.CALL, unit_id=unit, words="请到场",
            limit=limit, now=self.world.now))  # fmt: skip
        return True

    def answer_demand(self, who: str, case: int) -> bool:
        return self._demand(who, case, demands.answer, "正在办")

    def decide_demand(self, who: str, case: int) -> bool:
        accepted = self.choose((True, False))
        return self._demand(who, case, demands.decide, accepted, "知道了")

    def withdraw_demand(self, who: str, case: int) -> bool:
        return self._demand(who, case, demands.withdraw, "误发")

    def answers(self, who: str, task: Task | None) -> dict[str, Any]:
        """What the form of a task wants, with the photo that some steps ask for."""
        node = task.node_id if task else ""
        given = dict(ANSWERS.get(node, {"note": "办好了"}))
        if node in PHOTOS:
            given[PHOTOS[node]] = [self.world.photo(who)]
        return given

    def open_task(self, case: int) -> Task | None:
        """One of the case's open tasks."""
        return self._one(case, Task.done_at.is_(None))

    def done_task(self, case: int) -> Task | None:
        """One of the tasks done last."""
        return self._one(case, Task.done_at.is_not(None))

    def _one(self, case: int, condition: Any) -> Task | None:
        query = select(Task).where(Task.case_id == case, condition)
        with reading() as db:
            # Ids of one millisecond are in no order: a walk must be the same when walked again.
            latest = query.order_by(Task.done_at.desc(), Task.opened_at.desc(), Task.node_id)
            found = db.scalars(latest.order_by(Task.id.desc()).limit(3)).all()
        return self.choose(found) if found else None

    def _demand(self, who: str, case: int, use: Callable[..., Any], *args: Any) -> bool:
        query = select(Demand).where(Demand.case_id == case)
        with reading() as db:
            found = db.scalars(query.order_by(Demand.number.desc()).limit(3)).all()
        if not found:
            return False
        row = self.choose(found)
        self._by(who, lambda db, actor: use(
            db, actor, row.id, *args, now=self.world.now))  # fmt: skip
        return True

    def _help(self, who: str, case: int, use: Callable[..., Any], *args: Any) -> bool:
        query = select(Participation).where(Participation.case_id == case)
        with reading() as db:
            found = db.scalars(query.order_by(Participation.id.desc()).limit(3)).all()
        if not found:
            return False
        row = self.choose(found)
        self._by(who, lambda db, actor: use(
            db, actor, row.task_id, row.id, *args, now=self.world.now))  # fmt: skip
        return True

    def _on(
        self, who: str, task: Task | None, use: Callable[..., Any], *args: Any, **named: Any
    ) -> bool:
        if task is None:
            return False
        self._by(who, lambda db, actor: use(
            db, actor, task.id, *args, now=self.world.now, **named))  # fmt: skip
        return True

    def _by(self, who: str, act: Callable[..., Any]) -> None:
        with transaction() as db:
            act(db, self.world.actor(db, who))


NAMES = (
    "go_on", "sign", "release", "keep_draft", "complete", "complete_badly", "complete_again",
    "return_task", "send_message", "transfer", "assign", "urge", "suspend", "resume",
    "ask_extension", "decide_extension", "decide_pause", "recall", "ask_help",
    "answer_help", "withdraw_help",
    "comment", "reopen", "reclassify", "merge", "unmerge", "supervise", "call",
    "answer_demand", "decide_demand", "withdraw_demand",
)  # fmt: skip
