"""What the county allows of moves: reasons and lengths of pauses, how long a case reopens."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from engine.casework.moves.move_limits import (
    REASONS,
    REOPEN,
    UNITS,
    MoveLimits,
    move_limits,
    set_move_limits,
)
from engine.storage.db import reading
from engine.worktime import Limit
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out
from webapp.clock import now
from webapp.locales import localize

UNIT_NAMES = {
    "working_days": _l("个工作日"),
    "days": _l("天"),
    "working_hours": _l("工作小时"),
    "hours": _l("小时"),
}


@blueprint.route("/allowances", methods=["GET", "POST"])
def move_limits_page() -> Answer:
    """Show and change them; like channels they hold for every area at once."""
    require()
    with reading() as db:
        kept = move_limits(db)
    change = ChangeForm(
        title=_("办理规则"),
        button=_("保存"),
        back=url_for("admin.units"),
        consequence=(
            _("暂停理由的时限留空，表示不再允许以该理由暂停。"),
            _("修改只影响此后的暂停和重新办理，正在暂停的环节按原时限恢复。"),
        ),
        fields=_fields(kept),
    )

    def act(db: Session) -> MoveLimits:
        return set_move_limits(db, current_actor().user_id, request.form, now=now())

    def done(_result: MoveLimits) -> Answer:
        flash(_("已保存。"), "success")
        return redirect(url_for("admin.move_limits_page"), 303)

    return carry_out(change, act, done)


def _fields(kept: MoveLimits) -> list[ChangeField]:
    fields: list[ChangeField] = []
    for key, words in REASONS.items():
        label = _("暂停：%(reason)s，最长", reason=localize(words))
        fields += _pair(key, label, kept.pauses.get(key), required=False)
    return [*fields, *_pair(REOPEN, _("办结后可重新办理的期限"), kept.reopen, required=True)]


def _pair(key: str, label: str, limit: Limit | None, *, required: bool) -> list[ChangeField]:
    """Return amount and unit of one limit; both stand in one field's label."""
    names = [(unit, str(UNIT_NAMES[unit])) for unit in UNITS]
    amount = str(limit.amount) if limit else ""
    unit = limit.unit if limit else UNITS[0]
    said = _("%(label)s（单位）", label=label)
    return [
        ChangeField(key, label, "number", amount, required=required, longest=4),
        ChangeField(f"{key}_unit", said, "select", unit, names),
    ]
