"""How many cases follow which template, in which week and at which place; decided by the seed."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bench.generator.counties import PlaceSlots
from bench.generator.templates import Template
from engine.worktime import Calendar, Limit, deadline

WEEK = timedelta(weeks=1)
SHARES = {"ticket": 0.62, "hotline": 0.3, "dispute": 0.08}


# County, prefix and year: what numbers without gaps are counted by.
Series = tuple[int, str, int]


@dataclass(frozen=True)
class WeekPlan:
    """Cases of one template in one week: the places, and the first numbers in each county."""

    template: int
    weeks: int
    places: Sequence[int]
    first: dict[Series, int]


def weeks_of(template: Template, since: datetime, until: datetime, calendar: Calendar) -> list[int]:
    """By how many weeks a template can move: the same days of office, all of it in the past.

    An open case stays where it is, since its clocks run from now. A clock of months has no
    place in this; the citizen's is recalculated where it is one.
    """
    if template.is_open:
        return [0]
    pattern = _pattern(template, 0, calendar)
    most = (until - template.last_at) // WEEK
    least = -((template.opened_at - since) // WEEK)
    weeks = range(least, most + 1)
    kept = _in_time(template, 0, calendar)
    return [
        one
        for one in weeks
        if _pattern(template, one, calendar) == pattern
        and _in_time(template, one, calendar) == kept
    ] or [0]


def entries(
    templates: Sequence[Template],
    weeks: Sequence[Sequence[int]],
    places: Sequence[PlaceSlots],
    number: int,
    open_share: float,
    shares: Mapping[str, float],
    taken: dict[Series, int],
    dice: random.Random,
    home: int = 0,
) -> Iterator[WeekPlan]:
    """Yield the plan, oldest week first. ``taken`` are the last case numbers, and is brought on.

    ``home`` is the place of the templates that are written there once.
    """
    at_home = [at for at, one in enumerate(templates) if one.home]
    others = number - len(at_home)
    counts = Counter(_chosen(templates, weeks, others, open_share, shares, dice))
    counts.update((at, 0) for at in at_home)
    weights = [place.weight for place in places]
    where = range(len(places))
    for template, by in sorted(counts, key=lambda one: (_opening(templates, *one), one)):
        here: Sequence[int] = dice.choices(where, weights, k=counts[template, by])
        if templates[template].home:
            here = [home]
        yield WeekPlan(template, by, here, _numbers(templates[template], by, here, places, taken))


def _chosen(
    templates: Sequence[Template],
    weeks: Sequence[Sequence[int]],
    number: int,
    open_share: float,
    shares: Mapping[str, float],
    dice: random.Random,
) -> Iterator[tuple[int, int]]:
    """Template and week of each case; a season's swing, and a little more every week."""
    for stand, count in ((True, round(number * open_share)), (False, 0)):
        mine = [at for at, one in enumerate(templates) if one.is_open == stand and not one.home]
        played = Counter(templates[at].process for at in mine)
        weights = [shares[templates[at].process] / played[templates[at].process] for at in mine]
        wanted = count if stand else number - round(number * open_share)
        for at in dice.choices(mine, weights, k=wanted) if mine else ():
            if len(weeks[at]) == 1:
                yield at, weeks[at][0]
            else:
                yield at, dice.choices(weeks[at], [_busy(one) for one in weeks[at]])[0]


def _busy(week: int) -> float:
    return (1 + 0.25 * math.sin(week / 52 * 2 * math.pi)) * 1.004**week


def _opening(templates: Sequence[Template], template: int, weeks: int) -> date:
    return (templates[template].opened_at + weeks * WEEK).date()


def _numbers(
    template: Template,
    weeks: int,
    here: Sequence[int],
    places: Sequence[PlaceSlots],
    taken: dict[Series, int],
) -> dict[Series, int]:
    each = Counter(
        (prefix, (at + weeks * WEEK + timedelta(hours=8)).year)
        for _gap, prefix, at in template.numbers
    )
    first = {}
    for county, count in Counter(places[at].county for at in here).items():
        for (prefix, year), times in each.items():
            series = (county, prefix, year)
            first[series] = taken.get(series, 0) + 1
            taken[series] = taken.get(series, 0) + count * times
    return first


def _in_time(template: Template, weeks: int, calendar: Calendar) -> bool:
    """Return whether a limit of months is kept, which the counters tell."""
    if template.due_by_month is None or template.answered_at is None:
        return True
    due = deadline(template.opened_at + weeks * WEEK, Limit(*template.due_by_month), calendar)
    return template.answered_at + weeks * WEEK <= due


def _pattern(template: Template, weeks: int, calendar: Calendar) -> tuple[bool, ...]:
    first = calendar.local(template.opened_at).date() + weeks * WEEK
    days = (template.last_at - template.opened_at).days + 2
    return tuple(calendar.is_working(first + timedelta(days=one)) for one in range(days))
