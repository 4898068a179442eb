"""Built-ins that say how two ranges, or a point and a range, lie to each other.

DMN 1.3, table 78 (Allen's interval relations).
"""

from __future__ import annotations

from feel.builtins.registry import built_in, incomparable, need_range
from feel.frame import Frame, NullCause
from feel.values import Range, Value, order


def _span(value: Value) -> Range:
    if value is None:
        raise NullCause
    return value if type(value) is Range else Range(value, value)


def _order(left: Value, right: Value) -> int:
    result = order(left, right)
    if result is None:
        raise incomparable(left, right)
    return result


def _ends_before(a: Range, b: Range) -> bool:
    place = _order(a.high, b.low)
    return place < 0 or (place == 0 and not (a.high_included and b.low_included))


def _same_start(a: Range, b: Range) -> bool:
    return _order(a.low, b.low) == 0 and a.low_included == b.low_included


def _same_end(a: Range, b: Range) -> bool:
    return _order(a.high, b.high) == 0 and a.high_included == b.high_included


def _starts_no_later(a: Range, b: Range) -> bool:
    place = _order(a.low, b.low)
    return place < 0 or (place == 0 and (a.low_included or not b.low_included))


def _ends_no_earlier(a: Range, b: Range) -> bool:
    place = _order(a.high, b.high)
    return place > 0 or (place == 0 and (a.high_included or not b.high_included))


@built_in("before", "a, b")
def before(frame: Frame, a: Value, b: Value) -> bool:
    return _ends_before(_span(a), _span(b))


@built_in("after", "a, b")
def after(frame: Frame, a: Value, b: Value) -> bool:
    return _ends_before(_span(b), _span(a))


@built_in("meets", "range1, range2")
def meets(frame: Frame, a: Value, b: Value) -> bool:
    one, two = need_range(a), need_range(b)
    return _order(one.high, two.low) == 0 and one.high_included and two.low_included


@built_in("met by", "range1, range2")
def met_by(frame: Frame, a: Value, b: Value) -> bool:
    return meets(frame, b, a)


@built_in("overlaps", "range1, range2")
def overlaps(frame: Frame, a: Value, b: Value) -> bool:
    one, two = need_range(a), need_range(b)
    return not _ends_before(one, two) and not _ends_before(two, one)


@built_in("overlaps before", "range1, range2")
def overlaps_before(frame: Frame, a: Value, b: Value) -> bool:
    one, two = need_range(a), need_range(b)
    starts_first = _starts_no_later(one, two) and not _same_start(one, two)
    ends_first = _ends_no_earlier(two, one)
    return starts_first and ends_first and not _ends_before(one, two)


@built_in("overlaps after", "range1, range2")
def overlaps_after(frame: Frame, a: Value, b: Value) -> bool:
    one, two = need_range(a), need_range(b)
    ends_last = _ends_no_earlier(one, two) and not _same_end(one, two)
    starts_last = _starts_no_later(two, one)
    return ends_last and starts_last and not _ends_before(two, one)


@built_in("finishes", "a, b")
def finishes(frame: Frame, a: Value, b: Value) -> bool:
    one, two = _span(a), need_range(b)
    return _same_end(one, two) and _starts_no_later(two, one)


@built_in("finished by", "a, b")
def finished_by(frame: Frame, a: Value, b: Value) -> bool:
    return finishes(frame, b, a)


@built_in("starts", "a, b")
def starts(frame: Frame, a: Value, b: Value) -> bool:
    one, two = _span(a), need_range(b)
    return _same_start(one, two) and _ends_no_earlier(two, one)


@built_in("started by", "a, b")
def started_by(frame: Frame, a: Value, b: Value) -> bool:
    return starts(frame, b, a)


@built_in("includes", "a, b")
def includes(frame: Frame, a: Value, b: Value) -> bool:
    one, two = need_range(a), _span(b)
    return _starts_no_later(one, two) and _ends_no_earlier(one, two)


@built_in("during", "a, b")
def during(frame: Frame, a: Value, b: Value) -> bool:
    return includes(frame, b, a)


@built_in("coincides", "a, b")
def coincides(frame: Frame, a: Value, b: Value) -> bool:
    one, two = _span(a), _span(b)
    return _same_start(one, two) and _same_end(one, two)
