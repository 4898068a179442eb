"""One notice or call: its clock, its rounds, the answer, the decision, its sheet for printing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.casework import demands
from engine.errors import InvalidInput, Refusal
from engine.reports import demands as lists
from engine.reports.demands import TO_ANSWER, TO_DECIDE, DemandEntry, DemandRow
from engine.storage.db import reading, transaction
from webapp import logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.demands import blueprint, labels
from webapp.locales import localize
from webapp.qr import page_code
from webapp.statuses import status_of

Answer = Response | tuple[str, int]


@dataclass
class DemandPage:
    """What the page of one shows, and what this person may do with it."""

    demand: DemandRow
    turns: list[DemandEntry]
    acts: frozenset[str]
    # After a refusal: which form was sent, what was typed, what is wrong.
    act: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""


@blueprint.get("/<int:demand_id>")
def one(demand_id: int) -> str:
    """What is asked, by whom, by when, and every round of it so far."""
    return _render(_page(demand_id))


@blueprint.get("/<int:demand_id>/sheet")
def sheet(demand_id: int) -> str:
    """The same on paper: with its number, and room for signatures and seals."""
    page = _page(demand_id)
    code = page_code("demands.one", demand_id=demand_id)
    return render_template(
        "demands/sheet.html", page=page, row=page.demand.row, words=labels, code=code
    )


@blueprint.post("/<int:demand_id>/answer")
def answer(demand_id: int) -> Answer:
    """Answer for my unit; its clock stops."""
    return _perform(
        demand_id,
        "answer",
        lambda db, words: demands.answer(db, current_actor(), demand_id, words, now=now()),
        _("已答复，待对方审核。"),
    )


@blueprint.post("/<int:demand_id>/decide")
def decide(demand_id: int) -> Answer:
    """Accept the answer, with what follows from it, or send it back for another round."""
    accepted = request.form.get("accepted", "")

    def act(db: Session, words: str) -> None:
        if accepted not in ("yes", "no"):
            raise InvalidInput({"accepted": demands.EMPTY})
        demands.decide(
            db,
            current_actor(),
            demand_id,
            accepted == "yes",
            words,
            now=now(),
            consequence=request.form.get("consequence", ""),
        )

    said = _("已通过。") if accepted == "yes" else _("已退回，对方须在新的期限内重新答复。")
    return _perform(demand_id, "decide", act, said)


@blueprint.post("/<int:demand_id>/withdraw")
def withdraw(demand_id: int) -> Answer:
    """Take it back, with a reason."""
    return _perform(
        demand_id,
        "withdraw",
        lambda db, words: demands.withdraw(db, current_actor(), demand_id, words, now=now()),
        _("已收回。"),
    )


def _page(demand_id: int) -> DemandPage:
    actor = current_actor()
    with reading() as db:
        called = lists.one(db, actor, demand_id)
        row = called.row
        logs.bind_case(row.case_id)
        turns = lists.turns(db, row)
    acts = set()
    if called.stand == TO_ANSWER and demands.may_answer(actor, row) is not None:
        acts.add("answer")
    if row.closed_at is None and demands.may_decide(actor, row) is not None:
        acts |= {"withdraw", "decide"} if called.stand == TO_DECIDE else {"withdraw"}
    return DemandPage(called, turns, frozenset(acts))


def _perform(demand_id: int, name: str, act: Callable[[Session, str], Any], said: str) -> Answer:
    """Do it; a refusal shows the page again, with what was typed and what is wrong."""
    _page(demand_id)
    try:
        with transaction() as db:
            act(db, request.form.get("words", ""))
    except InvalidInput as error:
        errors = {field: localize(text) for field, text in error.errors.items()}
        return _refused(demand_id, name, errors, "", status_of(error))
    except Refusal as error:
        return _refused(demand_id, name, {}, localize(error.text), status_of(error))
    flash(said, "success")
    return redirect(url_for("demands.one", demand_id=demand_id), 303)


def _refused(
    demand_id: int, name: str, errors: dict[str, str], message: str, status: int
) -> tuple[str, int]:
    page = _page(demand_id)
    page.act, page.errors, page.message = name, errors, message
    return _render(page), status


def _render(page: DemandPage) -> str:
    return render_template(
        "demands/one.html", page=page, row=page.demand.row, called=page.demand, words=labels
    )
