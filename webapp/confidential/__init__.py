"""Confidential cases: what waits for an officer, and disclosing a reporter by two people."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from engine.access import confidentiality
from engine.access.audience import CaseReader
from engine.casework import disclosures
from engine.errors import NotFound
from engine.models import Attachment, Disclosure
from engine.reading.casefile import CaseFile, open_file
from engine.storage.db import reading, transaction
from webapp import logs
from webapp.account import step_up
from webapp.account.people import current_actor
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out, posted_text
from webapp.clock import now
from webapp.confidential import labels

blueprint = Blueprint("confidential", __name__)


@blueprint.get("/confidential")
def index() -> str:
    """What I may decide or review, the oldest first."""
    with reading() as db:
        rows = disclosures.waiting(db, current_actor())
    return render_template("confidential/waiting.html", rows=rows, words=labels)


@blueprint.get("/cases/<int:case_id>/confidential")
def case(case_id: int) -> str:
    """What a case goes round, who may know its reporter, and each disclosure of it."""
    actor = current_actor()
    with reading() as db:
        file = _file(db, case_id)
        rows = disclosures.of_case(db, file.case)
        reasons = {row.id: disclosures.reason_of(actor, file.case, row) for row in rows}
        return render_template(
            "confidential/case.html",
            case=file.case,
            file=file,
            rows=rows,
            reasons=reasons,
            words=labels,
            may_lift=confidentiality.may_lift(actor, file.case),
            deciding={row.id for row in rows if _may_decide(row)},
            reviewing={row.id for row in rows if _may_review(row)},
        )


@blueprint.route("/cases/<int:case_id>/confidential/lift", methods=["GET", "POST"])
@step_up.with_fresh_proof
def lift(case_id: int) -> Answer:
    """Ask another officer to agree to lifting the confidentiality."""
    with reading() as db:
        file = _file(db, case_id)
    change = ChangeForm(
        title=_("申请解除保密：%(number)s", number=file.case.number),
        button=_("提交申请"),
        back=url_for("confidential.case", case_id=case_id),
        consequence=(
            _("须由上级的另一名保密专员同意。"),
            _("解除后，办理人员可按规定查看来电人；被反映单位仍不经手、不知情。"),
            _("来电人将获告知。"),
        ),
        fields=(_reason(),),
        danger=True,
    )
    return carry_out(change, lambda db: _lift(db, case_id), lambda _row: _to(case_id))


@blueprint.route("/cases/<int:case_id>/confidential/look", methods=["GET", "POST"])
@step_up.with_fresh_proof
def look(case_id: int) -> Answer:
    """Ask somebody to look together with me who the reporter is."""
    with reading() as db:
        file = _file(db, case_id)
        seconds = disclosures.seconds(db, current_actor(), file.case)
    change = ChangeForm(
        title=_("双人查看来电人：%(number)s", number=file.case.number),
        button=_("请对方同意"),
        back=url_for("confidential.case", case_id=case_id),
        consequence=(
            _("仅在不掌握来电人信息无法办理时使用，例如来电人有危险。"),
            _("对方须在 30 分钟内同意，双方此后 1 小时内可查看；每次查看均有记录。"),
            _("全体保密专员将立即收到通知，并由其中一名事后复核。"),
        ),
        fields=(
            ChangeField("second", _("和谁一起"), "select", options=_people(seconds)),
            _reason(),
        ),
        danger=True,
    )
    return carry_out(change, lambda db: _look(db, case_id), lambda _row: _to(case_id))


@blueprint.post("/cases/<int:case_id>/disclosures/<int:disclosure_id>/<verdict>")
@step_up.with_fresh_proof
def answer(case_id: int, disclosure_id: int, verdict: str) -> Response:
    """Agree, refuse, or review: ``agree``, ``refuse``, ``justified``, ``unjustified``."""
    if verdict not in labels.VERDICTS:
        raise NotFound(disclosure_id)
    actor = current_actor()
    logs.bind_case(case_id)
    with transaction() as db:
        if verdict in ("agree", "refuse"):
            disclosures.decide(db, actor, disclosure_id, verdict == "agree", now=now())
        else:
            disclosures.review(db, actor, disclosure_id, verdict == "justified", now=now())
    flash(_("已记录。"), "success")
    return _to(case_id)


@blueprint.post("/attachments/<int:attachment_id>/release")
@step_up.with_fresh_proof
def release(attachment_id: int) -> Response:
    """Release a file of the reporter to the handlers."""
    with transaction() as db:
        row: Attachment = disclosures.release_file(db, current_actor(), attachment_id, now=now())
        case_id = row.case_id
    flash(_("已交承办单位查看，不含文件名和拍摄信息。"), "success")
    return redirect(url_for("desk.materials", case_id=case_id), 303)


def _file(db: Session, case_id: int) -> CaseFile:
    """Return a confidential case that I see. Raises NotFound."""
    logs.bind_case(case_id)
    file = open_file(db, current_actor(), case_id)
    if not file.case.guarded:
        raise NotFound(case_id)
    return file


def _lift(db: Session, case_id: int) -> Disclosure:
    return disclosures.ask_lift(db, current_actor(), case_id, posted_text("reason"), now=now())


def _look(db: Session, case_id: int) -> Disclosure:
    second = posted_text("second")
    second_id = int(second) if second.isascii() and second.isdigit() and len(second) < 19 else 0
    reason = posted_text("reason")
    return disclosures.ask_look(db, current_actor(), case_id, second_id, reason, now=now())


def _may_decide(row: Disclosure) -> bool:
    return row.outcome is None and disclosures.may_decide(current_actor(), row.case, row)


def _may_review(row: Disclosure) -> bool:
    open_ = row.outcome == "shown" and row.reviewed_by is None
    return open_ and disclosures.may_review(current_actor(), row.case, row)


def _reason() -> ChangeField:
    return ChangeField("reason", _("理由"), "area", longest=disclosures.LONGEST)


def _people(readers: list[CaseReader]) -> list[tuple[str, str]]:
    return [(str(one.user_id), f"{one.name}（{one.unit}）") for one in readers]


def _to(case_id: int) -> Response:
    return redirect(url_for("confidential.case", case_id=case_id), 303)
