"""From when and where a version is used: the questions, and the answers as they were sent."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import settings
from engine.drafting.review import PublicationDecision
from engine.drafting.revision_check import SeenRevision
from engine.errors import InvalidInput
from engine.models import Unit
from feel.text import Text
from webapp import display
from webapp.clock import now
from webapp.query_numbers import whole


def units(db: Session) -> list[Unit]:
    """Return the areas in which a version can be tried first: townships and what counts as one."""
    levels = settings.current().levels
    return list(
        db.scalars(
            select(Unit)
            .where(Unit.kind == "area", Unit.level == levels[1], Unit.ended_at.is_(None))
            .order_by(Unit.code)
        )
    )


def decision(db: Session) -> PublicationDecision:
    """Return what the form says. Raises InvalidInput for a day that is not one."""
    chosen = request.form.getlist("units") if request.form.get("where") == "some" else []
    if request.form.get("where") == "some" and not chosen:
        raise InvalidInput({"units": Text("请选择先用的单位。", "Choose the units to begin with.")})
    return PublicationDecision(
        from_at=_day(request.form.get("from", "")),
        units=[int(one) for one in chosen if one.isascii() and one.isdigit() and len(one) < 19],
        over_newer=request.form.get("over_newer") == "yes",
        rearm=request.form.get("open") == "anew",
    )


def seen_revision() -> SeenRevision:
    """Return what the page showed that was decided on; of a form without it, nothing."""
    form = request.form
    revision, compared = form.get("revision", type=whole), form.get("compared", type=whole)
    return SeenRevision(form.get("digest", ""), revision or 0, compared)


def _day(text: str) -> datetime | None:
    """Return the local midnight on which a day begins; today and nothing mean now."""
    if not text.strip():
        return None
    try:
        day = datetime.fromisoformat(text.strip()).date()
    except ValueError as error:
        wrong = Text("日期写法有误。", "This is no date.")
        raise InvalidInput({"from": wrong}) from error
    if day == display.local(now()).date():
        return None
    return datetime.combine(day, time(), ZoneInfo(settings.current().timezone))
