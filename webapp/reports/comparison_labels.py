"""Figures beside those of earlier periods: rows of the table, changes in words, sentences."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from engine.reports.comparison import FEW, Comparison
from engine.reports.figures import FigureRow
from webapp.reports import labels

COUNTS = ("opened", "closed", "came", "done", "escalated")
RATES = (
    *("answered", "satisfaction", "solution", "contact", "settlement", "returns", "reopenings"),
)
# Of which a rise is worse news than a fall.
WORSE = frozenset(("escalated", "returns", "reopenings"))


def heading(column: str) -> str:
    """Return what a row of the comparison is called."""
    return str(labels.RATES[column].name) if column in RATES else labels.measure(column)


def value(line: FigureRow, column: str) -> str:
    """Return a figure in words; a rate with its two numbers."""
    if column in COUNTS:
        return str(line[column])
    rate = line.share(column)
    return f"{labels.rate(rate)} ({rate.part}/{rate.whole})" if rate.whole else "—"


def few(line: FigureRow, column: str) -> bool:
    """Return whether a rate stands on fewer than ten."""
    return column in RATES and 0 < line.share(column).whole < FEW


def change(now: FigureRow, then: FigureRow, column: str) -> str:
    """Return how a figure changed: a number by per cent, a rate by points; a dash of nothing."""
    if column in COUNTS:
        before = then[column]
        return f"{100 * (now[column] - before) / before:+.1f}%" if before else "—"
    points = difference(now, then, column)
    return "—" if points is None else _("%(points)s 个百分点", points=f"{points:+.1f}")


def difference(now: FigureRow, then: FigureRow, column: str) -> float | None:
    """Return by how much a figure rose, in points for a rate; None where one of both is missing."""
    if column in COUNTS:
        return float(now[column] - then[column]) if then[column] else None
    here, there = now.share(column).percent, then.share(column).percent
    return None if here is None or there is None else here - there


def worse(now: FigureRow, then: FigureRow, column: str) -> bool:
    """Return whether a change is bad news; of plain numbers only escalations say so."""
    points = difference(now, then, column)
    if points is None or (column in COUNTS and column not in WORSE):
        return False
    return points > 0 if column in WORSE else points < 0


def rose(now: FigureRow, then: FigureRow, column: str) -> bool:
    """Return whether a figure is higher than it was."""
    return (difference(now, then, column) or 0) > 0


def sentences(found: Comparison, days: Mapping[str, Mapping[str, int]]) -> Mapping[str, str]:
    """Return what the comparison and the trend show, in words."""
    now, before = found.now, found.before
    words = [
        _(
            "登记 %(opened)s 件，比上期 %(change)s；办结 %(closed)s 件，比上期 %(other)s。",
            opened=now["opened"],
            change=change(now, before, "opened"),
            closed=now["closed"],
            other=change(now, before, "closed"),
        )
    ]
    moved = [(abs(step), name) for name in RATES if (step := difference(now, before, name))]
    if moved:
        name = max(moved)[1]
        words.append(
            _(
                "变化最大的是%(name)s：%(now)s，比上期 %(change)s。",
                name=heading(name),
                now=value(now, name),
                change=change(now, before, name),
            )
        )
    busiest = max(days, key=lambda day: days[day].get("opened", 0), default=None)
    opened = days[busiest].get("opened", 0) if busiest is not None else 0
    trend = _("登记最多的是 %(day)s，%(opened)s 件。", day=busiest, opened=opened) if opened else ""
    return {"comparison": "".join(words), "trend": trend}
