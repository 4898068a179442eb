"""One action on several rows of the workbench: each row in a transaction and with a result of
its own, so that one refusal stops nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access.actors import Actor
from engine.casework import cases, moves
from engine.casework.moves import transfers
from engine.errors import DomainError, Incident, InvalidInput, NotFound
from engine.reading import casefile, worklists
from engine.reading.worklists import TaskRow
from engine.storage.db import reading, transaction
from webapp import logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint
from webapp.desk.move_question import MISSING, Options
from webapp.desk.move_questions import target_of, transfer_options
from webapp.locales import localize

MOST = worklists.PAGE_SIZE
Answer = Response | str | tuple[str, int]


@dataclass(frozen=True)
class BatchResult:
    """The outcome of one row; ``reason`` is empty where it worked."""

    row: TaskRow
    reason: str = ""


@blueprint.post("/workbench/batch")
def batch() -> Answer:
    """Sign for, transfer, urge or print the chosen rows."""
    actor, ids, action = current_actor(), _ids(), request.form.get("action", "")
    if not ids:
        flash(_("请先勾选要处理的行。"), "warning")
        return redirect(url_for("desk.workbench", queue=request.form.get("queue")), 303)
    with reading() as db:
        rows = worklists.chosen(db, actor, ids)
    if action == "print":
        numbers = dict.fromkeys(row.case_id for row in rows)
        return redirect(url_for("desk.sheets", case=list(numbers)), 303)
    if action == "transfer":
        return _transfer(actor, rows)
    acts: dict[str, Callable[[Session, int], Any]] = {
        "sign": lambda db, task_id: cases.sign(db, actor, task_id, now=now()),
        "urge": lambda db, task_id: moves.urge(db, actor, task_id, now=now()),
    }
    if action not in acts:
        raise NotFound(action)
    return _results(action, [_one(row, acts[action]) for row in rows])


def _transfer(actor: Actor, rows: Sequence[TaskRow]) -> Answer:
    """First where to and why, of what all rows have in common; then each row."""
    target, reason = request.form.get("target", ""), request.form.get("reason", "").strip()
    common = _common_targets(actor, rows)
    chosen = target_of(target)
    asked = "target" in request.form
    if asked and chosen is not None and reason:
        unit_id, person = chosen
        results = [
            _one(
                row,
                lambda db, task_id: moves.transfer(
                    db, actor, task_id, unit_id, reason, now=now(), user_id=person
                ),
            )
            for row in rows
        ]
        return _results("transfer", results)
    errors = (
        {}
        if not asked
        else {
            name: localize(MISSING)
            for name, given in (("target", chosen), ("reason", reason))
            if not given
        }
    )
    page = render_template(
        "desk/batch_transfer.html", rows=rows, options=common, said=request.form, errors=errors
    )
    return page, 422 if errors else 200


def _common_targets(actor: Actor, rows: Sequence[TaskRow]) -> Options:
    """Return where every one of the rows may go."""
    common: Options | None = None
    with reading() as db:
        seen: set[tuple[str, str]] = set()
        for row in rows:
            # Rows of one unit and step go to the same places; a whole page is often just one.
            if (row.unit, row.step) in seen:
                continue
            seen.add((row.unit, row.step))
            file = casefile.open_file(db, actor, row.case_id)
            work = moves.standing(db, actor, file, file.task(row.task_id), now())
            found = transfer_options(transfers.targets(db, work), None) if work.task else []
            common = found if common is None else _shared(common, found)
    return common or []


def _shared(some: Options, others: Options) -> Options:
    known = {value for _title, options in others for value, _label in options}
    kept = [(title, [one for one in options if one[0] in known]) for title, options in some]
    return [(title, options) for title, options in kept if options]


def _one(row: TaskRow, act: Callable[[Session, int], Any]) -> BatchResult:
    try:
        with transaction() as db:
            act(db, row.task_id)
    except InvalidInput as error:
        return BatchResult(row, " ".join(localize(text) for text in error.errors.values()))
    except DomainError as error:
        if isinstance(error, Incident):
            logs.failure(error)
        return BatchResult(row, localize(error.text))
    return BatchResult(row)


def _results(action: str, results: Sequence[BatchResult]) -> str:
    names = {"sign": _("签收"), "transfer": _("转办"), "urge": _("催办")}
    return render_template(
        "desk/batch.html",
        name=names[action],
        results=results,
        worked=sum(not one.reason for one in results),
        queue=request.form.get("queue", ""),
    )


def _ids() -> list[int]:
    numbers = request.form.getlist("task")[:MOST]
    return [int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 19]
