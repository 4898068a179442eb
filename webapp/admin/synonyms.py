"""Words that mean one thing, for the search: one group a line, editable."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.reading import synonyms
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.notices import require
from webapp.change_forms import Answer
from webapp.clock import now


@blueprint.get("/synonyms")
def search_synonyms() -> str:
    """Show the groups; like channels they hold for every area at once."""
    require()
    with reading() as db:
        kept = synonyms.groups(db)
    return render_template("admin/synonyms.html", groups=kept)


@blueprint.post("/synonyms")
def keep_synonyms() -> Answer:
    """Keep the groups as typed; a line of fewer than two words says nothing."""
    require()
    lines = request.form.get("groups", "").splitlines()
    with transaction() as db:
        kept = synonyms.keep(db, current_actor().user_id, lines, now=now())
    flash(_("已保存 %(count)s 组同义词。", count=len(kept)), "success")
    return redirect(url_for("admin.search_synonyms"), 303)
