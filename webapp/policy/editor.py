"""The page on which a draft is drawn, and how its forms will look."""

from __future__ import annotations

from flask import current_app, jsonify, redirect, render_template, request, url_for
from flask_babel import get_timezone
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from engine.definitions.paper_templates import PAPER_TEMPLATES
from engine.definitions.statistics import STATISTICS
from engine.drafting import drafts
from engine.storage.db import reading
from forms import BrokenForm, load
from webapp import security
from webapp.account.people import current_actor
from webapp.form_pages import posted_forms, sources
from webapp.locales import localize
from webapp.policy import blueprint

# Where a draft goes from here; each is a button while there is such a page.
NEXT_STEPS = (
    ("policy.trial", _l("试运行")),
    ("policy.scenarios", _l("测试用例")),
    ("policy.draft_review", _l("送审")),
)


@blueprint.get("/drafts/<int:id>")
def editor(id: int) -> str | Response:
    """The editor of one draft; tables of statistics and templates have their own pages."""
    with reading() as db:
        draft = drafts.visible(db, current_actor(), id)
    if draft.process == STATISTICS:
        return redirect(url_for("policy.tables", id=id))
    if draft.process == PAPER_TEMPLATES:
        return redirect(url_for("policy.paper_templates", id=id))
    security.allow_inline_styles()
    known = current_app.view_functions
    steps = [(endpoint, words) for endpoint, words in NEXT_STEPS if endpoint in known]
    return render_template(
        "policy/editor.html", draft=draft, next_steps=steps, zone=str(get_timezone())
    )


@blueprint.post("/drafts/<int:id>/preview")
def preview(id: int) -> Response:
    """A form that is not saved yet, as the desk will show it; or what is wrong with it."""
    document = request.get_json(silent=True)
    text = document.get("form") if isinstance(document, dict) else None
    if not isinstance(text, str):
        raise BadRequest()
    actor = current_actor()
    with reading() as db:
        drafts.visible(db, actor, id)
    try:
        form = load(text)
    except BrokenForm as error:
        problems = [f"{one.where}: {localize(one.message)}" for one in error.findings]
        return jsonify(problems=problems)
    shown = posted_forms.show(form, None)
    assert shown is not None
    with reading() as db:
        looked_up = sources.look_up(db, actor, shown.model)
    page = render_template("policy/preview.html", form=shown, sources=looked_up)
    return jsonify(page=page)
