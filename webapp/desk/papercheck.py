"""The page behind the QR code of a paper: number, date and hash, for whoever holds the paper."""

from __future__ import annotations

from flask import render_template

from engine.documents.papers import check_codes
from engine.storage.db import reading
from webapp.account.people import public
from webapp.desk import blueprint


@blueprint.get("/check/<code>")
@public
def check_paper(code: str) -> str:
    """What was made final under this code; 404 where nothing was."""
    with reading() as db:
        told = check_codes.look_up(db, code)
    return render_template("desk/papercheck.html", paper=told)
