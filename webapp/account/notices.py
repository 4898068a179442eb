"""My notice settings: where I am reached, when not, and which kinds by which channel."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.errors import InvalidInput
from engine.models import Contact
from engine.notices.catalogue.kinds import CHOSEN, GROUPS, KINDS
from engine.notices.channels import preferences
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.account.views import blueprint
from webapp.clock import now
from webapp.locales import localize

Answer = Response | tuple[str, int]
DIGEST_NAMES = {"now": _l("立即发送"), "hourly": _l("每小时汇总"), "daily": _l("每日汇总")}


@blueprint.get("/profile/notices")
def notice_settings() -> Answer:
    """What I receive, and where."""
    return _page({})


@blueprint.post("/profile/notices")
def save_notice_settings() -> Answer:
    """Keep addresses, quiet hours and choices."""
    user_id = current_user.id
    try:
        with transaction() as db:
            preferences.set_contact(db, user_id, request.form, now=now())
            for channel in preferences.choosable(db, current_actor()):
                kinds = request.form.getlist(f"kinds-{channel.id}")
                digest = request.form.get(f"digest-{channel.id}", "now")
                preferences.choose(db, user_id, channel, kinds, digest)
    except InvalidInput as error:
        return _page({name: localize(text) for name, text in error.errors.items()}, 422)
    flash(_("通知设置已保存。"), "success")
    return redirect(url_for("account.notice_settings"), 303)


def _page(errors: dict[str, str], status: int = 200) -> Answer:
    with reading() as db:
        channels = preferences.choosable(db, current_actor())
        contact = db.get(Contact, current_user.id)
        page = render_template(
            "account/notices.html",
            address=preferences.address_of(db, current_user.id),
            contact=contact,
            hours=preferences.hours_setting(db),
            channels=channels,
            wishes=preferences.wishes(db, channels, [current_user.id]),
            groups=[(localize(name), _of_group(group)) for group, name in GROUPS.items()],
            digests=DIGEST_NAMES,
            errors=errors,
        )
    return page, status


def _of_group(group: str) -> list[tuple[str, str]]:
    return [(key, localize(KINDS[key].name)) for key in CHOSEN if KINDS[key].group == group]
