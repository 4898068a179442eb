"""What ISO 8601 knows and timers do not read: each refusal gives a spelling, or the reason."""

from __future__ import annotations

import string
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.bpmn.check import iso_times
from engine.bpmn.check.time_spelling import has_end, propose
from engine.bpmn.check.timers import _Variable, constant_time
from engine.bpmn.recurrence import CalendarSpan
from engine.bpmn.schedule import Cycle, parse_time
from tests.engine.bpmn.check.drawing import brief, look, node, only, simple, timer

SECONDS = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}


@pytest.mark.parametrize(
    ("text", "better"),
    [
        # Decimals, in the last part and in any other, with a point and with a comma.
        ("PT1.5H", "PT1H30M"),
        ("PT1,5H", "PT1H30M"),
        ("P0.5D", "PT12H"),
        ("P1.5D", "P1DT12H"),
        ("P1.5W", "P10DT12H"),
        ("P0.5Y", "P6M"),
        ("P1.5Y", "P1Y6M"),
        ("PT90.5M", "PT1H30M30S"),
        ("P1DT1.5H", "P1DT1H30M"),
        ("P1.5DT1H", "P1DT13H"),
        ("PT1.0H", "PT1H"),
        # Parts that stand in another order, twice, without their T, without their last unit.
        ("PT1M1H", "PT1H1M"),
        ("P1M1Y", "P1Y1M"),
        ("P1D1D", "P2D"),
        ("P1H", "PT1H"),
        ("P1D2H30M", "P1DT2H30M"),
        ("PT1H30", "PT1H30M"),
        ("P1DT", "P1D"),
        ("P1D/", ""),
        # As a date and time; too many seconds; signs, small and wide letters.
        ("P0001-02-03T04:05:06", "P1Y2M3DT4H5M6S"),
        ("P00010203T040506", "P1Y2M3DT4H5M6S"),
        ("PT999999999S", "P11574DT1H46M39S"),
        ("+P1D", "P1D"),
        ("pt1h", "PT1H"),
        ("Ｐ１Ｄ", "P1D"),
        # Cycles: without end in the standard's way, with decimals, by the end of the first round.
        ("R-1/P1D", "R/P1D"),
        ("R-1/2026-12-01T09:00/P1D", "R/2026-12-01T09:00/P1D"),
        ("R*/P1D", "R/P1D"),
        ("R5/PT1.5H", "R5/PT1H30M"),
        ("R3/2026-12-01T09:00/PT1.5H", "R3/2026-12-01T09:00/PT1H30M"),
        ("R3/2026-12-01T9:00/P1D", "R3/2026-12-01T09:00/P1D"),
        ("R3/2026-12-01T09:00[Asia/Shanghai]/PT1.5H", "R3/2026-12-01T09:00/PT1H30M"),
        ("R3/PT1.5H/2026-12-01T12:00", "R3/2026-12-01T09:00/PT1H30M"),
        ("R3/2026-12-01T09:00/2026-12-02T10:30", "R3/2026-12-01T09:00/P1DT1H30M"),
        ("R3//P1D", "R3/P1D"),
        ("R3/P1D/", "R3/P1D"),
        ("R3P1D", "R3/P1D"),
        ("R3/1D", "R3/P1D"),
        ("r3/p1d", "R3/P1D"),
        # Days and times.
        ("20261201", "2026-12-01"),
        ("20261201T090000", "2026-12-01T09:00"),
        ("2026-335", "2026-12-01"),
        ("2026W492", "2026-12-01"),
        ("2026-12-1", "2026-12-01"),
        ("2026/12/1", "2026-12-01"),
        ("2026年12月1日9时30分", "2026-12-01T09:30"),
        ("2026-12-01T9:00", "2026-12-01T09:00"),
        ("2026-12-01T24:00", "2026-12-02T00:00"),
        ("2026-12-31T24:00:00Z", "2027-01-01T00:00Z"),
        ("2026-12-01T23:59:60", "2026-12-02T00:00"),
        ("+002026-12-01", "2026-12-01"),
    ],
)
def test_it_gives_the_spelling(text: str, better: str) -> None:
    assert propose(text) == better
    if better:
        found = only(look(waiting(text)), "bad-timer")
        assert f"改成 {better}。" in found.remedy.zh and f"Write {better}." in found.remedy.en
        assert "bad-timer" not in [rule for rule, _ in brief(look(waiting(better)))]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("P1.5M", iso_times.MONTHS),
        ("P1Y0.5M", iso_times.MONTHS),
        ("R3/P0.5M", iso_times.MONTHS),
        ("PT0S", iso_times.NOTHING),
        ("P0D", iso_times.NOTHING),
        ("P", iso_times.NOTHING),
        ("PT", iso_times.NOTHING),
        ("P12", iso_times.NO_UNIT),
        ("PT30", iso_times.NO_UNIT),
        ("P1000000D", iso_times.TOO_LONG),
        ("R0/P1D", iso_times.NO_ROUNDS),
        ("R1.5/P1D", iso_times.WHOLE_ROUNDS),
        ("R100000000/P1D", iso_times.MANY_ROUNDS),
        ("R3/", iso_times.NO_INTERVAL),
        ("R3/PT1H/P1D", iso_times.TWO_INTERVALS),
        ("2026-12-01/P1D", iso_times.PERIOD),
        ("P1D/2026-12-01", iso_times.PERIOD),
        ("2026-12-01/2026-12-02", iso_times.PERIOD),
        ("2026-02-30", iso_times.NO_SUCH_DAY),
        ("2026-366", iso_times.NO_SUCH_DAY),
        ("2026-12-01T25:00", iso_times.NO_SUCH_DAY),
        ("R3/2026-02-30/P1D", iso_times.NO_SUCH_DAY),
        ("2026-12", iso_times.NO_DAY),
        ("09:00", iso_times.NO_DATE),
        ("T09:00", iso_times.NO_DATE),
        ("--12-01", iso_times.NO_YEAR),
    ],
)
def test_it_says_why_there_is_none(text: str, why: object) -> None:
    assert propose(text) == ""
    assert iso_times.reason(text) == why
    found = only(look(waiting(text)), "bad-timer")
    assert iso_times.reason(text).zh in found.remedy.zh  # type: ignore[union-attr]


def waiting(text: str) -> bytes:
    inner = timer(text, "timeCycle" if text[0] in "Rr" else "timeDuration")
    return simple(node("intermediateCatchEvent", "wait", inner), keys=("wait",))


NUMBERS = st.decimals(min_value=0, max_value=9999, places=2).map(lambda one: one.normalize())
PARTS = st.lists(st.tuples(st.sampled_from("WDHMS"), NUMBERS), min_size=1, max_size=5)


@given(PARTS, st.sampled_from(".,"), st.sampled_from(["", "R/", "R7/", "R-1/"]))
def test_a_duration_means_the_same_in_its_new_spelling(
    parts: list[tuple[str, Decimal]], point: str, rounds: str
) -> None:
    """Decimals anywhere, in any order, as often as anybody likes; below a second nothing counts."""
    days = [f"{number:f}{unit}" for unit, number in parts if unit in "WD"]
    clock = [f"{number:f}{unit}" for unit, number in parts if unit in "HMS"]
    text = "P" + "".join(days) + ("T" + "".join(clock) if clock else "")
    text = rounds + text.replace(".", point)
    seconds = int(sum(number * SECONDS[unit] for unit, number in parts))
    if not seconds:
        assert propose(text) == "" and iso_times.reason(text) == iso_times.NOTHING
        return
    found = parse_time(iso_times.spelled(text))
    span = found.every if isinstance(found, Cycle) else found
    assert isinstance(span, CalendarSpan) and not span.months
    assert timedelta(span.days) + span.rest == timedelta(seconds=seconds)
    assert isinstance(found, Cycle) == bool(rounds)
    if isinstance(found, Cycle):
        assert found.times == (7 if rounds == "R7/" else None)


@given(st.text(alphabet="RPT0123456789YMWDHSZ-+:./,天 " + string.ascii_lowercase[:4], max_size=24))
def test_every_refusal_of_a_time_has_a_spelling_that_passes_or_none_at_all(text: str) -> None:
    """Whatever is typed, nothing breaks, and what is proposed is read."""
    better = propose(text)
    assert not better or better.startswith("working") or parse_time(better)
    iso_times.reason(text)
    has_end(text)


@given(
    st.sampled_from(["", "R/", "R3/", "R-1/", "R0/", "R2/2026-12-01T09:00/", "R2/20261201/"]),
    st.from_regex(
        r"P(\d{1,7}([.,]\d{1,2})?[YMWD]){0,3}(T(\d{1,9}([.,]\d{1,2})?[HMS]){0,3})?", fullmatch=True
    ),
)
def test_each_duration_and_cycle_passes_or_is_told_about(rounds: str, length: str) -> None:
    text = rounds + length
    assume(text.isascii())
    try:
        constant_time(text)
    except _Variable:
        raise AssertionError(f"{text} is taken for an expression") from None
    except (ValueError, OverflowError):
        assert propose(text) or iso_times.reason(text), text
    else:
        assert parse_time(text)
