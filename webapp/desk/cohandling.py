"""Ask other units to help with a task (协办), answer them, take a request back."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.access import policy
from engine.casework import moves as engine_moves
from engine.casework.moves import cohandling
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound
from engine.models import Task, Unit
from engine.reading.casefile import CaseFile
from engine.storage.db import reading, savepoint, transaction
from engine.worktime import Limit
from feel.text import Text
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, cohandling_list
from webapp.desk.case_page import TypedInput
from webapp.desk.tasks import Answer, attempt, of_task, to_case
from webapp.form_pages import sources
from webapp.locales import localize

LIMIT_UNITS = ("working_days", "working_hours", "days")
LONGEST_LIMIT = 99
NO_QUESTION = Text("请填写需要协办的事项。", "Say what you need help with.")
NO_UNITS = Text("请至少选择一个协办单位。", "Choose at least one unit.")
BAD_LIMIT = Text("协办期限请填 1 到 99 的整数。", "The time to help is a whole number, 1 to 99.")


@dataclass(frozen=True)
class CohandlingRequest:
    """What is asked of whom, as typed."""

    units: tuple[str, ...]
    question: str
    amount: str
    unit: str

    @property
    def limit(self) -> Limit | None:
        """The time in which to help; None for what is no such time."""
        known = self.amount.isascii() and self.amount.isdigit() and len(self.amount) < 4
        if not known or not 1 <= int(self.amount) <= LONGEST_LIMIT or self.unit not in LIMIT_UNITS:
            return None
        return Limit(int(self.amount), self.unit)

    def check(self) -> Limit:
        """Return the time in which to help. Raises InvalidInput with everything that is missing."""
        errors = {
            "units": None if self.units else NO_UNITS,
            "reason": None if self.question.strip() else NO_QUESTION,
            "limit": None if self.limit else BAD_LIMIT,
        }
        wrong = {name: text for name, text in errors.items() if text is not None}
        if wrong or self.limit is None:
            raise InvalidInput(wrong)
        return self.limit


@blueprint.route("/tasks/<int:task_id>/help", methods=["GET", "POST"])
def ask_help(task_id: int) -> Answer:
    """Ask units to help with my task, each by a clock of its own: all of them or none."""
    file, task = of_task(task_id)
    if request.method == "GET":
        if task.done_at is not None:
            return to_case(file.case.id, task_id)
        if not policy.allowed(current_actor(), cohandling.ASK.key, task):
            raise NotAllowed(cohandling.ASK.key, task_id)
        return _page(file, task, CohandlingRequest((), "", "2", "working_days"), None)
    typed = CohandlingRequest(
        tuple(dict.fromkeys(request.form.getlist("units"))),
        request.form.get("question", ""),
        request.form.get("limit", "").strip(),
        request.form.get("limit_unit", ""),
    )
    refused = attempt(lambda db: _ask_all(db, task, typed), {})
    if refused is not None:
        return _page(file, task, typed, refused)
    flash(
        ngettext(
            "已请 %(count)s 个单位协办。",
            "已请 %(count)s 个单位协办。",
            len(typed.units),
            count=len(typed.units),
        ),
        "success",
    )
    return to_case(file.case.id, task_id)


@blueprint.post("/tasks/<int:task_id>/help/answer")
def answer_help(task_id: int) -> Answer:
    """Answer for my unit; a refusal keeps what was typed."""
    file, task = of_task(task_id)
    number, answer = _request_id(), request.form.get("answer", "")
    refused = attempt(
        lambda db: engine_moves.answer_help(
            db, current_actor(), task_id, number, answer, now=now()
        ),
        {},
    )
    if refused is None:
        flash(_("已答复，主办单位将收到通知。"), "success")
        return to_case(file.case.id, task_id)
    with reading() as db:
        kept = cohandling_list.of_request(db, current_actor(), file, number)
    page = render_template(
        "desk/answer_help.html",
        case=file.case,
        task=task,
        help=kept,
        answer=answer,
        error=" ".join(localize(text) for text in refused.errors.get("answer", ())),
        message=refused.message,
    )
    return page, refused.status


@blueprint.post("/tasks/<int:task_id>/help/withdraw")
def withdraw_help(task_id: int) -> Answer:
    """Take a request back; a second click says that it has ended."""
    file, _task = of_task(task_id)
    number = _request_id()
    with transaction() as db:
        engine_moves.withdraw_help(db, current_actor(), task_id, number, now=now())
    flash(_("已收回协办请求。"), "success")
    return to_case(file.case.id, task_id)


def _request_id() -> int:
    number = request.form.get("request", "")
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        raise NotFound(number)
    return int(number)


def _ask_all(db: Session, task: Task, typed: CohandlingRequest) -> None:
    limit = typed.check()
    # PostgreSQL takes no NUL in a text; no unit's code has anything of the kind.
    codes = [code for code in typed.units if code.isprintable()]
    units = {unit.code: unit for unit in db.scalars(select(Unit).where(Unit.code.in_(codes)))}
    if len(units) != len(typed.units):
        raise InvalidInput({"units": cohandling.NO_UNIT})
    for code in typed.units:
        _ask(db, task, units[code], limit, typed.question)


def _ask(db: Session, task: Task, unit: Unit, limit: Limit, question: str) -> None:
    """Ask one unit; a refusal names it."""
    try:
        # Each step begins with what the one before has written.
        with savepoint(db):
            engine_moves.ask_help(db, current_actor(), task.id, unit.id, limit, question, now=now())
    except InvalidInput as error:
        if "unit" not in error.errors:
            raise
        raise InvalidInput({"units": _about(unit, error.errors["unit"])}) from error
    except Conflict as error:
        if error.text is not cohandling.ALREADY:
            raise
        raise Conflict(task.id, text=_about(unit, error.text)) from error


def _about(unit: Unit, text: Text) -> Text:
    return Text(f"{unit.name}：{text.zh}", f"{unit.name}: {text.en}")


def _page(
    file: CaseFile, task: Task, typed: CohandlingRequest, refused: TypedInput | None
) -> tuple[str, int]:
    with reading() as db:
        groups = sources.units_of(db, current_actor())
    errors = refused.errors if refused else {}
    page = render_template(
        "desk/ask_help.html",
        case=file.case,
        task=task,
        typed=typed,
        groups=[
            (title, [one for one in options if one[0] != task.unit.code])
            for title, options in groups
        ],
        limit_units=[
            ("working_days", _("个工作日")),
            ("working_hours", _("个工作小时")),
            ("days", _("天")),
        ],
        errors={name: " ".join(localize(text) for text in texts) for name, texts in errors.items()},
        message=refused.message if refused else "",
    )
    return page, refused.status if refused else 200
