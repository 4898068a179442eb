"""The processes with their versions and the drafts that are under way."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from engine import drafts, versions
from engine.db import reading, transaction
from webapp.account.people import current_actor
from webapp.clock import now
from webapp.policy import blueprint


@blueprint.get("/processes")
def processes() -> str:
    """Every process with the version in force, and every draft."""
    with reading() as db:
        return render_template(
            "policy/processes.html",
            versions=versions.in_force(db, now()),
            drafts=drafts.listed(db),
            may_draw=drafts.EDITOR in current_actor().roles,
        )


@blueprint.post("/versions/<int:id>/draft")
def draft_from(id: int) -> Response:
    """Begin a draft that changes this version."""
    with transaction() as db:
        draft = drafts.from_version(db, current_actor(), id, now=now())
    flash(_("已从现行版本建立草稿。"), "success")
    return redirect(url_for("policy.editor", id=draft.id), 303)
