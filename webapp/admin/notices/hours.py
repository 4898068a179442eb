"""The county's quiet hours, and the hour of the daily digest."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.notices.channels import preferences
from engine.storage.db import reading
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer, ChangeField, ChangeForm, carry_out
from webapp.clock import now


@blueprint.route("/notices/hours", methods=["GET", "POST"])
def notice_hours() -> Answer:
    """Set them; everybody may have quiet hours of their own."""
    require()
    with reading() as db:
        value = preferences.hours_setting(db)
    change = ChangeForm(
        title=_("免打扰时段与汇总时间"),
        button=_("保存"),
        back=url_for("admin.notices"),
        consequence=(
            _("免打扰时段内的消息在时段结束后发出；起止相同表示不设免打扰。"),
            _("紧急、特急事项的超期提醒不受免打扰和汇总影响，推送给其他系统的事件也不受影响。"),
            _("每人可另设个人免打扰时段。"),
        ),
        fields=(
            ChangeField("quiet_from", _("免打扰开始"), "time", value["quiet_from"], longest=5),
            ChangeField("quiet_until", _("免打扰结束"), "time", value["quiet_until"], longest=5),
            ChangeField("daily", _("每日汇总的发送时间"), "time", value["daily"], longest=5),
        ),
    )

    def act(db: Session) -> None:
        preferences.set_hours(db, current_actor().user_id, request.form, now=now())

    def done(_result: None) -> Answer:
        flash(_("已保存。"), "success")
        return redirect(url_for("admin.notices"), 303)

    return carry_out(change, act, done)
