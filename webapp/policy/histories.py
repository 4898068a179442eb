"""A process's versions: who, why, where each is in use, how many cases stand at which step."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.definitions import differences, rollouts, usage, versions
from engine.drafting import drafts, review
from engine.errors import InvalidInput, NotFound, Refusal
from engine.models import Version
from engine.storage.db import reading, transaction
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.locales import localize
from webapp.policy import blueprint, choosing
from webapp.policy.reviews import diagram_of
from webapp.statuses import status_of

Answer = Response | str | tuple[str, int]


@blueprint.get("/processes/<process>")
def process(process: str) -> Answer:
    """Every version of a process, and the drafts that will follow."""
    with reading() as db:
        standings = usage.standings(db, process)
        if not standings:
            raise NotFound(process)
        return render_template(
            "policy/process.html",
            process=process,
            name=standings[0].version,
            standings=standings,
            decisions=usage.decisions(db, process),
            plan=rollouts.plan(db, process, now()),
            drafts=drafts.open_drafts(db, current_actor(), process),
            actor=current_actor(),
        )


@blueprint.get("/versions/<int:id>")
def version(id: int) -> Answer:
    """One version against the one before it."""
    return _version_page(id)


@blueprint.post("/versions/<int:id>/use")
@step_up.with_fresh_proof
def use_version(id: int) -> Answer:
    """Use this version for new cases: again, or for more units."""
    reason = request.form.get("reason", "")
    used: list[Version] = []

    def act(db: Session) -> None:
        decision = choosing.decision(db)
        used.append(review.use_again(db, current_actor(), id, decision, reason, now=now()))

    answer = _attempt(id, act)
    if not used:
        return answer
    flash(_("第 %(number)s 版自启用时间起用于新事项。", number=used[0].number), "success")
    return redirect(url_for("policy.process", process=used[0].process), 303)


@blueprint.get("/versions/<int:id>/diagram.bpmn")
def version_diagram(id: int) -> Response:
    """The diagram as the version froze it."""
    with reading() as db:
        row = _row(db, id)
        return diagram_of(versions.files_of(db, id), row.process)


def _attempt(id: int, act: Callable[[Session], None]) -> Answer:
    try:
        with transaction() as db:
            act(db)
    except InvalidInput as error:
        return _version_page(id, {key: localize(text) for key, text in error.errors.items()}, 422)
    except Refusal as error:
        return _version_page(id, {"": localize(error.text)}, status_of(error))
    return ""


def _version_page(id: int, errors: dict[str, str] | None = None, status: int = 200) -> Answer:
    with reading() as db:
        row = _row(db, id)
        before = versions.before(db, row)
        old = versions.files_of(db, before.id) if before is not None else {}
        new = versions.files_of(db, id)
        page = render_template(
            "policy/version.html",
            version=row,
            before=before,
            difference=differences.between(old, new),
            files=sorted(new),
            drawn=any(path.endswith(".bpmn") for path in new),
            units=choosing.units(db),
            errors=errors or {},
            typed=request.form,
            actor=current_actor(),
        )
    return page, status


def _row(db: Session, version_id: int) -> Version:
    row = db.get(Version, version_id)
    if row is None:
        raise NotFound(version_id)
    return row
