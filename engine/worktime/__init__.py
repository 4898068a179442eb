"""Working time: office hours, holidays, make-up days, and the deadlines that follow from them.

Pure: no clock is read and nothing is stored. Moments come in and go out as aware datetimes,
results in UTC. The rules are articles 200 to 204 of the Civil Code; `docs/clocks.zh-CN.md`
works them through by hand and a test recomputes every line of that page.
"""

from engine.worktime.calendar import (
    EVERY_DAY,
    MONDAY_TO_FRIDAY,
    OFFICE_HOURS,
    ROUND_THE_CLOCK,
    Calendar,
    published_calendar,
    published_days,
    published_names,
    published_years,
)
from engine.worktime.labels import (
    Explanation,
    TimeLeft,
    duration_text,
    explain,
    late_text,
    limit_text,
    moment_text,
    remaining,
    span_text,
)
from engine.worktime.limits import (
    UNITS,
    Limit,
    Standstill,
    after,
    deadline,
    elapsed,
    is_provisional,
    warn_at,
    warnings_at,
)
from engine.worktime.statutory import RULES_OF_2025, HolidayRule, holidays, rule_of, unpublished

__all__ = [
    "EVERY_DAY",
    "MONDAY_TO_FRIDAY",
    "OFFICE_HOURS",
    "ROUND_THE_CLOCK",
    "UNITS",
    "RULES_OF_2025",
    "Calendar",
    "HolidayRule",
    "Explanation",
    "Limit",
    "Standstill",
    "TimeLeft",
    "after",
    "deadline",
    "duration_text",
    "elapsed",
    "explain",
    "holidays",
    "rule_of",
    "unpublished",
    "is_provisional",
    "limit_text",
    "moment_text",
    "published_calendar",
    "published_days",
    "published_names",
    "published_years",
    "late_text",
    "remaining",
    "span_text",
    "warn_at",
    "warnings_at",
]
