"""What people say to each other about a case: comments, and notes inside of a unit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.access import audience
from engine.access.audience import CaseReader, TextPart
from engine.casework import moves
from engine.casework.moves import remarks as said_of
from engine.casework.moves.remarks import LONGEST
from engine.storage.db import reading
from webapp import locales, logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.desk.tasks import Answer, attempt
from webapp.locales import localize


@dataclass(frozen=True)
class RemarkLine:
    """One remark, cut at the names in it; ``unit`` says whose internal note it is."""

    id: int
    author: str
    at: datetime
    parts: tuple[TextPart, ...]
    unit: str | None


@dataclass(frozen=True)
class RemarkDraft:
    """What somebody wrote and could not post; nothing of it is lost."""

    text: str = ""
    internal_to: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""
    status: int = 200


@blueprint.get("/cases/<int:case_id>/remarks")
def remarks(case_id: int) -> tuple[str, int]:
    """What was said about the case, and room to say more."""
    return _page(case_id, RemarkDraft())


@blueprint.post("/cases/<int:case_id>/remarks")
def remark(case_id: int) -> Answer:
    """Add a remark; named people are notified."""
    actor = current_actor()
    logs.bind_case(case_id)
    text, chosen = request.form.get("text", ""), request.form.get("internal_to", "")
    unit_id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
    told: list[CaseReader] = []

    def act(db: Session) -> None:
        told.extend(moves.comment(db, actor, case_id, text, now=now(), internal_to=unit_id))

    refused = attempt(act, {})
    if refused is not None:
        errors = {name: localize(texts[0]) for name, texts in refused.errors.items()}
        return _page(case_id, RemarkDraft(text, chosen, errors, refused.message, refused.status))
    _say_posted(told)
    return redirect(url_for("desk.remarks", case_id=case_id, _anchor="newest"), 303)


def _page(case_id: int, written: RemarkDraft) -> tuple[str, int]:
    actor = current_actor()
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "remarks")
        readers = audience.of_case(db, page.file.case, now())
        lines = [
            RemarkLine(
                one.id, one.author, one.at, tuple(audience.parts(one.text, readers)), one.unit
            )
            for one in said_of.of_case(db, actor, page.file.case)
        ]
    return render_template(
        "desk/remarks.html",
        page=page,
        case=page.file.case,
        lines=lines,
        readers=[one for one in readers if one.user_id != actor.user_id],
        units={seat.unit_id: seat.unit_name for seat in actor.seats},
        written=written,
        longest=LONGEST,
    ), written.status


def _say_posted(told: list[CaseReader]) -> None:
    if told:
        names = locales.comma_list([one.name for one in told])
        flash(_("已发送，并通知 %(names)s。", names=names), "success")
    else:
        flash(_("已发送。"), "success")
