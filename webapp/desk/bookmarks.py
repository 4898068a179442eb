"""What people keep for themselves: saved views of the workbench, cases that they follow."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.desk import follows, saved_views
from engine.errors import InvalidInput
from engine.storage.db import transaction
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.desk import blueprint, filters
from webapp.desk.lists import QUEUE_NAMES
from webapp.locales import localize


@blueprint.post("/workbench/views")
def save_view() -> Response:
    """Keep the queue and the filters that are on, under a name."""
    form, queue = request.form, request.form.get("queue", "")
    query = {key: form[key][:120] for key in filters.KEYS if form.get(key)}
    if queue in QUEUE_NAMES:
        query["queue"] = queue
    try:
        with transaction() as db:
            saved_views.save(db, current_actor().user_id, form.get("name", ""), query, now=now())
    except InvalidInput as error:
        flash(localize(error.errors["name"]), "danger")
    else:
        flash(_("已保存视图“%(name)s”。", name=form["name"].strip()), "success")
    address = url_for("desk.workbench") + "?" + urlencode(query)
    return redirect(address, 303)


@blueprint.post("/workbench/views/remove")
def remove_view() -> Response:
    """Forget one of my views."""
    number = request.form.get("view", "")
    if number.isascii() and number.isdigit() and len(number) < 19:
        with transaction() as db:
            saved_views.remove(db, current_actor().user_id, int(number))
        flash(_("已删除视图。"), "success")
    return redirect(url_for("desk.workbench"), 303)


@blueprint.post("/cases/<int:case_id>/follow")
def follow(case_id: int) -> Response:
    """Keep an eye on this case."""
    with transaction() as db:
        follows.follow(db, current_actor(), case_id, now=now())
    flash(_("已关注，可在工作台“关注”里找到。"), "success")
    return redirect(url_for("desk.case", case_id=case_id), 303)


@blueprint.post("/cases/<int:case_id>/unfollow")
def unfollow(case_id: int) -> Response:
    """Stop following the case."""
    with transaction() as db:
        follows.unfollow(db, current_actor(), case_id)
    flash(_("已取消关注。"), "success")
    return redirect(url_for("desk.case", case_id=case_id), 303)
