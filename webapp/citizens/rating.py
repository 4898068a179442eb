"""The citizen rates the case that this device has opened: solved or not, how well, in words."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from engine.citizens import ratings
from engine.citizens.ratings import CitizenJudgement
from engine.errors import DomainError, InvalidInput, NotFound
from engine.storage.db import transaction
from webapp.account.people import public
from webapp.citizens import blueprint, county
from webapp.citizens.mine import Answer, matter_page, opened
from webapp.clock import now
from webapp.locales import localize

SAID = {"yes": True, "no": False}


@blueprint.post("/<code>/mine/rate")
@public
def rate(code: str) -> Answer:
    """Take in what the citizen says of it, once."""
    where, case_id = county(code), opened(code)
    if case_id is None:
        return redirect(url_for("citizens.mine", code=code), 303)
    try:
        with transaction() as db:
            ratings.rate(db, case_id, _judgement(), now=now())
    except NotFound:
        raise
    except InvalidInput as error:
        said = {name: localize(text) for name, text in error.errors.items()}
        return matter_page(where, case_id, rating=said), 422
    except DomainError as error:
        return matter_page(where, case_id, rating={"": localize(error.text)}), 409
    flash(_("谢谢，您的评价已经收到。"), "success")
    return redirect(url_for("citizens.matter", code=code), 303)


def _judgement() -> CitizenJudgement:
    stars = request.form.get("stars", "")
    return CitizenJudgement(
        is_solved=SAID.get(request.form.get("solved", "")),
        stars=int(stars) if stars in ("1", "2", "3", "4", "5") else 0,
        words=request.form.get("words", "")[: ratings.LONGEST + 1],
        reasons=tuple(request.form.getlist("reasons")[:20]),
    )
