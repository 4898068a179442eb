"""What a page of figures is asked for: a unit, a period, a process."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from engine.errors import NotFound
from engine.reports import period as periods
from engine.reports.period import Period
from webapp.clock import now

NAMES = ("today", "week", "month", "year")


@dataclass(frozen=True)
class PeriodQuery:
    """A period with the name or the days by which it was asked for."""

    period: Period
    name: str
    wrong: bool = False

    @property
    def query(self) -> dict[str, str]:
        """What leads back to the same period."""
        if self.name:
            return {"period": self.name}
        return {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}


def unit_asked() -> int | None:
    """The unit of the address; None without one. Raises NotFound for what is no number."""
    text = request.args.get("unit", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound()
    return int(text)


def period_asked() -> PeriodQuery:
    """The period of the address: typed days, else a name, else this month."""
    first, last = request.args.get("first", ""), request.args.get("last", "")
    if first or last:
        typed = periods.between(first, last, now())
        if typed is not None:
            return PeriodQuery(typed, "")
        return PeriodQuery(periods.named("month", now()), "month", wrong=True)
    name = request.args.get("period", "")
    name = name if name in NAMES else "month"
    return PeriodQuery(periods.named(name, now()), name)
