"""Codes for places: made, printed on a sheet of stickers, counted, withdrawn."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.citizens import reporting, spots
from engine.errors import InvalidInput, NotFound
from engine.models import Unit
from engine.storage.db import reading, transaction
from webapp.account.people import current_actor
from webapp.admin import blueprint
from webapp.admin.public_site import own_counties
from webapp.change_forms import Answer
from webapp.clock import now
from webapp.locales import localize
from webapp.qr import page_code


@blueprint.get("/public-site/spots")
def public_spots() -> Answer:
    """The codes of a county, with what each has brought in."""
    return _page({}, 200)


@blueprint.post("/public-site/spots")
def make_spots() -> Answer:
    """Make codes for places, one a line."""
    try:
        with transaction() as db:
            where = asked_county(db)
            made = spots.make(
                db,
                current_actor().user_id,
                where,
                request.form.get("place", ""),
                request.form.get("names", "").splitlines(),
                request.form.get("choice", ""),
                _choices(db),
                now=now(),
            )
            code = where.code
    except InvalidInput as error:
        return _page({name: localize(text) for name, text in error.errors.items()}, 422)
    flash(_("已生成 %(count)s 个二维码。", count=made), "success")
    return redirect(url_for("admin.public_spots", county=code), 303)


@blueprint.post("/public-site/spots/withdraw")
def withdraw_spot() -> Answer:
    """Withdraw one: whoever scans it is told so."""
    chosen = request.form.get("spot", "")
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        raise NotFound()
    with transaction() as db:
        where = asked_county(db)
        spots.withdraw(db, current_actor().user_id, where, int(chosen), now=now())
        code = where.code
    flash(_("已停用。"), "success")
    return redirect(url_for("admin.public_spots", county=code), 303)


@blueprint.get("/public-site/spots/sheet")
def spot_sheet() -> str:
    """Stickers on A4 sheets, 24 a page, of the codes in use."""
    with reading() as db:
        where = asked_county(db)
        rows = spots.of_county(db, where, live=True)
    return render_template("admin/spot_sheet.html", county=where, rows=rows, picture=_picture)


def _picture(county: Unit, code: str) -> str:
    return page_code("citizens.spot", code=county.code, spot=code)


def _page(errors: dict[str, str], status: int) -> Answer:
    with reading() as db:
        where, counties = asked_county(db), list(db.scalars(own_counties()))
        rows, choices, places = spots.of_county(db, where), _choices(db), _places(db, where)
    words = {"county": where, "counties": counties, "rows": rows, "choices": choices}
    return render_template("admin/spots.html", **words, places=places, errors=errors), status


def asked_county(db: Session) -> Unit:
    """Return the county that is asked for, else the first that one looks after. Raises NotFound."""
    mine, asked = own_counties(), request.values.get("county", "")
    found = db.scalar(mine.where(Unit.code == asked) if asked else mine.limit(1))
    if found is None:
        raise NotFound()
    return found


def _choices(db: Session) -> list[str]:
    try:
        return [one.name for one in reporting.choices(db, now()).by_kind["report"]]
    except NotFound:
        return []


def _places(db: Session, where: Unit) -> list[Unit]:
    own = (Unit.at_county == where.id, Unit.kind == "area", Unit.ended_at.is_(None))
    levels = Unit.level.in_(("township", "village", "grid"))
    return list(db.scalars(select(Unit).where(*own, levels).order_by(Unit.code)))
