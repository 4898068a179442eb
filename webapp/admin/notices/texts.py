"""Texts of notices: edit, preview with a real notice, go back to what ships."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine.errors import InvalidInput, NotFound
from engine.models.channels import LOCALES
from engine.notices.catalogue import rendering
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.clock import now
from webapp.locales import localize

Answer = Response | str | tuple[str, int]


@blueprint.get("/notices/texts")
def notice_texts() -> str:
    """Every text, and which of them staff have changed."""
    require()
    with reading() as db:
        return render_template("admin/notices/texts.html", rows=rendering.editable(db))


@blueprint.route("/notices/texts/<key>/<part>/<locale>", methods=["GET", "POST"])
def notice_text(key: str, part: str, locale: str) -> Answer:
    """One text in one language; what is sent is previewed or kept."""
    require()
    with reading() as db:
        known = rendering.overrides(db)
        one = next((o for o in rendering.editable(db) if (o.key, o.part) == (key, part)), None)
        if one is None or locale not in LOCALES:
            raise NotFound(key)
        values = rendering.real_sample(db, current_actor(), key, locale)
    there = rendering.source_of(known, key, locale, part)
    source = request.form.get("source", there).replace("\r\n", "\n")
    error = ""
    try:
        shown = rendering.fill_in(source, values, html=part == "html")
        if request.method == "POST" and "preview" not in request.form:
            return _keep(key, part, locale, source)
    except InvalidInput as refused:
        shown, error = "", localize(refused.errors["source"])
    page = render_template(
        "admin/notices/text.html",
        one=one,
        locale_shown=locale,
        source=source,
        shown=shown,
        error=error,
        variables=rendering.variables(key),
        shipped=rendering.shipped(key, locale, part),
        own=(key, locale, part) in known,
    )
    return page, 422 if error else 200


@blueprint.post("/notices/texts/<key>/<part>/<locale>/restore")
def restore_text(key: str, part: str, locale: str) -> Response:
    """Restore the shipped text."""
    require()
    with transaction() as db:
        rendering.restore(db, current_actor().user_id, key, locale, part, now=now())
    return _redirect(key, part, locale, _("已恢复默认文本。"))


def _keep(key: str, part: str, locale: str, source: str) -> Response:
    with transaction() as db:
        rendering.save(db, current_actor().user_id, key, locale, part, source, now=now())
    return _redirect(key, part, locale, _("已保存，从下一条通知起使用。"))


def _redirect(key: str, part: str, locale: str, words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("admin.notice_text", key=key, part=part, locale=locale), 303)
