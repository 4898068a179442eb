"""The page on which a draft is drawn."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response

from webapp.policy import blueprint


@blueprint.get("/drafts/<int:id>")
def editor(id: int) -> Response:
    """The editor of one draft."""
    return redirect(url_for("policy.processes"), 303)
