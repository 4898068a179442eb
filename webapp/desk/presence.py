"""Two people on one case: they see each other, and what the other has changed."""

from __future__ import annotations

import hashlib

from flask import render_template, request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from engine.casework import conflicts
from engine.casework.conflicts import StaleForm
from engine.desk import presence
from engine.desk.presence import CaseVisitors, PresenceSign
from engine.models import Task
from engine.reading import casefile
from engine.reading.casefile import CaseFile
from engine.storage.db import reading, transaction
from webapp import display, locales, logs
from webapp.account.people import current_actor, unattended
from webapp.clock import now
from webapp.desk import blueprint, timeline
from webapp.query_numbers import whole

LONGEST_NAME = 16


@blueprint.post("/cases/<int:case_id>/here")
@unattended
def report_presence(case_id: int) -> str | tuple[str, int]:
    """A sign of life of an open page; who else is there, nothing where nothing is new."""
    actor, sign = current_actor(), PresenceSign(_page(), request.form.get("writing") == "1")
    logs.bind_case(case_id)
    with reading() as db:
        file = casefile.open_file(db, actor, case_id)
        company = presence.company(db, actor, file.case, sign, now())
        changes = _changes(db, file, file.task(request.form.get("task", type=whole)))
    if company.due:
        _show(file, company, sign)
    mark = _mark(company, changes)
    if request.form.get("mark") == mark:
        return "", 204
    return render_template(
        "desk/_company.html", case=file.case, company=company, changes=changes, mark=mark
    )


@blueprint.post("/cases/<int:case_id>/gone")
@unattended
def report_leaving(case_id: int) -> tuple[str, int]:
    """The last word of a page that goes away."""
    actor = current_actor()
    with reading() as db:
        casefile.open_file(db, actor, case_id)
    with transaction() as db:
        presence.leave(db, actor, case_id, _page())
    return "", 204


def words(file: CaseFile, task: Task | None, stale: StaleForm) -> str:
    """Return what others did while a form was filled in, and what to do about it."""
    with reading() as db:
        unseen = conflicts.unseen(current_actor(), task.id if task else None, stale.seen_length)
        changes = _sentences(db, file, unseen)
    return _(
        "打开本页后此事项已有变化：%(changes)s。填写内容已保留，请核对后再次提交。",
        changes=locales.comma_list(changes),
    )


def _page() -> str:
    """Return the name that an open page made up for itself; none where it is no such name."""
    page = request.form.get("page", "")
    return page if page.isalnum() and len(page) <= LONGEST_NAME else ""


def _show(file: CaseFile, company: CaseVisitors, sign: PresenceSign) -> None:
    actor, moment = current_actor(), now()
    with transaction() as db:
        presence.show(db, actor, file.case, sign, now=moment)
        if company.outdated:
            presence.forget(db, file.case, now=moment)


def _changes(db: Session, file: CaseFile, task: Task | None) -> list[str]:
    """Return what others did since the page was made, as far as it concerns what it shows."""
    seen = request.form.get("seen", type=whole)
    if seen is None or file.state.audit_length <= seen:
        return []
    return _sentences(db, file, conflicts.unseen(current_actor(), task.id if task else None, seen))


def _sentences(db: Session, file: CaseFile, unseen: tuple[ColumnElement[bool], ...]) -> list[str]:
    sentences = timeline.sentences_of(casefile.story(db, file, *unseen))
    return [f"{one.text}（{display.moment(one.at)}）" for one in sentences]


def _mark(company: CaseVisitors, changes: list[str]) -> str:
    shown = repr((company.others, changes, locales.english()))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]
