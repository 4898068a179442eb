"""Where a day begins: leaders see their area, everybody else the page of their own work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from engine.access import policy
from engine.reading import queues
from engine.reports import area as areas
from engine.reports import overview
from engine.reports.figures import FigureRow, Rate
from engine.reports.overview import FEW, Overview
from engine.roles import with_verb
from engine.storage.db import reading
from webapp import navigation
from webapp.account.people import current_actor
from webapp.clock import now

blueprint = Blueprint("home", __name__)
READERS = with_verb("figures")
RATES: tuple[tuple[Any, Any], ...] = (
    (_l("答复按期率"), lambda row: row.answers_in_time),
    (_l("环节按期率"), lambda row: row.steps_in_time),
    (_l("签收按期率"), lambda row: row.signed_in_time),
    (_l("办结率"), lambda row: row.handling),
    (_l("满意率"), lambda row: row.share("satisfaction")),
    (_l("调解成功率"), lambda row: row.share("settlement")),
)
QUEUES = (
    ("to_sign", _l("待签收")),
    ("mine", _l("处理中")),
    ("soon", _l("将到期")),
    ("late", _l("已超期")),
)


@dataclass(frozen=True)
class RateChange:
    """A rate of this month beside that of the month before."""

    name: str
    this: Rate
    before: Rate

    @property
    def points(self) -> float | None:
        """By how many percentage points it rose; None where one of the two says nothing."""
        if self.this.percent is None or self.before.percent is None:
            return None
        return round(self.this.percent - self.before.percent, 1)

    @property
    def few(self) -> bool:
        """Whether there are too few cases for the rate to say much."""
        return any(0 < one.whole < FEW for one in (self.this, self.before))


@blueprint.get("/start")
def start() -> Response:
    """Lead to the page where the day of this person begins."""
    return redirect(navigation.start_page(current_actor()), 303)


@blueprint.get("/overview")
def board() -> str:
    """An area today: late and soon due, rates against last month, units compared, worst cases."""
    actor = current_actor()
    policy.require_role(actor, *READERS)
    with reading() as db:
        area, _mine = areas.chosen(db, actor, None)
        found = overview.overview(db, actor, area, now())
        counts = queues.counts(db, actor, now())
    return render_template(
        "home/overview.html",
        found=found,
        rates=list(_rates(found)),
        queues=[(key, str(name), counts[key]) for key, name in QUEUES],
        in_time=_in_time,
    )


def _rates(found: Overview) -> Iterator[RateChange]:
    for name, of in RATES:
        this, before = of(found.this), of(found.before)
        if this.whole or before.whole:
            yield RateChange(str(name), this, before)


def _in_time(row: FigureRow) -> Rate:
    return row.steps_in_time


@blueprint.app_template_filter("percent")
def percent(rate: Rate) -> str:
    """Return a rate in per cent; a dash of nothing."""
    return "—" if rate.percent is None else f"{rate.percent:.1f}%"
