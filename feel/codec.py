"""Values from and to JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from feel import temporal
from feel.operators import bounded
from feel.values import NUMBERS, Function, Months, Range, Value, settle


def to_json(value: Value) -> Any:
    """Return a value as JSON carries it.

    Whole decimals become ints, others floats; numbers outside the range of floats, dates,
    times and durations become texts in their ISO spelling; functions become null.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, (float, Decimal)):
        return _number(Decimal(value) if isinstance(value, Decimal) else settle(value))
    if isinstance(value, (date, time, timedelta, Months)):
        return temporal.spell(value)
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    if isinstance(value, Range):
        return {
            "start": to_json(value.low),
            "end": to_json(value.high),
            "start included": value.low_included,
            "end included": value.high_included,
        }
    return None if isinstance(value, Function) else to_json(settle(value))


def _number(value: Value) -> Any:
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value() and value.adjusted() < 34:
        return int(value)
    plain = float(value)
    return plain if math.isfinite(plain) and (plain or not value) else str(value)


def from_json(value: Any) -> Value:
    """JSON as values: floats become decimals by their shortest spelling; texts stay texts."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return bounded(int(value))
    if isinstance(value, Decimal):
        return NUMBERS.plus(value)
    if isinstance(value, Mapping):
        return {str(key): from_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [from_json(item) for item in value]
    return settle(value)
