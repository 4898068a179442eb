"""What the citizens of a case were told: when, how, with which outcome; telling them in person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from engine.casework import passing_on
from engine.citizens import letters, nearby
from engine.errors import InvalidInput
from engine.models import CitizenMessage
from engine.notices.telling import messages
from engine.storage.db import reading, transaction
from forms import people
from webapp import locales, logs
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, case_page
from webapp.locales import localize

WAYS = {"sms": _l("短信"), "mail": _l("邮件"), "person": _l("由工作人员告知")}
STATES = {
    "waiting": _l("待发送"),
    "sent": _l("已发送"),
    "failed": _l("没有送达，请工作人员告知"),
    "by_hand": _l("待工作人员告知"),
    "told": _l("已当面或者电话告知"),
    "repeated": _l("一天内已告知过相同内容，未重复发送"),
    "unwanted": _l("本人不需要告知"),
}
REASONS = {
    "no_address": _l("没有登记电话、邮箱"),
    "no_channel": _l("没有启用发给群众的短信、邮件渠道"),
    "asked": _l("按本人选择"),
    "confidential": _l("保密件，没有确认安全的联系方式"),
    "failed": _l("多次发送失败"),
}


@dataclass(frozen=True)
class ToldLine:
    """One message as the page shows it."""

    row: CitizenMessage
    text: str
    way: str
    state: str
    reason: str
    role: str
    open: bool


@blueprint.get("/cases/<int:case_id>/told")
def citizen_messages(case_id: int) -> str:
    """What was told, newest first."""
    actor = current_actor()
    with reading() as db:
        page = case_page.head(db, actor, case_id, None, "told")
        case = page.file.case
        hides = page.file.concealment.hides
        lines = [_line(one, hides) for one in messages.of_case(db, case)]
        may = passing_on.may(db, actor, case)
        said = letters.for_staff(db, actor, case)
        writes = letters.may_write(db, actor, case)
        followers = nearby.followers(db, case)
    return render_template(
        "desk/told.html",
        page=page,
        case=case,
        lines=lines,
        may=may,
        said=said,
        writes=writes,
        followers=followers,
    )


@blueprint.post("/cases/<int:case_id>/told")
def write_to_citizen(case_id: int) -> Response:
    """Write to the citizen of the case, who reads it on the public site."""
    logs.bind_case(case_id)
    text = request.form.get("text", "")[: letters.LONGEST + 1]
    try:
        with transaction() as db:
            letters.answer(db, current_actor(), case_id, text, now=now())
        flash(_("已发给群众。"), "success")
    except InvalidInput as error:
        for reason in error.errors.values():
            flash(localize(reason), "danger")
    return redirect(url_for("desk.citizen_messages", case_id=case_id), 303)


@blueprint.post("/cases/<int:case_id>/told/<int:message_id>")
def note_message(case_id: int, message_id: int) -> Response:
    """Note that the citizen was told in person or by telephone."""
    logs.bind_case(case_id)
    with transaction() as db:
        passing_on.note(db, current_actor(), case_id, message_id, now=now())
    flash(_("已登记告知。"), "success")
    return redirect(url_for("desk.citizen_messages", case_id=case_id), 303)


def _line(one: CitizenMessage, hides: bool) -> ToldLine:
    english = locales.current() == "en" and one.text_en
    role = one.person.role if one.person is not None and not hides else ""
    return ToldLine(
        one,
        one.text_en if english else one.text,
        str(WAYS[one.way]),
        str(STATES[one.state]),
        str(REASONS.get(one.reason, "")),
        people.words(role).to(locales.current()) if role else "",
        one.state in passing_on.BY_PERSON,
    )
