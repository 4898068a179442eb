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
    """A period with the name or the days by which it was asked for; a process, and an order."""

    period: Period
    name: str
    wrong: bool = False
    process: str = ""
    sort: str = ""
    down: bool = False

    @property
    def query(self) -> dict[str, str]:
        """What leads back to the same figures."""
        return {**self.of_period, **({"process": self.process} if self.process else {})}

    @property
    def of_period(self) -> dict[str, str]:
        """What leads back to the same days."""
        if self.name:
            return {"period": self.name}
        return {"first": self.period.first.isoformat(), "last": self.period.last.isoformat()}

    @property
    def order(self) -> dict[str, str]:
        """What leads back to the same order."""
        return {"sort": self.sort, **({"down": "1"} if self.down else {})} if self.sort else {}

    def toggle(self, column: str) -> dict[str, str]:
        """Return the order that a press on a column's heading asks for: the highest first, then
        last.
        """
        down = not (self.sort == column and self.down)
        return {"sort": column, **({"down": "1"} if down else {})}


def unit_asked() -> int | None:
    """Return the unit of the address; None without one. Raises NotFound for what is no number."""
    return number_asked("unit")


def version_asked() -> int | None:
    """Return the version of the address as ``unit_asked`` does."""
    return number_asked("version")


def number_asked(name: str) -> int | None:
    """Return a number of the address as ``unit_asked`` does."""
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound()
    return int(text)


def period_asked() -> PeriodQuery:
    """Return the period of the address: typed days, else a name, else this month; process and
    order.
    """
    args = request.args
    process, sort, down = args.get("process", "")[:64], args.get("sort", ""), "down" in args
    first, last = args.get("first", ""), args.get("last", "")
    if first or last:
        typed = periods.between(first, last, now())
        if typed is not None:
            return PeriodQuery(typed, "", False, process, sort, down)
        return PeriodQuery(periods.named_period("month", now()), "month", True, process, sort, down)
    name = args.get("period", "")
    name = name if name in NAMES else "month"
    return PeriodQuery(periods.named_period(name, now()), name, False, process, sort, down)
