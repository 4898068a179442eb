"""The moves on their pages: what may be done with a case, and one page for each move."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access.actors import Actor
from engine.casework import moves as engine_moves
from engine.casework.case_work import CaseWork
from engine.casework.moves import MoveRule
from engine.errors import NotFound
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile
from engine.storage.db import reading
from webapp import logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, menu
from webapp.desk.case_page import TypedInput
from webapp.desk.move_question import Question, checked
from webapp.desk.move_questions import ASKED, MoveForm
from webapp.desk.tasks import Answer, attempt, of_task
from webapp.locales import localize
from webapp.query_numbers import whole

OF_TASK = frozenset({"task", "done"})


@dataclass(frozen=True)
class MoveAttempt:
    """The move that is being made: on which case, on which task, with which questions."""

    move: MoveRule
    form: MoveForm
    file: CaseFile
    task: Task | None
    questions: list[Question]
    reason: str = ""

    @property
    def subject(self) -> int:
        """The id that the use case takes."""
        return self.file.case.id if self.task is None else self.task.id

    @property
    def back(self) -> str:
        """The page of the case, at the task."""
        task_id = self.task.id if self.task is not None else None
        return url_for("desk.case", case_id=self.file.case.id, task=task_id)


@blueprint.get("/cases/<int:case_id>/moves")
def choices(case_id: int) -> str:
    """What I may do with this case now; inside of the menu, or as a page of its own."""
    actor = current_actor()
    logs.bind_case(case_id)
    with reading() as db:
        file = casefile.open_file(db, actor, case_id)
        task = file.task(request.args.get("task", type=whole))
        found = menu.choices(db, actor, file, task)
    inside = "HX-Request" in request.headers
    template = "desk/_choices.html" if inside else "desk/choices.html"
    return render_template(template, case=file.case, task=task, choices=found)


@blueprint.route("/tasks/<int:task_id>/moves/<move>", methods=["GET", "POST"])
def task_move(task_id: int, move: str) -> Answer:
    """A move on a task: what it asks and what it does to each clock, then the move."""
    file, task = of_task(task_id)
    known = _move_of_key(move)
    if known.of not in OF_TASK:
        raise NotFound(move)
    return _answer(_prepared(current_actor(), known, file, task))


@blueprint.route("/cases/<int:case_id>/moves/<move>", methods=["GET", "POST"])
def case_move(case_id: int, move: str) -> Answer:
    """A move on a whole case."""
    actor = current_actor()
    logs.bind_case(case_id)
    with reading() as db:
        file = casefile.open_file(db, actor, case_id)
    return _answer(_prepared(actor, _move_of_key(move), file, None))


def _move_of_key(key: str) -> MoveRule:
    found = next((move for move in engine_moves.MOVES if move.key == key), None)
    if found is None or key not in ASKED:
        raise NotFound(key)
    return found


def _prepared(actor: Actor, move: MoveRule, file: CaseFile, task: Task | None) -> MoveAttempt:
    """Return the move with its questions, or with the reason why it cannot be made now."""
    asked = ASKED[move.key]
    with reading() as db:
        work = engine_moves.standing(db, actor, file, task, now())
        reason = _reason(db, move, work)
        questions = [] if reason else asked.questions(db, work)
    return MoveAttempt(move, asked, file, task, questions, reason)


def _reason(db: Session, move: MoveRule, work: CaseWork) -> str:
    kind = "case" if work.task is None else "task" if work.task.done_at is None else "done"
    if kind != move.of:
        return _("当前无法进行此操作。")
    work.seat = move.seat(db, work)
    if work.seat is None:
        who = localize(move.who)
        return _("您的岗位无此操作权限。可办理人员：%(who)s。", who=who)
    fault = move.refusal(db, work)
    return localize(fault.text) if fault else ""


def _answer(attempted: MoveAttempt) -> Answer:
    if request.method == "POST":
        refused = attempt(lambda db: _make(db, attempted), {})
        if refused is not None:
            return _page(attempted, refused)
        flash(str(attempted.form.confirmation), "success")
        return redirect(attempted.back, 303)
    if attempted.reason:
        flash(attempted.reason, "warning")
        return redirect(attempted.back, 303)
    return _page(attempted, None)


def _make(db: Session, attempted: MoveAttempt) -> None:
    """Make the move; the use case itself asks once more whether it may."""
    said = defaultdict(str, {name: value.strip() for name, value in request.form.items()})
    # What cannot be done now is refused by the use case, which also knows who was faster.
    if not attempted.reason:
        checked(attempted.questions, said)
    attempted.form.make(db, current_actor(), attempted.subject, said, now())


def _page(attempted: MoveAttempt, refused: TypedInput | None) -> tuple[str, int]:
    errors = refused.errors if refused else {}
    page = render_template(
        "desk/move.html",
        one=attempted,
        case=attempted.file.case,
        task=attempted.task,
        said=request.form,
        errors={name: " ".join(localize(text) for text in texts) for name, texts in errors.items()},
        message=refused.message if refused else "",
    )
    return page, refused.status if refused else 200
